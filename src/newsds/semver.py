"""Semantic versions of releases, and the ranges in which one may be asked for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import total_ordering

from newsds.errors import UsageError

__all__ = ["Range", "Version", "newest"]

_NUMBER = r"(0|[1-9][0-9]{0,17})"
_VERSION = re.compile(
    rf"v?{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII
)
_PARTIAL = re.compile(rf"v?{_NUMBER}(?:\.{_NUMBER})?", re.ASCII)
_COMPARATOR = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*(\S+)\s*")


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A version of a release, ordered as https://semver.org section 11 says; build metadata is dropped."""

    major: int
    minor: int
    patch: int
    pre: str = ""

    @classmethod
    def parse(cls, text: str) -> "Version":
        """Return the version a text names; a leading `v` is allowed.

        Raises:
            UsageError: it names none.
        """
        version = cls.find(text.strip())
        if version is None:
            raise UsageError(f"version {text!r}: not of the form 1.2.0")
        return version

    @classmethod
    def find(cls, text: str) -> "Version | None":
        """Return the version a text names; None if it names none."""
        match = _VERSION.fullmatch(text)
        if match is None:
            return None
        major, minor, patch, pre = match.groups()
        return cls(int(major), int(minor), int(patch), pre or "")

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}" + (f"-{self.pre}" if self.pre else "")

    def __lt__(self, other: "Version") -> bool:
        return self._rank() < other._rank()

    def _rank(self) -> tuple[object, ...]:
        """A pre-release comes before its release; its numbers come before its words."""
        parts = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in self.pre.split(".")]
        return (self.major, self.minor, self.patch, not self.pre, parts if self.pre else [])


_HOLDS = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
}


@dataclass(frozen=True, slots=True)
class Range:
    """What versions are wanted: one (`1.2.0`), or all that meet some comparisons (`>=1.1,<2`)."""

    text: str
    comparisons: tuple[tuple[str, Version], ...]

    @classmethod
    def parse(cls, text: str) -> "Range":
        """Return the range a text names; numbers left out of a comparison are 0.

        Raises:
            UsageError: it is neither a version nor comparisons between commas.
        """
        if _VERSION.fullmatch(text.strip()):
            return cls(text.strip(), (("==", Version.parse(text)),))
        return cls(text.strip(), tuple(_comparison(part, text) for part in text.split(",")))

    @property
    def exact(self) -> Version | None:
        """The one version that is meant; None for a range."""
        if len(self.comparisons) == 1 and self.comparisons[0][0] == "==":
            return self.comparisons[0][1]
        return None

    def __contains__(self, version: Version) -> bool:
        """Tell whether a version is meant; a pre-release only where a comparison names one of its release."""
        named = any(
            other.pre
            and (other.major, other.minor, other.patch) == (version.major, version.minor, version.patch)
            for _, other in self.comparisons
        )
        if version.pre and not named:
            return False
        return all(_HOLDS[sign](version, other) for sign, other in self.comparisons)


def _comparison(part: str, text: str) -> tuple[str, Version]:
    match = _COMPARATOR.fullmatch(part)
    if match is None:
        raise UsageError(f"version {text!r}: write 1.2.0, or a range such as '>=1.1,<2'")
    sign, number = match.groups()
    if _PARTIAL.fullmatch(number):
        number += ".0" * (2 - number.count("."))
    return sign, Version.parse(number)


def newest(versions: Iterable[Version], wanted: Range | None = None) -> Version | None:
    """Return the newest version in a range, or of all: a pre-release only if there is nothing else; None if none."""
    candidates = [version for version in versions if wanted is None or version in wanted]
    finished = [version for version in candidates if not version.pre]
    return max(finished if wanted is None and finished else candidates, default=None)
