"""The forms for other programs, read by those programs or by their published shape."""

import json
import os
import subprocess
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsds.findings import Finding
from newsds.reporters import FORMS, sarif
from node.client import node_modules
from reporters.reports import REPORTS, finding, findings, report_of

#: An array of issues as GitLab documents them under "Code Quality report format".
CODE_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1, "not": {"pattern": "^\\./"}},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


@given(st.lists(findings(), max_size=6))
def test_gitlab_gets_issues_with_fingerprints_of_their_own(found: list[Finding]) -> None:
    issues = json.loads(FORMS["gitlab"].write(report_of(*found, *found)))
    jsonschema.validate(issues, CODE_QUALITY)
    prints = [item["fingerprint"] for item in issues]
    assert len(set(prints)) == len(prints) == 2 * len(found)


@given(st.lists(findings(), max_size=6))
@settings(deadline=None)
def test_junit_is_read_by_junitparser(found: list[Finding]) -> None:
    junitparser = pytest.importorskip("junitparser")
    text = FORMS["junit"].write(report_of(*found))
    suites = junitparser.JUnitXml.fromstring(text.encode())
    n_errors = sum(item.level == "error" for item in found)
    assert (suites.tests, suites.failures, suites.skipped) == (
        len(found) + 1,
        n_errors,
        len(found) - n_errors,
    )
    cases = [case for suite in suites for case in suite]
    assert len(cases) == suites.tests
    assert (
        sum(isinstance(result, junitparser.Failure) for case in cases for result in case.result) == n_errors
    )


def _multitool(*arguments: str) -> str:
    modules = node_modules("@microsoft/sarif-multitool")
    command = [str(modules / ".bin" / "sarif-multitool"), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.slow
def test_sarif_passes_the_validator_of_its_makers(tmp_path: Path) -> None:
    node_modules("@microsoft/sarif-multitool")
    every = [item for report in REPORTS.values() for item in report.findings]
    logs = {
        "every": FORMS["sarif"].write(report_of(*every), n_listed=90),
        "none": FORMS["sarif"].write(report_of()),
    }
    for name, log in logs.items():
        (tmp_path / f"{name}.sarif").write_text(log)
        verdict = tmp_path / f"{name}.verdict"
        said = _multitool("validate", str(tmp_path / f"{name}.sarif"), "--output", str(verdict))
        run = json.loads(verdict.read_text(encoding="utf-8-sig"))["runs"][0]
        serious = [item for item in run["results"] if item.get("level", "warning") in ("error", "warning")]
        assert run["invocations"][0]["executionSuccessful"], said
        assert not serious, serious[:5]


def test_sarif_names_a_rule_for_every_result() -> None:
    run = json.loads(FORMS["sarif"].write(REPORTS["many"]))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[item["ruleIndex"]]["id"] == item["ruleId"] for item in run["results"])
    assert all(len(rule["properties"]["tags"]) <= 20 for rule in rules)
    assert [item["level"] for item in run["results"]] == ["error"] * 40 + ["note"]


def test_sarif_stays_below_the_number_of_results_that_are_taken() -> None:
    found = [finding(record_id=str(number), path="a.jsonl", line=number) for number in range(1, 26_001)]
    run = json.loads(FORMS["sarif"].write(report_of(*found, max_findings=26_000), n_listed=26_000))["runs"][0]
    assert len(run["results"]) == 25_000
    assert run["results"][-1]["message"]["text"] == "And 1,001 more, counted but not listed."
    assert len(json.loads(FORMS["sarif"].write(report_of(*found)))["runs"][0]["results"]) <= 5_000


def test_sarif_stays_below_the_size_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_GZIP_BYTES", 4_000)
    found = [
        finding(record_id=str(number), path="a.jsonl", line=number, level="error") for number in range(1, 400)
    ]
    text = FORMS["sarif"].write(report_of(*found))
    run = json.loads(text)["runs"][0]
    n_listed = len(run["results"]) - 1
    assert 0 < n_listed < 399
    assert run["properties"]["n_omitted"] == 399 - n_listed
