"""Fixes of fields: values that are written another way, moved to their field, or taken out."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from newsds.article import TIMESTAMPS, Record
from newsds.checks.bodies import NEXT, find_byline, find_credit_line, headline_in_body, letters
from newsds.checks.identity import domain_of_url, null_like
from newsds.checks.origins import credited_as_original, text_hash
from newsds.checks.people import names_people
from newsds.fixes.changes import MISSING, Edit
from newsds.fixes.texts import without_lines
from newsds.text import text_digest
from newsds.urls import is_web_url, normalise_url, registrable_domain, url_faults
from newsds.wire import parse_byline, parse_credit_line

__all__ = [
    "addresses",
    "byline_in_body",
    "derivations",
    "domain",
    "headline_at_top",
    "language",
    "nulls",
    "syndication",
    "timestamps",
]

#: Pointer and its new value, or the edits of the text that is there.
Values = Iterator[tuple[str, Any]]

_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?")
_ZONED = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)\s?([Zz]|[+-]\d{2}:?\d{2})", re.ASCII
)
_STRICT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z", re.ASCII)


def timestamps(record: Record) -> Values:
    """Write instants that state their zone as the schema asks: in UTC, with T and Z."""
    places = [(f"/{name}", record.get(name)) for name in TIMESTAMPS]
    provenance = record.get("provenance")
    if isinstance(provenance, dict):
        places.append(("/provenance/fetched_at", provenance.get("fetched_at")))
    for pointer, text in places:
        if isinstance(text, str) and not _STRICT.fullmatch(text):
            instant = _in_utc(text.strip())
            if instant is not None:
                yield pointer, instant


def _in_utc(text: str) -> str | None:
    match = _ZONED.fullmatch(text)
    if match is None:
        return None
    zone = "+00:00" if match[3] in "Zz" else match[3]
    try:
        instant = datetime.fromisoformat(f"{match[1]}T{match[2]}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return instant.replace(tzinfo=None).isoformat() + "Z"


def language(record: Record) -> Values:
    """Write a language tag in its usual case, with hyphens."""
    text = record.get("language")
    match = _LANGUAGE.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is not None:
        parts = (match[1].lower(), (match[2] or "").title(), (match[3] or "").upper())
        tag = "-".join(part for part in parts if part)
        if tag != text:
            yield "/language", tag


def domain(record: Record) -> Values:
    """Write the domain in lower case, and take that of the address where it is another's."""
    text, url = record.get("domain"), record.get("url")
    if not isinstance(text, str) or not text.strip():
        return
    plain = text.strip().lower().strip(".").removeprefix("http://").removeprefix("https://").rstrip("/")
    if isinstance(url, str) and is_web_url(url) and any(domain_of_url({"url": url, "domain": plain})):
        plain = registrable_domain(url) or plain
    if plain and plain != text:
        yield "/domain", plain


def addresses(record: Record) -> Values:
    """Take tracking parameters and fragment off the address, or take the canonical one of the page."""
    url = record.get("url")
    if not isinstance(url, str) or not is_web_url(url):
        return
    faults = set(url_faults(url)) - {"http instead of https"}
    canonical = record.get("canonical_url")
    if not faults:
        return
    if isinstance(canonical, str) and _is_better(canonical, url):
        yield "/url", canonical
        yield from _kept_address(record, url)
    elif faults & {"tracking parameters", "a fragment"}:
        plain = normalise_url(url)
        if plain is not None:
            scheme = url.partition("://")[0].lower()
            yield "/url", f"{scheme}://{plain.partition('://')[2]}"


def _is_better(canonical: str, url: str) -> bool:
    return (
        is_web_url(canonical)
        and not set(url_faults(canonical)) - {"http instead of https"}
        and registrable_domain(canonical) == registrable_domain(url)
    )


def _kept_address(record: Record, url: str) -> Values:
    """Keep an address that led to the page."""
    others = record.get("alternate_urls")
    if others is None or (isinstance(others, list) and url not in others):
        yield "/alternate_urls", [*(others or ()), url]


def nulls(record: Record) -> Values:
    """Take out words for a missing value; what the schema requires is left to people."""
    lists: dict[str, set[int]] = {}
    for hit in null_like({name: record[name] for name in _NULLABLE if name in record}):
        _, name, *rest = hit.pointer.split("/")
        if not rest:
            yield hit.pointer, MISSING
        elif name in ("tags", "contributors"):
            lists.setdefault(name, set()).add(int(rest[0]))
        elif record[name].keys() == {"name"}:
            yield f"/{name}", MISSING
    for name, places in lists.items():
        kept = [item for place, item in enumerate(record[name]) if place not in places]
        yield f"/{name}", kept or MISSING


#: Optional fields in which a word for a missing value may stand.
_NULLABLE = (
    "alternative_headline", "kicker", "summary", "byline", "credit_line", "section", "slugline", "published_raw",
    "publisher", "agency", "tags", "contributors",
)  # fmt: skip


def headline_at_top(record: Record) -> Values:
    """Take the headline away from the top of the body."""
    headline, body = record.get("headline") or "", record.get("body") or ""
    if not any(headline_in_body(record)):
        return
    start = len(body) - len(body.lstrip())
    first = body[start:].partition("\n")[0]
    if letters(first[:2100]) == letters(headline):
        end = start + len(first)
    else:
        end = start + len(headline.strip())
        match = NEXT.match(body, end)
        end = match.end() - 1 if match else end
    while end < len(body) and body[end].isspace():
        end += 1
    yield "/body", [Edit(0, end, "")]


def byline_in_body(record: Record) -> Values:
    """Move byline and credit line from the body to their fields."""
    body = record.get("body") or ""
    for name, line in (("byline", find_byline(body)), ("credit_line", find_credit_line(body))):
        if line is not None and _takes(record.get(name), line):
            if record.get(name) is None:
                yield f"/{name}", line.strip()
                yield from _people(record, name, line)
            yield "/body", list(without_lines(body, line.__eq__))[:1]
            return


def _takes(value: Any, line: str) -> bool:
    """Tell whether a field is free for a line, or says the same already."""
    return value is None or (isinstance(value, str) and letters(value) == letters(line))


def _people(record: Record, name: str, line: str) -> Values:
    if record.get("contributors") is not None:
        return
    if name == "credit_line":
        people = [person.to_dict() for person in parse_credit_line(line.strip()) or ()]
    else:
        parsed = parse_byline(line.strip())
        people = [{"name": person, "role": "author"} for person in (parsed.names if parsed else ())]
    known = [{key: value for key, value in person.items() if value is not None} for person in people]
    if known and not any(names_people({**record, "contributors": known})):
        yield "/contributors", known


def derivations(record: Record) -> Values:
    """Derive the hash of the body again where it is of another text, and give up blocks that do not fit it."""
    for hit in text_hash(record):
        if hit.pointer == "/text_sha256":
            yield hit.pointer, text_digest(record["body"])
        else:
            yield "/body_blocks", MISSING
            return


def syndication(record: Record) -> Values:
    """Call a copy that names an agency as its author syndicated."""
    if any(credited_as_original(record)):
        yield "/syndication/status", "syndicated"
