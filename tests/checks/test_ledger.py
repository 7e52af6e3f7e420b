import random

import numpy as np
import pytest

from checks.records import BODY, complete
from newsds.article import Row
from newsds.checks.census import CensusTaker
from newsds.checks.ledger import Ledger, Texts, iter_parts
from newsds.checks.rules import RULES
from newsds.samples import sample

SET_RULES = [rule for rule in RULES.values() if rule.check_set is not None]


@pytest.mark.parametrize("max_bytes", [1, 100, 1 << 20])
def test_rows_come_back_as_they_were_whether_they_were_on_the_disk_or_not(max_bytes: int) -> None:
    ledger = Ledger({"a": "Q", "b": "i"}, max_bytes=max_bytes)
    for number in range(1000):
        ledger.append((number * 2**50, -number))
    columns = ledger.columns()
    assert columns["a"].tolist() == [number * 2**50 for number in range(1000)]
    assert columns["b"].tolist() == [-number for number in range(1000)]


@pytest.mark.parametrize("max_bytes", [1, 100, 1 << 20])
def test_rows_that_are_added_together_are_those_added_one_by_one(max_bytes: int) -> None:
    single, together = (Ledger({"a": "Q", "b": "i"}, max_bytes=max_bytes) for _ in range(2))
    for number in range(0, 100, 4):
        keys = range(number, number + number % 5)
        together.append_rows(keys, [-key for key in keys])
        for key in keys:
            single.append((key, -key))
    assert {name: values.tolist() for name, values in together.columns().items()} == {
        name: values.tolist() for name, values in single.columns().items()
    }


def test_an_empty_ledger_has_empty_columns() -> None:
    assert {name: len(values) for name, values in Ledger({"a": "Q"}).columns().items()} == {"a": 0}


@pytest.mark.parametrize("max_bytes", [1, 1 << 20])
def test_texts_come_back_and_null_is_not_the_empty_text(max_bytes: int) -> None:
    texts = Texts(max_bytes=max_bytes)
    written = ["a", None, "", "Küste", "\ud800", "z" * 500]
    for text in written:
        texts.append(text)
    read = texts.finish()
    assert [read[number] for number in range(len(read))] == written


def test_a_key_is_whole_in_one_part_and_null_in_none() -> None:
    keys = np.array([number % 97 for number in range(5000)], dtype=np.uint64)
    parts = [set(keys[part].tolist()) for part in iter_parts(keys, part_rows=600)]
    assert len(parts) > 3
    assert sum(map(len, parts)) == len(set().union(*parts)) == 96
    assert 0 not in set().union(*parts)


def _findings(rows: list[Row], *, max_bytes: int) -> list[tuple[str, object]]:
    taker = CensusTaker(max_bytes=max_bytes)
    for row in rows:
        taker.add(row.record, row)
    census = taker.census()
    return [
        (
            rule.code,
            census.finding(number, code=rule.code, level="info", message=hit.message, pointer=hit.pointer),
        )
        for rule in SET_RULES
        for number, hit in rule.check_set(census)  # type: ignore[misc]
    ]


def test_findings_are_the_same_from_the_disk_in_parts_and_in_any_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    records = [*sample(60, seed=3, copies=0.4), *sample(60, seed=3, copies=0.4)]
    records += [
        complete({"publisher": {"name": "Ledger"}, "headline": f"Port {n} shut"}, n) for n in range(30)
    ]
    records += [complete({"body": BODY, "url": "https://ledger.example/a"}, n) for n in (90, 91)]
    rows = [Row(record=record, path="ab"[number % 2], line=number) for number, record in enumerate(records)]
    expected = _findings(rows, max_bytes=1 << 26)
    assert len({code for code, _ in expected}) >= 3
    monkeypatch.setitem(iter_parts.__kwdefaults__, "part_rows", 50)
    for seed in range(2):
        shuffled = random.Random(seed).sample(rows, len(rows))
        found = _findings(shuffled, max_bytes=256)
        assert sorted(map(repr, found)) == sorted(map(repr, expected))
