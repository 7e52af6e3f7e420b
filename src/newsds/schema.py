"""The versioned schemas: where they are, their validators, and the Arrow form of an article."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from newsds.errors import UsageError

if TYPE_CHECKING:
    import jsonschema_rs
    import pyarrow as pa

__all__ = [
    "PROFILES",
    "SCHEMA_VERSION",
    "SPACE",
    "Kind",
    "arrow_schema",
    "for_rust",
    "is_later_minor",
    "is_list",
    "is_nullable",
    "is_open",
    "load_schema",
    "profile_schema",
    "relaxed",
    "resolve",
    "scalar_type",
    "schema_bytes",
    "strict",
    "validator",
    "versions",
]

#: The article schema this version of newsds writes.
SCHEMA_VERSION = "1.0.0"

Kind = Literal["article", "release", "report", "project"]

#: White space as Python has it, as a part of a class of characters in the patterns of Rust and of RE2, whose `\s`
#: is another.
SPACE = "\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

#: How the `$comment` of a vocabulary begins to which a minor version may add values.
_OPEN = "open vocabulary"

#: Sets of requirements on an article; every profile includes `core`.
PROFILES = ("core", "web", "wire", "release")


def _folder() -> Path:
    """Return the folder of schemas: beside the package when installed, else at the top of the checkout."""
    installed = Path(__file__).parent / "_schema"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "schema"


def versions(kind: Kind = "article") -> tuple[str, ...]:
    """Return the versions of a schema that ship with this package, oldest first."""
    names = [path.stem for path in (_folder() / kind).glob("*.json")]
    return tuple(sorted(names, key=lambda name: [int(part) for part in name.split(".")]))


def schema_bytes(kind: Kind = "article", version: str = SCHEMA_VERSION) -> bytes:
    """Return the frozen file of a schema, byte for byte.

    Raises:
        UsageError: there is no such version.
    """
    path = _folder() / kind / f"{version}.json"
    if version not in versions(kind):
        raise UsageError(f"{kind} schema {version!r}: no such version; there are {', '.join(versions(kind))}")
    return path.read_bytes()


@cache
def load_schema(kind: Kind = "article", version: str = SCHEMA_VERSION) -> dict[str, Any]:
    """Return a schema as parsed JSON; do not change it."""
    import orjson

    loaded: dict[str, Any] = orjson.loads(schema_bytes(kind, version))
    return loaded


def profile_schema(profile: str = "core", version: str = SCHEMA_VERSION) -> dict[str, Any]:
    """Return the article schema with the requirements of a profile added.

    Raises:
        UsageError: there is no such profile.
    """
    if profile not in PROFILES:
        raise UsageError(f"profile {profile!r}: no such profile; there are {', '.join(PROFILES)}")
    schema = load_schema("article", version)
    return schema if profile == "core" else {**schema, "allOf": [{"$ref": f"#/$defs/profile_{profile}"}]}


def is_later_minor(version: object) -> bool:
    """Tell whether a record's version is a later one of the same major version, which a reader can relax for."""
    if not isinstance(version, str) or not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4}){2}", version):
        return False
    known, declared = ([int(part) for part in text.split(".")] for text in (SCHEMA_VERSION, version))
    return declared[0] == known[0] and declared[1] > known[1]


