"""Records between schema versions: nothing is lost on the way down, and all of it is back on the way up."""

import copy
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsds import schema as schema_module
from newsds.cli import main
from newsds.errors import UsageError
from newsds.migrations import KEPT, migrate_record
from newsds.samples import sample
from newsds.schema import load_schema, validator

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module", autouse=True)
def later_version(tmp_path_factory):
    """A schema 1.1.0 that adds a field, a member and a value, for these tests only."""
    folder = tmp_path_factory.mktemp("schema")
    shutil.copytree(ROOT / "schema", folder, dirs_exist_ok=True)
    later = copy.deepcopy(load_schema())
    text = {"description": "x", "type": ["string", "null"]}
    later["properties"] |= {
        "mood": text,
        "notes": {"description": "x", "type": ["array", "null"], "items": {"type": "string"}},
    }
    later["properties"]["rights"]["properties"]["fee"] = text
    later["properties"]["contributors"]["items"]["properties"]["desk"] = text
    later["properties"]["quality_flags"]["items"]["enum"].append("calm")
    (folder / "article/1.1.0.json").write_text(json.dumps(later))
    patch = pytest.MonkeyPatch()
    patch.setattr(schema_module, "_folder", lambda: folder)
    yield
    patch.undo()


def later_record(number=0, **changes):
    record = list(sample(number + 1, seed=5))[number]
    return {**record, "schema_version": "1.1.0", **changes}


NEWS = {
    "mood": "calm",
    "notes": ["a", "b"],
    "rights": {"license": "CC0-1.0", "fee": "none"},
    "quality_flags": ["truncated", "calm"],
    "contributors": [{"name": "Ina Holm", "role": "author", "desk": "harbour"}],
}


def test_going_down_keeps_what_has_no_place_and_gives_a_valid_record():
    moved = migrate_record(later_record(**NEWS), to="1.0.0")
    assert validator("article", "1.0.0").is_valid(moved.record)
    assert moved.kept == ("/contributors", "/mood", "/notes", "/quality_flags", "/rights/fee")
    assert moved.lost == ()
    assert moved.record["rights"] == {"license": "CC0-1.0"}
    assert json.loads(moved.record["extra"])[KEPT]["/mood"] == "calm"


@given(
    st.dictionaries(st.sampled_from(sorted(NEWS)), st.just(None)).map(
        lambda names: {name: NEWS[name] for name in names}
    )
)
def test_down_and_up_again_is_the_identity(changes):
    record = later_record(**changes)
    down = migrate_record(record, to="1.0.0").record
    up = migrate_record(down, to="1.1.0").record
    assert {name: value for name, value in up.items() if value is not None} == record


def test_what_was_in_extra_stays_there():
    record = later_record(mood="calm", extra='{"a":1}')
    down = migrate_record(record, to="1.0.0").record
    assert json.loads(down["extra"])["a"] == 1
    assert migrate_record(down, to="1.1.0").record["extra"] == '{"a":1}'


def test_what_cannot_be_kept_is_said():
    moved = migrate_record(later_record(mood="calm", extra="no JSON"), to="1.0.0")
    assert moved.lost == ("/mood",)
    assert moved.record["extra"] == "no JSON"


@pytest.mark.parametrize(
    ("record", "to"),
    [({"id": "a"}, "1.0.0"), ({"schema_version": "2.0.0"}, "1.0.0"), ({"schema_version": "1.0.0"}, "7.0.0")],
)
def test_where_there_is_no_way_it_is_said(record, to):
    with pytest.raises(UsageError):
        migrate_record(record, to=to)


def test_the_command_streams_a_file_and_reports(tmp_path, capsys):
    source, target = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    rows = [later_record(0, mood="calm"), later_record(1), {**later_record(2), "schema_version": "3.0.0"}]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["schema", "migrate", str(source), "--to", "1.0.0", "-o", str(target)]) == 1
    said = capsys.readouterr().err
    assert "2 articles written as 1.0.0 (2 from 1.1.0)" in said
    assert "kept in `extra`: /mood of 1 records" in said
    assert "1 records could not be rewritten" in said
    assert [json.loads(line)["schema_version"] for line in target.read_text().splitlines()] == [
        "1.0.0",
        "1.0.0",
    ]


def test_the_command_compares_versions_and_files(capsys, tmp_path):
    assert main(["schema", "diff", "1.0.0", "1.1.0", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["level"] == "minor"
    assert main(["schema", "diff", "1.1.0", "1.0.0"]) == 1
    assert "level: major" in capsys.readouterr().out
    assert main(["schema", "diff", "1.0.0", str(tmp_path / "none.json")]) == 3
    (tmp_path / "a.json").write_text("[")
    assert main(["schema", "diff", "1.0.0", str(tmp_path / "a.json")]) == 3
