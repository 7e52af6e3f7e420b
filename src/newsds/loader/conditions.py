"""Conditions on rows: parsed from filters, tried on batches and on the statistics of row groups, or written as SQL.

Scalars are laid out byte by byte here, because `pa.scalar` and `pa.array` import pandas where it is installed,
which takes two seconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args

from newsds.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["Condition", "Conditions", "Filters", "Operator"]

Operator = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in"]

#: `(column, operator, value)`: all of a list must hold, or all of one list among lists.
Filters = Sequence[tuple[str, str, Any]] | Sequence[Sequence[tuple[str, str, Any]]]

_OPERATORS: dict[Any, Operator] = {"=": "==", **{name: name for name in get_args(Operator)}}

_KERNELS = {
    "==": "equal",
    "!=": "not_equal",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
}

#: Nanoseconds or microseconds in a microsecond; other units are not pruned by.
_PER_MICROSECOND = {"microseconds": 1, "nanoseconds": 1000}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One comparison; it holds for no null, but for `== None`.

    Attributes:
        column: name of a column, or dotted name of a member of a struct.
        operator: the comparison.
        values: what the column is compared with, as Arrow holds it: timestamps as microseconds since 1970 in UTC.
            Empty stands for null.
    """

    column: str
    operator: Operator
    values: tuple[Any, ...]

    def mask(self, batch: "pa.RecordBatch") -> "pa.BooleanArray":
        """Return for each row of a batch whether the condition holds."""
        import pyarrow.compute as pc

        column = _column(batch, self.column)
        if not self.values:
            return pc.is_null(column) if self.operator == "==" else pc.is_valid(column)
        if self.operator == "in":
            return pc.is_in(column, value_set=_array(self.values, column.type))
        if self.operator == "not in":
            return pc.and_(
                pc.is_valid(column), pc.invert(pc.is_in(column, value_set=_array(self.values, column.type)))
            )
        return getattr(pc, _KERNELS[self.operator])(column, _array(self.values, column.type)[0])

    def may_hold(self, low: Any, high: Any) -> bool:
        """Tell whether it can hold for a row of a group whose values lie between two."""
        match self.operator:
            case "==" | "in":
                return any(low <= value <= high for value in self.values)
            case "<":
                return bool(low < self.values[0])
            case "<=":
                return bool(low <= self.values[0])
            case ">":
                return bool(high > self.values[0])
            case ">=":
                return bool(high >= self.values[0])
        return True

    def to_sql(self, kind: "pa.DataType") -> str:
        """Return the condition as an SQL expression, as DuckDB understands it."""
        column = ".".join(_quoted(part, '"') for part in self.column.split("."))
        if not self.values:
            return f"{column} IS {'' if self.operator == '==' else 'NOT '}NULL"
        literals = [_literal(value, kind) for value in self.values]
        if self.operator in ("in", "not in"):
            return f"{column} {self.operator.upper()} ({', '.join(literals)})"
        return f"{column} {'=' if self.operator == '==' else self.operator} {literals[0]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """Conditions as alternatives, each of which is a list that must hold as a whole; no alternatives: all rows."""

    alternatives: tuple[tuple[Condition, ...], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are looked at."""
        return tuple(dict.fromkeys(item.column for items in self.alternatives for item in items))

    @classmethod
    def parse(cls, filters: Filters | None, schema: "pa.Schema") -> "Conditions":
        """Return the conditions that filters mean for a table.

        Raises:
            UsageError: a column, an operator or a value does not fit.
        """
        if not filters:
            return cls()
        nested = [filters] if isinstance(filters[0], tuple) else filters
        return cls(alternatives=tuple(tuple(_condition(item, schema) for item in items) for items in nested))

    def select(self, batch: "pa.RecordBatch") -> "pa.RecordBatch":
        """Return the rows of a batch that meet the conditions."""
        if not self.alternatives:
            return batch
        import pyarrow.compute as pc

        whole = None
        for items in self.alternatives:
            mask = items[0].mask(batch)
            for item in items[1:]:
                mask = pc.and_kleene(mask, item.mask(batch))
            whole = mask if whole is None else pc.or_kleene(whole, mask)
        return batch.filter(whole)

    def row_groups(self, metadata: "pq.FileMetaData") -> list[int]:
        """Return the row groups of a file that may hold such rows, by their statistics."""
        groups = range(metadata.num_row_groups)
        if not self.alternatives:
            return list(groups)
        return [number for number in groups if self._may_hold(metadata.row_group(number))]

    def _may_hold(self, group: Any) -> bool:
        bounds = _bounds(group, self.columns)
        return any(
            all(
                item.may_hold(*bounds[item.column]) if item.values and item.column in bounds else True
                for item in items
            )
            for items in self.alternatives
        )

    def to_sql(self, schema: "pa.Schema") -> str | None:
        """Return the conditions as an SQL expression; None if there are none."""
        if not self.alternatives:
            return None
        return " OR ".join(
            "(" + " AND ".join(item.to_sql(_type(schema, item.column)) for item in items) + ")"
            for items in self.alternatives
        )


