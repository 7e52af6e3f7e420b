"""Dates: read as far as they are stated, and no further."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsds.dates import MONTHS, find_date, parse_date


@pytest.mark.parametrize(
    ("text", "at", "precision", "tz"),
    [
        ("2026-03-04T10:30:05Z", "2026-03-04T10:30:05Z", "second", "explicit"),
        ("2026-03-04 10:30:05+01:00", "2026-03-04T09:30:05Z", "second", "explicit"),
        ("2026-03-04T10:30:05.1234567Z", "2026-03-04T10:30:05.123456Z", "second", "explicit"),
        ("20260304T103005Z", "2026-03-04T10:30:05Z", "second", "explicit"),
        ("2026-03-04T10:30", "2026-03-04T10:30:00Z", "minute", "unknown"),
        ("20260304103005", "2026-03-04T10:30:05Z", "second", "unknown"),
        ("2026-03-04", "2026-03-04T00:00:00Z", "day", None),
        ("20260304", "2026-03-04T00:00:00Z", "day", None),
        ("2026-03", "2026-03-01T00:00:00Z", "month", None),
        ("2026", "2026-01-01T00:00:00Z", "year", None),
        ("Wed, 04 Mar 2026 10:30:00 -0500", "2026-03-04T15:30:00Z", "second", "explicit"),
        ("Wed Mar 4 10:30:00 +0000 2026", "2026-03-04T10:30:00Z", "second", "explicit"),
        ("4-MAR-1987 15:01:01.79", "1987-03-04T15:01:01.790000Z", "second", "unknown"),
    ],
)
def test_machine_dates_keep_their_precision(text, at, precision, tz):
    found = parse_date(text)
    assert (found.at, found.precision, found.tz, found.raw) == (at, precision, tz, text)


@pytest.mark.parametrize(
    "text",
    [
        "March 4, 2026",
        "Published: Wednesday, 4th March 2026",
        "Mar. 4, 2026",
        "4. März 2026",
        "Stand: Mittwoch, den 4. März 2026",
        "04.03.2026",
        "4 mars 2026",
        "Publié le mercredi 4 mars 2026",
        "4 de marzo de 2026",
        "mercoledì 4 marzo 2026",
        "4 de março de 2026",
        "4 maart 2026",
        "4 marca 2026",
        "4 марта 2026 г.",
        "2026. március 4.",
        "4 maaliskuuta 2026",
        "2026年3月4日",
        "2026년 3월 4일",
        "4 tháng 3, 2026",
        "2026/03/04",
    ],
)
def test_days_are_read_in_many_languages(text):
    found = parse_date(text)
    assert (found.at, found.precision, found.tz) == ("2026-03-04T00:00:00Z", "day", None)


@pytest.mark.parametrize(
    ("text", "at", "tz"),
    [
        ("4 March 2026 14:05 GMT", "2026-03-04T14:05:00Z", "explicit"),
        ("4. März 2026, 14:05 Uhr", "2026-03-04T14:05:00Z", "unknown"),
        ("4. März 2026 um 14.05 Uhr", "2026-03-04T14:05:00Z", "unknown"),
        ("4 mars 2026 à 14h05", "2026-03-04T14:05:00Z", "unknown"),
        ("Updated 2:05 PM EST, Wed March 4, 2026", "2026-03-04T19:05:00Z", "explicit"),
        ("March 4, 2026 at 2:05 p.m. ET", "2026-03-04T14:05:00Z", "unknown"),
        ("4 March 2026 12:05 am", "2026-03-04T00:05:00Z", "unknown"),
    ],
)
def test_clock_times_are_read_with_what_is_known_of_the_zone(text, at, tz):
    found = parse_date(text)
    assert (found.at, found.precision, found.tz) == (at, "minute", tz)


def test_an_hour_alone_is_no_minute():
    assert parse_date("4 March 2026, 3 p.m.").precision == "hour"


@pytest.mark.parametrize(("order", "month"), [(None, None), ("mdy", "03"), ("dmy", "04")])
def test_a_date_in_numbers_needs_an_order(order, month):
    found = parse_date("03/04/2026", order=order)
    assert (found and found.at[5:7]) == month


def test_a_number_above_twelve_can_only_be_the_day():
    assert parse_date("13/04/2026").at == parse_date("04/13/2026").at == "2026-04-13T00:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2 hours ago",
        "2026-02-30",
        "31 April 2026",
        "2026-13-01",
        "2026-03-04 25:00",
        "0999-01-01",
        "March 4",
        "The council meets on 4 March 2026 in the customs house",
        "May 2026 be a good year",
        "13 p.m. 4 March 2026",
        "4 March 2026 to 9 April 2027",
    ],
)
def test_what_is_no_date_is_none(text):
    assert parse_date(text) is None


@pytest.mark.parametrize(
    ("line", "day", "raw"),
    [
        ("Published 3 March 2026 | 2 min read", "2026-03-03", "3 March 2026"),
        ("By Lena Orsted - Harbour desk 2026-03-03T12:48:14Z Ships", "2026-03-03", "2026-03-03T12:48:14Z"),
        ("Updated 5 March 2026, published 3 March 2026", "2026-03-03", "3 March 2026"),
        ("2 minute readMarch 3, 20262:26 PM GMT+2Last Updated", "2026-03-03", "March 3, 2026"),
        ("March 3, 2026March 3, 2026", "2026-03-03", "March 3, 2026"),
    ],
)
def test_a_date_is_found_inside_a_line(line, day, raw):
    found = find_date(line)
    assert (found.at[:10], found.raw[: len(raw)]) == (day, raw)


@pytest.mark.parametrize(
    "line", ["© 2026 The Harbour Ledger", "March 2026 issue", "Line 4, stop 12", "03/04/2026"]
)
def test_a_year_or_a_doubtful_date_is_not_found(line):
    assert find_date(line) is None


def test_a_zone_moves_the_day():
    assert parse_date("2026-03-04T23:30:00-05:00").at == "2026-03-05T04:30:00Z"


@given(st.datetimes(min_value=datetime(1500, 1, 1), max_value=datetime(2999, 12, 31)))  # noqa: DTZ001
def test_what_python_writes_is_read_back(moment):
    found = parse_date(moment.replace(tzinfo=UTC).isoformat())
    assert datetime.fromisoformat(found.at) == moment.replace(tzinfo=UTC)


@given(st.sampled_from(sorted(MONTHS)), st.integers(1, 28), st.integers(1900, 2100))
def test_every_month_name_is_read(name, day, year):
    assert parse_date(f"{day} {name} {year}").at == f"{year}-{MONTHS[name]:02}-{day:02}T00:00:00Z"


@given(st.text(max_size=260))
def test_no_text_is_too_strange(text):
    for found in (parse_date(text), parse_date(text, order="dmy"), find_date(text)):
        assert found is None or datetime.fromisoformat(found.at)


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("Published On 9 Oct 20259 Oct 2025", "2025-10-09T00:00:00Z"),
        ("Fri 22 Dec 2025 18.08 CETFirst published on Thu 21 Dec 2025 22.12 CET", "2025-12-21T00:00:00Z"),
        ("Published Thu, Nov 20 20254:29 AM", "2025-11-20T00:00:00Z"),
    ],
)
def test_dates_glued_to_what_follows_are_read_and_the_first_publication_wins(line, at):
    assert find_date(line).at == at


@pytest.mark.parametrize("line", ["12/11/20251", "2 Oct 202512", "order 3 May 202599"])
def test_a_year_with_further_digits_is_none(line):
    assert find_date(line) is None
