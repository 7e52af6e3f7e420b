import random
import time
import tracemalloc
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.records import BODY, complete
from newsds.article import Row
from newsds.checks.checker import Checker
from newsds.errors import UsageError
from newsds.findings import Finding
from newsds.project import RuleChoices
from newsds.samples import sample
from newsds.schema import load_schema

FIELDS = sorted(load_schema()["properties"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from([BODY, "null", "&amp;", "2026-02-30T00:00:00Z"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*FIELDS, "name", "role", "start", "end", "~/"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def _codes(record: dict[str, Any], **choices: Any) -> set[str]:
    return {finding.code for finding in Checker(RuleChoices(**choices)).check(Row(record=record))}


def _checked(rows: list[Row]) -> list[Finding]:
    checker = Checker()
    for row in rows:
        checker.check(row)
    return list(checker.finish())


@given(st.dictionaries(st.sampled_from([*FIELDS, "", "a/b"]), VALUES, max_size=6))
def test_any_json_object_is_checked_without_an_exception(changes: dict[str, Any]) -> None:
    checker = Checker()
    checker.check(Row(record=changes))
    checker.check(Row(record=complete(changes)))
    list(checker.finish())


@pytest.mark.parametrize("value", ["\ud800", 10**400, float("nan"), {"a": {1: 2}}, b"bytes"], ids=repr)
def test_what_no_json_reader_gives_is_a_finding_all_the_same(value: Any) -> None:
    assert {"NDS102", "NDS104"} & _codes(complete({"headline": value}))


def test_a_value_nested_too_deeply_is_a_finding() -> None:
    nested: dict[str, Any] = {}
    for _ in range(5000):
        nested = {"publisher": nested}
    assert _codes(nested) == {"NDS104"}


@given(st.sampled_from(FIELDS), VALUES)
def test_the_schema_findings_agree_with_the_reference_validator(name: str, value: Any) -> None:
    record = complete({name: value})
    is_valid = jsonschema.Draft202012Validator(load_schema()).is_valid(record)
    found = _codes(record) & {"NDS102", "NDS104"}
    is_blank = name in ("id", "headline") and isinstance(value, str) and not value.strip()
    assert bool(found) == (not is_valid or is_blank)


def test_generated_articles_break_no_rule() -> None:
    checker = Checker()
    assert [finding for record in sample(300, seed=5) for finding in checker.check(Row(record=record))] == []
    assert list(checker.finish()) == []


def test_a_field_that_breaks_the_schema_is_looked_at_no_further() -> None:
    assert _codes(complete({"published_at": "yesterday", "tags": ["null", 5]})) == {"NDS104"}


def test_a_rule_that_is_off_is_not_applied() -> None:
    record = complete({"body": "&amp;"})
    assert "NDS201" in _codes(record)
    assert "NDS201" not in _codes(record, levels={"NDS201": "off"})


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(UsageError, match="no such profile"):
        Checker(RuleChoices(profile="radio"))


def test_a_finding_says_where_its_record_is() -> None:
    row = Row(record=complete({"body": ""}), path="in/a.jsonl", line=7, offset=900)
    (finding,) = Checker().check(row)
    assert (finding.path, finding.line, finding.row, finding.offset) == ("in/a.jsonl", 7, None, 900)
    assert finding.record_id == row.record["id"]


def test_a_finding_about_the_set_says_where_its_record_is() -> None:
    rows = [Row(record=complete({}), path=f"in/{name}.jsonl", line=3, offset=10) for name in "ba"]
    (finding,) = _checked(rows)
    assert (finding.code, finding.path, finding.line, finding.offset) == ("NDS101", "in/b.jsonl", 3, 10)
    assert "in/a.jsonl:3" in finding.message


def test_findings_about_the_set_do_not_depend_on_the_order_of_the_records() -> None:
    records = [*sample(40, seed=2, copies=0.3), *sample(40, seed=2, copies=0.3)]
    rows = [
        Row(record=record, path="abc"[number % 3], line=number + 1) for number, record in enumerate(records)
    ]
    expected = _checked(rows)
    assert expected
    for seed in range(3):
        assert _checked(random.Random(seed).sample(rows, len(rows))) == expected


def test_a_record_with_a_million_faults_is_reported_in_bounds() -> None:
    assert len(Checker().check(Row(record=complete({"tags": [1] * 1_000_000})))) == 101


def test_a_fault_late_in_a_long_list_is_found() -> None:
    (finding,) = Checker().check(Row(record=complete({"tags": ["port"] * 5000 + [1]})))
    assert (finding.code, finding.pointer) == ("NDS104", "/tags")


@pytest.mark.parametrize(
    "piece",
    [
        "A",
        " ",
        "(",
        "[",
        "<a ",
        "<",
        "&#",
        "&amp;",
        "\\",
        "function (",
        ".A",
        "a@",
        "@a.",
        "é",
        "Ã",
        "é’",
        "a\n",
        "read more: ",
        "…",
        "['",
        "{",
    ],
)
def test_hostile_text_is_checked_in_linear_time(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    record = complete({"headline": "x" + text[:1999], "body": "x" + text, "byline": "x" + text[:1999]})
    started = time.process_time()
    Checker().check(Row(record=record))
    assert time.process_time() - started < 5


def test_of_a_record_the_checker_keeps_numbers_and_no_text() -> None:
    paragraphs = ["the harbour board said that the pier would stay closed for the time being " * 4] * 10
    checker = Checker()
    tracemalloc.start()
    try:
        for number in range(300):
            body = "\n\n".join(f"{number} {place} {text}" for place, text in enumerate(paragraphs))
            checker.check(Row(record=complete({"body": body}, number), path="a.jsonl", line=number + 1))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept / 300 < 1000 < len(body)


def test_a_later_minor_version_is_said_once_in_any_number_of_parts():
    from newsds.checks.tally import Tally

    (record,) = sample(1)
    later = {**record, "schema_version": "1.9.0", "mood": "calm"}
    tallies = []
    for _ in range(2):
        checker, tally = Checker(RuleChoices(), extent="record"), Tally(RuleChoices())
        for row in range(3):
            tally.n_records += 1
            tally.add_all(checker.check(Row(record=later, row=row)))
        tallies.append(tally)
    tallies[0].absorb(tallies[1])
    report = tallies[0].report()
    assert [(count.code, count.n) for count in report.counts] == [("NDS107", 1)]
    assert [finding.code for finding in report.findings] == ["NDS107"]
