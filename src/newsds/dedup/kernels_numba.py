"""The hash specification compiled by numba: the same functions and bits as `kernels_numpy`, which documents them.

The compiled code is kept beside this module (or in the user's cache if that cannot be written), and no
kernel holds the interpreter's lock, so that batches may run in threads.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from newsds.dedup import facing_numba as facing  # noqa: F401 # part of the engine
from newsds.dedup import joins_numba as joins  # noqa: F401
from newsds.dedup import tallies_numba as tallies
from newsds.dedup.folding import DENSE, IGNORED, SEPARATOR, load_tables
from newsds.dedup.folding import WORD as LETTER
from newsds.dedup.hashing import Bytes, Hashes, Places, Sketch, Spans
from newsds.dedup.simd import BLOCK, compiled, count_zeros, load_word, prefetch, sort_bytes
from newsds.dedup.specification import ALIGNED_TOKENS, BAND, EMPTY, GAP, SHINGLE, STEP, TOKEN_BYTES, WORD

_ZERO, _ONE, _32, _63 = np.uint64(0), np.uint64(1), np.uint64(32), np.uint64(63)
#: Numbers of a type: for a literal in their place, numba would compile what is called once more.
_FIRST, _NOWHERE, _NO = np.int64(0), np.int64(-1), np.bool_(0)
#: The bit of each of eight bytes that tells capitals from small letters.
_CASE = np.uint64(0x2020202020202020)
_EMPTY, _LOW = np.uint32(EMPTY), np.uint64(0xFFFFFFFF)
_COMMA, _STOP = 0x2C, 0x2E


def tokenise(data: Bytes, offsets: Places) -> tuple[Places, Hashes, Spans, Spans]:
    return _tokenise(*_frozen(data, offsets), _tables())


def sketch(
    data: Bytes, offsets: Places, shape: tuple[int, int, int, int, int], *, keep_tokens: bool = True
) -> Sketch:
    return Sketch(*_sketch(*_frozen(data, offsets), _tables(), shape, keep_tokens))


def _frozen(data: Bytes, offsets: Places) -> tuple[Bytes, Places]:
    """Return read-only views, as Arrow's are: for numba they are of another type, and would be compiled for once more."""
    data, offsets = data.view(), offsets.view()
    data.flags.writeable = offsets.flags.writeable = False
    return data, offsets


@cache
def _tables() -> tuple[Bytes, Bytes, NDArray[np.uint32], Hashes]:
    """Return what the reading of texts needs.

    That is what to do with each byte (0 a separator, 1 decode, 2 look at its neighbours, else the folded byte); the
    class and the folded bytes of each character; what is kept of a word of which so many bytes are of a token.
    """
    classes, folds = load_tables()
    steps = np.where(classes[:256] == LETTER, folds[:256].astype(np.uint8), 0).astype(np.uint8)
    steps[0x80:] = 1
    steps[[_COMMA, _STOP]] = 2
    return steps, classes, folds, np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)


@compiled
def _mix(x):
    x = (x ^ (x >> _32)) * WORD
    return x ^ (x >> _32)


