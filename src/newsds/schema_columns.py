"""The article schema applied to columns: which rows of a batch surely keep it.

The answer errs to one side: a row that is called good is valid, one that is not has to be looked at as a record.
Everything is derived from the master schema; what it says that is not known here makes no row good.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from newsds.schema import SPACE, is_nullable, load_schema, resolve, scalar_type

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["good_rows"]

Field = dict[str, Any]

#: What this module understands; annotations among them.
_KNOWN = frozenset({
    "description", "$comment", "type", "properties", "required", "additionalProperties", "minProperties", "items",
    "minItems", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "format",
})  # fmt: skip

_NOT_BLANK = f"[^{SPACE}]"

#: The longest list of requirements a profile may add, by name of a field: it is there and not null.
Required = frozenset[tuple[str, ...]]


class _Unknown(Exception):  # noqa: N818 # no error: rows are then looked at one by one
    """The columns or the schema are not what this module understands."""


def good_rows(batch: "pa.RecordBatch", *, profile: str = "core") -> "pa.BooleanArray | None":
    """Return for each row whether it surely keeps the article schema and has a headline that is not blank.

    Args:
        batch: rows in the form of an article; other columns and types are no error.
        profile: requirements added to the schema.

    Returns:
        None if nothing can be said about any row.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    schema = load_schema()
    try:
        batch.validate(full=True)
        required = _required(profile)
        good = _members(schema, _columns(batch), len(batch), required)
        return pc.and_(good, _matches(batch.column("headline"), _NOT_BLANK))
    except (_Unknown, KeyError, pa.ArrowException):
        return None


@cache
def _required(profile: str) -> Required:
    """Return the paths of the fields that a profile requires.

    Raises:
        _Unknown: it requires something else.
    """
    added = load_schema()["$defs"][f"profile_{profile}"]
    return frozenset(_paths(added))


