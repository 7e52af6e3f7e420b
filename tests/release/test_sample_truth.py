"""The sample dataset: what the build makes of it, held against what is true of it."""

import json
from typing import Any

import pyarrow.parquet as pq
import pytest

from newsds.project import Project
from newsds.readers import read_project
from newsds.release.build import Built
from release.projects import SAMPLE

TRUTH = json.loads((SAMPLE / "data" / "truth.json").read_text())


@pytest.fixture(scope="module")
def articles() -> dict[str, dict[str, Any]]:
    """Key of the truth to the record that was read."""
    numbers: dict[str, int] = {}
    found = {}
    for row in read_project(Project.from_folder(SAMPLE)).rows():
        assert row.path is not None
        numbers[row.path] = numbers.get(row.path, 0) + 1
        found[row.path if row.path.endswith(".txt") else f"{row.path}:{numbers[row.path]}"] = row.record
    return found


def test_every_article_is_read_and_nothing_else(articles: dict[str, dict[str, Any]]) -> None:
    assert articles.keys() == TRUTH["articles"].keys()


READ = {
    "headline": lambda record: record["headline"],
    "published": lambda record: record["published_at"][:10],
    "language": lambda record: record["language"],
    "publisher": lambda record: (
        (record.get("publisher") or {}).get("name") or (record.get("publisher") or {}).get("domain")
    ),
    "dateline_places": lambda record: (record.get("dateline") or {}).get("places") or [],
    "section": lambda record: record.get("section"),
    "tags": lambda record: record.get("tags") or [],
}


@pytest.mark.parametrize("name", READ)
def test_fields_are_what_the_truth_says(articles: dict[str, dict[str, Any]], name: str) -> None:
    said = {
        key: truth[name] or ([] if name in ("tags", "dateline_places") else None)
        for key, truth in TRUTH["articles"].items()
        if name in truth
    }
    assert {key: READ[name](articles[key]) for key in said} == said


def test_agencies_are_those_that_the_text_names(articles: dict[str, dict[str, Any]]) -> None:
    said = {key: truth["agency"] for key, truth in TRUTH["articles"].items()}
    assert {key: (articles[key].get("agency") or {}).get("name") for key in said} == said


def rows(release: Built, config: str) -> list[dict[str, Any]]:
    assert release.path is not None
    (file,) = (release.path / "data" / config).iterdir()
    found: list[dict[str, Any]] = pq.ParquetFile(file).read().to_pylist()
    return found


def test_clusters_are_the_planted_copies(articles: dict[str, dict[str, Any]], sample_release: Built) -> None:
    keys = {record["id"]: key for key, record in articles.items()}
    clusters: dict[str, list[str]] = {}
    for row in rows(sample_release, "clusters"):
        clusters.setdefault(row["cluster_id"], []).append(keys[row["article_id"]])
    several = sorted(sorted(copies) for copies in clusters.values() if len(copies) > 1)
    assert several == sorted(sorted(copies) for copies in TRUTH["clusters"])


def test_copies_are_related_as_the_truth_says(
    articles: dict[str, dict[str, Any]], sample_release: Built
) -> None:
    keys = {record["id"]: key for key, record in articles.items()}
    found = {
        frozenset((keys[row["a"]], keys[row["b"]])): row["relation"]
        for row in rows(sample_release, "relations")
    }
    said = {frozenset((pair["a"], pair["b"])): pair["kind"] for pair in TRUTH["relations"]}
    # Siblings too far apart in time are not compared; the foreign stories are related, but no copies.
    missing = {pair for pair, kind in said.items() if kind != "template_sibling" and found.get(pair) != kind}
    assert not missing
    others = {found[pair] for pair in found.keys() - said.keys()}
    assert others <= {"update", "excerpt", "template_sibling"}


def test_the_planted_faults_are_found(sample_release: Built) -> None:
    waived = {item.code: item.n for item in sample_release.report.waived if "planted" in item.reason}
    assert waived == {"NDS302": len(TRUTH["foreign_story"])}
    assert {item.code for item in sample_release.report.waived} == {"NDS302", "NDS305", "NDS642"}
    assert not sample_release.errors
