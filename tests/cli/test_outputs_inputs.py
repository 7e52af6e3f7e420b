"""What is written is not read, and what is there is not replaced unless it may be."""

import json
from pathlib import Path

import pytest

from newsds.cli import main
from newsds.samples import sample

TEXT = {"id": "a", "title": "Rain fell in the harbour town", "text": "Rain fell."}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    (tmp_path / "in").mkdir()
    for number, record in enumerate(sample(2)):
        (tmp_path / "in" / f"{number}.jsonl").write_text(json.dumps(record) + "\n")
    return tmp_path / "in"


@pytest.mark.parametrize("options", [["-o", "{}"], ["-o", "json={}"], ["--write-index", "{}"]])
def test_an_input_is_never_replaced(tmp_path: Path, options: list[str]) -> None:
    source = tmp_path / "my.jsonl"
    source.write_text(json.dumps(TEXT) + "\n")
    before = source.read_bytes()
    command = ["validate", str(source), "--force", *(option.format(source) for option in options)]
    assert (main(command), source.read_bytes()) == (2, before)


@pytest.mark.parametrize(
    "command",
    [
        "read {} -o {}",
        "read a.jsonl -o b.jsonl --rejected {}",
        "fix {} -o {}",
        "fix a.jsonl -o b.jsonl --changes {}",
        "convert {} --as ninjs -o {}",
        "schema migrate {} --to 1.0.0 -o {}",
        "leak {} b.jsonl --pairs {}",
    ],
)
def test_data_is_replaced_with_force_alone_and_never_while_it_is_read(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jsonl", "b.jsonl", "c.jsonl"):
        Path(name).write_text(json.dumps(TEXT) + "\n")
    before = Path("c.jsonl").read_bytes()
    assert main(command.format(*["c.jsonl"] * command.count("{}")).split()) == 3
    assert "exists already" in capsys.readouterr().err
    if command.count("{}") == 2:
        assert main([*command.format("c.jsonl", "c.jsonl").split(), "--force"]) == 2
    assert Path("c.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    "command",
    [
        "read in -o no/out.jsonl",
        "read in -o out.jsonl --rejected no/out",
        "fix in --check --changes no/changes.jsonl",
        "convert in --as ninjs -o no/out.jsonl",
        "leak in in --pairs no/out.parquet",
        "validate in -o no/report.json",
        "validate in --write-index no/all.index",
    ],
)
def test_a_folder_that_is_not_there_is_told_before_the_work(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_arguments: object, **_options: object) -> None:
        raise AssertionError

    monkeypatch.setattr("newsds.readers.iter_items", never)
    assert main(command.split()) == 3
    assert capsys.readouterr().err == "newsds: no: no such folder\n"
    assert list(folder.parent.glob("out*")) == []


@pytest.mark.parametrize(
    "command",
    [
        "read in -o in/out.jsonl",
        "read in/*.jsonl -o in/out.jsonl",
        "fix in -o in/out.jsonl --changes in/changes.jsonl",
        "convert in --as ninjs -o in/out.jsonl",
        "schema migrate in --to 1.0.0 -o in/out.jsonl",
    ],
)
def test_an_output_among_the_inputs_is_not_read(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command.split()) == 0
    once = (folder / "out.jsonl").read_bytes()
    assert capsys.readouterr().err.count("not read") == 0
    assert main([*command.split(), "--force"]) == 0
    assert (folder / "out.jsonl").read_bytes() == once
    assert "newsds: in/out.jsonl: is written by this command, and so not read" in capsys.readouterr().err


def test_tables_among_the_inputs_are_not_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("dedupe in -q -o in", "split in -q --shares train=1 -o in"):
        assert main(command.split()) == 0
        assert main(command.split()) == 3
    assert main(["dedupe", "in", "in/clusters.parquet", "-o", "in", "--force"]) == 2
    for name in ("clusters", "relations", "splits"):
        (folder / f"{name}.parquet").rename(folder.parent / f"{name}.parquet")
    (folder.parent / "clusters.parquet").rename(folder / "clusters.parquet")
    capsys.readouterr()
    assert main(["dedupe", "in", "--format", "json", "-o", "in", "--force"]) == 0
    assert json.loads(capsys.readouterr().out)["articles"] == 2


def test_an_index_among_the_inputs_is_not_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = "dedupe in --index in/seen -o out --force --format json --release"
    assert [main([*command.split(), release]) for release in ("1", "2")] == [0, 0]
    said = capsys.readouterr()
    assert said.out.count('"articles": 2,') == 2
    assert "in/seen/" in said.err


class TestReports:
    @pytest.mark.parametrize(
        "form", ["concise", "full", "json", "jsonl", "sarif", "junit", "github", "gitlab", "markdown"]
    )
    @pytest.mark.parametrize("records", [[TEXT], []], ids=["findings", "good"])
    def test_an_earlier_report_is_replaced_and_not_read(
        self, form: str, records: list[object], folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (folder / "2.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
        command = ["validate", "in", "-o", f"{form}=in/report.json", "--exit-zero"]
        assert main(command) == 0
        said, once = capsys.readouterr().out, (folder / "report.json").read_bytes()
        assert main(command) == 0
        again = capsys.readouterr()
        assert (again.out, (folder / "report.json").read_bytes()) == (said, once)
        assert "in/report.json: is written by this command" in again.err

    @pytest.mark.parametrize(
        "text", ['{"id": "a"}\n', "notes\n", "[1]", '[{"description": "a book"}]', "# newsds\n", "\x00"]
    )
    def test_anything_else_is_replaced_with_force_alone(
        self, text: str, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        mine = folder.parent / "mine.json"
        mine.write_text(text)
        assert main(["validate", "in", "-o", "json=mine.json"]) == 3
        assert mine.read_text() == text
        assert "exists already and is not a report of newsds" in capsys.readouterr().err
        assert main(["validate", "in", "-o", "json=mine.json", "--force"]) == 0
        assert json.loads(mine.read_text())["n_records"] == 2

    def test_an_index_is_replaced_by_an_index_alone(self, folder: Path) -> None:
        command = ["validate", "in", "--write-index", "in/all.index"]
        assert [main(command), main(command)] == [0, 0]
        (folder / "all.index").write_text("mine")
        assert main(command) == 3
        assert main([*command, "--force"]) == 0

    def test_a_baseline_among_the_inputs_is_not_read(self, folder: Path) -> None:
        command = ["validate", "in", "--baseline", "in/known.json"]
        assert main([*command, "--write-baseline"]) == 0
        assert main(command) == 0

    def test_a_project_does_not_read_its_report(self, tmp_path: Path, folder: Path) -> None:
        descriptor = {"name": "x", "version": "1.0.0", "created": "2026-07-01", "licenses": [{"name": "CC0-1.0"}],
                      "resources": [{"name": "a", "path": "in"}]}  # fmt: skip
        (tmp_path / "datapackage.json").write_text(json.dumps(descriptor))
        command = ["validate", "-o", "in/report.json", "--format", "json"]
        assert [main(command), main(command)] == [0, 0]
        assert json.loads((folder / "report.json").read_text())["n_records"] == 2
