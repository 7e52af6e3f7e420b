"""The article schema applied to columns: which rows of a batch surely keep it.

The answer errs to one side: a row that is called good is valid, one that is not has to be looked at as a record.
Everything is derived from the master schema; what it says that is not known here makes no row good.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from newsds.schema import SPACE, is_nullable, load_schema, resolve, scalar_type

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["good_rows"]

Field = dict[str, Any]
#: Where values are good; None is everywhere, which is the rule and costs nothing.
Mask: TypeAlias = "pa.BooleanArray | None"

#: What this module understands; annotations among them.
_KNOWN = frozenset({
    "description", "$comment", "type", "properties", "required", "additionalProperties", "minProperties", "items",
    "minItems", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "format",
})  # fmt: skip

_NOT_BLANK = f"[^{SPACE}]"

#: Rows at the beginning of a column of texts, and how many values they have where the column is taken to have few.
#: If it has no more than there are such rows, each value is looked at once.
PEEK_ROWS, FEW_VALUES = 64, 8

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

    schema = load_schema()
    try:
        batch.validate()
        required = _required(profile)
        good = _members(schema, _columns(batch), required)
        return _both(_matches(batch.column("headline"), _NOT_BLANK), good)
    except (_Unknown, KeyError, UnicodeDecodeError, pa.ArrowException):
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


def _both(one: "Mask", other: "Mask") -> "Mask":
    """Return where both masks say good."""
    import pyarrow.compute as pc

    if one is None or other is None:
        return other if one is None else one
    return pc.and_kleene(one, other)


def _members(field: Field, columns: dict[str, "pa.Array"], required: Required) -> "Mask":
    """Return where the members of an object are all good; where the object is null, that means nothing."""
    known = field["properties"]
    needed = {*field.get("required", ()), *(path[0] for path in required if len(path) == 1)}
    if (
        field.get("additionalProperties") is not False
        or not columns
        or columns.keys() - known.keys()
        or needed - columns.keys()
    ):
        raise _Unknown
    good = None
    for name, column in columns.items():
        inner = frozenset(path[1:] for path in required if path[0] == name and len(path) > 1)
        good = _both(good, _values(resolve(known[name]), column, inner, must_be=name in needed))
    return good


def _values(field: Field, column: "pa.Array", required: Required, *, must_be: bool = False) -> "Mask":
    """Return where the values of a column are good."""
    import pyarrow.compute as pc

    if set(field) - _KNOWN:
        raise _Unknown
    may_be_null = not must_be and is_nullable(field)
    if column.null_count == len(column):
        return None if may_be_null else column.is_valid()
    good = _KINDS[scalar_type(field)](field, column, required)
    if good is not None and good.true_count == len(good):
        good = None
    if column.null_count == 0:
        return good
    if not may_be_null:
        return _both(good, column.is_valid())
    return None if good is None else pc.or_kleene(column.is_null(), good)


def _text(field: Field, column: "pa.Array", _required: Required) -> "Mask":
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        raise _Unknown
    # Each use of a pattern costs its compilation, which is much for few values.
    if len(pc.unique(column.slice(0, PEEK_ROWS))) <= FEW_VALUES:
        values = pc.unique(column)
        if len(values) <= PEEK_ROWS and all(
            value is None or _is_good_text(field, value) for value in values.to_pylist()
        ):
            return None
    return _texts(field, column)


def _texts(field: Field, column: "pa.Array") -> "Mask":
    """Return where the texts of a column are good.

    Raises:
        pyarrow.ArrowInvalid: one of them is no text.
    """
    import pyarrow.compute as pc

    column.validate(full=True)
    good = None
    if "enum" in field:
        options = "|".join(re.escape(option) for option in field["enum"] if option is not None)
        good = _matches(column, rf"^(?:{options})$")
    if "pattern" in field:
        good = _both(good, _matches(column, _for_re2(field["pattern"])))
    sizes = pc.min_max(pc.binary_length(column)).as_py()
    least, most = field.get("minLength", 0), field.get("maxLength", sizes["max"])
    if sizes["min"] < min(least, 1) or least > 1 or sizes["max"] > most:
        good = _both(good, _is_within(pc.utf8_length(column), least, most))
    return good


def _is_good_text(field: Field, text: str) -> bool:
    # For Python, `$` also stands before a last line feed.
    pattern = _for_re2(field.get("pattern", "")).replace("$", r"\Z")
    return (
        text in field.get("enum", (text,))
        and re.search(pattern, text) is not None
        and field.get("minLength", 0) <= len(text) <= field.get("maxLength", len(text))
    )


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


def _number(field: Field, column: "pa.Array", _required: Required) -> "Mask":
    import pyarrow as pa
    import pyarrow.compute as pc

    is_whole = scalar_type(field) == "integer"
    fits = pa.types.is_integer(column.type) or (not is_whole and pa.types.is_float64(column.type))
    if not fits:
        raise _Unknown
    if pa.types.is_floating(column.type) and pc.any(pc.is_nan(column)).as_py():
        raise _Unknown
    return _is_within(column, field.get("minimum"), field.get("maximum"))


def _is_within(column: "pa.Array", least: float | None, most: float | None) -> "Mask":
    """Return where a number is within limits; rows are compared only if one is not."""
    import pyarrow.compute as pc

    ends = pc.min_max(column).as_py()
    good = None
    if least is not None and ends["min"] is not None and ends["min"] < least:
        good = pc.greater_equal(column, least)
    if most is not None and ends["max"] is not None and ends["max"] > most:
        good = _both(good, pc.less_equal(column, most))
    return good


def _truth(_field: Field, column: "pa.Array", _required: Required) -> None:
    import pyarrow as pa

    if not pa.types.is_boolean(column.type):
        raise _Unknown


#: The instants that the schema's pattern can state: the years 0001 to 9999, in microseconds since 1970.
_INSTANTS = (-62_135_596_800_000_000, 253_402_300_799_999_999)


def _instant(_field: Field, column: "pa.Array", _required: Required) -> "Mask":
    import pyarrow as pa

    if column.type != pa.timestamp("us", tz="UTC"):
        raise _Unknown
    return _is_within(column.view(pa.int64()), *_INSTANTS)


def _object(field: Field, column: "pa.Array", required: Required) -> "Mask":
    import pyarrow as pa

    if not pa.types.is_struct(column.type):
        raise _Unknown
    names = [column.type.field(number).name for number in range(column.type.num_fields)]
    columns = dict(zip(names, column.flatten(), strict=True))
    if len(columns) < max(len(names), field.get("minProperties", 0)):
        raise _Unknown
    return _members(field, columns, required)


def _list(field: Field, column: "pa.Array", _required: Required) -> "Mask":
    import pyarrow as pa
    import pyarrow.compute as pc

    if (
        not (pa.types.is_list(column.type) or pa.types.is_large_list(column.type))
        or field.get("minItems", 0) > 1
    ):
        raise _Unknown
    good = _is_within(pc.list_value_length(column), 1, None) if field.get("minItems") else None
    parts = _values(resolve(field["items"]), column.flatten(), frozenset())
    if parts is None:
        return good
    bad = set(pc.list_parent_indices(column).filter(pc.invert(parts)).to_pylist())
    return _both(good, pa.array([number not in bad for number in range(len(column))]))


_KINDS = {
    "string": _text,
    "integer": _number,
    "number": _number,
    "boolean": _truth,
    "timestamp": _instant,
    "object": _object,
    "array": _list,
}
