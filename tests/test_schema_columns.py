"""The schema on columns: what it calls good is valid, and what is valid and plain it calls good."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.records import complete
from newsds import arrow_schema, testing
from newsds.article import Articles, to_batch
from newsds.checks import validate
from newsds.project import RuleChoices
from newsds.readers import read
from newsds.readers.parquet_records import plain_rows
from newsds.samples import sample
from newsds.schema import PROFILES, validator
from newsds.schema_columns import good_rows

#: Fields with values of the right type that keep the schema or break it.
TEXTS = st.sampled_from(["", " ", "\u00a0\u2003", "GB", "GB\n", "uk", "https://a.example/x", "https://a.example/\u00a0", "https://a.example/\x0b", "nds:" + "0" * 32, "1.0.0", "en", "en\n", "0" * 64, "usable", "full", "x" * 4097, "é" * 2000, "é" * 2001, "\u2028"]) | st.text(max_size=4)  # fmt: skip


def values(kind):
    """Draw values of an Arrow type."""
    if pa.types.is_list(kind):
        return st.lists(values(kind.value_type), max_size=2) | st.none()
    if pa.types.is_struct(kind):
        return (
            st.fixed_dictionaries(
                {kind.field(n).name: values(kind.field(n).type) for n in range(kind.num_fields)}
            )
            | st.none()
        )
    if pa.types.is_timestamp(kind):
        return st.integers(-(2**55), 2**55) | st.none()
    if pa.types.is_integer(kind):
        return st.sampled_from([-1, 0, 1, 5_000_000, 5_000_001, 599, 600, 2**31 - 1]) | st.none()
    if pa.types.is_floating(kind):
        return st.sampled_from([0.0, 1.0, 1.5, -0.1]) | st.none()
    return st.booleans() | st.none() if pa.types.is_boolean(kind) else TEXTS | st.none()


def verdicts(batch, profile):
    """Return what the record engine says of each row."""
    engine = validator("article", profile=profile)
    rows = list(plain_rows(batch))
    return [isinstance(row, dict) and engine.is_valid(row) and bool(row["headline"].strip()) for row in rows]


@pytest.mark.parametrize("n_few", [0, 8], ids=["patterns over columns", "each value once"])
@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_called_good_is_valid(profile, n_few, monkeypatch):
    monkeypatch.setattr("newsds.schema_columns.FEW_VALUES", n_few)

    @given(st.data(), st.sampled_from(arrow_schema().names))
    @settings(max_examples=40, deadline=None)
    def check(data, name):
        batch = to_batch(list(sample(3, seed=data.draw(st.integers(0, 9)))))
        kind = arrow_schema().field(name).type
        drawn = pa.array([data.draw(values(kind)) for _ in range(3)], kind)
        batch = batch.set_column(batch.schema.get_field_index(name), name, drawn)
        good = good_rows(batch, profile=profile)
        expected = verdicts(batch, profile)
        assert good is None or all(
            is_valid for called, is_valid in zip(good.to_pylist(), expected, strict=True) if called
        )
        if good is not None and pa.types.is_string(kind):
            assert good.to_pylist() == expected

    check()


@given(st.lists(testing.articles(), min_size=1, max_size=3))
@settings(max_examples=25)
def test_valid_articles_are_called_good(records):
    assert good_rows(to_batch(records)).to_pylist() == [True] * len(records)


@pytest.mark.parametrize(
    "change",
    [
        lambda batch: batch.append_column("title", batch.column("headline")),
        lambda batch: batch.drop_columns(["body"]),
        lambda batch: batch.set_column(0, "schema_version", batch.column(0).dictionary_encode()),
        lambda batch: batch.set_column(0, "word_count", pa.array([[1]] * len(batch))),
        lambda batch: batch.set_column(
            batch.schema.get_field_index("body"),
            "body",
            pa.Array.from_buffers(
                pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")]
            ),
        ),
    ],
    ids=["unknown column", "missing column", "dictionary", "other type", "bad UTF-8"],
)
def test_of_other_columns_nothing_is_said(change):
    assert good_rows(change(to_batch(list(sample(1, seed=1))))) is None


RECORDS = st.lists(st.sampled_from([{}, {"headline": " "}, {"url": "x"}, {"tags": []}, {"headline": None}, {"word_count": -1}]), min_size=1, max_size=12)  # fmt: skip


@given(RECORDS, st.booleans(), st.sampled_from(["core", "web", "release"]))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_report_on_columns_is_that_on_rows(tmp_path, partials, is_strange, profile):
    records = [complete({**partial, "published_at": None}, number) for number, partial in enumerate(partials)]
    table = pa.Table.from_batches([to_batch(records)]) if not is_strange else pa.Table.from_pylist(records)
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=5)
    articles, choices = read(tmp_path / "a.parquet"), RuleChoices(profile=profile)
    report = validate(articles, choices=choices, rules="schema")
    assert report == validate(Articles(articles.open_items), choices=choices, rules="schema")
    assert report.n_records == len(records)
