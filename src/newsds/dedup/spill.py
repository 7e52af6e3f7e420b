"""Arrays put aside on disk while a corpus is read, and read back in parts."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.features import Ragged

__all__ = ["Partitions", "RaggedFile"]


class Partitions:
    """Values put aside by partition, and read back one partition at a time in the order they were added."""

    def __init__(self, path: Path, dtype: Any, n: int) -> None:
        self.n = n
        self._dtype = np.dtype(dtype)
        self._file = path.open("w+b")
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._slices: list[list[tuple[int, int]]] = [[] for _ in range(self.n)]
        self._end = 0

    def append(self, parts: Sequence[NDArray[Any]]) -> None:
        """Put one array aside for each partition."""
        self._file.seek(self._end)
        for slices, part in zip(self._slices, parts, strict=True):
            if len(part):
                data = np.ascontiguousarray(part, self._dtype)
                self._file.write(data.data)
                slices.append((self._end, data.nbytes))
                self._end += data.nbytes

    def read(self, partition: int) -> NDArray[Any]:
        """Return what one partition holds."""
        self._file.flush()
        slices = self._slices[partition]
        out = np.empty(sum(size for _, size in slices), np.uint8)
        at = 0
        for start, size in slices:
            os.preadv(self._file.fileno(), [out.data[at : at + size]], start)
            at += size
        return out.view(self._dtype)

    def close(self) -> None:
        """Let the file go; its folder is the caller's."""
        self._file.close()


class RaggedFile:
    """Rows of hashes on disk, of which any may be read back; only their places are in memory."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        self._ends: list[NDArray[np.int64]] = [np.zeros(1, np.int64)]
        self._bounds: NDArray[np.int64] | None = None

    def append(self, values: NDArray[np.uint64], counts: NDArray[np.int64]) -> None:
        """Put rows after those that are there: their values end to end, and how many each has."""
        self._file.seek(0, os.SEEK_END)
        self._file.write(np.ascontiguousarray(values).data)
        self._ends.append(self._ends[-1][-1] + np.cumsum(counts, dtype=np.int64))
        self._bounds = None

    def counts(self) -> NDArray[np.int64]:
        """Return the length of every row."""
        return np.diff(self._offsets())

    def take(self, rows: NDArray[np.int64]) -> Ragged:
        """Return some rows, in the order given."""
        self._file.flush()
        bounds = self._offsets()
        starts, ends = bounds[rows], bounds[rows + 1]
        offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(ends - starts)))
        handle = self._file.fileno()
        pieces = [
            os.pread(handle, 8 * (end - start), 8 * start)
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        ]
        return Ragged(offsets=offsets, values=np.frombuffer(b"".join(pieces), np.uint64))

    def close(self) -> None:
        """Let the file go; its folder is the caller's."""
        self._file.close()

    def _offsets(self) -> NDArray[np.int64]:
        if self._bounds is None:
            self._bounds = np.concatenate(self._ends)
            self._ends = [self._bounds]
        return self._bounds
