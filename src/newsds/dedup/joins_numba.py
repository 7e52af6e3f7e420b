"""The joins of `joins_numpy`, which documents them, compiled by numba."""

import numpy as np

from newsds.dedup.joins_numpy import OWNER_BITS
from newsds.dedup.simd import compiled

_ZERO, _ONE, _32 = np.uint64(0), np.uint64(1), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)
#: Of a type: for a literal in its place, numba would compile what is called once more.
_FIRST = np.int64(0)


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
    shift, low = np.uint64(64 - bits), (_ONE << np.uint64(OWNER_BITS)) - _ONE
    bounds, ends = _bounds(anchors, shift, 1 << bits)
    out = np.empty_like(anchors)
    at = 0
    for text in range(len(counts)):
        owner = np.uint64(first + text)
        for _ in range(counts[text]):
            anchor = anchors[at]
            part = anchor >> shift
            out[ends[part]] = ((anchor << np.uint64(bits)) & ~low) | owner
            ends[part] += 1
            at += 1
    return out, bounds


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
def place_anchors(anchors, places):
    low = (_ONE << np.uint64(OWNER_BITS)) - _ONE
    for at in range(len(anchors)):
        anchors[at] = (anchors[at] & ~low) | np.uint64(places[anchors[at] & low])


@compiled
def pair_up(packed, bits, order, n_neighbours, max_cells):
    mask = ~(~_ZERO << np.uint64(bits))
    n = _drop_repeats(packed)
    if max_cells:
        n = _drop_common(packed, n, mask, order, max_cells)
    left, n_left = np.empty(n, np.int32), _FIRST
    for at in range(n - 1):
        left[n_left] = at
        n_left += packed[at] ^ packed[at + 1] <= mask
    pairs, n_pairs = np.empty(n_left * (n_neighbours + 1), np.uint64), _FIRST
    earliest, n_undated = order.earliest, np.uint64(order.n_undated)
    for step in range(1, n_neighbours + 1):
        n_left, n_pairs = _pair_steps(
            packed, n, mask, step, earliest, n_undated, left, n_left, pairs, n_pairs
        )
    for at in left[:n_left]:
        b = packed[at + n_neighbours + 1]
        first = _find_first(packed, at, (b & ~mask) | np.uint64(earliest[b & mask]))
        pairs[n_pairs] = ((packed[first] & mask) << _32) | (b & mask)
        n_pairs += first <= at
    return pairs[:n_pairs]


@compiled
def _drop_repeats(ordered):
    """Move what is unlike the one before it to the front; return how many those are."""
    n, last = 0, ~ordered[0] if len(ordered) else _ZERO
    for value in ordered:
        ordered[n] = value
        n += value != last
        last = value
    return n


@compiled
def _drop_common(packed, n, mask, order, max_cells):
    """Move keys that lie in no more than so many cells to the front; return how many those are."""
    seen = np.full(order.n_cells, -1, np.int64)
    kept, copied, at = 0, 0, max_cells
    while at < n:
        if packed[at] ^ packed[at - max_cells] > mask:
            at += 1
            continue
        start, end = at - max_cells, at + 1
        while end < n and packed[end] ^ packed[start] <= mask:
            end += 1
        if _is_common(packed, start, end, mask, order.cells, seen, max_cells):
            kept = _move(packed, copied, start, kept)
            copied = end
        at = end + max_cells
    return _move(packed, copied, n, kept)


@compiled
def _is_common(packed, start, end, mask, cells, seen, max_cells):
    """Tell whether a key lies in more than so many cells; `seen` keeps for each cell where its last key began."""
    n = 0
    for at in range(start, end):
        cell = cells[packed[at] & mask]
        n += seen[cell] != start
        seen[cell] = start
        if n > max_cells:
            return True
    return False


@compiled
def _move(values, start, end, to):
    """Move values to before themselves; return the place after the last."""
    if to == start:
        return end
    for at in range(start, end):
        values[to + at - start] = values[at]
    return to + end - start


@compiled
def _pair_steps(packed, n, mask, step, earliest, n_undated, left, n_left, pairs, n_pairs):
    """Pair places with those so many further on that are near, and keep the places whose key is also one further on.

    Without branches: which pairs are near, the processor could not foresee.
    """
    n_kept = _FIRST
    for at in left[:n_left]:
        a, b = packed[at] & mask, packed[at + step] & mask
        is_near = (a >= np.uint64(earliest[b])) | (a < n_undated)
        pairs[n_pairs] = (a << _32) | b
        n_pairs += is_near
        following = at + step + 1
        left[n_kept] = at
        goes_on = (following < n) & (packed[at] ^ packed[min(following, n - 1)] <= mask)
        n_kept += is_near & goes_on
    return n_kept, n_pairs


@compiled
def _find_first(packed, end, wanted):
    """Return the first place of which what is there is as large as what is wanted; none lies beyond `end + 1`."""
    low, high = 0, end + 1
    while low < high:
        middle = (low + high) >> 1
        if packed[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def find_often_met(meetings, n_anchors, min_shared, n_few):
    out = np.empty(len(meetings), np.uint64)
    n, start = 0, 0
    while start < len(meetings):
        pair, end = meetings[start], start + 1
        while end < len(meetings) and meetings[end] == pair:
            end += 1
        fewer = min(n_anchors[pair >> _32], n_anchors[pair & _LOW])
        out[n] = pair
        n += end - start >= min_shared or fewer <= n_few
        start = end
    return out[:n].copy()
