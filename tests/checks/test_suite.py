"""The language-neutral cases in `tests/suite`: one file per rule.

A case of a rule on records has `records` (the fields that matter; the others are filled in, null stays
null), `repeat` (how often each record is there, `{n}` in its texts being the number), `absent` (fields to leave
out), `profile`, `as_of`, `datapackage` (the descriptor), `paths` (record number to the path it was read from), and
`expect`: record number (-1 for the whole set) and pointer of every finding with the file's code. A case of a reading rule has the bytes of a file (`text` or `hex`, `repeat`
times) and the number of findings to expect. A case of a rule on releases has the files of a release (text, or
`rows` of a Parquet file), perhaps those of the `previous` one and the column of the `label`, and the number of
findings to expect.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from checks.records import complete
from newsds.article import Articles, Row
from newsds.checks import validate
from newsds.checks.checker import Checker
from newsds.checks.releases import check_release
from newsds.checks.rules import RULES, pages
from newsds.copies import with_copies
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
    descriptor = case.get("datapackage")
    choices = RuleChoices.from_descriptor(descriptor) if descriptor is not None else RuleChoices()
    checker = Checker(replace(choices, profile=case.get("profile", choices.profile)), as_of=as_of)
    findings = []
    if RULES[code].scope == "copies":
        return _found_copies(code, case, choices)
    for number, partial in enumerate(_records(case)):
        record = complete(partial, number)
        for name in case.get("absent", ()):
            del record[name]
        findings += checker.check(Row(record=record, row=number, path=case.get("paths", {}).get(str(number))))
    findings += checker.finish()
    return sorted(
        (-1 if finding.row is None else finding.row, finding.pointer)
        for finding in findings
        if finding.code == code
    )


def _found_copies(code: str, case: dict[str, Any], choices: RuleChoices) -> list[tuple[int, str]]:
    rows = [
        Row(record=complete(partial, number), row=number, path=case.get("paths", {}).get(str(number)))
        for number, partial in enumerate(_records(case))
    ]
    found = validate(with_copies(Articles(lambda: iter(rows)), choices), choices=choices).findings
    return sorted((finding.row, finding.pointer) for finding in found if finding.code == code)


def _records(case: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for partial in case["records"]:
        times = partial.get("repeat", 1)
        text = json.dumps({name: value for name, value in partial.items() if name != "repeat"})
        for number in range(times):
            yield json.loads(text.replace("{n}", str(number)) if times > 1 else text)


@pytest.mark.parametrize(("code", "case"), [param for param in CASES if "records" in param.values[1]])
def test_a_rule_finds_what_its_case_expects(code: str, case: dict[str, Any]) -> None:
    assert _found(code, case) == sorted((place["record"], place["pointer"]) for place in case["expect"])


@pytest.mark.parametrize(("code", "case"), [param for param in CASES if "file" in param.values[1]])
def test_a_reader_finds_what_the_case_expects(code: str, case: dict[str, Any], tmp_path: Path) -> None:
    data = bytes.fromhex(case["hex"]) if "hex" in case else case["text"].encode()
    (tmp_path / case["file"]).write_bytes(data * case.get("repeat", 1))
    report = validate(read(tmp_path))
    assert sum(count.n for count in report.counts if count.code == code) == case["expect"]


@pytest.mark.parametrize(("code", "case"), [param for param in CASES if "release" in param.values[1]])
def test_a_release_has_what_its_case_expects(code: str, case: dict[str, Any], tmp_path: Path) -> None:
    folder, previous = tmp_path / "new", tmp_path / "old"
    _write_release(folder, case["release"])
    _write_release(previous, case.get("previous", {}))
    found = check_release(folder, previous=previous if "previous" in case else None, label=case.get("label"))
    assert sum(finding.code == code for finding in found) == case["expect"]


def _write_release(folder: Path, files: dict[str, Any]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        else:
            has_index = content.get("page_index", True)
            pq.write_table(pa.Table.from_pylist(content["rows"]), path, write_page_index=has_index)


@pytest.mark.parametrize("code", RULES)
def test_a_rule_has_passing_and_failing_cases(code: str) -> None:
    assert SUITE[code]["code"] == code
    assert {bool(case["expect"]) for case in SUITE[code]["cases"]} == {True, False}


@pytest.mark.parametrize(
    "code", [code for code, rule in RULES.items() if (rule.check or rule.check_set) and code != "NDS401"]
)
def test_a_rule_has_a_case_in_which_what_it_looks_at_is_absent(code: str) -> None:
    told = [case["description"] for case in SUITE[code]["cases"]]
    assert any(text.startswith(("absent", "no ", "nobody said")) or "absent" in text for text in told)


def test_every_file_of_the_suite_belongs_to_a_rule() -> None:
    assert set(SUITE) == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_is_documented(rule: Any) -> None:
    told = (rule.name, rule.summary, rule.why, rule.bad, rule.good, rule.fix)
    assert all(text and text == text.strip() and "\n" not in text for text in told)
    assert rule.summary.endswith(".")
    assert rule.code in rule.to_text()
    is_given_elsewhere = rule.check is None and rule.check_set is None
    assert is_given_elsewhere == (rule.scope in ("reading", "schema", "copies", "release"))


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES.values() if rule.check and not rule.is_chosen], ids=lambda rule: rule.code
)
def test_a_rule_passes_what_is_absent(rule: Any) -> None:
    expected = ["/published_at"] if rule.code == "NDS401" else []
    assert [hit.pointer for hit in rule.check({})] == expected


def test_the_reference_is_made_from_the_rules() -> None:
    folder = ROOT / "docs/reference"
    written = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in [folder / "rules.md", *(folder / "rules").glob("*")]
    }
    assert written == pages(), "write the pages anew: python docs/generate.py"
