"""Report: what validation found, and the order of its findings."""

from dataclasses import dataclass, replace
from typing import Any

from newsds.findings import LEVELS, Finding, Level

__all__ = ["Report", "RuleCount", "StaleCount", "WaivedCount", "listing_order"]

REPORT_VERSION = "1.0.0"


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
class StaleCount:
    """Findings of one rule that a baseline has and that are not there any more."""

    code: str
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
    #: What a baseline has and was not found again; a baseline that is written anew loses it.
    stale: tuple[StaleCount, ...] = ()

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

    def worst_first(self) -> tuple[Finding, ...]:
        """Return the listed findings, highest level first, each level by place."""
        return tuple(sorted(self.findings, key=lambda item: (LEVELS.index(item.level), listing_order(item))))

    def limited(self, n: int) -> "Report":
        """Return the report with at most n findings listed, those of the highest levels."""
        if len(self.findings) <= n:
            return self
        kept = sorted(self.worst_first()[:n], key=listing_order)
        return replace(self, findings=tuple(kept), n_omitted=self.n_findings - len(kept))

    def to_dict(self) -> dict[str, Any]:
        """Return the report as its schema has it."""
        return {
            "report_version": REPORT_VERSION,
            "n_records": self.n_records,
            "n_findings": self.n_findings,
            "n_omitted": self.n_omitted,
            "counts": [{"code": item.code, "level": item.level, "n": item.n} for item in self.counts],
            "waived": [{"code": item.code, "reason": item.reason, "n": item.n} for item in self.waived],
            "stale": [{"code": item.code, "n": item.n} for item in self.stale],
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
            findings=tuple(Finding.from_dict(item) for item in data["findings"]),
            stale=tuple(StaleCount(**item) for item in data.get("stale", ())),
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