@compiled
def _finish(total, length):
    """Return the hash of a token from the sum of its words."""
    if length > TOKEN_BYTES:
        total += np.uint64(length) * _power(STEP, TOKEN_BYTES // 8)
    total *= WORD
    return total ^ (total >> _32)


@compiled
def _power(base, n):
    power = _ONE
    for _ in range(n):
        power *= base
    return power


@compiled
def _is_in_number(data, at, start, end):
    return (
        at > start
        and at + 1 < end
        and 0x30 <= data[at - 1] <= 0x39
        and 0x30 <= data[at + 1] <= 0x39
    )  # fmt: skip


@compiled
def _tokenise_text(data, start, end, tables, out, n):
    """Append the tokens of a text to three arrays from place `n`; return the next free place.

    Runs of what may be of words are found in 64 bytes at a time. A run with anything in it but ASCII letters and
    digits is read character by character. 64 bytes behind the text must be there.
    """
    run, is_odd, before, digit_before = _NOWHERE, _NO, _ZERO, _ZERO
    for block in range(start, end, BLOCK):
        words, digits, marks, odd = sort_bytes(data, block)
        odd |= marks & ((digits << _ONE) | digit_before)
        if end - block < BLOCK:
            inside = (_ONE << np.uint64(end - block)) - _ONE
            words, odd = words & inside, odd & inside
        words |= odd
        edges = words ^ ((words << _ONE) | before)
        before, digit_before = words >> _63, digits >> _63
        if odd or is_odd:
            while edges:
                place = block + count_zeros(edges)
                if run < 0:
                    run = place
                    is_odd = _NO
                else:
                    tainted = is_odd or _is_any(odd, run - block, place - block)
                    n = _append_run(data, start, run, place, end, tainted, tables, out, n)
                    run = _NOWHERE
                edges &= edges - _ONE
            is_odd = run >= 0 and (is_odd or _is_any(odd, run - block, BLOCK))
            continue
        if run >= 0 and edges:
            n = _append_word(data, start, run, block + count_zeros(edges), tables, out, n)
            edges &= edges - _ONE
            run = _NOWHERE
        while edges:
            run = block + count_zeros(edges)
            edges &= edges - _ONE
            if edges:
                n = _append_word(data, start, run, block + count_zeros(edges), tables, out, n)
                edges &= edges - _ONE
                run = _NOWHERE
    if run >= 0:
        n = _append_run(data, start, run, end, end, is_odd, tables, out, n)
    return n


@compiled
def _is_any(bits, low, high):
    """Tell whether there is a bit from one place to before another."""
    bits >>= np.uint64(max(low, 0))
    width = high - max(low, 0)
    return (bits & ((_ONE << np.uint64(width)) - _ONE) if width < BLOCK else bits) != _ZERO


@compiled
def _append_run(data, start, at, stop, end, is_odd, tables, out, n):
    if is_odd:
        return _append_odd(data, start, at, stop, end, tables, out, n)
    return _append_word(data, start, at, stop, tables, out, n)


@compiled
def _append_word(data, start, at, stop, tables, out, n):
    """Append a token of ASCII letters and digits."""
    hashes, starts, ends = out
    masks = tables[3]
    size = stop - at
    first = (load_word(data, at) | _CASE) & masks[min(size, 8)]
    second = (load_word(data, at + 8) | _CASE) & masks[max(min(size, 16) - 8, 0)]
    total = first + second * STEP
    if size > 16:
        power = STEP * STEP
        for k in range(16, min(size, TOKEN_BYTES), 8):
            total += ((load_word(data, at + k) | _CASE) & masks[min(size - k, 8)]) * power
            power *= STEP
    hashes[n], starts[n], ends[n] = _finish(total, size), at - start, stop - start
    return n + 1


@compiled
def _append_odd(data, start, at, stop, end, tables, out, n):
    """Append the tokens of a run of what may be of words, read character by character."""
    hashes, starts, ends = out
    steps, classes, folds, _ = tables
    total, power, word, length, first, last = _ZERO, _ONE, _ZERO, 0, 0, 0
    pair, pair_bytes, pair_start, pair_end, is_paired = _ZERO, _ZERO, 0, 0, False
    while at <= stop:
        kind, size, fold = SEPARATOR, 1, _ZERO
        byte = np.int64(data[at]) if at < stop else 0
        if byte < 0x80:
            step = steps[byte]
            if step > 2:
                kind, fold = LETTER, np.uint64(step)
            elif step == 2 and _is_in_number(data, at, start, end):
                kind, fold = (IGNORED, _ZERO) if byte == _COMMA else (LETTER, np.uint64(byte))
        else:
            code, size = _decode(data, at, byte, stop)
            if size:
                kind, fold = np.int64(classes[code]), np.uint64(folds[code])
            else:
                size = 1
        n_bytes = _ONE + np.uint64(fold > 0xFF) + np.uint64(fold > 0xFFFF) + np.uint64(fold > 0xFFFFFF)
        if pair_bytes and kind in (SEPARATOR, LETTER):
            if not is_paired:
                hashes[n], starts[n], ends[n] = (
                    _finish(pair, pair_bytes),
                    pair_start - start,
                    pair_end - start,
                )
                n += 1
            pair_bytes = _ZERO
        if kind == LETTER:
            if length == 0:
                first = at
            shift = np.uint64(8 * (length & 7))
            word |= fold << shift
            if (length & 7) + np.int64(n_bytes) >= 8:
                total += word * power
                # Words after the eighth do not count.
                power = power * STEP if length < TOKEN_BYTES - 8 else _ZERO
                word = fold >> (np.uint64(64) - shift)
            length += np.int64(n_bytes)
            last = at + size
        elif length and kind != IGNORED:
            hashes[n], starts[n], ends[n] = _finish(total + word * power, length), first - start, last - start
            n += 1
            total, power, word, length = _ZERO, _ONE, _ZERO, 0
        if kind == DENSE:
            if pair_bytes:
                both = pair | (fold << (np.uint64(8) * pair_bytes))
                hashes[n] = _finish(both, pair_bytes + n_bytes)
                starts[n], ends[n] = pair_start - start, at + size - start
                n += 1
            is_paired = pair_bytes > 0
            pair, pair_bytes, pair_start, pair_end = fold, n_bytes, at, at + size
        at += size
    return n


@compiled
def _decode(data, at, lead, stop):
    """Return code point and size of the character at a byte above ASCII; size 0 if it is not well formed."""
    size = 2 if lead < 0xE0 else (3 if lead < 0xF0 else 4)
    if lead < 0xC2 or lead > 0xF4 or at + size > stop:
        return 0, 0
    code, is_good = lead & (0x7F >> size), True
    for k in range(1, size):
        byte = np.int64(data[at + k])
        is_good &= byte & 0xC0 == 0x80
        code = (code << 6) | (byte & 0x3F)
    least = 0x80 if size == 2 else (0x800 if size == 3 else 0x10000)
    if not is_good or code < least or code >= 0x110000:
        return 0, 0
    return code, size


@compiled
def _with_room(data, start, end):
    """Return bytes and where a text begins and ends in them, so that 64 bytes may be read from any byte of it."""
    if end + BLOCK <= len(data):
        return data, start, end
    room = np.zeros(end - start + BLOCK, np.uint8)
    for at in range(start, end):
        room[at - start] = data[at]
    return room, 0, end - start


@compiled
def _tokenise(data, offsets, tables):
    n_texts = len(offsets) - 1
    room = (offsets[n_texts] - offsets[0]) // 2 + n_texts + 1
    hashes, starts, ends = np.empty(room, np.uint64), np.empty(room, np.int32), np.empty(room, np.int32)
    out = np.zeros(n_texts + 1, np.int64)
    tokens, n = (hashes, starts, ends), _FIRST
    for row in range(n_texts):
        text, start, end = _with_room(data, offsets[row], offsets[row + 1])
        n = _tokenise_text(text, start, end, tables, tokens, n)
        out[row + 1] = n
    return out, hashes[:n], starts[:n], ends[:n]


@compiled
def _sketch(data, offsets, tables, shape, keep_tokens):
    n_shingle, n_bands, n_rows, n_anchor, every = shape
    n_texts, n_bytes = len(offsets) - 1, offsets[-1] - offsets[0]
    room = 1
    for row in range(n_texts):
        room = max(room, (offsets[row + 1] - offsets[row]) // 2 + 1)
    hashes, starts, ends = np.empty(room, np.uint64), np.empty(room, np.int32), np.empty(room, np.int32)
    sums, signature = np.empty(room + 1, np.uint64), np.empty(n_bands * n_rows, np.uint32)
    anchors = np.empty(n_bytes // 2 + n_texts + 1, np.uint64)
    tokens = np.empty(n_bytes // 2 + n_texts + 1 if keep_tokens else 0, np.uint64)
    n_tokens, n_anchors = np.empty(n_texts, np.int64), np.empty(n_texts, np.int64)
    text_hashes, keys = np.empty(n_texts, np.uint64), np.empty((n_texts, n_bands), np.uint64)
    kept, n_kept = _FIRST, _FIRST
    for row in range(n_texts):
        text, start, end = _with_room(data, offsets[row], offsets[row + 1])
        n = _tokenise_text(text, start, end, tables, (hashes, starts, ends), _FIRST)
        if keep_tokens:
            for at in range(n):
                tokens[kept + at] = hashes[at]
            kept += n
        n_tokens[row] = n
        _sum_and_sign(hashes, n, n_shingle, sums, signature)
        text_hashes[row] = _shingle_at(sums, 0, n, _power(SHINGLE, n)) if n else _ZERO
        before = n_kept
        if every:
            n_kept = _pick_text(sums, n, n_anchor, np.uint64(EMPTY // every), anchors, n_kept)
        n_anchors[row] = n_kept - before
        _band_keys(signature, n_rows, keys[row])
    return tokens[:kept], n_tokens, text_hashes, keys, anchors[:n_kept], n_anchors


@compiled
def hash_texts(hashes, offsets):
    n_texts = len(offsets) - 1
    out = np.zeros(n_texts, np.uint64)
    for row in range(n_texts):
        total, n = _ZERO, offsets[row + 1] - offsets[row]
        for k in range(offsets[row], offsets[row + 1]):
            total = total * SHINGLE + hashes[k]
        if n:
            out[row] = _mix(total + np.uint64(n))
    return out


@compiled
def _sum_up(hashes, n, sums):
    """Write the unmixed hash of each beginning of a text, from none of its tokens to all."""
    total = _ZERO
    sums[0] = total
    for k in range(n):
        total = total * SHINGLE + hashes[k]
        sums[k + 1] = total


@compiled
def _shingle_at(sums, at, n, power):
    return _mix(sums[at + n] - sums[at] * power + np.uint64(n))


@compiled
def _count_shingles(n_tokens, n):
    return n_tokens - n + 1 if n_tokens >= n else min(n_tokens, 1)


def shingle(hashes: Hashes, offsets: Places, n: int) -> tuple[Places, Hashes]:
    # Room from numpy is of large pages, which cost the system a tenth.
    values = np.empty(len(hashes), np.uint64)
    bounds = _shingle(hashes, offsets, n, values)
    return bounds, values[: bounds[-1]]


@compiled
def _shingle(hashes, offsets, n, values):
    out, sums = np.zeros(len(offsets), np.int64), _room_of_sums(offsets)
    for row in range(len(offsets) - 1):
        start, n_tokens = offsets[row], offsets[row + 1] - offsets[row]
        _sum_up(hashes[start:], n_tokens, sums)
        out[row + 1] = _pick_text(sums, n_tokens, n, _LOW, values, out[row])
    return out


@compiled
def pick_rare(hashes, offsets, n, every, table, most):
    shift, limit = tallies.find_shift(len(table)), np.uint64(EMPTY // every)
    out, values, kept = np.zeros(len(offsets), np.int64), np.empty(len(hashes), np.uint64), _FIRST
    sums, (slots, stamps) = _room_of_sums(offsets), tallies.make_set(offsets)
    for row in range(len(offsets) - 1):
        start, n_tokens = offsets[row], offsets[row + 1] - offsets[row]
        _sum_up(hashes[start:], n_tokens, sums)
        end, n_rare = _pick_text(sums, n_tokens, n, limit, values, kept), kept
        for at in range(kept, end):
            prefetch(table, np.int64(values[at] >> shift))
        for at in range(kept, end):
            value = values[at]
            values[n_rare] = value
            n_rare += table[value >> shift] <= most
        width = tallies.find_shift(8 * max(n_rare - kept, 1))
        for at in range(kept, n_rare):
            if tallies.add(values[at], slots, stamps, row + 1, width):
                values[kept] = values[at]
                kept += 1
        out[row + 1] = kept
    return out, values[:kept].copy()


@compiled
def mark_rare(hashes, offsets, n, table, most):
    shift = tallies.find_shift(len(table))
    found, sums = np.zeros(len(hashes), np.bool_), _room_of_sums(offsets)
    places = np.empty(len(sums), np.int64)
    for row in range(len(offsets) - 1):
        start, n_tokens = offsets[row], offsets[row + 1] - offsets[row]
        _sum_up(hashes[start:], n_tokens, sums)
        size, n_shingles, end = min(n, n_tokens), _count_shingles(n_tokens, n), 0
        power = _power(SHINGLE, size)
        for k in range(n_shingles):
            places[k] = _shingle_at(sums, k, size, power) >> shift
            prefetch(table, places[k])
        for k in range(n_shingles):
            if table[places[k]] <= most:
                end = k + size
            found[start + k] = k < end
        for k in range(n_shingles, end):
            found[start + k] = True
    return found


@compiled
def _room_of_sums(offsets):
    most = 0
    for row in range(len(offsets) - 1):
        most = max(most, offsets[row + 1] - offsets[row])
    return np.empty(most + 1, np.uint64)


@compiled
def _pick_text(sums, n_tokens, n, limit, values, kept):
    """Append the shingles of a text whose low bits are within a limit; return the next free place."""
    size = min(n, n_tokens)
    power = _power(SHINGLE, size)
    for k in range(_count_shingles(n_tokens, n)):
        value = _shingle_at(sums, k, size, power)
        values[kept] = value
        kept += (value & _LOW) <= limit
    return kept


@compiled
def _sum_and_sign(hashes, n_tokens, n, sums, signature):
    """Write what `_sum_up` does, and the one-permutation MinHash of the shingles, empty bins filled from their right."""
    for at in range(len(signature)):
        signature[at] = _EMPTY
    size, total = min(n, n_tokens), _ZERO
    power, n_bins = _power(SHINGLE, size), np.uint64(len(signature))
    sums[0] = total
    for k in range(n_tokens):
        total = total * SHINGLE + hashes[k]
        sums[k + 1] = total
        if k + 1 >= size:
            value = _mix(total - sums[k + 1 - size] * power + np.uint64(size))
            place = np.int64(((value >> _32) * n_bins) >> _32)
            signature[place] = min(signature[place], np.uint32(value & _LOW))
    _fill(signature)


@compiled
def _fill(signature):
    n_bins, first = len(signature), 0
    while first < n_bins and signature[first] == _EMPTY:
        first += 1
    if first == n_bins:
        return
    value, gap = np.uint64(signature[first]), np.uint64(first)
    for at in range(n_bins - 1, -1, -1):
        if signature[at] == _EMPTY:
            gap += _ONE
            signature[at] = np.uint32(_mix(value + gap * GAP) & _LOW)
        else:
            value, gap = np.uint64(signature[at]), _ZERO


@compiled
def _band_keys(signature, n_rows, keys):
    for band in range(len(keys)):
        key = np.uint64(band + 1)
        for row in range(n_rows):
            key = key * BAND + np.uint64(signature[band * n_rows + row])
        keys[band] = _mix(key)


@compiled
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


@compiled
def _match_middle(a, b):
    """Return matching positions: a longest common subsequence (Hyyrö, bit-parallel rows, then a trace)."""
    n, m = len(a), len(b)
    width = (n + 63) // 64
    heads, nexts, shift = _chain(a)
    rows = np.empty((m + 1, width), np.uint64)
    for k in range(width):
        rows[0, k] = ~_ZERO
    mask = np.zeros(width, np.uint64)
    for j in range(m):
        place = heads[b[j] >> shift]
        while place >= 0:
            mask[place >> 6] |= np.uint64(a[place] == b[j]) << np.uint64(place & 63)
            place = nexts[place]
        carry, before, after = _ZERO, rows[j], rows[j + 1]
        for k in range(width):
            row = before[k]
            update = row & mask[k]
            total = row + update
            more = total + carry
            carry = np.uint64((total < row) | (more < total))
            after[k] = more | (row ^ update)
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


@compiled
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
    n = _FIRST
    if head:
        n = _append(runs, n, _FIRST, _FIRST, head)
    if len(a_middle) and len(b_middle):
        middle = _match_middle(a_middle, b_middle)
        for k in range(len(middle)):
            n = _append(runs, n, head + middle[k, 0], head + middle[k, 1], np.int64(1))
    if tail:
        n = _append(runs, n, len(a) - tail, len(b) - tail, tail)
    return runs[:n]


@compiled
def _append(runs, n, i, j, length):
    """Add a run, or lengthen the last one if it continues it; return the number of runs."""
    if n and runs[n - 1, 0] + runs[n - 1, 2] == i and runs[n - 1, 1] + runs[n - 1, 2] == j:
        runs[n - 1, 2] += length
        return n
    runs[n, 0], runs[n, 1], runs[n, 2] = i, j, length
    return n + 1


@compiled
def align(hashes, offsets, pairs):
    out = np.zeros(len(pairs) + 1, np.int64)
    runs = np.empty((64, 3), np.int32)
    n = _FIRST
    for at in range(len(pairs)):
        left, right = pairs[at, 0], pairs[at, 1]
        found = _align_pair(
            hashes[offsets[left] : offsets[left + 1]], hashes[offsets[right] : offsets[right + 1]]
        )
        if n + len(found) > len(runs):
            wider = np.empty((2 * (n + len(found)), 3), np.int32)
            _copy(runs, n, wider, _FIRST)
            runs = wider
        _copy(found, len(found), runs, n)
        n += len(found)
        out[at + 1] = n
    return out, runs[:n].copy()


@compiled
def _copy(runs, n, target, place):
    """Copy the first runs to a place; numba takes four seconds to compile the assignment of a slice."""
    for at in range(n):
        for column in range(3):
            target[place + at, column] = runs[at, column]
