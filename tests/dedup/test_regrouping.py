"""Clusters of which only some copies count."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from newsds.dedup import dedupe
from newsds.dedup.candidates import Recipe, Sketches
from newsds.dedup.corpus import gather
from newsds.dedup.parameters import Parameters
from newsds.dedup.rarity import Rarity, count_occurrences
from newsds.dedup.regrouping import regroup
from newsds.samples import sample
from newsds.texts import TEXTS_SCHEMA

START = datetime(2026, 3, 4, tzinfo=UTC)
BODIES = [record["body"] for record in sample(8, seed=2, copies=0)]


def texts(*rows: tuple[str, str, int]) -> list[pa.RecordBatch]:
    records = [
        {"id": name, "text": text, "published_at": START + timedelta(hours=hours), "publisher": name}
        for name, text, hours in rows
    ]
    return [pa.RecordBatch.from_pylist(records, schema=TEXTS_SCHEMA)]


ALL = [
    ("a", BODIES[0], 0),
    ("b", BODIES[0].rpartition("\n\n")[0], 1),
    ("c", BODIES[0], 5),
    *((f"o{number}", body, number) for number, body in enumerate(BODIES[1:])),
]


def rarity(folder: Path) -> Rarity:
    with Sketches(folder, recipe=Recipe.for_window(168)) as sketches:
        return count_occurrences(gather(texts(*ALL), folder, watch=sketches.add), sketches)


@pytest.mark.parametrize(("keep", "canonical"), [("earliest", "b"), ("longest", "c")])
def test_copies_are_grouped_as_if_the_others_were_not(tmp_path: Path, keep: str, canonical: str) -> None:
    parameters = Parameters(keep=keep)
    whole = dedupe(texts(*ALL), parameters=parameters)
    cluster = dict(
        zip(whole.clusters["article_id"].to_pylist(), whole.clusters["cluster_id"].to_pylist(), strict=True)
    )
    assert cluster["a"] == cluster["b"] == cluster["c"]
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    some = [row for row in ALL if row[0] in "bc"]
    pairs = whole.relations.filter(
        pa.array([{row["a"], row["b"]} == {"b", "c"} for row in whole.relations.to_pylist()])
    )
    found = regroup(
        texts(*some), cluster, pairs, tmp_path / "one", parameters=parameters, rarity=rarity(tmp_path / "two")
    ).to_pylist()
    assert [(row["article_id"], row["n_copies"], row["cluster_id"]) for row in found] == [
        (name, 2, cluster["a"]) for name in "bc"
    ]
    assert {row["article_id"] for row in found if row["role"] == "canonical"} == {canonical}
    other = next(row for row in found if row["article_id"] != canonical)
    assert [other["role"]] == pairs["relation"].to_pylist()
    assert [other["similarity"]] == pytest.approx(pairs["similarity"].to_pylist())
    assert abs(other["hours_after"]) == 4
    # What was never compared is compared now.
    again = regroup(
        texts(*some),
        cluster,
        pairs.slice(0, 0),
        tmp_path / "one",
        parameters=parameters,
        rarity=rarity(tmp_path / "two"),
    ).to_pylist()
    assert again == found
