"""What is counted over texts and pairs of texts: in how many a hash occurs, and how many two have in common."""

from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.hashing import Hashes, Places
from newsds.dedup.kernels_numpy import most_cells, sort_unique

__all__ = ["count_cells", "count_shared", "count_words", "pick_rare"]

Words: TypeAlias = NDArray[np.uint32]
Cells: TypeAlias = NDArray[np.uint8]

_MOST = 255
#: Values of pairs that are sorted at a time.
_AT_A_TIME = 1 << 22


def count_words(table: Words, hashes: Hashes, offsets: Places) -> None:
    """Add to a table the number of rows in which each hash occurs; its leading bits are its place in the table."""
    each = np.arange(len(offsets) - 1)
    places, counts = most_cells(_pack(hashes, offsets, len(table)), np.zeros_like(each), each)
    table[places] += counts


def count_cells(
    table: Cells, hashes: Hashes, offsets: Places, groups: Places, cells: Places, *, adds: bool
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
    places, counts = most_cells(_pack(hashes, offsets, len(table)), groups, cells)
    before = table[places]
    counts = before + counts if adds else np.maximum(before, counts)
    table[places] = np.minimum(counts, _MOST).astype(np.uint8)


def pick_rare(hashes: Hashes, offsets: Places, table: Cells, most: int) -> tuple[Places, Hashes]:
    """Return the different hashes of each row, in any order, that a table counts `most` times or less."""
    keep = table[(hashes >> _shift(len(table))).astype(np.int64)] <= most
    kept = np.concatenate(([0], np.cumsum(keep)))
    return sort_unique(hashes[keep], kept[offsets])


def count_shared(hashes: Hashes, offsets: Places, pairs: Places) -> Places:
    """Return how many hashes the two rows of each pair share.

    Args:
        hashes: of all rows end to end, different in each row.
        offsets: of the rows.
        pairs: two columns of numbers of different rows; the work is least where equal left ones are neighbours.
    """
    offsets, numbers = _number_repeated(hashes, offsets)
    sizes = np.diff(offsets)
    counts = np.zeros(len(pairs), np.int64)
    ends = np.cumsum(sizes[pairs].sum(1))
    cuts = np.searchsorted(ends, np.arange(0, int(ends[-1]) if len(ends) else 0, _AT_A_TIME)).tolist()
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
        counts[low:high] = np.bincount((twice >> np.uint64(32)).astype(np.int64), minlength=len(rows))
    return counts


def _number_repeated(hashes: Hashes, offsets: Places) -> tuple[Places, Hashes]:
    """Return the rows without the hashes that occur once, and a number for each of the others."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    equal = ordered[1:] == ordered[:-1]
    is_repeated = np.zeros(len(hashes), bool)
    is_repeated[order[1:][equal]] = is_repeated[order[:-1][equal]] = True
    numbers = np.empty(len(hashes), np.uint64)
    numbers[order] = np.concatenate(([0], np.cumsum(~equal)))[: len(hashes)]
    return np.concatenate(([0], np.cumsum(is_repeated)))[offsets], numbers[is_repeated]


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
