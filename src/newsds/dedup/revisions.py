"""What a headline or a first or last line says of its version: corrected, updated, sent again, withdrawn."""

import re
from functools import lru_cache

from newsds.wire import parse_signals, parse_version_number

__all__ = ["MARKS", "find_headline_mark", "find_headline_number", "find_note"]

#: The marks that count, the strongest first; each is a number in arrays, 0 is none.
MARKS = ("none", "update", "repeat", "refile", "wrapup", "writethru", "clarification", "correction", "kill")

_LINE, _SHORT_LINE = 200, 120
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

#: In each match of the two patterns is one of these.
_WORDS = (
    "correct", "corrige", "korrigiert", "berichtigt", "rectifie",
    "withdrawn", "retracted", "kill", "disregard", "do not use",
)  # fmt: skip


def find_note(text: str) -> int:
    r"""Return the strongest mark in the first line of a text, where it is short enough to be a note, and in the last.

    >>> MARKS[find_note("The ferry sank.\nThis story corrects the date.")]
    'correction'
    """
    body = text.strip()
    first, last = body[:_LINE].partition("\n")[0], body[-_LINE:].rpartition("\n")[2]
    # Most texts have none of the words; the search for those costs a hundredth of the patterns.
    both = f"{first}\n{last}"
    has = (both.lower() if both.isascii() else both.casefold()).__contains__
    note = max(_of_note(first), _of_note(last)) if any(map(has, _WORDS)) else 0
    return max(find_headline_mark(first) if len(first) < _SHORT_LINE else 0, note)


@lru_cache(maxsize=65536)
def find_headline_mark(headline: str) -> int:
    """Return the strongest mark of a version in a headline, as its place in `MARKS`.

    >>> MARKS[find_headline_mark("CORRECTED-Port reopens")]
    'correction'
    """
    signals = parse_signals(headline[:_LINE].lstrip("(["))
    return max((MARKS.index(signal) for signal in signals if signal in MARKS), default=0)


@lru_cache(maxsize=65536)
def find_headline_number(headline: str) -> int:
    """Return which version a headline says it is: its number, 1 of an update without one, 0 if it says nothing.

    >>> find_headline_number("UPDATE 2-Port reopens"), find_headline_number("Port reopens")
    (2, 0)
    """
    line = headline[:_LINE].lstrip("([")
    return parse_version_number(line) or int("update" in parse_signals(line))


def _of_note(line: str) -> int:
    if len(line) < _LINE and _WITHDRAWN.search(line):
        return MARKS.index("kill")
    return MARKS.index("correction") if _IN_TEXT.search(line) else 0
