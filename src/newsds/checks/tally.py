"""Tally: what a project's choices make of the findings, counted exactly and listed up to a cap."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, get_args

from newsds.checks.report import Report, RuleCount, WaivedCount, listing_order
from newsds.checks.rules import RULES
from newsds.checks.times import in_utc
from newsds.errors import UsageError
from newsds.findings import LEVELS, Finding, Level
from newsds.project import RuleChoices, Waiver

__all__ = ["SetAside", "Tally"]

#: Finding to the reason for which it does not count, or None.
SetAside = Callable[[Finding], str | None]


class Tally:
    """Applies levels, waivers and budgets to findings, and counts them.

    A rule that is off leaves no trace. A waived finding is counted beside the others, with the waiver's
    reason. A rule with a budget (`max_rate`) is counted like a waived one as long as the share of the
    records that have it stays within; this is known when everything was seen: see `excused`.

    Attributes:
        n_records: records seen, good and bad; the caller counts them.
    """

    def __init__(
        self,
        choices: RuleChoices,
        *,
        as_of: datetime | None = None,
        max_findings: int = 1000,
        set_aside: Sequence[SetAside] = (),
    ) -> None:
        """Start at nothing.

        Args:
            choices: levels, waivers and budgets.
            as_of: the day for which waivers must still hold; without it they never expire.
            max_findings: most findings to list.
            set_aside: what gives the reason for which a finding does not count, or None; asked in this order
                about findings that are not waived.

        Raises:
            UsageError: a choice names a rule or a level that does not exist.
        """
        _refuse_unknown(choices)
        self.n_records = 0
        self._choices = choices
        self._max = max_findings
        day = in_utc(as_of)
        self._today = None if day is None else day.astimezone(UTC).date().isoformat()
        self._set_aside = set_aside
        self._n_aside: Counter[tuple[str, str]] = Counter()
        self._counts: Counter[tuple[str, Level]] = Counter()
        self._waived: Counter[Waiver] = Counter(dict.fromkeys(choices.waivers, 0))
        self._listed: dict[str, list[Finding]] = {}
        self._n_affected: Counter[str] = Counter()
        self._latest: dict[str, tuple[Any, ...]] = {}

    def add(self, finding: Finding) -> Finding | None:
        """Count a finding; return it with the level that counts, or None if it is off or waived.

        The findings of one record must follow one another.
        """
        level = self._choices.levels.get(finding.code, finding.level)
        if level == "off":
            return None
        waiver = next((waiver for waiver in self._choices.waivers if self._holds(waiver, finding)), None)
        if waiver is not None:
            self._waived[waiver] += 1
            return None
        reason = next((reason for ask in self._set_aside if (reason := ask(finding)) is not None), None)
        if reason is not None:
            self._n_aside[finding.code, reason] += 1
            return None
        judged = finding if level == finding.level else replace(finding, level=level)  # type: ignore[arg-type] # checked in __init__
        self._count(judged)
        return judged

    def add_all(self, findings: Iterable[Finding]) -> list[Finding]:
        """Count findings; return those that count, with the level that counts."""
        return [judged for judged in map(self.add, findings) if judged is not None]

    def absorb(self, other: "Tally", *, line_shift: int = 0) -> None:
        """Add what another tally counted on other records.

        Args:
            other: a tally with the same choices; it must not be used any more.
            line_shift: lines of the input before those that the other saw as the first.
        """
        self.n_records += other.n_records
        other._forget({code for code in self._n_affected if RULES[code].is_said_once})  # noqa: SLF001
        self._counts += other._counts  # noqa: SLF001
        self._waived.update(other._waived)  # noqa: SLF001
        self._n_affected += other._n_affected  # noqa: SLF001
        for code, found in other._listed.items():  # noqa: SLF001
            shifted = (
                replace(finding, line=finding.line + line_shift) if finding.line and line_shift else finding
                for finding in found
            )
            self._listed.setdefault(code, []).extend(shifted)
            self._trim(code)

    def _forget(self, codes: Collection[str]) -> None:
        """Leave out rules of which another tally has spoken already."""
        for code in codes:
            self._n_affected.pop(code, None)
            self._listed.pop(code, None)
        self._counts = Counter({key: n for key, n in self._counts.items() if key[0] not in codes})

    def excused(self) -> frozenset[str]:
        """Return the rules whose findings stay within their budget, so far."""
        return frozenset(code for code, rate in self._choices.max_rates.items() if self._share(code) <= rate)

    def report(self) -> Report:
        """Return what was found so far."""
        excused = self.excused()
        counts = {key: n for key, n in self._counts.items() if key[0] not in excused}
        listed = [finding for code, some in self._listed.items() if code not in excused for finding in some]
        worst_first = sorted(
            listed, key=lambda finding: (LEVELS.index(finding.level), listing_order(finding))
        )
        kept = sorted(worst_first[: self._max], key=listing_order)
        n_findings = sum(counts.values())
        return Report(
            n_records=self.n_records,
            n_findings=n_findings,
            n_omitted=n_findings - len(kept),
            counts=_sorted_counts(counts),
            waived=(*self._waived_counts(), *self._budget_counts(excused), *self._aside_counts()),
            findings=tuple(kept),
        )

    def _holds(self, waiver: Waiver, finding: Finding) -> bool:
        return (
            waiver.rule == finding.code
            and not self._is_over(waiver)
            and (waiver.record_id is None or waiver.record_id == finding.record_id)
            and (waiver.path is None or (finding.path is not None and fnmatchcase(finding.path, waiver.path)))
        )

    def _count(self, finding: Finding) -> None:
        if RULES[finding.code].is_said_once and self._n_affected[finding.code]:
            return
        code = finding.code
        self._counts[code, finding.level] += 1
        start = finding.line if finding.record_offset is None else finding.record_offset
        place = (finding.path, start, finding.row, finding.record_id)
        if self._latest.get(code) != place:
            self._latest[code] = place
            self._n_affected[code] += 1
        self._listed.setdefault(code, []).append(finding)
        self._trim(code)

    def _trim(self, code: str) -> None:
        """Forget findings that cannot be listed any more, now and then."""
        listed = self._listed[code]
        if len(listed) > 2 * self._max + 100:
            listed.sort(key=lambda item: (LEVELS.index(item.level), listing_order(item)))
            del listed[self._max :]

    def _share(self, code: str) -> float:
        return self._n_affected[code] / self.n_records if self.n_records else 0.0

    def _waived_counts(self) -> Iterable[WaivedCount]:
        for waiver, n in self._waived.items():
            end = f" (expired on {waiver.expires}: its findings count again)" if self._is_over(waiver) else ""
            yield WaivedCount(code=waiver.rule, reason=waiver.reason + end, n=n)

    def _is_over(self, waiver: Waiver) -> bool:
        return waiver.expires is not None and self._today is not None and self._today > waiver.expires

    def _aside_counts(self) -> Iterable[WaivedCount]:
        return (
            WaivedCount(code=code, reason=reason, n=n) for (code, reason), n in sorted(self._n_aside.items())
        )

    def _budget_counts(self, excused: frozenset[str]) -> Iterable[WaivedCount]:
        for code in sorted(excused):
            n = sum(n for key, n in self._counts.items() if key[0] == code)
            rate = self._choices.max_rates[code]
            affected = f"{self._n_affected[code]:,} of {self.n_records:,} records"
            reason = f"within its budget: {affected}, max_rate {rate:g}"
            yield WaivedCount(code=code, reason=reason, n=n)


def _sorted_counts(counts: dict[tuple[str, Level], int]) -> tuple[RuleCount, ...]:
    keys = sorted(counts, key=lambda key: (LEVELS.index(key[1]), key[0]))
    return tuple(RuleCount(code=code, level=level, n=counts[code, level]) for code, level in keys)


def _refuse_unknown(choices: RuleChoices) -> None:
    named = [*choices.levels, *choices.max_rates, *(waiver.rule for waiver in choices.waivers)]
    unknown = sorted(code for code in named if code not in RULES)
    if unknown:
        raise UsageError(f"no rule {unknown[0]!r}; newsds rules lists them")
    wrong = [level for level in choices.levels.values() if level not in (*get_args(Level), "off")]
    if wrong:
        raise UsageError(f"no level {wrong[0]!r}; there are error, warning, info and off")
