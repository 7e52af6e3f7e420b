"""What is compared of each text: tokens in order with their places, and sorted unique shingle hashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.dedup.hashing import Engine, load_kernels, pack_texts

__all__ = [
    "Features",
    "Ragged",
    "add_up",
    "expand",
    "extract_features",
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


def expand(starts: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return start, start + 1, ... of each row, end to end."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + counts, counts)


def add_up(values: NDArray[Any]) -> NDArray[np.int64]:
    """Return the sum of what stands before each value, and of all."""
    totals = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=totals[1:])
    return totals


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
