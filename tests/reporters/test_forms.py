"""Every form carries the same findings, does no harm, and tells exactly what it leaves out."""

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsds.checks.report import Report
from newsds.cli.reporting import FORM_NAMES
from newsds.findings import Finding
from newsds.reporters import FORMS
from newsds.reporters.sarif import MORE
from newsds.schema import load_schema
from reporters.reports import REPORTS, finding, findings, report_of

#: What must never reach a terminal: controls, direction overrides, and what begins a workflow command.
_HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_LEVELS = {
    "note": "info",
    "notice": "info",
    "major": "error",
    "minor": "warning",
    "failure": "error",
}

Key = tuple[str, str]


def _text_keys(text: str) -> list[Key]:
    return re.findall(r"(?m)^.*?: (NDS\d{3}) (error|warning|info): ", text)


def _full_keys(text: str) -> list[Key]:
    return [
        (code, level) for level, code in re.findall(r"(?m)^(error|warning|info) (NDS\d{3}) [a-z-]+: ", text)
    ]


def _json_keys(text: str) -> list[Key]:
    return [(item["code"], item["level"]) for item in json.loads(text)["findings"]]


def _json_lines_keys(text: str) -> list[Key]:
    return [
        (item["code"], item["level"])
        for item in map(json.loads, text.splitlines())
        if item["kind"] == "finding"
    ]


def _sarif_keys(text: str) -> list[Key]:
    results = json.loads(text)["runs"][0]["results"]
    return [(item["ruleId"], item["level"]) for item in results if item["ruleId"] != MORE]


def _junit_keys(text: str) -> list[Key]:
    cases = [case for case in ET.fromstring(text).iter("testcase") if case.attrib["name"] != "validate"]
    return [(case.attrib["name"][:6], case[0].attrib["type"]) for case in cases]


def _github_keys(text: str) -> list[Key]:
    found = re.findall(r"(?m)^::(error|warning|notice) .*?title=(NDS\d{3})", text)
    return [(code, level) for level, code in found]


def _gitlab_keys(text: str) -> list[Key]:
    issues = [item for item in json.loads(text) if item["check_name"] != "newsds"]
    return [(item["check_name"], item["severity"]) for item in issues]


def _markdown_keys(text: str) -> list[Key]:
    return re.findall(r"(?m)^\| .* \| (NDS\d{3}) (error|warning|info) \| ", text)


KEYS: dict[str, Callable[[str], list[Key]]] = {
    "concise": _text_keys,
    "full": _full_keys,
    "json": _json_keys,
    "jsonl": _json_lines_keys,
    "sarif": _sarif_keys,
    "junit": _junit_keys,
    "github": _github_keys,
    "gitlab": _gitlab_keys,
    "markdown": _markdown_keys,
}


def _keys(name: str, text: str) -> Counter[Key]:
    return Counter((code, _LEVELS.get(level, level)) for code, level in KEYS[name](text))


def test_the_command_line_knows_every_form() -> None:
    assert tuple(FORMS) == FORM_NAMES == tuple(KEYS)


@given(st.lists(findings(), max_size=9))
def test_all_forms_carry_the_same_findings(found: list[Finding]) -> None:
    report = report_of(*found)
    wanted = Counter((item.code, item.level) for item in found)
    for name, form in FORMS.items():
        text = form.write(report)
        assert _keys(name, text) == wanted, name
        assert text.endswith("\n")
        assert not _HARMFUL.search(text), name
        assert "##[" not in text, name
        text.encode()


def _number(pattern: str, text: str) -> int:
    """Return the sum of all numbers that a pattern finds."""
    return sum(int(found.replace(",", "")) for found in re.findall(pattern, text))


