"""SARIF 2.1.0, for code scanning."""

import gzip
from typing import Any
from urllib.parse import quote

from newsds.checks.report import Report
from newsds.findings import Finding, Level
from newsds.reporters.form import Setting
from newsds.reporters.json_report import harmless_json
from newsds.reporters.wording import more, safe, sentence
from newsds.version import VERSION

__all__ = ["to_sarif"]

#: What GitHub takes of one file, compressed; results beyond are left out, with their number.
MAX_GZIP_BYTES = 10_000_000
#: Code of the result that tells how many are not listed.
MORE = "NDS000"

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_HOME = "https://newsds.invalid/docs"
_LEVELS: dict[Level, str] = {"error": "error", "warning": "warning", "info": "note"}


def to_sarif(report: Report, _setting: Setting) -> str:
    """Return the report as a SARIF log, highest level first, small enough for GitHub."""
    text = _text(report)
    while len(text) > MAX_GZIP_BYTES and len(gzip.compress(text.encode(), 5)) > MAX_GZIP_BYTES:
        report = report.limited(len(report.findings) * 3 // 4)
        text = _text(report)
    return text


def _text(report: Report) -> str:
    return harmless_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report)]}, indent=1) + "\n"


def _run(report: Report) -> dict[str, Any]:
    codes = sorted({item.code for item in report.findings})
    results = [_result(item, codes.index(item.code)) for item in report.worst_first()]
    rules = [_rule(code) for code in codes]
    if report.n_omitted:
        results.append(_more(report.n_omitted, len(codes)))
        rules.append(_MORE_RULE)
    return {
        "tool": {
            "driver": {
                "name": "newsds",
                "semanticVersion": VERSION,
                "informationUri": _HOME,
                "rules": rules,
            }
        },
        "automationDetails": {"id": "newsds/validate/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The folder in which newsds was run."}}},
        "results": results,
        "properties": {
            "n_records": report.n_records,
            "n_findings": report.n_findings,
            "n_omitted": report.n_omitted,
        },
    }


def _rule(code: str) -> dict[str, Any]:
    from newsds.checks.rules import RULES

    rule = RULES.get(code)
    if rule is None:
        return {"id": code}
    return {
        "id": code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.to_text(), "markdown": rule.to_markdown()},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {"tags": ["dataset", rule.scope]},
    }


def _result(finding: Finding, rule_index: int) -> dict[str, Any]:
    row = "" if finding.row is None else f" (row {finding.row})"
    return {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.level],
        "message": {"text": sentence(finding) + row},
        "locations": [_location(finding)],
        "partialFingerprints": {"newsdsFinding/v1": finding.fingerprint},
    }


def _location(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if finding.path is not None:
        location["physicalLocation"] = {
            "artifactLocation": _artifact(finding.path),
            "region": _region(finding),
        }
    name = finding.record_id or ("all records" if finding.row is None else f"row {finding.row}")
    logical = {"name": safe(name), "fullyQualifiedName": safe(f"{name}{finding.pointer or ''}", width=320)}
    location["logicalLocations"] = [{**logical, "kind": "element"}]
    return location


def _artifact(path: str) -> dict[str, str]:
    uri = quote(_file_name(path), safe="/")
    return {"uri": f"file://{uri}"} if uri.startswith("/") else {"uri": uri, "uriBaseId": "SRCROOT"}


def _file_name(path: str) -> bytes:
    """Return the bytes of a path: those of the file system, where Python read what is not UTF-8."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogatepass")


def _region(finding: Finding) -> dict[str, Any]:
    """Return lines and bytes; the first line where an input has none, since code scanning wants one."""
    region = {
        "startLine": finding.line,
        "startColumn": finding.column if finding.line is not None else None,
        "byteOffset": finding.offset,
        "byteLength": finding.length if finding.offset is not None else None,
    }
    known = {name: value for name, value in region.items() if value is not None}
    return known if finding.line else {"startLine": 1}


_MORE_RULE = {
    "id": MORE,
    "name": "NotListed",
    "shortDescription": {"text": "Findings that are counted but not listed."},
    "fullDescription": {
        "text": "The list is limited to what its readers take; those of the highest levels are kept."
    },
    "help": {"text": "newsds validate --max-findings lists more of them."},
    "defaultConfiguration": {"level": "note"},
    "properties": {"tags": ["dataset"]},
}


def _more(n: int, rule_index: int) -> dict[str, Any]:
    return {
        "ruleId": MORE,
        "ruleIndex": rule_index,
        "level": "note",
        "message": {"text": f"{more(n).capitalize()}."},
        "locations": [{"logicalLocations": [{"name": "all records", "kind": "element"}]}],
        "partialFingerprints": {"newsdsFinding/v1": MORE},
    }
