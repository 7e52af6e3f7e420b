"""Words that stand in each other's place in two aligned texts, and which of them are one word misread."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.hashing import Bytes, Places

__all__ = ["MAX_GAP", "MIN_LETTERS", "WORD_BYTES", "Written", "face"]

Flags = NDArray[np.bool_]

#: Words between two aligned runs that are compared one by one.
MAX_GAP = 12
#: Letters that a word needs for one of them to be taken for a misreading.
MIN_LETTERS = 4
#: Bytes of the longest word that is compared.
WORD_BYTES = 24


class Written(NamedTuple):
    """Words as texts write them."""

    data: Bytes
    #: First byte, and bytes, of each word.
    places: Places
    sizes: Places
    #: Where the words of each text begin, and the end of the last.
    offsets: Places


def face(words: Written, pairs: Places, ends: Places, runs: Places) -> tuple[Places, Places, Places]:
    """Find what stands between the aligned runs of pairs.

    Args:
        words: of all texts.
        pairs: two columns of text numbers.
        ends: offsets of the pairs in the runs.
        runs: first word in the left text, in the right one (counted in all words), number of words.

    Returns:
        Stretches without a match: first word and word after the last, left and right, and the pair. Pair, left and
        right word of those that face each other, counted from the start or the end of a stretch, and are alike but for
        a letter; and of those that are different words. No word of a pair stands in two of these.
    """
    gaps = _gaps(words.offsets, pairs, ends, runs)
    facing = _facing(gaps)
    is_close = _differ_by_one_letter(words, facing[:, 1], facing[:, 2])
    garbled, even = _once(facing[is_close]), _once(facing[~is_close])
    taken = np.isin(_key(even, 1), _key(garbled, 1)) | np.isin(_key(even, 2), _key(garbled, 2))
    return gaps, garbled, even[~taken]


def _gaps(offsets: Places, pairs: Places, ends: Places, runs: Places) -> Places:
    n_pairs = len(pairs)
    pair = np.repeat(np.arange(n_pairs), np.diff(ends))
    # In each pair, the beginning of both texts is the end of a run, and their end the beginning of one.
    before = np.concatenate((offsets[pairs], runs[:, :2] + runs[:, 2:]))
    after = np.concatenate((runs[:, :2], offsets[pairs + 1]))
    before = before[np.argsort(np.concatenate((np.arange(n_pairs), pair)), kind="stable")]
    order = np.argsort(np.concatenate((pair, np.arange(n_pairs))), kind="stable")
    after, of = after[order], np.concatenate((pair, np.arange(n_pairs)))[order]
    return np.stack((before[:, 0], after[:, 0], before[:, 1], after[:, 1], of), 1)


def _facing(gaps: Places) -> Places:
    """Return pair, left word, right word that face each other in a gap, counted from its start and from its end."""
    n_left, n_right = gaps[:, 1] - gaps[:, 0], gaps[:, 3] - gaps[:, 2]
    small = (n_left > 0) & (n_right > 0) & (np.maximum(n_left, n_right) <= MAX_GAP)
    gaps, n = gaps[small], np.minimum(n_left, n_right)[small]
    row = np.repeat(np.arange(len(n)), n)
    step = np.arange(len(row)) - np.repeat(np.cumsum(n) - n, n)
    of = gaps[row, 4]
    from_start = np.stack((of, gaps[row, 0] + step, gaps[row, 2] + step), 1)
    uneven = (n_left != n_right)[small][row]
    from_end = np.stack((of, gaps[row, 1] - 1 - step, gaps[row, 3] - 1 - step), 1)[uneven]
    return np.concatenate((from_start, from_end))


def _key(rows: Places, column: int) -> Places:
    return rows[:, 0] << 40 | rows[:, column]


def _once(rows: Places) -> Places:
    """Return the rows in which neither word of a pair was seen before."""
    for column in (1, 2):
        _, first = np.unique(_key(rows, column), return_index=True)
        rows = rows[np.sort(first)]
    return rows


def _differ_by_one_letter(words: Written, left: Places, right: Places) -> Flags:
    """Tell which words are alike but for one letter replaced, left out or put in; figures never are."""
    n_left, n_right = words.sizes[left], words.sizes[right]
    longer = np.maximum(n_left, n_right)
    near = (np.abs(n_left - n_right) <= 1) & (np.minimum(n_left, n_right) >= MIN_LETTERS)
    rows = np.flatnonzero(near & (longer <= WORD_BYTES))
    result = np.zeros(len(left), bool)
    if len(rows):
        a, b = _letters(words, left[rows]), _letters(words, right[rows])
        z, y = _letters(words, left[rows], at_end=True), _letters(words, right[rows], at_end=True)
        result[rows] = (_common(a, b) + _common(z, y) >= longer[rows] - 1) & ~(_is_figure(a) & _is_figure(b))
    return result


def _letters(words: Written, chosen: Places, *, at_end: bool = False) -> Bytes:
    """Return the bytes of words as rows, forwards or backwards, ASCII letters in lower case, padded with zeros."""
    column = np.arange(WORD_BYTES)
    sizes = words.sizes[chosen][:, None]
    place = words.places[chosen][:, None] + (sizes - 1 - column if at_end else column)
    data = words.data[np.clip(place, 0, max(len(words.data) - 1, 0))]
    small = data + np.where(data - np.uint8(0x41) < 26, np.uint8(0x20), np.uint8(0))
    return np.where(column < sizes, small, np.uint8(0)).astype(np.uint8)


def _is_figure(words: Bytes) -> Flags:
    """Tell which words are digits, points and commas only: two of them are two numbers, however alike."""
    is_other = (words - np.uint8(0x30) >= 10) & ~np.isin(words, (0, 0x2C, 0x2E))
    return np.count_nonzero(is_other, axis=1) == 0


def _common(a: Bytes, b: Bytes) -> Places:
    """Return how many letters are equal from the first column on."""
    return np.argmin(np.concatenate(((a == b) & (a != 0), np.zeros((len(a), 1), bool)), axis=1), axis=1)
