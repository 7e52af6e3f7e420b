"""Which copy of a cluster is the canonical one, and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["POLICIES", "Copy", "choose"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """What a policy knows of a copy."""

    position: int
    #: Microseconds since 1970; None if not known.
    time: int | None
    n_words: int
    #: Of date, headline, agency and publisher, how many are known.
    n_known: int
    #: Whether the agency that wrote it also carried it: it names an agency and no other publisher.
    is_original: bool
    #: Whether it says that it corrects an earlier version.
    is_correction: bool


def _earliest(copy: Copy) -> tuple[int, ...]:
    return (copy.time is None, copy.time or 0, copy.position)


#: Policy to the key by which copies are put in order; the first is kept. Ties fall to the earliest, then to the id.
POLICIES: Mapping[str, Callable[[Copy], tuple[int, ...]]] = {
    "earliest": _earliest,
    "agency_original": lambda copy: (not copy.is_original, *_earliest(copy)),
    "longest": lambda copy: (-copy.n_words, *_earliest(copy)),
    "most_complete": lambda copy: (-copy.n_known, -copy.n_words, *_earliest(copy)),
    "latest_correction": lambda copy: (
        (False, -(copy.time or 0), copy.position) if copy.is_correction else (True, *_earliest(copy))
    ),
}


def choose(copies: list[Copy], policy: str) -> tuple[Copy, str]:
    """Return the copy that a policy keeps, and the reason in words."""
    kept = min(copies, key=POLICIES[policy])
    return kept, _reason(kept, copies, policy)


def _reason(kept: Copy, copies: list[Copy], policy: str) -> str:
    n = len(copies)
    if policy == "agency_original" and kept.is_original:
        return f"carried by the agency that wrote it; earliest such of {n}"
    if policy == "latest_correction" and kept.is_correction:
        return f"latest correction of {n} copies"
    if policy == "longest":
        return f"longest of {n}, {kept.n_words} words"
    if policy == "most_complete":
        return f"most complete of {n}: {kept.n_known} of 4 columns, {kept.n_words} words"
    return f"earliest of {n}" if kept.time is not None else f"lowest id of {n}, none is dated"
