"""Options about reading do something, or say that they do not."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsds.cli import main
from newsds.samples import sample


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _records(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(name).read_text(encoding="utf-8").splitlines()]


class TestMap:
    @pytest.fixture(autouse=True)
    def _tables(self, here: Path) -> None:
        Path("a.csv").write_text("Titel,Brødtekst\nFerry stops,Rain fell.\n", encoding="utf-8")
        Path("a.jsonl").write_text('{"Brødtekst": "Rain"}\n' * 3 + '{"Titel": "T", "Brødtekst": "Rain"}\n')
        pq.write_table(pa.table({"Titel": ["T"], "Brødtekst": ["Rain"]}), "a.parquet")
        Path("a.txt").write_text("A page\n")

    @pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
    @pytest.mark.parametrize("command", ["read", "validate", "fix --check"])
    def test_a_column_that_is_not_there_is_refused(
        self, name: str, command: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        given = "--map headline=Tittel --map body=Brødtekst"
        assert main([*command.split(), name, *given.split()]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("newsds: map headline=Tittel: no record has a column 'Tittel'; there are ")
        assert {"Titel", "Brødtekst"} == set(line.rpartition("there are ")[2].split(", "))

    def test_a_column_that_is_in_some_records_is_taken(self) -> None:
        given = "--map headline=Titel --map body=Brødtekst -o out.jsonl"
        assert main(["read", "a.csv", "a.jsonl", "a.parquet", *given.split()]) == 0
        assert [record.get("headline") for record in _records("out.jsonl")] == [
            "Ferry stops", None, None, None, "T", "T",
        ]  # fmt: skip

    def test_a_page_has_no_columns(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["read", "a.txt", "--map", "headline=Titel"]) == 2
        assert "text pages have no columns" in capsys.readouterr().err

    def test_a_field_is_mapped_once(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["read", "a.csv", "--map", "headline=Titel", "--map", "headline=Brødtekst"]) == 2
        assert "named twice" in capsys.readouterr().err

    @pytest.mark.parametrize("command", ["validate", "build"])
    def test_a_project_maps_what_is_there(self, command: str, capsys: pytest.CaptureFixture[str]) -> None:
        resource = {"name": "a", "path": "a.csv", "newsds": {"map": {"headline": "Tittel"}}}
        descriptor = {"name": "x", "version": "1.0.0", "created": "2026-07-01", "licenses": [{"name": "CC0-1.0"}],
                      "resources": [resource]}  # fmt: skip
        Path("datapackage.json").write_text(json.dumps(descriptor))
        assert main([command]) == 2
        assert "map headline=Tittel: no record has a column 'Tittel'" in capsys.readouterr().err


class TestUnplaced:
    def test_columns_without_a_field_are_told(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        Path("a.csv").write_text("title,text,score,desk\nT,Rain,1,north\nT,Wind,2,\n")
        assert main(["read", "a.csv", "-o", "out.jsonl"]) == 0
        told = "columns without a field, kept in `extra`: score (2), desk (1); --map FIELD=COLUMN names one"
        assert told in capsys.readouterr().err.splitlines()
        assert main(["read", "a.csv", "-q"]) == 0
        assert capsys.readouterr().err == ""

    def test_articles_are_passed_on_in_silence(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        Path("a.csv").write_text("title,text,score\nT,Rain,1\n")
        main(["read", "a.csv", "-q", "-o", "b.jsonl"])
        assert main(["read", "b.jsonl", "-o", "c.jsonl"]) == 0
        assert "extra" not in capsys.readouterr().err
        assert Path("b.jsonl").read_bytes() == Path("c.jsonl").read_bytes()


class TestEncoding:
    def test_json_is_utf_8(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        Path("a.jsonl").write_bytes('{"title": "Café", "text": "Rain"}\n'.encode("cp1252"))
        assert main(["read", "a.jsonl"]) == 1
        said = capsys.readouterr().err
        assert "byte 0xe9 is not UTF-8, as JSON must be; iconv -f cp1252 -t utf-8 converts it" in said
        assert main(["read", "a.jsonl", "--encoding", "cp1252"]) == 2
        assert "JSON is UTF-8 always: iconv -f cp1252" in capsys.readouterr().err

    def test_it_is_of_pages_and_tables(self, here: Path) -> None:
        Path("a.csv").write_bytes("title,text\nCafé,Rain\n".encode("cp1252"))
        Path("b.jsonl").write_text('{"title": "Café", "text": "Rain"}\n', encoding="utf-8")
        assert main(["read", ".", "--encoding", "cp1252", "-o", "out.jsonl"]) == 0
        assert [record["headline"] for record in _records("out.jsonl")] == ["Café", "Café"]

    @pytest.mark.parametrize("name", ["utf-9", "base64", "rot13", "\x00"])
    def test_what_is_no_encoding_is_refused(
        self, name: str, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Path("a.csv").write_text("title,text\nT,Rain\n")
        assert main(["read", "a.csv", "--encoding", name]) == 2
        assert "there is no encoding" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--delimiter=;", "--columns=title,text"])
def test_options_of_csv_are_about_csv(option: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.jsonl").write_text('{"title": "T", "text": "Rain"}\n')
    assert main(["read", "a.jsonl", option]) == 2
    assert "is about CSV; no input is of that kind" in capsys.readouterr().err


class TestNan:
    LINE = '{"title": "NaN at the \\"NaN\\" bread fair", "text": "Rain", "score": NaN, "odds": -Infinity}\n'

    def test_the_finding_names_the_remedy(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        Path("a.jsonl").write_text(self.LINE)
        assert main(["read", "a.jsonl"]) == 1
        assert "NDS003 NaN is no JSON value; write null, or read it so with --nan-as-null" in (
            capsys.readouterr().err
        )

    @pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
    def test_it_is_read_as_null_and_told(
        self, name: str, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Path(name).write_text(self.LINE)
        assert main(["read", name, "--nan-as-null", "-o", "out.jsonl"]) == 0
        assert f"{name}:1: NDS003 NaN and Infinity are read as null" in capsys.readouterr().err
        (record,) = _records("out.jsonl")
        assert record["headline"] == 'NaN at the "NaN" bread fair'
        assert record["provenance"]["transforms"] == ["NaN and Infinity read as null"]
        assert record["provenance"]["length"] == len(self.LINE) - 1

    def test_articles_are_written_without_it(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        first, second = sample(2)
        lines = [json.dumps({**first, "word_count": float("nan")}), json.dumps(second)]
        Path("a.jsonl").write_text("\n".join(lines) + "\n")
        assert main(["fix", "a.jsonl", "--nan-as-null", "-o", "out.jsonl"]) == 0
        assert "NDS003" in capsys.readouterr().err
        assert _records("out.jsonl")[0]["word_count"] is None
        assert Path("out.jsonl").read_text().splitlines()[1] == lines[1]

    def test_it_is_a_warning_of_validate(self, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
        Path("a.jsonl").write_text(self.LINE)
        for rules in ("all", "schema"):
            main(["validate", "a.jsonl", "--nan-as-null", "--rules", rules, "--format", "json"])
            said = json.loads(capsys.readouterr().out)
            assert said["n_records"] == 1
            assert {"code": "NDS003", "level": "warning", "n": 1} in said["counts"]


class TestNoHeader:
    ROWS = "Ferry late,The ferry was late.\nBridge shut,The bridge was shut.\n"

    @pytest.mark.parametrize("command", ["read", "fix --check"])
    def test_a_first_row_that_may_be_a_record_is_told_once(
        self, here: Path, command: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Path("a.csv").write_text(self.ROWS)
        main([*command.split(), "a.csv"])
        (line,) = [line for line in capsys.readouterr().err.splitlines() if "NDS015" in line]
        assert line.startswith("a.csv:1: NDS015 no column of the first row is known; if it is a record, name")
        assert "--columns A,B,C" in line

    @pytest.mark.parametrize(
        "given", [["--columns", "headline,body"], ["--map", "headline=Ferry late"]], ids=["columns", "map"]
    )
    def test_columns_that_are_named_are_known(
        self, here: Path, given: list[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        Path("a.csv").write_text(self.ROWS)
        assert main(["read", "a.csv", *given]) == 0
        assert "NDS015" not in capsys.readouterr().err

    def test_texts_of_any_table_need_no_known_column(
        self, here: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Path("a.csv").write_text("k,words\n1,The ferry was late.\n")
        assert main(["dedupe", "a.csv", "--text", "words", "-o", "out"]) == 0
        assert "NDS015" not in capsys.readouterr().err
