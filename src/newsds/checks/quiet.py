"""Quiet sets: small ones in which the rules on many records find nothing for sure.

It is told without numpy, whose import takes longer than all else that is done with a hundred records.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from newsds.checks import traits
from newsds.checks.census import NO_TIME
from newsds.checks.publishers import (
    MIN_DATES,
    MIN_RECORDS,
    MIN_SPIKE,
    MIN_TOO_LONG,
    MINUTE_SHARE,
    OPEN_SHARE,
    RAGGED_SHARE,
    UNSUPPORTED_SHARE,
)
from newsds.checks.sets import MIN_OTHERS, MIN_PILE
from newsds.project import RuleChoices

__all__ = ["MAX_RECORDS", "is_quiet"]

#: Larger sets are worth the import.
MAX_RECORDS = 1000

#: What is wrong where more than a share of a publisher's bodies have it.
_SHARES = (
    (traits.UNSUPPORTED, UNSUPPORTED_SHARE),
    (traits.OPEN_END, OPEN_SHARE),
    (traits.RAGGED, RAGGED_SHARE),
)
_DATED = traits.AMBIGUOUS_DATE | traits.DAY_FIRST | traits.MONTH_FIRST


def is_quiet(columns: Mapping[str, Sequence[int]], choices: RuleChoices) -> bool:
    """Tell whether no rule on many records finds anything in a set; may err to "no".

    Args:
        columns: of a census, of records and of lines.
        choices: those of the project.
    """
    if choices.task is not None or choices.licenses is not None:
        return False
    if any(
        _most_common(filter(None, columns[name])) > 1 for name in ("id", "body", "url", "story", "headline")
    ):
        return False
    if _most_common(columns["line_text"]) > MIN_OTHERS:
        return False
    members = defaultdict[int, list[int]](list)
    for number, publisher in enumerate(columns["publisher"]):
        members[publisher].append(number)
    return all(_is_quiet_publisher(columns, numbers) for numbers in members.values())


def _most_common(values: Iterable[int]) -> int:
    return max(Counter(values).values(), default=0)


def _is_quiet_publisher(columns: Mapping[str, Sequence[int]], numbers: Sequence[int]) -> bool:
    own = [columns["traits"][number] for number in numbers]
    if sum(1 for value in own if value & _DATED) >= MIN_DATES:
        return False
    if len(numbers) < MIN_RECORDS:
        return True
    with_body = [value for value, number in zip(own, numbers, strict=True) if columns["body"][number]]
    return not (
        max(columns["n_chars"][number] for number in numbers) > MIN_TOO_LONG
        or sum(1 for value in own if value & traits.CUT) >= MIN_PILE
        or any(
            sum(1 for value in with_body if value & trait) > share * len(with_body)
            for trait, share in _SHARES
        )
        or _has_spike([(columns["minute"][number], columns["traits"][number]) for number in numbers])
    )


def _has_spike(times: Iterable[tuple[int, int]]) -> bool:
    """Tell whether a day, or a minute of the day, has so many of the times that a rule looks at it."""
    known = [(minute, trait) for minute, trait in times if minute != NO_TIME]
    of_day = [minute % 1440 for minute, trait in known if trait & traits.TIMED]
    return _most_common(minute // 1440 for minute, _ in known) > MIN_SPIKE or (
        len(of_day) >= MIN_RECORDS and _most_common(of_day) > MINUTE_SHARE * len(of_day)
    )
