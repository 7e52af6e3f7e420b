"""Which version of a story comes after which, and which it replaces."""

from datetime import timedelta

import pyarrow as pa
import pytest

import newsds
from dedup.test_conflicts import START, dedupe
from dedup.test_relations import LEAD, MORE, REST, STORY
from newsds.dedup.clusters import cluster_id
from newsds.dedup.revisions import MARKS, find_headline_mark, find_headline_number
from newsds.texts import TEXTS_SCHEMA

TITLE = "Tugs free Osprey Dawn off Port Halden"
NEWS = (
    "The harbour board closed the outer channel until Friday, and the coast guard opened an inquiry. ",
    "Insurers put the damage at 4 million crowns, said broker Anna Kell of Tollan. ",
    "A second ship, the tanker Marl, waits at the pilot station with 18 people on board. ",
)


def superseded(found):
    rows = found.clusters.select(["article_id", "supersedes"]).to_pylist()
    return {row["article_id"]: row["supersedes"] for row in rows}


@pytest.mark.parametrize(
    ("headline", "mark", "number"),
    [
        ("CORRECTED-Port reopens", "correction", 0),
        ("CORRETTO-Il porto riapre", "correction", 0),
        ("CORRIGIDO-Porto reabre", "correction", 0),
        ("ИСПРАВЛЕНО: Порт открыт", "correction", 0),
        ("تصحيح: فتح الميناء", "correction", 0),
        ("（更正）港口重开", "correction", 0),
        ("訂正－港が再開", "correction", 0),
        ("〔訂正〕港が再開", "correction", 0),
        ("[정정] 항구 재개", "correction", 0),
        ("संशोधित: बंदरगाह खुला", "correction", 0),
        ("แก้ไข: ท่าเรือเปิด", "correction", 0),
        ("再送-港が再開", "repeat", 0),
        ("撤稿：港口重开", "kill", 0),
        ("UPDATE 2-Port reopens", "update", 2),
        ("UPDATE3-Port reopens", "update", 3),
        ("更新1：港口重开", "update", 1),
        ("UPDATED: Port reopens", "update", 1),
        ("WRAPUP 4-Port reopens", "wrapup", 4),
        ("CORRECTED-UPDATE 2-Port reopens", "correction", 2),
        ("更正选举结果", "none", 0),
        ("تصحيح المسار", "none", 0),
        ("UPDATE 2026 of the plan", "none", 0),
    ],
)
def test_headlines_say_which_version_they_are(headline, mark, number):
    assert (MARKS[find_headline_mark(headline)], find_headline_number(headline)) == (mark, number)


def test_numbered_updates_are_updates_and_each_replaces_the_one_before():
    texts = [
        LEAD + MORE,
        NEWS[0] + LEAD + MORE,
        NEWS[1] + NEWS[0] + LEAD + MORE,
        NEWS[2] + NEWS[1] + NEWS[0] + LEAD + MORE,
    ]
    marks = ["", "UPDATE 1-", "UPDATE 2-", "UPDATE 3-"]
    rows = [(f"v{n}", text, n, marks[n] + TITLE) for n, text in enumerate(texts)]
    found = dedupe(rows)
    kinds = {(row["a"], row["b"]): row["relation"] for row in found.relations.to_pylist()}
    assert kinds["v0", "v1"] == kinds["v0", "v2"] == kinds["v1", "v3"] == "update"
    assert superseded(found) == {"v0": None, "v1": "v0", "v2": "v1", "v3": "v2"}


@pytest.mark.parametrize(
    ("mark", "earlier"),
    [
        ("REFILE-", "v0"),
        ("KILL-", "v0"),
        ("CORRECTED-", "v0"),
        ("UPDATE 1-", "v0"),
        ("WRITETHRU-", "v0"),
        ("CLARIFICATION-", "v0"),
        ("RPT-", None),
        ("WRAPUP 1-", None),
        ("", None),
    ],
)
def test_what_is_refiled_or_killed_word_for_word_replaces_the_one_before_and_what_is_repeated_does_not(
    mark, earlier
):
    found = dedupe([("v0", STORY, 0, TITLE), ("v1", STORY, 1, mark + TITLE)])
    assert found.relations["relation"].to_pylist() == ["exact"]
    assert superseded(found) == {"v0": None, "v1": earlier}


