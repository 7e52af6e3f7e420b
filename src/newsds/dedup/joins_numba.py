"""The joins of `joins_numpy`, which documents them, compiled by numba."""

import numpy as np

from newsds.dedup.simd import compiled

_ZERO, _ONE, _32 = np.uint64(0), np.uint64(1), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@compiled
def scatter(values, shift, n_parts):
    bounds, ends = _bounds(values, shift, n_parts)
    out = np.empty_like(values)
    for value in values:
        part = value >> np.uint64(shift)
        out[ends[part]] = value
        ends[part] += 1
    return out, bounds


@compiled
def scatter_anchors(anchors, counts, first, bits):
    shift = np.uint64(64 - bits)
    bounds, ends = _bounds(anchors, shift, 1 << bits)
    out, owners = np.empty_like(anchors), np.empty(len(anchors), np.uint32)
    at = 0
    for text in range(len(counts)):
        for _ in range(counts[text]):
            part = anchors[at] >> shift
            out[ends[part]], owners[ends[part]] = anchors[at], first + text
            ends[part] += 1
            at += 1
    return out, owners, bounds


@compiled
def _bounds(values, shift, n_parts):
    """Return where each part begins, and the same again."""
    bounds = np.zeros(n_parts + 1, np.int64)
    for value in values:
        bounds[(value >> np.uint64(shift)) + _ONE] += 1
    for part in range(n_parts):
        bounds[part + 1] += bounds[part]
    return bounds, bounds.copy()


@compiled
def pack(keys, places, owners, bits):
    out = np.empty_like(keys)
    mask = ~(~_ZERO << np.uint64(bits))
    for at in range(len(keys)):
        out[at] = (keys[at] & ~mask) | np.uint64(places[owners[at]])
    return out


@compiled
def pair_up(packed, bits, order, n_neighbours, max_cells):
    shift = np.uint64(bits)
    n = _drop_repeats(packed)
    pairs = np.empty(n * (n_neighbours + 1), np.uint64)
    seen = np.full(order.n_cells if max_cells else 0, -1, np.int64)
    start, n_pairs = 0, 0
    while start < n:
        key, end = packed[start] >> shift, start + 1
        while end < n and packed[end] >> shift == key:
            end += 1
        if end - start > 1 and not (
            max_cells and _is_common(packed, start, end, shift, order.cells, seen, max_cells)
        ):
            n_pairs = _pair_group(packed, start, end, shift, order, n_neighbours, pairs, n_pairs)
        start = end
    return pairs[:n_pairs].copy()


@compiled
def _drop_repeats(ordered):
    """Move what is unlike the one before it to the front; return how many those are."""
    n = min(len(ordered), 1)
    for at in range(1, len(ordered)):
        ordered[n] = ordered[at]
        n += ordered[at] != ordered[n - 1]
    return n


@compiled
def _is_common(packed, start, end, shift, cells, seen, max_cells):
    """Tell whether a group lies in more than so many cells; `seen` keeps for each cell where its last group began."""
    n = 0
    if end - start > max_cells:
        for at in range(start, end):
            cell = cells[packed[at] & ~(~_ZERO << shift)]
            n += seen[cell] != start
            seen[cell] = start
    return n > max_cells


@compiled
def _pair_group(packed, start, end, shift, order, n_neighbours, pairs, n):
    low, mask, n_undated = start, ~(~_ZERO << shift), np.uint64(order.n_undated)
    for at in range(start + 1, end):
        b = packed[at] & mask
        earliest = np.uint64(order.earliest[b])
        while packed[low] & mask < earliest:
            low += 1
        for place in range(max(start, at - n_neighbours), at):
            a = packed[place] & mask
            pairs[n] = (a << _32) | b
            n += a >= earliest or a < n_undated
        if at - low > n_neighbours:
            pairs[n] = ((packed[low] & mask) << _32) | b
            n += 1
    return n


@compiled
def find_often_met(meetings, n_anchors, min_shared):
    out = np.empty(len(meetings), np.uint64)
    n, start = 0, 0
    while start < len(meetings):
        pair, end = meetings[start], start + 1
        while end < len(meetings) and meetings[end] == pair:
            end += 1
        fewer = min(n_anchors[pair >> _32], n_anchors[pair & _LOW])
        out[n] = pair
        n += end - start >= min_shared or fewer <= 2 * min_shared
        start = end
    return out[:n].copy()
