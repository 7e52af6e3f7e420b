"""Rules on all records of a publisher (scope `source`): what is typical of it, and should not be."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from newsds.checks import traits
from newsds.checks.boilerplate import is_boilerplate
from newsds.checks.census import NO_TIME, Census, group_sizes
from newsds.checks.ledger import Ints, iter_parts
from newsds.checks.rule import Hit, Rule, SetHits
from newsds.checks.sets import group_of
from newsds.later import later_module, later_pattern
from newsds.text import excerpt
from newsds.wire import find_agency, parse_credit_line

if TYPE_CHECKING:
    import numpy as np
else:
    np = later_module("numpy")

__all__ = ["RULES", "known_order", "typical_length", "typical_support"]

#: Records a publisher must have before a share means something.
MIN_RECORDS = 20
#: Share of headlines without support in a publisher: three times that of clean copy.
UNSUPPORTED_SHARE = 0.18
#: Of bodies without a last full stop, and of bodies with broken lines.
OPEN_SHARE, RAGGED_SHARE = 0.2, 0.2
#: A line is furniture of the site: in this many different bodies of a publisher, and in this share of them.
MIN_LINE_DOCS, LINE_SHARE = 10, 0.05
#: A day is a spike: times the median, records, and share of the publisher's records.
SPIKE, MIN_SPIKE, SPIKE_SHARE = 8, 20, 0.05
#: Share of one minute of the day (midnight mostly) among times of publication.
MINUTE_SHARE = 0.3
#: Makes the number of a day positive, and greater than that of any minute of a day.
_DAYS = 10_000_000
#: Dates that must be there before their order is judged, and share that can be read in two ways.
MIN_DATES, AMBIGUOUS_SHARE = 10, 0.1
#: Times the median, and characters, beyond which a body is too long.
TOO_LONG, MIN_TOO_LONG = 10, 10_000


def _publishers(census: Census, *, least: int = MIN_RECORDS, among: Ints | None = None) -> Iterator[Ints]:
    """Yield the records of each publisher; those without one are taken for one publisher's."""
    keys = np.where(census.publisher == 0, np.uint64(1), census.publisher)
    return census.groups(keys, least=least, among=among)


def _whose(census: Census, numbers: Ints) -> str:
    """Return whose records these are, for a message."""
    key = census.publisher[numbers[0]]
    return f"of {census.name(key)}" if key else "without a publisher"


def _group(census: Census, numbers: Ints, *keys: Any) -> str:
    """Return the name of the group of a publisher's records, and of what else they have in common."""
    return group_of(census.publisher[numbers[0]], *keys)


def _trait_share(
    census: Census, trait: int, *, share: float, words: str, pointer: str, among: Ints | None = None
) -> SetHits:
    """Yield one hit for each publisher of which more than a share of the records have a trait."""
    for numbers in _publishers(census, among=among):
        has_it = (census.traits[numbers] & trait) > 0
        n = int(has_it.sum())
        if n > share * len(numbers):
            message = f"{words}: {n:,} of {len(numbers):,} records {_whose(census, numbers)}"
            yield census.anchor(numbers[has_it]), Hit(pointer, message, group=_group(census, numbers))


def typical_support(census: Census) -> SetHits:
    """The headlines of a publisher speak of its bodies."""
    hits = _trait_share(
        census,
        traits.UNSUPPORTED,
        share=UNSUPPORTED_SHARE,
        words="bodies that do not speak of their headline",
        pointer="/body",
        among=census.body != 0,
    )
    return ((number, replace(hit, level="error")) for number, hit in hits)


def closed_bodies(census: Census) -> SetHits:
    """The bodies of a publisher end as sentences do."""
    words = "bodies that do not end as a sentence does"
    return _trait_share(
        census, traits.OPEN_END, share=OPEN_SHARE, words=words, pointer="/body", among=census.body != 0
    )


def plain_layout(census: Census) -> SetHits:
    """The lines of a publisher are paragraphs."""
    words = "bodies with lines broken in mid-sentence, or columns made of spaces"
    return _trait_share(
        census, traits.RAGGED, share=RAGGED_SHARE, words=words, pointer="/body", among=census.body != 0
    )


