"""Which known texts may be related to new ones."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsds.dedup.candidates import NO_TIME, Recipe, Sketch, Sketches, cut_anchors

__all__ = ["Known", "Wanted", "find_partners"]

Hashes: TypeAlias = NDArray[np.uint64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

#: Places of the filter for each hash in it, and its bits at most.
_FILTER_ROOM, _FILTER_BITS = 64, 26


class Known(NamedTuple):
    """Some known texts."""

    numbers: Ints
    #: Microseconds since 1970, `NO_TIME` if not known.
    times: Ints
    sketch: Sketch

    def take(self, rows: Ints) -> "Known":
        """Return some of them."""
        inside = np.zeros(len(self.numbers), bool)
        inside[rows] = True
        sketch = self.sketch
        taken = Sketch(
            tokens=sketch.tokens,
            n_tokens=sketch.n_tokens[inside],
            text_hashes=sketch.text_hashes[inside],
            keys=sketch.keys[inside],
            anchors=sketch.anchors[np.repeat(inside, sketch.n_anchors)],
            n_anchors=sketch.n_anchors[inside],
        )
        return Known(self.numbers[inside], self.times[inside], taken)


class Wanted:
    """What new texts have that a known one must share to meet one of them."""

    def __init__(self, new: Sketches, times: Ints) -> None:
        """Look at new texts and their times."""
        self.recipe: Recipe = new.recipe
        self._hashes = _Members(new.text_hashes[new.text_hashes != 0])
        self._keys = _Members(new.keys())
        self._anchors = _Members(new.anchors())
        self._is_short = bool((new.n_anchors <= new.recipe.n_few).any())
        #: Times between which a known text may meet a new one that is not equal to it; None: at any time.
        self.window: tuple[int, int] | None = None
        if len(times) and times.min() != NO_TIME:
            self.window = int(times.min()) - new.recipe.window, int(times.max()) + new.recipe.window

    def has_text(self, text_hashes: Hashes) -> Flags:
        """Tell which texts are equal to a new one."""
        return (text_hashes != 0) & self._hashes.has(text_hashes)

    def may_meet(self, known: Known) -> Flags:
        """Tell which texts share enough, and lie near enough in time or are equal."""
        sketch, n = known.sketch, len(known.numbers)
        owners = np.repeat(np.arange(n), sketch.n_anchors)
        counts = np.bincount(owners[self._anchors.has(cut_anchors(sketch.anchors))], minlength=n)
        enough = np.where(sketch.n_anchors <= self.recipe.n_few, 1, self.recipe.min_shared)
        shares = counts >= (1 if self._is_short else enough)
        shares |= self._keys.has(sketch.keys.reshape(-1)).reshape(sketch.keys.shape).any(axis=1)
        if self.window is not None:
            low, high = self.window
            shares &= (known.times == NO_TIME) | ((known.times >= low) & (known.times <= high))
        return ((sketch.text_hashes != 0) & shares) | self.has_text(sketch.text_hashes)


def find_partners(
    new: Sketches,
    known: Iterable[Known],
    *,
    ids: pa.Array,
    times: Ints,
    read_ids: Callable[[Ints], pa.Array],
) -> Ints:
    """Return the numbers of known texts that are candidates of a new one.

    Args:
        new: sketches of the new texts; those of known ones are added.
        known: texts that may meet a new one.
        ids: of the new texts.
        times: of the new texts, in microseconds since 1970.
        read_ids: returns the ids of known texts by their numbers.
    """
    n_new = len(new)
    found: list[Ints] = [np.empty(0, np.int64)]
    all_times = [times]
    for some in known:
        new.add_sketch(some.sketch)
        found.append(some.numbers)
        all_times.append(some.times)
    numbers = np.concatenate(found)
    if not len(numbers):
        return numbers
    ids = pa.concat_arrays([ids, read_ids(numbers)])
    return numbers[_meet(new, n_new, ids, np.concatenate(all_times))]


def _meet(sketches: Sketches, n_new: int, ids: pa.Array, times: Ints) -> Flags:
    """Tell which of the texts after the new ones are paired with a new one."""
    by_id = np.empty(len(ids), np.int64)
    by_id[pc.sort_indices(ids).to_numpy(zero_copy_only=False)] = np.arange(len(ids))
    order = np.lexsort((by_id, times))
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    found = np.zeros(len(ids), bool)
    for pairs in sketches.find_pairs(ranks=ranks, times=times):
        rows = order[pairs]
        found[rows[(rows < n_new).any(axis=1)].reshape(-1)] = True
    return found[n_new:]


class _Members:
    """A set of hashes that is asked about many."""

    def __init__(self, hashes: Hashes) -> None:
        bits = min((_FILTER_ROOM * (len(hashes) + 1)).bit_length(), _FILTER_BITS)
        self._sorted = np.sort(hashes)
        self._shift = np.uint64(64 - bits)
        # Most hashes that are not in the set are told at once, by their leading bits.
        self._filter = np.zeros(1 << bits, bool)
        self._filter[self._slots(self._sorted)] = True

    def has(self, hashes: Hashes) -> Flags:
        """Tell which hashes are in the set."""
        found = self._filter[self._slots(hashes)]
        maybe = np.flatnonzero(found)
        if len(maybe):
            places = np.minimum(np.searchsorted(self._sorted, hashes[maybe]), len(self._sorted) - 1)
            found[maybe] = self._sorted[places] == hashes[maybe]
        return found

    def _slots(self, hashes: Hashes) -> Ints:
        return (hashes >> self._shift).astype(np.int64)
