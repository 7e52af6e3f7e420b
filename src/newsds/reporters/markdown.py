"""Markdown: the counts and the first findings, for the summary of a step."""

import re

from newsds.checks.report import Report
from newsds.findings import Finding
from newsds.reporters.form import Setting
from newsds.reporters.wording import more, place, rule_name, safe, totals

__all__ = ["to_markdown"]

#: What GitHub takes as the summary of a step is 1 MiB; another program may have written to it.
MAX_BYTES = 500_000

_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|!&~@$^:]|www\.")


def to_markdown(report: Report, _setting: Setting) -> str:
    """Return the report for a page; nothing that a record says becomes markup."""
    text = _page(report)
    while len(text.encode()) > MAX_BYTES:
        report = report.limited(len(report.findings) // 2)
        text = _page(report)
    return text


def _page(report: Report) -> str:
    parts = [f"## newsds validate\n\n**{totals(report)}**\n", *_counts(report), *_listed(report)]
    return "\n".join(parts)


def _plain(text: str) -> str:
    """Return text that Markdown and HTML show as it is."""
    return _MARKUP.sub(lambda match: "".join(f"&#{ord(char)};" for char in match.group()), text)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _counts(report: Report) -> list[str]:
    rows: list[tuple[str, ...]] = [
        (f"{item.n:,}", item.code, item.level, rule_name(item.code)) for item in report.counts
    ]
    rows += [
        (f"{item.n:,}", item.code, "waived", _plain(safe(item.reason, width=300))) for item in report.waived
    ]
    rows += [(f"{item.n:,}", item.code, "stale", "in the baseline, no longer found") for item in report.stale]
    return [_table(("findings", "rule", "level", ""), rows)] if rows else []


def _listed(report: Report) -> list[str]:
    if not report.findings:
        return []
    table = _table(
        ("place", "rule", "what is wrong", "evidence"), [_row(item) for item in report.worst_first()]
    )
    rest = f"... {more(report.n_omitted)}\n" if report.n_omitted else ""
    return [f"<details><summary>Findings</summary>\n\n{table}\n{rest}\n</details>\n"]


def _row(finding: Finding) -> tuple[str, ...]:
    pointer = f" at {safe(finding.pointer)}" if finding.pointer else ""
    return (
        _plain(place(finding)),
        f"{finding.code} {finding.level}",
        _plain(safe(finding.message, width=400) + pointer),
        _plain(safe(finding.evidence)) if finding.evidence else "",
    )
