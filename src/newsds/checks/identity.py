"""Rules on identity and shape (1xx): values that are no values, and values in the wrong place."""

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from newsds.article import Record
from newsds.checks.rule import TEXT_FIELDS, Glimpse, Hit, Rule
from newsds.later import later_pattern
from newsds.schema import SPACE
from newsds.text import excerpt

__all__ = ["RULES", "host_of"]

_NULL_LIKE = frozenset(
    (
        "null",
        "none",
        "nan",
        "n/a",
        "#n/a",
        "undefined",
        "[removed]",
        "[deleted]",
        "(null)",
        "<null>",
        "<na>",
        "nonetype",
    )
)


#: Fields that hold a short text, and lists of such.
_FIELDS = (*TEXT_FIELDS, "section", "slugline", "published_raw")
_LISTS = ("tags[]", "contributors[].name")


def _values(record: Record) -> Iterator[tuple[str, str]]:
    """Yield pointer and value of every field that holds a short text."""
    for name in _FIELDS:
        if record.get(name):
            yield f"/{name}", record[name]
    for name in ("publisher", "agency"):
        if (record.get(name) or {}).get("name"):
            yield f"/{name}/name", record[name]["name"]
    yield from _members(record)


def _members(record: Record) -> Iterator[tuple[str, str]]:
    """Yield pointer and value of every tag and every contributor's name."""
    for number, tag in enumerate(record.get("tags") or ()):
        yield f"/tags/{number}", tag
    for number, contributor in enumerate(record.get("contributors") or ()):
        yield f"/contributors/{number}/name", contributor["name"]


def null_like(record: Record) -> Iterator[Hit]:
    """A value that is not known is null, not a word for it."""
    for pointer, value in _values(record):
        if len(value) <= 12 and value.strip().lower() in _NULL_LIKE:
            yield Hit(pointer, f"`{value.strip()}` stands for a missing value; write null")


def host_of(url: str) -> str:
    """Return the lower-case host of an address that passed the schema; empty if it has none."""
    return _host("/".join(url.split("/", 3)[:3]))


@lru_cache(maxsize=4096)
def _host(site: str) -> str:
    try:
        return (urlsplit(site).hostname or "").rstrip(".")
    except ValueError:
        return ""


def domain_of_url(record: Record) -> Iterator[Hit]:
    """The domain is that of the address."""
    url, domain = record.get("url"), record.get("domain")
    if url and domain:
        host = host_of(url)
        if host and host != domain.lower() and not host.endswith("." + domain.lower()):
            yield Hit(
                "/domain",
                f"the domain is not that of the address ({excerpt(host, width=80)})",
                excerpt(domain, width=80),
            )


def _may_be_elsewhere(glimpse: Glimpse) -> bool:
    url, domain = glimpse.record.get("url"), glimpse.record.get("domain")
    if url is None or domain is None:
        return False
    end = url.find("/", len("https://"))
    return not _is_of(url[:end] if end > 0 else url, domain)


@lru_cache(maxsize=4096)
def _is_of(site: str, domain: str) -> bool:
    """Tell whether a site is that of a domain written in lower case."""
    return f".{host_of(site)}".endswith(f".{domain}")


_LIST_TEXT = later_pattern(r"""\s*[\[(]\s*(?:u?(['"]).*\1)\s*,?\s*[\])]\s*""", re.DOTALL)


def list_in_text(record: Record) -> Iterator[Hit]:
    """A list is a list, not the text of one."""
    for pointer, value in _values(record):
        if value[-1:] in "])" and len(value) <= 5000 and _LIST_TEXT.fullmatch(value):
            yield Hit(pointer, "a list is written as text", excerpt(value, width=80))
    for pointer, value in _members(record):
        if (";" in value and "&" not in value and value.strip()[-1:] != ";") or " | " in value:
            yield Hit(pointer, "several values are written as one", excerpt(value, width=80))


_VALUES = (*_FIELDS, "publisher.name", "agency.name", *_LISTS)
_NULL_SIGN = (
    rf"^[{SPACE}]*(?i:null|none|nan|#?n/a|undefined"
    rf"|\[removed\]|\[deleted\]|\(null\)|<null>|<na>|nonetype)[{SPACE}]*$"
)
_LIST_SIGN = rf"^[{SPACE}]*[\[(][{SPACE}]*u?['\"]"

RULES = (
    Rule(
        code="NDS102",
        name="missing-value",
        level="error",
        scope="schema",
        summary="A required field is missing, null or blank.",
        why="What is required depends on the profile: core, web, wire or release. An empty body is NDS301.",
        bad='"headline": null',
        good='"headline": "Ferries stop"',
        fix="fill the field, or leave the record out",
    ),
    Rule(
        code="NDS103",
        name="null-like",
        level="error",
        scope="record",
        summary="A word for a missing value stands in its place: `null`, `None`, `NaN`, `N/A`, `[removed]`.",
        why="One corpus has 3,432 bodies that read “null”. Only whole values count; an article may be "
        "about null.",
        bad='"body": "null"',
        good='"body": "Null results …"',
        fix="write null, or leave the field out",
        fixable="safe",
        check=null_like,
        signs=dict.fromkeys(_VALUES, _NULL_SIGN),
    ),
    Rule(
        code="NDS104",
        name="schema-violation",
        level="error",
        scope="schema",
        summary="A value breaks the article schema: wrong type, unknown field, wrong form, too long.",
        why="Every consumer relies on the schema. A field that breaks it is not looked at by other rules.",
        bad='"published_at": "yesterday"',
        good='"published_at": "2026-03-04T05:06:07Z"',
        fix="write the value as the schema asks; put what has no field into extra",
        fixable="safe",
    ),
    Rule(
        code="NDS107",
        name="later-schema",
        level="info",
        scope="schema",
        summary="Records were written to a later minor version of the schema.",
        why="Fields this version does not know, and new values of open vocabularies, are accepted unseen. Said once.",
        bad='"schema_version": "1.9.0", "mood": "calm"',
        good='"schema_version": "1.0.0"',
        fix="use a newsds that knows the version, or newsds schema migrate",
        is_said_once=True,
    ),
    Rule(
        code="NDS105",
        name="domain-mismatch",
        level="warning",
        scope="record",
        summary="The domain is not that of the address.",
        why="Splits and statistics by publisher then count the wrong one. Subdomains of the domain are fine.",
        bad="https://coast.example/a with domain ledger.example",
        good="https://www.ledger.example/a with domain ledger.example",
        fix="derive the domain from the address",
        fixable="safe",
        check=domain_of_url,
        may_hit=_may_be_elsewhere,
    ),
    Rule(
        code="NDS106",
        name="list-in-text",
        level="warning",
        scope="record",
        summary="A list is written as text.",
        why="A table wrote a list of authors as one string; names can then not be told apart.",
        bad="\"byline\": \"['Ana Ruiz', 'Li Wei']\"",
        good="two contributors",
        fix="split the text into list items",
        check=list_in_text,
        signs=dict.fromkeys(_VALUES, _LIST_SIGN) | dict.fromkeys(_LISTS, rf"{_LIST_SIGN}|;| \| "),
    ),
)
