"""How a finding is put into words: its place, its sentence, the counts; harmless wherever it is shown."""

from newsds.checks.report import Report
from newsds.findings import LEVELS, Finding, Level
from newsds.text import excerpt

__all__ = ["more", "place", "plural", "rule_name", "safe", "sentence", "summary_lines", "totals"]


def safe(text: str, *, width: int = 160) -> str:
    """Return text on one line, harmless in a terminal, in XML and in a workflow's log (`::` begins a command)."""
    shown = excerpt(text, width=width).replace("##[", "# #[").encode("utf-8", "backslashreplace").decode()
    shown = shown.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
    return shown.replace("::", ": :", 1) if shown.lstrip().startswith("::") else shown


def plural(n: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def more(n: int) -> str:
    """Return the exact number of findings that a list left out, in words."""
    return f"and {n:,} more, counted but not listed"


def place(finding: Finding) -> str:
    """Return where a finding is, as `path:line:column`, `path[row]`, or the record's identifier."""
    path = safe(finding.path, width=4096) if finding.path else None
    if finding.line is not None:
        column = "" if finding.column is None else f":{finding.column}"
        return f"{path or 'line'}:{finding.line}{column}"
    if finding.row is not None:
        return f"{path or 'row'}[{finding.row}]"
    return path or safe(finding.record_id or "all records")


def sentence(finding: Finding) -> str:
    """Return message, pointer and evidence on one line."""
    where = f" at {safe(finding.pointer)}" if finding.pointer else ""
    evidence = f" | {safe(finding.evidence)}" if finding.evidence else ""
    return safe(finding.message, width=400) + where + evidence


def rule_name(code: str) -> str:
    """Return the name of a rule; nothing if this version does not have it."""
    from newsds.checks.rules import RULES

    return RULES[code].name if code in RULES else ""


def totals(report: Report) -> str:
    """Return the last line of every report: records, and findings per level."""
    levels = ", ".join(_of_level(report.n_at(level), level) for level in LEVELS if report.n_at(level))
    return f"{plural(report.n_records, 'record')}: {levels or 'nothing found'}"


def _of_level(n: int, level: Level) -> str:
    return f"{n:,} info" if level == "info" else plural(n, level)


def summary_lines(report: Report) -> list[str]:
    """Return the counts per rule, what was set aside and why, and the totals; a line each."""
    counts = [
        f"{item.n:>9,}  {item.code} {item.level:8} {rule_name(item.code)}".rstrip() for item in report.counts
    ]
    waived = [
        f"{item.n:>9,}  {item.code} waived   {safe(item.reason, width=300)}"
        for item in report.waived
        if item.n or "(expired on " in item.reason
    ]
    stale = [f"{item.n:>9,}  {item.code} stale    in the baseline, no longer found" for item in report.stale]
    return [*counts, *waived, *stale, totals(report)]
