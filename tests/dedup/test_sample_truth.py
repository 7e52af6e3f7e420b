"""The sample dataset: clusters and relations, held against what is true of it."""

import json
from itertools import combinations
from pathlib import Path

import pytest

import newsds
from newsds.article import to_batch
from newsds.project import Project
from newsds.readers import read_project
from newsds.readers.columns import text_columns

SAMPLE = Path(__file__).parents[2]
TRUTH = json.loads((SAMPLE / "data" / "truth.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def records():
    """Key of the truth to the record that was read."""
    numbers: dict[str, int] = {}
    found = {}
    for row in read_project(Project.from_folder(SAMPLE)).rows():
        numbers[row.path] = numbers.get(row.path, 0) + 1
        found[row.path if row.path.endswith(".txt") else f"{row.path}:{numbers[row.path]}"] = row.record
    return found


@pytest.fixture(scope="module")
def keys(records):
    return {record["id"]: key for key, record in records.items()}


@pytest.fixture(scope="module")
def found(records):
    return newsds.dedupe([text_columns(to_batch(records.values()))])


@pytest.fixture(scope="module")
def relations(found, keys):
    return {frozenset((keys[row["a"]], keys[row["b"]])): row for row in found.relations.to_pylist()}


def test_clusters_are_the_planted_ones_and_no_others(found, keys):
    members: dict[str, list[str]] = {}
    for row in found.clusters.to_pylist():
        members.setdefault(row["cluster_id"], []).append(keys[row["article_id"]])
    assert sorted(sorted(names) for names in members.values() if len(names) > 1) == sorted(TRUTH["clusters"])


def test_relations_are_of_the_planted_kinds(relations):
    for planted in TRUTH["relations"]:
        pair = frozenset((planted["a"], planted["b"]))
        if pair in relations:
            assert (pair, relations[pair]["relation"]) == (pair, planted["kind"])


def test_only_siblings_of_a_template_further_apart_than_the_window_go_unnamed(relations, records):
    days = {key: record["published_at"][:10] for key, record in records.items()}
    missed = [item for item in TRUTH["relations"] if frozenset((item["a"], item["b"])) not in relations]
    assert {item["kind"] for item in missed} == {"template_sibling"}
    assert all(abs(_day(days[item["a"]]) - _day(days[item["b"]])) >= 7 for item in missed)


def _day(text):
    from datetime import date

    return date.fromisoformat(text).toordinal()


def test_relations_that_were_not_planted_are_links_between_pages_of_the_foreign_stories(relations):
    planted = {frozenset((item["a"], item["b"])) for item in TRUTH["relations"]}
    foreign = {frozenset(pair) for pair in combinations(TRUTH["foreign_story"], 2)}
    assert relations.keys() - planted <= foreign


def test_a_correction_and_an_update_supersede_the_version_before_them(found, keys):
    rows = {keys[row["article_id"]]: row["supersedes"] for row in found.clusters.to_pylist()}
    wire = "data/wire/northwire.jsonl"
    assert {key: keys[earlier] for key, earlier in rows.items() if earlier} == {
        f"{wire}:10": f"{wire}:9",
        f"{wire}:8": f"{wire}:7",
    }


def test_spans_are_places_in_both_bodies(found, records):
    bodies = {record["id"]: record["body"] for record in records.values()}
    row = next(row for row in found.relations.to_pylist() if row["relation"] == "abridgement")
    for span in row["spans"]:
        a = bodies[row["a"]][span["a_start"] : span["a_end"]]
        b = bodies[row["b"]][span["b_start"] : span["b_end"]]
        assert a.split()[0].strip("“‘\"'") == b.split()[0].strip("“‘\"'")
        assert a.split()[-1].strip(".,”’") == b.split()[-1].strip(".,”’")


def test_the_agency_keeps_its_own_copy_if_the_policy_says_so(records, keys):
    batch = text_columns(to_batch(records.values()))
    found = newsds.dedupe([batch], parameters={"keep": "agency_original"})
    kept = {
        keys[row["article_id"]]: row["reason"]
        for row in found.clusters.to_pylist()
        if row["role"] == "canonical" and row["n_copies"] > 1
    }
    assert kept["data/wire/northwire.jsonl:1"].startswith("carried by the agency that wrote it")
