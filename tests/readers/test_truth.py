"""The sample dataset: every article in every form is read as its writer meant it."""

import json
from pathlib import Path

import pytest

from newsds.project import Project
from newsds.readers import read_project

ROOT = Path(__file__).parents[2]
TRUTH = json.loads((ROOT / "data/truth.json").read_text("utf-8"))["articles"]


def _key(row, n_seen):
    """Return the name that the truth has for a place: a page, a line of a feed, a record of a table."""
    if row.path.endswith(".txt"):
        return row.path
    return f"{row.path}:{row.line if row.path.endswith('.jsonl') else n_seen}"


@pytest.fixture(scope="module")
def records():
    found, seen = {}, {}
    stream = read_project(Project.from_folder(ROOT))
    for row in stream.rows():
        seen[row.path] = seen.get(row.path, 0) + 1
        found[_key(row, seen[row.path])] = row.record
    assert not stream.findings
    return found


def test_every_article_is_there_once(records):
    assert set(records) == set(TRUTH)


@pytest.mark.parametrize("key", TRUTH)
def test_an_article_is_read_as_its_writer_meant_it(records, key):
    record, truth = records[key], TRUTH[key]
    publisher = record.get("publisher", {})
    assert record["headline"] == truth["headline"]
    assert record["published_at"][:10] == truth["published"]
    assert record["language"] == truth["language"]
    assert record.get("agency", {}).get("name") == truth["agency"]
    assert truth["publisher"] in (publisher.get("name"), publisher.get("domain"))
    assert record.get("dateline", {}).get("places", []) == truth["dateline_places"]
