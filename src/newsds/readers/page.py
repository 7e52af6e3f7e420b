"""A news page as plain text in, the article on it out: headline, body, people, dates, agency, publisher."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from newsds.dates import PublishedDate, find_date, is_date_label
from newsds.later import later_pattern
from newsds.readers.page_bylines import byline_on, name_beside
from newsds.readers.page_headline import without_site
from newsds.readers.page_layout import HEAD_LINES, MIN_WORDS, Layout, LayoutFinder, kind_of_line
from newsds.readers.page_lines import (
    Line,
    has_caption_mark,
    is_furniture,
    is_sentence,
    split_lines,
)
from newsds.readers.page_marks import (
    about_name,
    agency_part,
    has_paywall,
    has_reading_time,
    is_kicker,
    parse_address,
    parse_notice,
    parse_section,
    parse_short_link,
    parse_tags,
)
from newsds.wire import (
    AGENCIES,
    Agency,
    Byline,
    Contributor,
    find_agency,
    find_instruments,
    is_name,
    parse_byline,
    parse_credit_line,
    parse_signals,
)

__all__ = ["Page", "PageLine", "parse_page"]

T = TypeVar("T")

#: What stands alone above the name of a writer.
_BY_ALONE = frozenset(
    {"by", "written by", "words by", "author", "von", "autor", "par", "por", "di", "door", "بقلم", "كتب"}
)
#: The name of an account behind that of its owner.
_HANDLE = later_pattern(r"\s?@\w{2,30}.*$")


@dataclass(frozen=True, kw_only=True, slots=True)
class PageLine:
    """What a line of a page was taken for."""

    #: 1-based.
    number: int
    #: One of headline, standfirst, kicker, byline, date, agency_line, short_url, address, paragraph, crosshead,
    #: list_item, credit_line, section, tags, publisher, page_notice, dropped, blank.
    role: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What was found on a page."""

    #: The fields of the article that the page shows, or None if it holds none.
    record: dict[str, Any] | None
    lines: tuple[PageLine, ...]
    #: Whether the record is the little that looks like an article on a page that may hold none.
    is_doubtful: bool = False


#: A standfirst has at least so many words.
_STANDFIRST_WORDS = 6


def parse_page(text: str, *, agencies: Sequence[Agency] = AGENCIES) -> Page:
    """Return the article on a page that is plain text, and what each line was taken for.

    Both forms in use are read: dumps with bullets and blank lines between blocks, and one line per block as
    in Common Crawl's WET files. The text of the body is kept as it is, but for white space round a line and
    bullets. What the page does not say is not in the record.

    Args:
        text: the page.
        agencies: the agencies to recognise.
    """
    lines = split_lines(text)
    reading = _Reading(lines, agencies)
    record = reading.record()
    roles = reading.roles if record is not None else {}
    shown = (
        PageLine(number=line.number, role=roles.get(index, "dropped") if line.text else "blank")
        for index, line in enumerate(lines)
    )
    return Page(
        record=record, lines=tuple(shown), is_doubtful=record is not None and reading.finder.is_doubtful
    )