def is_open(field: dict[str, Any]) -> bool:
    """Tell whether later minor versions may add values to a field's vocabulary."""
    return "enum" in field and str(field.get("$comment", "")).startswith(_OPEN)


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the article schema with the rule added that no required text but the body is blank.

    What breaks only that is a value missing (NDS102), which the schema has no word for.
    """
    fields = schema["properties"]
    texts = {
        name: {**fields[name], "pattern": f"[^{SPACE}]"}
        for name in schema["required"]
        if name != "body" and fields[name]["type"] == "string" and "pattern" not in fields[name]
    }
    return {**schema, "properties": {**fields, **texts}}


def for_rust(schema: Any) -> Any:
    r"""Return a schema whose patterns need no backtracking: in Rust's engine `$` never stands before a last `\n`."""
    if isinstance(schema, list):
        return [for_rust(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value.replace(r"$(?!\n)", "$")
        if key == "pattern" and isinstance(value, str)
        else for_rust(value)
        for key, value in schema.items()
    }


def relaxed(schema: Any) -> Any:
    """Return a schema as a reader holds it against records of a later minor version.

    Fields it does not know and values that an open vocabulary does not have yet are accepted.
    """
    if isinstance(schema, list):
        return [relaxed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    looser = {
        key: relaxed(value)
        for key, value in schema.items()
        if not (key == "additionalProperties" and value is False)
    }
    if is_open(schema):
        looser["type"] = ["string", "null"] if None in looser.pop("enum") else "string"
    return looser


@cache
def validator(
    kind: Kind = "article",
    version: str = SCHEMA_VERSION,
    profile: str = "core",
    *,
    is_relaxed: bool = False,
    is_strict: bool = False,
) -> "jsonschema_rs.Draft202012Validator":
    """Return the compiled validator of a schema (of the article schema: with a profile).

    Args:
        kind: which schema.
        version: its version.
        profile: requirements added to the article schema.
        is_relaxed: accept what a later minor version may have added, see `relaxed`.
        is_strict: refuse required texts that are blank, see `strict`.
    """
    import jsonschema_rs

    schema = profile_schema(profile, version) if kind == "article" else load_schema(kind, version)
    schema = strict(schema) if is_strict else schema
    return jsonschema_rs.Draft202012Validator(for_rust(relaxed(schema) if is_relaxed else schema))


def resolve(field: dict[str, Any], version: str = SCHEMA_VERSION) -> dict[str, Any]:
    """Return a field's schema with its `$ref` into `$defs` merged in."""
    if "$ref" not in field:
        return field
    target = load_schema("article", version)["$defs"][field["$ref"].rpartition("/")[2]]
    return {**target, **{key: value for key, value in field.items() if key != "$ref"}}


def _types(field: dict[str, Any]) -> set[str]:
    """Return the JSON types a resolved field admits."""
    if "enum" in field:
        return {"null" if value is None else "string" for value in field["enum"]}
    named = field["type"]
    return {named} if isinstance(named, str) else set(named)


def is_nullable(field: dict[str, Any]) -> bool:
    """Tell whether a resolved field admits null."""
    return "null" in _types(field)


def is_list(field: dict[str, Any]) -> bool:
    """Tell whether a resolved field is a list."""
    return "array" in _types(field)


def scalar_type(field: dict[str, Any]) -> str:
    """Return `string`, `integer`, `number`, `boolean`, `timestamp`, `array` or `object` for a resolved field."""
    if field.get("format") == "date-time":
        return "timestamp"
    (name,) = _types(field) - {"null"}
    return name


def _arrow_type(field: dict[str, Any], version: str) -> "pa.DataType":
    import pyarrow as pa

    field = resolve(field, version)
    kind = scalar_type(field)
    if kind == "array":
        return pa.list_(pa.field("item", _arrow_type(field["items"], version)))
    if kind == "object":
        return pa.struct(list(_arrow_fields(field, version)))
    small = field.get("maximum", 2**63) < 2**31
    integer = pa.int32() if small else pa.int64()
    scalars = {
        "string": pa.string(),
        "integer": integer,
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
    }
    return scalars[kind]


def _arrow_fields(schema: dict[str, Any], version: str) -> Iterator["pa.Field"]:
    import pyarrow as pa

    for name, field in schema["properties"].items():
        yield pa.field(name, _arrow_type(field, version))


@cache
def arrow_schema(version: str = SCHEMA_VERSION) -> "pa.Schema":
    """Return the Arrow schema of an article: every field of the master, in its order.

    All fields are nullable: the release's readers (Hugging Face `datasets`) drop nullability anyway,
    and what is required is the validator's business. Timestamps are microseconds in UTC.
    """
    import pyarrow as pa

    return pa.schema(list(_arrow_fields(load_schema("article", version), version)))
