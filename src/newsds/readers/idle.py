"""Choices about reading that would do nothing: they are refused before anything is read."""

from collections.abc import Iterable, Mapping

from newsds.article import Rejected
from newsds.errors import UsageError
from newsds.readers.inputs import Input
from newsds.readers.mapping import Reading
from newsds.readers.records import iter_raw

__all__ = ["refuse_idle"]

#: Choice to the kinds of input it is about, and what these are called.
_KINDS = {
    "encoding": (
        ("page", "csv"),
        "text pages and CSV; JSON is UTF-8 always: iconv -f {} -t utf-8 converts it",
    ),
    "columns": (("csv",), "CSV"),
    "delimiter": (("csv",), "CSV"),
    "map": (("csv", "jsonl", "json", "parquet"), "tables and JSON; text pages have no columns"),
    "nan_as_null": (("jsonl", "json"), "JSON"),
}
#: Kinds in which all records have the same columns.
_UNIFORM = ("csv", "parquet")


def refuse_idle(planned: Iterable[tuple[Input, Reading]]) -> None:
    """Refuse a choice that is about none of its inputs, and a map of a column that none of their records has.

    Records are read until every mapped column was met: one as a rule.

    Raises:
        UsageError: as said.
        InputError: an input cannot be opened.
    """
    by_reading: dict[int, tuple[Reading, list[Input]]] = {}
    for item, reading in planned:
        if item.kind != "unknown":
            by_reading.setdefault(id(reading), (reading, []))[1].append(item)
    for reading, items in by_reading.values():
        _refuse_other_kinds(reading, items)
        if reading.map:
            _refuse_absent(reading, [item for item in items if item.kind != "page"])


def _refuse_other_kinds(reading: Reading, items: list[Input]) -> None:
    usual = Reading()
    for name, (kinds, what) in _KINDS.items():
        chosen = getattr(reading, name)
        if chosen != getattr(usual, name) and all(item.kind not in kinds for item in items):
            raise UsageError(
                f"{name.replace('_', '-')}: is about {what.format(chosen)}; no input is of that kind"
            )


def _refuse_absent(reading: Reading, items: list[Input]) -> None:
    seen: dict[str, None] = {}
    for item in items:
        for raw in iter_raw(
            item, columns=reading.columns, encoding=reading.encoding, delimiter=reading.delimiter
        ):
            if isinstance(raw, Rejected):
                continue
            seen |= dict.fromkeys(map(str, raw.record))
            if not _absent(reading.map, seen):
                return
            if item.kind in _UNIFORM:
                break
    if seen:
        target, column = next(iter(_absent(reading.map, seen).items()))
        names = ", ".join(list(seen)[:20]) + (f" and {len(seen) - 20} more" if len(seen) > 20 else "")
        raise UsageError(f"map {target}={column}: no record has a column {column!r}; there are {names}")


def _absent(mapped: Mapping[str, str], seen: Mapping[str, None]) -> dict[str, str]:
    return {target: column for target, column in mapped.items() if column not in seen}
