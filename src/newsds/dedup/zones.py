"""What belongs to the copy and not to the story: dateline and byline before it, credit lines and tags after it."""

import re
from typing import NamedTuple

from newsds.dedup.revisions import find_note
from newsds.wire import find_agency, parse_byline, parse_credit_line, parse_dateline

__all__ = ["EDGE", "Zones", "find_headline", "find_zones"]

#: Characters of the first and last lines that are looked at.
EDGE = 600
#: Characters of a line that may be a credit or a tag.
_SHORT_LINE = 300
_LINES = 4
#: Characters of a first line that may be the headline, and of a line after it that is surely a paragraph.
_HEADLINE, _PARAGRAPH = (8, 120), 160
#: Characters that end a clause or a sentence, and so no headline.
_ENDS = ".,;:।॥۔؛،။។።。，；："
#: Thai and Lao, which end sentences with nothing; characters of a line of theirs that may be the headline, at most.
_UNPOINTED, _UNPOINTED_HEADLINE = re.compile("[\u0e00-\u0eff]"), 80
#: Words in capitals that can be a headline before text that is not set apart from them.
_N_CAPITALS = 3
_SMALL, _CAPITALS = re.compile(r"[^\W\d_A-ZÀ-ÖØ-Þ]"), re.compile(r"[^\W\d_]{2,}")
#: Figures for each word of text that is a list of them.
_FIGURE, _FIGURES = re.compile(r"\d+"), 0.12
#: A tag with an attribute, one that closes, and any that is escaped.
_MARKUP = re.compile(
    rb"<[a-z][a-z0-9]*+\s[^<>=]{0,200}+=[^<>]{0,2000}+>|</[a-z][a-z0-9]*+\s*+>|"
    rb"&lt;/?[a-z][a-z0-9]*+(?:(?!&[lg]t;)[^<>]){0,2000}+&gt;",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"^[\W_]*(?:(?:\((?:c|C)\)|©|copyright)\s?.{0,80}|-{2,}|#{2,}|\*{3,}|ends?|more)[\W_]*$", re.IGNORECASE
)


class Zones(NamedTuple):
    """Where the story stands in a text, in characters, and what its edges say."""

    start: int
    end: int
    #: What `find_headline` says of the text.
    headline: str | None = None
    #: The agency that the dateline, the byline or a tag names, as written; None if none does.
    agency: str | None = None
    #: What the first or last line says of its version, a place in `newsds.dedup.revisions.MARKS`.
    mark: int = 0
    #: Where the story begins and ends in bytes of UTF-8.
    bounds: tuple[int, int] = (0, 0)
    #: Where tags of HTML begin and end in it, in bytes of UTF-8.
    markup: tuple[tuple[int, int], ...] = ()


def find_zones(text: str) -> Zones:
    r"""Return the zones of a text.

    >>> text = "PORT HALDEN (AP) - The ferry sank.\nNobody drowned.\n(Reporting by Ann Reed)"
    >>> zones = find_zones(text)
    >>> text[zones.start:zones.end], zones.agency
    ('The ferry sank.\nNobody drowned.', 'AP')
    """
    set_apart = _set_apart(text)
    start, agency = _opening(text, set_apart)
    end, tag = _closing(text, start)
    bounds = (start, max(start, end))
    if not text.isascii():
        bounds = (len(text[: bounds[0]].encode()), len(text[: bounds[1]].encode()))
    return Zones(
        start=start,
        end=end,
        headline=set_apart or _title(text),
        agency=agency or tag,
        mark=find_note(text),
        bounds=bounds,
        markup=_markup(text),
    )


def _markup(text: str) -> tuple[tuple[int, int], ...]:
    """Return where the tags are; the symbol of a share in angle brackets is none."""
    # To look for one character costs a tenth of looking for four.
    if "<" not in text and ("&" not in text or "&lt;" not in text):
        return ()
    return tuple(match.span() for match in _MARKUP.finditer(text.encode()))


