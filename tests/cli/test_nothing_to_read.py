"""Where nothing can be read, nothing is called good."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsds.cli import main

COMMANDS = [
    "validate {}",
    "read {}",
    "fix {} --check",
    "dedupe {} -o out",
    "dedupe {} --text text -o out",
    "split {} --by random --shares train=1 -o out",
    "convert {} --as ninjs",
    "schema migrate {} --to 1.0.0",
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("empty", "unknown", "hidden/.cache", "nested/folder"):
        Path(name).mkdir(parents=True)
    Path("unknown/a.docx").write_text("PK")
    Path("hidden/.cache/a.jsonl").write_text("{}")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["empty", "hidden", "nested", "nested/*", "*.jsonl"])
def test_a_folder_or_pattern_without_files_is_an_error(
    command: str, name: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command.format(name).split()) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"newsds: {name}: ")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["unknown", "unknown/*", "*/*.docx"])
def test_a_folder_of_files_that_are_not_read_is_a_finding(
    command: str, name: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command.format(name).split()) == 1
    said = capsys.readouterr()
    assert "NDS012" in said.out + said.err
    assert "newsds reads .txt" in said.out + said.err


def test_beside_files_that_are_read_it_is_information(here: Path) -> None:
    Path("unknown/a.jsonl").write_text('{"title": "A", "text": "B"}\n')
    assert main(["read", "unknown", "-o", "out.jsonl"]) == 0
    assert json.loads(Path("out.jsonl").read_text())["body"] == "B"


def test_each_input_must_hold_something(here: Path) -> None:
    Path("a.jsonl").write_text('{"title": "A", "text": "B"}\n')
    assert main(["read", "a.jsonl", "unknown", "-o", "out.jsonl"]) == 1
    assert main(["read", "a.jsonl", "empty", "-o", "other.jsonl"]) == 3


def test_inputs_without_a_record_are_a_finding_and_no_measure(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.jsonl").write_text('{"id": "a", "text": "Rain fell."}\n')
    Path("b.jsonl").touch()
    for rules in ("all", "record", "schema"):
        assert main(["validate", "b.jsonl", "--rules", rules]) == 1
        assert "NDS014 error: the inputs hold no record" in capsys.readouterr().out
    for a, b in (("a.jsonl", "b.jsonl"), ("b.jsonl", "a.jsonl")):
        assert main(["leak", a, b, "--text", "text", "--max-rate", "100%"]) == 1
        assert "b.jsonl: holds no texts, so that nothing was measured" in capsys.readouterr().err


def test_a_base_may_get_no_addition(here: Path) -> None:
    Path("a.jsonl").write_text('{"title": "A", "text": "B", "language": "en"}\n')
    Path("b.jsonl").touch()
    assert main(["validate", "b.jsonl", "--base", "a.jsonl"]) == 0


def test_a_page_is_no_table(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.txt").write_text("A page\n")
    assert main(["dedupe", "a.txt", "--text", "text", "-o", "out"]) == 3
    assert "a text page has no columns" in capsys.readouterr().err
    Path("a.jsonl").write_text('{"text": "Rain fell."}\n')
    assert main(["dedupe", ".", "--text", "text", "-o", "out"]) == 0


@pytest.mark.parametrize("rules", ["all", "record", "schema"])
@pytest.mark.parametrize("name", ["b.jsonl", "b.json", "b.csv", "b.parquet"])
def test_a_file_without_a_record_among_others_is_told(
    rules: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["sample", "-n", "3", "-o", str(tmp_path / "a.jsonl")])
    if name == "b.parquet":
        pq.write_table(pa.table({"headline": pa.array([], pa.string())}), tmp_path / name)
    else:
        (tmp_path / name).write_bytes(b"headline,body\n" if name == "b.csv" else b"")
    assert main(["validate", str(tmp_path), "--rules", rules, "--fail-on", "warning"]) == 1
    said = capsys.readouterr().out
    assert f"{name}: NDS014 warning: there is no record in this file" in said
    assert "3 records: 1 warning" in said


@pytest.mark.parametrize("named", ["data", "data/*.jsonl"])
def test_a_link_to_a_file_that_is_not_there_is_not_passed_over(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    main(["sample", "-n", "2", "-o", "data/a.jsonl"])
    Path("data/b.jsonl").symlink_to("../.annex/not-fetched")
    assert main(["validate", named]) == 3
    assert "data/b.jsonl" in capsys.readouterr().err
