"""Which texts share a key with some that are meant: what can pair with none of them is left out before pairs are made."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.features import expand
from newsds.dedup.hashing import Hashes, Places
from newsds.dedup.joins_numpy import Order, drop_repeats

__all__ = ["keep_meant", "keep_near"]

Flags: TypeAlias = NDArray[np.bool_]

U64, I64 = np.uint64, np.int64


def keep_near(
    packed: Hashes, bits: int, order: Order, is_meant: Flags, *, n_neighbours: int, max_cells: int
) -> Hashes:
    """Return what `pair_up` needs to find every pair with a text that is meant; what it finds besides has to go.

    Args:
        packed: from `pack`, sorted.
        bits: that a place takes.
        order: of the texts.
        is_meant: of each place.
        n_neighbours: as of `pair_up`.
        max_cells: a key in more cells pairs nobody; 0 for no limit.
    """
    packed, mask = drop_repeats(packed), U64((1 << bits) - 1)
    meant = np.flatnonzero(is_meant[(packed & mask).view(I64)])
    if max_cells:
        meant = meant[_are_special(packed, packed[meant] & ~mask, mask, order, max_cells)]
    kept = np.zeros(len(packed) + 1, bool)
    for step in range(-n_neighbours, n_neighbours + 1):
        kept[np.clip(meant + step, 0, len(packed))] = True
    kept[_find_firsts(packed, packed[meant], mask, order)] = True
    _keep_followers(kept, packed, meant, mask, order)
    return packed[kept[:-1]]


def keep_meant(pairs: Hashes, is_meant: Flags) -> Hashes:
    """Return the pairs that have a text that is meant."""
    left, right = (pairs >> U64(32)).view(I64), (pairs & U64(0xFFFFFFFF)).view(I64)
    return pairs[is_meant[left] | is_meant[right]]


def _are_special(packed: Hashes, keys: Hashes, mask: np.uint64, order: Order, max_cells: int) -> Flags:
    """Tell which of some keys, which are sorted, lie in no more than `max_cells` cells."""
    names = drop_repeats(keys)
    starts, ends = np.searchsorted(packed, names), np.searchsorted(packed, names | mask, side="right")
    large = np.flatnonzero(ends - starts > max_cells)
    sizes = (ends - starts)[large]
    cells = order.cells[(packed[expand(starts[large], sizes)] & mask).view(I64)]
    held = np.repeat(np.arange(len(large)), sizes) * order.n_cells + cells
    held.sort()
    n_cells = np.bincount(drop_repeats(held.view(U64)).view(I64) // order.n_cells, minlength=len(large))
    special = np.ones(len(names), bool)
    special[large] = n_cells <= max_cells
    return special[np.searchsorted(names, keys)]


def _find_firsts(packed: Hashes, meant: Hashes, mask: np.uint64, order: Order) -> Places:
    """Return where the first texts of equal key stand that lie within the windows of those that are meant."""
    earliest = order.earliest[(meant & mask).view(I64)]
    return np.searchsorted(packed, meant & ~mask | earliest)


def _keep_followers(kept: Flags, packed: Hashes, meant: Places, mask: np.uint64, order: Order) -> None:
    """Keep the texts of which one that is meant is the first of equal key within their window."""
    keys, places = packed[meant] & ~mask, (packed[meant] & mask).view(I64)
    before = packed[np.maximum(meant - 1, 0)]
    has_before = (meant > 0) & ((before & ~mask) == keys)
    last = np.where(has_before, (before & mask).view(I64), -1)
    # The windows of texts begin the later, the later these are.
    low, high = (np.searchsorted(order.earliest, some, side="right") for some in (last, places))
    starts = np.searchsorted(packed, keys | low.astype(U64))
    ends = np.searchsorted(packed, keys | np.minimum(high, mask).astype(U64))
    depth = np.bincount(starts, minlength=len(kept)) - np.bincount(ends, minlength=len(kept))
    kept |= np.cumsum(depth) > 0
