import json
import re
from typing import Any

import jsonschema
import pytest

from newsds.checks.report import Report, to_github, to_json, to_text
from newsds.checks.tally import Tally
from newsds.findings import Finding
from newsds.project import RuleChoices, Waiver
from newsds.schema import load_schema

#: What must never reach a terminal: controls, direction overrides, and what begins a workflow command.
_HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
NASTY = "a\x1b[31m\x07\r\n::error::x\u202e<b>%0A##[stop]\u2028\x9b"


def _finding(**values: Any) -> Finding:
    return Finding(**{"code": "NDS301", "level": "error", "message": "the body is empty", **values})


def _report(*findings: Finding, n_records: int = 1, **choices: Any) -> Report:
    tally = Tally(RuleChoices(**choices))
    tally.n_records = n_records
    tally.add_all(findings)
    return tally.report()


REPORTS = {
    "empty": _report(n_records=0),
    "plain": _report(
        _finding(path="a.jsonl", line=3, pointer="/body", evidence="x", record_id="r", offset=0)
    ),
    "waived": _report(
        _finding(path="a"), waivers=(Waiver(rule="NDS301", reason="old wire"),), max_rates={"NDS314": 1.0}
    ),
    "nasty": _report(
        _finding(message=NASTY, path=NASTY, pointer="/" + NASTY, evidence=NASTY, record_id=NASTY)
    ),
    "surrogate": _report(_finding(path="\udc80.jsonl", row=0)),
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_the_json_form_fits_its_schema_and_comes_back(report: Report) -> None:
    data = json.loads(to_json(report))
    jsonschema.Draft202012Validator(load_schema("report")).validate(data)
    assert Report.from_dict(data) == report


@pytest.mark.parametrize("write", [to_text, to_json, to_github])
@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_nothing_harmful_is_written(report: Report, write: Any) -> None:
    text = write(report)
    assert text.endswith("\n")
    text.encode("utf-8")
    assert not _HARMFUL.search(text)
    assert "##[" not in text or write is to_json


def test_the_text_form_is_a_line_per_finding_and_a_summary() -> None:
    report = _report(
        _finding(path="a.jsonl", line=3, pointer="/body"),
        _finding(path="b.parquet", row=0, code="NDS314", level="warning", message="short", evidence="Tide."),
        n_records=1200,
    )
    assert to_text(report).splitlines() == [
        "a.jsonl:3: NDS301 error: the body is empty at /body",
        "b.parquet[0]: NDS314 warning: short | Tide.",
        "",
        "        1  NDS301 error    empty-body",
        "        1  NDS314 warning  odd-length",
        "1,200 records: 1 error, 1 warning",
    ]


def test_a_clean_report_says_so() -> None:
    assert to_text(_report(n_records=1)) == "1 record: nothing found\n"


def test_github_gets_escaped_commands() -> None:
    report = _report(_finding(path="a,b:c%.jsonl", line=3, message="100 % empty"))
    assert (
        to_github(report).splitlines()[0]
        == "::error file=a%2Cb%3Ac%25.jsonl,line=3,title=NDS301::100 %25 empty"
    )


def test_github_gets_ten_of_a_level_and_the_number_of_the_rest() -> None:
    findings = [_finding(path="a", line=line) for line in range(1, 13)]
    lines = to_github(_report(*findings, _finding(code="NDS407", level="info"))).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert "::notice title=newsds::2 more at level error" in lines
    assert sum(line.startswith("::notice title=NDS407") for line in lines) == 1


def test_github_gets_no_command_out_of_a_record() -> None:
    commands = [line for line in to_github(REPORTS["nasty"]).splitlines() if line.lstrip().startswith("::")]
    assert len(commands) == 1
    assert not any(
        line.lstrip().startswith("::")
        for line in to_text(_report(_finding(path="::add-mask::x"))).splitlines()
    )


@pytest.mark.parametrize(
    ("levels", "worst", "has_warning"),
    [
        ((), None, False),
        (("info",), "info", False),
        (("info", "warning"), "warning", True),
        (("error",), "error", True),
    ],
)
def test_the_worst_level_counts(levels: tuple[Any, ...], worst: str | None, *, has_warning: bool) -> None:
    report = _report(*[_finding(level=level) for level in levels])
    assert (report.worst, report.has("warning")) == (worst, has_warning)
