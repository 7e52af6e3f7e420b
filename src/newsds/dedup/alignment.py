"""What two texts share, word by word: aligned runs, words that differ by one letter, and what stands in their place."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.passages import Passages, expand

__all__ = ["Alignment", "align"]

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

#: Tokens between two aligned runs that are compared one by one.
MAX_GAP = 12
#: Letters that a word needs for one of them to be taken for a misreading.
MIN_LETTERS = 4
#: Bytes of a word that are compared.
_WORD_BYTES = 24


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
        numbers = np.concatenate(([0], np.cumsum(passages.is_number)))
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
    pair = np.repeat(np.arange(len(pairs)), np.diff(offsets))
    runs[:, :2] += passages.offsets[pairs[pair]]
    left, right, of = _gaps(passages, pairs, runs, pair)
    facing = _facing(left, right, of)
    is_close = _differ_by_one_letter(passages, facing[:, 1], facing[:, 2])
    garbled = _once(facing[is_close])
    even = _once(facing[~is_close])
    taken = np.isin(_key(even, 1), _key(garbled, 1)) | np.isin(_key(even, 2), _key(garbled, 2))
    gaps = np.column_stack((left, right, of))
    return Alignment(offsets=offsets, runs=runs, garbled=garbled, replaced=even[~taken], gaps=gaps)


def _gaps(passages: Passages, pairs: Ints, runs: Ints, pair: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the stretches without a match: their bounds in the left and the right text, and their pair."""
    n_pairs = len(pairs)
    starts = np.concatenate((np.arange(n_pairs), pair))
    # In each pair, the beginning of both texts is the end of a run, and their end the beginning of one.
    before = np.concatenate((passages.offsets[pairs], runs[:, :2] + runs[:, 2:]))
    after = np.concatenate((runs[:, :2], passages.offsets[pairs + 1]))
    ends = np.concatenate((pair, np.arange(n_pairs)))
    before = before[np.argsort(starts, kind="stable")]
    after = after[np.argsort(ends, kind="stable")]
    of = np.sort(starts, kind="stable")
    return np.stack((before[:, 0], after[:, 0]), 1), np.stack((before[:, 1], after[:, 1]), 1), of


def _facing(left: Ints, right: Ints, of: Ints) -> Ints:
    """Return pair, left word, right word that face each other in a gap, counted from its start and from its end."""
    n_left, n_right = left[:, 1] - left[:, 0], right[:, 1] - right[:, 0]
    small = (n_left > 0) & (n_right > 0) & (np.maximum(n_left, n_right) <= MAX_GAP)
    left, right, of = left[small], right[small], of[small]
    n = np.minimum(n_left, n_right)[small]
    step = expand(np.zeros(len(n), np.int64), n)
    row = np.repeat(np.arange(len(n)), n)
    from_start = np.stack((of[row], left[row, 0] + step, right[row, 0] + step), 1)
    uneven = (n_left != n_right)[small][row]
    from_end = np.stack((of[row], left[row, 1] - 1 - step, right[row, 1] - 1 - step), 1)[uneven]
    return np.concatenate((from_start, from_end))


def _key(rows: Ints, column: int) -> Ints:
    return rows[:, 0] << 40 | rows[:, column]


def _once(rows: Ints) -> Ints:
    """Return the rows in which neither word of a pair was seen before."""
    for column in (1, 2):
        _, first = np.unique(_key(rows, column), return_index=True)
        rows = rows[np.sort(first)]
    return rows


def _differ_by_one_letter(passages: Passages, left: Ints, right: Ints) -> Flags:
    """Tell which words are alike but for one letter replaced, left out or put in; figures never are."""
    n_left, n_right = passages.sizes[left].astype(np.int64), passages.sizes[right].astype(np.int64)
    longer = np.maximum(n_left, n_right)
    near = (np.abs(n_left - n_right) <= 1) & (np.minimum(n_left, n_right) >= MIN_LETTERS)
    near &= longer <= _WORD_BYTES
    rows = np.flatnonzero(near)
    result = np.zeros(len(left), bool)
    if len(rows):
        a, b = passages.letters(left[rows], _WORD_BYTES), passages.letters(right[rows], _WORD_BYTES)
        z, y = (
            passages.letters(left[rows], _WORD_BYTES, at_end=True),
            passages.letters(right[rows], _WORD_BYTES, at_end=True),
        )
        result[rows] = (_common(a, b) + _common(z, y) >= longer[rows] - 1) & ~(_is_figure(a) & _is_figure(b))
    return result


def _is_figure(words: NDArray[np.uint8]) -> Flags:
    """Tell which words are digits, points and commas only: two of them are two numbers, however alike."""
    is_other = (words - np.uint8(0x30) >= 10) & ~np.isin(words, (0, 0x2C, 0x2E))
    return np.count_nonzero(is_other, axis=1) == 0


def _common(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> Ints:
    """Return how many letters are equal from the first column on."""
    return np.argmin(np.concatenate(((a == b) & (a != 0), np.zeros((len(a), 1), bool)), axis=1), axis=1)
