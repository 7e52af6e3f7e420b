"""Report: what validation found, and its three writers (text, JSON, GitHub)."""

from dataclasses import dataclass
from typing import Any

from newsds.findings import LEVELS, Finding, Level
from newsds.text import excerpt

__all__ = [
    "Report",
    "RuleCount",
    "WaivedCount",
    "listing_order",
    "to_github",
    "to_json",
    "to_summary",
    "to_text",
]

REPORT_VERSION = "1.0.0"

#: Annotations GitHub shows of one step and level; more are dropped by it without a word.
MAX_ANNOTATIONS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleCount:
    """Findings of one rule at one level."""

    code: str
    level: Level
    n: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WaivedCount:
    """Findings of one rule that were set aside, and why."""

    code: str
    reason: str
    n: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What validation found; the fields are those of `schema/report/1.0.0.json`."""

    #: Records read, good and bad.
    n_records: int
    #: Findings in all, those not listed included.
    n_findings: int
    #: Findings that are counted but not listed.
    n_omitted: int
    #: Exact numbers per rule, highest level first.
    counts: tuple[RuleCount, ...]
    waived: tuple[WaivedCount, ...]
    #: Ordered by place; where the cap left some out, the highest levels were kept.
    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Level | None:
        """The highest level found; None if nothing was."""
        return next((level for level in LEVELS if self.n_at(level)), None)

    def has(self, level: Level) -> bool:
        """Tell whether there is a finding at this level or a higher one."""
        return any(self.n_at(name) for name in LEVELS[: LEVELS.index(level) + 1])

    def n_at(self, level: Level) -> int:
        """Return the exact number of findings at a level."""
        return sum(count.n for count in self.counts if count.level == level)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as its schema has it."""
        return {
            "report_version": REPORT_VERSION,
            "n_records": self.n_records,
            "n_findings": self.n_findings,
            "n_omitted": self.n_omitted,
            "counts": [{"code": item.code, "level": item.level, "n": item.n} for item in self.counts],
            "waived": [{"code": item.code, "reason": item.reason, "n": item.n} for item in self.waived],
            "findings": [finding.to_dict() for finding in self.findings],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Report":
        """Return the report that `to_dict` wrote."""
        return cls(
            n_records=data["n_records"],
            n_findings=data["n_findings"],
            n_omitted=data["n_omitted"],
            counts=tuple(RuleCount(**item) for item in data["counts"]),
            waived=tuple(WaivedCount(**item) for item in data["waived"]),
            findings=tuple(Finding(**item) for item in data["findings"]),
        )


def listing_order(finding: Finding) -> tuple[Any, ...]:
    """Return the sort key by which findings are listed: by place, then by rule."""
    return (
        finding.path or "",
        finding.line or 0,
        -1 if finding.row is None else finding.row,
        finding.column or 0,
        finding.record_id or "",
        finding.code,
        finding.pointer or "",
        finding.message,
        finding.evidence or "",
    )


def _safe(text: str, *, width: int = 160) -> str:
    """Return text on one line, harmless in a terminal and in a workflow's log (`::` begins a command)."""
    shown = excerpt(text, width=width).replace("##[", "# #[").encode("utf-8", "backslashreplace").decode()
    return shown.replace("::", ": :", 1) if shown.lstrip().startswith("::") else shown


def _plural(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _place(finding: Finding) -> str:
    """Return where a finding is, as `path:line`, `path[row]`, or the record's identifier."""
    path = _safe(finding.path, width=4096) if finding.path else None
    if finding.line is not None:
        return f"{path or 'line'}:{finding.line}"
    if finding.row is not None:
        return f"{path or 'row'}[{finding.row}]"
    return path or _safe(finding.record_id or "all records")


def _sentence(finding: Finding) -> str:
    """Return message, pointer and evidence on one line that is harmless in a terminal."""
    words = _safe(finding.message, width=400)
    where = f" at {_safe(finding.pointer)}" if finding.pointer else ""
    evidence = f" | {_safe(finding.evidence)}" if finding.evidence else ""
    return words + where + evidence


def to_text(report: Report) -> str:
    """Return the report for people: one line per finding, then the counts; plain, without colour."""
    lines = [f"{_place(item)}: {item.code} {item.level}: {_sentence(item)}" for item in report.findings]
    if report.n_omitted:
        lines.append(f"... and {report.n_omitted:,} more that are counted but not listed")
    if lines:
        lines.append("")
    return "\n".join([*lines, *to_summary(report)]) + "\n"


def to_summary(report: Report) -> list[str]:
    """Return the counts per rule, the waived ones with their reasons, and the totals; a line each."""
    from newsds.checks.rules import RULES

    names = {code: rule.name for code, rule in RULES.items()}
    counts = [
        f"{item.n:>9,}  {item.code} {item.level:8} {names.get(item.code, '')}".rstrip()
        for item in report.counts
    ]
    waived = [f"{item.n:>9,}  {item.code} waived   {_safe(item.reason, width=300)}" for item in report.waived]
    levels = ", ".join(_plural(report.n_at(level), level) for level in LEVELS if report.n_at(level))
    return [*counts, *waived, f"{_plural(report.n_records, 'record')}: {levels or 'nothing found'}"]


def to_json(report: Report) -> str:
    """Return the report as JSON, escaped so that it is harmless in a terminal and in a page."""
    import json

    text = json.dumps(report.to_dict(), indent=2, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace("\x7f", "\\u007f") + "\n"


_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def _data(text: str) -> str:
    """Escape the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape a property of a workflow command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def to_github(report: Report) -> str:
    """Return the report as GitHub workflow commands: ten of a level, then the number of the rest."""
    lines: list[str] = []
    for level in LEVELS:
        shown = [item for item in report.findings if item.level == level][:MAX_ANNOTATIONS]
        lines += [_annotation(item) for item in shown]
        rest = report.n_at(level) - len(shown)
        if rest:
            lines.append(f"::notice title=newsds::{rest:,} more at level {level}")
    return "\n".join([*lines, *to_summary(report)]) + "\n"


def _annotation(finding: Finding) -> str:
    properties = {
        "file": _safe(finding.path, width=4096) if finding.path else None,
        "line": str(finding.line) if finding.line is not None else None,
        "title": finding.code,
    }
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value is not None)
    row = f" (row {finding.row})" if finding.row is not None else ""
    return f"::{_COMMANDS[finding.level]} {given}::{_data(_sentence(finding) + row)}"
