"""What changed between two versions of a schema, whom it breaks, and which version number it asks for.

Two directions, as schema registries have them: are old records valid under the new schema, and can readers of the
old schema read new records? A reader accepts fields it does not know and new values of open vocabularies
(`newsds.schema.relaxed`). The named changes explain; the verdict is a proof: `covers` of jsonschema-rs's canonical
form, which answers yes, no or unknown. Unknown counts as breaking.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from newsds.schema import is_open, relaxed

__all__ = ["Change", "Level", "SchemaDiff", "diff_schemas"]

Level = Literal["none", "patch", "minor", "major"]

Schema = dict[str, Any]

#: Keywords that say something to people and nothing to a validator.
_WORDS = ("description", "title", "$comment", "$id", "examples", "deprecated")
#: Keyword to whether a larger value accepts more.
_LIMITS = {
    "maxLength": True, "maxItems": True, "maximum": True, "exclusiveMaximum": True, "maxProperties": True,
    "minLength": False, "minItems": False, "minimum": False, "exclusiveMinimum": False, "minProperties": False,
}  # fmt: skip
#: Keywords whose changes have names of their own. All others are compared as a whole; what they accept is left to the proof.
_NAMED = frozenset({*_WORDS, *_LIMITS, "type", "enum", "required", "properties", "items", "$defs"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One named change of one field."""

    #: Dotted name such as `rights.license`; empty for the record itself.
    field: str
    #: Such as `field_added`, `required_removed`, `limit_raised`.
    kind: str
    #: What it was and what it is, for people.
    detail: str
    #: Whether every old record stays valid as far as this change goes.
    keeps_old_data: bool
    #: Whether readers of the old schema read new records as far as this change goes.
    keeps_old_readers: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the change as JSON data."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaDiff:
    """All changes, and the proved verdict on the whole."""

    changes: tuple[Change, ...]
    #: `yes` only if it is proved that every old record is valid under the new schema.
    old_data: str
    #: `yes` only if it is proved that a reader of the old schema accepts every new record.
    old_readers: str
    level: Level

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as JSON data."""
        changes = [change.to_dict() for change in self.changes]
        return {
            "level": self.level,
            "old_data": self.old_data,
            "old_readers": self.old_readers,
            "changes": changes,
        }


def diff_schemas(old: Schema, new: Schema) -> SchemaDiff:
    """Compare two schemas.

    The level is `major` unless both directions are proved, `minor` if anything changed that a validator sees,
    `patch` if only words did.
    """
    changes = tuple(_proved(change, old, new) for change in _changes(old, new)) or tuple(_rest(old, new))
    old_data, old_readers = _covers(new, old), _covers(relaxed(old), new)
    return SchemaDiff(
        changes=changes,
        old_data=old_data,
        old_readers=old_readers,
        level=_level(changes, old_data, old_readers),
    )


def _level(changes: tuple[Change, ...], old_data: str, old_readers: str) -> Level:
    safe = all(change.keeps_old_data and change.keeps_old_readers for change in changes)
    if not (safe and old_data == old_readers == "yes"):
        return "major"
    if not changes:
        return "none"
    return "patch" if all(change.kind == "words_changed" for change in changes) else "minor"


def _covers(wide: Schema, narrow: Schema) -> str:
    """Return `yes`, `no` or `unknown`: does the first schema accept all that the second accepts?"""
    import jsonschema_rs

    try:
        return str(jsonschema_rs.canonicalize(wide).covers(jsonschema_rs.canonicalize(narrow)))
    except (ValueError, jsonschema_rs.canonical.CanonicalizationError):
        return "unknown"


def _proved(change: Change, old: Schema, new: Schema) -> Change:
    """Return the change with each "yes" taken back that the field's own schemas do not prove."""
    before, after = _fields(old).get(change.field), _fields(new).get(change.field)
    if before is None or after is None or change.kind == "words_changed":
        return change
    with_defs = [
        {**field, "$defs": schema.get("$defs", {})} for field, schema in ((before, old), (after, new))
    ]
    data = change.keeps_old_data and _covers(with_defs[1], with_defs[0]) == "yes"
    readers = change.keeps_old_readers and _covers(relaxed(with_defs[0]), with_defs[1]) == "yes"
    return Change(
        field=change.field,
        kind=change.kind,
        detail=change.detail,
        keeps_old_data=data,
        keeps_old_readers=readers,
    )


