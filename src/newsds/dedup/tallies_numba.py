"""The counts of `tallies_numpy`, compiled by numba: the same functions and results."""

from typing import Any, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from newsds.dedup.hashing import Hashes, Places

__all__ = ["count_cells", "count_shared", "count_words", "pick_rare"]

Words: TypeAlias = NDArray[np.uint32]
Cells: TypeAlias = NDArray[np.uint8]

_MOST = 255
#: Bits of a place within a part of a table, so that what is noted of the part stays in the processor's cache.
_PART_BITS = 17
_32 = np.uint64(32)

_compiled: Any = numba.njit(cache=True, nogil=True)


def count_words(table: Words, hashes: Hashes, offsets: Places) -> None:
    """Add to a table the number of rows in which each hash occurs; its leading bits are its place in the table."""
    _count_words(table, np.zeros(len(table), np.uint32), hashes, offsets, _shift(table))


def count_cells(
    table: Cells, hashes: Hashes, offsets: Places, groups: Places, cells: Places, *, adds: bool
) -> None:
    """Raise a table to the number of cells of one group in which each hash occurs, 255 at most."""
    is_group = np.append(True, groups[1:] != groups[:-1])
    is_cell = is_group | np.append(True, cells[1:] != cells[:-1])
    numbers = np.cumsum(is_cell)
    firsts = np.maximum.accumulate(np.where(is_group, numbers, 0))
    _count_cells(table, hashes, offsets, numbers, firsts, _shift(table), adds)


def pick_rare(hashes: Hashes, offsets: Places, table: Cells, most: int) -> tuple[Places, Hashes]:
    """Return the different hashes of each row, in any order, that a table counts `most` times or less."""
    return _pick_rare(hashes, offsets, table, _shift(table), most)


def count_shared(hashes: Hashes, offsets: Places, pairs: Places) -> Places:
    """Return how many hashes the two rows of each pair share."""
    return _count_shared(hashes, offsets, pairs)


def _shift(table: NDArray[Any]) -> np.uint64:
    return np.uint64(64 - (len(table).bit_length() - 1))


@_compiled
def _count_words(table, seen, hashes, offsets, shift):
    for row in range(len(offsets) - 1):
        for at in range(offsets[row], offsets[row + 1]):
            place = hashes[at] >> shift
            if seen[place] != row + 1:
                seen[place] = row + 1
                table[place] += 1


@_compiled
def _count_cells(table, hashes, offsets, numbers, firsts, shift, adds):
    part_bits = min(np.int64(64 - shift), _PART_BITS)
    part_shift, mask = shift + np.uint64(part_bits), np.uint64((1 << part_bits) - 1)
    n_parts = max(1, len(table) >> part_bits)
    ends, packed = _divide(hashes, offsets, shift, part_shift, mask, n_parts)
    last, runs = np.zeros(mask + 1, np.uint32), np.zeros(mask + 1, np.uint8)
    n_cells = np.int64(numbers[-1]) if len(numbers) else 0
    for part in range(n_parts):
        # A number that grows from part to part tells what was noted of an earlier one.
        base = part * n_cells
        counts = table[part << part_bits : (part + 1) << part_bits]
        for at in range(ends[part], ends[part + 1]):
            place, row = packed[at] & mask, packed[at] >> _32
            if last[place] == base + numbers[row]:
                continue
            runs[place] = runs[place] if last[place] >= base + firsts[row] else 0
            run = np.uint8(min((counts[place] if adds else runs[place]) + 1, _MOST))
            last[place], runs[place] = base + numbers[row], run
            counts[place] = max(counts[place], run)


@_compiled
def _divide(hashes, offsets, shift, part_shift, mask, n_parts):
    """Return places in a part of a table with their rows in the high half, part by part, and where each part ends."""
    ends = np.zeros(n_parts + 1, np.int64)
    whole = part_shift >= 64
    for at in range(offsets[0], offsets[-1]):
        ends[(np.int64(0) if whole else np.int64(hashes[at] >> part_shift)) + 1] += 1
    for part in range(n_parts):
        ends[part + 1] += ends[part]
    packed, free = np.empty(offsets[-1] - offsets[0], np.uint64), ends.copy()
    for row in range(len(offsets) - 1):
        for at in range(offsets[row], offsets[row + 1]):
            part = np.int64(0) if whole else np.int64(hashes[at] >> part_shift)
            packed[free[part]] = np.uint64(row) << _32 | ((hashes[at] >> shift) & mask)
            free[part] += 1
    return ends, packed


@_compiled
def _pick_rare(hashes, offsets, table, shift, most):
    out, values = np.zeros(len(offsets), np.int64), np.empty(len(hashes), np.uint64)
    is_rare = np.empty(len(hashes), np.bool_)
    for at in range(len(hashes)):
        is_rare[at] = table[hashes[at] >> shift] <= most
    slots, seen, width = _make_set(offsets)
    n = 0
    for row in range(len(offsets) - 1):
        for at in range(offsets[row], offsets[row + 1]):
            if is_rare[at] and _add(hashes[at], slots, seen, row + 1, width):
                values[n] = hashes[at]
                n += 1
        out[row + 1] = n
    return out, values[:n]


@_compiled
def _count_shared(hashes, offsets, pairs):
    counts = np.zeros(len(pairs), np.int64)
    slots, seen, width = _make_set(offsets)
    for at in range(len(pairs)):
        left, right = pairs[at]
        if at == 0 or left != pairs[at - 1, 0]:
            for place in range(offsets[left], offsets[left + 1]):
                _add(hashes[place], slots, seen, at + 1, width)
            stamp = at + 1
        n = 0
        for place in range(offsets[right], offsets[right + 1]):
            n += _has(hashes[place], slots, seen, stamp, width)
        counts[at] = n
    return counts


@_compiled
def _make_set(offsets):
    """Return room for the hashes of any one row: their slots, the number of the set each is in, and the shift."""
    most, bits = np.int64(0), 1
    for row in range(len(offsets) - 1):
        most = max(most, offsets[row + 1] - offsets[row])
    while 1 << bits < 2 * most:
        bits += 1
    return np.zeros(1 << bits, np.uint64), np.zeros(1 << bits, np.uint32), np.uint64(64 - bits)


@_compiled
def _add(value, slots, seen, stamp, width):
    """Put a hash into a set; return whether it was not there."""
    slot, last = value >> width, np.uint64(len(slots) - 1)
    while seen[slot] == stamp:
        if slots[slot] == value:
            return False
        slot = (slot + np.uint64(1)) & last
    slots[slot], seen[slot] = value, stamp
    return True


@_compiled
def _has(value, slots, seen, stamp, width):
    slot, last = value >> width, np.uint64(len(slots) - 1)
    while seen[slot] == stamp:
        if slots[slot] == value:
            return True
        slot = (slot + np.uint64(1)) & last
    return False
