"""The canonical copy of each cluster of a run, and the pairs that lead to it."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.dedup.candidates import NO_TIME
from newsds.dedup.corpus import Corpus
from newsds.dedup.keeping import Copy, choose
from newsds.dedup.parameters import Parameters
from newsds.dedup.revisions import MARKS
from newsds.dedup.versions import Comparer, Versions

__all__ = ["Findings", "Kept", "choose_kept", "find_rows", "with_canonical"]

Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What a run found out."""

    corpus: Corpus
    parameters: Parameters
    n_words: Ints
    #: For each text the first of those equal to it within the window.
    first: Ints
    #: The representative of each text.
    owner: Ints
    #: Related pairs.
    versions: Versions


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """The texts that are not alone, cluster by cluster, in ascending order within each."""

    texts: Ints
    #: Where each cluster begins.
    starts: Ints
    #: The canonical copy of each cluster, and why it is that.
    canonical: Ints
    reasons: list[str]

    @property
    def sizes(self) -> Ints:
        """The number of texts of each cluster."""
        return np.diff(np.append(self.starts, len(self.texts)))

    @property
    def others(self) -> Ints:
        """Two columns: texts that are not canonical, and the canonical copies of their clusters."""
        pairs = np.stack((self.texts, np.repeat(self.canonical, self.sizes)), 1)
        return pairs[pairs[:, 0] != pairs[:, 1]]


def choose_kept(found: Findings) -> Kept:
    """Return which copies are canonical."""
    owner = found.owner
    crowded = np.flatnonzero(np.bincount(owner, minlength=1)[owner] > 1) if len(owner) else owner
    texts = crowded[np.argsort(owner[crowded], kind="stable")]
    starts = np.flatnonzero(np.diff(owner[texts], prepend=-1))
    copies, policy = _Copies(found, texts), found.parameters.keep
    chosen = [
        choose([copies.read(at) for at in range(low, high)], policy)
        for low, high in pairwise([*starts.tolist(), len(texts)])
    ]
    canonical = np.array([copy.position for copy, _ in chosen], np.int64)
    return Kept(texts=texts, starts=starts, canonical=canonical, reasons=[reason for _, reason in chosen])


def with_canonical(found: Findings, kept: Kept, comparer: Comparer) -> Findings:
    """Return what was found with the pairs added that lead to a canonical copy and were not compared."""
    versions, wanted = found.versions, _make_keys(*kept.others.T)
    is_known = np.isin(wanted, _make_keys(versions.a, versions.b), kind="sort")
    missing = np.unique(wanted[~is_known])
    if not len(missing):
        return found
    more = comparer.compare(np.stack((missing >> 32, missing & 0xFFFFFFFF), 1))
    return replace(found, versions=Versions.concat([versions, more]))


def find_rows(versions: Versions, pairs: Ints) -> Ints:
    """Return the last row of each pair, whatever its order; it has one."""
    known = _make_keys(versions.a, versions.b)
    order = np.argsort(known, kind="stable")
    return order[np.searchsorted(known[order], _make_keys(*pairs.T), side="right") - 1]


def _make_keys(a: Ints, b: Ints) -> Ints:
    """Return one number for each pair, whatever its order."""
    return np.minimum(a, b) << 32 | np.maximum(a, b)


class _Copies:
    """What keep policies know of texts, as columns: a row is an object only while it is looked at."""

    def __init__(self, found: Findings, texts: Ints) -> None:
        columns = found.corpus.columns.take(pa.array(texts))
        known = (columns[name].is_valid() for name in ("published_at", "headline", "agency", "publisher"))
        marks = _marks(found.versions)
        self._texts = texts
        self._times = found.corpus.times[texts]
        self._n_words = found.n_words[texts]
        self._n_known = np.sum([_flags(column) for column in known], axis=0)
        self._is_original = found.corpus.is_original[texts]
        self._is_correction = np.isin(texts, marks)

    def read(self, at: int) -> Copy:
        """Return a row."""
        return Copy(
            position=int(self._texts[at]),
            time=None if self._times[at] == NO_TIME else int(self._times[at]),
            n_words=int(self._n_words[at]),
            n_known=int(self._n_known[at]),
            is_original=bool(self._is_original[at]),
            is_correction=bool(self._is_correction[at]),
        )


def _flags(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    return column.to_numpy()


def _marks(versions: Versions) -> Ints:
    """Return the texts in pairs that say that they correct an earlier version."""
    texts = np.concatenate((versions.a, versions.b))
    return texts[versions.marks.T.ravel() == MARKS.index("correction")]
