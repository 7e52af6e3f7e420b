"""What deduplication can be told, with its defaults, and the fingerprint of a choice."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from newsds.dedup.keeping import POLICIES
from newsds.errors import UsageError

__all__ = ["Parameters"]

#: A hundred years.
_MAX_HOURS = 876_600


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameters:
    """The choices of a run; equal choices give equal fingerprints."""

    #: How the canonical copy of a cluster is chosen: one of `newsds.dedup.keeping.POLICIES`.
    keep: str = "earliest"
    #: Hours that two copies may lie apart; a text repeated over a longer time is recurring.
    window_hours: float = 168.0

    def __post_init__(self) -> None:
        if self.keep not in POLICIES:
            raise UsageError(f"keep: {self.keep!r} is none of {', '.join(POLICIES)}")
        # What was read from a file may be anything.
        hours: Any = self.window_hours
        if type(hours) not in (int, float) or not 0 < hours <= _MAX_HOURS:
            raise UsageError(
                f"window_hours: {self.window_hours!r} is no number above 0 and up to {_MAX_HOURS}"
            )

    @classmethod
    def from_dict(cls, choices: Mapping[str, Any]) -> Self:
        """Return the parameters that a mapping of choices describes; what it does not name has its default.

        Raises:
            UsageError: a name is not that of a parameter, or a value is impossible.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(choices.keys() - known):
            raise UsageError(f"{unknown[0]!r} is no parameter; there are {', '.join(sorted(known))}")
        return cls(**choices)

    def to_dict(self) -> dict[str, Any]:
        """Return every parameter by name."""
        return asdict(self)

    @property
    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that stand for these parameters."""
        text = repr(sorted(self.to_dict().items()))
        return hashlib.sha256(b"newsds-dedupe-1\0" + text.encode()).hexdigest()[:16]
