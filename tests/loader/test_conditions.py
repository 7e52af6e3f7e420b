"""Conditions: what they keep, and that row groups passed over had nothing to keep."""

import operator
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from newsds.loader.conditions import Conditions

START = datetime(2026, 1, 1, tzinfo=UTC)

TESTS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda value, values: value in values,
    "not in": lambda value, values: value not in values,
}

COLUMNS = {
    "number": (pa.int32(), st.integers(-5, 5)),
    "share": (pa.float64(), st.floats(-2, 2, allow_nan=False)),
    "text": (pa.string(), st.text("abü𝒳", max_size=2)),
    "moment": (
        pa.timestamp("us", tz="UTC"),
        st.integers(0, 9).map(lambda n: START + timedelta(microseconds=n)),
    ),
    "nano": (
        pa.timestamp("ns", tz="UTC"),
        st.integers(0, 9).map(lambda n: START + timedelta(microseconds=n)),
    ),
    "flag": (pa.bool_(), st.booleans()),
}


@st.composite
def cases(draw):
    """A column of values, some of them null, and filters on it."""
    name = draw(st.sampled_from(sorted(COLUMNS)))
    kind, values = COLUMNS[name]
    rows = draw(st.lists(st.none() | values, min_size=1, max_size=12))

    def condition():
        sign = draw(st.sampled_from(sorted(TESTS)))
        if draw(st.integers(0, 5)) == 0:
            return (name, draw(st.sampled_from(["==", "!="])), None)
        value = draw(st.lists(values, min_size=1, max_size=3) if "in" in sign else values)
        return (name, sign, value)

    return (
        name,
        kind,
        rows,
        [[condition() for _ in range(draw(st.integers(1, 2)))] for _ in range(draw(st.integers(1, 2)))],
    )


def holds(value, condition) -> bool:
    _, sign, wanted = condition
    if wanted is None:
        return (value is None) == (sign == "==")
    return value is not None and TESTS[sign](value, wanted)


@given(cases())
def test_exactly_the_rows_that_meet_the_conditions_are_kept(case):
    name, kind, rows, filters = case
    table = pa.table({name: pa.array(rows, kind)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=2)
    conditions = Conditions.parse(filters, table.schema)
    with pq.ParquetFile(pa.BufferReader(sink.getvalue())) as file:
        groups = conditions.row_groups(file.metadata)
        kept = [
            value
            for batch in file.iter_batches(row_groups=groups)
            for value in conditions.select(batch)[name].to_pylist()
        ]
    expected = [
        value for value in rows if any(all(holds(value, item) for item in items) for items in filters)
    ]
    assert kept == expected


def test_row_groups_without_such_rows_are_passed_over():
    table = pa.table(
        {"moment": pa.array([START + timedelta(days=n) for n in range(10)], pa.timestamp("us", tz="UTC"))}
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=1)
    metadata = pq.ParquetFile(pa.BufferReader(sink.getvalue())).metadata
    conditions = Conditions.parse(
        [("moment", ">=", "2026-01-04"), ("moment", "<", "2026-01-06")], table.schema
    )
    assert conditions.row_groups(metadata) == [3, 4]
