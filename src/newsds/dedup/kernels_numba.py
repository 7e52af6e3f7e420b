"""The hash specification compiled by numba: the same functions and bits as `kernels_numpy`.

The compiled code is kept beside this module (or in the user's cache if that cannot be written), and no
kernel holds the interpreter's lock, so that batches may run in threads.
"""

from functools import cache
from typing import Any, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from newsds.dedup.folding import DENSE, IGNORED, SEPARATOR, WORD, load_tables
from newsds.dedup.hashing import (
    ALIGNED_TOKENS,
    BAND_BASE,
    EMPTY,
    GAP,
    LENGTH_MULTIPLIER,
    SEED,
    SHINGLE_BASE,
    TOKEN_BYTES,
    WORD_MULTIPLIER,
)
from newsds.dedup.kernels_numpy import sort_unique  # numpy sorts faster than a compiled loop

__all__ = [
    "align",
    "band_keys",
    "hash_texts",
    "most_cells",
    "pick_shingles",
    "shared_weights",
    "shingle",
    "sketch",
    "sort_unique",
    "tokenise",
]

Bytes: TypeAlias = NDArray[np.uint8]
Hashes: TypeAlias = NDArray[np.uint64]
Places: TypeAlias = NDArray[np.int64]
Spans: TypeAlias = NDArray[np.int32]

_SEED, _WORD, _LENGTH = np.uint64(SEED), np.uint64(WORD_MULTIPLIER), np.uint64(LENGTH_MULTIPLIER)
_SHINGLE, _BAND, _GAP = np.uint64(SHINGLE_BASE), np.uint64(BAND_BASE), np.uint64(GAP)
_ZERO, _ONE, _29, _32 = np.uint64(0), np.uint64(1), np.uint64(29), np.uint64(32)
_56 = np.uint64(56)
#: Every byte's seven low bits, top bit, lowest bit, and the bit that tells capitals from small letters.
_SEVEN, _TOPS = np.uint64(0x7F7F7F7F7F7F7F7F), np.uint64(0x8080808080808080)
_UNITS, _CASE = np.uint64(0x0101010101010101), np.uint64(0x2020202020202020)
#: Added to seven bits, they carry into the top one from the character on.
_FROM_A, _PAST_Z = np.uint64(0x1F1F1F1F1F1F1F1F), np.uint64(0x0505050505050505)
_FROM_0, _PAST_9 = np.uint64(0x5050505050505050), np.uint64(0x4646464646464646)
_EMPTY = np.uint32(EMPTY)
_LOW = np.uint64(0xFFFFFFFF)
_COMMA, _STOP = 0x2C, 0x2E

_compiled: Any = numba.njit(cache=True, nogil=True)


def tokenise(data: Bytes, offsets: Places) -> tuple[Places, Hashes, Spans, Spans]:
    """Return the token hashes of texts in order, with the bytes of the text they stand for."""
    tables = load_tables()
    words = (
        np.ndarray((max(len(data) - 7, 0),), np.uint64, data, 0, (1,))
        if len(data)
        else np.empty(0, np.uint64)
    )
    return _tokenise(data, words, offsets, _ascii_steps(), tables.classes, tables.folds)


def shingle(hashes: Hashes, offsets: Places, n: int) -> tuple[Places, Hashes]:
    """Return the hash of every `n` neighbouring tokens; of all of them where a text has fewer, of none if none."""
    return _shingle(hashes, offsets, n)


def hash_texts(hashes: Hashes, offsets: Places) -> Hashes:
    """Return one hash of each text: of its tokens in order; 0 of a text without tokens."""
    return _hash_texts(hashes, offsets)


