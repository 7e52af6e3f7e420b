"""GitLab: a Code Quality report."""

from typing import Any

from newsds.checks.report import Report
from newsds.findings import Finding, Level
from newsds.reporters.form import Setting
from newsds.reporters.json_report import harmless_json
from newsds.reporters.wording import more, rule_name, safe, sentence

__all__ = ["to_gitlab"]

_SEVERITIES: dict[Level, str] = {"error": "major", "warning": "minor", "info": "info"}


def to_gitlab(report: Report, _setting: Setting) -> str:
    """Return the report for the widget of a merge request, highest level first."""
    findings = report.worst_first()
    issues = [_issue(*pair) for pair in zip(findings, _unique_fingerprints(findings), strict=True)]
    if report.n_omitted:
        issues.append(_more(report.n_omitted))
    return harmless_json(issues, indent=2) + "\n"


def _unique_fingerprints(findings: tuple[Finding, ...]) -> list[str]:
    """Return the fingerprints; those that come again get a number, since GitLab keeps one of each."""
    seen: dict[str, int] = {}
    unique = []
    for finding in findings:
        key = finding.fingerprint
        seen[key] = seen.get(key, 0) + 1
        unique.append(key if seen[key] == 1 else f"{key}-{seen[key]}")
    return unique


def _issue(finding: Finding, fingerprint: str) -> dict[str, Any]:
    row = "" if finding.row is None else f" (row {finding.row})"
    name = rule_name(finding.code)
    return {
        "description": f"{finding.code} {name}: {sentence(finding)}{row}"
        if name
        else sentence(finding) + row,
        "check_name": finding.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.level],
        "location": {
            "path": safe(finding.path, width=4096).removeprefix("./") if finding.path else ".",
            "lines": {"begin": finding.line or 1},
        },
    }


def _more(n: int) -> dict[str, Any]:
    return {
        "description": more(n),
        "check_name": "newsds",
        "fingerprint": "newsds-more",
        "severity": "info",
        "location": {"path": ".", "lines": {"begin": 1}},
    }
