"""Pairs of texts worth comparing, recall first: equal texts, bands of sketches, rare anchor shingles.

Sketches are made as texts come by and put aside on disk; the pairs are then joined one band, and one part of
the anchors, at a time. Nothing depends on the order in which texts came or on the number of threads.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.dedup.hashing import Buffer, Engine, Sketch, load_kernels, pack_texts
from newsds.dedup.spill import Partitions, RaggedFile

__all__ = ["NO_TIME", "Recipe", "Sketch", "Sketches"]

Pairs = NDArray[np.int64]
Packed = NDArray[np.uint64]
T = TypeVar("T")
R = TypeVar("R")

#: The time of a text whose date is not known: near every other.
NO_TIME = np.iinfo(np.int64).min
#: Bytes of text hashed at a time: arrays of this size are allocated without new pages.
_PIECE_BYTES = 1 << 20
#: Pieces that are put aside together.
_PIECES = 32
#: Parts of the anchors, by their highest bits, and of the pairs, by their first text.
_ANCHOR_BITS = 6
_PAIR_PARTS = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """How candidates are found; the defaults found 99.8 % of the copies with Jaccard 0.7 and above."""

    #: Tokens of a shingle of the sketch.
    n_shingle: int = 5
    #: Bands, and bins in a band, of the sketch.
    n_bands: int = 21
    n_rows: int = 6
    #: Tokens of an anchor shingle; of these, one in `anchor_every` is kept, chosen by its hash.
    n_anchor: int = 3
    anchor_every: int = 4
    #: Anchors that make a pair; one is enough for a text that has no more than twice as many.
    min_shared: int = 2
    #: Cells (publisher, day) in which an anchor may occur before it says nothing.
    max_cells: int = 80
    #: Texts of equal key that each is paired with: the next ones in time, besides the first.
    n_neighbours: int = 8
    #: Microseconds that two texts may lie apart, unless they are equal.
    window: int = 168 * 3_600_000_000

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """What the kernels are told."""
        return self.n_shingle, self.n_bands, self.n_rows, self.n_anchor, self.anchor_every

    @classmethod
    def for_window(cls, hours: float) -> Self:
        """Return the defaults with another window."""
        return cls(window=round(hours * 3_600_000_000))


class _Order(NamedTuple):
    """What is known of the texts besides their words, in the order of pairs."""

    #: Place of each row in that order.
    ranks: NDArray[np.int64]
    #: Microseconds since 1970, by place.
    times: NDArray[np.int64]
    #: By place.
    cells: NDArray[np.int64]


class Sketches(AbstractContextManager["Sketches"]):
    """Sketches of a corpus, put aside in a folder; texts are numbered from 0 as they are added."""

    def __init__(
        self,
        folder: Path,
        *,
        recipe: Recipe | None = None,
        engine: Engine = "auto",
        n_bytes: int = 0,
        workers: int = 1,
        keep_tokens: bool = True,
        watch: Callable[[Sketch], None] | None = None,
    ) -> None:
        """Begin with nothing.

        Args:
            folder: where files are made; removing it is the caller's.
            recipe: how candidates are found.
            engine: who computes; `auto` takes numba once so much text has come by that it pays.
            n_bytes: bytes of text to expect, if known.
            workers: threads.
            keep_tokens: whether `tokens` will be asked for.
            watch: is called with every sketch that `add` makes.
        """
        self.recipe = recipe or Recipe()
        #: Token hashes of every text.
        self.tokens = RaggedFile(folder / "tokens")
        self._keep_tokens = keep_tokens
        self._watch = watch
        self._engine: Engine = engine
        self._n_bytes, self._expected = 0, n_bytes
        self._workers = max(1, workers)
        self._n = 0
        self._hashes: list[NDArray[np.uint64]] = []
        self._n_anchors: list[NDArray[np.int64]] = []
        self._keys = Partitions(folder / "bands", np.uint64, self.recipe.n_bands)
        self._anchors = Partitions(folder / "anchors", np.uint64, 1 << _ANCHOR_BITS)
        self._owners = Partitions(folder / "owners", np.uint32, 1 << _ANCHOR_BITS)
        self._pairs = Partitions(folder / "pairs", np.uint64, _PAIR_PARTS)
        self._meetings = Partitions(folder / "meetings", np.uint64, _PAIR_PARTS)

    def __len__(self) -> int:
        return self._n

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the files go."""
        self.close()

    def close(self) -> None:
        """Let the files go."""
        for spilled in (
            self.tokens, self._keys, self._anchors, self._owners, self._pairs, self._meetings
        ):  # fmt: skip
            spilled.close()

    @property
    def text_hashes(self) -> NDArray[np.uint64]:
        """One hash of each text, 0 for a text without tokens."""
        return np.concatenate([np.zeros(0, np.uint64), *self._hashes])

    @property
    def n_anchors(self) -> NDArray[np.int64]:
        """Number of anchors of each text."""
        return np.concatenate([np.zeros(0, np.int64), *self._n_anchors])

    def keys(self) -> NDArray[np.uint64]:
        """Return the keys of all bands of all texts, band by band."""
        return np.concatenate([self._keys.read(band) for band in range(self._keys.n)])

    def anchors(self) -> NDArray[np.uint64]:
        """Return the anchors of all texts, in the order of their parts."""
        return np.concatenate([self._anchors.read(part) for part in range(self._anchors.n)])

    def add(self, texts: pa.Array) -> None:
        """Sketch texts; null is the empty text."""
        buffer = pack_texts(texts)
        self._n_bytes += int(buffer.offsets[-1] - buffer.offsets[0])
        kernels = load_kernels(self._engine, n_bytes=max(self._n_bytes, self._expected))
        make = partial(kernels.sketch, shape=self.recipe.shape, keep_tokens=self._keep_tokens)
        pieces = list(_cut(buffer))
        for first in range(0, len(pieces), _PIECES):
            made = _map(lambda piece: make(*piece), pieces[first : first + _PIECES], self._workers)
            sketch = Sketch(*map(np.concatenate, zip(*made, strict=True)))
            if self._watch:
                self._watch(sketch)
            self.add_sketch(sketch)

    def add_sketch(self, sketch: Sketch) -> None:
        """Add texts whose sketch was made before with the same recipe."""
        n = len(sketch.text_hashes)
        if not n:
            return
        if self._keep_tokens:
            self.tokens.append(sketch.tokens, sketch.n_tokens)
        self._hashes.append(sketch.text_hashes)
        self._keys.append(list(sketch.keys.T))
        self._n_anchors.append(sketch.n_anchors)
        owners = np.repeat(np.arange(self._n, self._n + n, dtype=np.uint32), sketch.n_anchors)
        parts = (sketch.anchors >> np.uint64(64 - _ANCHOR_BITS)).astype(np.uint8)
        order = np.argsort(parts, kind="stable")
        cuts = np.searchsorted(parts[order], np.arange(1, 1 << _ANCHOR_BITS))
        self._anchors.append(np.split(sketch.anchors[order], cuts))
        self._owners.append(np.split(owners[order], cuts))
        self._n += n

    def find_pairs(
        self, *, ranks: NDArray[np.int64], times: NDArray[np.int64], cells: NDArray[np.int64] | None = None
    ) -> Iterator[Pairs]:
        """Yield candidate pairs of ranks, the lower first, each pair once, in ascending order.

        Args:
            ranks: the place of each text in an order that does not depend on how they came: by time, then id.
            times: microseconds since 1970 of each text as added, `NO_TIME` if not known.
            cells: the (publisher, day) cell of each text as added; default the day alone.
        """
        cells = times // 86_400_000_000 if cells is None else cells
        order = _Order(ranks, _arrange(times, ranks), _arrange(cells, ranks))
        self._pairs.clear()
        self._meetings.clear()
        self._join_hashes(order)
        self._join_bands(order)
        self._join_anchors(order)
        n_anchors = _arrange(self.n_anchors, ranks)
        for part in range(_PAIR_PARTS):
            sure = _drop_repeats(np.sort(self._pairs.read(part)))
            met = _often_met(np.sort(self._meetings.read(part)), n_anchors, self.recipe.min_shared)
            found = _drop_repeats(np.sort(np.concatenate((sure, met))))
            if len(found):
                yield np.stack((found >> np.uint64(32), found & np.uint64(0xFFFFFFFF)), axis=1).astype(
                    np.int64
                )

    def _join_hashes(self, order: _Order) -> None:
        """Pair equal texts over any distance: each with the one before it in time, and with the first."""
        hashes = self.text_hashes
        present = np.flatnonzero(hashes)
        packed, bits = _pack(hashes[present], order.ranks[present], len(hashes))
        firsts, members = _groups(packed, bits)
        ranks = packed[members] & _mask(bits)
        follows = firsts != members
        pairs = [ranks[np.flatnonzero(follows) - 1] << np.uint64(32) | ranks[follows]]
        pairs.append((packed[firsts] & _mask(bits))[follows] << np.uint64(32) | ranks[follows])
        self._pairs.append(_part(np.concatenate(pairs), len(order.ranks)))

    def _join_bands(self, order: _Order) -> None:
        """Pair texts that share a band of their sketches."""
        present = np.flatnonzero(self.text_hashes)

        def join(band: int) -> Packed:
            keys = self._keys.read(band)
            packed, bits = _pack(keys[present], order.ranks[present], len(keys))
            return _pair_up(packed, bits, order, self.recipe)

        for pairs in _map(join, range(self._keys.n), self._workers):
            self._pairs.append(_part(_drop_repeats(np.sort(pairs)), len(order.ranks)))

    def _join_anchors(self, order: _Order) -> None:
        """Note each meeting of two texts in an anchor."""

        def join(part: int) -> Packed:
            keys = self._anchors.read(part) << np.uint64(_ANCHOR_BITS)
            packed, bits = _pack(keys, order.ranks[self._owners.read(part)], len(order.ranks))
            return _pair_up(packed, bits, order, self.recipe, max_cells=self.recipe.max_cells)

        for pairs in _map(join, range(self._anchors.n), self._workers):
            self._meetings.append(_part(pairs, len(order.ranks)))


