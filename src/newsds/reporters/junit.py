"""JUnit XML: a test case per finding; errors fail, warnings and information are skipped with their message."""

from collections.abc import Iterator
from itertools import groupby
from xml.etree import ElementTree as ET

from newsds.checks.report import Report
from newsds.findings import Finding
from newsds.reporters.form import Setting
from newsds.reporters.wording import more, place, rule_name, safe, sentence, summary_lines

__all__ = ["to_junit"]


def to_junit(report: Report, _setting: Setting) -> str:
    """Return the report for CI servers that show test results."""
    findings = sorted(report.worst_first(), key=lambda item: item.path or "")
    suites = [
        _suite(path, list(items)) for path, items in groupby(findings, key=lambda item: item.path or "")
    ]
    root = ET.Element("testsuites", {"name": "newsds", **_numbers(report.findings)})
    root.extend([_all_records(report), *suites])
    root.set("tests", str(len(report.findings) + 1))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _numbers(findings: "tuple[Finding, ...] | list[Finding]") -> dict[str, str]:
    n_errors = sum(item.level == "error" for item in findings)
    return {
        "tests": str(len(findings)),
        "failures": str(n_errors),
        "errors": "0",
        "skipped": str(len(findings) - n_errors),
        "time": "0",
    }


def _all_records(report: Report) -> ET.Element:
    """Return a suite of one passing case, so that a good run is not an empty one; it says what was counted."""
    suite = ET.Element("testsuite", {"name": "newsds", **_numbers([]), "tests": "1"})
    case = ET.SubElement(suite, "testcase", {"classname": "newsds", "name": "validate", "time": "0"})
    omitted = [f"... {more(report.n_omitted)}"] if report.n_omitted else []
    ET.SubElement(case, "system-out").text = "\n".join([*omitted, *summary_lines(report)])
    return suite


def _suite(path: str, findings: list[Finding]) -> ET.Element:
    name = safe(path, width=4096) or "all records"
    suite = ET.Element("testsuite", {"name": name, **_numbers(findings)})
    suite.extend(_cases(name, findings))
    return suite


def _cases(classname: str, findings: list[Finding]) -> Iterator[ET.Element]:
    for item in findings:
        name = f"{item.code} {rule_name(item.code)} {place(item)}"
        case = ET.Element("testcase", {"classname": classname, "name": name, "time": "0"})
        if item.line is not None and item.path:
            case.attrib |= {"file": classname, "line": str(item.line)}
        words = sentence(item)
        kind = "failure" if item.level == "error" else "skipped"
        result = ET.SubElement(case, kind, {"message": words, "type": item.level})
        result.text = f"{place(item)}: {item.code} {item.level}: {words}"
        yield case
