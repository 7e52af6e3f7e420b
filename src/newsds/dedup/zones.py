"""What belongs to the copy and not to the story: dateline and byline before it, credit lines and tags after it."""

import re
from dataclasses import dataclass

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
_TAG = re.compile(
    r"^[\W_]*(?:(?:\((?:c|C)\)|©|copyright)\s?.{0,80}|-{2,}|#{2,}|\*{3,}|ends?|more)[\W_]*$", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Zones:
    """Where the story stands in a text, in characters, and what its edges say."""

    start: int
    end: int
    #: The agency that the dateline, the byline or a tag names, as written; None if none does.
    agency: str | None = None
    #: What the first or last line says of its version, a place in `newsds.dedup.revisions.MARKS`.
    mark: int = 0
    #: Where the story begins and ends in bytes of UTF-8.
    bounds: tuple[int, int] = (0, 0)


def find_zones(text: str) -> Zones:
    r"""Return the zones of a text.

    >>> text = "PORT HALDEN (AP) - The ferry sank.\nNobody drowned.\n(Reporting by Ann Reed)"
    >>> zones = find_zones(text)
    >>> text[zones.start:zones.end], zones.agency
    ('The ferry sank.\nNobody drowned.', 'AP')
    """
    start, agency = _opening(text)
    end, tag = _closing(text, start)
    bounds = (start, max(start, end))
    if not text.isascii():
        bounds = (len(text[: bounds[0]].encode()), len(text[: bounds[1]].encode()))
    return Zones(start=start, end=end, agency=agency or tag, mark=find_note(text), bounds=bounds)


def find_headline(text: str) -> str | None:
    r"""Return the headline that a text begins with; None if it begins with its story.

    A short first line is a headline if it ends no sentence, and is all capitals or stands before an empty line or a
    paragraph.

    >>> find_headline("Port reopens after storm\n\nThe port of Tollan reopened on Monday."), find_headline("It rained.")
    ('Port reopens after storm', None)
    """
    line, _, rest = text.lstrip()[:EDGE].partition("\n")
    line = line.rstrip()
    if not (_HEADLINE[0] <= len(line) <= _HEADLINE[1] and " " in line and rest.strip()) or line[-1] in ".,;:":
        return None
    following = rest.partition("\n")[0]
    stands_alone = line.isupper() or not following.strip() or len(following) > _PARAGRAPH
    return line if stands_alone and not parse_byline(line) and not parse_dateline(line) else None


def _opening(text: str) -> tuple[int, str | None]:
    start, agency = len(text) - len(text.lstrip()), None
    if headline := find_headline(text):
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
