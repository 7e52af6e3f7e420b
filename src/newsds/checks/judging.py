"""Judging: items of readers through checker and tally, as one stream or in parts, in this process or in others."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from newsds.article import Articles, Part, Rejected, Row
from newsds.checks.census import CensusTaker
from newsds.checks.checker import Checker, Extent
from newsds.checks.index import Index
from newsds.checks.rules import RULES
from newsds.checks.tally import SetAside, Tally
from newsds.findings import Finding
from newsds.project import RuleChoices

__all__ = ["Judged", "Terms", "is_worth_sharing", "judge", "judge_parts", "part_bytes", "usual_workers"]

#: Inputs of fewer parts are read in one process.
MIN_PARTS = 4


def part_bytes(extent: Extent) -> int:
    """Return the size of a part: enough to make its start worth while, and small enough to keep all processes busy.

    Rules on records take many times as long as the schema.
    """
    return (16 if extent == "schema" else 4) * 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What was found in a part; it can be pickled."""

    #: Whether the part goes on where the one before ended.
    is_continued: bool
    n_lines: int
    tally: Tally
    #: What rules on the whole set need to know of the part; None where they are not applied.
    taker: CensusTaker | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """By what records are judged."""

    choices: RuleChoices
    as_of: datetime | None
    extent: Extent
    max_findings: int

    def checker(self, index: Index | None = None) -> Checker:
        """Return a checker that has seen nothing, or only the set of an index."""
        return Checker(self.choices, as_of=self.as_of, extent=self.extent, index=index)

    def checker_of_part(self) -> Checker:
        """Return a checker that has seen nothing, and whose census is to be absorbed by that of another."""
        return Checker(self.choices, as_of=self.as_of, extent=self.extent, is_of_part=True)

    def tally(self, set_aside: Sequence[SetAside] = ()) -> Tally:
        """Return a tally of nothing."""
        return Tally(self.choices, as_of=self.as_of, max_findings=self.max_findings, set_aside=set_aside)


def usual_workers(articles: Articles, extent: Extent = "all") -> int:
    """Return how many processes are worth their start: one per core that this process may use, or one.

    Processes take up to a third of a second to start, in which 64 MiB of JSON lines are held against the schema.
    """
    import os

    parts = () if articles.parts is None else islice(articles.parts(part_bytes(extent)), MIN_PARTS)
    n_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return n_cores if sum(1 for _ in parts) == MIN_PARTS else 1


def judge(
    items: Iterable[Row | Rejected | Finding], checker: Checker, tally: Tally
) -> Iterator[list[Finding]]:
    """Judge items one by one, and yield what counts of the findings of each."""
    for item in items:
        if isinstance(item, Row):
            tally.n_records += 1
            yield tally.add_all(checker.check(item))
        else:
            finding = item.finding if isinstance(item, Rejected) else item
            tally.n_records += is_lost_record(finding)
            yield tally.add_all([finding])


def is_worth_sharing(articles: Articles, extent: Extent, *, workers: int) -> bool:
    """Tell whether articles are judged in parts rather than as one stream; the report is the same.

    For rules on the whole set it must be in several processes, and every part small: its lines are kept in memory.
    """
    if articles.parts is None:
        return False
    return extent != "all" or (
        workers > 1 and all(part.is_small for part in articles.parts(part_bytes(extent)))
    )


def is_lost_record(finding: Finding) -> bool:
    """Tell whether a reader's finding stands for a record, which is then counted."""
    rule = RULES.get(finding.code)
    return rule is not None and rule.scope == "reading" and rule.level == finding.level == "error"


def judge_parts(parts: Iterable[Part], terms: Terms, *, workers: int = 1) -> Iterator[tuple[Judged, int]]:
    """Yield what was found in each part, in order, and how many lines of its input come before it.

    Args:
        parts: what is read by itself.
        terms: by what to judge.
        workers: processes; 1 is this one.

    Raises:
        NewsdsError: a process died.
    """
    before = 0
    for judged in _judged(parts, terms, workers):
        before = before if judged.is_continued else 0
        yield judged, before
        before += judged.n_lines


def _judged(parts: Iterable[Part], terms: Terms, workers: int) -> Iterator[Judged]:
    judge_one = partial(_judge_part, terms=terms)
    if workers == 1:
        return map(judge_one, parts)
    # Loading what makes processes takes as long as judging a small file.
    from newsds.checks.sharing import share

    return share(parts, judge_one, workers=workers)


def _judge_part(part: Part, *, terms: Terms) -> Judged:
    checker, tally = terms.checker_of_part(), terms.tally()
    for _ in judge(part.items(checker.good()), checker, tally):
        pass
    tally.n_records += part.n_good
    return Judged(is_continued=part.is_continued, n_lines=part.n_lines, tally=tally, taker=checker.taker)
