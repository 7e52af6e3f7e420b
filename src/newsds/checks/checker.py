"""Checker: the schema and the rules applied to records, one by one and then together."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from newsds.article import Record, Row
from newsds.checks.census import Census, CensusTaker
from newsds.checks.index import Index, write_index
from newsds.checks.rule import Hit, Rule
from newsds.checks.rules import RULES
from newsds.checks.times import in_utc
from newsds.checks.violations import field_of, violations
from newsds.findings import Finding
from newsds.project import RuleChoices
from newsds.schema import validator

__all__ = ["Checker"]


class Checker:
    """Applies the article schema and every rule that is not off.

    Findings have the level of their rule; what a project makes of them is the business of
    `newsds.checks.tally.Tally`.
    """

    def __init__(
        self,
        choices: RuleChoices | None = None,
        *,
        as_of: datetime | None = None,
        index: Index | None = None,
    ) -> None:
        """Start with no records.

        Args:
            choices: the profile, and which rules are off.
            as_of: the day for which the dataset is judged; what is published after it is a finding.
            index: a set to which the records come; the rules on the whole set then look at both.

        Raises:
            UsageError: there is no such profile.
        """
        choices = choices or RuleChoices()
        active = [rule for rule in RULES.values() if choices.levels.get(rule.code) != "off"]
        self._active = {rule.code for rule in active}
        self._validator = validator("article", profile=choices.profile)
        self._record_rules = [
            (rule, _bound(rule, in_utc(as_of), choices)) for rule in active if rule.check is not None
        ]
        self._set_rules = [rule for rule in active if rule.check_set is not None]
        self._index = index
        self._taker = CensusTaker(choices, shows_all=index is not None)

    def check(self, row: Row) -> list[Finding]:
        """Return what is wrong with one record by itself; any JSON object will do."""
        broken = violations(row.record, self._validator)
        faulty = {field_of(hit) for _, hit in broken}
        found = [(RULES[code], hit) for code, hit in broken if code in self._active]
        if all(hit.pointer for _, hit in broken):
            record = (
                {name: value for name, value in row.record.items() if name not in faulty}
                if faulty
                else row.record
            )
            found += [(rule, hit) for rule, hit in self._apply(record) if field_of(hit) not in faulty]
            self._taker.add(record, row)
        record_id = row.record.get("id")
        return [
            _finding(rule, hit, row, record_id if isinstance(record_id, str) else None) for rule, hit in found
        ]

    def _apply(self, record: Record) -> Iterator[tuple[Rule, Hit]]:
        for rule, check in self._record_rules:
            for hit in check(record):
                yield rule, hit

    def finish(self) -> Iterator[Finding]:
        """Yield what is wrong with the records together, rule by rule; the order of reading does not matter.

        With an index that is what was not wrong before these records came.
        """
        if not self._set_rules:
            return
        census = self._taker.census()
        if self._index is None:
            yield from (finding for _, finding in self._findings(census))
            return
        n_base, index = len(self._index), self._index
        found = list(self._findings(index.join(census)))
        found.sort(key=lambda item: item[0] is not None and item[0] >= n_base)
        yield from (finding for number, finding in found if index.is_news(finding, number))

    def write_index(self, path: Path) -> None:
        """Write what the rules on the whole set need to judge later records against these.

        Raises:
            OutputError: the folder does not exist.
        """
        census = self._taker.census()
        codes = [rule.code for rule in self._set_rules]
        write_index(path, census=census, rules=codes, findings=(item for _, item in self._findings(census)))

    def _findings(self, census: Census) -> Iterator[tuple[int | None, Finding]]:
        """Yield record number, None for the whole set, and finding."""
        for rule in self._set_rules:
            assert rule.check_set is not None
            for number, hit in rule.check_set(census):
                finding = census.finding(
                    number,
                    code=rule.code,
                    level=hit.level or rule.level,
                    message=hit.message,
                    pointer=hit.pointer,
                    evidence=hit.evidence,
                    group=hit.group,
                )
                yield number, finding


def _bound(rule: Rule, as_of: datetime | None, choices: RuleChoices) -> Callable[..., Iterator[Any]]:
    assert rule.check is not None
    check: Callable[..., Iterator[Any]] = rule.check
    if rule.is_dated:
        check = partial(check, as_of=as_of)
    return partial(check, choices=choices) if rule.is_chosen else check


def _finding(rule: Rule, hit: Hit, row: Row, record_id: str | None) -> Finding:
    return Finding(
        code=rule.code,
        level=hit.level or rule.level,
        message=hit.message,
        path=row.path,
        row=row.row,
        record_offset=row.offset,
        record_id=record_id,
        pointer=hit.pointer,
        evidence=hit.evidence,
        **row.place(hit.pointer, hit.evidence)._asdict(),
    )
