"""Which texts are equal, and which pairs of the others are worth comparing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.dedup.candidates import NO_TIME, Sketches
from newsds.dedup.corpus import Corpus
from newsds.dedup.features import extract_features
from newsds.dedup.relations import HEADLINED

__all__ = ["Proposals", "propose"]

Ints: TypeAlias = NDArray[np.int64]

#: Pairs that are sifted together.
_SIFTED = 1 << 18


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposals:
    """Equal texts and candidate pairs."""

    #: One hash of the words of each text; 0 of a text without a word.
    text_hashes: NDArray[np.uint64]
    n_words: Ints
    #: For each text the first of those equal to it within the window.
    first: Ints
    #: Pairs of first texts that were sifted, two columns of positions, the lower on the left.
    pairs: Ints
    #: Pairs of first texts that are equal, but far apart in time or under other headlines.
    equals: Ints


def propose(
    corpus: Corpus, sketches: Sketches, *, window_hours: float, sift: Callable[[Ints], Ints]
) -> Proposals:
    """Return equal texts and candidate pairs of a corpus.

    Args:
        corpus: the texts.
        sketches: of the texts.
        window_hours: hours that two equal texts may lie apart.
        sift: returns those of some candidate pairs that are worth comparing: all of them may be more than fit in memory.
    """
    n = len(corpus)
    ranks = np.empty(n, np.int64)
    ranks[corpus.arrivals] = np.arange(n)
    times = np.empty(n, np.int64)
    times[corpus.arrivals] = corpus.times
    hashes = sketches.text_hashes[corpus.arrivals]
    n_words = sketches.tokens.counts()[corpus.arrivals]
    first, recurring = _first_of_equals(corpus, hashes, n_words, window_hours)
    # Equal texts are dealt with; what remains are pairs of first ones.
    wanted = (
        pairs[np.logical_and(*(first[pairs] == pairs).T) & (hashes[pairs[:, 0]] != hashes[pairs[:, 1]])]
        for pairs in sketches.find_pairs(ranks=ranks, times=times)
    )
    found = [sift(pairs) for pairs in _collect(wanted, _SIFTED)]
    others = _equal_under_other_headlines(hashes, first)
    return Proposals(
        text_hashes=hashes,
        n_words=n_words,
        first=first,
        pairs=np.concatenate((np.empty((0, 2), np.int64), *found)),
        equals=np.unique(np.concatenate((recurring, others)), axis=0),
    )


def _collect(parts: Iterable[Ints], size: int) -> Iterator[Ints]:
    """Yield the pairs of several parts together, once they are so many: a text stands in pairs of several parts."""
    held: list[Ints] = []
    for part in parts:
        held.append(part)
        if sum(map(len, held)) >= size:
            yield np.concatenate(held)
            held = []
    if held:
        yield np.concatenate(held)


def _equal_under_other_headlines(hashes: NDArray[np.uint64], first: Ints) -> Ints:
    """Return neighbouring pairs of first texts that are equal: short ones whose headlines are not."""
    firsts = np.flatnonzero((first == np.arange(len(first))) & (hashes != 0))
    order = firsts[np.argsort(hashes[firsts], kind="stable")]
    same = hashes[order][1:] == hashes[order][:-1]
    return np.stack((order[:-1][same], order[1:][same]), 1)


def _first_of_equals(
    corpus: Corpus, text_hashes: NDArray[np.uint64], n_words: Ints, window_hours: float
) -> tuple[Ints, Ints]:
    """Return the first of the texts equal to each within the window, and pairs of firsts of equal texts.

    Short texts are equal only under equal headlines. The first of a text without a date is the first that has one.
    """
    rows, short = np.flatnonzero(n_words < HEADLINED), np.zeros(len(corpus), np.uint64)
    headlines = corpus.columns["headline"].take(pa.array(rows)).combine_chunks()
    short[rows] = extract_features(headlines, n_shingle=1, engine="numpy").text_hashes
    order = np.lexsort((short, text_hashes))
    same = (text_hashes[order][1:] == text_hashes[order][:-1]) & (text_hashes[order][1:] != 0)
    same &= short[order][1:] == short[order][:-1]
    first = np.arange(len(corpus))
    recurring: list[tuple[int, int]] = []
    window = round(window_hours * 3.6e9)
    began = 0
    for at in np.flatnonzero(same).tolist():
        began = began if at and same[at - 1] else at
        text, before = int(order[at + 1]), int(first[order[at]])
        start, time = int(corpus.times[before]), int(corpus.times[text])
        if start == NO_TIME != time:
            # A text without a date has that of the first that has one: it joins no two that lie far apart.
            first[order[began : at + 2]] = text
        elif start == NO_TIME or time - start <= window:
            first[text] = before
        else:
            recurring.append((before, text))
    return first, np.array(recurring, np.int64).reshape(-1, 2)
