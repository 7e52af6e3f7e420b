"""What is counted over texts and pairs of them: in how many a hash occurs, which are rare, what two have in common."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.hashing import Hashes, Places

__all__ = [
    "Cells",
    "Common",
    "add_weights",
    "are_rare",
    "count_cells",
    "count_words",
    "pick",
    "share",
    "share_enough",
    "sort_unique",
    "weigh",
]

Words = NDArray[np.uint32]
Cells = NDArray[np.uint8]
Flags = NDArray[np.bool_]

_MOST = 255
#: Values of pairs that are sorted at a time.
_AT_A_TIME = 1 << 22
#: Leading bits by which most hashes are told from those that are looked for.
_FILTER_BITS = 22


class Common(NamedTuple):
    """Words that are common anywhere."""

    #: Their hashes in order.
    words: Hashes
    #: In how many texts each is expected.
    counts: Places
    #: The place of the first word that has some leading 16 bits; -1 if none has.
    first: NDArray[np.int16]


def count_words(table: Words, hashes: Hashes, offsets: Places) -> None:
    """Add to a table the number of rows in which each hash occurs; its leading bits are its place in the table."""
    each = np.arange(len(offsets) - 1)
    places, counts = _most_cells(_pack(hashes, offsets, len(table)), np.zeros_like(each), each)
    table[places] += counts


def count_cells(  # noqa: PLR0917 # compiled code takes no keywords
    table: Cells,
    hashes: Hashes,
    offsets: Places,
    groups: Places,
    cells: Places,
    adds: bool,  # noqa: FBT001
) -> None:
    """Raise a table to the number of cells of one group in which each hash occurs, 255 at most.

    Args:
        table: counts by the leading bits of a hash.
        hashes: of all rows end to end.
        offsets: of the rows; equal groups, and in them equal cells, lie in neighbouring rows.
        groups: the group of each row.
        cells: the cell of each row.
        adds: whether all rows are of the group whose earlier cells the table counts.
    """
    places, counts = _most_cells(_pack(hashes, offsets, len(table)), groups, cells)
    before = table[places]
    counts = before + counts if adds else np.maximum(before, counts)
    table[places] = np.minimum(counts, _MOST).astype(np.uint8)


def are_rare(table: Cells, hashes: Hashes, most: int) -> Flags:
    """Tell which hashes a table counts `most` times or less."""
    return table[(hashes >> _shift(len(table))).astype(np.int64)] <= most


def weigh(hashes: Hashes, table: Words, common: Common, weights: Words) -> Words:
    """Return the weights of words.

    Args:
        hashes: of the words.
        table: counts by the leading bits of a hash.
        common: words with a count beside that of the table.
        weights: of a word, by its count.
    """
    counts = table[(hashes >> _shift(len(table))).astype(np.int64)].astype(np.int64)
    places = np.flatnonzero(common.first[hashes >> np.uint64(48)] >= 0)
    at = np.minimum(np.searchsorted(common.words, hashes[places]), len(common.words) - 1)
    counts[places] += np.where(common.words[at] == hashes[places], common.counts[at], 0)
    return weights[counts]


def add_weights(surprise: Words, is_rare: Flags, counts: Flags, lessened: Words) -> Places:
    """Return the sum of the weights before each word, and of all.

    Args:
        surprise: the weight of each word if it is rare.
        is_rare: whether it is.
        counts: whether it has a weight, 1 at least.
        lessened: the weight of a word that is not rare, by that of one that is.
    """
    weights = np.maximum(np.where(is_rare, surprise, lessened[surprise]), 1) * counts
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(weights, dtype=np.int64)))


def pick(hashes: Hashes, offsets: Places, keep: Flags) -> tuple[Places, Hashes]:
    """Return the different ones of the hashes to keep of each row, in any order."""
    kept = np.concatenate(([0], np.cumsum(keep)))
    return sort_unique(hashes[keep], kept[offsets])


def share(hashes: Hashes, offsets: Places, weights: Words, pairs: Places) -> tuple[Places, Places]:
    """Return how many hashes the two rows of each pair share, and the sum of their weights.

    Args:
        hashes: of all rows end to end, different in each row.
        offsets: of the rows.
        weights: of each hash, the same for equal ones.
        pairs: two columns of numbers of different rows; the work is least where equal left ones are neighbours.
    """
    is_paired = np.zeros(len(offsets) - 1, bool)
    is_paired[pairs] = True
    rows, pairs = np.flatnonzero(is_paired), (np.cumsum(is_paired) - 1)[pairs]
    sizes = np.diff(offsets)[rows]
    places = _expand(offsets[rows], sizes)
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    offsets, numbers, weights = _number_repeated(hashes[places], offsets, weights[places])
    sizes = np.diff(offsets)
    ends = np.cumsum(sizes[pairs].sum(1))
    cuts = np.searchsorted(ends, np.arange(0, int(ends[-1]) if len(ends) else 0, _AT_A_TIME)).tolist()
    counts, sums = np.zeros(len(pairs), np.int64), np.zeros(len(pairs), np.int64)
    for low, high in pairwise([*cuts, len(pairs)]):
        n, rows = sizes[pairs[low:high]], pairs[low:high]
        found = [
            numbers[_expand(offsets[rows[:, side]], n[:, side])]
            | np.repeat(np.arange(len(rows), dtype=np.uint64) << np.uint64(32), n[:, side])
            for side in (0, 1)
        ]
        both = np.concatenate(found)
        both.sort()
        twice = both[1:][both[1:] == both[:-1]]
        pair, shared = (twice >> np.uint64(32)).astype(np.int64), twice & np.uint64(0xFFFFFFFF)
        counts[low:high] = np.bincount(pair, minlength=len(rows))
        sums[low:high] = np.bincount(pair, weights[shared.astype(np.int64)], minlength=len(rows))
    return counts, sums


def share_enough(hashes: Hashes, offsets: Places, pairs: Places, least: Places) -> Flags:
    """Tell which pairs share so many hashes at least; the first three arguments are those of `share`."""
    return share(hashes, offsets, np.ones(len(hashes), np.uint32), pairs)[0] >= least


def sort_unique(values: Hashes, offsets: Places) -> tuple[Places, Hashes]:
    """Sort the values of each row and drop the second of equal ones."""
    ordered = values.copy()
    for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        ordered[start:end].sort()
    is_new = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    starts = offsets[:-1]
    is_new[starts[starts < len(ordered)]] = True
    return np.concatenate(([0], np.cumsum(is_new)))[offsets], ordered[is_new]


def _most_cells(packed: Hashes, groups: Places, cells: Places) -> tuple[Words, Words]:
    """Return each place, and the most different cells that the rows of one group have there."""
    places, rows = (
        (packed >> np.uint64(32)).astype(np.uint32),
        (packed & np.uint64(0xFFFFFFFF)).astype(np.int64),
    )
    if not len(places):
        return places, places
    in_group = (places[1:] == places[:-1]) & (groups[rows][1:] == groups[rows][:-1])
    is_cell = np.append(True, ~in_group | (cells[rows][1:] != cells[rows][:-1]))
    starts = np.flatnonzero(np.append(True, ~in_group))
    n_cells = np.add.reduceat(is_cell, starts, dtype=np.uint32)
    firsts = np.flatnonzero(np.append(True, places[starts][1:] != places[starts][:-1]))
    return places[starts][firsts], np.maximum.reduceat(n_cells, firsts)


def _number_repeated(hashes: Hashes, offsets: Places, weights: Words) -> tuple[Places, Hashes, Words]:
    """Return the rows without the hashes that occur once, a number for each of the others, and their weights."""
    ordered = np.sort(hashes)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    repeated = twice[np.append(True, twice[1:] != twice[:-1])[: len(twice)]]
    shift = np.uint64(64 - _FILTER_BITS)
    may_be = np.zeros(1 << _FILTER_BITS, bool)
    may_be[repeated >> shift] = True
    places = np.flatnonzero(may_be[hashes >> shift])
    numbers = np.minimum(np.searchsorted(repeated, hashes[places]), len(repeated) - 1)
    is_repeated = repeated[numbers] == hashes[places]
    places, numbers = places[is_repeated], numbers[is_repeated]
    kept = np.zeros(len(hashes) + 1, np.int64)
    kept[places + 1] = 1
    by_number = np.zeros(len(repeated), np.uint32)
    by_number[numbers] = weights[places]
    return np.cumsum(kept)[offsets], numbers.astype(np.uint64), by_number


def _expand(starts: Places, counts: Places) -> Places:
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + counts, counts)


def _shift(size: int) -> np.uint64:
    return np.uint64(64 - (size.bit_length() - 1))


def _pack(hashes: Hashes, offsets: Places, size: int) -> Hashes:
    """Return the place of each hash in a table of a size with the row it stands in, sorted as one number."""
    packed = hashes >> _shift(size)
    packed <<= np.uint64(32)
    packed |= np.repeat(np.arange(len(offsets) - 1, dtype=np.uint64), np.diff(offsets))
    packed.sort()
    return packed