def _condition(item: Any, schema: "pa.Schema") -> Condition:
    if not isinstance(item, tuple) or len(item) != 3:
        raise UsageError(f"filter {item!r}: write ('language', '==', 'en')")
    column, sign, value = item
    operator = _OPERATORS.get(sign)
    if operator is None:
        raise UsageError(f"filter {item!r}: the operators are {', '.join(get_args(Operator))}")
    kind = _type(schema, column)
    if value is None and operator in ("==", "!="):
        return Condition(column=column, operator=operator, values=())
    values = value if operator in ("in", "not in") else [value]
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise UsageError(f"filter {item!r}: {operator!r} takes a list")
    parsed = tuple(_value(one, kind, item) for one in values)
    if not parsed:
        raise UsageError(f"filter {item!r}: the list is empty")
    return Condition(column=column, operator=operator, values=parsed)


def _type(schema: "pa.Schema", name: str) -> "pa.DataType":
    """Return the type of a column, or of a member of a struct.

    Raises:
        UsageError: there is none of that name.
    """
    import pyarrow as pa

    head, *rest = name.split(".")
    if head not in schema.names:
        raise UsageError(f"column {head!r}: there is none; there are {', '.join(schema.names)}")
    kind = schema.field(head).type
    for part in rest:
        if not pa.types.is_struct(kind) or kind.get_field_index(part) < 0:
            raise UsageError(f"column {name!r}: {head!r} has no member {part!r}")
        kind = kind.field(part).type
    return kind


def _value(value: Any, kind: "pa.DataType", item: Any) -> Any:
    """Return a value as Arrow holds it in a column of a type."""
    import pyarrow as pa

    if pa.types.is_timestamp(kind) and (moment := _moment(value)):
        return (moment - _EPOCH) // timedelta(microseconds=1)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = (
        (pa.types.is_string(kind) and isinstance(value, str))
        or (pa.types.is_integer(kind) and is_number and value == int(value))
        or (pa.types.is_floating(kind) and is_number)
        or (pa.types.is_boolean(kind) and isinstance(value, bool))
    )
    if not fits:
        raise UsageError(f"filter {item!r}: a column of type {kind} is not compared with {value!r}")
    return int(value) if pa.types.is_integer(kind) else value


def _moment(value: Any) -> datetime | None:
    """Return the instant of a date, time or ISO 8601 text; a time without a zone is UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _column(batch: "pa.RecordBatch", name: str) -> "pa.Array":
    import pyarrow.compute as pc

    head, *rest = name.split(".")
    column = batch.column(head)
    return pc.struct_field(column, rest) if rest else column


def _array(values: Sequence[Any], kind: "pa.DataType") -> "pa.Array":
    """Return an array of values without a null."""
    import numpy as np
    import pyarrow as pa

    if pa.types.is_string(kind):
        encoded = [value.encode() for value in values]
        offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(encoded))]
    elif pa.types.is_boolean(kind):
        buffers = [None, pa.py_buffer(np.packbits(np.array(values), bitorder="little"))]
    elif pa.types.is_timestamp(kind):
        per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
        buffers = [None, pa.py_buffer(np.array([value * per_second // 10**6 for value in values], np.int64))]
    else:
        buffers = [None, pa.py_buffer(np.array(values, dtype=kind.to_pandas_dtype()))]
    return pa.Array.from_buffers(kind, len(values), buffers)


def _bounds(group: Any, columns: Iterable[str]) -> dict[str, tuple[Any, Any]]:
    """Return the least and greatest value of each column whose statistics a row group has."""
    bounds = {}
    for number in range(group.num_columns):
        chunk = group.column(number)
        if chunk.path_in_schema in columns and (seen := chunk.statistics) and seen.has_min_max:
            bounds[chunk.path_in_schema] = _plain_bounds(seen)
    return {name: pair for name, pair in bounds.items() if pair is not None}


def _plain_bounds(seen: Any) -> tuple[Any, Any] | None:
    """Return bounds as conditions hold values; `min` and `max` of timestamps would import pandas."""
    stated = seen.logical_type.to_json()
    if "Timestamp" in stated:
        factor = next((factor for unit, factor in _PER_MICROSECOND.items() if unit in stated), None)
        return (seen.min_raw // factor, -(-seen.max_raw // factor)) if factor else None
    if seen.physical_type not in ("BYTE_ARRAY", "INT32", "INT64", "FLOAT", "DOUBLE", "BOOLEAN"):
        return None
    low, high = seen.min, seen.max
    return (low, high) if isinstance(low, str | int | float) else None


def _quoted(text: str, mark: str) -> str:
    return mark + text.replace(mark, mark * 2) + mark


def _literal(value: Any, kind: "pa.DataType") -> str:
    import pyarrow as pa

    if pa.types.is_timestamp(kind):
        return f"make_timestamptz({value})" if kind.tz else f"make_timestamp({value})"
    if isinstance(value, bool):
        return str(value).upper()
    return _quoted(value, "'") if isinstance(value, str) else repr(value)