def typical_length(census: Census) -> SetHits:
    """A body is not ten times as long as is usual for its publisher."""
    for numbers in _publishers(census, among=census.n_chars > 0):
        lengths = census.n_chars[numbers]
        limit = max(MIN_TOO_LONG, TOO_LONG * float(np.median(lengths)))
        for number in numbers[lengths > limit]:
            message = f"{int(census.n_chars[number]):,} characters, the median of its publisher is "
            yield int(number), Hit("/body", f"{message}{int(np.median(lengths)):,}")


def known_order(census: Census) -> SetHits:
    """It is known whether a publisher writes the day or the month first."""
    ambiguous, day_first, month_first = traits.AMBIGUOUS_DATE, traits.DAY_FIRST, traits.MONTH_FIRST
    among = (census.traits & (ambiguous | day_first | month_first)) > 0
    n_dated = _n_of(census, among | (census.minute != NO_TIME))
    for numbers in _publishers(census, least=MIN_DATES, among=among):
        n_all = n_dated[int(census.publisher[numbers[0]])]
        own = census.traits[numbers]
        n_day, n_month = int(((own & day_first) > 0).sum()), int(((own & month_first) > 0).sum())
        doubtful = numbers[(own & ambiguous) > 0]
        if n_day and n_month:
            message = f"dates {_whose(census, numbers)} are written day first ({n_day:,}) and month first ({n_month:,})"
            group = _group(census, numbers)
            yield census.anchor(numbers), Hit("/published_raw", message, level="warning", group=group)
        elif not n_day and not n_month and len(doubtful) > AMBIGUOUS_SHARE * n_all:
            message = (
                f"{len(doubtful):,} dates {_whose(census, numbers)} can be read day first or month first"
            )
            group = _group(census, numbers)
            yield census.anchor(doubtful), Hit("/published_raw", message, level="warning", group=group)


