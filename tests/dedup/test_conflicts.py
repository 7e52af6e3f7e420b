"""No cluster holds two texts that are known to be no copies of each other."""

import random
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

import newsds
from dedup.test_relations import LEAD, MORE, REST, STORY
from newsds.dedup.keeping import POLICIES
from newsds.dedup.relations import SAME_ARTICLE
from newsds.texts import TEXTS_SCHEMA

START = datetime(2026, 3, 4, tzinfo=UTC)


def dedupe(rows, **choices):
    """Rows are id, text, hours (None: not known), headline."""
    names = ("id", "text", "published_at", "headline")
    records = [
        dict(
            zip(
                names,
                (key, text, None if hours is None else START + timedelta(hours=hours), *more),
                strict=False,
            )
        )
        for key, text, hours, *more in rows
    ]
    return newsds.dedupe([pa.RecordBatch.from_pylist(records, schema=TEXTS_SCHEMA)], parameters=choices)


def clusters_of(found):
    return dict(zip(*found.clusters.select(["article_id", "cluster_id"]).to_pydict().values(), strict=True))


def test_a_short_version_of_two_stories_with_other_figures_joins_only_one_of_them():
    other = STORY.replace("2021", "2012").replace("310,000", "250,000").replace("40 metres", "14 metres")
    found = dedupe([("full", STORY, 0), ("other", other, 2), ("short", LEAD + MORE[:99], 1)])
    kinds = {(row["a"], row["b"]): row["relation"] for row in found.relations.to_pylist()}
    assert kinds["full", "other"] not in SAME_ARTICLE
    assert {kinds["full", "short"], kinds["short", "other"]} <= SAME_ARTICLE
    names = clusters_of(found)
    assert names["full"] == names["short"] != names["other"]


def test_an_equal_text_without_a_date_joins_no_two_that_lie_far_apart():
    hours = {"a": None, "b": 0, "c": 24 * 30, "d": 24 * 31, "e": None}
    names = clusters_of(dedupe([(key, STORY, at) for key, at in hours.items()]))
    assert names["a"] == names["b"] == names["e"] != names["c"] == names["d"]


def _versions(seed):
    """Return versions of two stories, cut, told on, corrected, re-sent, with and without dates."""
    chance = random.Random(seed)
    parts = [
        [LEAD, MORE, REST],
        ["A crane fell on Pier 9 on Monday. " + LEAD[:60], MORE, "Nobody was hurt. " * 3],
    ]
    for number in range(40):
        first, *others = chance.choice(parts)
        text = first + "".join(chance.sample(others, chance.randrange(3)))
        if chance.random() < 0.4:
            text = text.replace(
                *chance.choice([("40", "14"), ("2021", "2012"), ("Lindqvist", "Lund"), ("Tollan", "Kestel")])
            )
        mark = chance.choice(["", "", "CORRECTED-", "UPDATE 1-", "RPT-"])
        at = None if chance.random() < 0.2 else chance.randrange(0, 500)
        yield f"{number:02}", text, at, mark + chance.choice(["Tugs free Osprey Dawn", "Crane falls on pier"])


@pytest.mark.parametrize("keep", POLICIES)
@pytest.mark.parametrize("seed", range(4))
def test_relations_inside_of_a_cluster_are_those_of_copies(seed, keep):
    found = dedupe(list(_versions(seed)), keep=keep)
    names = clusters_of(found)
    inside = {row["relation"] for row in found.relations.to_pylist() if names[row["a"]] == names[row["b"]]}
    assert inside <= SAME_ARTICLE
    assert set(found.clusters["role"].to_pylist()) <= SAME_ARTICLE | {"canonical", "corrected"}
    assert len(inside) >= 2


def test_misread_versions_of_one_story_stay_together_whatever_a_pair_of_them_says():
    chance = random.Random(1)

    def misread(text):
        return "".join(
            chance.choice("eoac1") if letter in "eoac13" and chance.random() < 0.12 else letter
            for letter in text
        )

    story = (
        STORY
        + "The tanker Marl waits at the pilot station with 18 people on board, and 7,300 tonnes of oil. "
    )
    rows = [(f"{n:02}", misread(story[: chance.choice([160, 260, 420, len(story)])]), n) for n in range(40)]
    assert len(set(clusters_of(dedupe(rows)).values())) <= 3


@pytest.mark.parametrize(("hours", "relation"), [(168, "exact"), (168.01, "recurring")])
def test_the_window_ends_after_a_week(hours, relation):
    found = dedupe([("a", STORY, 0), ("b", STORY, hours)])
    assert found.relations["relation"].to_pylist() == [relation]
    assert len(set(clusters_of(found).values())) == 1 + (relation == "recurring")
