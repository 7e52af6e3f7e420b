import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from checks.records import complete
from newsds.article import to_batch
from newsds.cli import main


def _release(folder: Path, numbers: range) -> Path:
    path = folder / "data/articles/train-00000-of-00001.parquet"
    path.parent.mkdir(parents=True)
    records = [
        complete({"headline": f"Ferry line {n} closed for weeks", "body": f"{n}. " * 30}, n) for n in numbers
    ]
    pq.write_table(pa.Table.from_batches([to_batch(records)]), path, write_page_index=True)
    (folder / "README.md").write_text("# Port news\n")
    return folder


def test_a_release_is_judged_with_the_one_before_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = _release(tmp_path / "old", range(4)), _release(tmp_path / "new", range(3))
    assert main(["validate", "-q", str(new), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_records"] == 3
    assert main(["validate", "-q", str(new), "--previous", str(old), "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [item["code"] for item in report["counts"] if item["level"] == "error"] == ["NDS803"]
    assert report["n_records"] == 3


def test_a_last_release_needs_a_release(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = _release(tmp_path / "old", range(2))
    (tmp_path / "a.jsonl").write_text("")
    assert main(["validate", "-q", str(tmp_path / "a.jsonl"), "--previous", str(old)]) == 2
    assert "one release before and one after" in capsys.readouterr().err


def test_splits_and_labels_are_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for split, section in (("train", "port"), ("test", "sport")):
        record = complete({"section": section}, len(split))
        (tmp_path / f"{split}.jsonl").write_text(json.dumps(record) + "\n")
    options = ["--split-by", "file", "--label", "section", "--labels", "port,council"]
    assert main(["validate", "-q", str(tmp_path), *options, "--format", "json"]) == 1
    counts = {item["code"]: item["n"] for item in json.loads(capsys.readouterr().out)["counts"]}
    assert {code: n for code, n in counts.items() if code.startswith("NDS7")} == {
        "NDS701": 1,
        "NDS704": 2,
        "NDS706": 3,
    }


def test_an_opted_out_domain_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(complete({"url": "https://www.ledger.example/a"})) + "\n")
    (tmp_path / "out.txt").write_text("Ledger.example\n")
    options = ["--opted-out", str(tmp_path / "out.txt"), "--format", "json"]
    assert main(["validate", "-q", str(tmp_path / "a.jsonl"), *options]) == 1
    assert "NDS523" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("as_of", "status", "words"), [("2026-12-31", 0, "known"), ("2027-01-02", 1, "expired")]
)
def test_a_waiver_holds_until_it_expires_and_then_says_so(  # noqa: PLR0917
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], as_of, status, words
) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(complete({"body": ""})) + "\n")
    waiver = {"rule": "NDS301", "reason": "a known gap", "path": "*.jsonl", "expires": "2027-01-01"}
    descriptor = {
        "name": "port-news",
        "version": "1.0.0",
        "licenses": [{"name": "CC0-1.0"}],
        "resources": [{"path": "a.jsonl"}],
        "newsds": {"waivers": [waiver]},
    }
    (tmp_path / "datapackage.json").write_text(json.dumps(descriptor))
    monkeypatch.chdir(tmp_path)
    assert main(["validate", "-q", "--as-of", as_of]) == status
    out = capsys.readouterr().out
    assert words in out
    assert ("NDS301 error" in out) == bool(status)