def _summary(name: str, text: str) -> dict[str, Any]:
    """Return the numbers that a form tells beside its findings, as far as it tells them."""
    match name:
        case "gitlab":
            return {"n_omitted": _number(r"and ([\d,]+) more, counted", text)}
        case "sarif":
            run = json.loads(text)["runs"][0]
            told = [item["message"]["text"] for item in run["results"] if item["ruleId"] == MORE]
            assert _number(r"And ([\d,]+) more, counted", "".join(told)) == run["properties"]["n_omitted"]
            return dict(run["properties"])
        case "json" | "jsonl":
            data = json.loads(text if name == "json" else text.splitlines()[-1])
            counts = {(item["code"], item["level"]): item["n"] for item in data["counts"]}
            return {key: data[key] for key in ("n_records", "n_findings", "n_omitted")} | {"counts": counts}
    counted = (
        r"(?m)^\| ([\d,]+) \| (NDS\d{3}) \| (\w+) \|"
        if name == "markdown"
        else r"(?m)^(?:.*>)? *([\d,]+)  (NDS\d{3}) (error|warning|info) "
    )
    return {
        "n_records": _number(r"([\d,]+) records?: ", text),
        "n_omitted": _number(r"and ([\d,]+) more(?: of level|, counted)", text),
        "counts": {(code, level): int(n.replace(",", "")) for n, code, level in re.findall(counted, text)},
    }


#: What these forms do not tell: GitLab has no place for it, and of rules SARIF has no numbers.
_UNTOLD = {"gitlab": {"n_records", "counts"}, "sarif": {"counts"}}


@given(st.lists(findings(), max_size=9), st.integers(1, 5), st.integers(0, 10**7))
def test_all_forms_tell_the_same_numbers_whatever_they_list(
    found: list[Finding], n_listed: int, n_records: int
) -> None:
    report = report_of(*found, n_records=n_records)
    wanted = {"n_records": n_records, "counts": dict(Counter((item.code, item.level) for item in found))}
    for name, form in FORMS.items():
        text = form.write(report, n_listed=n_listed)
        told = _summary(name, text)
        listed = sum(_keys(name, text).values())
        assert listed + told.pop("n_omitted") == told.pop("n_findings", len(found)) == len(found), name
        assert told == {key: value for key, value in wanted.items() if key not in _UNTOLD.get(name, ())}, name


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_the_json_form_fits_its_schema_and_comes_back(report: Report) -> None:
    data = json.loads(FORMS["json"].write(report))
    jsonschema.Draft202012Validator(load_schema("report")).validate(data)
    assert Report.from_dict(data) == report


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_cut_keeps_the_highest_level_and_tells_the_exact_rest(name: str) -> None:
    text = FORMS[name].write(REPORTS["many"], n_listed=7)
    kept = _keys(name, text)
    assert kept[("NDS301", "error")] == 7
    assert sum(kept.values()) == 7
    left_out = 113 if name != "github" else 53
    assert re.search(rf"\b{left_out} more\b|\"n_omitted\": {left_out}\b", text)


def test_concise_is_a_line_per_finding_and_a_summary() -> None:
    report = report_of(
        finding(path="a.jsonl", line=3, column=9, pointer="/body"),
        finding(path="b.parquet", row=0, code="NDS314", level="warning", message="short", evidence="Tide."),
        n_records=1200,
    )
    assert FORMS["concise"].write(report).splitlines() == [
        "a.jsonl:3:9: NDS301 error: the body is empty at /body",
        "b.parquet[0]: NDS314 warning: short | Tide.",
        "",
        "        1  NDS301 error    empty-body",
        "        1  NDS314 warning  odd-length",
        "1,200 records: 1 error, 1 warning",
    ]


@pytest.mark.parametrize("name", ["concise", "full", "sarif", "github", "gitlab", "markdown"])
def test_the_highest_level_comes_first(name: str) -> None:
    levels = ("info", "error", "warning")
    report = report_of(*(finding(path="a", line=line, level=levels[line % 3]) for line in range(1, 8)))
    found = [_LEVELS.get(level, level) for _, level in KEYS[name](FORMS[name].write(report))]
    assert found == ["error"] * 3 + ["warning"] * 2 + ["info"] * 2


