"""Rules on time (4xx): dates that are possible, in order, and honest about what is known."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache

from newsds.article import TIMESTAMPS, Record
from newsds.checks.publishers import known_order
from newsds.checks.rule import Glimpse, Hit, Rule
from newsds.later import later_pattern
from newsds.text import excerpt

__all__ = ["RULES", "in_utc"]

#: Clocks, zones and embargoes account for this much.
_TOLERANCE = timedelta(hours=36)
#: How much earlier than stored a time of unknown zone may be: UTC+14.
_UNKNOWN_ZONE = timedelta(hours=14)


def in_utc(instant: datetime | None) -> datetime | None:
    """Return an instant with a zone; one without is taken for UTC."""
    return instant.replace(tzinfo=UTC) if instant is not None and instant.tzinfo is None else instant


def _instant(text: str | None) -> datetime | None:
    """Return a timestamp of the schema's form as an instant; None if there is none or it is impossible."""
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return None


def _instants(record: Record) -> Iterator[tuple[str, str]]:
    for name in TIMESTAMPS:
        if record.get(name) is not None:
            yield f"/{name}", record[name]
    fetched = (record.get("provenance") or {}).get("fetched_at")
    if fetched is not None:
        yield "/provenance/fetched_at", fetched


def possible_date(record: Record) -> Iterator[Hit]:
    """A date exists in the calendar."""
    for pointer, text in _instants(record):
        if _instant(text) is None:
            yield Hit(pointer, "there is no such day", text)


def date_stated(record: Record) -> Iterator[Hit]:
    """An article has a date of publication."""
    if record.get("published_at") is None:
        yield Hit("/published_at", "no date of publication")


def future_date(record: Record, as_of: datetime | None = None) -> Iterator[Hit]:
    """An article is published before it is fetched, and before the day of the dataset."""
    published = _instant(record.get("published_at"))
    if published is None:
        return
    fetched = _instant((record.get("provenance") or {}).get("fetched_at"))
    if fetched is not None and published - fetched > _TOLERANCE:
        yield Hit(
            "/published_at",
            f"published after it was fetched ({record['provenance']['fetched_at']})",
            record["published_at"],
        )
    elif as_of is not None and published - as_of > _TOLERANCE:
        yield Hit(
            "/published_at",
            f"published after the day of the dataset ({as_of.astimezone(UTC):%Y-%m-%d})",
            record["published_at"],
        )


def before_the_web(record: Record) -> Iterator[Hit]:
    """What has a web address was published in the time of the web."""
    published = record.get("published_at")
    if published is not None and published < "1990" and record.get("url"):
        yield Hit("/published_at", "published before there was a web, at a web address", published)


def zone_stated(record: Record) -> Iterator[Hit]:
    """A date says how exact it is, and a time of day says in which zone."""
    if record.get("published_at") is None:
        return
    precision, zone = record.get("published_precision"), record.get("published_tz")
    if precision is None:
        yield Hit("/published_precision", "it is not stated how exact the date of publication is")
    if precision in (None, "hour", "minute", "second") and zone in (None, "unknown"):
        yield Hit("/published_tz", "the time zone of the date of publication is not stated")


def modified_after_published(record: Record) -> Iterator[Hit]:
    """An article is not modified before it is published.

    Both are read as generously as they may be meant: a modification at midnight is a day,
    a publication in an unknown zone may be 14 hours earlier.
    """
    published, modified = _instant(record.get("published_at")), _instant(record.get("modified_at"))
    if published is None or modified is None:
        return
    if record["modified_at"][10:19] == "T00:00:00":
        modified += timedelta(days=1)
    if published - modified > (
        _UNKNOWN_ZONE if record.get("published_tz") in (None, "unknown") else timedelta(0)
    ):
        yield Hit(
            "/modified_at",
            f"modified before it was published ({record['published_at']})",
            record["modified_at"],
        )


