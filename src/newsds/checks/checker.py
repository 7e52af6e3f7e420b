"""Checker: the schema and the rules applied to records, one by one and then together."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

from newsds.article import Good, Record, Row
from newsds.checks.census import Census, CensusTaker
from newsds.checks.index import Index, write_index
from newsds.checks.quiet import MAX_RECORDS, is_quiet
from newsds.checks.rule import Hit, Rule
from newsds.checks.rules import RULES
from newsds.checks.screen import Question, Screen
from newsds.checks.times import in_utc
from newsds.checks.violations import field_of, is_json, violations
from newsds.findings import Finding
from newsds.project import RuleChoices
from newsds.schema import validator
from newsds.schema_columns import good_rows

__all__ = ["EXTENTS", "Checker", "Extent"]

#: Which rules are applied beside the schema: none, those on one record by itself, or all.
Extent = Literal["schema", "record", "all"]
EXTENTS: tuple[Extent, ...] = ("schema", "record", "all")


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
        extent: Extent = "all",
        is_of_part: bool = False,
    ) -> None:
        """Start with no records.

        Args:
            choices: the profile, and which rules are off.
            as_of: the day for which the dataset is judged; what is published after it is a finding.
            index: a set to which the records come; the rules on the whole set then look at both.
            extent: which rules to apply beside the schema.
            is_of_part: whether it sees a part, whose census another will absorb.

        Raises:
            UsageError: there is no such profile.
        """
        choices = choices or RuleChoices()
        active = [rule for rule in RULES.values() if choices.levels.get(rule.code) != "off"]
        self._active = {rule.code for rule in active}
        self._choices, self._profile = choices, choices.profile
        self._validator = validator("article", profile=choices.profile)
        self._make_relaxed = partial(validator, "article", profile=choices.profile, is_relaxed=True)
        instant = in_utc(as_of)
        day = None if instant is None else instant.astimezone(UTC)
        on_records = [
            rule
            for rule in active
            if rule.check is not None and extent != "schema" and _is_due(rule, choices)
        ]
        self._record_rules = [(rule, _bound(rule, day, choices)) for rule in on_records]
        self._screen = Screen(
            {rule.code: _question(rule, day) for rule in on_records}, profile=choices.profile
        )
        self._set_rules = [rule for rule in active if rule.check_set is not None and extent == "all"]
        self._index = index
        #: Takes down what rules on the whole set need to know; None where they are not applied.
        self.taker = (
            CensusTaker(choices, shows_all=index is not None, is_of_part=is_of_part)
            if extent == "all"
            else None
        )

    def good(self) -> Good | None:
        """Return what tells which records have no finding; None if that is not known cheaply."""
        if self.taker is not None:
            return None
        if self._record_rules:
            return Good(self._screen.is_clean, None)
        is_valid = validator("article", profile=self._profile, is_strict=True).is_valid
        return Good(is_valid, partial(good_rows, profile=self._profile))

    def check(self, row: Row) -> list[Finding]:
        """Return what is wrong with one record by itself; any JSON object will do."""
        is_parsed, is_plain = row.raw is not None, False
        if self._record_rules and self._screen.is_plain(row.record):
            # One look tells it of most records, in which a look for what is wrong would find nothing.
            is_plain = is_parsed or is_json(row.record)
        broken = (
            []
            if is_plain
            else violations(row.record, self._validator, is_parsed=is_parsed, relaxed=self._make_relaxed)
        )
        faulty = {field_of(hit) for code, hit in broken if code != "NDS107"}
        found = [(RULES[code], hit) for code, hit in broken if code in self._active]
        if not broken or any(hit.pointer for _, hit in broken):
            record = (
                {name: value for name, value in row.record.items() if name not in faulty}
                if faulty
                else row.record
            )
            found += [
                (rule, hit)
                for rule, hit in self._apply(record, is_plain=is_plain)
                if field_of(hit) not in faulty
            ]
            if self.taker is not None:
                self.taker.add(record, row)
        record_id = row.record.get("id")
        return [
            _finding(rule, hit, row, record_id if isinstance(record_id, str) else None) for rule, hit in found
        ]

    def _apply(self, record: Record, *, is_plain: bool) -> Iterator[tuple[Rule, Hit]]:
        suspects = self._screen.suspects(record, is_plain=is_plain)
        for rule, check in self._record_rules:
            if rule.code in suspects:
                for hit in check(record):
                    yield rule, hit

    def finish(self) -> Iterator[Finding]:
        """Yield what is wrong with the records together, rule by rule; the order of reading does not matter.

        With an index that is what was not wrong before these records came.
        """
        if self.taker is None:
            return
        if self._index is None and self._is_quiet(self.taker):
            return
        census = self.taker.census()
        if self._index is None:
            yield from (finding for _, finding in self._findings(census))
            return
        n_base, index = len(self._index), self._index
        found = list(self._findings(index.join(census)))
        found.sort(key=lambda item: item[0] is not None and item[0] >= n_base)
        yield from (finding for number, finding in found if index.is_news(finding, number))

    def _is_quiet(self, taker: CensusTaker) -> bool:
        rows = taker.rows() if len(taker) <= MAX_RECORDS else None
        return rows is not None and is_quiet(rows, self._choices)

    def write_index(self, path: Path) -> None:
        """Write what the rules on the whole set need to judge later records against these.

        Raises:
            OutputError: the folder does not exist.
        """
        assert self.taker is not None
        census = self.taker.census()
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


def _is_due(rule: Rule, choices: RuleChoices) -> bool:
    """Tell whether a rule that follows the project's choices finds any there."""
    return not rule.is_chosen or bool(choices.opted_out)


def _question(rule: Rule, as_of: datetime | None) -> Question | None:
    """Return what is asked of a record before a rule is applied to it."""
    ask = rule.may_hit
    return partial(ask, as_of=as_of) if ask is not None and rule.is_dated else ask


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