def _paths(part: Field, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if set(part) - {"required", "properties", "type"}:
        raise _Unknown
    for name in part.get("required", ()):
        yield (*path, name)
    for name, inner in part.get("properties", {}).items():
        yield from _paths(inner, (*path, name))


def _columns(batch: "pa.RecordBatch") -> dict[str, "pa.Array"]:
    if len(set(batch.schema.names)) < len(batch.schema.names):
        raise _Unknown
    return dict(zip(batch.schema.names, batch.columns, strict=True))


def _members(
    field: Field, columns: dict[str, "pa.Array"], n_rows: int, required: Required
) -> "pa.BooleanArray":
    """Return where the members of an object are all good; where the object is null, that means nothing."""
    import pyarrow.compute as pc

    known = field["properties"]
    needed = {*field.get("required", ()), *(path[0] for path in required if len(path) == 1)}
    if (
        field.get("additionalProperties") is not False
        or columns.keys() - known.keys()
        or needed - columns.keys()
    ):
        raise _Unknown
    good = None
    for name, column in columns.items():
        inner = frozenset(path[1:] for path in required if path[0] == name and len(path) > 1)
        part = _values(resolve(known[name]), column, inner, must_be=name in needed)
        good = part if good is None else pc.and_(good, part)
    if good is None or len(good) != n_rows:
        raise _Unknown
    return good


def _values(
    field: Field, column: "pa.Array", required: Required, *, must_be: bool = False
) -> "pa.BooleanArray":
    """Return where the values of a column are good."""
    import pyarrow.compute as pc

    if set(field) - _KNOWN:
        raise _Unknown
    if column.null_count == len(column):
        return column.is_valid() if must_be or not is_nullable(field) else column.is_null()
    good = _KINDS[scalar_type(field)](field, column, required)
    if must_be or not is_nullable(field):
        return pc.and_(good, column.is_valid())
    return pc.or_kleene(column.is_null(), good)


def _text(field: Field, column: "pa.Array", _required: Required) -> "pa.BooleanArray":
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        raise _Unknown
    good = column.is_valid()
    if "enum" in field:
        options = "|".join(re.escape(option) for option in field["enum"] if option is not None)
        good = pc.and_(good, _matches(column, rf"^(?:{options})$"))
    if "pattern" in field:
        good = pc.and_(good, _matches(column, _for_re2(field["pattern"])))
    sizes = pc.min_max(pc.binary_length(column)).as_py()
    least, most = field.get("minLength", 0), field.get("maxLength", sizes["max"])
    if sizes["min"] < min(least, 1) or least > 1 or sizes["max"] > most:
        good = pc.and_(good, _is_within(pc.utf8_length(column), least, most))
    return good


def _for_re2(pattern: str) -> str:
    r"""Return a pattern of the schema for RE2: `$` is the very end there, and `\s` ASCII only."""
    translated = pattern.replace(r"$(?!\n)", "$").replace(r"\s", SPACE)
    if "(?" in translated or re.search(r"\\[dDwWbBS]", translated):
        raise _Unknown
    return translated


def _matches(column: "pa.Array", pattern: str) -> "pa.BooleanArray":
    """Return where a pattern is found; false for null."""
    import pyarrow.compute as pc

    return pc.and_kleene(column.is_valid(), pc.match_substring_regex(column, pattern))


def _number(field: Field, column: "pa.Array", _required: Required) -> "pa.BooleanArray":
    import pyarrow as pa
    import pyarrow.compute as pc

    is_whole = scalar_type(field) == "integer"
    fits = pa.types.is_integer(column.type) or (not is_whole and pa.types.is_float64(column.type))
    if not fits:
        raise _Unknown
    if pa.types.is_floating(column.type) and pc.any(pc.is_nan(column)).as_py():
        raise _Unknown
    return _is_within(column, field.get("minimum"), field.get("maximum"))


def _is_within(column: "pa.Array", least: float | None, most: float | None) -> "pa.BooleanArray":
    """Return where a number is within limits; rows are compared only if one is not."""
    import pyarrow.compute as pc

    ends = pc.min_max(column).as_py()
    good = column.is_valid()
    if least is not None and ends["min"] is not None and ends["min"] < least:
        good = pc.and_kleene(good, pc.greater_equal(column, least))
    if most is not None and ends["max"] is not None and ends["max"] > most:
        good = pc.and_kleene(good, pc.less_equal(column, most))
    return good


def _truth(_field: Field, column: "pa.Array", _required: Required) -> "pa.BooleanArray":
    import pyarrow as pa

    if not pa.types.is_boolean(column.type):
        raise _Unknown
    return column.is_valid()


#: The instants that the schema's pattern can state: the years 0001 to 9999, in microseconds since 1970.
_INSTANTS = (-62_135_596_800_000_000, 253_402_300_799_999_999)


def _instant(_field: Field, column: "pa.Array", _required: Required) -> "pa.BooleanArray":
    import pyarrow as pa

    if column.type != pa.timestamp("us", tz="UTC"):
        raise _Unknown
    return _is_within(column.view(pa.int64()), *_INSTANTS)


def _object(field: Field, column: "pa.Array", required: Required) -> "pa.BooleanArray":
    import pyarrow as pa

    if not pa.types.is_struct(column.type):
        raise _Unknown
    names = [column.type.field(number).name for number in range(column.type.num_fields)]
    columns = dict(zip(names, column.flatten(), strict=True))
    if len(columns) < max(len(names), field.get("minProperties", 0)):
        raise _Unknown
    return _members(field, columns, len(column), required)


def _list(field: Field, column: "pa.Array", _required: Required) -> "pa.BooleanArray":
    import pyarrow as pa
    import pyarrow.compute as pc

    if (
        not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type))
        or field.get("minItems", 0) > 1
    ):
        raise _Unknown
    good = column.is_valid()
    if field.get("minItems"):
        good = pc.and_kleene(good, _is_within(pc.list_value_length(column), 1, None))
    parts = _values(resolve(field["items"]), column.flatten(), frozenset())
    if pc.all(parts).as_py() is not False:
        return good
    bad = set(pc.list_parent_indices(column).filter(pc.invert(parts)).to_pylist())
    return pc.and_(good, pa.array([number not in bad for number in range(len(column))]))


_KINDS = {
    "string": _text,
    "integer": _number,
    "number": _number,
    "boolean": _truth,
    "timestamp": _instant,
    "object": _object,
    "array": _list,
}
