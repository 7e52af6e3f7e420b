"""Which texts of an index may be related to new ones: one pass over their sketches."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.dedup.candidates import NO_TIME, Recipe, Sketch, Sketches

__all__ = ["SKETCHES_SCHEMA", "find_partners", "pack_sketch"]

Hashes = NDArray[np.uint64]
Ints = NDArray[np.int64]

#: One row for each text, in the order of the texts.
SKETCHES_SCHEMA = pa.schema(
    [
        pa.field("text_hash", pa.uint64(), nullable=False),
        pa.field("keys", pa.list_(pa.uint64()), nullable=False),
        pa.field("anchors", pa.list_(pa.uint64()), nullable=False),
    ]
)

#: Places of the filter for each hash in it, and its bits at most.
_FILTER_ROOM, _FILTER_BITS = 64, 26


def pack_sketch(sketch: Sketch) -> pa.RecordBatch:
    """Return a sketch as rows with `SKETCHES_SCHEMA`."""
    n, n_bands = sketch.keys.shape
    keys = pa.ListArray.from_arrays(
        pa.array(np.arange(n + 1, dtype=np.int32) * n_bands, pa.int32()),
        pa.array(sketch.keys.reshape(-1), pa.uint64()),
    )
    ends = np.concatenate(([0], np.cumsum(sketch.n_anchors))).astype(np.int32)
    anchors = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(sketch.anchors, pa.uint64()))
    hashes = pa.array(sketch.text_hashes, pa.uint64())
    return pa.RecordBatch.from_arrays([hashes, keys, anchors], schema=SKETCHES_SCHEMA)


def find_partners(new: Sketches, known: Iterable[pa.RecordBatch], *, ids: pa.Array, times: Ints) -> Ints:
    """Return the rows of known texts that are candidates of a new one.

    Args:
        new: sketches of the new texts; those of known ones that they may meet are added.
        known: sketches of the known texts.
        ids: of the new texts, then of the known ones.
        times: in microseconds since 1970, in the same order.
    """
    n_new = len(new)
    wanted = _Wanted(new, times[:n_new])
    rows: list[Ints] = []
    first = n_new
    for batch in known:
        sketch = _unpack(batch, new.recipe.n_bands)
        chosen = np.flatnonzero(wanted.may_meet(sketch, times[first : first + len(batch)]))
        new.add_sketch(_take(sketch, chosen))
        rows.append(first + chosen)
        first += len(batch)
    places = np.concatenate((np.arange(n_new), *rows))
    return _meet(new, places, n_new, ids.take(pa.array(places)), times[places]) - n_new


def _meet(sketches: Sketches, places: Ints, n_new: int, ids: pa.Array, times: Ints) -> Ints:
    import pyarrow.compute as pc

    by_id = np.empty(len(places), np.int64)
    by_id[pc.sort_indices(ids).to_numpy(zero_copy_only=False)] = np.arange(len(places))
    order = np.lexsort((by_id, times))
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    found = np.zeros(len(places), bool)
    for pairs in sketches.find_pairs(ranks=ranks, times=times):
        rows = order[pairs]
        rows = rows[(rows < n_new).any(axis=1)]
        found[rows.reshape(-1)] = True
    found[:n_new] = False
    return places[found]


def _unpack(batch: pa.RecordBatch, n_bands: int) -> Sketch:
    keys, anchors = batch["keys"], batch["anchors"]
    n_anchors = np.diff(anchors.offsets.to_numpy(zero_copy_only=False)).astype(np.int64)
    return Sketch(
        tokens=np.empty(0, np.uint64),
        n_tokens=np.zeros(len(batch), np.int64),
        text_hashes=batch["text_hash"].to_numpy(zero_copy_only=False),
        keys=keys.flatten().to_numpy(zero_copy_only=False).reshape(len(batch), n_bands),
        anchors=anchors.flatten().to_numpy(zero_copy_only=False),
        n_anchors=n_anchors,
    )


def _take(sketch: Sketch, rows: Ints) -> Sketch:
    inside = np.zeros(len(sketch.text_hashes), bool)
    inside[rows] = True
    return Sketch(
        tokens=sketch.tokens,
        n_tokens=sketch.n_tokens[rows],
        text_hashes=sketch.text_hashes[rows],
        keys=sketch.keys[rows],
        anchors=sketch.anchors[np.repeat(inside, sketch.n_anchors)],
        n_anchors=sketch.n_anchors[rows],
    )


class _Wanted:
    """What the new texts have that a known one must share to meet one of them."""

    def __init__(self, new: Sketches, times: Ints) -> None:
        self._recipe: Recipe = new.recipe
        self._hashes = _Members(new.text_hashes[new.text_hashes != 0])
        self._keys = _Members(new.keys())
        self._anchors = _Members(new.anchors())
        self._is_short = bool((new.n_anchors <= 2 * new.recipe.min_shared).any())
        dated = times[times != NO_TIME]
        self._window = (
            None if len(dated) < len(times) or not len(dated)
            else (int(dated.min()) - new.recipe.window, int(dated.max()) + new.recipe.window)
        )  # fmt: skip

    def may_meet(self, sketch: Sketch, times: Ints) -> NDArray[np.bool_]:
        """Tell which texts share enough, and lie near enough in time or are equal."""
        n = len(times)
        counts = np.bincount(
            np.repeat(np.arange(n), sketch.n_anchors)[self._anchors.has(sketch.anchors)], minlength=n
        )
        enough = np.where(sketch.n_anchors <= 2 * self._recipe.min_shared, 1, self._recipe.min_shared)
        shares = counts >= (1 if self._is_short else enough)
        shares |= self._keys.has(sketch.keys.reshape(-1)).reshape(sketch.keys.shape).any(axis=1)
        if self._window is not None:
            low, high = self._window
            shares &= (times == NO_TIME) | ((times >= low) & (times <= high))
        return (sketch.text_hashes != 0) & (shares | self._hashes.has(sketch.text_hashes))


class _Members:
    """A set of hashes that is asked about many."""

    def __init__(self, hashes: Hashes) -> None:
        bits = min((_FILTER_ROOM * (len(hashes) + 1)).bit_length(), _FILTER_BITS)
        self._sorted = np.sort(hashes)
        self._shift = np.uint64(64 - bits)
        # Most hashes that are not in the set are told at once, by their leading bits.
        self._filter = np.zeros(1 << bits, bool)
        self._filter[self._slots(self._sorted)] = True

    def has(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Tell which hashes are in the set."""
        found = self._filter[self._slots(hashes)]
        maybe = np.flatnonzero(found)
        if len(maybe):
            places = np.minimum(np.searchsorted(self._sorted, hashes[maybe]), len(self._sorted) - 1)
            found[maybe] = self._sorted[places] == hashes[maybe]
        return found

    def _slots(self, hashes: Hashes) -> Ints:
        return (hashes >> self._shift).astype(np.int64)