def _map(function: Callable[[T], R], items: Iterable[T], workers: int) -> Iterator[R]:
    """Yield results in the order of the items, computed in threads if there are several workers."""
    if workers == 1:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(function, items)


def _cut(buffer: Buffer) -> Iterator[Buffer]:
    """Yield pieces of a buffer, of whole texts."""
    first, n_texts = 0, len(buffer.offsets) - 1
    while first < n_texts:
        target = buffer.offsets[first] + _PIECE_BYTES
        end = max(first + 1, int(np.searchsorted(buffer.offsets, target, side="right")) - 1)
        yield Buffer(buffer.data, buffer.offsets[first : end + 1])
        first = end


def _arrange(values: NDArray[np.int64], ranks: NDArray[np.int64]) -> NDArray[np.int64]:
    out = np.empty_like(values)
    out[ranks] = values
    return out


def _pack(keys: NDArray[np.uint64], ranks: NDArray[np.int64], n: int) -> tuple[Packed, int]:
    """Return sorted numbers of a key's high bits and a rank in the low ones, and how many those are.

    A number sorts many times faster than a key with its rank beside it; the bits a key loses cost a few false
    pairs in a million texts.
    """
    bits = max(1, int(n).bit_length())
    packed = keys & ~_mask(bits) | ranks.astype(np.uint64)
    packed.sort()
    return _drop_repeats(packed), bits


