"""The search of `facing_numpy`, which documents it, compiled by numba; its rows may come in another order."""

import numpy as np

from newsds.dedup.facing_numpy import MAX_GAP, MIN_LETTERS, WORD_BYTES
from newsds.dedup.simd import compiled

_COMMA, _STOP = 0x2C, 0x2E
_SAME, _OTHER = 1, 2
#: Of a type: for a literal in its place, numba would compile what is called once more.
_FIRST = np.int64(0)


@compiled
def face(words, pairs, ends, runs):
    gaps = _gaps(words.offsets, pairs, ends, runs)
    garbled, others = np.empty((64, 3), np.int64), np.empty((64, 3), np.int64)
    n_garbled, n_others = _FIRST, _FIRST
    # Of the words of a gap, what each was found to face: itself misread, another word.
    left, right = np.empty(MAX_GAP, np.int8), np.empty(MAX_GAP, np.int8)
    for a, a_end, b, b_end, pair in gaps:
        n_left, n_right = a_end - a, b_end - b
        if n_left == 0 or n_right == 0 or max(n_left, n_right) > MAX_GAP:
            continue
        for at in range(max(n_left, n_right)):
            left[at], right[at] = 0, 0
        n = min(n_left, n_right)
        garbled, others = _with_room(garbled, n_garbled), _with_room(others, n_others)
        close = 0
        for step in range(n):
            close |= _is_close(words, a + step, b + step) << step
        for step in range(n if n_left != n_right else 0):
            close |= _is_close(words, a_end - 1 - step, b_end - 1 - step) << (MAX_GAP + step)
        for kind in (_SAME, _OTHER):
            for way in range(1 if n_left == n_right else 2):
                for step in range(n):
                    is_close = close >> (MAX_GAP * way + step) & 1
                    i, j = (n_left - 1 - step, n_right - 1 - step) if way else (step, step)
                    if is_close != (kind == _SAME) or (left[i] | right[j]) & kind:
                        continue
                    left[i], right[j] = left[i] | kind, right[j] | kind
                    if kind == _SAME:
                        n_garbled = _append(garbled, n_garbled, pair, a + i, b + j)
                    elif not (left[i] | right[j]) & _SAME:
                        n_others = _append(others, n_others, pair, a + i, b + j)
    return gaps, garbled[:n_garbled].copy(), others[:n_others].copy()


@compiled
def _gaps(offsets, pairs, ends, runs):
    gaps, n = np.empty((len(runs) + len(pairs), 5), np.int64), _FIRST
    for pair in range(len(pairs)):
        a, b = offsets[pairs[pair, 0]], offsets[pairs[pair, 1]]
        for at in range(ends[pair], ends[pair + 1]):
            left, right = np.int64(runs[at, 0]), np.int64(runs[at, 1])
            n = _append_gap(gaps, n, a, left, b, right, pair)
            a, b = left + runs[at, 2], right + runs[at, 2]
        n = _append_gap(gaps, n, a, offsets[pairs[pair, 0] + 1], b, offsets[pairs[pair, 1] + 1], pair)
    return gaps


@compiled
def _append_gap(gaps, n, a, a_end, b, b_end, pair):
    gaps[n, 0], gaps[n, 1], gaps[n, 2], gaps[n, 3], gaps[n, 4] = a, a_end, b, b_end, pair
    return n + 1


@compiled
def _append(rows, n, pair, left, right):
    rows[n, 0], rows[n, 1], rows[n, 2] = pair, left, right
    return n + 1


@compiled
def _with_room(rows, n):
    if n + 2 * MAX_GAP <= len(rows):
        return rows
    wider = np.empty((2 * len(rows), 3), np.int64)
    for at in range(n):
        _append(wider, at, rows[at, 0], rows[at, 1], rows[at, 2])
    return wider


@compiled
def _is_close(words, left, right):
    n_left, n_right = words.sizes[left], words.sizes[right]
    longer, shorter = max(n_left, n_right), min(n_left, n_right)
    if longer - shorter > 1 or shorter < MIN_LETTERS or longer > WORD_BYTES:
        return 0
    a, b = words.places[left], words.places[right]
    head, tail = 0, 0
    while head < shorter and _lower(words.data[a + head]) == _lower(words.data[b + head]):
        head += 1
    while tail < shorter and _lower(words.data[a + n_left - 1 - tail]) == _lower(
        words.data[b + n_right - 1 - tail]
    ):
        tail += 1
    if head + tail < longer - 1:
        return 0
    return 0 if _is_figure(words.data[a : a + n_left]) and _is_figure(words.data[b : b + n_right]) else 1


@compiled
def _lower(byte):
    return byte | 0x20 if 0x41 <= byte <= 0x5A else byte


@compiled
def _is_figure(word):
    n = 0
    for byte in word:
        n += 0x30 <= byte <= 0x39 or byte in (_COMMA, _STOP)
    return n == len(word)