@pytest.mark.parametrize("name", ["concise", "full"])
def test_a_clean_report_says_so(name: str) -> None:
    assert FORMS[name].write(report_of(n_records=1)) == "1 record: nothing found\n"


def test_github_gets_escaped_commands() -> None:
    report = report_of(finding(path="a,b:c%.jsonl", line=3, column=2, message="100 % empty"))
    assert FORMS["github"].write(report).splitlines()[0] == (
        "::error file=a%2Cb%3Ac%25.jsonl,line=3,col=2,title=NDS301 empty-body::100 %25 empty"
    )


def test_github_gets_no_more_annotations_of_a_level_than_it_shows() -> None:
    found = [finding(path="a", line=line) for line in range(1, 13)]
    lines = FORMS["github"].write(report_of(*found, finding(code="NDS407", level="info"))).splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert "::error title=newsds::and 3 more of level error" in lines
    assert sum(line.startswith("::notice ") for line in lines) == 1


def test_github_gets_no_command_out_of_a_record() -> None:
    text = FORMS["github"].write(REPORTS["nasty"])
    assert sum(line.lstrip().startswith("::") for line in text.splitlines()) == 1
    text = FORMS["concise"].write(report_of(finding(path="::add-mask::x")))
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())


@given(st.text(max_size=60))
def test_no_record_puts_markup_into_a_page(text: str) -> None:
    shown = FORMS["markdown"].write(report_of(finding(message=f"x{text}", path=text or "a", evidence=text)))
    rows = [line for line in shown.splitlines() if line.startswith("| ") and " NDS301 error " in line]
    assert len(rows) == 1
    assert rows[0].count("|") == 5
    assert not re.search(r"[<>\[\]`*_]", rows[0])


def test_a_summary_stays_below_the_size_that_is_taken() -> None:
    found = [finding(message="<" * 400, evidence="|" * 160, path="a", line=line) for line in range(1, 500)]
    text = FORMS["markdown"].write(report_of(*found), n_listed=500)
    assert len(text) < 1 << 19
    n_listed = sum(_keys("markdown", text).values())
    assert f"and {499 - n_listed} more" in text


@pytest.mark.parametrize(
    ("levels", "worst", "has_warning"),
    [
        ((), None, False),
        (("info",), "info", False),
        (("info", "warning"), "warning", True),
        (("error",), "error", True),
    ],
)
def test_the_worst_level_counts(levels: tuple[str, ...], worst: str | None, has_warning: bool) -> None:
    report = report_of(*[finding(level=level) for level in levels])
    assert (report.worst, report.has("warning")) == (worst, has_warning)


def test_a_fingerprint_does_not_know_the_place() -> None:
    one = finding(record_id="r", pointer="/body", path="a.jsonl", line=3, message="x", evidence="y")
    other = finding(record_id="r", pointer="/body", path="b.jsonl", line=9, message="z")
    assert one.fingerprint == other.fingerprint
    assert one.fingerprint != finding(record_id="q", pointer="/body").fingerprint
    assert one.fingerprint != finding(record_id="r", pointer="/headline").fingerprint
    assert one.fingerprint != finding(record_id="r", pointer="/body", code="NDS104").fingerprint
    assert finding(path="a", line=3).fingerprint == finding(path="a", line=4).fingerprint
    assert finding(path="a").fingerprint != finding(path="b").fingerprint


@pytest.mark.parametrize(
    ("name", "address"), [("\udcff.jsonl", "%FF.jsonl"), ("\ud800.jsonl", "%ED%A0%80.jsonl")]
)
def test_a_file_name_that_is_no_text_has_an_address(name: str, address: str) -> None:
    assert f'"{address}"' in FORMS["sarif"].write(report_of(finding(path=name)))
