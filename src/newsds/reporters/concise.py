"""Concise: a line per finding, then the counts."""

from newsds.checks.report import Report
from newsds.reporters.color import painted
from newsds.reporters.form import Setting
from newsds.reporters.wording import more, place, sentence, summary_lines

__all__ = ["to_concise"]


def to_concise(report: Report, setting: Setting) -> str:
    """Return a report for people, and for editors that jump to `path:line:column`."""
    lines = [
        f"{place(item)}: {painted(f'{item.code} {item.level}', item.level, color=setting.color)}: {sentence(item)}"
        for item in report.worst_first()
    ]
    if report.n_omitted:
        lines.append(f"... {more(report.n_omitted)}")
    if lines:
        lines.append("")
    return "\n".join([*lines, *summary_lines(report)]) + "\n"