def test_the_same_update_carried_twice_does_not_replace_itself():
    headline = f"UPDATE 1-{TITLE}"
    found = dedupe([("v1", STORY, 1, headline), ("v2", STORY + "Read more on our site.", 2, headline)])
    assert superseded(found) == {"v1": None, "v2": None}


@pytest.mark.parametrize("ids", ["ab", "ba"])
@pytest.mark.parametrize("hours", [None, 0])
def test_without_two_dates_the_corrected_text_is_the_later_one(ids, hours):
    first, second = ids
    corrected = (MORE + REST).replace("40 metres", "14 metres")
    found = dedupe(
        [
            (first, MORE + REST + NEWS[0], hours, TITLE),
            (second, corrected + NEWS[0] + NEWS[1][:30], hours, f"CORRECTED-{TITLE}"),
        ]
    )
    (row,) = found.relations.to_pylist()
    assert (row["a"], row["b"], row["relation"]) == (first, second, "correction")
    assert superseded(found)[second] == first


@pytest.mark.parametrize(
    ("keep", "roles"), [("longest", ["abridgement", "canonical"]), ("earliest", ["canonical", "extension"])]
)
def test_roles_say_what_a_copy_is_to_the_canonical_one(keep, roles):
    found = dedupe([("a", LEAD + MORE, 0), ("b", STORY, 1)], keep=keep)
    assert found.relations["relation"].to_pylist() == ["extension"]
    assert found.clusters["role"].to_pylist() == roles


def test_what_the_kept_correction_corrects_is_called_corrected():
    rows = [("a", STORY, 0, TITLE), ("b", STORY.replace("40 metres", "14 metres"), 1, f"CORRECTED-{TITLE}")]
    assert dedupe(rows, keep="latest_correction").clusters["role"].to_pylist() == ["corrected", "canonical"]
    assert dedupe(rows).clusters["role"].to_pylist() == ["canonical", "correction"]


@pytest.mark.parametrize(
    ("publishers", "earlier"), [("pqp", "v0"), ("qpp", "v1"), ("qqp", "v1"), ("ppp", "v1")]
)
def test_an_update_replaces_the_latest_of_its_publisher_and_else_the_latest(publishers, earlier):
    texts = (LEAD + MORE, LEAD + MORE, NEWS[0] + LEAD + MORE)
    records = [
        {
            "id": f"v{hours}",
            "text": text,
            "published_at": START + timedelta(hours=hours),
            "headline": ("UPDATE 1-" if hours == 2 else "") + TITLE,
            "publisher": publishers[hours],
        }
        for hours, text in enumerate(texts)
    ]
    found = newsds.dedupe([pa.RecordBatch.from_pylist(records, schema=TEXTS_SCHEMA)])
    assert superseded(found)["v2"] == earlier


@pytest.mark.parametrize(
    ("hours", "founder"),
    [((None, 3, 5), "b"), ((9, 3, 5), "b"), ((None, None, 5), "c"), ((None, None, None), "a")],
)
def test_the_first_copy_that_has_a_date_names_the_cluster(hours, founder):
    found = dedupe([(name, STORY, hour) for name, hour in zip("abc", hours, strict=True)])
    assert set(found.clusters["cluster_id"].to_pylist()) == {cluster_id(founder)}


def test_of_two_updates_the_one_with_the_lower_number_replaces_nothing():
    found = dedupe([("v2", STORY, 0, f"UPDATE 2-{TITLE}"), ("v1", STORY, 1, f"UPDATE 1-{TITLE}")])
    assert superseded(found) == {"v2": None, "v1": None}
    found = dedupe([("v1", STORY, 0, f"UPDATE 1-{TITLE}"), ("v2", STORY, 1, f"UPDATE 2-{TITLE}")])
    assert superseded(found) == {"v1": None, "v2": "v1"}


@pytest.mark.parametrize(
    ("first", "second", "hours"), [(STORY, LEAD + MORE, [0, 5]), (LEAD + MORE, STORY, [-5, 0])]
)
def test_hours_after_the_canonical_copy_are_negative_before_it(first, second, hours):
    found = dedupe([("a", first, 0), ("b", second, 5)], keep="longest")
    assert found.clusters["hours_after"].to_pylist() == hours


def test_related_pairs_are_in_the_order_of_their_ids_whatever_their_times():
    found = dedupe([(name, STORY, hour) for hour, name in enumerate("dbca")])
    pairs = list(zip(*found.relations.select(["a", "b"]).to_pydict().values(), strict=True))
    assert pairs == [(a, b) for a in "abcd" for b in "abcd" if a < b]
