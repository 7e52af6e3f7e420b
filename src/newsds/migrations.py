"""Records rewritten to another version of the article schema; what has no place there is kept in `extra`.

Within a major version one rule serves both directions: fields and values that the target does not know move into
`extra`, under one key, with their JSON pointers, and come back when a record is migrated to a version that knows them.
So down and up again is the identity. A new major version adds its step to `STEPS`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson

from newsds.errors import UsageError
from newsds.schema import load_schema, resolve, versions

__all__ = ["KEPT", "STEPS", "Migrated", "migrate_record"]

#: Key in `extra` under which values wait for a version that has a field for them: JSON pointer to value.
KEPT = "newsds:kept"

#: A record in its JSON form, as `newsds.article.Record`.
Record = dict[str, Any]

Step = Callable[[Record], Record]

#: Major version to the function that rewrites a record of it to the next one.
STEPS: Mapping[int, Step] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Migrated:
    """A record in its new version."""

    record: Record
    #: JSON pointers of what moved into `extra`.
    kept: tuple[str, ...] = ()
    #: JSON pointers of what could not be kept, because `extra` is not a JSON object or would grow too long.
    lost: tuple[str, ...] = ()


def migrate_record(record: Record, *, to: str) -> Migrated:
    """Return a record rewritten to another schema version.

    Raises:
        UsageError: the record names no version, or there is no way from it to the wanted one.
    """
    if to not in versions("article"):
        raise UsageError(
            f"article schema {to!r}: no such version; there are {', '.join(versions('article'))}"
        )
    moved = _to_major(record, int(to.partition(".")[0]))
    extra, is_object = _extra(moved)
    waiting = {**extra.pop(KEPT, {})}
    trimmed, taken = _trim({**moved, "schema_version": to}, load_schema("article", to), to)
    for pointer in list(waiting):
        if _restore(trimmed, pointer, waiting[pointer], to):
            del waiting[pointer]
    if not taken and not waiting and KEPT not in _extra(moved)[0]:
        return Migrated(record=trimmed)
    kept = {**waiting, **taken}
    if not is_object:
        return Migrated(record=trimmed, lost=tuple(sorted(taken)))
    text = orjson.dumps({**extra, **({KEPT: kept} if kept else {})}, option=orjson.OPT_SORT_KEYS).decode()
    if len(text) > int(load_schema("article", to)["properties"]["extra"]["maxLength"]):
        return Migrated(record=trimmed, lost=tuple(sorted(taken)))
    return Migrated(record={**trimmed, "extra": text if text != "{}" else None}, kept=tuple(sorted(taken)))


def _to_major(record: Record, major: int) -> Record:
    declared = record.get("schema_version")
    if not isinstance(declared, str) or not declared.partition(".")[0].isdigit():
        raise UsageError(
            f"record {record.get('id')}: schema_version {declared!r} is no version; run newsds validate"
        )
    current = int(declared.partition(".")[0])
    while current < major and current in STEPS:
        record = STEPS[current](record)
        current += 1
    if current != major:
        raise UsageError(f"no way from schema {declared} to {major}.x")
    return record


def _extra(record: Record) -> tuple[dict[str, Any], bool]:
    """Return `extra` parsed, and whether something can be added to it."""
    text = record.get("extra")
    if text is None:
        return {}, True
    try:
        parsed = orjson.loads(text)
    except (ValueError, TypeError):
        return {}, False
    return (parsed, True) if isinstance(parsed, dict) else ({}, False)


def _trim(record: Record, schema: dict[str, Any], version: str) -> tuple[Record, dict[str, Any]]:
    """Return the record without what the schema does not know, and that by JSON pointer."""
    taken: dict[str, Any] = {}
    return _known(record, schema, version, "", taken), taken


def _known(value: Any, part: dict[str, Any], version: str, pointer: str, taken: dict[str, Any]) -> Any:
    part = resolve(part, version)
    if isinstance(value, dict) and "properties" in part:
        return dict(_known_members(value, part["properties"], version, pointer, taken))
    if isinstance(value, list) and "items" in part:
        return _known_items(value, resolve(part["items"], version), version, pointer, taken)
    if "enum" in part and value not in part["enum"] and isinstance(value, str):
        taken[pointer] = value
        return None
    return value


def _known_members(
    value: Record, properties: dict[str, Any], version: str, pointer: str, taken: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        place = f"{pointer}/{_escaped(name)}"
        if name in properties:
            yield name, _known(item, properties[name], version, place, taken)
        elif item is not None:
            taken[place] = item


def _known_items(
    value: list[Any], part: dict[str, Any], version: str, pointer: str, taken: dict[str, Any]
) -> list[Any]:
    """A list whose items lose something is kept whole: an index means nothing in a shorter list."""
    inner: dict[str, Any] = {}
    items = [_known(item, part, version, f"{pointer}/{number}", inner) for number, item in enumerate(value)]
    if not inner:
        return value
    taken[pointer] = value
    required = part.get("required", ())
    return [
        item
        for item in items
        if item is not None
        and not (isinstance(item, dict) and any(item.get(name) is None for name in required))
    ]


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _restore(record: Record, pointer: str, value: Any, version: str) -> bool:
    """Put a value back where it was, if the schema knows it whole; tell whether it did."""
    names = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    part: dict[str, Any] = load_schema("article", version)
    owner: Any = record
    for name in names[:-1]:
        part = resolve(part.get("properties", {}).get(name, {}), version)
        owner = owner.get(name) if isinstance(owner, dict) else None
    known = part.get("properties", {}).get(names[-1])
    if known is None or not isinstance(owner, dict):
        return False
    taken: dict[str, Any] = {}
    _known(value, known, version, "", taken)
    if taken:
        return False
    owner[names[-1]] = value
    return True
