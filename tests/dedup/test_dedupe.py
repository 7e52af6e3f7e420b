"""dedupe(): the contract that commands and builds rely on."""

import random
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import newsds
from newsds.errors import InputError, UsageError
from newsds.texts import TEXTS_SCHEMA

STORY = (
    "PORT HALDEN (Northwire) - Two tugs pulled the grain carrier Osprey Dawn off a sand bank on Tuesday, nineteen "
    "hours after it ran aground within sight of the pilot station, the harbour master said. Nobody was hurt. "
    "The ship had lost steering in the outer channel when a fuse blew on the bridge, its captain told the coast "
    "guard. Divers found scratches along forty metres of hull but no leak. The carrier will unload at Easter Quay."
)


def texts(*rows, batch=2):
    """Return batches of texts; a row is (id, text, hours) with anything after it null."""
    start = datetime(2026, 3, 4, tzinfo=UTC)
    records = [
        {"id": key, "text": text, "published_at": None if hours is None else start + timedelta(hours=hours)}
        for key, text, hours in rows
    ]
    return [
        pa.RecordBatch.from_pylist(records[i : i + batch], schema=TEXTS_SCHEMA)
        for i in range(0, len(records), batch)
    ]


def roles(found):
    return dict(
        zip(found.clusters["article_id"].to_pylist(), found.clusters["role"].to_pylist(), strict=True)
    )


def test_every_article_has_a_row_and_copies_name_one_cluster():
    found = newsds.dedupe(
        texts(("b", STORY, 2), ("a", STORY + " Pilots blamed the tide.", 1), ("c", "Other.", 1))
    )
    assert found.clusters["article_id"].to_pylist() == ["a", "b", "c"]
    first, second, third = found.clusters["cluster_id"].to_pylist()
    assert first == second != third
    assert roles(found)["a"] == roles(found)["c"] == "canonical"
    assert found.relations.select(["a", "b"]).to_pylist() == [{"a": "a", "b": "b"}]


@pytest.mark.parametrize("empty", [None, "", " \n", "…!?"])
def test_texts_without_a_word_are_like_nothing(empty):
    found = newsds.dedupe(texts(("a", empty, 1), ("b", empty, 1), ("c", empty, 1)))
    assert len(set(found.clusters["cluster_id"].to_pylist())) == 3
    assert found.relations.num_rows == 0


def test_the_order_of_the_input_changes_no_byte(tmp_path):
    rows = [(f"{n:02}", STORY[: 200 + 10 * n], n) for n in range(20)] + [
        (f"x{n}", f"Brief number {n}.", n) for n in range(5)
    ]
    newsds.dedupe(texts(*rows)).write(tmp_path / "sorted")
    random.Random(1).shuffle(rows)
    newsds.dedupe(texts(*rows, batch=7)).write(tmp_path / "shuffled")
    for name in ("clusters.parquet", "relations.parquet"):
        assert (tmp_path / "sorted" / name).read_bytes() == (tmp_path / "shuffled" / name).read_bytes()


def test_identifiers_are_needed_and_unique():
    with pytest.raises(InputError, match="'a' occurs more than once"):
        newsds.dedupe(texts(("a", STORY, 1), ("b", "x", 1), ("a", "y", 1)))
    with pytest.raises(InputError, match="1 of 2 texts have no id"):
        newsds.dedupe(texts(("a", STORY, 1), (None, "x", 1)))
    with pytest.raises(InputError, match="'a' occurs more than once"):
        newsds.dedupe(texts(("a", STORY, 1), ("b", "x", 1), ("a", STORY, 2)))


def test_a_row_that_is_given_again_is_taken_once():
    rows = [("a", STORY, 1), ("b", STORY + " More.", 2), ("c", "Something else.", None)]
    once, again = newsds.dedupe(texts(*rows)), newsds.dedupe(texts(*rows, *reversed(rows), rows[0], batch=3))
    assert once.clusters.equals(again.clusters)
    assert once.relations.equals(again.relations)


def test_nothing_in_gives_empty_tables():
    found = newsds.dedupe([])
    assert (found.clusters.num_rows, found.relations.num_rows) == (0, 0)
    assert found.summary()["largest_cluster"] == 0


def test_a_wrong_parameter_is_named():
    with pytest.raises(UsageError, match="'treshold' is no parameter"):
        newsds.dedupe([], parameters={"treshold": 1})


@pytest.mark.parametrize("hours", [0, -1, "168", True, None, float("nan"), float("inf")])
def test_a_window_that_is_no_time_is_named(hours):
    with pytest.raises(UsageError, match=r"window_hours: .* is no number above 0"):
        newsds.dedupe(texts(("a", STORY, 1)), parameters={"window_hours": hours})
