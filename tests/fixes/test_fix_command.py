"""newsds fix, as its user runs it."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from checks.records import complete
from newsds.article import to_batch, to_records
from newsds.cli import main
from newsds.files import atomic_write

BAD = complete({"body": "It&#39;s R&amp;D, and the port stays closed."}, 1)
GOOD = complete({}, 2)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Three lines: one to fix, one as somebody else's program wrote it, one that is broken."""
    lines = [json.dumps(BAD), json.dumps(GOOD, indent=None, separators=(" , ", " : ")), '{"id": "x']
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_only_what_is_fixed_is_written_anew(
    articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, before = tmp_path / "b.jsonl", articles.read_bytes()
    assert main(["fix", str(articles), "-o", str(out), "--changes", str(tmp_path / "c.jsonl")]) == 1
    first, *rest = out.read_bytes().splitlines()
    assert json.loads(first)["body"] == "It's R&D, and the port stays closed."
    assert rest == before.splitlines()[1:]
    assert articles.read_bytes() == before
    changes = [json.loads(line) for line in (tmp_path / "c.jsonl").read_text().splitlines()]
    assert [(item["rule"], item["start"], item["before"], item["after"]) for item in changes[:2]] == [
        ("NDS201", 2, "&#39;", "'"),
        ("NDS201", 6, "&amp;", "&"),
    ]
    assert (changes[0]["line"], changes[0]["record_id"], changes[0]["pointer"]) == (1, BAD["id"], "/body")
    assert "1 of 2 records were changed" in capsys.readouterr().err


def test_changes_are_undone(articles: Path, tmp_path: Path) -> None:
    fixed, log, back = tmp_path / "b.jsonl", tmp_path / "c.jsonl", tmp_path / "d.jsonl"
    main(["fix", "-q", str(articles), "-o", str(fixed), "--changes", str(log)])
    assert main(["fix", "-q", str(fixed), "--undo", str(log), "-o", str(back)]) == 1
    assert json.loads(back.read_text().splitlines()[0]) == BAD
    assert back.read_bytes().splitlines()[1:] == articles.read_bytes().splitlines()[1:]
    fixed.write_text(json.dumps(GOOD) + "\n")
    assert main(["fix", "-q", str(fixed), "--undo", str(log), "-o", str(back), "--force"]) == 3


def test_check_writes_nothing_and_says_whether_there_is_something(tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.jsonl", tmp_path / "good.jsonl"
    bad.write_text(json.dumps(BAD) + "\n")
    good.write_text(json.dumps(GOOD) + "\n")
    assert main(["fix", "-q", str(bad), "--check"]) == 1
    assert main(["fix", "-q", str(good), "--check"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.jsonl", "good.jsonl"]


def test_parquet_is_fixed_in_place_and_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    import pyarrow as pa

    pq.write_table(pa.Table.from_batches([to_batch([BAD, GOOD])]), path)
    assert main(["fix", "-q", str(path), "--in-place"]) == 0
    fixed = to_records(pq.read_table(path))
    assert [record["body"] for record in fixed] == ["It's R&D, and the port stays closed.", GOOD["body"]]
    assert main(["fix", "-q", str(path), "--check"]) == 0


def test_in_place_follows_a_link_to_its_file(tmp_path: Path) -> None:
    link, articles = tmp_path / "link.jsonl", tmp_path / "a.jsonl"
    articles.write_text(json.dumps(BAD) + "\n")
    link.symlink_to("a.jsonl")
    assert main(["fix", "-q", str(link), "--in-place"]) == 0
    assert link.is_symlink()
    assert main(["fix", "-q", str(articles), "--check"]) == 0


def test_in_place_keeps_everything_or_leaves_the_file(
    articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = articles.read_bytes()
    assert main(["fix", "-q", str(articles), "--in-place"]) == 3
    assert articles.read_bytes() == before
    foreign = tmp_path / "foreign.jsonl"
    atomic_write(foreign, json.dumps({"title": "Ferries stop", "text": "R&amp;D"}) + "\n")
    assert main(["fix", "-q", str(foreign), "--in-place"]) == 3
    assert "no articles" in capsys.readouterr().err
    assert json.loads(foreign.read_text()) == {"title": "Ferries stop", "text": "R&amp;D"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "foreign.jsonl"]


def test_a_foreign_table_becomes_articles(tmp_path: Path) -> None:
    table, out = tmp_path / "t.csv", tmp_path / "a.jsonl"
    table.write_text("title,text,language\nFerries stop,The R&amp;D ferry stopped.,en\n", encoding="utf-8")
    assert main(["fix", "-q", str(table), "-o", str(out)]) == 0
    record = json.loads(out.read_text())
    assert (record["body"], record["schema_version"]) == ("The R&D ferry stopped.", "1.0.0")


@pytest.mark.parametrize(
    "options",
    [["--in-place", "--check"], ["--select", "NDS301"], ["--in-place", "-o", "x.jsonl"], ["-o", "x.csv"]],
    ids=" ".join,
)
def test_bad_usage_is_told(articles: Path, options: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(articles.parent)
    try:
        status = main(["fix", "-q", str(articles), *options])
    except SystemExit as stop:
        status = stop.code  # type: ignore[assignment]
    assert status == 2


def test_nothing_is_overwritten(articles: Path, tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text("precious")
    assert main(["fix", "-q", str(articles), "-o", str(tmp_path / "b.jsonl")]) == 3
    assert (tmp_path / "b.jsonl").read_text() == "precious"


def test_a_summary_for_programs(articles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["fix", "-q", str(articles), "-o", str(tmp_path / "b.jsonl"), "--format", "json"])
    summary = json.loads(capsys.readouterr().out)
    assert (summary["n_records"], summary["n_changed"], summary["n_unread"]) == (2, 1, 1)
    assert summary["changes"]["NDS201"] == 2
