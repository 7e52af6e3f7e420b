"""The same bytes, whatever order texts come in and however many threads compare them."""

import random

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import newsds
from newsds.article import to_batch
from newsds.readers.columns import text_columns
from newsds.samples import sample
from newsds.texts import TEXTS_SCHEMA


@pytest.fixture(scope="module")
def table():
    return pa.Table.from_batches([text_columns(to_batch(sample(60, seed=7, copies=0.4)))])


def write(table, folder, **options):
    newsds.dedupe(table.to_batches(max_chunksize=options.pop("chunk", 16)), **options).write(folder)
    return [(folder / name).read_bytes() for name in ("clusters.parquet", "relations.parquet")]


@pytest.mark.parametrize("workers", [2, 8])
def test_the_number_of_threads_changes_no_byte(table, tmp_path, workers):
    assert write(table, tmp_path / "one") == write(table, tmp_path / "many", workers=workers)


@pytest.mark.parametrize("seed", range(2))
def test_the_order_of_the_input_changes_no_byte(table, tmp_path, seed):
    order = list(range(len(table)))
    random.Random(seed).shuffle(order)
    shuffled = table.take(pa.array(order))
    assert write(table, tmp_path / "sorted") == write(shuffled, tmp_path / "shuffled", chunk=7)


WORDS = st.lists(
    st.sampled_from(["one", "two", "three", "4", "5.5", "Six", "七八", "٣", "é", "—", "\n"]), max_size=40
).map(" ".join)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(st.one_of(st.none(), WORDS), max_size=8), seed=st.integers(0, 99))
def test_any_texts_give_one_row_each_and_the_same_tables_in_any_order(texts, seed):
    rows = [{"id": f"{n}", "text": text} for n, text in enumerate(texts)]
    found = newsds.dedupe([pa.RecordBatch.from_pylist(rows, schema=TEXTS_SCHEMA)])
    assert found.clusters["article_id"].to_pylist() == sorted(row["id"] for row in rows)
    random.Random(seed).shuffle(rows)
    again = newsds.dedupe([pa.RecordBatch.from_pylist([row], schema=TEXTS_SCHEMA) for row in rows])
    assert again.clusters.equals(found.clusters)
    assert again.relations.equals(found.relations)
