"""Rules on addresses, rights and provenance (5xx), and on withdrawn copies (642)."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from newsds.article import Record
from newsds.checks.identity import host_of
from newsds.checks.rule import Glimpse, Hit, Rule
from newsds.later import later_pattern
from newsds.text import excerpt
from newsds.urls import FAULT_SIGN, SHORTENERS, url_faults

__all__ = ["RULES"]

#: Whole years of the web were http: this alone makes an address no poorer.
_TOLERATED = frozenset(["http instead of https"])


def page_address(record: Record) -> Iterator[Hit]:
    """The address is that of a page on the web, not of a whole site or a machine of one's own."""
    url = record.get("url")
    if not url:
        return
    host = host_of(url)
    _, _, rest = url.partition("://")
    path = rest.partition("/")[2].partition("#")[0].strip("/")
    if "." not in host or host.endswith((".local", ".localhost", ".internal")) or host.startswith("127."):
        yield Hit("/url", "not an address on the web", excerpt(url, width=80))
    elif not path and "?" not in rest:
        yield Hit("/url", "the address of a site, not of an article", excerpt(url, width=80))


def canonical_address(record: Record) -> Iterator[Hit]:
    """The address is the canonical one of the page."""
    url = record.get("url")
    if url:
        faults = [fault for fault in url_faults(url) if fault not in _TOLERATED]
        if faults:
            yield Hit("/url", f"not the canonical address: {', '.join(faults)}", excerpt(url))


def direct_address(record: Record) -> Iterator[Hit]:
    """The address is the page's own, not one that leads to it or holds a copy."""
    url = record.get("url")
    if url:
        host = host_of(url).removeprefix("www.")
        if host in SHORTENERS:
            yield Hit("/url", f"{host} stands for another address", excerpt(url))


def _may_be_stale(glimpse: Glimpse) -> bool:
    stated = glimpse.record.get("text_sha256")
    if stated is not None and hashlib.sha256(glimpse.utf8).hexdigest() != stated:
        return True
    return bool(glimpse.record.get("body_blocks")) and any(_block_faults(glimpse.record))


def text_hash(record: Record) -> Iterator[Hit]:
    """The hash of the text is that of the body."""
    body, stated = record.get("body"), record.get("text_sha256")
    if body is not None and stated is not None:
        found = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
        if found != stated:
            yield Hit("/text_sha256", f"the body has another hash ({found[:12]}…)", f"{stated[:12]}…")
    yield from _block_faults(record)


def _block_faults(record: Record) -> Iterator[Hit]:
    body, end = record.get("body"), 0
    for number, block in enumerate((record.get("body_blocks") or ()) if body is not None else ()):
        pointer = f"/body_blocks/{number}"
        if not block["start"] <= block["end"] <= len(body or ""):
            yield Hit(pointer, f"the block {block['start']} to {block['end']} is not within the body")
        elif block["start"] < end:
            yield Hit(
                pointer, f"the block begins at {block['start']}, before the end of an earlier one at {end}"
            )
        end = max(end, block["end"])


def credited_as_original(record: Record) -> Iterator[Hit]:
    """A copy that names an agency is not called the publisher's own."""
    if (record.get("syndication") or {}).get("status") != "original":
        return
    publisher = record.get("publisher") or {}
    own = " ".join(str(publisher.get(name) or "") for name in ("name", "domain")).casefold()
    agency = (record.get("agency") or {}).get("name") or (record.get("dateline") or {}).get("agency")
    if agency and own.strip() and agency.casefold() not in own:
        yield Hit(
            "/syndication/status",
            "called original, but it names an agency as its author",
            excerpt(agency, width=80),
        )


_WITHDRAWN = later_pattern(
    r"\W{0,3}(?:STORY |ARTICLE )?(?:WITHDRAWN|KILL(?:ED)?|STORY RETRACTED)\b[^a-z]{0,80}"
)


def usable_copy(record: Record) -> Iterator[Hit]:
    """A copy that its agency withdrew is not in the data."""
    if record.get("status") == "withdrawn":
        yield Hit("/status", "the article was withdrawn")
    elif "kill" in (record.get("signals") or ()):
        yield Hit("/signals", "the agency killed the article")
    else:
        yield from _withdrawn_in_words(record)


def _withdrawn_in_words(record: Record) -> Iterator[Hit]:
    headline, body = record.get("headline") or "", (record.get("body") or "").lstrip()
    first = body[:120].partition("\n")[0]
    if re.match(r"(?:STORY )?(?:WITHDRAWN|KILL)\s?[:–—-]|STORY (?:WITHDRAWN|KILLED)\b", headline):
        yield Hit("/headline", "the article was withdrawn", excerpt(headline, width=80))
    elif _WITHDRAWN.fullmatch(first.strip()):
        yield Hit("/body", "the article was withdrawn", excerpt(first))


