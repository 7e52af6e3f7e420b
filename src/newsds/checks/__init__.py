"""validate(): records in, a report out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from newsds.article import Articles, Record, Rejected, Row
from newsds.checks.checker import Checker
from newsds.checks.index import Index
from newsds.checks.report import Report
from newsds.checks.rules import RULES
from newsds.checks.tally import SetAside, Tally
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
    max_findings: int = 1000,
    set_aside: Sequence[SetAside] = (),
    index: Index | None = None,
    write_index: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Check records against the article schema and the rules, and return what was found.

    Args:
        rows: the articles of `newsds.read`; or rows, findings of a reader, and plain records in any mixture.
        choices: profile, levels, waivers and budgets of a project.
        as_of: the day for which the dataset is judged: articles published after it are a finding,
            and waivers expire.
        max_findings: most findings to list; all are counted.
        set_aside: what gives the reason for which a finding does not count, or None: a `Baseline`, `Changes`.
        index: of a set to which the records come: the rules on the whole set look at both, and find what was not
            there before.
        write_index: file that becomes the index of these records.
        progress: is called with the number of records done since the last call.

    Raises:
        UsageError: a choice names a rule, level or profile that does not exist.
    """
    require_reading("checking")
    chosen = choices or RuleChoices()
    checker = Checker(chosen, as_of=as_of, index=index)
    tally = Tally(chosen, as_of=as_of, max_findings=max_findings, set_aside=set_aside)
    for item in _watched(_items(rows), progress):
        if isinstance(item, Row):
            tally.n_records += 1
            tally.add_all(checker.check(item))
        else:
            tally.n_records += _is_lost_record(item)
            tally.add(item)
    tally.add_all(checker.finish())
    if write_index is not None:
        checker.write_index(write_index)
    return tally.report()


def _watched(
    items: Iterator[Row | Finding], progress: Callable[[int], None] | None
) -> Iterator[Row | Finding]:
    """Pass items on and tell their number, a thousand at a time."""
    number = 0
    for number, item in enumerate(items, 1):
        yield item
        if progress is not None and number % _PROGRESS_STEP == 0:
            progress(_PROGRESS_STEP)
    if progress is not None:
        progress(number % _PROGRESS_STEP)


def _items(rows: Articles | Iterable[Row | Rejected | Finding | Record]) -> Iterator[Row | Finding]:
    """Yield rows and findings; a plain record becomes a row that is known by its number."""
    for number, item in enumerate(rows.open_items() if isinstance(rows, Articles) else rows):
        if isinstance(item, Rejected):
            yield item.finding
        elif isinstance(item, dict):
            yield Row(record=item, row=number)
        else:
            yield item


def _is_lost_record(finding: Finding) -> bool:
    """Tell whether a reader's finding stands for a record, which is then counted."""
    rule = RULES.get(finding.code)
    return rule is not None and rule.scope == "reading" and rule.level == "error"
