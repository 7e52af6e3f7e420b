"""The counts of `tallies_numpy`, which documents them, compiled by numba."""

import numpy as np

from newsds.dedup.simd import compiled, count_ones, prefetch
from newsds.dedup.tallies_numpy import sort_unique  # noqa: F401 # numpy sorts faster than a compiled loop

_MOST = 255
#: Hashes after the one that is looked up whose places in a large table are asked for.
_AHEAD = 24
#: Bits of a place within a part of a table, so that what is noted of the part stays in the processor's cache.
_PART_BITS = 15
#: Bits of the marks of a row for each of its hashes; by these most pairs are told to share too little.
_MARKS = 16
_ONE, _6, _32, _48, _63 = np.uint64(1), np.uint64(6), np.uint64(32), np.uint64(48), np.uint64(63)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@compiled
def count_words(table, hashes, offsets):
    shift = find_shift(len(table))
    slots, stamps = make_set(offsets)
    places = np.empty(len(slots), np.int64)
    for row in range(len(offsets) - 1):
        width, n = _width(offsets, row), 0
        for at in range(offsets[row], offsets[row + 1]):
            places[n] = hashes[at] >> shift
            prefetch(table, places[n])
            n += add(hashes[at] >> shift << shift, slots, stamps, row + 1, width)
        for place in places[:n]:
            table[place] += np.uint32(1)


def count_cells(table, hashes, offsets, groups, cells, adds):
    # Room from numpy is of large pages, which cost the system a tenth.
    _count_cells(table, hashes, offsets, groups, cells, adds, np.empty(len(hashes), np.uint64))


@compiled
def _count_cells(table, hashes, offsets, groups, cells, adds, packed):
    shift = find_shift(len(table))
    part_bits = min(64 - np.int64(shift), _PART_BITS)
    size = 1 << part_bits
    ends = _divide(hashes, offsets, shift, len(table) >> part_bits, np.uint64(size - 1), packed)
    numbers, firsts = _number_cells(groups, cells)
    last, runs = np.zeros(size, np.uint32), np.zeros(size, np.uint8)
    for part in range(len(ends) - 1):
        # Numbers that grow from part to part tell what was noted of an earlier one.
        base = part * (len(groups) + 1)
        counts = table[part * size : (part + 1) * size]
        for at in range(ends[part], ends[part + 1]):
            place, row = packed[at] & np.uint64(size - 1), packed[at] >> _32
            cell, known = base + numbers[row], np.int64(last[place])
            run = np.int64(counts[place]) if adds else np.int64(runs[place]) * (known >= base + firsts[row])
            run = min(run + (known != cell), _MOST)
            last[place], runs[place] = cell, run
            counts[place] = max(np.int64(counts[place]), run)


@compiled
def weigh(hashes, table, common, weights):
    shift, found = find_shift(len(table)), np.empty(len(hashes), np.uint32)
    words, counts, first = common
    for at in range(len(hashes)):
        value = hashes[at]
        prefetch(table, np.int64(hashes[min(at + _AHEAD, len(hashes) - 1)] >> shift))
        count, place = np.int64(table[value >> shift]), np.int64(first[value >> _48])
        if place >= 0:
            while place < len(words) and words[place] < value:
                place += 1
            if place < len(words) and words[place] == value:
                count += counts[place]
        found[at] = weights[count]
    return found


@compiled
def add_weights(surprise, is_rare, counts, lessened):
    totals = np.zeros(len(surprise) + 1, np.int64)
    for at in range(len(surprise)):
        weight = surprise[at] if is_rare[at] else lessened[surprise[at]]
        totals[at + 1] = totals[at] + (max(np.int64(weight), 1) if counts[at] else 0)
    return totals


@compiled
def pick(hashes, offsets, keep):
    n, room = 0, 0
    for is_kept in keep:
        room += is_kept
    out, values = np.zeros(len(offsets), np.int64), np.empty(room, np.uint64)
    slots, stamps = make_set(offsets)
    for row in range(len(offsets) - 1):
        width = _width(offsets, row)
        for at in range(offsets[row], offsets[row + 1]):
            if keep[at] and add(hashes[at], slots, stamps, row + 1, width):
                values[n] = hashes[at]
                n += 1
        out[row + 1] = n
    return out, values[:n]


@compiled
def share(hashes, offsets, weights, pairs):
    counts, sums = np.zeros(len(pairs), np.int64), np.zeros(len(pairs), np.int64)
    slots, stamps = make_set(offsets)
    stamp, width = 0, _ONE
    for at in range(len(pairs)):
        left, right = pairs[at, 0], pairs[at, 1]
        if at == 0 or left != pairs[at - 1, 0]:
            stamp, width = at + 1, _width(offsets, left)
            for place in range(offsets[left], offsets[left + 1]):
                add(hashes[place], slots, stamps, stamp, width)
        for place in range(offsets[right], offsets[right + 1]):
            if _has(hashes[place], slots, stamps, stamp, width):
                counts[at] += 1
                sums[at] += np.int64(weights[place])
    return counts, sums


