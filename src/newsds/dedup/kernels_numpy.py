"""The hash specification in numpy (docs/reference/hashing.md): the engine that is always there."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsds.dedup import facing_numpy as facing  # noqa: F401 # part of the engine
from newsds.dedup import joins_numpy as joins  # noqa: F401
from newsds.dedup import tallies_numpy as tallies  # noqa: F401
from newsds.dedup.folding import DENSE, IGNORED, SEPARATOR, load_tables
from newsds.dedup.folding import WORD as LETTER
from newsds.dedup.hashing import (
    ALIGNED_TOKENS,
    BAND,
    EMPTY,
    GAP,
    SHINGLE,
    STEP,
    TOKEN_BYTES,
    WORD,
    Bytes,
    Hashes,
    Places,
    Sketch,
    Spans,
)  # fmt: skip

U8, U32, U64, I32, I64 = np.uint8, np.uint32, np.uint64, np.int32, np.int64

#: Bytes of text that are tokenised at a time: small enough for the processor's caches.
_CHUNK_BYTES = 1 << 21
_COMMA, _STOP = 0x2C, 0x2E


class _Folded(NamedTuple):
    """A chunk of folded text, with the byte of the text each folded byte comes from."""

    data: Bytes
    classes: Bytes
    kept: Places | None
    continues: NDArray[np.bool_] | None


def tokenise(data: Bytes, offsets: Places) -> tuple[Places, Hashes, Spans, Spans]:
    """Return the token hashes of texts in order, with the bytes of the text they stand for.

    Returns:
        Offsets of the texts in the other three; hashes; first byte, and byte after the last, in the text.
    """
    parts = [_tokenise_chunk(data, offsets[a : b + 1]) for a, b in _chunks(offsets)]
    if not parts:
        return np.zeros(1, I64), np.empty(0, U64), np.empty(0, I32), np.empty(0, I32)
    counts, hashes, starts, ends = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _offsets_of(counts), hashes, starts, ends


def sketch(
    data: Bytes, offsets: Places, shape: tuple[int, int, int, int, int], *, keep_tokens: bool = True
) -> Sketch:
    """Return what is kept of texts.

    Args:
        data: the texts end to end.
        offsets: where each begins, and the end of the last.
        shape: tokens of a shingle, bands, bins in a band, tokens of an anchor, and of how many one is kept; 0 for none.
        keep_tokens: whether the tokens are wanted; if not, there are none.
    """
    n_shingle, n_bands, n_rows, n_anchor, every = shape
    bounds, hashes, _, _ = tokenise(data, offsets)
    anchor_bounds, anchors = (
        pick_shingles(hashes, bounds, n_anchor, every) if every else (np.zeros_like(bounds), hashes[:0])
    )
    signatures = _sign(*shingle(hashes, bounds, n_shingle), n_bands * n_rows)
    return Sketch(
        tokens=hashes if keep_tokens else hashes[:0],
        n_tokens=np.diff(bounds),
        text_hashes=hash_texts(hashes, bounds),
        keys=_band_keys(signatures, n_bands),
        anchors=anchors,
        n_anchors=np.diff(anchor_bounds),
    )


def shingle(hashes: Hashes, offsets: Places, n: int) -> tuple[Places, Hashes]:
    """Return the hash of every `n` neighbouring tokens; of all of them where a text has fewer, of none if none."""
    counts = np.diff(offsets)
    out = _offsets_of(np.where(counts >= n, counts - n + 1, np.minimum(counts, 1)))
    values = np.empty(out[-1], U64)
    long = counts >= n
    if long.any():
        rolled = _horner([hashes[k : len(hashes) - n + 1 + k] for k in range(n)])
        values[np.repeat(long, np.diff(out))] = rolled[_expand(offsets[:-1][long], counts[long] - n + 1)]
    for row in np.flatnonzero((counts > 0) & ~long):
        values[out[row]] = _horner([hashes[at : at + 1] for at in range(offsets[row], offsets[row + 1])])[0]
    return out, values


def hash_texts(hashes: Hashes, offsets: Places) -> Hashes:
    """Return the shingle of all the tokens of each text; 0 of a text without tokens."""
    counts = np.diff(offsets)
    powers = np.full(int(counts.max(initial=0)) + 1, SHINGLE, U64)
    powers[0] = 1
    np.multiply.accumulate(powers, out=powers)
    terms = hashes * powers[np.repeat(offsets[1:], counts) - np.arange(1, len(hashes) + 1)]
    sums = np.zeros(len(counts), U64)
    some = counts > 0
    if some.any():
        sums[some] = np.add.reduceat(terms, offsets[:-1][some])
    return np.where(some, _mix(sums + counts.astype(U64)), U64(0))


def pick_shingles(hashes: Hashes, offsets: Places, n: int, every: int) -> tuple[Places, Hashes]:
    """Return the hashes of `shingle`, of which one in `every` is kept, chosen by its low bits."""
    bounds, values = shingle(hashes, offsets, n)
    chosen = np.flatnonzero(values.astype(U32) <= U32(0xFFFFFFFF // every))
    return np.searchsorted(chosen, bounds).astype(I64), values[chosen]


def shared_weights(
    values: Hashes, offsets: Places, weights: NDArray[np.uint32], pairs: Places
) -> tuple[Places, Places]:
    """Return how many values the two rows of each pair share, and the sum of their weights.

    Args:
        values: sorted unique values of each row.
        offsets: of the rows.
        weights: of each value, the same for equal ones.
        pairs: two columns of row numbers.
    """
    counts, sums = np.zeros(len(pairs), I64), np.zeros(len(pairs), I64)
    for at, (left, right) in enumerate(pairs.tolist()):
        start = int(offsets[left])
        a, b = values[start : offsets[left + 1]], values[offsets[right] : offsets[right + 1]]
        if len(b):
            hits = np.flatnonzero(b[np.minimum(np.searchsorted(b, a), len(b) - 1)] == a)
            counts[at], sums[at] = len(hits), weights[start + hits].sum(dtype=I64)
    return counts, sums


def align(hashes: Hashes, offsets: Places, pairs: Places) -> tuple[Places, Spans]:
    """Align the token sequences of each pair: a longest common subsequence, as runs of matching tokens.

    Returns:
        Offsets of the pairs in the runs; runs of three columns: first token in the left text, in the right
        one, number of tokens.
    """
    runs: list[tuple[int, int, int]] = []
    ends = [0]
    for left, right in pairs.tolist():
        a = hashes[offsets[left] : offsets[left + 1]].tolist()
        b = hashes[offsets[right] : offsets[right + 1]].tolist()
        runs += _join_runs(_match(a, b))
        ends.append(len(runs))
    return np.array(ends, I64), np.array(runs, I32).reshape(-1, 3)


def _chunks(offsets: Places) -> list[tuple[int, int]]:
    """Cut the texts where the next one would make a chunk too large."""
    cuts, n_texts = [0], len(offsets) - 1
    while cuts[-1] < n_texts:
        target = offsets[cuts[-1]] + _CHUNK_BYTES
        cuts.append(max(cuts[-1] + 1, int(np.searchsorted(offsets, target, side="right")) - 1))
    return list(pairwise(cuts))


def _tokenise_chunk(data: Bytes, offsets: Places) -> tuple[Places, Hashes, Spans, Spans]:
    bounds = offsets.tolist()
    view = data.data
    raw = np.frombuffer(b"\0".join([b"", *(view[a:b] for a, b in pairwise(bounds)), b""]), U8)
    text_starts = offsets[:-1] - offsets[0] + np.arange(1, len(offsets))
    folded = _fold(raw)
    starts, ends = _find_tokens(folded)
    hashes = _hash_tokens(folded.data, starts, ends - starts)
    if folded.kept is not None:
        starts, ends = folded.kept[starts], folded.kept[ends - 1] + 1
        ends = _extend(ends, folded.continues)
    counts = np.diff(np.append(np.searchsorted(starts, text_starts), len(starts)))
    shift = np.repeat(text_starts, counts)
    return counts, hashes, (starts - shift).astype(I32), (ends - shift).astype(I32)


def _fold(raw: Bytes) -> _Folded:
    is_digit = raw - U8(0x30) < 10
    data = raw | U8(0x20)
    kinds = (is_digit | (data - U8(0x61) < 26)).view(U8)
    changed = _join_numbers(raw, is_digit, kinds)
    continues = _fold_high(raw, data, kinds) if raw.max(initial=0) >= 0x80 else None
    if continues is None and not changed:
        return _Folded(data, kinds, None, None)
    kept = np.flatnonzero(kinds != IGNORED)
    return _Folded(data[kept], kinds[kept], kept, continues)


def _join_numbers(raw: Bytes, is_digit: NDArray[np.bool_], kinds: Bytes) -> bool:
    """Let a full stop between two digits be part of the number, and a comma vanish from it."""
    places = np.flatnonzero(is_digit[:-2] & is_digit[2:]) + 1
    marks = raw[places]
    kinds[places[marks == _STOP]] = LETTER
    commas = places[marks == _COMMA]
    kinds[commas] = IGNORED
    return len(commas) > 0


def _fold_high(raw: Bytes, data: Bytes, kinds: Bytes) -> NDArray[np.bool_]:
    """Fold the characters above ASCII in place; return which bytes continue one."""
    tables = load_tables()
    leads, codes, sizes = _decode(raw)
    continues = np.zeros(len(raw), bool)
    folds, classes = tables.folds[codes], tables.classes[codes]
    for k in range(4):
        inside = sizes > k
        places = leads[inside] + k
        byte = (folds[inside] >> U32(8 * k)).astype(U8)
        data[places] = byte
        kinds[places] = np.where((byte == 0) & (classes[inside] != SEPARATOR), IGNORED, classes[inside])
        continues[places] = k > 0
    return continues


def _decode(raw: Bytes) -> tuple[Places, NDArray[np.uint32], Places]:
    """Return place, code point and size of every well-formed character above ASCII."""
    places = np.flatnonzero((raw >= 0xC2) & (raw <= 0xF4))
    lead = raw[places]
    sizes = 2 + (lead >= 0xE0).astype(I64) + (lead >= 0xF0)
    codes = (lead & np.array([0x1F, 0x0F, 0x07], U8)[sizes - 2]).astype(U32)
    good = np.ones(len(places), bool)
    for k in range(1, 4):
        inside = sizes > k
        following = raw[np.minimum(places + k, len(raw) - 1)]
        good &= ~inside | (following & 0xC0 == 0x80)
        codes = np.where(inside, codes << U32(6) | following & 0x3F, codes)
    good &= (codes >= np.array([0x80, 0x800, 0x10000], U32)[sizes - 2]) & (codes < 0x110000)
    return places[good], codes[good], sizes[good]


def _find_tokens(folded: _Folded) -> tuple[Places, Places]:
    is_word = folded.classes == LETTER
    edges = np.flatnonzero(is_word[1:] != is_word[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    is_dense = folded.classes == DENSE
    if not is_dense.any():
        return starts, ends
    dense_starts, dense_ends = _find_pairs(folded.data, is_dense)
    starts, ends = np.concatenate((starts, dense_starts)), np.concatenate((ends, dense_ends))
    order = np.argsort(starts, kind="stable")
    return starts[order], ends[order]


def _find_pairs(data: Bytes, is_dense: NDArray[np.bool_]) -> tuple[Places, Places]:
    """Pair each dense character with the next; one without neighbours stands alone."""
    first = np.flatnonzero(is_dense & (data & 0xC0 != 0x80))
    lead = data[first]
    ends = first + 2 + (lead >= 0xE0) + (lead >= 0xF0)
    meets_next = np.append(first[1:] == ends[:-1], False)
    meets_last = np.append(False, meets_next[:-1])
    ends = np.where(meets_next, np.append(ends[1:], 0), ends)
    chosen = meets_next | ~meets_last
    return first[chosen], ends[chosen]


def _hash_tokens(data: Bytes, starts: Places, lengths: Places) -> Hashes:
    padded = np.concatenate((data, np.zeros(8, U8)))
    words = np.ndarray((len(data) + 1,), "<u8", padded.data, 0, (1,))
    masks = np.array([(1 << 8 * n) - 1 for n in range(9)], U64)
    hashes = words[starts] & masks[np.minimum(lengths, 8)]
    longer = np.flatnonzero(lengths > 8)
    for k in range(8, TOKEN_BYTES + 1, 8):
        longer = longer[lengths[longer] > k]
        sizes = lengths[longer]
        word = words[starts[longer] + k] & masks[np.minimum(sizes - k, 8)]
        word = word if k < TOKEN_BYTES else sizes.astype(U64)
        hashes[longer] += word * U64(pow(int(STEP), k // 8, 1 << 64))
    hashes *= WORD
    hashes ^= hashes >> U64(32)
    return hashes


def _extend(ends: Places, continues: NDArray[np.bool_] | None) -> Places:
    """Move each end past the rest of a character that folding made shorter."""
    if continues is None:
        return ends
    for _ in range(3):
        ends = ends + continues[np.minimum(ends, len(continues) - 1)]
    return ends


def _horner(columns: list[Hashes]) -> Hashes:
    total = columns[0]
    for column in columns[1:]:
        total = total * SHINGLE + column
    return _mix(total + U64(len(columns)))


def _mix(x: Hashes) -> Hashes:
    x = (x ^ x >> U64(32)) * WORD
    return x ^ x >> U64(32)


def _sign(bounds: Places, shingles: Hashes, n_bins: int) -> NDArray[np.uint32]:
    """Return the one-permutation MinHash of the shingles of texts, empty bins filled from their right."""
    n_texts = len(bounds) - 1
    flat = np.full(n_texts * n_bins, EMPTY, U32)
    bins = ((shingles >> U64(32)) * U64(n_bins) >> U64(32)).astype(I64)
    bins += np.repeat(np.arange(n_texts) * n_bins, np.diff(bounds))
    np.minimum.at(flat, bins, shingles.astype(U32))
    _fill(flat, n_bins)
    return flat.reshape(n_texts, n_bins)


def _fill(flat: NDArray[np.uint32], n_bins: int) -> None:
    """Give an empty bin a value made from the next full bin to its right, round the end, and how far it is."""
    full, empty = np.flatnonzero(flat != EMPTY), np.flatnonzero(flat == EMPTY)
    texts = empty // n_bins
    firsts = np.searchsorted(full, np.arange(len(flat) // n_bins + 1) * n_bins)
    signed = firsts[texts] < firsts[texts + 1]
    empty, texts = empty[signed], texts[signed]
    place = np.searchsorted(full, empty)
    is_round = place == firsts[texts + 1]
    source = full[np.where(is_round, firsts[texts], place)]
    gaps = source - empty + np.where(is_round, n_bins, 0)
    flat[empty] = _mix(flat[source] + gaps.astype(U64) * GAP).astype(U32)


def _band_keys(signatures: NDArray[np.uint32], n_bands: int) -> Hashes:
    """Return a key of each band of each signature, one column a band."""
    rows = signatures.reshape(len(signatures), n_bands, signatures.shape[1] // n_bands)
    keys = np.repeat(np.arange(1, n_bands + 1, dtype=U64)[None], len(signatures), 0)
    for row in range(rows.shape[2]):
        keys = keys * BAND + rows[:, :, row]
    return _mix(keys)


def _match(a: list[int], b: list[int]) -> list[tuple[int, int]]:
    """Return matching positions, in order: common beginning, longest common subsequence, common end."""
    shorter = min(len(a), len(b))
    head = next((k for k in range(shorter) if a[k] != b[k]), shorter)
    tail = next((k for k in range(shorter - head) if a[-1 - k] != b[-1 - k]), shorter - head)
    a_middle, b_middle = a[head : len(a) - tail], b[head : len(b) - tail]
    middle = _match_middle(a_middle[:ALIGNED_TOKENS], b_middle[:ALIGNED_TOKENS])
    return [
        *((k, k) for k in range(head)),
        *((head + i, head + j) for i, j in middle),
        *((len(a) - k, len(b) - k) for k in range(tail, 0, -1)),
    ]


def _match_middle(a: list[int], b: list[int]) -> list[tuple[int, int]]:
    """Hyyrö's bit-parallel longest common subsequence: bit i of a row is 0 where token i of `a` adds to it."""
    masks: dict[int, int] = {}
    for i, token in enumerate(a):
        masks[token] = masks.get(token, 0) | 1 << i
    row, ones = (1 << len(a)) - 1, (1 << len(a)) - 1
    rows = [row]
    for token in b:
        update = row & masks.get(token, 0)
        row = (row + update | row - update) & ones
        rows.append(row)
    return _trace(a, b, rows)


def _trace(a: list[int], b: list[int], rows: list[int]) -> list[tuple[int, int]]:
    i, j = len(a), len(b)
    matches = []
    while i and j:
        if a[i - 1] == b[j - 1]:
            i, j = i - 1, j - 1
            matches.append((i, j))
        elif rows[j] >> (i - 1) & 1:
            i -= 1
        else:
            j -= 1
    return matches[::-1]


def _join_runs(matches: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    runs: list[tuple[int, int, int]] = []
    for i, j in matches:
        if runs and (i, j) == (runs[-1][0] + runs[-1][2], runs[-1][1] + runs[-1][2]):
            runs[-1] = (*runs[-1][:2], runs[-1][2] + 1)
        else:
            runs.append((i, j, 1))
    return runs


def _offsets_of(counts: Places) -> Places:
    return np.concatenate((np.zeros(1, I64), np.cumsum(counts, dtype=I64)))


def _expand(starts: Places, counts: Places) -> Places:
    """Return start, start + 1, ... of each row, end to end."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + counts, counts)