def even_dates(census: Census) -> SetHits:
    """The dates of a publisher do not pile up on a day, or on one minute of the day."""
    for numbers in _publishers(census, among=census.minute != NO_TIME):
        minutes = census.minute[numbers]
        yield from _day_spikes(census, numbers, minutes // 1440)
        is_timed = (census.traits[numbers] & traits.TIMED) > 0
        yield from _minute_spike(census, numbers[is_timed], minutes[is_timed] % 1440)


def _day_spikes(census: Census, numbers: Ints, days: Ints) -> SetHits:
    values, places, counts = np.unique(days, return_inverse=True, return_counts=True)
    least = max(MIN_SPIKE, SPIKE_SHARE * len(numbers), SPIKE * float(np.median(counts)))
    for place in np.flatnonzero(counts > least) if len(values) > 2 else ():
        day = np.datetime64(int(values[place]), "D")
        message = (
            f"{int(counts[place]):,} of {len(numbers):,} records {_whose(census, numbers)} are of {day}; "
            f"the median of its days is {float(np.median(counts)):g}"
        )
        group = _group(census, numbers, values[place] + _DAYS)
        yield census.anchor(numbers[places == place]), Hit("/published_at", message, group=group)


def _minute_spike(census: Census, numbers: Ints, minutes: Ints) -> SetHits:
    if len(numbers) < MIN_RECORDS:
        return
    counts = np.bincount(minutes, minlength=1440)
    top = int(counts.argmax())
    if counts[top] > MINUTE_SHARE * len(numbers):
        message = (
            f"{int(counts[top]):,} of {len(numbers):,} times {_whose(census, numbers)} are "
            f"{top // 60:02}:{top % 60:02}: most likely no times at all"
        )
        group = _group(census, numbers, top)
        yield census.anchor(numbers[minutes == top]), Hit("/published_at", message, group=group)


_LETTER = later_pattern(r"[^\W\d_]{2}")


def learned_lines(census: Census) -> SetHits:
    """No line stands in many different bodies of a publisher."""
    n_bodies = _n_of(census, census.body != 0)
    found: list[tuple[Ints, int]] = []
    for part in iter_parts(census.line_text):
        common = part[group_sizes([census.line_text[part]]) >= MIN_LINE_DOCS]
        publisher = census.publisher[census.line_record[common]]
        order = np.lexsort([publisher, census.line_text[common]])
        for entries in _runs(common[order], census.line_text[common][order], publisher[order]):
            records = census.line_record[entries]
            n = len(np.unique(census.body[records]))
            if n >= max(MIN_LINE_DOCS, LINE_SHARE * n_bodies[int(census.publisher[records[0]])]):
                found.append((records, int(census.line_text[entries[0]])))
    texts = census.lines({key for _, key in found})
    for records, key in found:
        text = texts.get(key)
        if text is None or _is_furniture(text):
            n = len(np.unique(census.body[records]))
            message = f"one line stands in {n:,} different bodies {_whose(census, records)}"
            group = _group(census, records, key)
            yield census.anchor(records), Hit("/body", message, excerpt(text) if text else None, group=group)


def _runs(entries: Ints, *keys: Ints) -> Iterator[Ints]:
    """Yield the entries that agree in all keys, by which they are sorted, if there are enough of them."""
    is_new = np.zeros(max(0, len(entries) - 1), dtype=bool)
    for key in keys:
        is_new |= key[1:] != key[:-1]
    bounds = np.flatnonzero(is_new) + 1
    for first, last in zip(np.append(0, bounds), np.append(bounds, len(entries)), strict=True):
        if last - first >= MIN_LINE_DOCS:
            yield entries[first:last]


def _n_of(census: Census, among: Ints) -> dict[int, int]:
    """Return how many of these records each publisher has."""
    values, counts = np.unique(census.publisher[among], return_counts=True)
    return dict(zip(map(int, values), map(int, counts), strict=True))


def _is_furniture(text: str) -> bool:
    """Tell whether a line may be the site's: no credit, no agency's mark, no row of a table; NDS305 knows others."""
    plain = text.strip(" -–—().")
    is_wire = parse_credit_line(text) is not None or find_agency(plain) or plain.lower() == "reuter"
    return not is_wire and _LETTER.search(text) is not None and not is_boilerplate(text)


RULES = (
    Rule(
        code="NDS211",
        name="broken-lines",
        level="info",
        scope="source",
        summary="The lines of a publisher's bodies are broken in mid-sentence, or hold columns made of spaces.",
        why="Line feeds are then no paragraphs, and every rule and model that counts paragraphs is wrong. More than "
        "20 % of at least 20 records, so that a poem or a table now and then passes.",
        bad="The ferry to Port\\nHalden was delayed on\\nmonday by ice",
        good="The ferry to Port Halden was delayed on Monday by ice",
        fix="join the lines of a paragraph before the text is read",
        check_set=plain_layout,
    ),
    Rule(
        code="NDS304",
        name="recurring-line",
        level="warning",
        scope="source",
        summary="One line stands in many different bodies of one publisher.",
        why="It is the site's and not the articles': in one corpus a line of the sidebar is in 52 % of the bodies. "
        "Learned from the data: at least 10 different bodies and 5 % of the publisher's. Credit lines and "
        "agencies' marks are left alone, and what NDS305 knows is reported there. One finding per line.",
        bad="“The stories our readers loved” in every second body",
        good="(no such line)",
        fix="remove the line from the bodies; teach the extractor",
        check_set=learned_lines,
    ),
    Rule(
        code="NDS313",
        name="open-ends",
        level="info",
        scope="source",
        summary="Many bodies of a publisher do not end as sentences do.",
        why="Cut texts, lists of links, or an extractor that drops the last line. More than 20 % of at least 20 "
        "records; the last paragraph of 60 characters counts, so that credit lines and signatures may follow.",
        bad="a third of the bodies end in “the mayor said on”",
        good="bodies that end in a full stop",
        fix="compare some pages with their records",
        check_set=closed_bodies,
    ),
    Rule(
        code="NDS405",
        name="date-spike",
        level="warning",
        scope="source",
        summary="The dates of a publisher pile up on one day, or its times on one minute of the day.",
        why="A date of the crawl or a default was taken for that of publication, and every study of time is wrong. "
        "A day with more than 8 times the median of the publisher's days, at least 20 records and 5 % of them; "
        "one minute (midnight mostly) with more than 30 % of the times. Elections and weekly papers can be so.",
        bad="400 of 1,000 records of 2026-03-04",
        good="ten records a day",
        fix="compare with the pages; state published_precision day where there is no time",
        check_set=even_dates,
    ),
)
