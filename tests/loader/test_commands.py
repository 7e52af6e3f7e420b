"""newsds load and newsds cache."""

import json

import pyarrow.parquet as pq
import pytest

import newsds
from newsds.cli import main


def test_a_release_is_verified_and_shown(harbour, capsys):
    assert main(["load", str(harbour.folder)]) == 0
    shown = capsys.readouterr().out
    assert "harbour-news 1.2.0: Harbour News & Notes" in shown
    assert "train 3, validation 1, test 1; 4 files" in shown
    assert main(["load", str(harbour.folder), "--format", "json", "--config", "clusters"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["splits"] == {"train": 5}
    assert summary["columns"][0] == "article_id"


def test_options_that_choose_rows_show_some(harbour, capsys):
    where = str(harbour.folder)
    assert main(["load", where, "--columns", "headline", "--filter", "publisher.domain != null"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[-4:] == [
        "  row 1",
        "    headline            Harbour dredging enters week 1",
        "  row 2",
        "    headline            Harbour dredging enters week 4",
    ]
    assert main(["load", where, "-n", "1", "--format", "json"]) == 0
    assert [row["headline"] for row in json.loads(capsys.readouterr().out)["rows"]] == [
        "Harbour dredging enters week 1"
    ]
    assert main(["load", where, "--filter", "language == xx"]) == 0
    assert "no row is like this" in capsys.readouterr().out
    assert main(["load", where]) == 0
    assert "row 1" not in capsys.readouterr().out


def test_rows_are_written_as_jsonl(harbour, tmp_path, capsys):
    target = tmp_path / "rows.jsonl"
    options = [
        "--columns",
        "headline,published_at",
        "--filter",
        "publisher.domain != null",
        "-o",
        str(target),
    ]
    assert main(["load", f"{harbour.folder}", *options]) == 0
    assert [json.loads(line) for line in target.read_text().splitlines()] == [
        {"headline": "Harbour dredging enters week 1", "published_at": "2025-03-01T09:30:00Z"},
        {"headline": "Harbour dredging enters week 4", "published_at": "2026-01-02T00:00:00.5Z"},
    ]
    assert "2 rows of harbour-news 1.2.0 written" in capsys.readouterr().err
    assert main(["load", f"{harbour.folder}", *options]) == 3
    assert "exists already" in capsys.readouterr().err


def test_rows_are_written_as_parquet_and_limited(harbour, tmp_path):
    target = tmp_path / "rows.parquet"
    assert main(["load", str(harbour.folder), "-n", "3", "-o", str(target), "-q"]) == 0
    assert pq.ParquetFile(target).read().equals(newsds.load(harbour.folder).to_arrow().slice(0, 3))
    assert (
        main(["load", str(harbour.folder), "--split", "test", "-n", "0", "-o", str(target), "--force"]) == 0
    )
    assert pq.ParquetFile(target).metadata.num_rows == 0


def test_rows_go_to_standard_output(harbour, capfdbinary):
    assert (
        main(["load", str(harbour.folder), "--canonical-only", "--columns", "id", "-n", "2", "-o", "-"]) == 0
    )
    assert len(capfdbinary.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (["--version", "3.0.0"], 3, "no release 3.0.0; there is 1.2.0"),
        (["--version", "3"], 2, "write 1.2.0, or a range"),
        (["--split", "nope"], 2, "no split 'nope'"),
        (["--columns", "nope"], 2, "column 'nope'"),
        (["--filter", "language"], 2, "write 'language == en'"),
        (["--filter", "language == 3"], 2, "is not compared with 3"),
        (["-o", "rows.csv"], 2, "ending in .jsonl"),
    ],
)
def test_an_error_is_one_line_and_a_status(harbour, capsys, options, status, message):
    assert main(["load", str(harbour.folder), *options]) == status
    shown = capsys.readouterr().err
    assert message in shown
    assert shown.count("\n") == 1


def test_a_spoilt_release_is_told_with_status_3(copy, capsys):
    release = copy()
    shard = release / "data/articles/test-00000-of-00001.parquet"
    shard.write_bytes(shard.read_bytes()[:-9] + b"x" * 9)
    assert main(["load", str(release)]) == 3
    assert "sha256 is" in capsys.readouterr().err


def test_the_cache_is_listed_verified_and_cleaned(web, cache, capsys):
    assert main(["load", f"{web.url}@1.2.0", "-q"]) == 0
    capsys.readouterr()
    assert main(["cache", "list"]) == 0
    assert f"{web.url}@1.2.0  4 of 5 files" in capsys.readouterr().out
    assert main(["cache", "list", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["releases"][0]["n_cached"] == 4
    assert main(["cache", "verify"]) == 0
    one = next((cache / "objects").glob("??/*"))
    one.chmod(0o644)
    one.write_bytes(b"x")
    assert main(["cache", "verify", "--format", "json"]) == 1
    assert f'"{one.name}"' in capsys.readouterr().out
    assert main(["cache", "clean", f"{web.url}@1.3.0"]) == 2
    assert main(["cache", "verify", "x"]) == 2


def test_cleaning_forgets_a_release_and_what_no_other_needs(web, cache, capsys):
    import subprocess
    import sys

    subprocess.run([sys.executable, "-m", "newsds", "load", web.url, "-q"], check=True, capture_output=True)
    assert main(["cache", "clean", web.url, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_bytes"] > 0
    assert not list((cache / "objects").glob("??/*"))
    assert main(["cache", "clean"]) == 0
    assert not list((cache / "pins").glob("*"))
