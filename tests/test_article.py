"""The article record: identity, two forms, streams."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsds.article import (
    Articles,
    Row,
    article_id,
    canonical_json,
    record_digest,
    to_batch,
    to_records,
    without_nulls,
)
from newsds.errors import UsageError
from newsds.samples import sample
from newsds.schema import arrow_schema

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def test_the_two_forms_of_an_article_hold_the_same():
    records = [without_nulls(record) for record in sample(50, seed=3, copies=0.3)]
    assert to_records(to_batch(records)) == [
        {name: record[name] for name in arrow_schema().names if name in record} for record in records
    ]


def test_instants_keep_their_fraction_and_come_back_in_one_form():
    (record,) = sample(1)
    record["published_at"] = "2026-01-02T03:04:05.120000Z"
    assert to_records(to_batch([record]))[0]["published_at"] == "2026-01-02T03:04:05.12Z"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("https://a.example/1", "0" * 64), ("https://a.example/2", "0" * 64)),
        (("", "0" * 64), ("", "1" * 64)),
        (("a", "0" * 64), ("", "0" * 64)),
    ],
)
def test_different_keys_or_bytes_give_different_identifiers(one, other):
    assert article_id(*one) != article_id(*other)


def test_the_identifier_specification_does_not_drift():
    assert article_id("https://news.example/a", "0" * 64) == "nds:2172e339be0b737163197dd9e08bad07"


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_nulls_and_key_order_do_not_change_the_digest(record):
    padded = {**{key: None for key in ("zz", "aa") if key not in record}, **dict(reversed(record.items()))}
    assert canonical_json(padded) == canonical_json(record)
    assert record_digest(padded) == record_digest(record)


def test_a_record_that_does_not_fit_is_a_finding_and_the_others_pass():
    good, bad = sample(2)
    bad["word_count"] = "many"
    articles = Articles(
        lambda: iter([Row(record=bad, path="x.jsonl", line=1), Row(record=good, path="x.jsonl", line=2)])
    )
    assert articles.to_table().num_rows == 1
    assert [(finding.code, finding.line) for finding in articles.findings] == [("NDS104", 1)]


def test_a_stream_can_be_read_again():
    articles = Articles.from_records(sample(5))
    assert articles.to_table() == articles.to_table()


def test_a_table_with_other_columns_is_refused_with_the_remedy():
    with pytest.raises(UsageError, match="title"):
        Articles.from_arrow(pa.table({"title": ["x"]}))


def test_a_table_of_articles_is_a_stream_of_articles():
    table = Articles.from_records(sample(5)).to_table()
    assert Articles.from_arrow(table).to_table() == table


def test_nothing_that_arrow_has_no_column_for_vanishes():
    (record,) = sample(1)
    with pytest.raises(ValueError, match="unknown field 'mood'"):
        to_batch([{**record, "mood": "calm"}])
    (kept,) = to_records(to_batch([{**record, "schema_version": "1.9.0", "mood": "calm"}]))
    assert kept["schema_version"] == "1.0.0"
    assert '"/mood":"calm"' in kept["extra"]
