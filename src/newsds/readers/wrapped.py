"""Documents that hold their records in a list, as the answers of news interfaces do."""

from collections.abc import Iterator
from typing import Any

from newsds.article import Record, Rejected
from newsds.json_text import find_elements, json_pointer
from newsds.readers.cursor import Raw
from newsds.readers.places import json_place, place_of
from newsds.readers.shapes import TARGETS

__all__ = ["unwrapped"]

#: What the list is called, best first, and what may stand round it.
_LISTS = (
    "articles",
    "results",
    "items",
    "docs",
    "documents",
    "entries",
    "stories",
    "records",
    "news",
    "data",
)
_AROUND = ("response", "result", "data")
#: Longer texts round the list are those of an article, whatever they are called.
_MAX_WORDING = 300


def unwrapped(found: Raw | Rejected) -> Iterator[Raw | Rejected]:
    """Yield the records of a document that is no article but holds a list of objects; anything else as it is."""
    path = _path_to_list(found.record) if isinstance(found, Raw) else None
    if path is None or isinstance(found, Rejected) or found.raw is None:
        yield found
        return
    records = _member(found.record, path)
    spans = find_elements(found.raw, json_pointer([*path]))
    for number, (record, span) in enumerate(zip(records, spans, strict=True)):
        place = place_of(found, span)
        yield Raw(
            record=record,
            raw=found.raw[span.start : span.end],
            line=place.line,
            row=found.row,
            offset=place.offset,
            column=place.column or 1,
            locate=json_place,
            note=None if number else found.note,
        )


def _path_to_list(record: Record) -> tuple[str, ...] | None:
    """Return the names that lead to the list of objects in a record that has no body."""
    if "schema_version" in record or "@type" in record or "bodies" in record:
        return None
    if any(name.lower() in TARGETS["body"] or _is_text(value) for name, value in record.items()):
        return None
    paths = [(name,) for name in _LISTS] + [(outer, name) for outer in _AROUND for name in _LISTS]
    return next((path for path in paths if _is_list_of_objects(_member(record, path))), None)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) > _MAX_WORDING


def _member(record: Record, path: tuple[str, ...]) -> Any:
    value: Any = record
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)
