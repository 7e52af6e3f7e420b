"""The place of a value in a record that was read before: for findings that are known only at the end."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import orjson

from newsds.article import Row
from newsds.findings import Finding
from newsds.readers.cursor import BOM
from newsds.readers.inputs import Input
from newsds.readers.mapping import is_native
from newsds.readers.parquet_records import open_parquet, places_of
from newsds.readers.places import json_place, n_chars
from newsds.readers.records import MAX_RECORD_BYTES

__all__ = ["pinpoint"]

#: What may stand on a line before a record.
_INDENT = 1024


def pinpoint(finding: Finding, inputs: Mapping[str, Input]) -> Finding:
    """Return the finding with the place of its value, where its input can be read again and is an article's own form.

    Args:
        finding: with its record's place.
        inputs: by name; JSON lines that are not compressed, and Parquet, can be read again.
    """
    item = inputs.get(finding.path or "")
    if item is None or not finding.pointer or finding.column is not None or finding.column_path is not None:
        return finding
    if item.kind == "parquet" and finding.row is not None:
        row = Row(record={}, row=finding.row)
        place = places_of(open_parquet(item))(row, finding.pointer, None)
        return replace(finding, row_group=place.row_group, column_path=place.column_path)
    if item.kind != "jsonl" or item.compression is not None or finding.record_offset is None:
        return finding
    found = _row(item, finding, finding.record_offset)
    return (
        finding if found is None else replace(finding, **json_place(found, finding.pointer, None)._asdict())
    )


def _row(item: Input, finding: Finding, offset: int) -> Row | None:
    """Return the record of a line; None for a foreign one, whose fields have other names."""
    start = max(0, offset - _INDENT)
    with item.path.open("rb") as stream:
        stream.seek(start)
        before = stream.read(offset - start).rpartition(b"\n")[2].removeprefix(BOM)
        raw = stream.readline(MAX_RECORD_BYTES).strip()
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict) or not is_native(record):
        return None
    return Row(
        record=cast("dict[str, object]", record),
        line=finding.line,
        offset=offset,
        column=1 + n_chars(before),
        raw=raw,
    )
