"""Leaks from one set of texts to another."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsds.cli import main
from newsds.release.leaks import COPIES, leak
from newsds.samples import sample
from newsds.texts import TEXTS_SCHEMA
from release.projects import write_lines


def texts(*rows: tuple[str, str]) -> list[pa.RecordBatch]:
    return [
        pa.RecordBatch.from_pylist([{"id": name, "text": text} for name, text in rows], schema=TEXTS_SCHEMA)
    ]


STORIES = [record["body"] for record in sample(8, seed=3)]


def test_copies_are_counted_by_their_kind() -> None:
    cut = "\n\n".join(STORIES[1].split("\n\n")[:-1])
    found = leak(
        texts(*((f"x{n}", STORIES[n]) for n in range(4))),
        texts(("x0", STORIES[0]), ("y", cut), ("z", STORIES[5])),
    )
    assert (found.n_a, found.n_b, found.n_leaked) == (4, 3, 2)
    assert found.rate == pytest.approx(2 / 3)
    assert found.kinds["exact"] == 1
    assert sum(found.kinds.values()) == found.n_related >= 2
    copies = [(pair["a"], pair["b"]) for pair in found.pairs.to_pylist() if pair["relation"] in COPIES]
    assert copies == [("x0", "x0"), ("x1", "y")]


def test_copies_within_one_side_are_no_leak() -> None:
    found = leak(texts(("a", STORIES[0]), ("b", STORIES[0])), texts(("a", STORIES[1]), ("b", STORIES[1])))
    assert found.n_leaked == 0
    assert not set(COPIES) & set(found.kinds)


def test_empty_sides_leak_nothing() -> None:
    assert leak(texts(("a", STORIES[0])), []).rate == 0
    assert leak([], texts(("a", STORIES[0]))).n_leaked == 0


def test_the_command_takes_any_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lines(tmp_path / "train.jsonl", [{"content": story} for story in STORIES[:6]])
    write_lines(tmp_path / "test.jsonl", [{"content": story} for story in STORIES[4:]])
    command = ["leak", str(tmp_path / "train.jsonl"), str(tmp_path / "test.jsonl"), "--text", "content"]
    assert main([*command, "--format", "json", "--pairs", str(tmp_path / "pairs.parquet")]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["n_b"], said["n_leaked"], said["rate"]) == (4, 2, 0.5)
    pairs = pq.ParquetFile(tmp_path / "pairs.parquet").read().to_pylist()
    assert pairs[0]["a"].endswith("train.jsonl:5")
    assert pairs[0]["b"].endswith("test.jsonl:1")
    assert main([*command, "--max-rate", "0.5"]) == 0
    assert "2 of 4 texts (50.00%) are copies of one of the other 6" in capsys.readouterr().out


def test_headlines_tell_equal_notices_of_two_firms_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notice = (
        "Qtly div 12 cts vs 12 cts prior. Pay April 30. Record April 15. Chairman reaffirms outlook for year."
    )
    for name, firm in (("train", "Ostrander Pumps Inc"), ("test", "Velleby Timber Corp")):
        write_lines(
            tmp_path / f"{name}.jsonl", [{"title": f"{firm} sets quarterly payout", "content": notice}]
        )
    command = ["leak", str(tmp_path / "train.jsonl"), str(tmp_path / "test.jsonl"), "--text", "content"]
    assert main([*command, "-q"]) == 1
    assert main([*command, "-q", "--headline", "title"]) == 0
    assert main([*command, "--headline", "nope"]) == 3
    assert "no column 'nope'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options", [["--id", "key"], ["--time", "day"], ["--text", "nothing"]], ids=lambda options: options[0]
)
def test_columns_that_are_missing_are_one_line(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    write_lines(tmp_path / "a.jsonl", [{"content": "x"}])
    assert main(["leak", str(tmp_path / "a.jsonl"), str(tmp_path / "a.jsonl"), *options]) in (2, 3)
    assert capsys.readouterr().err.count("\n") == 1


def test_split_leaves_no_leak(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = list(sample(60, seed=2, copies=0.4))
    write_lines(
        tmp_path / "all.jsonl",
        [{"key": record["id"], "text": record["body"], "class": record["section"]} for record in given],
    )
    columns = ["--id", "key", "--text", "text"]
    command = [
        "split",
        str(tmp_path / "all.jsonl"),
        *columns,
        "--by",
        "random",
        "--shares",
        "train=0.7,test=0.3",
    ]
    assert main([*command, "--stratify", "class", "--format", "json", "-o", str(tmp_path / "out")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["n_crossing"] == 0 < said["n_relations"]
    assert sum(said["sizes"].values()) == 60
    table = pq.ParquetFile(tmp_path / "out" / "splits.parquet").read().to_pylist()
    split_of = {row["id"]: row["split"] for row in table}
    for name in ("train", "test"):
        rows = [
            {"key": record["id"], "text": record["body"]}
            for record in given
            if split_of[record["id"]] == name
        ]
        write_lines(tmp_path / f"{name}.jsonl", rows)
    assert main(["leak", str(tmp_path / "train.jsonl"), str(tmp_path / "test.jsonl"), *columns, "-q"]) == 0


def test_split_by_time_reads_articles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lines(tmp_path / "articles.jsonl", sample(400, copies=0.3))
    assert (
        main(["split", str(tmp_path / "articles.jsonl"), "--embargo", "1h", "-o", str(tmp_path / "out")]) == 0
    )
    assert "n left out" in capsys.readouterr().out
    assert main(["split", str(tmp_path / "articles.jsonl"), "-o", str(tmp_path / "out")]) == 3
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ["--stratify", "x"],
        ["--by", "random", "--embargo", "3d"],
    ],
)
def test_split_refuses_choices_that_do_not_go_together(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    write_lines(tmp_path / "articles.jsonl", sample(3))
    assert main(["split", str(tmp_path / "articles.jsonl"), "-o", str(tmp_path / "out"), *options]) == 2
    assert capsys.readouterr().err.count("\n") == 1
