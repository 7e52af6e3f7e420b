"""New records are judged against a saved index as they are together with the records it was made of."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from checks.records import complete
from newsds.article import Row
from newsds.checks import validate
from newsds.checks.checker import Checker
from newsds.checks.index import Index
from newsds.errors import InputError, UsageError
from newsds.findings import Finding
from newsds.project import RuleChoices, Task

_PARAGRAPHS = [
    f"Paragraph {number} of the harbour report tells of quay {number * 7} and of the {word} that lies there today."
    for number, word in enumerate(
        ["ferry", "crane", "barge", "tanker", "tug", "pilot boat", "dredger", "buoy"] * 3
    )
]
_LINES = ["Our readers liked these stories best", "(Northwire)", "Follow the harbour on all channels today"]
_HEADLINES = [
    "Harbour report tells of ferry",
    "Council votes on budget",
    "Museum opens",
    "Team wins derby again",
]


def _record(draw: random.Random, number: int) -> dict[str, Any]:
    day, minute = draw.choice([(3, 0), (4, 15), (draw.randint(1, 28), draw.randint(0, 59))])
    paragraphs = draw.sample(_PARAGRAPHS, draw.randint(1, 3))
    if draw.random() < 0.4:
        paragraphs.append(
            f"Own line {number} of this very article, which nobody else has printed so far, it seems."
        )
    lines = [line for line in _LINES if draw.random() < 0.2]
    publisher = draw.choice(["Coast Courier", "Harbour Ledger", None])
    values = {
        "headline": draw.choice([*_HEADLINES, f"Story {number}"]),
        "body": "\n".join([*paragraphs, *lines]),
        "publisher": {"name": publisher} if publisher else None,
        "url": draw.choice([None, f"https://ledger.example/{draw.randint(1, 60)}"]),
        "published_at": f"2026-03-{day:02}T05:{minute:02}:00Z",
        "section": draw.choice(["sport", "trade", None]),
        "agency": draw.choice([None, {"name": "Northwire"}]),
    }
    return complete(values, draw.randint(0, 400))


def _rows(draw: random.Random, n: int, path: str) -> list[Row]:
    return [
        Row(record=_record(draw, line), path=path, line=line, offset=100 * line) for line in range(1, n + 1)
    ]


CHOICES = RuleChoices(task=Task(split_by="file", label="section"), licenses=())


def _found(rows: list[Row], index: Index | None = None, write: Path | None = None) -> list[Finding]:
    checker = Checker(CHOICES, index=index)
    for row in rows:
        checker.check(row)
    if write is not None:
        checker.write_index(write)
    return list(checker.finish())


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("n_new", [1, 25])
def test_new_records_are_judged_as_together_with_the_others(seed: int, n_new: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    base, new = _rows(draw, 150, "a/train.jsonl"), _rows(draw, n_new, "b/test.jsonl")
    for row in new[: n_new // 3]:
        row.record["body"] = draw.choice(
            [item.record["body"] for item in base if len(item.record["body"]) > 200]
        )
    before = Counter(item.fingerprint for item in _found(base, write=tmp_path / "base.index"))
    together = _found([*base, *new])
    news = _found(new, Index(tmp_path / "base.index"))
    wanted = Counter(item.fingerprint for item in together)
    wanted.subtract(before)
    assert Counter(item.fingerprint for item in news) == +wanted
    own = [item for item in news if item.path == "b/test.jsonl"]
    assert n_new == 1 or {"NDS101", "NDS302", "NDS601", "NDS602", "NDS701"} <= {item.code for item in own}
    assert {(item.fingerprint, item.line, item.message) for item in own} <= {
        (item.fingerprint, item.line, item.message) for item in together
    }


def test_planted_faults_are_reported_once_each_on_their_line(tmp_path: Path) -> None:
    base = [
        Row(
            record=complete({"body": f"{_PARAGRAPHS[n % 24]} {_PARAGRAPHS[0]} {n}"}, n),
            path="a.jsonl",
            line=n + 1,
        )
        for n in range(90)
    ]
    new = [
        Row(record=complete({"body": f"{_PARAGRAPHS[3]} {_PARAGRAPHS[0]} 3"}, 901), path="new.jsonl", line=1),
        Row(record=complete({"body": f"{_PARAGRAPHS[3]} {_PARAGRAPHS[0]} 903"}, 7), path="new.jsonl", line=2),
        Row(
            record=complete({"body": f"{_PARAGRAPHS[3]} {_PARAGRAPHS[0]} 904"}, 902), path="new.jsonl", line=3
        ),
    ]
    choices = RuleChoices()
    validate(base, choices=choices, write_index=tmp_path / "i")
    report = validate(new, choices=choices, index=Index(tmp_path / "i"))
    found = {(item.code, item.line) for item in report.findings}
    assert ("NDS601", 1) in found
    assert ("NDS101", 2) in found
    assert not any(line == 3 for _, line in found)
    assert {item.path for item in report.findings} == {"new.jsonl"}


def test_an_index_holds_hashes_and_no_text(tmp_path: Path) -> None:
    _found(_rows(random.Random(1), 60, "a.jsonl"), write=tmp_path / "i")
    table = pq.read_table(tmp_path / "i")
    texts = [name for name in table.schema.names if pa.types.is_string(table.schema.field(name).type)]
    assert texts == ["record_id", "path"]
    data = (tmp_path / "i").read_bytes()
    assert not any(text.encode() in data for text in [*_PARAGRAPHS, *_LINES, *_HEADLINES])


def test_an_index_is_the_same_bytes_again(tmp_path: Path) -> None:
    for name in ("one", "two"):
        _found(_rows(random.Random(1), 60, "a.jsonl"), write=tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_an_empty_index_changes_nothing(tmp_path: Path) -> None:
    rows = _rows(random.Random(2), 40, "a.jsonl")
    _found([], write=tmp_path / "i")
    alone = Counter(item.fingerprint for item in _found(rows))
    against = Counter(item.fingerprint for item in _found(rows, Index(tmp_path / "i")))
    assert against == alone - Counter(item.fingerprint for item in _found([]))


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no index")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    for name in ("missing", "text", "other.parquet"):
        with pytest.raises(InputError, match=name):
            Index(tmp_path / name)


def test_a_damaged_index_is_told(tmp_path: Path) -> None:
    _found(_rows(random.Random(1), 60, "a.jsonl"), write=tmp_path / "i")
    data = bytearray((tmp_path / "i").read_bytes())
    data[4:2000] = bytes(1996)
    (tmp_path / "i").write_bytes(data)
    with pytest.raises(InputError, match="damaged"):
        _found(_rows(random.Random(1), 5, "b.jsonl"), Index(tmp_path / "i"))


def test_other_splits_are_refused(tmp_path: Path) -> None:
    _found(_rows(random.Random(1), 5, "a.jsonl"), write=tmp_path / "i")
    with pytest.raises(UsageError, match="splits and labels"):
        validate([complete({})], index=Index(tmp_path / "i"))
