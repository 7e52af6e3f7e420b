"""JSON lines: a finding per line, and the counts on the last."""

from newsds.checks.report import Report
from newsds.reporters.form import Setting
from newsds.reporters.json_report import harmless_json

__all__ = ["to_json_lines"]


def to_json_lines(report: Report, _setting: Setting) -> str:
    """Return the report for programs that read line by line; `kind` is `finding` or `summary`."""
    summary = report.to_dict()
    findings = summary.pop("findings")
    lines = [{"kind": "finding", **item} for item in findings]
    return "".join(harmless_json(item) + "\n" for item in [*lines, {"kind": "summary", **summary}])