#: A host that is written as names in lower case, and nothing else with it.
_PLAIN_HOST = "^https?://(?:[a-z0-9-]+[.])+[a-z0-9-]+"
_SHORTENER_SIGN = rf"^https?://(?:www\.)?(?:{'|'.join(sorted(map(re.escape, SHORTENERS)))})(?:[/?#]|$)"
_MACHINE_SIGN = r"^https?://(?:127\.|[^/]*\.(?:local|localhost|internal)/)"
#: Whoever is called the author of an original is not looked at twice, without an agency.
_NO_COPY = {
    "anyOf": [
        {"properties": {"syndication": {"properties": {"status": {"not": {"const": "original"}}}}}},
        {
            "properties": {
                "agency": {"type": "null"},
                "dateline": {"properties": {"agency": {"type": "null"}}},
            }
        },
    ]
}


def _url_form(pattern: str) -> dict[str, Any]:
    return {"properties": {"url": {"pattern": pattern}}}


RULES = (
    Rule(
        code="NDS501",
        name="no-page-address",
        level="warning",
        scope="record",
        summary="The address is that of a whole site, or of a machine that is not on the web.",
        why="Nobody can find the article by it, and all articles of the site then share it. An address that is missing "
        "or not absolute is NDS102 and NDS104.",
        bad="https://ledger.example/",
        good="https://ledger.example/port/hall",
        fix="take the address of the page the article was read from",
        check=page_address,
        signs={"url": _MACHINE_SIGN},
        form=_url_form(f"{_PLAIN_HOST}/[^/?#]"),
    ),
    Rule(
        code="NDS502",
        name="non-canonical-url",
        level="warning",
        scope="record",
        summary="The address carries tracking parameters or a fragment, or is an AMP or mobile page.",
        why="One article then has many addresses. Parameters are known by their exact names: `?id=7` "
        "may be the article.",
        bad="https://ledger.example/a?utm_source=x",
        good="https://ledger.example/a?id=7",
        fix="take the canonical address of the page",
        fixable="safe",
        check=canonical_address,
        signs={"url": FAULT_SIGN},
        form=_url_form(f"{_PLAIN_HOST}(?:[/?#]|$)"),
    ),
    Rule(
        code="NDS503",
        name="indirect-url",
        level="warning",
        scope="record",
        summary="The address is that of a shortener, an archive or an aggregator's redirect.",
        why="It says nothing of who carried the article, and it may stop working.",
        bad="https://bit.ly/3xYz",
        good="https://ledger.example/a",
        fix="follow the redirect; keep the other address in alternate_urls",
        check=direct_address,
        signs={"url": _SHORTENER_SIGN},
        form=_url_form(f"{_PLAIN_HOST}(?:[/?#]|$)"),
    ),
    Rule(
        code="NDS504",
        name="stale-derivation",
        level="error",
        scope="record",
        summary="text_sha256 or body_blocks do not fit the body.",
        why="Somebody changed the body after these were made: offsets and hashes now point at another text.",
        bad="a block that ends after the body",
        good="blocks in order, within the body",
        fix="derive both from the body again, if the body is as it should be",
        fixable="unsafe",
        check=text_hash,
        may_hit=_may_be_stale,
    ),
    Rule(
        code="NDS510",
        name="credited-as-original",
        level="warning",
        scope="record",
        summary="A republished copy is called original.",
        why="Its agency is named, and is not the publisher. Statistics by author then credit the one "
        "who carried it.",
        bad='"agency": "Northwire", "publisher": "Ledger", "status": "original"',
        good='"status": "syndicated"',
        fix="set syndication.status to syndicated",
        fixable="unsafe",
        check=credited_as_original,
        form=_NO_COPY,
    ),
    Rule(
        code="NDS642",
        name="withdrawn",
        level="warning",
        scope="record",
        summary="The article was withdrawn or killed by its agency.",
        why="The agency asks everybody to stop using it. Marks in capitals at the head count; a story "
        "about a withdrawal does not.",
        bad='"status": "withdrawn"',
        good="(the record is left out)",
        fix="leave the record out",
        check=usable_copy,
        signs={
            "status": "^withdrawn$",
            "signals[]": "^kill$",
            "headline": "^(?:STORY )?(?:WITHDRAWN|KILL)",
            "body": "^[^A-Za-z]*(?:STORY |ARTICLE )?(?:WITHDRAWN|KILL|STORY RETRACTED)",
        },
    ),
)