@compiled
def share_enough(hashes, offsets, pairs, least):
    n_rows, n_marks, enough = len(offsets) - 1, 1, np.zeros(len(pairs), np.bool_)
    while 64 * n_marks * n_rows < _MARKS * len(hashes):
        n_marks *= 2
    marks = np.zeros((n_rows, n_marks), np.uint64)
    # Hashes of a row without a mark of their own; -1 while the row has no marks.
    hidden = np.full(n_rows, -1, np.int64)
    slots, stamps = make_set(offsets)
    filled, stamp, width = -1, 0, _ONE
    for at in range(len(pairs)):
        left, right = pairs[at, 0], pairs[at, 1]
        for row in (left, right):
            if hidden[row] < 0:
                hidden[row] = _mark(hashes[offsets[row] : offsets[row + 1]], marks[row])
        most = min(hidden[left], hidden[right])
        for place in range(n_marks):
            most += count_ones(marks[left, place] & marks[right, place])
        if most < least[at]:
            continue
        if left != filled:
            filled, stamp, width = left, at + 1, _width(offsets, left)
            for place in range(offsets[left], offsets[left + 1]):
                add(hashes[place], slots, stamps, stamp, width)
        n = 0
        for place in range(offsets[right], offsets[right + 1]):
            n += _has(hashes[place], slots, stamps, stamp, width)
        enough[at] = n >= least[at]
    return enough


@compiled
def _mark(hashes, marks):
    """Set a bit for each hash, by its leading bits; return how many hashes have not one of their own."""
    shift = find_shift(64 * len(marks))
    for value in hashes:
        bit = value >> shift
        marks[bit >> _6] |= _ONE << (bit & _63)
    n = 0
    for mark in marks:
        n += count_ones(mark)
    return len(hashes) - n


@compiled
def find_shift(size):
    bits = 0
    while 1 << bits < size:
        bits += 1
    return np.uint64(64 - bits)


@compiled
def _number_cells(groups, cells):
    """Return a number of each row's cell, from 1 upwards, and that of the first cell of its group."""
    numbers, firsts = np.zeros(len(groups), np.int64), np.zeros(len(groups), np.int64)
    for row in range(len(groups)):
        same = row > 0 and groups[row] == groups[row - 1]
        if same and cells[row] == cells[row - 1]:
            numbers[row], firsts[row] = numbers[row - 1], firsts[row - 1]
        else:
            numbers[row] = row + 1
            firsts[row] = firsts[row - 1] if same else row + 1
    return numbers, firsts


@compiled
def _divide(hashes, offsets, shift, n_parts, mask, packed):
    """Write places in a table with their rows in the high half, part by part; return where each part ends."""
    bits = find_shift(n_parts)
    ends = np.zeros(n_parts + 1, np.int64)
    for value in hashes[offsets[0] : offsets[-1]]:
        ends[_part(value, bits) + 1] += 1
    for part in range(n_parts):
        ends[part + 1] += ends[part]
    free = ends.copy()
    for row in range(len(offsets) - 1):
        for value in hashes[offsets[row] : offsets[row + 1]]:
            part = _part(value, bits)
            packed[free[part]] = np.uint64(row) << _32 | (value >> shift & mask)
            free[part] += 1
    return ends


@compiled
def _part(value, shift):
    # Shifted in two steps: a shift by all 64 bits is none to the processor.
    return np.int64(value >> _ONE >> (shift - _ONE))


@compiled
def make_set(offsets):
    """Return room for the hashes of any one row: their slots, and the number of the set each is in."""
    size = 1
    for row in range(len(offsets) - 1):
        size = max(size, 1 << (64 - np.int64(_width(offsets, row))))
    return np.zeros(size, np.uint64), np.zeros(size, np.uint32)


@compiled
def _width(offsets, row):
    """Return the bits of a hash that do not count for its slot in the set of a row, of which few are taken."""
    return find_shift(8 * max(offsets[row + 1] - offsets[row], 1))


@compiled
def add(value, slots, stamps, stamp, shift):
    """Put a hash into a set; return whether it was not there."""
    slot = _find(value, slots, stamps, stamp, shift)
    is_new = stamps[slot] != stamp
    slots[slot], stamps[slot] = value, stamp
    return is_new


@compiled
def _has(value, slots, stamps, stamp, shift):
    return stamps[_find(value, slots, stamps, stamp, shift)] == stamp


@compiled
def _find(value, slots, stamps, stamp, shift):
    """Return the slot of a hash in a set, or the free one for it."""
    # A loop with one way out is put in its place by the compiler, which makes it ten times faster.
    slot = value >> shift
    while (stamps[slot] == stamp) & (slots[slot] != value):
        slot = (slot + _ONE) & (_ALL >> shift)
    return slot
