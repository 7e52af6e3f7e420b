"""What is compared of each text: tokens in order with their places, and sorted unique shingle hashes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.dedup.hashing import Engine, load_kernels, pack_texts

__all__ = [
    "Features",
    "Ragged",
    "Runs",
    "align_tokens",
    "count_cells",
    "expand",
    "extract_features",
    "look_up",
    "shared_weights",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ragged:
    """Rows of 64-bit hashes end to end; row `i` is `values[offsets[i]:offsets[i + 1]]`."""

    offsets: NDArray[np.int64]
    values: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def row(self, at: int) -> NDArray[np.uint64]:
        """Return one row."""
        return self.values[self.offsets[at] : self.offsets[at + 1]]

    def take(self, rows: NDArray[np.int64]) -> "Ragged":
        """Return some rows, in the order given."""
        starts = self.offsets[rows]
        counts = self.offsets[rows + 1] - starts
        offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
        return Ragged(offsets=offsets, values=self.values[expand(starts, counts)])


@dataclass(frozen=True, kw_only=True, slots=True)
class Features:
    """Features of a batch of texts."""

    #: Token hashes of each text in reading order; numbers are tokens, CJK and Thai are character pairs.
    tokens: Ragged
    #: Of each token, the byte of its text (UTF-8) where it begins.
    starts: NDArray[np.int32]
    #: Of each token, the byte of its text after its last.
    ends: NDArray[np.int32]
    #: Sorted unique hashes of runs of `n_shingle` tokens; a text with fewer tokens has one, with none none.
    shingles: Ragged
    #: One hash of the tokens in order: equal for texts that differ in case, accents, punctuation, space only;
    #: 0 for a text without tokens, which equals nothing.
    text_hashes: NDArray[np.uint64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Runs:
    """Alignments of pairs: runs of the pair `i` are the rows from `offsets[i]` to `offsets[i + 1]`."""

    offsets: NDArray[np.int64]
    #: First token in the left text, first token in the right text, number of tokens; both texts in order.
    runs: NDArray[np.int32]

    def pair(self, at: int) -> NDArray[np.int32]:
        """Return the runs of one pair."""
        return self.runs[self.offsets[at] : self.offsets[at + 1]]


def expand(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return start, start + 1, ... of each row, end to end."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + counts, counts)


def extract_features(
    texts: pa.Array | Sequence[str],
    *,
    n_shingle: int = 3,
    engine: Engine = "auto",
    n_bytes: int | None = None,
) -> Features:
    """Return the features of texts; null is the empty text.

    Args:
        texts: the texts.
        n_shingle: tokens of a shingle.
        engine: who computes; the result is the same.
        n_bytes: expected bytes of the whole corpus, by which `auto` chooses; default those of `texts`.
    """
    buffer = pack_texts(texts)
    size = int(buffer.offsets[-1] - buffer.offsets[0]) if n_bytes is None else n_bytes
    kernels = load_kernels(engine, n_bytes=size)
    offsets, hashes, starts, ends = kernels.tokenise(buffer.data, buffer.offsets)
    shingle_offsets, shingles = kernels.tallies.sort_unique(
        *reversed(kernels.shingle(hashes, offsets, n_shingle))
    )
    return Features(
        tokens=Ragged(offsets=offsets, values=hashes),
        starts=starts,
        ends=ends,
        shingles=Ragged(offsets=shingle_offsets, values=shingles),
        text_hashes=kernels.hash_texts(hashes, offsets),
    )


def shared_weights(
    rows: Ragged,
    pairs: NDArray[np.int64],
    *,
    weights: NDArray[np.uint32] | None = None,
    engine: Engine = "auto",
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many hashes the two rows of each pair share, and the sum of the weights of those.

    Weights are whole numbers, so that the sum does not depend on an order: scale and round rarity first.

    Args:
        rows: sorted unique hashes (`Features.shingles`).
        pairs: row numbers, two columns.
        weights: of each of `rows.values`; default 1.
        engine: who computes.
    """
    weights = np.ones(len(rows.values), np.uint32) if weights is None else weights
    kernels = load_kernels(engine, n_bytes=_PAIR_BYTES * len(pairs))
    return kernels.shared_weights(rows.values, rows.offsets, weights, pairs)


def align_tokens(tokens: Ragged, pairs: NDArray[np.int64], *, engine: Engine = "auto") -> Runs:
    """Align the two texts of each pair: a longest common subsequence of tokens, as runs.

    Of longer texts, 16,384 tokens are aligned after their common beginning and end.
    """
    kernels = load_kernels(engine, n_bytes=_PAIR_BYTES * len(pairs))
    offsets, runs = kernels.align(tokens.values, tokens.offsets, pairs)
    return Runs(offsets=offsets, runs=runs)


def count_cells(rows: Ragged, cells: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Return every distinct hash, sorted, and in how many distinct cells it occurs.

    Args:
        rows: unique hashes of each text.
        cells: cell of each text, for instance a number for (publisher, day).
    """
    owners = np.repeat(cells, np.diff(rows.offsets))
    order = np.argsort(rows.values, kind="stable")
    values, owners = rows.values[order], owners[order]
    is_new = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=is_new[1:])
    group = np.cumsum(is_new) - 1
    shared = np.flatnonzero(np.bincount(group, minlength=1)[group] > 1) if len(group) else group
    counts = np.ones(int(is_new.sum()), np.uint32)
    if len(shared):
        inside = shared[np.lexsort((owners[shared], group[shared]))]
        distinct = (np.diff(group[inside], prepend=-1) != 0) | (np.diff(owners[inside], prepend=-1) != 0)
        counts += np.bincount(group[inside][distinct], minlength=len(counts)).astype(np.uint32)
        counts[group[shared]] -= 1
    return values[is_new], counts


def look_up(
    values: NDArray[np.uint64], known: NDArray[np.uint64], answers: NDArray[np.uint32], *, default: int = 0
) -> NDArray[np.uint32]:
    """Return the answer of each value, found in the sorted `known` values, or the default."""
    if not len(known):
        return np.full(len(values), default, np.uint32)
    places = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.where(known[places] == values, answers[places], np.uint32(default))


#: Bytes of text whose hashing takes as long as comparing a pair in numpy takes longer than compiled.
_PAIR_BYTES = 5_000
