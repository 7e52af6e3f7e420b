"""What two texts share, word by word: aligned runs, words that differ by one letter, and what stands in their place."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.facing_numpy import MIN_LETTERS, Written
from newsds.dedup.features import add_up
from newsds.dedup.initials import PAIRED
from newsds.dedup.passages import Passages

__all__ = ["Alignment", "align", "per_pair"]

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


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
        """Return how many stretches there are in each pair where one story has numbers only, the other nothing."""
        numbers = add_up(passages.is_number & passages.is_story)
        sizes = self.gaps[:, 1:4:2] - self.gaps[:, 0:4:2]
        all_numbers = numbers[self.gaps[:, 1:4:2]] - numbers[self.gaps[:, 0:4:2]] == sizes
        found = np.logical_and(*all_numbers.T) & (np.minimum(*sizes.T) == 0) & (np.maximum(*sizes.T) > 0)
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
    gaps, close, others = passages.kernels.facing.face(words, pairs, offsets, runs)
    misread = _are_misread(passages, close[:, 1], close[:, 2])
    replaced = np.concatenate((others, close[~misread]))
    return Alignment(offsets=offsets, runs=runs, garbled=close[misread], replaced=replaced, gaps=gaps)


def _are_misread(passages: Passages, left: Ints, right: Ints) -> Flags:
    """Tell which words that are alike but for a byte are one word misread: long ones of letters, with no other number."""
    sides = np.stack((left, right), 1)
    places = passages.places[sides]
    n_letters = passages.letter_of(places + passages.sizes[sides]) - passages.letter_of(places)
    misread = (np.minimum(*n_letters.T) >= MIN_LETTERS) & (passages.initials[sides] != PAIRED).all(1)
    rows = np.flatnonzero(misread & passages.is_number[sides].all(1))
    digits = [_digits(passages.written(words).to_pylist()) for words in sides[rows].T]
    misread[rows] = [a == b for a, b in zip(*digits, strict=True)]
    return misread


def _digits(words: list[str]) -> list[str]:
    return ["".join(filter(str.isdigit, word)) for word in words]


def per_pair(pair: Ints, n_pairs: int, values: Ints | None = None) -> Ints:
    """Return for each pair how many rows there are of it, or the sum of their values."""
    counts = np.bincount(pair, weights=values, minlength=n_pairs)
    return counts.astype(np.int64)
