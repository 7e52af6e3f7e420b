"""What two texts share, word by word: aligned runs, words that differ by one letter, and what stands in their place."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.facing_numpy import Written
from newsds.dedup.passages import Passages

__all__ = ["Alignment", "align"]

Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Alignment:
    """Pairs of texts, aligned; every array has an element for each pair, or for each run or replacement."""

    #: Offsets of the pairs in the runs.
    offsets: Ints
    #: First word in the left text, in the right text (both counted in all words), number of passages.
    runs: Ints
    #: Pair, left word, right word of words that stand in each other's place and are alike up to one letter.
    garbled: Ints
    #: Pair, left word, right word of words that stand in each other's place and are different words.
    replaced: Ints
    #: Stretches without a match: first word and word after the last, left and right, and the pair.
    gaps: Ints

    @property
    def pair_of_run(self) -> Ints:
        """The pair of each run."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def number_gaps(self, passages: Passages, pairs: Ints) -> Ints:
        """Return how many stretches there are in each pair where one text has numbers only, the other nothing."""
        numbers = np.concatenate(([0], np.cumsum(passages.is_number & passages.is_story)))
        sizes = self.gaps[:, 1:4:2] - self.gaps[:, 0:4:2]
        all_numbers = numbers[self.gaps[:, 1:4:2]] - numbers[self.gaps[:, 0:4:2]] == sizes
        found = all_numbers.all(1) & (sizes.min(1) == 0) & (sizes.max(1) > 0)
        return np.bincount(self.gaps[found, 4], minlength=len(pairs))


def align(passages: Passages, pairs: Ints) -> Alignment:
    """Align both texts of each pair in order.

    Args:
        passages: the texts.
        pairs: two columns of text numbers.
    """
    offsets, local = passages.kernels.align(passages.hashes, passages.offsets, pairs)
    runs = local.astype(np.int64)
    runs[:, :2] += passages.offsets[np.repeat(pairs, np.diff(offsets), axis=0)]
    words = Written(passages.buffer.data, passages.places, passages.sizes, passages.offsets)
    gaps, garbled, replaced = passages.kernels.facing.face(words, pairs, offsets, runs)
    return Alignment(offsets=offsets, runs=runs, garbled=garbled, replaced=replaced, gaps=gaps)
