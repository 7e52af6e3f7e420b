"""Builds: what goes in, what stops them, what comes out."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from newsds.cli import main
from newsds.errors import InputError, OutputError, ProjectError
from newsds.release import build as building
from newsds.release.build import Built, build
from newsds.release.verify import verify
from release.projects import make_project, records, write_lines


def column(built: Built, name: str, config: str = "articles", split: str = "*") -> list[Any]:
    assert built.path is not None
    files = sorted((built.path / "data" / config).glob(f"{split}-*.parquet"))
    return [value for file in files for value in pq.ParquetFile(file).read([name]).column(name).to_pylist()]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_release_holds_every_good_record_once_in_order(tmp_path: Path) -> None:
    given = records()
    built = build(make_project(tmp_path / "project", given), tmp_path / "dist")
    assert built.path == tmp_path / "dist" / "tiny" / "1.0.0"
    assert sorted(column(built, "id")) == sorted(record["id"] for record in given)
    for split in ("train", "validation", "test"):
        keys = list(
            zip(column(built, "published_at", split=split), column(built, "id", split=split), strict=True)
        )
        assert keys
        assert keys == sorted(keys)
    assert [path.name for path in built.path.parent.iterdir()] == ["1.0.0"]


def test_copies_stay_together_and_later_stories_come_later(tmp_path: Path) -> None:
    built = build(make_project(tmp_path / "project", records(60)), tmp_path / "dist")
    split_of = {
        article: split
        for split in ("train", "validation", "test")
        for article in column(built, "id", split=split)
    }
    clusters: dict[str, set[str]] = {}
    for article, cluster in zip(
        column(built, "article_id", "clusters"), column(built, "cluster_id", "clusters"), strict=True
    ):
        clusters.setdefault(cluster, set()).add(split_of[article])
    assert len(clusters) < 60
    assert {len(splits) for splits in clusters.values()} == {1}
    firsts = [min(column(built, "published_at", split=split)) for split in ("train", "validation", "test")]
    assert firsts == sorted(firsts)


def test_an_embargo_lies_between_the_splits_of_a_release(tmp_path: Path) -> None:
    choices = {"by": "time", "shares": {"train": 0.6, "test": 0.4}, "embargo_hours": 2}
    built = build(make_project(tmp_path / "project", records(60), split=choices), tmp_path / "dist")
    gap = min(column(built, "published_at", split="test")) - max(column(built, "published_at", split="train"))
    assert gap.total_seconds() >= 7200
    left_out = 60 - len(column(built, "id"))
    assert left_out > 0
    assert built.manifest is not None
    assert f"{left_out} left out by the embargo" in str(built.manifest.steps[2].note)
    assert sorted(column(built, "article_id", "clusters")) == sorted(column(built, "id"))
    assert built.path is not None
    verify(built.path)


def test_canonical_copies_alone_can_be_published(tmp_path: Path) -> None:
    built = build(make_project(tmp_path / "project", records(60), copies="canonical"), tmp_path / "dist")
    roles = dict(zip(column(built, "article_id", "clusters"), column(built, "role", "clusters"), strict=True))
    assert len(roles) == 60
    assert sorted(column(built, "id")) == sorted(name for name, role in roles.items() if role == "canonical")
    assert built.manifest is not None
    step = built.manifest.steps[-1]
    assert (step.name, step.n_in, step.n_out) == ("keep", 60, len(column(built, "id")))
    assert 0 < step.n_out < 60
    assert built.path is not None
    verify(built.path)


def test_the_keep_policy_names_the_canonical_copy(tmp_path: Path) -> None:
    given = records(60)
    lengths = {record["id"]: len(record["body"]) for record in given}
    built = build(make_project(tmp_path / "p", given, dedupe={"keep": "longest"}), tmp_path / "dist")
    by_cluster: dict[str, list[tuple[int, str]]] = {}
    for article, cluster, role in zip(
        *(column(built, name, "clusters") for name in ("article_id", "cluster_id", "role")), strict=True
    ):
        by_cluster.setdefault(cluster, []).append((lengths[article], role))
    assert any(len(copies) > 1 for copies in by_cluster.values())
    assert all((max(copies)[0], "canonical") in copies for copies in by_cluster.values())


@pytest.mark.slow
def test_a_random_split_is_stratified_by_a_field(tmp_path: Path) -> None:
    choices = {"by": "random", "seed": 5, "stratify": "publisher.name", "shares": {"train": 0.5, "test": 0.5}}
    built = build(make_project(tmp_path / "a", records(80), split=choices), tmp_path / "dist")
    assert built.manifest is not None
    assert built.manifest.parameters["split"] == choices
    assert {shard.split for shard in built.manifest.files if shard.config == "articles"} == {"train", "test"}
    wrong = make_project(tmp_path / "b", records(3), split={**choices, "stratify": "contributors"})
    with pytest.raises(ProjectError, match="stratify"):
        build(wrong, tmp_path / "other")


def test_errors_stop_the_build_unless_they_are_waived(tmp_path: Path) -> None:
    given = records(10)
    del given[3]["text_sha256"]
    given[3] |= {"headline": "Ports &amp;amp; silt &amp; mud", "body": "Word &#8217;s &amp; more. " * 9}
    level = {"NDS201": {"level": "error"}}
    stopped = build(make_project(tmp_path / "a", given, rules=level), tmp_path / "dist")
    assert stopped.path is None
    assert stopped.errors[0].line == 4
    assert "nothing was built" in stopped.to_text()
    assert not list((tmp_path / "dist").rglob("*.parquet"))
    waived = make_project(
        tmp_path / "b", given, rules=level, waivers=[{"rule": "NDS201", "reason": "known since May"}]
    )
    built = build(waived, tmp_path / "dist")
    assert built.manifest is not None
    assert ("NDS201", "waived", "known since May") in {
        (item["code"], item["level"], item["reason"]) for item in built.manifest.findings
    }


def test_errors_within_a_budget_do_not_stop_the_build(tmp_path: Path) -> None:
    given = records(10)
    given[3] = {**given[3], "body": " ", "text_sha256": None}
    rules = {"NDS301": {"max_rate": 0.1}}
    assert build(make_project(tmp_path / "a", given), tmp_path / "dist").path is None
    assert build(make_project(tmp_path / "b", given, rules=rules), tmp_path / "dist").path is not None


def test_a_quarantine_keeps_what_is_bad_with_reasons(tmp_path: Path) -> None:
    good = records(10)
    misfit = {**good[1], "id": "nds:" + "0" * 32, "word_count": "many", "headline": "\ud800"[:0] + "x"}
    huge = b'{"schema_version": "1.0.0", "id": "x", "word_count": 99999999999999999999999}'
    twin = {**good[0], "headline": "Another headline under the same id"}
    lines = [*good, b"{broken", misfit, huge, b"\xff\xfe", twin]
    built = build(make_project(tmp_path / "project", lines, quarantine=True), tmp_path / "dist")
    assert sorted(column(built, "id")) == sorted(record["id"] for record in good)
    assert built.quarantine == tmp_path / "dist" / "tiny" / "1.0.0.quarantine.jsonl"
    kept = [json.loads(line) for line in built.quarantine.read_text().splitlines()]
    assert [entry["line"] for entry in kept] == [11, 12, 13, 14, 15]
    assert kept[0]["raw"] == "{broken"
    assert kept[1]["record"]["word_count"] == "many"
    assert kept[3]["raw_base64"] == "//4="
    assert kept[4]["record"]["headline"] == twin["headline"]
    assert kept[4]["reasons"][0]["code"] == "NDS101"
    assert built.manifest is not None
    assert (built.manifest.steps[0].n_in, built.manifest.steps[0].n_out) == (15, 10)


def test_a_build_says_so_where_nothing_is_left_of_an_input_or_of_all(tmp_path: Path) -> None:
    bad = [{**record, "word_count": -1} for record in records(3)]
    nothing = build(make_project(tmp_path / "none", bad, quarantine=True), tmp_path / "dist")
    assert nothing.path is None
    assert "nothing was built: no record is without errors" in nothing.to_text()
    project = make_project(tmp_path / "some", records(10), quarantine=True)
    (name,) = (path.name for path in project.glob("*.jsonl"))
    (project / "worse.jsonl").write_text("\n".join(map(json.dumps, bad)))
    descriptor = json.loads((project / "datapackage.json").read_text())
    descriptor["resources"].append({"path": "worse.jsonl"})
    (project / "datapackage.json").write_text(json.dumps(descriptor))
    built = build(project, tmp_path / "dist")
    assert built.path is not None
    assert built.notes == ("worse.jsonl: no record is left of it; what was set aside says why",)
    assert name not in str(built.notes)


def test_a_project_can_read_what_is_not_a_number_as_null(tmp_path: Path) -> None:
    lines = [json.dumps({**record, "word_count": float("nan")}).encode() for record in records(3)]
    project = make_project(tmp_path / "p", lines)
    assert build(project, tmp_path / "dist").path is None
    descriptor = json.loads((project / "datapackage.json").read_text())
    descriptor["resources"][0]["newsds"] = {"nan_as_null": True}
    (project / "datapackage.json").write_text(json.dumps(descriptor))
    assert column(build(project, tmp_path / "dist"), "word_count") == [None] * 3


def test_doubled_ids_cannot_be_waived_away(tmp_path: Path) -> None:
    given = records(5)
    given[1] = {**given[1], "id": given[0]["id"]}
    project = make_project(tmp_path / "p", given, rules={"NDS101": {"level": "off"}})
    with pytest.raises(ProjectError, match="NDS101"):
        build(project, tmp_path / "dist")


def test_a_project_without_articles_makes_no_release(tmp_path: Path) -> None:
    built = build(make_project(tmp_path / "p", []), tmp_path / "dist")
    assert built.path is None
    assert "there is no article" in built.to_text()


@pytest.mark.filterwarnings("ignore")
def test_one_article_makes_a_release_that_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    built = build(make_project(tmp_path / "p", records(1)), tmp_path / "dist")
    assert built.path is not None
    manifest = verify(built.path).manifest
    assert manifest.config("articles").splits == {"train": 1, "validation": 0, "test": 0}
    # A split or a table without rows has no file: datasets could not load it.
    assert [config.name for config in manifest.configs] == ["articles", "clusters"]
    for config in manifest.configs:
        loaded = datasets.load_dataset(str(built.path), config.name, cache_dir=str(tmp_path / "cache"))
        assert {name: len(rows) for name, rows in loaded.items()} == {"train": 1}


def test_a_split_that_is_left_empty_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    choices = {"by": "time", "shares": {"train": 0.5, "test": 0.5}, "embargo_hours": 3000}
    project = make_project(tmp_path / "p", records(20), split=choices)
    assert main(["build", str(project), "-o", str(tmp_path / "dist"), "-q"]) == 1
    assert capsys.readouterr().err == "newsds: the split test is empty; shorten the embargo\n"
    verify(tmp_path / "dist" / "tiny" / "1.0.0")


def test_a_split_by_time_of_articles_without_a_date_is_told(tmp_path: Path) -> None:
    undated = [
        {key: value for key, value in record.items() if "published" not in key} for record in records(20)
    ]
    built = build(make_project(tmp_path / "p", undated), tmp_path / "dist")
    assert any("no text has a date" in fault for fault in built.faults)
    choices = {"by": "time", "embargo_hours": 2}
    with pytest.raises(ProjectError, match="every article is left out"):
        build(make_project(tmp_path / "q", undated, split=choices), tmp_path / "dist-q")


def test_an_existing_release_is_never_overwritten(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", records(5))
    built = build(project, tmp_path / "dist")
    assert built.path is not None
    before = tree(built.path)
    with pytest.raises(OutputError, match="raise the version"):
        build(project, tmp_path / "dist")
    assert tree(built.path) == before


def test_an_input_that_changes_while_it_is_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make_project(tmp_path / "p", records(5))
    plain = building.take_in.__globals__["iter_items"]

    def meddle(item: Any, reading: Any) -> Any:
        yield from plain(item, reading)
        with item.path.open("ab") as stream:
            stream.write(b"\n")

    monkeypatch.setitem(building.take_in.__globals__, "iter_items", meddle)
    with pytest.raises(InputError, match="changed while it was read"):
        build(project, tmp_path / "dist")
    assert not list((tmp_path / "dist").rglob("*.parquet"))


def test_the_manifest_accounts_for_inputs_and_tools(sample_release: Built) -> None:
    manifest = sample_release.manifest
    assert manifest is not None
    assert sum(item.n_records for item in manifest.inputs) == manifest.steps[0].n_in == 84
    assert not [item.path for item in manifest.inputs if "broken" in item.path or "truth" in item.path]
    assert {"newsds", "pyarrow", "python"} <= manifest.tools.keys()
    assert manifest.parameters["split"]["by"] == "time"
    assert manifest.parameters["dedupe"]["keep"] == "earliest"


def test_licence_texts_of_the_project_come_along(tmp_path: Path) -> None:
    licenses = [{"name": "other", "path": "TERMS.txt"}, {"name": "CC0-1.0", "path": "https://example.org/"}]
    project = make_project(tmp_path / "p", records(3), descriptor={"licenses": licenses})
    with pytest.raises(ProjectError, match=r"TERMS\.txt"):
        build(project, tmp_path / "dist")
    (project / "TERMS.txt").write_text("Be kind.\n")
    built = build(project, tmp_path / "dist")
    assert built.path is not None
    assert (built.path / "TERMS.txt").read_text() == "Be kind.\n"
    verify(built.path)


@pytest.mark.parametrize("path", ["../secret", "manifest.json", "a/b\nc"])
def test_licence_paths_cannot_leave_the_project_or_hide_a_document(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("s")
    project = make_project(tmp_path / "p", records(3), descriptor={"licenses": [{"name": "x", "path": path}]})
    (project / "manifest.json").write_text("{}")
    (project / "a").mkdir()
    (project / "a" / "b\nc").write_text("x")
    with pytest.raises(ProjectError, match="licenses"):
        build(project, tmp_path / "dist")


_BUILD = "import sys; from newsds import build; print(build(sys.argv[1], sys.argv[2]).digest)"


def build_in_process(project: Path, output: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _BUILD, str(project), str(output)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.slow
def test_two_processes_make_the_same_bytes_whatever_the_order_of_the_inputs(tmp_path: Path) -> None:
    given = records(30)
    parts = {f"part-{number}.jsonl": given[number::3] for number in range(3)}
    resources = [{"path": name} for name in parts]
    digests = set()
    for number, environment in enumerate(
        (
            {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
            {"PYTHONHASHSEED": "2", "TZ": "Asia/Kathmandu", "LC_ALL": "tr_TR.UTF-8"},
        )
    ):
        listed = resources if number == 0 else resources[::-1]
        project = make_project(tmp_path / f"p{number}", [], descriptor={"resources": listed})
        for name in parts if number == 0 else reversed(parts):
            write_lines(project / name, parts[name])
        digests.add(build_in_process(project, tmp_path / f"dist{number}", **environment))
    assert len(digests) == 1
    assert tree(tmp_path / "dist0") == tree(tmp_path / "dist1")


def test_shuffled_records_make_the_same_shards(tmp_path: Path) -> None:
    given = records(30)
    shuffled = random.Random(3).sample(given, len(given))
    one = build(make_project(tmp_path / "a", given), tmp_path / "dist-a")
    other = build(make_project(tmp_path / "b", shuffled), tmp_path / "dist-b")
    assert one.manifest is not None
    assert other.manifest is not None
    assert one.manifest.files == other.manifest.files
    assert one.manifest.configs == other.manifest.configs
    # What differs is the hash of the input, and what repeats it.
    assert one.manifest.inputs != other.manifest.inputs


@pytest.mark.slow
def test_a_killed_build_leaves_nothing_that_looks_like_a_release(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", records(3000))
    process = subprocess.Popen([sys.executable, "-c", _BUILD, str(project), str(tmp_path / "dist")])
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("dist/tiny/.*/scratch/read.arrows")) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not [path for path in tmp_path.glob("dist/tiny/*") if not path.name.startswith(".")]
    (left,) = tmp_path.glob("dist/tiny/.*")
    write_lines(project / "articles.jsonl", records(5))
    built = build(project, tmp_path / "dist")
    assert built.path is not None
    (note,) = built.notes
    assert str(left) in note
    assert "can be deleted" in note
    assert left.is_dir()
