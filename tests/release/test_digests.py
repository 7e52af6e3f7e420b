"""Logical digests."""

import hashlib
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsds.article import to_batch
from newsds.release.digests import file_sha256, merkle_root, row_digests, table_root
from newsds.samples import sample


def table(**columns: pa.Array) -> pa.Table:
    return pa.table(columns)


def one(value: object, kind: pa.DataType) -> bytes:
    (digest,) = row_digests(table(a=pa.array([value], kind)))
    return digest


def test_a_row_is_hashed_as_the_specification_says() -> None:
    kind = pa.struct([("n", pa.int32()), ("gone", pa.string())])
    rows = table(z=pa.array(["é"]), a=pa.array([[{"n": -5, "gone": None}, None]], pa.list_(kind)))
    item = b"o" + b"1:n" + b"3:i-5"
    listed = b"l" + str(len(item)).encode() + b":" + item + b"0:"
    row = b"o" + b"1:a" + str(len(listed)).encode() + b":" + listed + b"1:z" + b"3:s" + "é".encode()
    assert row_digests(rows) == [hashlib.sha256(row).digest()]


@pytest.mark.parametrize(
    ("value", "kind", "other", "other_kind"),
    [
        ("a", pa.string(), "a", pa.large_string()),
        ("a", pa.string(), "a", pa.dictionary(pa.int32(), pa.string())),
        (7, pa.int32(), 7, pa.int64()),
        (0, pa.timestamp("us", tz="UTC"), 0, pa.timestamp("ms", tz="UTC")),
        ([], pa.list_(pa.string()), None, pa.list_(pa.string())),
        ({"x": None}, pa.struct([("x", pa.string())]), None, pa.struct([("x", pa.string())])),
        (["a"], pa.list_(pa.string()), ["a"], pa.large_list(pa.string())),
    ],
    ids=["wide string", "dictionary", "integer width", "time unit", "empty list", "empty struct", "wide list"],
)  # fmt: skip
def test_how_a_value_is_stored_does_not_matter(
    value: object, kind: pa.DataType, other: object, other_kind: pa.DataType
) -> None:
    assert one(value, kind) == one(other, other_kind)


@pytest.mark.parametrize(
    ("value", "other", "kind"),
    [
        ("", None, pa.string()),
        (True, False, pa.bool_()),
        (0.1, 0.1 + 2**-55, pa.float64()),
        (["a", "b"], ["ab"], pa.list_(pa.string())),
        (["a", None], ["a"], pa.list_(pa.string())),
        (["1:", "a"], ["1:a"], pa.list_(pa.string())),
        ([[], ["a"]], [["a"], []], pa.list_(pa.list_(pa.string()))),
        ({"x": "1", "y": None}, {"x": None, "y": "1"}, pa.struct([("x", pa.string()), ("y", pa.string())])),
    ],
)
def test_values_that_differ_have_other_digests(value: object, other: object, kind: pa.DataType) -> None:
    assert one(value, kind) != one(other, kind)


def test_the_order_of_columns_and_a_column_without_values_do_not_matter() -> None:
    plain = table(a=pa.array(["x", "y"]), b=pa.array([1, 2]))
    other = table(b=pa.array([1, 2]), new=pa.nulls(2), a=pa.array(["x", "y"]))
    assert row_digests(plain) == row_digests(other)


def test_other_writers_keep_the_digests(tmp_path: Path) -> None:
    batch = to_batch(sample(50, copies=0.3))
    pq.write_table(pa.Table.from_batches([batch]), tmp_path / "a.parquet", compression="none")
    pl.read_parquet(tmp_path / "a.parquet").write_parquet(tmp_path / "b.parquet")
    assert row_digests(pq.read_table(tmp_path / "b.parquet")) == row_digests(batch)
    assert file_sha256(tmp_path / "a.parquet") != file_sha256(tmp_path / "b.parquet")


@given(
    st.lists(
        st.lists(st.none() | st.lists(st.none() | st.text(max_size=2), max_size=3), max_size=3), max_size=4
    )
)
def test_slices_have_the_digests_of_their_rows(rows: list[object]) -> None:
    whole = table(a=pa.array(rows, pa.list_(pa.list_(pa.string()))))
    assert [d for n in range(len(rows)) for d in row_digests(whole.slice(n, 1))] == row_digests(whole)


@given(
    st.lists(
        st.none() | st.lists(st.none() | st.text(alphabet="a:0l", max_size=3), max_size=3), unique_by=str
    ),
)
def test_only_null_and_empty_have_one_digest(rows: list[list[str | None] | None]) -> None:
    digests = row_digests(table(a=pa.array(rows, pa.list_(pa.string()))))
    n_distinct = len({str(row or None) for row in rows})
    assert len(set(digests)) == n_distinct


def test_the_root_is_that_of_rfc_6962() -> None:
    leaves = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43"]
    # Test vectors of the certificate transparency reference implementation.
    assert merkle_root([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle_root(leaves[:1]) == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle_root(leaves[:3]) == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    assert merkle_root(leaves) == "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"


def test_the_root_of_a_table_does_not_depend_on_the_order() -> None:
    leaves = [bytes([n]) * 32 for n in range(9)]
    assert table_root(leaves) == table_root(leaves[::-1])
    assert table_root(leaves) != table_root(leaves[:-1])
    assert merkle_root(leaves) != merkle_root(leaves[::-1])
