"""newsds split says so where its result is not what was wanted."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from newsds.cli import main
from newsds.samples import sample


def _write(path: Path, records: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_a_split_that_the_embargo_emptied_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = _write(tmp_path / "a.jsonl", list(sample(30)))
    assert main(["split", str(source), "--embargo", "3000d", "-o", str(tmp_path / "out")]) == 1
    said = capsys.readouterr()
    assert "newsds: the split test is empty; shorten the embargo" in said.err
    assert "n undated              0" in said.out


def test_a_split_for_which_nothing_is_left_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = _write(tmp_path / "a.jsonl", list(sample(2)))
    assert main(["split", str(source), "-q", "-o", str(tmp_path / "out")]) == 1
    assert "is empty: there are too few groups of texts; change the shares" in capsys.readouterr().err


def test_a_split_by_time_needs_dates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    undated = [{"id": str(number), "text": f"Rain fell in {number} towns."} for number in range(30)]
    source = _write(tmp_path / "a.jsonl", undated)
    assert main(["split", str(source), "--text", "text", "-o", str(tmp_path / "out")]) == 2
    assert "with --time, or split with --by random" in capsys.readouterr().err
    assert main(["split", str(source), "-o", str(tmp_path / "out")]) == 1
    assert "no text has a date" in capsys.readouterr().err


def test_a_good_split_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = _write(tmp_path / "a.jsonl", list(sample(60)))
    assert main(["split", str(source), "-q", "-o", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().err == ""


def test_a_split_that_is_empty_is_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = _write(tmp_path / "a.jsonl", list(sample(30)))
    target = tmp_path / "out"
    assert main(["split", str(source), "--embargo", "3000d", "--format", "json", "-o", str(target)]) == 1
    said = capsys.readouterr()
    assert f"newsds: {target / 'splits.parquet'} is not written" in said.err
    assert json.loads(said.out)["output"] is None
    assert not target.exists()


def test_a_headline_column_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"key": str(n), "title": f"Town {n}", "text": f"Rain fell in town {n}."} for n in range(30)]
    source = _write(tmp_path / "a.jsonl", rows)
    options = ["split", str(source), "-q", "--id", "key", "--text", "text", "--by", "random"]
    assert main([*options, "--headline", "nope", "-o", str(tmp_path / "out")]) == 3
    assert "no column 'nope'; there are key, title, text" in capsys.readouterr().err
    assert main([*options, "--headline", "title", "--shares", "a=0.5,b=0.5", "-o", str(tmp_path / "out")]) < 2


def _shares_by_section(source: Path, target: Path, key: str, section: str) -> dict[str, set[float]]:
    """Return the shares of `train` within each section, of a split in half."""
    split_of = {
        row["id"]: row["split"] for row in pq.ParquetFile(target / "splits.parquet").read().to_pylist()
    }
    found: dict[str, list[bool]] = {}
    for number, line in enumerate(source.read_text().splitlines(), 1):
        record = json.loads(line)
        name = record[key] if key else f"{source}:{number}"
        found.setdefault(record[section], []).append(split_of[name] == "train")
    return {name: {round(sum(parts) / len(parts), 1)} for name, parts in found.items()}


@pytest.mark.parametrize("columns", [[], ["--text", "body"]], ids=["articles", "a table without ids"])
def test_a_split_is_stratified_by_a_field(tmp_path: Path, columns: list[str]) -> None:
    records = [
        {**record, "section": ("Sport", "Ports")[n % 10 == 0]}
        for n, record in enumerate(sample(120, copies=0))
    ]
    source, target = _write(tmp_path / "a.jsonl", records), tmp_path / "out"
    options = ["--by", "random", "--stratify", "section", "--shares", "train=0.5,test=0.5", "-q"]
    assert main(["split", str(source), *columns, *options, "-o", str(target)]) == 0
    shares = _shares_by_section(source, target, "" if columns else "id", "section")
    assert shares == {"Sport": {0.5}, "Ports": {0.5}}


@pytest.mark.parametrize(
    ("field", "status", "said"),
    [("pages.size", 2, "is no field"), ("tags", 2, "is no field"), ("kicker", 3, "has a value in kicker")],
)
def test_a_field_that_stratifies_nothing_is_told(
    tmp_path: Path, field: str, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = _write(tmp_path / "a.jsonl", list(sample(9)))
    options = ["--by", "random", "--stratify", field, "-o", str(tmp_path / "out")]
    assert main(["split", str(source), *options]) == status
    assert said in capsys.readouterr().err
