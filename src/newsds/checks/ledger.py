"""Ledger: columns of numbers and texts that grow row by row, and go to the disk beyond a limit."""

import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from newsds.later import later_module

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[Any]
else:
    Ints = Any
    np = later_module("numpy")

__all__ = ["Ints", "Ledger", "Texts", "iter_parts"]

#: Bytes of one ledger that stay in memory.
MAX_BYTES = 64 << 20
#: Rows of which a rule looks at once.
PART_ROWS = 2_000_000


def _unnamed_file(owner: object) -> BinaryIO:
    """Return a file without a name that is closed when its owner is gone."""
    file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 # it lives as long as its owner
    weakref.finalize(owner, file.close)
    return file


class _Column:
    """Numbers of one type; the older ones are in a file that has no name."""

    def __init__(self, typecode: str) -> None:
        self.rows = array(typecode)
        self._file: BinaryIO | None = None

    def extend(self, values: Ints) -> None:
        self.rows.frombytes(np.ascontiguousarray(values, dtype=self.rows.typecode).tobytes())

    @property
    def is_spilled(self) -> bool:
        return self._file is not None

    def spill(self) -> None:
        if self._file is None:
            self._file = _unnamed_file(self)
        self.rows.tofile(self._file)
        del self.rows[:]

    def values(self) -> Ints:
        if self._file is None:
            # A copy: a view would forbid the column to grow.
            return np.array(self.rows, dtype=self.rows.typecode)
        self.spill()
        self._file.flush()
        if not self._file.tell():
            return np.empty(0, dtype=self.rows.typecode)
        return np.memmap(self._file, dtype=self.rows.typecode, mode="r")


class Ledger:
    """Rows of numbers in named columns."""

    def __init__(self, columns: Mapping[str, str], *, max_bytes: int = MAX_BYTES) -> None:
        """Start with no rows.

        Args:
            columns: name to type code of `array`, in the order in which values are given.
            max_bytes: beyond this much the rows go to the disk.
        """
        self._columns = {name: _Column(code) for name, code in columns.items()}
        row_bytes = sum(column.rows.itemsize for column in self._columns.values())
        self._max_rows = max(1, max_bytes // row_bytes)

    def append(self, values: Iterable[int]) -> None:
        """Add one row."""
        for column, value in zip(self._columns.values(), values, strict=True):
            column.rows.append(value)
        self._spill_beyond()

    def append_rows(self, *columns: Iterable[int]) -> None:
        """Add some rows, given as the values of each column."""
        for column, values in zip(self._columns.values(), columns, strict=True):
            column.rows.extend(values)
        self._spill_beyond()

    def extend(self, columns: Mapping[str, Ints]) -> None:
        """Add rows, given as columns."""
        for name, values in columns.items():
            self._columns[name].extend(values)
        self._spill_beyond()

    def _spill_beyond(self) -> None:
        first = next(iter(self._columns.values()))
        if len(first.rows) >= self._max_rows:
            for column in self._columns.values():
                column.spill()

    def rows(self) -> dict[str, "array[int]"] | None:
        """Return all rows without numpy; None if some of them went to the disk."""
        if any(column.is_spilled for column in self._columns.values()):
            return None
        return {name: column.rows for name, column in self._columns.items()}

    def columns(self) -> dict[str, Ints]:
        """Return all rows so far; what is on the disk is mapped, not read."""
        return {name: column.values() for name, column in self._columns.items()}


class Texts:
    """Texts by number, in the order of their coming; null is kept apart from the empty text."""

    def __init__(self, *, max_bytes: int = MAX_BYTES) -> None:
        """Start with no texts."""
        self._bytes = bytearray()
        self._ends = _Column("Q")
        self._max_bytes = max_bytes
        self._n_bytes = 0
        self._n_texts = 0
        self._file: BinaryIO | None = None

    def __len__(self) -> int:
        return self._n_texts

    def append(self, text: str | None) -> None:
        """Add a text or null."""
        data = b"" if text is None else b"+" + text.encode("utf-8", "surrogatepass")
        self._bytes += data
        self._n_bytes += len(data)
        self._n_texts += 1
        self._ends.rows.append(self._n_bytes)
        if len(self._bytes) > self._max_bytes:
            self._spill()

    def extend(self, other: "Texts") -> None:
        """Add the texts of another, which are all in memory."""
        self._bytes += other._bytes  # noqa: SLF001
        self._ends.extend(other._ends.values() + np.uint64(self._n_bytes))  # noqa: SLF001
        self._n_bytes += other._n_bytes  # noqa: SLF001
        self._n_texts += len(other)
        if len(self._bytes) > self._max_bytes:
            self._spill()

    def _spill(self) -> None:
        if self._file is None:
            self._file = _unnamed_file(self)
        self._file.write(self._bytes)
        self._bytes.clear()
        self._ends.spill()

    def finish(self) -> "FinishedTexts":
        """Return the texts so far for reading."""
        if self._file is not None:
            self._spill()
            self._file.flush()
            data: Any = np.memmap(self._file, dtype=np.uint8, mode="r")
        else:
            data = np.frombuffer(bytes(self._bytes), dtype=np.uint8)
        return FinishedTexts(data, self._ends.values())


class FinishedTexts:
    """Texts by number, for reading."""

    def __init__(self, data: Ints, ends: Ints) -> None:
        """Take the bytes of all texts, and where each ends."""
        self._data, self._ends = data, ends

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, number: int) -> str | None:
        start = int(self._ends[number - 1]) if number else 0
        data = self._data[start : int(self._ends[number])].tobytes()
        return data[1:].decode("utf-8", "surrogatepass") if data else None


def iter_parts(keys: Ints, *, part_rows: int = PART_ROWS) -> Iterator[Ints]:
    """Yield the numbers of rows, part by part; rows with one key are in one part, those with key 0 in none.

    A part has about `part_rows` rows, so that what is computed of it fits into memory.
    """
    n_parts = len(keys) // part_rows + 1
    for part in range(n_parts):
        found = [
            start + np.flatnonzero((chunk != 0) & (chunk % np.uint64(n_parts) == part))
            for start in range(0, len(keys), part_rows)
            for chunk in [np.asarray(keys[start : start + part_rows])]
        ]
        if found:
            yield np.concatenate(found)
