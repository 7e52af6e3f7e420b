"""What a headline or a first or last line says of its version: corrected, updated, sent again, withdrawn."""

import re
from functools import lru_cache

from newsds.wire import parse_signals

__all__ = ["MARKS", "find_mark"]

#: The marks that count, the strongest first; each is a number in arrays, 0 is none.
MARKS = ("none", "update", "repeat", "refile", "wrapup", "writethru", "clarification", "correction", "kill")

_LINE = 200
_IN_TEXT = re.compile(
    r"\b(?:company|agency|\(?this(?: story| version)?|refiles?|repeats?)?\s?"
    r"(?:corrects|corrected to|correcting|corrige|korrigiert|berichtigt|rectifie)\b|"
    r"\bthis story (?:corrects|has been corrected)\b|\b(?:in|of) (?:paragraph|para|absatz) \w+\b.{0,40}\bcorrect",
    re.IGNORECASE,
)
_WITHDRAWN = re.compile(
    r"\b(?:is|has been|was) (?:withdrawn|retracted|killed)\b.{0,60}|\bplease (?:kill|disregard|do not use)\b",
    re.IGNORECASE,
)


def find_mark(headline: str | None, text: str | None) -> int:
    """Return the strongest mark of a version, as its place in `MARKS`.

    The headline counts, the first line of the text where it is short enough to be a note, and the last one.

    >>> MARKS[find_mark("CORRECTED-Port reopens", None)]
    'correction'
    """
    found = [_of_line((headline or "")[:_LINE])]
    body = (text or "").strip()
    first = body[:_LINE].partition("\n")[0]
    last = body[-_LINE:].rpartition("\n")[2]
    found += [_of_line(first) if len(first) < 120 else 0, _of_note(first), _of_note(last)]
    return max(found)


@lru_cache(maxsize=4096)
def _of_line(line: str) -> int:
    signals = parse_signals(line.lstrip("(["))
    return max((MARKS.index(signal) for signal in signals if signal in MARKS), default=0)


def _of_note(line: str) -> int:
    if len(line) < _LINE and _WITHDRAWN.search(line):
        return MARKS.index("kill")
    return MARKS.index("correction") if _IN_TEXT.search(line) else 0