def _fields(schema: Schema) -> dict[str, Schema]:
    """Return every object and field of a schema by dotted name; items of a list have their list's name and `[]`."""
    found: dict[str, Schema] = {}

    def walk(name: str, part: Any, *, within: tuple[str, ...] = ()) -> None:
        inside = (*within, part["$ref"]) if isinstance(part, dict) and "$ref" in part else within
        part = _resolved(part, schema)
        found[name] = part
        if len(set(inside)) < len(inside):
            return
        for key, inner in part.get("properties", {}).items():
            walk(f"{name}.{key}" if name else key, inner, within=inside)
        if "items" in part:
            walk(f"{name}[]", part["items"], within=inside)

    walk("", schema)
    return found


def _resolved(part: Any, schema: Schema) -> Schema:
    """Return a schema with the definition in it that it refers to; of one that is true or false, what that means."""
    if isinstance(part, bool):
        return {} if part else {"not": {}}
    if not str(part.get("$ref", "")).startswith("#/$defs/"):
        return part
    target = schema.get("$defs", {}).get(part["$ref"].rpartition("/")[2], {})
    return {**target, **{key: value for key, value in part.items() if key != "$ref"}}


def _changes(old: Schema, new: Schema) -> Iterator[Change]:
    before, after = _fields(old), _fields(new)
    for name in [*before, *(name for name in after if name not in before)]:
        if _owner(name) not in before or _owner(name) not in after:
            continue
        yield from _field_changes(name, before.get(name), after.get(name), _parent(name, before, after))
    yield from _order_change(old, new)
    yield from _profile_changes(old, new)


def _rest(old: Schema, new: Schema) -> Iterator[Change]:
    """Yield that something changed which has no name here: silence would say that nothing did."""
    if _without_words(old) != _without_words(new):
        yield _change("", "other_change", "in a part that no field is made of", data=True, readers=True)


