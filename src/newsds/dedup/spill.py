"""Arrays put aside while a corpus is read, and read back in parts: in memory while they have room, then on disk."""

import os
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.features import Ragged

__all__ = ["ROOM", "Partitions", "RaggedFile"]

Scalar = TypeVar("Scalar", bound=np.generic)

#: Bytes that one of these holds in memory.
ROOM = 32 << 20


class Partitions(Generic[Scalar]):
    """Values put aside by partition, and read back one partition at a time in the order they were added."""

    def __init__(self, path: Path, dtype: type[Scalar], n: int, *, room: int = ROOM) -> None:
        """Begin with nothing.

        Args:
            path: of the file, which is made when it is needed; it goes when this is closed.
            dtype: of the values.
            n: partitions.
            room: bytes in memory.
        """
        self.n = n
        self._dtype, self._room, self._path = dtype, room, path
        self._file: BinaryIO | None = None
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._held: list[tuple[NDArray[Scalar], list[int]]] = []
        self._slices: list[list[tuple[int, int]]] = [[] for _ in range(self.n)]
        self._n_held = self._end = 0

    def append(self, values: NDArray[Scalar], bounds: NDArray[np.int64]) -> None:
        """Put values aside; those of the partition `i` are the ones from `bounds[i]` to `bounds[i + 1]`."""
        self._held.append((values, bounds.tolist()))
        self._n_held += values.nbytes
        if self._n_held > self._room:
            self._spill()

    def read(self, partition: int) -> NDArray[Scalar]:
        """Return what one partition holds."""
        slices = self._slices[partition]
        spilled = np.empty(sum(size for _, size in slices), np.uint8)
        at = 0
        for start, size in slices:
            assert self._file is not None
            os.preadv(self._file.fileno(), [spilled.data[at : at + size]], start)
            at += size
        return np.concatenate([spilled.view(self._dtype), *self._of(partition)])

    def close(self) -> None:
        """Let the file go; its folder is the caller's."""
        self.clear()
        if self._file:
            self._file.close()

    def _of(self, partition: int) -> list[NDArray[Scalar]]:
        return [values[bounds[partition] : bounds[partition + 1]] for values, bounds in self._held]

    def _spill(self) -> None:
        if self._file is None:
            self._file = self._path.open("w+b", buffering=0)
        for partition, slices in enumerate(self._slices):
            data = np.concatenate(self._of(partition))
            _write(self._file, data, self._end)
            slices.append((self._end, data.nbytes))
            self._end += data.nbytes
        self._held, self._n_held = [], 0


class RaggedFile:
    """Rows of hashes of which any may be read back."""

    def __init__(self, path: Path, *, room: int = ROOM) -> None:
        """Begin with nothing.

        Args:
            path: of the file, which is made when it is needed; it goes when this is closed.
            room: bytes in memory.
        """
        self._path, self._room = path, room
        self._file: BinaryIO | None = None
        self._held: list[NDArray[np.uint64]] = []
        self._ends: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
        self._written = 0

    def append(self, values: NDArray[np.uint64], counts: NDArray[np.int64]) -> None:
        """Put rows after those that are there: their values end to end, and how many each has."""
        self._held.append(values)
        self._ends.append(self._ends[-1][-1] + np.cumsum(counts, dtype=np.int64))
        if self._file or sum(part.nbytes for part in self._held) > self._room:
            self._spill()

    def counts(self) -> NDArray[np.int64]:
        """Return the length of every row."""
        return np.diff(self._bounds())

    def take(self, rows: NDArray[np.int64]) -> Ragged:
        """Return some rows, in the order given; those that were put in one after the other are read at once."""
        bounds = self._bounds()
        starts, ends = bounds[rows], bounds[rows + 1]
        offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(ends - starts)))
        cuts = np.flatnonzero(starts[1:] != ends[:-1]) + 1
        firsts, lasts = np.append(0, cuts)[: len(rows)], np.append(cuts, len(rows))[: len(rows)] - 1
        spans = zip(starts[firsts].tolist(), ends[lasts].tolist(), offsets[firsts].tolist(), strict=True)
        values = np.empty(int(offsets[-1]), np.uint64)
        held = None if self._file else self._values()
        for start, end, at in spans:
            place = values[at : at + end - start]
            if held is not None:
                place[:] = held[start:end]
            elif self._file:
                os.preadv(self._file.fileno(), [place.data.cast("B")], 8 * start)
        return Ragged(offsets=offsets, values=values)

    def close(self) -> None:
        """Let the file go; its folder is the caller's."""
        self._held = []
        if self._file:
            self._file.close()

    def _values(self) -> NDArray[np.uint64]:
        if len(self._held) != 1:
            self._held = [np.concatenate([np.empty(0, np.uint64), *self._held])]
        return self._held[0]

    def _bounds(self) -> NDArray[np.int64]:
        if len(self._ends) > 1:
            self._ends = [np.concatenate(self._ends)]
        return self._ends[0]

    def _spill(self) -> None:
        if self._file is None:
            self._file = self._path.open("w+b", buffering=0)
        for values in self._held:
            _write(self._file, values, self._written)
            self._written += values.nbytes
        self._held = []


def _write(file: BinaryIO, values: NDArray[Any], start: int) -> None:
    """Write all of an array from a byte on; one call may write less than it was given."""
    view = np.ascontiguousarray(values).data.cast("B")
    while view:
        written = os.pwrite(file.fileno(), view, start)
        view, start = view[written:], start + written