def pick_shingles(hashes: Hashes, offsets: Places, n: int, every: int) -> tuple[Places, Hashes]:
    """Return the hashes of `shingle`, of which one in `every` is kept, chosen by its low bits."""
    return _pick(hashes, offsets, n, np.uint64(0xFFFFFFFF // every))


def sketch(hashes: Hashes, offsets: Places, n: int, n_bins: int) -> NDArray[np.uint32]:
    """Return the one-permutation MinHash of the shingles of texts, empty bins filled from their right."""
    return _sketch(hashes, offsets, n, n_bins)


def band_keys(signatures: NDArray[np.uint32], n_bands: int) -> Hashes:
    """Return a key of each band of each signature, one column a band."""
    return _band_keys(signatures, n_bands)


def shared_weights(
    values: Hashes, offsets: Places, weights: NDArray[np.uint32], pairs: Places
) -> tuple[Places, Places]:
    """Return how many values the two rows of each pair share, and the sum of their weights."""
    return _shared_weights(values, offsets, weights, pairs)


def most_cells(
    packed: Hashes, groups: Places, cells: Places
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return each place, and the most different cells that the rows of one group have there."""
    return _most_cells(packed, groups, cells)


def align(hashes: Hashes, offsets: Places, pairs: Places) -> tuple[Places, Spans]:
    """Align the token sequences of each pair: a longest common subsequence, as runs of matching tokens."""
    return _align(hashes, offsets, pairs)


@cache
def _ascii_steps() -> Bytes:
    """Return what to do with each byte: 0 a separator, 1 decode, 2 look at its neighbours, else the folded byte."""
    tables = load_tables()
    steps = np.where(tables.classes[:256] == WORD, tables.folds[:256].astype(np.uint8), 0).astype(np.uint8)
    steps[0x80:] = 1
    steps[[_COMMA, _STOP]] = 2
    return steps


@_compiled
def _mix(x):
    x = (x ^ (x >> _32)) * _WORD
    return x ^ (x >> _32)


@_compiled
def _absorb(h, word):
    h = (h ^ word) * _WORD
    return h ^ (h >> _29)


@_compiled
def _finish(h, length):
    h = (h ^ np.uint64(length)) * _LENGTH
    return h ^ (h >> _32)


@_compiled
def _decode(data, at, end):
    """Return code point and size of the character at a byte above ASCII; size 0 if it is not well formed."""
    lead = np.int64(data[at])
    if lead < 0xC2 or lead > 0xF4:
        return 0, 0
    size = 2 if lead < 0xE0 else (3 if lead < 0xF0 else 4)
    if at + size > end:
        return 0, 0
    code = lead & (0x1F if size == 2 else (0x0F if size == 3 else 0x07))
    for k in range(1, size):
        byte = np.int64(data[at + k])
        if byte & 0xC0 != 0x80:
            return 0, 0
        code = (code << 6) | (byte & 0x3F)
    least = 0x80 if size == 2 else (0x800 if size == 3 else 0x10000)
    if code < least or code >= 0x110000:
        return 0, 0
    return code, size


@_compiled
def _is_in_number(data, at, start, end):
    return (
        at > start
        and at + 1 < end
        and 0x30 <= data[at - 1] <= 0x39
        and 0x30 <= data[at + 1] <= 0x39
    )  # fmt: skip


@_compiled
def _not_word_bits(word):
    """Return the top bit of each of eight bytes that is no ASCII letter or digit."""
    low = word & _SEVEN
    lower = (word | _CASE) & _SEVEN
    letters = (lower + _FROM_A) & ~(lower + _PAST_Z)
    digits = (low + _FROM_0) & ~(low + _PAST_9)
    return ~(letters | digits) & _TOPS | word & _TOPS


@_compiled
def _count_below(bits):
    """Return how many bytes lie below the lowest set top bit."""
    lowest = bits & (~bits + _ONE)
    return np.int64((((lowest - _ONE) & _UNITS) * _UNITS) >> _56) - 1


@_compiled
def _tokenise_text(data, words, masks, start, end, steps, classes, folds, hashes, starts, ends, n):
    """Append the tokens of one text to the three arrays from place `n`; return the next free place.

    Words of ASCII are read sixteen bytes at a time; at anything else `_tokenise_mixed` takes over until
    the next separator.
    """
    first, second, size, stop = _ZERO, _ZERO, 0, 0
    at = start
    while at < end:
        is_plain = False
        if at + 16 <= len(words):
            first, second = words[at], words[at + 8]
            bits, more = _not_word_bits(first), _not_word_bits(second)
            size = _count_below(bits) if bits else 8 + (_count_below(more) if more else 8)
            size = min(size, end - at)
            stop = at + size
            if size < 16:
                is_plain = stop == end or steps[data[stop]] == 0
                is_plain = is_plain or (steps[data[stop]] == 2 and not _is_in_number(data, stop, start, end))
        if is_plain:
            one = _absorb(_SEED, (first | _CASE) & masks[min(size, 8)])
            two = _absorb(one, (second | _CASE) & masks[max(size - 8, 0)])
            hashes[n] = _finish(two if size > 8 else one, size)
            starts[n], ends[n] = at - start, stop - start
            n += size > 0
            at = stop + 1
        else:
            at, n = _tokenise_mixed(data, start, at, end, steps, classes, folds, hashes, starts, ends, n)
    return n


@_compiled
def _tokenise_mixed(data, start, at, end, steps, classes, folds, hashes, starts, ends, n):
    """Tokenise a text from a byte to the next separator, character by character."""
    h, word, length, first, last = _SEED, _ZERO, 0, 0, 0
    pair, pair_bytes, pair_start, pair_end, is_paired = _ZERO, 0, 0, 0, False
    kind = WORD
    while kind != SEPARATOR:
        kind, size, fold = _classify(data, start, at, end, steps, classes, folds)
        if pair_bytes and kind in (SEPARATOR, WORD):
            if not is_paired:
                hashes[n] = _finish(_absorb(_SEED, pair), pair_bytes)
                starts[n], ends[n] = pair_start - start, pair_end - start
                n += 1
            pair_bytes = 0
        if kind == WORD:
            if length == 0:
                first = at
            while fold:
                if length < TOKEN_BYTES:
                    word |= np.uint64(fold & np.uint32(0xFF)) << np.uint64(8 * (length & 7))
                length += 1
                if length & 7 == 0 and length <= TOKEN_BYTES:
                    h, word = _absorb(h, word), _ZERO
                fold >>= np.uint32(8)
            last = at + size
        elif length and kind != IGNORED:
            if length & 7 and length < TOKEN_BYTES:
                h = _absorb(h, word)
            hashes[n], starts[n], ends[n] = _finish(h, length), first - start, last - start
            n += 1
            h, word, length = _SEED, _ZERO, 0
        if kind == DENSE:
            n_bytes = 2 if fold < 0x10000 else (3 if fold < 0x1000000 else 4)
            if pair_bytes:
                both = pair | (np.uint64(fold) << np.uint64(8 * pair_bytes))
                hashes[n] = _finish(_absorb(_SEED, both), pair_bytes + n_bytes)
                starts[n], ends[n] = pair_start - start, at + size - start
                n += 1
            is_paired = pair_bytes > 0
            pair, pair_bytes, pair_start, pair_end = np.uint64(fold), n_bytes, at, at + size
        at += size
    return at, n


@_compiled
def _classify(data, start, at, end, steps, classes, folds):
    """Return class, size in bytes and folded bytes of the character at a byte; the end is a separator."""
    if at >= end:
        return SEPARATOR, 0, np.uint32(0)
    step = steps[data[at]]
    if step == 0:
        return SEPARATOR, 1, np.uint32(0)
    if step == 2:
        kind = SEPARATOR
        if _is_in_number(data, at, start, end):
            kind = IGNORED if data[at] == _COMMA else WORD
        return kind, 1, np.uint32(data[at])
    if step == 1:
        code, size = _decode(data, at, end)
        if size == 0:
            return SEPARATOR, 1, np.uint32(0)
        return np.int64(classes[code]), size, folds[code]
    return WORD, 1, np.uint32(step)


@_compiled
def _tokenise(data, words, offsets, steps, classes, folds):
    n_texts = len(offsets) - 1
    room = (offsets[n_texts] - offsets[0]) // 2 + n_texts + 1
    hashes, starts, ends = np.empty(room, np.uint64), np.empty(room, np.int32), np.empty(room, np.int32)
    out = np.zeros(n_texts + 1, np.int64)
    masks = np.zeros(9, np.uint64)
    for size in range(1, 9):
        masks[size] = ~_ZERO >> np.uint64(64 - 8 * size)
    n = 0
    for row in range(n_texts):
        start, end = offsets[row], offsets[row + 1]
        n = _tokenise_text(data, words, masks, start, end, steps, classes, folds, hashes, starts, ends, n)
        out[row + 1] = n
    return out, hashes[:n], starts[:n], ends[:n]


@_compiled
def _begin(hashes, at, n):
    """Return the unmixed hash of the `n` tokens from a place on."""
    total = _ZERO
    for k in range(n):
        total = total * _SHINGLE + hashes[at + k]
    return total


@_compiled
def _power(n):
    """Return what the first of `n` tokens is multiplied with, one token on."""
    power = _ONE
    for _ in range(n):
        power = power * _SHINGLE
    return power


@_compiled
def _count_shingles(n_tokens, n):
    return n_tokens - n + 1 if n_tokens >= n else min(n_tokens, 1)


@_compiled
def _shingle(hashes, offsets, n):
    n_texts = len(offsets) - 1
    out = np.zeros(n_texts + 1, np.int64)
    for row in range(n_texts):
        out[row + 1] = out[row] + _count_shingles(offsets[row + 1] - offsets[row], n)
    values, power = np.empty(out[n_texts], np.uint64), _power(n)
    for row in range(n_texts):
        first, size = offsets[row], min(n, offsets[row + 1] - offsets[row])
        total = _begin(hashes, first, size)
        for k in range(out[row + 1] - out[row]):
            if k:
                total = total * _SHINGLE + hashes[first + k + n - 1] - hashes[first + k - 1] * power
            values[out[row] + k] = _mix(total + np.uint64(size))
    return out, values


@_compiled
def _pick(hashes, offsets, n, limit):
    n_texts = len(offsets) - 1
    out = np.zeros(n_texts + 1, np.int64)
    values, power = np.empty(len(hashes), np.uint64), _power(n)
    kept = 0
    for row in range(n_texts):
        first, n_tokens = offsets[row], offsets[row + 1] - offsets[row]
        size = min(n, n_tokens)
        total = _begin(hashes, first, size)
        for k in range(_count_shingles(n_tokens, n)):
            if k:
                total = total * _SHINGLE + hashes[first + k + n - 1] - hashes[first + k - 1] * power
            value = _mix(total + np.uint64(size))
            values[kept] = value
            kept += (value & _LOW) <= limit
        out[row + 1] = kept
    return out, values[:kept]


@_compiled
def _hash_texts(hashes, offsets):
    n_texts = len(offsets) - 1
    out = np.zeros(n_texts, np.uint64)
    for row in range(n_texts):
        start, end = offsets[row], offsets[row + 1]
        if end > start:
            total = _ZERO
            for k in range(end - 1, start - 1, -1):
                total = total * _SHINGLE + hashes[k]
            out[row] = _mix(total + np.uint64(end - start))
    return out


@_compiled
def _fill(signature):
    n_bins = len(signature)
    value, gap, holes = np.uint64(signature[0]), _ZERO, 0
    for k in range(n_bins):
        holes += signature[k] == _EMPTY
    if holes in (0, n_bins):
        return
    for at in range(n_bins - 1, -1, -1):
        is_empty = signature[at] == _EMPTY
        value, gap = (value, gap + _ONE) if is_empty else (np.uint64(signature[at]), _ZERO)
    for at in range(n_bins - 1, -1, -1):
        if signature[at] == _EMPTY:
            gap += _ONE
            signature[at] = np.uint32(_mix(value + gap * _GAP) & _LOW)
        else:
            value, gap = np.uint64(signature[at]), _ZERO


@_compiled
def _sketch(hashes, offsets, n, n_bins):
    n_texts = len(offsets) - 1
    signatures = np.full((n_texts, n_bins), _EMPTY, np.uint32)
    bins, power = np.uint64(n_bins), _power(n)
    for row in range(n_texts):
        first, n_tokens = offsets[row], offsets[row + 1] - offsets[row]
        size = min(n, n_tokens)
        total = _begin(hashes, first, size)
        for k in range(_count_shingles(n_tokens, n)):
            if k:
                total = total * _SHINGLE + hashes[first + k + n - 1] - hashes[first + k - 1] * power
            value = _mix(total + np.uint64(size))
            place = np.int64(((value >> _32) * bins) >> _32)
            signatures[row, place] = min(signatures[row, place], np.uint32(value & _LOW))
        _fill(signatures[row])
    return signatures


@_compiled
def _band_keys(signatures, n_bands):
    n_texts, n_bins = signatures.shape
    n_rows = n_bins // n_bands
    keys = np.empty((n_texts, n_bands), np.uint64)
    for text in range(n_texts):
        for band in range(n_bands):
            key = np.uint64(band + 1)
            for row in range(n_rows):
                key = key * _BAND + np.uint64(signatures[text, band * n_rows + row])
            keys[text, band] = _mix(key)
    return keys


@_compiled
def _shared_weights(values, offsets, weights, pairs):
    n_pairs = len(pairs)
    counts, sums = np.zeros(n_pairs, np.int64), np.zeros(n_pairs, np.int64)
    for at in range(n_pairs):
        a, a_end = offsets[pairs[at, 0]], offsets[pairs[at, 0] + 1]
        b, b_end = offsets[pairs[at, 1]], offsets[pairs[at, 1] + 1]
        while a < a_end and b < b_end:
            x, y = values[a], values[b]
            if x == y:
                counts[at] += 1
                sums[at] += np.int64(weights[a])
            a, b = a + (x <= y), b + (y <= x)
    return counts, sums


@_compiled
def _most_cells(packed, groups, cells):
    places, counts = np.empty(len(packed), np.uint32), np.empty(len(packed), np.uint32)
    n, run, group, cell = 0, 0, np.int64(0), np.int64(0)
    for at in range(len(packed)):
        place, row = np.uint32(packed[at] >> _32), np.int64(packed[at] & _LOW)
        is_new = n == 0 or place != places[n - 1]
        if is_new:
            places[n], counts[n] = place, 0
            n += 1
        if is_new or groups[row] != group:
            run = 1
        elif cells[row] != cell:
            run += 1
        group, cell = groups[row], cells[row]
        counts[n - 1] = max(counts[n - 1], np.uint32(run))
    return places[:n], counts[:n]


@_compiled
def _chain(hashes):
    """Return the last place of each leading bits, the place before each with the same, and how far to shift."""
    bits = 1
    while 1 << bits < 2 * len(hashes):
        bits += 1
    shift = np.uint64(64 - bits)
    heads, nexts = np.full(1 << bits, -1, np.int32), np.empty(len(hashes), np.int32)
    for place in range(len(hashes)):
        slot = hashes[place] >> shift
        nexts[place], heads[slot] = heads[slot], place
    return heads, nexts, shift


@_compiled
def _match_middle(a, b):
    """Return matching positions: a longest common subsequence (Hyyrö, bit-parallel rows, then a trace)."""
    n, m = len(a), len(b)
    width = (n + 63) // 64
    heads, nexts, shift = _chain(a)
    rows = np.empty((m + 1, width), np.uint64)
    rows[0] = ~_ZERO
    mask = np.zeros(width, np.uint64)
    for j in range(m):
        place = heads[b[j] >> shift]
        while place >= 0:
            if a[place] == b[j]:
                mask[place >> 6] |= _ONE << np.uint64(place & 63)
            place = nexts[place]
        carry = _ZERO
        for k in range(width):
            row = rows[j, k]
            update = row & mask[k]
            total = row + update
            is_over = total < row
            total += carry
            carry = np.uint64(is_over or (carry == _ONE and total == _ZERO))
            rows[j + 1, k] = total | (row & ~update)
        place = heads[b[j] >> shift]
        while place >= 0:
            mask[place >> 6] = _ZERO
            place = nexts[place]
    matched = np.empty((min(n, m), 2), np.int64)
    i, j, count = n, m, 0
    while i and j:
        if a[i - 1] == b[j - 1]:
            i, j = i - 1, j - 1
            matched[count, 0], matched[count, 1] = i, j
            count += 1
        elif rows[j, (i - 1) >> 6] >> np.uint64((i - 1) & 63) & _ONE:
            i -= 1
        else:
            j -= 1
    return matched[:count][::-1]


@_compiled
def _align_pair(a, b):
    """Return the runs of two token sequences: common beginning, longest common subsequence, common end."""
    shorter = min(len(a), len(b))
    head = 0
    while head < shorter and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < shorter - head and a[len(a) - 1 - tail] == b[len(b) - 1 - tail]:
        tail += 1
    a_middle = a[head : len(a) - tail][:ALIGNED_TOKENS]
    b_middle = b[head : len(b) - tail][:ALIGNED_TOKENS]
    runs = np.empty((min(len(a_middle), len(b_middle)) + 2, 3), np.int32)
    n = 0
    if head:
        n = _append(runs, n, 0, 0, head)
    if len(a_middle) and len(b_middle):
        middle = _match_middle(a_middle, b_middle)
        for k in range(len(middle)):
            n = _append(runs, n, head + middle[k, 0], head + middle[k, 1], 1)
    if tail:
        n = _append(runs, n, len(a) - tail, len(b) - tail, tail)
    return runs[:n]


@_compiled
def _append(runs, n, i, j, length):
    """Add a run, or lengthen the last one if it continues it; return the number of runs."""
    if n and runs[n - 1, 0] + runs[n - 1, 2] == i and runs[n - 1, 1] + runs[n - 1, 2] == j:
        runs[n - 1, 2] += length
        return n
    runs[n, 0], runs[n, 1], runs[n, 2] = i, j, length
    return n + 1


@_compiled
def _align(hashes, offsets, pairs):
    out = np.zeros(len(pairs) + 1, np.int64)
    runs = np.empty((64, 3), np.int32)
    n = 0
    for at in range(len(pairs)):
        left, right = pairs[at, 0], pairs[at, 1]
        found = _align_pair(
            hashes[offsets[left] : offsets[left + 1]], hashes[offsets[right] : offsets[right + 1]]
        )
        if n + len(found) > len(runs):
            wider = np.empty((2 * (n + len(found)), 3), np.int32)
            wider[:n] = runs[:n]
            runs = wider
        runs[n : n + len(found)] = found
        n += len(found)
        out[at + 1] = n
    return out, runs[:n].copy()
