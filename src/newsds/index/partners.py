"""Which known texts may be related to new ones.

Of a known text only the keys and anchors count that a new one may have too: what known texts share among themselves
was found when they were new. So a text without a date, which meets all others, costs a look at every sketch of the
index, and no more.
"""

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

#: Places of a filter for each hash in it, and its bits at most.
_FILTER_ROOM, _FILTER_BITS = 64, 26


class Known(NamedTuple):
    """Some known texts."""

    numbers: Ints
    #: Microseconds since 1970, `NO_TIME` if not known.
    times: Ints
    #: With those of their anchors that a new text may have, and how many there are of these.
    sketch: Sketch
    #: How many anchors each has in all.
    n_anchors: Ints

    def take(self, kept: Flags) -> "Known":
        """Return some of them."""
        sketch = self.sketch
        taken = Sketch(
            tokens=sketch.tokens,
            n_tokens=sketch.n_tokens[kept],
            text_hashes=sketch.text_hashes[kept],
            keys=sketch.keys[kept],
            anchors=sketch.anchors[np.repeat(kept, sketch.n_anchors)],
            n_anchors=sketch.n_anchors[kept],
        )
        return Known(self.numbers[kept], self.times[kept], taken, self.n_anchors[kept])


class Wanted:
    """What new texts have that a known one must share to meet one of them."""

    def __init__(self, new: Sketches, times: Ints) -> None:
        """Look at new texts and their times."""
        self.recipe: Recipe = new.recipe
        self._hashes = np.unique(new.text_hashes)
        self._keys = _Filter(new.keys())
        self._anchors = _Filter(new.anchors())
        #: Times between which a known text may meet a new one that is not equal to it; None: at any time.
        self.window: tuple[int, int] | None = None
        if len(times) and times.min() != NO_TIME:
            self.window = int(times.min()) - new.recipe.window, int(times.max()) + new.recipe.window

    def has_text(self, text_hashes: Hashes) -> Flags:
        """Tell which texts are equal to a new one."""
        places = np.minimum(np.searchsorted(self._hashes, text_hashes), len(self._hashes) - 1)
        return (text_hashes != 0) & (self._hashes[places] == text_hashes)

    def pick(self, known: Known) -> Known:
        """Return the texts that share something, and lie near enough in time or are equal, with what they share."""
        sketch, n = known.sketch, len(known.numbers)
        is_shared = self._anchors.may_have(cut_anchors(sketch.anchors))
        owners = np.repeat(np.arange(n, dtype=np.int32), sketch.n_anchors)
        counts = np.bincount(owners[is_shared], minlength=n)
        meets = counts > 0
        meets |= self._keys.may_have(sketch.keys.reshape(-1)).reshape(sketch.keys.shape).any(axis=1)
        if self.window is not None:
            low, high = self.window
            meets &= (known.times == NO_TIME) | ((known.times >= low) & (known.times <= high))
        meets = ((sketch.text_hashes != 0) & meets) | self.has_text(sketch.text_hashes)
        shared = sketch._replace(anchors=sketch.anchors[is_shared], n_anchors=counts)
        return known._replace(sketch=shared).take(meets)


def find_partners(
    new: Sketches,
    known: Iterable[Known],
    *,
    ids: pa.Array,
    times: Ints,
    read_ids: Callable[[Ints], pa.Array],
) -> Ints:
    """Return pairs of new and known texts worth comparing: places in `ids`, and numbers.

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
        new.add_sketch(some.sketch, n_anchors=some.n_anchors)
        found.append(some.numbers)
        all_times.append(some.times)
    numbers = np.concatenate(found)
    if not len(numbers):
        return np.empty((0, 2), np.int64)
    ids = pa.concat_arrays([ids, read_ids(numbers)])
    pairs = _meet(new, n_new, ids, np.concatenate(all_times))
    return np.stack((pairs[:, 0], numbers[pairs[:, 1] - n_new]), 1)


def _meet(sketches: Sketches, n_new: int, ids: pa.Array, times: Ints) -> Ints:
    """Return the pairs of one of the new texts, which are the first, and one of those after them."""
    by_id = np.empty(len(ids), np.int64)
    by_id[pc.sort_indices(ids).to_numpy(zero_copy_only=False)] = np.arange(len(ids))
    order = np.lexsort((by_id, times))
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    found = [np.empty((0, 2), np.int64)]
    for pairs in sketches.find_pairs(ranks=ranks, times=times, about=n_new):
        rows = np.sort(order[pairs], axis=1)
        found.append(rows[(rows[:, 0] < n_new) & (rows[:, 1] >= n_new)])
    return np.concatenate(found)


class _Filter:
    """A set of hashes that is asked about many: by their leading bits alone, so that a few too many are in it."""

    def __init__(self, hashes: Hashes) -> None:
        bits = min((_FILTER_ROOM * (len(hashes) + 1)).bit_length(), _FILTER_BITS)
        self._shift = np.uint64(64 - bits)
        self._is_in = np.zeros(1 << bits, bool)
        self._is_in[self._slots(hashes)] = True

    def may_have(self, hashes: Hashes) -> Flags:
        """Tell which hashes may be in the set."""
        return self._is_in[self._slots(hashes)]

    def _slots(self, hashes: Hashes) -> Ints:
        return (hashes >> self._shift).view(np.int64)
