"""Quiet sets: where it is said that the rules on many records find nothing, they find nothing."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsds.article import Row
from newsds.checks import checker as checker_module
from newsds.checks.census import NO_TIME, CensusTaker
from newsds.checks.checker import Checker
from newsds.checks.quiet import MAX_RECORDS, is_quiet
from newsds.project import RuleChoices
from newsds.samples import sample

RECORDS = list(sample(60, seed=4))
#: What may make a set loud, if enough records have it.
FIELDS: dict[str, list[Any]] = {
    "id": [RECORDS[0]["id"]],
    "url": ["https://ledger.example/a", None],
    "headline": ["Harbour choir wins prize again", "Board reviews tides"],
    "published_at": ["2026-03-04T00:00:00Z", "2026-03-04T07:08:09Z", None],
    "published_precision": ["day", "minute"],
    "published_raw": ["03/04/2026", "14/04/2026", "04/14/2026"],
    "publisher": [{"name": "Ledger"}, None],
    "body": ["A line that is broken\nin the middle\nof all\nits lines", "short", "x" * 10_001],
}


@st.composite
def record_sets(draw: Any) -> list[dict[str, Any]]:
    records = [dict(record) for record in RECORDS[: draw(st.integers(1, 60))]]
    for _ in range(draw(st.integers(0, 5))):
        field = draw(st.sampled_from(sorted(FIELDS)))
        value = draw(st.sampled_from(FIELDS[field]))
        step, count = draw(st.integers(1, 5)), draw(st.integers(1, 40))
        for record in records[::step][:count]:
            record[field] = value
    tail = draw(
        st.sampled_from(["", "\n\nA line of the site that stands below", "\n\nand it goes on", " and on"])
    )
    for record in records[: draw(st.integers(0, 30))]:
        record["body"] += tail
    return records


def _findings(records: list[dict[str, Any]], choices: RuleChoices) -> list[Any]:
    checker = Checker(choices)
    for number, record in enumerate(records):
        checker.check(Row(record=record, row=number))
    return list(checker.finish())


@settings(max_examples=150, deadline=None)
@given(record_sets())
def test_the_rules_find_nothing_in_a_quiet_set(records: list[dict[str, Any]]) -> None:
    told = _findings(records, RuleChoices())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checker_module, "MAX_RECORDS", -1)
        assert told == _findings(records, RuleChoices())


def test_a_set_of_generated_articles_is_quiet() -> None:
    taker = CensusTaker()
    for record in RECORDS:
        taker.add(record, Row(record=record))
    rows = taker.rows()
    assert rows is not None
    assert is_quiet(rows, RuleChoices())
    assert not is_quiet(rows, RuleChoices(licenses=()))


def test_a_day_that_is_in_no_calendar_is_no_time() -> None:
    taker = CensusTaker()
    for text in ("2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "1970-01-02T03:04:05Z"):
        taker.add({"published_at": text}, Row(record={}))
    rows = taker.rows()
    assert rows is not None
    assert list(rows["minute"]) == [NO_TIME, NO_TIME, 1440 + 184]


def test_rows_on_the_disk_are_not_told_of() -> None:
    taker = CensusTaker(max_bytes=1)
    taker.add(RECORDS[0], Row(record=RECORDS[0]))
    assert taker.rows() is None
    assert len(taker) < MAX_RECORDS


def test_a_small_set_is_judged_without_numpy(tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in sample(100, seed=1)))
    code = (
        "import sys; from newsds.cli import main\n"
        "try: main(['validate', '-q', sys.argv[1]])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pyarrow', 'pandas', 'py3langid', 'ftfy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True)
