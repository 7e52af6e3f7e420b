"""JSON: the report as `schema/report/1.0.0.json` has it."""

import json

from newsds.checks.report import Report
from newsds.reporters.form import Setting

__all__ = ["harmless_json", "to_json"]


def harmless_json(data: object, *, indent: int | None = None) -> str:
    """Return JSON in ASCII, escaped so that it does no harm in a terminal, a page or a log."""
    text = json.dumps(data, indent=indent, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace("\x7f", "\\u007f").replace("##[", "#\\u0023[")


def to_json(report: Report, _setting: Setting) -> str:
    """Return the report for programs."""
    return harmless_json(report.to_dict(), indent=2) + "\n"
