"""Dataset projects: what a datapackage.json may say, and how a wrong one is refused."""

import json
from datetime import UTC, datetime

import pytest

from newsds.errors import ProjectError
from newsds.project import Project

SMALL = {"name": "harbour-news", "version": "1.0.0", "resources": [{"name": "feed", "path": "feed.jsonl"}]}


def write(folder, data):
    text = data if isinstance(data, str) else json.dumps(data)
    (folder / "datapackage.json").write_text(text)
    return folder


def test_a_small_descriptor_has_sensible_defaults(tmp_path):
    project = Project.from_folder(write(tmp_path, SMALL))
    assert (project.name, project.version, project.created) == ("harbour-news", "1.0.0", None)
    assert project.split.shares == {"train": 0.8, "validation": 0.1, "test": 0.1}
    assert project.resources[0].paths == ("feed.jsonl",)
    assert not project.quarantine


def test_choices_are_read(tmp_path):
    choices = {
        "agencies": [{"code": "northwire", "name": "Northwire", "aliases": ["NW"]}],
        "rules": {"NDS314": {"level": "off"}, "NDS901": {"max_rate": 0.1}},
        "waivers": [{"rule": "NDS601", "reason": "the agency sends them twice", "expires": "2027-01-01"}],
        "split": {"by": "none"},
        "quarantine": True,
    }
    resource = {"path": ["a.csv", "b.csv"], "newsds": {"map": {"headline": "title"}, "columns": ["title"]}}
    descriptor = {**SMALL, "created": "2026-07-01", "newsds": choices, "resources": [resource]}
    project = Project.from_folder(write(tmp_path, descriptor) / "datapackage.json")
    assert project.agencies[-1].name == "Northwire"
    assert project.rules.levels == {"NDS314": "off"}
    assert project.rules.max_rates == {"NDS901": 0.1}
    assert project.rules.waivers[0].expires == "2027-01-01"
    assert project.split.shares == {"train": 1.0}
    assert project.resources[0].map == {"headline": "title"}
    assert project.created == datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "Harbour News"}, "/name"),
        ({"version": "1.0"}, "/version"),
        ({"version": "../../etc"}, "/version"),
        ({"name": "../x"}, "/name"),
        ({"resources": []}, "/resources"),
        ({"resources": [{"name": "a"}]}, "/resources/0"),
        ({"newsds": {"profil": "core"}}, "/newsds"),
        ({"newsds": {"profile": "gold"}}, "/newsds/profile"),
        ({"newsds": {"waivers": [{"rule": "NDS601"}]}}, "reason"),
        ({"newsds": {"waivers": [{"rule": "NDS601", "reason": " "}]}}, "/newsds/waivers/0/reason: is blank"),
        (
            {"newsds": {"waivers": [{"rule": "NDS601", "reason": "x", "expires": "2026-02-30"}]}},
            "/newsds/waivers/0/expires: there is no day 2026-02-30",
        ),
        ({"newsds": {"split": {"shares": {"train": 0.5}}}}, "add up to 0.5"),
        ({"created": "yesterday"}, "/created"),
    ],
)
def test_an_impossible_descriptor_is_refused_with_the_place(tmp_path, change, words):
    with pytest.raises(ProjectError, match=words):
        Project.from_folder(write(tmp_path, {**SMALL, **change}))


@pytest.mark.parametrize(("text", "words"), [("{", "not JSON"), ("[]", "/: "), ("", "not JSON")])
def test_a_descriptor_that_is_no_json_object_is_refused(tmp_path, text, words):
    with pytest.raises(ProjectError, match=words):
        Project.from_folder(write(tmp_path, text))


def test_a_folder_without_descriptor_is_named(tmp_path):
    with pytest.raises(ProjectError, match="no such file"):
        Project.from_folder(tmp_path)
