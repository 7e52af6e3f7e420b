"""Which texts share a key, in numpy: keys are sorted, and neighbours paired."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.hashing import Hashes, Places

__all__ = [
    "OWNER_BITS",
    "Order",
    "drop_repeats",
    "find_often_met",
    "pack",
    "pair_equals",
    "pair_up",
    "place_anchors",
    "scatter",
    "scatter_anchors",
]

U64, I64 = np.uint64, np.int64

#: Bits of the number of a text beside what is left of an anchor.
OWNER_BITS = 28


class Order(NamedTuple):
    """What is known of the texts besides their words, by their place in time; undated ones come first."""

    #: The first place within the window before each: of an undated text the very first.
    earliest: NDArray[np.uint32]
    #: Near every other.
    n_undated: int
    #: A number from 0 for the (publisher, day) of each.
    cells: Places
    n_cells: int


def scatter(values: Hashes, shift: int, n_parts: int) -> tuple[Hashes, Places]:
    """Return values in the order of what is above their low bits, otherwise as they came, and where each part begins."""
    parts = (values >> U64(shift)).astype(np.uint8)
    order = np.argsort(parts, kind="stable")
    return values[order], np.searchsorted(parts[order], np.arange(n_parts + 1))


def scatter_anchors(anchors: Hashes, counts: Places, first: int, bits: int) -> tuple[Hashes, Places]:
    """Return anchors with the text that has each, in the order of their highest bits, and where each part begins.

    Of an anchor those bits are gone, and the lowest `OWNER_BITS` of what is left are the number of the text.

    Args:
        anchors: of texts, end to end.
        counts: of each text.
        first: number of the first text.
        bits: of an anchor that are the number of its part.
    """
    parts = (anchors >> U64(64 - bits)).astype(np.uint8)
    order = np.argsort(parts, kind="stable")
    owners = np.repeat(np.arange(first, first + len(counts), dtype=U64), counts)
    owned = anchors << U64(bits) & ~_mask(OWNER_BITS) | owners
    return owned[order], np.searchsorted(parts[order], np.arange((1 << bits) + 1))


def pack(keys: Hashes, places: Places, owners: NDArray[np.uint32], bits: int) -> Hashes:
    """Return one number for each key: its high bits, and below them the place of the text that has it.

    A number sorts many times faster than a key with a place beside it; the bits a key loses cost a few false
    pairs in a million texts.

    Args:
        keys: of texts.
        places: of all texts.
        owners: the text that has each key.
        bits: that a place takes.
    """
    return keys & ~_mask(bits) | places.view(U64)[owners]


def place_anchors(anchors: Hashes, places: Places) -> None:
    """Write the place of its text into each anchor, where its number was; what comes of it is as from `pack`."""
    owners = anchors & _mask(OWNER_BITS)
    anchors ^= owners ^ places.view(U64)[owners.view(I64)]


def pair_up(packed: Hashes, bits: int, order: Order, n_neighbours: int, max_cells: int) -> Hashes:
    """Pair each text with those before it that have the same key and are near: the next ones, and the first.

    Args:
        packed: from `pack`, sorted; it may be changed.
        bits: that a place takes.
        order: of the texts.
        n_neighbours: how many of the texts before it each is paired with, besides the first within the window.
        max_cells: a key in more cells pairs nobody; 0 for no limit.

    Returns:
        Pairs in no order, the earlier place in the high half of a number.
    """
    packed, mask = drop_repeats(packed), _mask(bits)
    if max_cells:
        packed = _drop_common(packed, mask, order, max_cells)
    found, left = [], np.arange(len(packed))
    for step in range(1, n_neighbours + 1):
        left = _that_go_on(left, packed, mask, step)
        pairs, is_near = _join(packed[left] & mask, packed[left + step] & mask, order)
        # What is too far from one of equal key is so from all after that.
        left = left[is_near]
        found.append(pairs[is_near])
    left = _that_go_on(left, packed, mask, n_neighbours + 1)
    last = packed[left + n_neighbours + 1]
    first = np.searchsorted(packed, last & ~mask | order.earliest[(last & mask).view(I64)])
    is_far = first <= left
    found.append((packed[first[is_far]] & mask) << U64(32) | last[is_far] & mask)
    return np.concatenate(found)


def pair_equals(packed: Hashes, bits: int) -> Hashes:
    """Pair each text with the one before it that has the same key, and with the first, however far away."""
    keys, places = packed >> U64(bits), packed & _mask(bits)
    follows = np.append(False, keys[1:] == keys[:-1])[: len(keys)]
    firsts = np.maximum.accumulate(np.where(follows, 0, np.arange(len(keys))))
    at = np.flatnonzero(follows)
    return np.concatenate([places[before] << U64(32) | places[at] for before in (at - 1, firsts[at])])


def find_often_met(meetings: Hashes, n_anchors: Places, min_shared: int, n_few: int) -> Hashes:
    """Return the pairs that met often enough, sorted; once is enough for a text with few anchors.

    Args:
        meetings: pairs as `pair_up` returns them, each as often as its texts met, sorted.
        n_anchors: of each text.
        min_shared: meetings that make a pair.
        n_few: anchors of a text that are few.
    """
    starts = np.flatnonzero(np.append(True, meetings[1:] != meetings[:-1])[: len(meetings)])
    pairs = meetings[starts]
    counts = np.diff(np.append(starts, len(meetings)))
    left, right = (pairs >> U64(32)).astype(I64), (pairs & _mask(32)).astype(I64)
    is_short = np.minimum(n_anchors[left], n_anchors[right]) <= n_few
    return pairs[(counts >= min_shared) | is_short]


def drop_repeats(ordered: Hashes) -> Hashes:
    """Return sorted numbers, each once."""
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]


def _mask(bits: int) -> np.uint64:
    return U64((1 << bits) - 1)


def _join(a: Hashes, b: Hashes, order: Order) -> tuple[Hashes, NDArray[np.bool_]]:
    """Return pairs of places, and whether they are near."""
    is_near = a >= order.earliest[b.view(I64)]
    if order.n_undated:
        is_near |= a < U64(order.n_undated)
    return a << U64(32) | b, is_near


def _that_go_on(left: Places, packed: Hashes, mask: np.uint64, step: int) -> Places:
    """Return the places whose key is also so many places further on."""
    left = left[: np.searchsorted(left, len(packed) - step)]
    return left[packed[left + step] ^ packed[left] <= mask]


def _drop_common(packed: Hashes, mask: np.uint64, order: Order, max_cells: int) -> Hashes:
    """Return what has keys that lie in no more than `max_cells` cells."""
    ends = np.flatnonzero(packed[max_cells:] ^ packed[:-max_cells] <= mask) + max_cells
    kept = np.ones(len(packed) if len(ends) else 0, bool)
    for key in drop_repeats(packed[ends] & ~mask):
        group = slice(np.searchsorted(packed, key), np.searchsorted(packed, key | mask, side="right"))
        cells = order.cells[(packed[group] & mask).view(I64)]
        kept[group] = len(np.unique(cells)) <= max_cells
    return packed[kept] if len(ends) else packed
