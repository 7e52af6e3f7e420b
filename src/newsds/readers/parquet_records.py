"""Rows of Parquet files as JSON data."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from newsds.article import Rejected
from newsds.errors import InputError
from newsds.findings import Finding
from newsds.readers.cursor import Raw
from newsds.readers.inputs import Input
from newsds.readers.names import REPEATED_NAMES, distinct_names, repeated_name
from newsds.readers.places import ParquetPlaces

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["iter_parquet", "iter_suspects", "open_parquet", "places_of", "plain_rows"]

#: Rows that are turned into records at a time, and those that are checked as columns.
BATCH_ROWS, COLUMN_ROWS = 1024, 8192

#: What Arrow raises for bytes that are no text (the first), instants beyond the years 1 to 9999, and unknown zones.
_UNREAD = (UnicodeDecodeError, OverflowError, ValueError, LookupError)


def open_parquet(item: Input) -> "pq.ParquetFile":
    """Open a Parquet file.

    Raises:
        InputError: there is no such file.
    """
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(item.path, memory_map=False)
    except FileNotFoundError:
        raise InputError(f"{item.name}: no such file") from None


def places_of(file: "pq.ParquetFile") -> ParquetPlaces:
    """Return what says in which row group and column of a file a value stands."""
    metadata = file.metadata
    sizes = (metadata.row_group(number).num_rows for number in range(metadata.num_row_groups))
    columns = [metadata.schema.column(number).path for number in range(metadata.num_columns)]
    return ParquetPlaces(list(accumulate(sizes, initial=0))[:-1] or [0], columns)


def iter_parquet(item: Input) -> Iterator[Raw | Rejected]:
    """Yield the rows of a Parquet file, and those that hold bytes that are no text.

    Raises:
        InputError: there is no such file.
    """
    file = open_parquet(item)
    places, row = places_of(file), 0
    yield from _repeated(file, item)
    for batch in _batches(file, BATCH_ROWS):
        yield from _raws(batch, range(row, row + len(batch)), item, places)
        row += len(batch)


def iter_suspects(
    item: Input, good_rows: Callable[["pa.RecordBatch"], "pa.BooleanArray | None"]
) -> Iterator[Raw | Rejected | int]:
    """Yield the rows that are not surely good, as `iter_parquet` does, and after each batch how many are.

    Raises:
        InputError: there is no such file.
    """
    import pyarrow.compute as pc

    file = open_parquet(item)
    places, row = places_of(file), 0
    yield from _repeated(file, item)
    for batch in _batches(file, COLUMN_ROWS):
        good = good_rows(batch)
        numbers: Sequence[int] = range(row, row + len(batch))
        row += len(batch)
        if good is not None and good.true_count == len(good):
            yield len(good)
            continue
        if good is not None:
            suspects = pc.indices_nonzero(pc.invert(good))
            numbers = [numbers[number] for number in suspects.to_pylist()]
            yield good.true_count
            batch = batch.take(suspects)  # noqa: PLW2901 # the others are done with
        yield from _raws(batch, numbers, item, places)


def _batches(file: "pq.ParquetFile", n_rows: int) -> Iterator["pa.RecordBatch"]:
    """Yield the rows with the name of each column once."""
    for batch in file.iter_batches(batch_size=n_rows):
        names = batch.schema.names
        is_distinct = repeated_name(names) is None and "" not in names
        yield batch if is_distinct else batch.rename_columns(distinct_names(names))


def _repeated(file: "pq.ParquetFile", item: Input) -> Iterator[Rejected]:
    twice = repeated_name(file.schema_arrow.names)
    if twice is not None:
        message = f"the column {twice[:60]!r} occurs twice; {REPEATED_NAMES}"
        yield Rejected(finding=Finding(code="NDS004", level="error", message=message, path=item.name))


def _raws(
    batch: "pa.RecordBatch", numbers: Sequence[int], item: Input, places: ParquetPlaces
) -> Iterator[Raw | Rejected]:
    for record, row in zip(plain_rows(batch), numbers, strict=True):
        if isinstance(record, dict):
            yield Raw(record=record, row=row, locate=places)
        else:
            yield Rejected(finding=record.finding(item, places, row))


@dataclass(frozen=True, slots=True)
class Unread:
    """A value of a row that has no place in Python: bytes that are no text, an instant out of all range."""

    column: str
    error: Exception

    def finding(self, item: Input, places: ParquetPlaces, row: int) -> Finding:
        """Return what is wrong with the row."""
        is_text = isinstance(self.error, UnicodeDecodeError)
        words = str(self.error).partition("\n")[0][:120]
        return Finding(
            code="NDS002" if is_text else "NDS402",
            level="error",
            message=f"column {self.column}: {'not UTF-8' if is_text else f'a value that cannot be read ({words})'}",
            path=item.name,
            row=row,
            **places.place_of(row, [self.column])._asdict(),
        )


def plain_rows(batch: "pa.RecordBatch") -> Iterator[dict[str, Any] | Unread]:
    """Yield rows as JSON data; of a row with a value that cannot be read, which it is."""
    try:
        records = batch.to_pylist()
    except _UNREAD:
        for number in range(len(batch)):
            yield _plain_row(batch.slice(number, 1))
        return
    for record in records:
        yield {key: _plain(value) for key, value in record.items()}


def _plain_row(batch: "pa.RecordBatch") -> dict[str, Any] | Unread:
    record = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            record[name] = _plain(column[0].as_py())
        except _UNREAD as error:
            return Unread(str(name), error)
    return record


def _plain(value: Any) -> Any:
    """Return an Arrow value as JSON data: instants as ISO 8601 text, bytes as text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else _plain_text(value)


def _plain_text(value: Any) -> str:
    text = str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