#: A day in an address: `/2026/03/04/`, `/2026-03-04/`, `/20260304/`, `/2026/mar/04/`.
_URL_DAY = later_pattern(
    r"/((?:19|20)\d\d)(?:/(\d{1,2}|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/(\d{1,2})(?=[/-])"
    r"|-([01]\d)-([0-3]\d)(?=[/-])|([01]\d)([0-3]\d)(?=[/-]))",
    re.IGNORECASE,
)
_SHORT_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _day_of_url(url: str) -> date | None:
    match = _URL_DAY.search(url)
    if match is None:
        return None
    month = match[2] or match[4] or match[6]
    number = int(month) if month.isdigit() else _SHORT_MONTHS.index(month.lower()) + 1
    try:
        return date(int(match[1]), number, int(match[3] or match[5] or match[7]))
    except ValueError:
        return None


def date_of_address(record: Record) -> Iterator[Hit]:
    """The date of publication is that in the address, give or take a day."""
    published, day = _instant(record.get("published_at")), _day_of_url(record.get("url") or "")
    if published is None or day is None or (day.month, day.day) == (1, 1):
        return
    if record.get("published_precision") in ("year", "month"):
        return
    n_days = abs((published.date() - day).days)
    if n_days > 1:
        yield Hit(
            "/published_at", f"{n_days:,} days from the date in the address ({day})", record["published_at"]
        )


_MONTH_DAY = later_pattern(r"\b([^\W\d_]{3,12})\.?\s(\d{1,2})\b(?!\s?:)|\b(\d{1,2})\.?\s([^\W\d_]{3,12})\b")


@cache
def _month(word: str) -> int | None:
    from newsds.dates import MONTHS

    return MONTHS.get(word)


def _month_day(text: str) -> tuple[int, int] | None:
    """Return month and day that a dateline states."""
    match = _MONTH_DAY.search(text.lower())
    month = _month(match[1] or match[4]) if match else None
    return (month, int(match[2] or match[3])) if match and month else None


def date_of_dateline(record: Record) -> Iterator[Hit]:
    """The date of publication is that of the dateline, give or take three days."""
    published = _instant(record.get("published_at"))
    stated = _month_day((record.get("dateline") or {}).get("date") or "")
    if published is None or stated is None or record.get("published_precision") in ("year", "month"):
        return
    distances = []
    for year in (published.year - 1, published.year, published.year + 1):
        try:
            distances.append(abs((published.date() - date(year, *stated)).days))
        except ValueError:
            continue
    if distances and min(distances) > 3:
        shown = excerpt(record["dateline"]["date"], width=80)
        yield Hit("/dateline/date", f"{min(distances)} days from the date of publication", shown)


def _may_be_early(glimpse: Glimpse, as_of: datetime | None = None) -> bool:
    """Tell whether the day of publication is after that of fetching, or that of the dataset (in UTC)."""
    published = glimpse.record.get("published_at")
    if published is None:
        return False
    fetched = (glimpse.record.get("provenance") or {}).get("fetched_at")
    return (fetched is not None and published > fetched and published[:10] > fetched[:10]) or (
        as_of is not None and published[:10] > as_of.isoformat()[:10]
    )


def _may_be_modified_before(glimpse: Glimpse) -> bool:
    published, modified = glimpse.record.get("published_at"), glimpse.record.get("modified_at")
    if published is None or modified is None:
        return False
    return bool(published != modified and published[:19] >= modified[:19])


def _may_be_of_another_day(glimpse: Glimpse) -> bool:
    url = glimpse.record.get("url") or ""
    return ("/20" in url or "/19" in url) and any(date_of_address(glimpse.record))


#: Days that are in the calendar in some years or months, and years that are in none.
_DAY_SIGN = "^0000|^.{4}-(?:02-(?:29|3)|(?:04|06|09|11)-31)"
_DATED = {"published_at": {"type": "string"}}
_EXACT_DAY = {"published_precision": {"enum": ["year", "month", "day"]}}
_EXACT_TIME = {
    "published_precision": {"enum": ["hour", "minute", "second"]},
    "published_tz": {"type": "string", "not": {"const": "unknown"}},
}

