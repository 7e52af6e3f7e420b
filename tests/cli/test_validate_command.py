"""newsds validate, as a user calls it."""

import bz2
import gzip
import json
import lzma
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.records import BODY, complete
from newsds.cli import main
from newsds.testing import jsonl_bytes


def _write(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def _record(number: int, **fields: Any) -> dict[str, Any]:
    return complete({"body": f"{BODY}\nNumber {number} of them.", **fields}, number)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return tmp_path


Report = Callable[..., dict[str, Any]]


@pytest.fixture
def report(here: Path, capsys: pytest.CaptureFixture[str]) -> Report:
    def run(*arguments: str, status: int | None = None) -> dict[str, Any]:
        found = main(["validate", *arguments, "--format", "json"])
        said = json.loads(capsys.readouterr().out)
        assert status is None or found == status
        return said

    return run


def _codes(said: dict[str, Any]) -> dict[str, int]:
    return {item["code"]: item["n"] for item in said["counts"]}


class TestStatus:
    @pytest.mark.parametrize(
        ("arguments", "status"),
        [
            (["good.jsonl"], 0),
            (["bad.jsonl"], 1),
            (["bad.jsonl", "--exit-zero"], 0),
            (["bad.jsonl", "--fail-on", "never"], 0),
            (["warned.jsonl"], 0),
            (["warned.jsonl", "--fail-on", "warning"], 1),
            (["good.jsonl", "--select", "XYZ"], 2),
            (["good.jsonl", "--select", ","], 2),
            (["good.jsonl", "--baseline", "missing.json"], 3),
            (["good.jsonl", "--write-baseline"], 2),
            (["good.jsonl", "--base", "missing"], 3),
            (["good.jsonl", "--base", "good.jsonl", "--write-index", "x"], 2),
            (["good.jsonl", "--as-of", "yesterday"], 2),
            (["missing.jsonl"], 3),
            (["good.jsonl", "-o", "no/such/folder.json"], 3),
        ],
        ids=str,
    )
    def test_it_says_what_happened(self, arguments: list[str], status: int, here: Path) -> None:
        _write(here / "good.jsonl", _record(1))
        _write(here / "bad.jsonl", _record(1, body=""))
        _write(here / "warned.jsonl", _record(1, headline="Ferry line closed\u200b for three weeks"))
        assert main(["validate", *arguments]) == status

    @pytest.mark.parametrize("name", ["a.csv.xz", "a.json.bz2", "a.jsonl.gz", "a.txt.zst", "a.parquet"])
    def test_a_damaged_file_is_a_finding(self, name: str, here: Path) -> None:
        (here / name).write_bytes(b"\x05")
        assert main(["validate", name]) == 1

    @pytest.mark.slow
    @given(
        data=st.one_of(jsonl_bytes(dirty=True), st.binary(max_size=300)),
        suffix=st.sampled_from(["jsonl", "json", "csv", "txt", "jsonl.gz", "csv.xz", "json.bz2"]),
    )
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_no_bytes_make_it_fail(self, data: bytes, suffix: str, here: Path) -> None:
        pack = {"gz": gzip.compress, "xz": lzma.compress, "bz2": bz2.compress}.get(
            suffix.rpartition(".")[2], bytes
        )
        (here / f"a.{suffix}").write_bytes(pack(data))
        for form in ("full", "sarif"):
            assert main(["validate", f"a.{suffix}", "--format", form, "-o", "out"]) in (0, 1)


class TestOutputs:
    def test_one_run_writes_several_forms(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        _write(here / "bad.jsonl", _record(1, body=""))
        assert main(["validate", "bad.jsonl", "-o", "sarif=a.sarif", "-o", "junit=a.xml"]) == 1
        assert "NDS301 error" in capsys.readouterr().out
        assert json.loads((here / "a.sarif").read_text())["version"] == "2.1.0"
        assert (here / "a.xml").read_text().startswith("<?xml")

    def test_a_file_without_a_form_takes_the_place_of_standard_output(
        self, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _write(here / "bad.jsonl", _record(1, body=""))
        assert main(["validate", "bad.jsonl", "--format", "json", "-o", "a=b.json"]) == 1
        assert capsys.readouterr().out == ""
        assert json.loads((here / "a=b.json").read_text())["n_findings"] == 1

    def test_a_dash_is_standard_output(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        _write(here / "bad.jsonl", _record(1, body=""))
        main(["validate", "bad.jsonl", "-o", "a.txt", "-o", "json=-"])
        assert json.loads(capsys.readouterr().out)["n_findings"] == 1
        assert not (here / "-").exists()

    def test_the_summary_of_a_step_gets_markdown(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        _write(here / "bad.jsonl", _record(1, body=""))
        (here / "summary").write_text("# Before\n")
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "summary"))
        assert main(["validate", "bad.jsonl", "--format", "github"]) == 1
        said = (here / "summary").read_text()
        assert said.startswith("# Before\n## newsds validate\n")
        assert "| 1 | NDS301 | error | empty-body |" in said

    def test_a_summary_that_cannot_be_written_is_no_failure(
        self, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _write(here / "good.jsonl", _record(1))
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "no" / "folder"))
        assert main(["validate", "good.jsonl"]) == 0
        assert "is not written" in capsys.readouterr().err

    def test_pipes_get_no_colours(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        _write(here / "bad.jsonl", _record(1, body=""))
        main(["validate", "bad.jsonl", "--format", "full"])
        assert "\x1b" not in capsys.readouterr().out

    @pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are of POSIX")
    @pytest.mark.parametrize(("no_color", "has_colors"), [("", True), ("1", False)])
    def test_a_terminal_gets_colours_unless_it_does_not_want_them(
        self, no_color: str, has_colors: bool, here: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from newsds.cli import reporting

        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        monkeypatch.setenv("NO_COLOR", no_color)
        monkeypatch.setenv("TERM", "xterm")
        assert reporting.has_colors() is has_colors

    def test_the_list_is_short_for_people_and_the_rest_is_counted(
        self, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _write(here / "bad.jsonl", *(_record(number, body="") for number in range(150)))
        main(["validate", "bad.jsonl", "-o", "json=a.json"])
        said = capsys.readouterr().out.splitlines()
        assert sum(": NDS301 error: " in line for line in said) == 100
        whole = json.loads((here / "a.json").read_text())
        assert f"... and {whole['n_findings'] - 100} more, counted but not listed" in said
        assert len(whole["findings"]) == whole["n_findings"] >= 150


class TestRules:
    def test_select_and_ignore_take_beginnings_of_codes(self, here: Path, report: Report) -> None:
        _write(here / "a.jsonl", _record(1, body="", language=None), _record(2, headline=" "))
        assert set(_codes(report("a.jsonl"))) == {"NDS102", "NDS301"}
        assert set(_codes(report("a.jsonl", "--select", "NDS3"))) == {"NDS301"}
        assert set(_codes(report("a.jsonl", "--ignore", "nds301,NDS4"))) == {"NDS102"}
        assert _codes(report("a.jsonl", "--select", "NDS3", "--ignore", "NDS301", status=0)) == {}


class TestBaseline:
    def test_known_findings_do_not_count_and_moving_records_changes_nothing(
        self, here: Path, report: Report
    ) -> None:
        copy = {"body": f"{BODY}\nOne of three."}
        records = [
            _record(1, body=""),
            _record(2, **copy),
            _record(3, **copy),
            _record(4, **copy),
            _record(5),
        ]
        _write(here / "a.jsonl", *records)
        assert report("a.jsonl", "--baseline", "known.json", "--write-baseline", status=0)["n_findings"] == 0
        _write(here / "a.jsonl", *records[:2])
        _write(here / "b.jsonl", *reversed(records[2:]))
        moved = report("a.jsonl", "b.jsonl", "--baseline", "known.json", status=0)
        assert moved["n_findings"] == 0
        assert moved["stale"] == []
        assert {item["reason"] for item in moved["waived"]} == {"in the baseline"}

    def test_a_new_finding_counts(self, here: Path, report: Report) -> None:
        _write(here / "a.jsonl", _record(1, body=""))
        report("a.jsonl", "--baseline", "known.json", "--write-baseline")
        _write(here / "a.jsonl", _record(2, body=""), _record(1, body=""))
        said = report("a.jsonl", "--baseline", "known.json", status=1)
        assert [item["line"] for item in said["findings"]] == [1]

    def test_it_only_shrinks(self, here: Path, report: Report) -> None:
        _write(here / "a.jsonl", _record(1, body=""), _record(2, body=""))
        report("a.jsonl", "--baseline", "known.json", "--write-baseline")
        _write(here / "a.jsonl", _record(1, body=""), _record(3, body=""))
        said = report("a.jsonl", "--baseline", "known.json", "--write-baseline", status=1)
        assert said["stale"] == [{"code": "NDS301", "n": 1}]
        (entry,) = json.loads((here / "known.json").read_text())["findings"]
        assert entry["record_id"] == complete({}, 1)["id"]
        assert report("a.jsonl", "--baseline", "known.json", status=1)["stale"] == []

    def test_findings_that_are_not_listed_are_known_too(self, here: Path, report: Report) -> None:
        _write(here / "a.jsonl", *(_record(number, body="") for number in range(30)))
        report("a.jsonl", "--baseline", "known.json", "--write-baseline", "--max-findings", "2")
        assert report("a.jsonl", "--baseline", "known.json", status=0)["n_findings"] == 0

    @pytest.mark.parametrize(
        "data", [b"", b"[]", b"{}", b'{"findings": [{"code": 1, "fingerprint": "x", "n": "y"}]}', b"\xff"]
    )
    def test_what_is_no_baseline_is_refused(self, data: bytes, here: Path) -> None:
        _write(here / "a.jsonl", _record(1))
        (here / "known.json").write_bytes(data)
        assert main(["validate", "a.jsonl", "--baseline", "known.json"]) == 3

    def test_what_was_not_looked_for_is_neither_gone_nor_forgotten(self, here: Path, report: Report) -> None:
        _write(here / "a.jsonl", _record(1, body=""), _record(2, headline=" "))
        report("a.jsonl", "--baseline", "known.json", "--write-baseline", status=0)
        before = (here / "known.json").read_bytes()
        for choice in (["--select", "NDS102"], ["--rules", "schema"], ["--ignore", "NDS301"]):
            said = report("a.jsonl", "--baseline", "known.json", "--write-baseline", *choice, status=0)
            assert said["stale"] == []
            assert (here / "known.json").read_bytes() == before


class TestBase:
    @pytest.mark.parametrize("base", ["saved.index", "old.jsonl"])
    def test_new_records_are_judged_against_the_base(self, base: str, here: Path, report: Report) -> None:
        _write(here / "old.jsonl", *(_record(number) for number in range(40)), _record(41, body=""))
        _write(here / "new.jsonl", _record(50, body=_record(7)["body"]), _record(8), _record(60))
        report("old.jsonl", "--write-index", "saved.index", "--exit-zero")
        said = report("new.jsonl", "--base", base, status=1)
        assert said["n_records"] == 3
        found = {(item["code"], item["path"], item["line"]) for item in said["findings"]}
        assert found == {("NDS101", "new.jsonl", 2), ("NDS601", "new.jsonl", 1)}

    def test_an_index_that_is_damaged_is_refused(self, here: Path) -> None:
        _write(here / "a.jsonl", _record(1))
        main(["validate", "a.jsonl", "--write-index", "saved.index"])
        data = (here / "saved.index").read_bytes()
        (here / "saved.index").write_bytes(data[: len(data) // 2] + data[-200:])
        assert main(["validate", "a.jsonl", "--base", "saved.index"]) == 3


@pytest.fixture
def repository(here: Path) -> Callable[..., None]:
    """Git in a fresh repository, as whoever runs the tests."""
    identity = {
        f"GIT_{who}_{what}": f"t@{who}.example"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=here, env=environment, check=True, capture_output=True)

    git("init", "-q")
    return git


class TestChangedSince:
    def test_only_records_that_changed_count(
        self, here: Path, report: Report, repository: Callable[..., None]
    ) -> None:
        _write(here / "a.jsonl", _record(1, body=""), _record(2), _record(3, body=""))
        _write(here / "same.jsonl", _record(9, body=""))
        repository("add", ".")
        repository("commit", "-qm", "x")
        _write(
            here / "a.jsonl",
            _record(4, body=""),
            _record(3, body=""),
            _record(2, headline=" "),
            _record(1, body=""),
        )
        _write(here / "untracked.jsonl", _record(5, body=""))
        said = report("a.jsonl", "same.jsonl", "untracked.jsonl", "--changed-since", "HEAD", status=1)
        found = {(item["code"], item["path"], item["line"]) for item in said["findings"]}
        assert found == {("NDS301", "a.jsonl", 1), ("NDS102", "a.jsonl", 3), ("NDS301", "untracked.jsonl", 1)}

    def test_records_that_moved_to_another_file_did_not_change(
        self, here: Path, report: Report, repository: Callable[..., None]
    ) -> None:
        _write(here / "a.jsonl", *(_record(number, body="") for number in range(9)))
        repository("add", ".")
        repository("commit", "-qm", "x")
        (here / "data").mkdir()
        repository("mv", "a.jsonl", "data/b.jsonl")
        assert report("data", "--changed-since", "HEAD", status=0)["n_findings"] == 0

    def test_a_copy_of_what_was_there_counts_on_the_new_record(
        self, here: Path, report: Report, repository: Callable[..., None]
    ) -> None:
        _write(here / "a.jsonl", _record(1), _record(2))
        repository("add", ".")
        repository("commit", "-qm", "x")
        _write(here / "a.jsonl", _record(1), _record(2), _record(3, body=_record(1)["body"]))
        said = report("a.jsonl", "--changed-since", "HEAD")
        assert [(item["code"], item["line"]) for item in said["findings"]] == [("NDS601", 3)]

    def test_records_that_moved_to_several_files_did_not_change(
        self, here: Path, report: Report, repository: Callable[..., None]
    ) -> None:
        _write(here / "a.jsonl", *(_record(number, body="") for number in range(9)))
        repository("add", ".")
        repository("commit", "-qm", "x")
        (here / "a.jsonl").unlink()
        _write(here / "b.jsonl", *(_record(number, body="") for number in range(5)))
        _write(here / "c.jsonl", *(_record(number, body="") for number in range(5, 10)))
        said = report(".", "--changed-since", "HEAD", status=1)
        assert [(item["code"], item["path"], item["line"]) for item in said["findings"]] == [
            ("NDS301", "c.jsonl", 5)
        ]

    def test_a_record_that_is_there_again_is_new(
        self, here: Path, report: Report, repository: Callable[..., None]
    ) -> None:
        _write(here / "a.jsonl", _record(1), _record(2))
        repository("add", ".")
        repository("commit", "-qm", "x")
        _write(here / "a.jsonl", _record(1), _record(2), _record(1))
        said = report("a.jsonl", "--changed-since", "HEAD", status=1)
        assert [(item["code"], item["line"]) for item in said["findings"]] == [("NDS101", 3)]

    def test_what_a_new_record_makes_wrong_with_an_old_one_counts(
        self, here: Path, report: Report, repository: Callable[..., None]
    ) -> None:
        _write(here / "b.jsonl", _record(1), _record(2), _record(3), _record(3, headline="Bridge closed"))
        repository("add", ".")
        repository("commit", "-qm", "x")
        _write(here / "a.jsonl", _record(1, headline="Ferry closed"))
        said = report(".", "--changed-since", "HEAD", status=1)
        assert [(item["code"], item["path"], item["line"]) for item in said["findings"]] == [
            ("NDS101", "b.jsonl", 1)
        ]

    def test_a_leak_into_an_old_test_set_counts(
        self, here: Path, report: Report, repository: Callable[..., None]
    ) -> None:
        _write(here / "test.jsonl", _record(1), _record(2))
        _write(here / "train.jsonl", _record(3))
        repository("add", ".")
        repository("commit", "-qm", "x")
        _write(here / "train.jsonl", _record(3), _record(4, body=_record(1)["body"]))
        said = report(".", "--changed-since", "HEAD", "--split-by", "file", "--select", "NDS701", status=1)
        assert [(item["code"], item["path"]) for item in said["findings"]] == [("NDS701", "test.jsonl")]

    def test_a_file_that_was_emptied_is_not_good(
        self, here: Path, report: Report, repository: Callable[..., None]
    ) -> None:
        _write(here / "a.jsonl", _record(1))
        repository("add", ".")
        repository("commit", "-qm", "x")
        _write(here / "a.jsonl")
        assert _codes(report("a.jsonl", "--changed-since", "HEAD", status=1)) == {"NDS014": 1}

    def test_a_project_is_read_by_its_own_rules(
        self, here: Path, report: Report, repository: Callable[..., None]
    ) -> None:
        descriptor = {"name": "x", "version": "1.0.0", "created": "2026-07-01", "licenses": [{"name": "CC0-1.0"}],
                      "resources": [{"name": "a", "path": "a.csv", "newsds": {"map": {"headline": "h"}}}]}  # fmt: skip
        (here / "datapackage.json").write_text(json.dumps(descriptor))
        (here / "a.csv").write_text(f'id,h,body,language\n1,,"{BODY}",en\n2,Ferry line closed,"{BODY}",en\n')
        repository("add", ".")
        repository("commit", "-qm", "x")
        with (here / "a.csv").open("a") as stream:
            stream.write(f'3,,"{BODY}",en\n')
        said = report("--changed-since", "HEAD", "--select", "NDS102")
        assert [item["line"] for item in said["findings"]] == [4]

    @pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD:a.jsonl"])
    def test_a_revision_that_is_none_is_bad_usage(
        self, revision: str, here: Path, repository: Callable[..., None]
    ) -> None:
        _write(here / "a.jsonl", _record(1))
        assert main(["validate", "a.jsonl", f"--changed-since={revision}"]) == 2
        assert not (here / "x").exists()

    def test_outside_of_a_work_tree_it_is_bad_usage(self, here: Path) -> None:
        _write(here / "a.jsonl", _record(1))
        assert main(["validate", "a.jsonl", "--changed-since", "HEAD"]) == 2
