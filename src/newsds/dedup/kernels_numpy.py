"""The hash specification in numpy (docs/reference/hashing.md): the engine that is always there."""

from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsds.dedup import facing_numpy as facing  # noqa: F401 # part of the engine
from newsds.dedup import joins_numpy as joins  # noqa: F401
from newsds.dedup import tallies_numpy as tallies
from newsds.dedup.folding import DENSE, IGNORED, SEPARATOR, load_tables
from newsds.dedup.folding import WORD as LETTER
from newsds.dedup.hashing import Bytes, Hashes, Places, Sketch, Spans
from newsds.dedup.specification import ALIGNED_TOKENS, BAND, EMPTY, GAP, SHINGLE, STEP, TOKEN_BYTES, WORD

Flags = NDArray[np.bool_]

U8, U32, U64, I32, I64 = np.uint8, np.uint32, np.uint64, np.int32, np.int64

#: Bytes of text that are read at a time: larger arrays would go back to the system after each, and cost as much again.
_CHUNK_BYTES = 1 << 18
#: Tokens up to which the powers for their sums are kept.
_POWERS = 1 << 18
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
    parts = []
    for a, b in _chunks(offsets):
        read = _read_chunk(data, offsets[a : b + 1])
        counts, hashes = read.hash()
        parts.append((counts, hashes, *read.locate(counts)))
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
    parts = [
        _sketch_chunk(data, offsets[a : b + 1], shape, keep_tokens=keep_tokens)
        for a, b in _chunks(offsets) or [(0, 0)]
    ]
    return Sketch(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _sketch_chunk(
    data: Bytes, offsets: Places, shape: tuple[int, int, int, int, int], *, keep_tokens: bool
) -> Sketch:
    n_shingle, n_bands, n_rows, n_anchor, every = shape
    counts, hashes = _read_chunk(data, offsets).hash()
    bounds, sums = _offsets_of(counts), _sum_up(hashes)
    signatures = _sign(_roll(sums, bounds, n_shingle), bounds, n_bands * n_rows)
    anchor_bounds, anchors = np.zeros_like(bounds), hashes[:0]
    if every:
        anchor_bounds, anchors = _pick(_roll(sums, bounds, n_anchor), bounds, every)
    return Sketch(
        tokens=hashes if keep_tokens else hashes[:0],
        n_tokens=counts,
        text_hashes=_hash_texts(sums, bounds),
        keys=_band_keys(signatures, n_bands),
        anchors=anchors,
        n_anchors=np.diff(anchor_bounds),
    )


def shingle(hashes: Hashes, offsets: Places, n: int) -> tuple[Places, Hashes]:
    """Return the hash of every `n` neighbouring tokens; of all of them where a text has fewer, of none if none."""
    counts = np.diff(offsets)
    bounds = _offsets_of(np.where(counts >= n, counts - n + 1, np.minimum(counts, 1)))
    inside = np.ones(len(hashes), bool)
    inside[_beyond(offsets, n)] = False
    return bounds, _roll(_sum_up(hashes), offsets, n)[inside]


def hash_texts(hashes: Hashes, offsets: Places) -> Hashes:
    """Return the shingle of all the tokens of each text; 0 of a text without tokens."""
    return _hash_texts(_sum_up(hashes), offsets)


def pick_rare(  # noqa: PLR0917 # compiled code takes no keywords
    hashes: Hashes, offsets: Places, n: int, every: int, table: tallies.Cells, most: int
) -> tuple[Places, Hashes]:
    """Return the different rare ones of the hashes of `shingle` of each text, in any order, one in `every`.

    Args:
        hashes: of the tokens.
        offsets: of the texts.
        n: tokens of a shingle.
        every: of so many hashes one is looked at, chosen by its low bits.
        table: counts by the leading bits of a hash.
        most: what the table says of a rare one at most.
    """
    offsets, shingles = _pick(_roll(_sum_up(hashes), offsets, n), offsets, every)
    return tallies.pick(shingles, offsets, tallies.are_rare(table, shingles, most))


def mark_rare(hashes: Hashes, offsets: Places, n: int, table: tallies.Cells, most: int) -> Flags:
    """Tell which tokens stand in a shingle that is rare as in `pick_rare`."""
    bounds, shingles = shingle(hashes, offsets, n)
    counts, is_rare = np.diff(bounds), tallies.are_rare(table, shingles, most)
    first = (np.arange(len(shingles)) + np.repeat(offsets[:-1] - bounds[:-1], counts))[is_rare]
    ends = np.repeat(offsets[1:], counts)[is_rare]
    found = np.zeros(len(hashes), bool)
    for step in range(n):
        places = first + step
        found[places[places < ends]] = True
    return found


def align(hashes: Hashes, offsets: Places, pairs: Places) -> tuple[Places, Spans]:
    """Align the token sequences of each pair: a longest common subsequence, as runs of matching tokens.

    Returns:
        Offsets of the pairs in the runs; runs of three columns: first token in the left text, in the right
        one, number of tokens.
    """
    runs = [np.empty((0, 3), I32)]
    for left, right in pairs.tolist():
        a = hashes[offsets[left] : offsets[left + 1]].tolist()
        b = hashes[offsets[right] : offsets[right + 1]].tolist()
        runs.append(_join_runs(_match(a, b)))
    return np.cumsum([len(found) for found in runs], dtype=I64), np.concatenate(runs)


def _chunks(offsets: Places) -> list[tuple[int, int]]:
    """Cut the texts where the next one would make a chunk too large."""
    cuts, n_texts = [0], len(offsets) - 1
    while cuts[-1] < n_texts:
        target = offsets[cuts[-1]] + _CHUNK_BYTES
        cuts.append(max(cuts[-1] + 1, int(np.searchsorted(offsets, target, side="right")) - 1))
    return list(pairwise(cuts))


class _Read(NamedTuple):
    """A chunk of texts with its tokens: places in the folded bytes."""

    folded: _Folded
    #: Where each text begins, in the bytes as they were.
    texts: Places
    starts: Places
    ends: Places

    def hash(self) -> tuple[Places, Hashes]:
        """Return how many tokens each text has, and their hashes."""
        folded = self.folded
        texts = self.texts if folded.kept is None else np.searchsorted(folded.kept, self.texts)
        counts = np.diff(np.append(np.searchsorted(self.starts, texts), len(self.starts)))
        return counts, _hash_tokens(folded.data, self.starts, self.ends - self.starts)

    def locate(self, counts: Places) -> tuple[Spans, Spans]:
        """Return the first byte of each token in its text, and the byte after its last."""
        starts, ends, folded = self.starts, self.ends, self.folded
        if folded.kept is not None:
            starts, ends = folded.kept[starts], folded.kept[ends - 1] + 1
            ends = _extend(ends, folded.continues)
        shift = np.repeat(self.texts, counts)
        return (starts - shift).astype(I32), (ends - shift).astype(I32)


def _read_chunk(data: Bytes, offsets: Places) -> _Read:
    bounds = offsets.tolist()
    view = data.data
    raw = np.frombuffer(b"\0".join([b"", *(view[a:b] for a, b in pairwise(bounds)), b""]), U8)
    folded = _fold(raw)
    return _Read(folded, offsets[:-1] - offsets[0] + np.arange(1, len(offsets)), *_find_tokens(folded))


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


class _Sums(NamedTuple):
    """Sums of the first tokens of all texts end to end, each with a falling power of `SHINGLE`, and its powers."""

    sums: Hashes
    powers: Hashes

    def between(self, starts: Places | slice, ends: Places | slice) -> Hashes:
        """Return sums of some tokens, in which the last has the power 0."""
        return (self.sums[ends] - self.sums[starts]) * self.powers[ends]


def _sum_up(hashes: Hashes) -> _Sums:
    falling, powers = _known_powers() if len(hashes) <= _POWERS else _powers(len(hashes))
    sums = np.zeros(len(hashes) + 1, U64)
    np.cumsum(hashes * falling[: len(hashes)], out=sums[1:])
    return _Sums(sums, powers)


@cache
def _known_powers() -> tuple[Hashes, Hashes]:
    return _powers(_POWERS)


def _powers(n: int) -> tuple[Hashes, Hashes]:
    """Return the powers 0, -1, ... and -1, 0, 1, ... of `SHINGLE`, which is odd and thus has an inverse."""
    inverse = pow(int(SHINGLE), -1, 1 << 64)
    falling, powers = np.full(n + 1, inverse, U64), np.full(n + 1, SHINGLE, U64)
    falling[0], powers[0] = 1, inverse
    return np.multiply.accumulate(falling), np.multiply.accumulate(powers)


def _roll(sums: _Sums, offsets: Places, n: int) -> Hashes:
    """Return the shingle that begins at each token, or `EMPTY` where the text ends before it."""
    n_tokens = len(sums.sums) - 1
    values = np.full(n_tokens, EMPTY, U64)
    if n_tokens >= n:
        whole = slice(0, n_tokens - n + 1)
        values[whole] = _mix(sums.between(whole, slice(n, n_tokens + 1)) + U64(n))
    values[_beyond(offsets, n)] = EMPTY
    short = np.flatnonzero((np.diff(offsets) < n) & (np.diff(offsets) > 0))
    values[offsets[short]] = _hash_texts(sums, offsets)[short]
    return values


def _beyond(offsets: Places, n: int) -> Places:
    """Return the tokens at which no shingle begins: the last ones of a text, though not its only one."""
    last = offsets[1:, None] - np.arange(1, n)
    return last[last > offsets[:-1, None] - (np.diff(offsets) >= n)[:, None]]


def _hash_texts(sums: _Sums, offsets: Places) -> Hashes:
    counts = np.diff(offsets)
    return np.where(counts, _mix(sums.between(offsets[:-1], offsets[1:]) + counts.astype(U64)), U64(0))


def _pick(shingles: Hashes, offsets: Places, every: int) -> tuple[Places, Hashes]:
    """Keep shingles by their low bits; those that are `EMPTY` are none."""
    chosen = np.flatnonzero(shingles.astype(U32) <= U32(EMPTY // every))
    if every == 1:
        chosen = chosen[shingles[chosen] != EMPTY]
    return np.searchsorted(chosen, offsets).astype(I64), shingles[chosen]


def _mix(x: Hashes) -> Hashes:
    x = (x ^ x >> U64(32)) * WORD
    return x ^ x >> U64(32)


def _sign(shingles: Hashes, offsets: Places, n_bins: int) -> NDArray[np.uint32]:
    """Return the one-permutation MinHash of the shingles of texts, empty bins filled from their right."""
    n_texts = len(offsets) - 1
    flat = np.full(n_texts * n_bins, EMPTY, U32)
    bins = (shingles >> U64(32)) * U64(n_bins)
    bins >>= U64(32)
    bins += np.repeat(np.arange(0, len(flat), n_bins, dtype=U64), np.diff(offsets))
    np.minimum.at(flat, bins.view(I64), shingles.astype(U32))
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


def _join_runs(matches: list[tuple[int, int]]) -> Spans:
    places = np.array(matches, I32).reshape(-1, 2)
    is_first = np.append(True, (places[1:] - places[:-1] != 1).any(axis=1))[: len(places)]
    starts = np.flatnonzero(is_first)
    return np.column_stack((places[starts], np.diff(np.append(starts, len(places))).astype(I32)))


def _offsets_of(counts: Places) -> Places:
    return np.concatenate((np.zeros(1, I64), np.cumsum(counts, dtype=I64)))