def _without_words(part: Any, *, is_names: bool = False) -> Any:
    """Return a schema without what it says to people only."""
    if isinstance(part, list):
        return [_without_words(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _without_words(value, is_names=key in ("properties", "$defs") and not is_names)
        for key, value in part.items()
        if is_names or key not in _WORDS
    }


def _profile_changes(old: Schema, new: Schema) -> Iterator[Change]:
    """What a profile adds to the requirements is no field, and breaks records all the same."""
    before, after = old.get("$defs", {}), new.get("$defs", {})
    for name in sorted(name for name in {*before, *after} if name.startswith("profile_")):
        parts = [
            {**defs[name], "$defs": defs} if isinstance(defs.get(name), dict) else {}
            for defs in (before, after)
        ]
        if before.get(name) != after.get(name):
            data, readers = _covers(parts[1], parts[0]) == "yes", _covers(parts[0], parts[1]) == "yes"
            yield _change(name, "profile_changed", "requirements of a profile", data=data, readers=readers)


def _owner(name: str) -> str:
    """Return the name of what a field is in; what came or went with its owner is no change of its own."""
    return name[:-2] if name.endswith("[]") else name.rpartition(".")[0]


def _parent(name: str, before: dict[str, Schema], after: dict[str, Schema]) -> tuple[bool, bool]:
    """Return whether a field is required before and after."""
    owner, _, leaf = name.removesuffix("[]").rpartition(".")
    required = [leaf in fields.get(owner, {}).get("required", ()) for fields in (before, after)]
    return required[0], required[1]


def _change(name: str, kind: str, detail: str, *, data: bool, readers: bool) -> Change:
    return Change(field=name, kind=kind, detail=detail, keeps_old_data=data, keeps_old_readers=readers)


def _field_changes(
    name: str, old: Schema | None, new: Schema | None, required: tuple[bool, bool]
) -> Iterator[Change]:
    if old is None or new is None:
        yield from _presence(name, old, new, is_required=required[1])
        return
    if name and required[0] != required[1] and not name.endswith("[]"):
        kind = "required_added" if required[1] else "required_removed"
        yield _change(
            name,
            kind,
            "required now" if required[1] else "optional now",
            data=not required[1],
            readers=required[1],
        )
    yield from _type_change(name, old, new)
    yield from _vocabulary_changes(name, old, new)
    yield from _limit_changes(name, old, new)
    for key in sorted({*old, *new} - _NAMED):
        if old.get(key) != new.get(key):
            yield _change(
                name,
                f"{key}_changed",
                f"{key}: {old.get(key)!r} to {new.get(key)!r}",
                data=True,
                readers=True,
            )
    if any(old.get(key) != new.get(key) for key in _WORDS):
        yield _change(name, "words_changed", "description or title", data=True, readers=True)


def _presence(name: str, old: Schema | None, new: Schema | None, *, is_required: bool) -> Iterator[Change]:
    if name.endswith("[]"):
        yield _change(
            name, "items_changed", "the schema of the items came or went", data=False, readers=False
        )
    elif new is None:
        yield _change(name, "field_removed", "records that have it are invalid", data=False, readers=False)
    elif old is None and "." not in name and is_required:
        yield _change(name, "required_field_added", "old records do not have it", data=False, readers=True)
    else:
        yield _change(
            name,
            "field_added",
            "optional" if not is_required else "required",
            data=not is_required,
            readers=True,
        )


def _types(field: Schema) -> set[str]:
    named = field.get("type", [])
    return {named} if isinstance(named, str) else set(named)


def _type_change(name: str, old: Schema, new: Schema) -> Iterator[Change]:
    before, after = _types(old), _types(new)
    if before != after:
        kind = "type_widened" if before < after else "type_narrowed" if before > after else "type_changed"
        detail = f"{' or '.join(sorted(before)) or 'any'} to {' or '.join(sorted(after)) or 'any'}"
        yield _change(name, kind, detail, data=before <= after, readers=after <= before)


def _vocabulary_changes(name: str, old: Schema, new: Schema) -> Iterator[Change]:
    if "enum" not in old and "enum" not in new:
        return
    if "enum" not in old or "enum" not in new:
        came = "enum" in new
        yield _change(
            name, "vocabulary_added" if came else "vocabulary_removed", "", data=not came, readers=came
        )
        return
    added = [value for value in new["enum"] if value not in old["enum"]]
    removed = [value for value in old["enum"] if value not in new["enum"]]
    if added:
        kind = "open_value_added" if is_open(old) else "value_added"
        yield _change(name, kind, ", ".join(map(str, added)), data=True, readers=is_open(old))
    if removed:
        yield _change(name, "value_removed", ", ".join(map(str, removed)), data=False, readers=True)


def _limit_changes(name: str, old: Schema, new: Schema) -> Iterator[Change]:
    for key, larger_accepts_more in _LIMITS.items():
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        looser = after is None or (before is not None and (after > before) == larger_accepts_more)
        kind = "limit_loosened" if looser else "limit_tightened"
        yield _change(name, kind, f"{key}: {before} to {after}", data=looser, readers=not looser)


def _order_change(old: Schema, new: Schema) -> Iterator[Change]:
    """New fields come last: columns of old files keep their place."""
    before = [name for name in old.get("properties", {}) if name in new.get("properties", {})]
    after = [name for name in new.get("properties", {}) if name in before]
    appended = list(new.get("properties", {}))[: len(after)] == after
    if before != after or not appended:
        yield _change("", "order_changed", "fields moved, or new ones are not last", data=True, readers=True)
