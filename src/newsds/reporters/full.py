"""Full: each finding with the line it is on and a caret under the value, then the counts."""

from collections.abc import Iterator

from newsds.checks.report import Report
from newsds.findings import Finding
from newsds.reporters.color import painted
from newsds.reporters.form import Setting
from newsds.reporters.source_lines import SourceLine, window
from newsds.reporters.wording import more, place, rule_name, safe, summary_lines

__all__ = ["to_full"]


def to_full(report: Report, setting: Setting) -> str:
    """Return a report for people."""
    source_line = setting.source_lines(report.findings)
    lines = [
        line for item in report.worst_first() for line in (*_block(item, source_line(item), setting), "")
    ]
    if report.n_omitted:
        lines += [f"... {more(report.n_omitted)}", ""]
    return "\n".join([*lines, *summary_lines(report)]) + "\n"


def _block(finding: Finding, line: SourceLine | None, setting: Setting) -> Iterator[str]:
    head = painted(f"{finding.level} {finding.code}", finding.level, color=setting.color)
    name = rule_name(finding.code)
    yield f"{head}{' ' if name else ''}{name}: {safe(finding.message, width=400)}"
    pointer = f" at {safe(finding.pointer)}" if finding.pointer else ""
    yield f"  --> {place(finding)}{pointer}"
    if finding.record_id and finding.path:
        yield f"   = {safe(finding.record_id)}"
    yield from _quotation(finding, line, setting)


def _quotation(finding: Finding, line: SourceLine | None, setting: Setting) -> Iterator[str]:
    """Yield the line of the input with carets under the value; else the evidence."""
    if line is None:
        if finding.evidence:
            yield f"   | {safe(finding.evidence)}"
        return
    label = "" if finding.line is None else str(finding.line)
    margin = " " * max(2, len(label))
    text, carets = window(line, width=max(20, setting.width - len(margin) - 4))
    yield f"{margin} |"
    yield f"{label:>{len(margin)}} | {text}"
    if carets:
        yield f"{margin} | {painted(carets, finding.level, color=setting.color)}"
