"""The language-neutral cases in `tests/suite`: one file per rule.

A case of a rule on records has `records` (the fields that matter; the others are filled in, null stays
null), `absent` (fields to leave out), `profile`, `as_of`, and `expect`: record number and pointer of every
finding with the file's code. A case of a reading rule has the bytes of a file (`text` or `hex`, `repeat`
times) and the number of findings to expect.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from checks.records import complete
from newsds.article import Row
from newsds.checks import validate
from newsds.checks.checker import Checker
from newsds.checks.rules import RULES, reference
from newsds.project import RuleChoices
from newsds.readers import read

ROOT = Path(__file__).parents[2]
SUITE = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "tests/suite").glob("*.json"))
}
CASES = [
    pytest.param(code, case, id=f"{code}: {case['description']}")
    for code, suite in SUITE.items()
    for case in suite["cases"]
]


def _found(code: str, case: dict[str, Any]) -> list[tuple[int, str]]:
    as_of = datetime.fromisoformat(case["as_of"]) if "as_of" in case else None
    checker = Checker(RuleChoices(profile=case.get("profile", "core")), as_of=as_of)
    findings = []
    for number, partial in enumerate(case["records"]):
        record = complete(partial, number)
        for name in case.get("absent", ()):
            del record[name]
        findings += checker.check(Row(record=record, row=number))
    findings += checker.finish()
    return sorted((finding.row, finding.pointer) for finding in findings if finding.code == code)


@pytest.mark.parametrize(("code", "case"), [param for param in CASES if "records" in param.values[1]])
def test_a_rule_finds_what_its_case_expects(code: str, case: dict[str, Any]) -> None:
    assert _found(code, case) == sorted((place["record"], place["pointer"]) for place in case["expect"])


@pytest.mark.parametrize(("code", "case"), [param for param in CASES if "file" in param.values[1]])
def test_a_reader_finds_what_the_case_expects(code: str, case: dict[str, Any], tmp_path: Path) -> None:
    data = bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode()
    (tmp_path / case["file"]).write_bytes(data * case.get("repeat", 1))
    report = validate(read(tmp_path))
    assert sum(count.n for count in report.counts if count.code == code) == case["expect"]


@pytest.mark.parametrize("code", RULES)
def test_a_rule_has_passing_and_failing_cases(code: str) -> None:
    assert SUITE[code]["code"] == code
    assert {bool(case["expect"]) for case in SUITE[code]["cases"]} == {True, False}


def test_every_file_of_the_suite_belongs_to_a_rule() -> None:
    assert set(SUITE) == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_is_documented(rule: Any) -> None:
    told = (rule.name, rule.summary, rule.why, rule.bad, rule.good, rule.fix)
    assert all(text and text == text.strip() and "\n" not in text for text in told)
    assert rule.summary.endswith(".")
    assert rule.code in rule.to_text()
    assert (rule.check is None) == (rule.scope in ("reading", "schema", "release"))


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES.values() if rule.scope == "record"], ids=lambda rule: rule.code
)
def test_a_rule_passes_what_is_absent(rule: Any) -> None:
    expected = ["/published_at"] if rule.code == "NDS401" else []
    assert [hit.pointer for hit in rule.check({})] == expected


def test_the_reference_is_made_from_the_rules() -> None:
    written = (ROOT / "docs/reference/rules.md").read_text(encoding="utf-8")
    assert written == reference(), "write newsds.checks.rules.reference() to docs/reference/rules.md"