RULES = (
    Rule(
        code="NDS401",
        name="date-missing",
        level="warning",
        scope="record",
        summary="There is no date of publication.",
        why="Without it there is no split by time, and copies of wire stories leak from train to test.",
        bad='"published_at": null',
        good='"published_at": "2026-03-04T05:06:07Z"',
        fix="take the date from the page, the feed or the address",
        check=date_stated,
        form={"required": ["published_at"], "properties": _DATED},
    ),
    Rule(
        code="NDS402",
        name="impossible-date",
        level="error",
        scope="record",
        summary="A date does not exist, cannot be read, or is written in an order that nobody knows.",
        why="The form is right and the day is not in the calendar; or a reader met a date that it "
        "cannot read without guessing. Of a publisher: at least ten dates, of which more than 10 % can be read day "
        "first or month first and none can be read in one way only; or dates of both orders. That is a warning.",
        bad="2026-02-30T00:00:00Z",
        good="2026-02-28T00:00:00Z",
        fix="correct the date; name the order of day and month with date_order",
        check=possible_date,
        signs=dict.fromkeys((*TIMESTAMPS, "provenance.fetched_at"), _DAY_SIGN),
        check_set=known_order,
    ),
    Rule(
        code="NDS403",
        name="future-date",
        level="error",
        scope="record",
        summary="The article is published more than 36 hours after it was fetched, or after the day of "
        "the dataset.",
        why="The date was guessed, often from another page. 36 hours leave room for zones and embargoes.",
        bad="published 2026-03-09, fetched 2026-03-04",
        good="published 2026-03-04, fetched 2026-03-05",
        fix="take the date from the article",
        check=future_date,
        may_hit=_may_be_early,
        is_dated=True,
    ),
    Rule(
        code="NDS404",
        name="before-the-web",
        level="warning",
        scope="record",
        summary="A date before 1990 at a web address.",
        why="Mostly a default (1970-01-01) or a date in the text. Archives that were digitised turn it off.",
        bad="1970-01-01T00:00:00Z with a url",
        good="null",
        fix="write null if the date is a default",
        check=before_the_web,
        signs={"published_at": "^(?:0|1[0-8]|19[0-8])"},
    ),
    Rule(
        code="NDS406",
        name="date-not-of-address",
        level="warning",
        scope="record",
        summary="The date of publication is more than a day from the date in the address.",
        why="One of the two is wrong, or the page was rewritten under its old address. One day is the zone: of Reuters' "
        "copy 8.6 % are a day off, and none more. The first of January in an address is a default.",
        bad="published 2026-03-09 at /2026/03/04/hall",
        good="published 2026-03-05 at /2026/03/04/hall",
        fix="check the date of publication against the page",
        check=date_of_address,
        may_hit=_may_be_of_another_day,
    ),
    Rule(
        code="NDS407",
        name="zone-not-stated",
        level="info",
        scope="record",
        summary="The precision or the time zone of the date of publication is not stated.",
        why="A local time taken for UTC moves 9 % of a corpus to another day. Of a date without a "
        "time the zone is not asked.",
        bad='"published_precision": null',
        good='"published_precision": "minute", "published_tz": "explicit"',
        fix="state both",
        check=zone_stated,
        form={
            "anyOf": [
                {"properties": {"published_at": {"type": "null"}}},
                {"required": [*_EXACT_DAY], "properties": _EXACT_DAY},
                {"required": [*_EXACT_TIME], "properties": _EXACT_TIME},
            ]
        },
    ),
    Rule(
        code="NDS408",
        name="modified-before-published",
        level="error",
        scope="record",
        summary="The article was modified before it was published.",
        why="One of the two is wrong. A modification at midnight counts as its whole day, and a "
        "publication in an unknown zone as up to 14 hours earlier.",
        bad="published 2026-03-04, modified 2026-03-01",
        good="published 2026-03-01, modified 2026-03-04",
        fix="check which of the two the page states",
        check=modified_after_published,
        may_hit=_may_be_modified_before,
    ),
    Rule(
        code="NDS409",
        name="date-not-of-dateline",
        level="info",
        scope="record",
        summary="The date of publication is more than three days from that of the dateline.",
        why="The date of publication may be that of the crawl or of a later version. The year is not compared: "
        "datelines have none. Features and anniversaries are so on purpose.",
        bad="PORT HALDEN, March 4 (Northwire) — published 2026-03-19",
        good="PORT HALDEN, March 4 (Northwire) — published 2026-03-05",
        fix="check the date of publication against the page",
        check=date_of_dateline,
        signs={"dateline.date": r"\p{Nd}"},
    ),
)
