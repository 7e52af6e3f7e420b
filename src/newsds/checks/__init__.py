"""validate(): records in, a report out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from newsds.article import Articles, Record, Rejected, Row
from newsds.checks.checker import Checker, Extent
from newsds.checks.index import Index
from newsds.checks.judging import Terms, is_worth_sharing, judge, judge_parts, part_bytes
from newsds.checks.report import Report
from newsds.checks.tally import SetAside, Tally
from newsds.errors import UsageError
from newsds.extras import require_reading
from newsds.findings import Finding
from newsds.project import RuleChoices

__all__ = ["validate"]

_PROGRESS_STEP = 1000


def validate(
    rows: Articles | Iterable[Row | Rejected | Finding | Record],
    *,
    choices: RuleChoices | None = None,
    as_of: datetime | None = None,
    rules: Extent = "all",
    max_findings: int = 1000,
    set_aside: Sequence[SetAside] = (),
    index: Index | None = None,
    write_index: Path | None = None,
    workers: int = 1,
    on_finding: Callable[[Finding], object] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Check records against the article schema and the rules, and return what was found.

    Args:
        rows: the articles of `newsds.read`; or rows, findings of a reader, and plain records in any mixture.
        choices: profile, levels, waivers and budgets of a project.
        as_of: the day for which the dataset is judged: articles published after it are a finding,
            and waivers expire.
        rules: which rules to apply beside the schema: none (`schema`), those on one record (`record`), or `all`.
        max_findings: most findings to list; all are counted.
        set_aside: what gives the reason for which a finding does not count, or None: a `Baseline`, `Changes`.
        index: of a set to which the records come: the rules on the whole set look at both, and find what was not
            there before.
        write_index: file that becomes the index of these records.
        workers: processes among which the articles of `newsds.read` are divided (for rules on the whole set only if
            all inputs are JSON lines that are not compressed); the report does not depend on it. More than one needs
            the usual guard of the main module. With `set_aside` or `on_finding`, one process does the work.
        on_finding: is called with every finding that counts, listed or not.
            What stays within a budget (`max_rates`) is among them, since that is known at the end.
        progress: is called with the number of records done since the last call.

    Raises:
        UsageError: a choice names a rule, level or profile that does not exist, or an index meets less than all rules.
        NewsdsError: a process of the validation died.
    """
    require_reading("checking")
    if rules != "all" and not (index is None and write_index is None):
        raise UsageError("an index is about rules on the whole set; it needs all rules")
    terms = Terms(choices=choices or RuleChoices(), as_of=as_of, extent=rules, max_findings=max_findings)
    checker, tally = terms.checker(index), terms.tally(set_aside)
    tell = on_finding or (lambda _finding: None)
    needs_order = bool(set_aside) or on_finding is not None
    if isinstance(rows, Articles) and not needs_order and is_worth_sharing(rows, rules, workers=workers):
        _judge_shared(rows, terms, checker, tally, workers=workers, progress=progress)
    else:
        for found in _watched(judge(_items(rows), checker, tally), progress):
            for finding in found:
                tell(finding)
    for finding in (*checker.finish(), *(_nothing(tally) if index is None else ())):
        judged = tally.add(finding)
        if judged is not None:
            tell(judged)
    if write_index is not None:
        checker.write_index(write_index)
    return _pinpointed(tally.report(), rows)


def _judge_shared(
    rows: Articles,
    terms: Terms,
    checker: Checker,
    tally: Tally,
    *,
    workers: int,
    progress: Callable[[int], None] | None,
) -> None:
    """Judge articles in parts, and let checker and tally absorb what was found."""
    assert rows.parts is not None
    for judged, line_shift in judge_parts(rows.parts(part_bytes(terms.extent)), terms, workers=workers):
        tally.absorb(judged.tally, line_shift=line_shift)
        if checker.taker is not None and judged.taker is not None:
            checker.taker.absorb(judged.taker, line_shift=line_shift)
        if progress is not None:
            progress(judged.tally.n_records)


def _nothing(tally: Tally) -> Iterator[Finding]:
    """Yield the finding that there was no record at all, unless it was said already why."""
    if not tally.n_records and not tally.report().has("error"):
        yield Finding(
            code="NDS014", level="error", message="the inputs hold no record; look at what wrote them"
        )


def _pinpointed(report: Report, rows: object) -> Report:
    """Return the report with the places of the values of which only the records were known at the end."""
    if not isinstance(rows, Articles) or rows.pinpoint is None:
        return report
    return replace(report, findings=tuple(map(rows.pinpoint, report.findings)))


def _watched(
    judged: Iterator[list[Finding]], progress: Callable[[int], None] | None
) -> Iterator[list[Finding]]:
    """Pass findings per item on and tell their number, a thousand at a time."""
    number = 0
    for number, item in enumerate(judged, 1):
        yield item
        if progress is not None and number % _PROGRESS_STEP == 0:
            progress(_PROGRESS_STEP)
    if progress is not None:
        progress(number % _PROGRESS_STEP)


def _items(
    rows: Articles | Iterable[Row | Rejected | Finding | Record],
) -> Iterator[Row | Rejected | Finding]:
    """Yield rows and findings; a plain record becomes a row that is known by its number."""
    for number, item in enumerate(rows.open_items() if isinstance(rows, Articles) else rows):
        yield Row(record=item, row=number) if isinstance(item, dict) else item