def _mask(bits: int) -> np.uint64:
    return np.uint64((1 << bits) - 1)


def _groups(packed: Packed, bits: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of the members of every group of two or more equal keys, and of the group's first."""
    keys = packed >> np.uint64(bits)
    equal = keys[1:] == keys[:-1]
    is_member = np.zeros(len(keys), bool)
    is_member[1:] = equal
    is_member[:-1] |= equal
    members = np.flatnonzero(is_member)
    is_first = np.ones(len(members), bool)
    is_first[1:] = keys[members[1:]] != keys[members[:-1]]
    return members[is_first][np.cumsum(is_first) - 1], members


def _pair_up(packed: Packed, bits: int, order: _Order, recipe: Recipe, *, max_cells: int = 0) -> Packed:
    """Pair each text of a group with the next ones and with the first within the window.

    Groups in more than `max_cells` cells, if it is given, are left out.
    """
    firsts, members = _groups(packed, bits)
    ranks = (packed[members] & _mask(bits)).astype(np.int64)
    if max_cells:
        firsts, ranks = _drop_common(firsts, ranks, order.cells, max_cells)
    found = []
    left = np.arange(len(ranks))
    for step in range(1, recipe.n_neighbours + 1):
        left = left[: np.searchsorted(left, len(ranks) - step)]
        left = left[firsts[left + step] == firsts[left]]
        found.append((ranks[left], ranks[left + step]))
    if len(left):
        start = _first_in_window(firsts, order.times[ranks], recipe.window)
        far = np.flatnonzero(np.arange(len(ranks)) - start > recipe.n_neighbours)
        found.append((ranks[start[far]], ranks[far]))
    a, b = (np.concatenate(side) for side in zip(*found, strict=True))
    near = _are_near(order.times[a], order.times[b], recipe.window)
    return a[near].astype(np.uint64) << np.uint64(32) | b[near].astype(np.uint64)


def _are_near(a: NDArray[np.int64], b: NDArray[np.int64], window: int) -> NDArray[np.bool_]:
    known = (a != NO_TIME) & (b != NO_TIME)
    return ~known | (np.abs(np.where(known, b, 0) - np.where(known, a, 0)) <= window)


def _drop_common(
    firsts: NDArray[np.int64], ranks: NDArray[np.int64], cells: NDArray[np.int64], max_cells: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Drop the groups that lie in more than `max_cells` cells."""
    inverse = _number(firsts)
    large = (
        np.flatnonzero(np.bincount(inverse, minlength=1)[inverse] > max_cells) if len(inverse) else inverse
    )
    if not len(large):
        return firsts, ranks
    group, cell = inverse[large], cells[ranks[large]]
    by_cell = np.lexsort((cell, group))
    group, cell = group[by_cell], cell[by_cell]
    is_new = np.ones(len(group), bool)
    is_new[1:] = (group[1:] != group[:-1]) | (cell[1:] != cell[:-1])
    kept = (np.bincount(group[is_new], minlength=int(inverse[-1]) + 1) <= max_cells)[inverse]
    return firsts[kept], ranks[kept]


def _number(firsts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each member's group, counted from 0."""
    is_new = np.ones(len(firsts), bool)
    is_new[1:] = firsts[1:] != firsts[:-1]
    return np.cumsum(is_new) - 1


def _first_in_window(firsts: NDArray[np.int64], times: NDArray[np.int64], window: int) -> NDArray[np.int64]:
    """Return the place of the first member of each one's group that is not too early for it."""
    hours = np.where(times == NO_TIME, 0, times // 3_600_000_000)
    hours -= hours.min(initial=0)
    group = _number(firsts)
    scale = int(hours.max(initial=0)) + 1
    keys = np.maximum.accumulate(group * scale + hours)
    earliest = np.maximum(hours - window // 3_600_000_000, 0)
    return np.minimum(np.searchsorted(keys, group * scale + earliest), np.arange(len(keys)))


def _drop_repeats(ordered: Packed) -> Packed:
    if len(ordered) < 2:
        return ordered
    is_new = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    return ordered[is_new]


def _often_met(meetings: Packed, n_anchors: NDArray[np.int64], min_shared: int) -> Packed:
    """Return the pairs that met often enough; once is enough for a text with few anchors."""
    pairs = _drop_repeats(meetings)
    counts = np.diff(np.append(np.searchsorted(meetings, pairs), len(meetings)))
    left, right = (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
    is_short = np.minimum(n_anchors[left], n_anchors[right]) <= 2 * min_shared
    return pairs[(counts >= min_shared) | is_short]


def _part(pairs: Packed, n: int) -> list[Packed]:
    """Sort pairs into parts of ascending first ranks."""
    width = max(1, -(-n // _PAIR_PARTS))
    parts = ((pairs >> np.uint64(32)) // np.uint64(width)).astype(np.uint8)
    order = np.argsort(parts, kind="stable")
    return np.split(pairs[order], np.searchsorted(parts[order], np.arange(1, _PAIR_PARTS)))