def find_headline(text: str) -> str | None:
    r"""Return the headline that a text begins with; None if it begins with its story.

    A short first line is a headline if it ends no sentence, and stands before an empty line or a paragraph. So are
    capitals before words that are none, on the same line or the next. Where all is in capitals, a line that ends early
    or stands over figures is one.

    >>> find_headline("Port reopens after storm\n\nThe port of Tollan reopened on Monday."), find_headline("It rained.")
    ('Port reopens after storm', None)
    >>> find_headline("TOLLAN PORT REOPENS AFTER STORM The port of Tollan reopened on Monday.")
    'TOLLAN PORT REOPENS AFTER STORM'
    """
    return _set_apart(text) or _title(text)


def _set_apart(text: str) -> str | None:
    """Return the headline that the form of a text sets apart from its story."""
    head = text.lstrip()[:EDGE]
    line, _, rest = head.partition("\n")
    following = rest.partition("\n")[0]
    stands_alone = rest.strip() and (not following.strip() or len(following) > _PARAGRAPH)
    return _as_headline(line if stands_alone else _capitals(head), line)


def _capitals(head: str) -> str:
    """Return the words of the first line before the first with a small letter, if they are enough."""
    # Capitals of other alphabets match too.
    small = next((match.start() for match in _SMALL.finditer(head) if not match[0].isupper()), 0)
    end = max(head.rfind(" ", 0, small), head.rfind("\n", 0, small)) + 1
    if end < _HEADLINE[0]:
        return ""
    line = head[:end].partition("\n")[0]
    return line if len(_CAPITALS.findall(line)) >= _N_CAPITALS else ""


def _title(text: str) -> str | None:
    """Return the first line of a text in capitals if it seems to be a title; it may be the story all the same."""
    line, _, rest = text.lstrip()[:EDGE].partition("\n")
    if not (line.isupper() and rest.strip()):
        return None
    ends_early = len(line) + len(rest.partition(" ")[0]) < max(map(len, rest.split("\n")))
    is_over_figures = len(_FIGURE.findall(rest)) > _FIGURES * len(rest.split())
    return _as_headline(line, line) if ends_early or is_over_figures else None


def _as_headline(words: str, line: str) -> str | None:
    words = words.rstrip()
    if not (_HEADLINE[0] <= len(words) <= _HEADLINE[1] and " " in words) or words[-1] in _ENDS:
        return None
    if len(words) > _UNPOINTED_HEADLINE and _UNPOINTED.match(words):
        return None
    return None if parse_byline(words) or parse_dateline(line) else words


def _opening(text: str, headline: str | None) -> tuple[int, str | None]:
    start, agency = len(text) - len(text.lstrip()), None
    if headline:
        start += len(headline)
        start += len(text[start:]) - len(text[start:].lstrip())
    head = text[start : start + EDGE]
    line, _, rest = head.partition("\n")
    if rest.strip() and len(line) <= 120 and (byline := parse_byline(line)):
        agency = byline.agency
        start += len(line) + 1 + len(rest) - len(rest.lstrip())
    dateline = parse_dateline(text[start : start + EDGE])
    if dateline is None:
        return start, agency
    return start + dateline.end, dateline.agency or agency


def _closing(text: str, start: int) -> tuple[int, str | None]:
    end, agency = len(text.rstrip()), None
    for _ in range(_LINES):
        line_start = max(text.rfind("\n", start, end) + 1, start)
        line = text[line_start:end].strip()
        if line_start <= start or len(line) > _SHORT_LINE:
            break
        tag = find_agency(line.strip("()[]-–—. ")) if len(line) <= 40 else None
        if not (tag or _TAG.match(line) or parse_credit_line(line)):
            break
        agency = agency or (tag.name if tag else None)
        end = start + len(text[start:line_start].rstrip())
    return end, agency