class _Reading:
    """One pass over one page; `roles` fills up as parts of the article are found."""

    def __init__(self, lines: Sequence[Line], agencies: Sequence[Agency]) -> None:
        self.lines = lines
        self.agencies = agencies
        self.finder = LayoutFinder(lines, agencies)
        self.roles = self.finder.roles
        self.shown = self.finder.shown

    def record(self) -> dict[str, Any] | None:
        """Return the fields of the article, or None."""
        layout = self.finder.layout()
        if layout is None:
            return None
        byline, published = self._byline(layout.head), self._date(layout)
        byline = byline or self._bare_name(layout, published)
        fields: dict[str, Any] = {
            **self._headline_fields(layout.headline),
            "summary": self._standfirst(layout.headline, layout.head),
            **self._body_fields(layout.body),
            **self._origin_fields(layout, byline),
            **self._people_fields(layout.credit, byline),
            **_date_fields(published),
            "dateline": _without_nulls(layout.dateline.to_dict()) if layout.dateline else None,
            "section": self._first(parse_section, "section", layout.head + layout.foot),
            "tags": self._first(parse_tags, "tags", layout.foot + layout.head),
            **self._addresses(layout.head + layout.foot[:HEAD_LINES]),
            "quality_flags": self._quality(layout),
        }
        return {name: value for name, value in fields.items() if value}

    def _first(self, parse: Callable[[str], T | None], role: str, where: Iterable[int]) -> T | None:
        """Return what the first line says that can be parsed, and give it its role."""
        for index in where:
            found = parse(self.lines[index].text) if index not in self.roles else None
            if found:
                self.roles[index] = role
                return found
        return None

    # Headline, byline, date.

    def _headline_fields(self, headline: int | None) -> dict[str, Any]:
        if headline is None:
            return {}
        title = without_site(self.lines[headline].text, self.lines)
        signals = parse_signals(title)
        status = "withdrawn" if "kill" in signals else "corrected" if "correction" in signals else None
        kicker = self._kicker(headline)
        return {"headline": title, "kicker": kicker, "signals": list(signals), "status": status}

    def _standfirst(self, headline: int | None, head: Sequence[int]) -> str | None:
        """Return the sentence right below the headline that is not of the body."""
        line = self.lines[head[0]] if headline is not None and head else None
        if line is None or head[0] in self.roles or line.n_words < _STANDFIRST_WORDS or not is_sentence(line):
            return None
        if has_caption_mark(line.text) or _date_on(line):
            return None
        self.roles[head[0]] = "standfirst"
        return line.text

    def _above(self, index: int) -> list[int]:
        """Return the three lines above a line."""
        return [earlier for earlier in self.shown if earlier < index][-3:]

    def _kicker(self, headline: int) -> str | None:
        for index in self._above(headline)[-1:]:
            if is_kicker(self.lines[index].text):
                self.roles[index] = "kicker"
                return self.lines[index].text.strip(" :|")
        return None

    def _byline(self, head: Sequence[int]) -> Byline | None:
        found = self._first(lambda text: byline_on(text, self.agencies), "byline", head)
        return found or self._byline_below_by(head)

    def _byline_below_by(self, head: Sequence[int]) -> Byline | None:
        """Return the byline that is written on two lines: "By", and the name below it."""
        for label, index in pairwise(head):
            if self.lines[label].text.strip(" :").lower() not in _BY_ALONE or index in self.roles:
                continue
            name = _HANDLE.sub("", self.lines[index].text)
            found = parse_byline(f"By {name}", agencies=self.agencies)
            if found and found.names:
                self.roles[label] = self.roles[index] = "byline"
                raw = f"{self.lines[label].text} {self.lines[index].text}"
                return Byline(raw=raw, names=found.names, agency=found.agency)
        return None

    def _bare_name(self, layout: Layout, published: PublishedDate | None) -> Byline | None:
        """Return a name without a "By" that stands beside the date, on its line or next to it."""
        if published is None:
            return None
        head = layout.head
        dates = {place for place, index in enumerate(head) if self.roles.get(index) == "date"} or {-1}
        # Who is written about is no writer, nor is who claims the copyright of the site.
        own = [*layout.body, *(index for index in self.shown if "©" in self.lines[index].text)]
        own_words = "\n".join(self.lines[index].text for index in own)
        for place, index in enumerate(head):
            line = self.lines[index]
            if place in dates and (beside := name_beside(line.text, published, self.agencies)):
                return beside
            name = _HANDLE.sub("", line.text)
            is_free = index not in self.roles and not is_furniture(line) and name not in own_words
            if is_free and dates & {place - 1, place + 1, place + 2} and is_name(name):
                self.roles[index] = "byline"
                return Byline(raw=line.text, names=(name,))
        return None

    def _date(self, layout: Layout) -> PublishedDate | None:
        """Return the date near the headline; one elsewhere on the page is not the article's."""
        above = [] if layout.headline is None else self._above(layout.headline)
        for index in [*layout.head, *reversed(above)]:
            found = _date_on(self.lines[index])
            is_near = index in above[-1:] or index not in above
            if found and (is_near or is_date_label(self.lines[index].text.replace(found.raw, " "))):
                self.roles.setdefault(index, "date")
                return found
        return None

    # Body.

    def _body_fields(self, body: Sequence[int]) -> dict[str, Any]:
        texts = [self.lines[index].text for index in body]
        blocks: list[dict[str, Any]] = []
        position = 0
        for index, text in zip(body, texts, strict=True):
            self.roles[index] = kind_of_line(self.lines[index], is_last=index == body[-1])
            blocks.append({"kind": self.roles[index], "start": position, "end": position + len(text)})
            position += len(text) + len("\n\n")
        joined = "\n\n".join(texts)
        instruments = [_without_nulls(item.to_dict()) for item in find_instruments(joined)]
        return {"body": joined, "body_blocks": blocks, "instruments": instruments}

    def _quality(self, layout: Layout) -> list[str]:
        last = self.lines[layout.body[-1]].text
        flags = ["truncated"] if last.endswith(("...", "…", "[…]", "[...]")) else []
        flags += ["short_body"] * (self.finder.count(layout.body) < MIN_WORDS)
        below = [self.lines[index] for index in layout.foot[:4]]
        return flags + ["paywall_stub"] * any(line.n_words < 40 and has_paywall(line.text) for line in below)

    # Who wrote it, who carried it.

    def _people_fields(self, credit: int | None, byline: Byline | None) -> dict[str, Any]:
        """Return byline, credit line and people; who has a role in the credit line is not named twice."""
        line = self.lines[credit].text if credit is not None else None
        credited = (line and parse_credit_line(line)) or ()
        writers = {person.name for person in credited if person.role in {"reporter", "writer", "author"}}
        names = [name for name in byline.names if name not in writers] if byline else []
        authors = [Contributor(name=name, role="author", raw=byline.raw) for name in names if byline]
        people = [_without_nulls(person.to_dict()) for person in (*authors, *credited)]
        return {"contributors": people, "byline": byline.raw if byline else None, "credit_line": line}

    def _origin_fields(self, layout: Layout, byline: Byline | None) -> dict[str, Any]:
        publisher, notice = self._publisher(layout.body[-1])
        agency, evidence = self._agency(layout, byline)
        return {
            "publisher": {"name": publisher} if publisher else None,
            "agency": {"name": agency.name, "code": agency.code} if agency else None,
            "syndication": _syndication(agency, publisher, evidence),
            "rights": {"page_notice": notice} if notice else None,
        }

    def _publisher(self, last: int) -> tuple[str | None, str | None]:
        """Return publisher and notice from the copyright line of the site, the last one on the page."""
        for index in reversed(self.finder.after(last, len(self.shown))):
            notice = parse_notice(self.lines[index].text)
            if notice is not None:
                self.roles[index] = "page_notice"
                self._mark_mastheads(notice.holder)
                return notice.holder, notice.text
        return None, None

    def _mark_mastheads(self, publisher: str | None) -> None:
        for index in self.shown:
            if self.lines[index].text == publisher:
                self.roles.setdefault(index, "publisher")

    def _agency(self, layout: Layout, byline: Byline | None) -> tuple[Agency | None, list[str]]:
        """Return the agency that wrote the article, and on what that rests."""
        dateline = layout.dateline
        named = {
            "source_line": self._agency_line(layout.head),
            "dateline": self._known(dateline.agency if dateline else None),
            "byline": self._known(byline.agency if byline else None),
            "about_box": self._about(layout.foot),
        }
        agency = named["source_line"] or named["dateline"] or named["byline"]
        if agency is None:
            return None, []
        evidence = [name for name, found in named.items() if found == agency]
        own_words = "\n".join(self.lines[index].text for index in layout.body)[
            dateline.end if dateline else 0 :
        ]
        is_named = any(len(form) > 3 and form in own_words for form in agency.written)
        return agency, evidence + ["credit_line"] * (layout.credit is not None) + [
            "self_reference"
        ] * is_named

    def _known(self, written: str | None) -> Agency | None:
        return find_agency(written, agencies=self.agencies) if written else None

    def _agency_line(self, head: Iterable[int]) -> Agency | None:
        """Return the agency of a line such as "Reuters / 2 min read."."""
        found = None
        for index in head:
            text = self.lines[index].text
            if self.roles.get(index, "date") != "date" or len(text) > 120:
                continue
            found_date = find_date(text)
            before_date = text.partition(found_date.raw)[0].strip(" -–—|·•,") if found_date else ""
            known = self._known(agency_part(text)) or self._known(before_date)
            if known or has_reading_time(text):
                self.roles.setdefault(index, "agency_line")
            found = found or known
        return found

    def _about(self, foot: Iterable[int]) -> Agency | None:
        return next(filter(None, (self._known(about_name(self.lines[index].text)) for index in foot)), None)

    def _addresses(self, where: Sequence[int]) -> dict[str, Any]:
        """Return the addresses of itself that the page states."""
        stated = self._first(parse_address, "address", where)
        short = self._first(parse_short_link, "short_url", where)
        links = {"alternate_urls": [{"rel": "short", "url": short}]} if short else {}
        return {**links, **(dict([stated]) if stated else {})}


def _date_on(line: Line) -> PublishedDate | None:
    """Return the date of a line that is about the article, not a sentence that holds a date."""
    is_sentence = line.n_words > 10 and line.text.endswith(".")
    if line.n_words > 24 or is_sentence or parse_notice(line.text):
        return None
    return find_date(line.text)


def _date_fields(published: PublishedDate | None) -> dict[str, Any]:
    if published is None:
        return {}
    return {
        "published_at": published.at,
        "published_precision": published.precision,
        "published_tz": published.tz,
        "published_raw": published.raw,
    }


def _syndication(agency: Agency | None, publisher: str | None, evidence: list[str]) -> dict[str, Any] | None:
    if agency is None:
        return None
    status = "unknown" if publisher is None else "original" if publisher in agency.written else "syndicated"
    return {"status": status, "evidence": evidence}


def _without_nulls(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
