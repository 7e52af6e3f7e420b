"""GitHub: workflow commands that become annotations, within what GitHub shows of a step."""

from collections.abc import Iterator

from newsds.checks.report import Report
from newsds.findings import LEVELS, Finding, Level
from newsds.reporters.form import Setting
from newsds.reporters.wording import place, rule_name, safe, sentence, summary_lines

__all__ = ["to_github"]

#: Annotations GitHub shows of one step and level; it drops the others without a word. Of a job it shows 50.
MAX_ANNOTATIONS = 10

_COMMANDS: dict[Level, str] = {"error": "error", "warning": "warning", "info": "notice"}


def to_github(report: Report, _setting: Setting) -> str:
    """Return the report for the log of a workflow."""
    lines = [line for level in LEVELS for line in _annotations(report, level)]
    return "\n".join([*lines, *summary_lines(report)]) + "\n"


def _annotations(report: Report, level: Level) -> Iterator[str]:
    """Yield the annotations of a level: ten, or nine and the number of the others."""
    n = report.n_at(level)
    found = [item for item in report.findings if item.level == level]
    shown = found[:MAX_ANNOTATIONS] if n <= MAX_ANNOTATIONS else found[: MAX_ANNOTATIONS - 1]
    yield from map(_annotation, shown)
    if n > len(shown):
        yield f"::{_COMMANDS[level]} title=newsds::and {n - len(shown):,} more of level {level}"


def _data(text: str) -> str:
    """Escape the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape a property of a workflow command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _annotation(finding: Finding) -> str:
    properties = {
        "file": safe(finding.path, width=4096) if finding.path else None,
        "line": finding.line,
        "col": finding.column,
        "title": f"{finding.code} {rule_name(finding.code)}".rstrip(),
    }
    given = ",".join(
        f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None
    )
    where = "" if finding.line is not None else f" ({place(finding)})"
    return f"::{_COMMANDS[finding.level]} {given}::{_data(sentence(finding) + where)}"
