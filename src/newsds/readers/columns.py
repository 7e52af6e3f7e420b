"""Texts with identifiers, of articles or of any table: what deduplication needs."""

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from newsds.article import BATCH_ROWS, Record, Rejected
from newsds.dates import parse_date
from newsds.errors import InputError, UsageError
from newsds.findings import Finding
from newsds.readers.inputs import Input, expand, passed_over
from newsds.readers.records import Raw, iter_raw
from newsds.text import excerpt
from newsds.texts import TEXTS_SCHEMA

__all__ = ["column_values", "field_texts", "field_values", "table_texts", "texts"]


#: Columns of the identifier, the text, the date and the headline; only the text is needed.
_Columns: TypeAlias = tuple[str | None, str, str | None, str | None]


def texts(articles: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the columns that deduplication needs of batches of articles."""
    for batch in articles:
        yield text_columns(batch)


def text_columns(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the columns that deduplication needs of a batch of articles."""
    columns = [
        batch["id"],
        batch["body"],
        batch["published_at"],
        batch["headline"],
        batch["agency"].field("name")
        if batch["agency"].null_count < len(batch)
        else pa.nulls(len(batch), pa.string()),
        _publisher(batch),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=TEXTS_SCHEMA)


def _publisher(batch: pa.RecordBatch) -> pa.Array:
    import pyarrow.compute as pc

    names = pc.struct_field(batch["publisher"], "name")
    return pc.coalesce(names, pc.struct_field(batch["publisher"], "domain"), batch["domain"])


def table_texts(
    inputs: Iterable[str | Path],
    *,
    id_column: str | None,
    text_column: str,
    time_column: str | None = None,
    headline_column: str | None = None,
    leave_out: Collection[Path] = (),
) -> tuple[Iterator[pa.RecordBatch], list[Finding]]:
    """Return batches of any table with a text, and the list that gathers what could not be read.

    Without a column of identifiers a record is known by its place: `path:line`, or `path:row` from 0.

    Raises:
        InputError: an input cannot be read, is a text page, or has no such column.
    """
    findings: list[Finding] = []
    columns = (id_column, text_column, time_column, headline_column)
    return _table_batches(expand(inputs, leave_out=leave_out), columns, findings), findings


def _table_batches(
    inputs: list[Input], columns: _Columns, findings: list[Finding]
) -> Iterator[pa.RecordBatch]:
    rows = _table_rows(inputs, columns, findings)
    while chunk := list(islice(rows, BATCH_ROWS)):
        yield pa.RecordBatch.from_pylist(chunk, schema=TEXTS_SCHEMA)


def _table_rows(inputs: list[Input], columns: _Columns, findings: list[Finding]) -> Iterator[Record]:
    for item in inputs:
        if item.kind == "unknown":
            findings.append(passed_over(item))
            continue
        if item.kind == "page":
            findings.append(_page_among(item, inputs))
            continue
        for raw in iter_raw(item):
            if isinstance(raw, Rejected):
                findings.append(raw.finding)
            else:
                yield _table_row(raw, item.name, columns)


def _page_among(page: Input, inputs: list[Input]) -> Finding:
    """Return the finding that a page beside tables is passed over.

    Raises:
        InputError: there are no tables.
    """
    if all(item.kind in ("page", "unknown") for item in inputs):
        raise InputError(f"{page.name}: a text page has no columns; name none, and it is read as an article")
    return Finding(
        code="NDS012", level="info", message="passed over: a text page has no columns", path=page.name
    )


def _table_row(raw: Raw, path: str, columns: _Columns) -> dict[str, Any]:
    id_column, text_column, time_column, headline_column = columns
    missing = [name for name in columns if name is not None and name not in raw.record]
    if missing:
        place = f"{path}:{raw.line}" if raw.line else f"{path} row {raw.row}"
        # The first record of a file without a header may be as long as an article.
        names = ", ".join(excerpt(str(name), width=40) for name in islice(raw.record, 20))
        raise InputError(f"{place}: no column {missing[0]!r}; there are {names}")
    name = _name(raw, path, id_column)
    if name is None:
        raise InputError(f"{path}: a record has no {id_column}")
    text = raw.record[text_column]
    headline = raw.record[headline_column] if headline_column else None
    return {
        "id": str(name),
        "text": None if text is None else str(text),
        "published_at": _time(raw.record, time_column),
        "headline": None if headline is None else str(headline),
    }


def _name(raw: Raw, path: str, id_column: str | None) -> Any:
    """Return the identifier of a record, or its place."""
    if id_column is None:
        return f"{path}:{raw.row if raw.line is None else raw.line}"
    return raw.record.get(id_column)


def column_values(
    inputs: Iterable[str | Path], *, id_column: str | None, column: str, leave_out: Collection[Path] = ()
) -> dict[str, str]:
    """Return identifier to the value of a column of any table; records without one are left out.

    Without a column of identifiers a record is known by its place, as in `table_texts`.

    Raises:
        InputError: an input cannot be read, or has no such column.
    """
    values: dict[str, str] = {}
    for item in expand(inputs, leave_out=leave_out):
        if item.kind in ("page", "unknown"):
            continue
        for raw in iter_raw(item):
            if not isinstance(raw, Rejected) and raw.record.get(column) is not None:
                values[str(_name(raw, item.name, id_column))] = str(raw.record[column])
    if not values:
        raise InputError(f"no record has a value in column {column!r}")
    return values


def field_values(articles: Iterable[pa.RecordBatch], field: str) -> dict[str, str]:
    """Return identifier to the value of a field of articles; those without one are left out.

    Raises:
        UsageError: there is no such field with one value an article.
        InputError: no article has a value in it.
    """
    values = {
        name: value
        for batch in articles
        for name, value in zip(batch["id"].to_pylist(), field_texts(batch, field), strict=True)
        if value is not None
    }
    if not values:
        raise InputError(f"no article has a value in {field}")
    return values


def field_texts(batch: pa.RecordBatch, field: str) -> list[str | None]:
    """Return the value of a field of each article of a batch as text.

    Args:
        batch: articles.
        field: its name; `publisher.name` is that of a member.

    Raises:
        UsageError: there is no such field with one value an article.
    """
    import pyarrow.compute as pc

    head, _, member = field.partition(".")
    try:
        column = batch.column(head)
        return list((pc.struct_field(column, member) if member else column).cast(pa.string()).to_pylist())
    except (KeyError, pa.ArrowException):
        raise UsageError(f"{field} is no field with one value an article") from None


def _time(record: Record, column: str | None) -> Any:
    from datetime import datetime

    if column is None or record[column] is None:
        return None
    parsed = parse_date(str(record[column]))
    return datetime.fromisoformat(parsed.at) if parsed else None
