"""IPTC ninjs 3.1 ("News in JSON"), and articles from it.

Specification: IPTC, ninjs 3.1, https://iptc.org/std/ninjs/. It has no dateline, credit line, byline roles, date
precision or correction status; what it has is mapped here, and the rest is named in `Exported.lost`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from newsds.article import Record, without_nulls
from newsds.interchange import Exported, unplaced

__all__ = ["from_ninjs", "is_ninjs", "to_ninjs"]

_STANDARD = {
    "name": "ninjs",
    "version": "3.1",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#",
}
_SYMBOL_TYPE = "http://cv.iptc.org/newscodes/financialinstrumentsymboltype/"
_STATUS = {"usable": "usable", "withheld": "withheld", "withdrawn": "canceled"}
_MEDIA = {"image": "picture", "video": "video", "audio": "audio", "graphic": "graphic", "other": "component"}

#: Members that ninjs has a place for; a field without a dot stands for itself.
_PLACES = frozenset({
    "id", "version", "published_at", "modified_at", "embargoed_until", "expires_at", "language", "headline",
    "alternative_headline", "kicker", "summary", "body", "slugline", "byline", "correction_note", "genre", "section",
    "tags", "url", "canonical_url", "alternate_urls.rel", "alternate_urls.url", "alt_ids.scheme", "alt_ids.value",
    "publisher.name", "publisher.domain", "publisher.uri", "agency.name", "agency.code", "agency.uri",
    "contributors.name", "contributors.role", "dateline.places", "instruments.symbol", "instruments.scheme",
    "instruments.exchange", "subjects.scheme", "subjects.code", "subjects.name", "subjects.creator",
    "media.kind", "media.url", "media.caption", "media.credit", "rights.copyright_holder", "rights.copyright_notice",
    "rights.usage_terms", "supersedes", "credit_line",
})  # fmt: skip


def to_ninjs(record: Record) -> Exported:
    """Return a record as a ninjs 3.1 object of type text."""
    rights, dateline = record.get("rights") or {}, record.get("dateline") or {}
    data = {
        "uri": record["id"],
        "type": "text",
        "standard": _STANDARD,
        "version": record.get("version"),
        "contentCreated": record.get("published_at"),
        "versionCreated": record.get("modified_at"),
        "embargoedUntil": record.get("embargoed_until"),
        "expires": record.get("expires_at"),
        "pubStatus": _STATUS.get(record.get("status") or ""),
        "language": record.get("language"),
        "headlines": _values(
            main=record.get("headline"),
            alternative=record.get("alternative_headline"),
            kicker=record.get("kicker"),
        ),
        "descriptions": _values(summary=record.get("summary"), creditLine=record.get("credit_line")),
        "bodies": [_body(record)] if record.get("body") else None,
        "slugline": record.get("slugline"),
        "by": record.get("byline"),
        "located": (dateline.get("places") or [None])[0],
        "places": [{"name": place, "rel": "dateline"} for place in dateline.get("places") or []],
        "edNote": record.get("correction_note"),
        "infoSources": list(_info_sources(record)),
        "organisations": [{"symbols": [_symbol(item)]} for item in record.get("instruments") or []],
        "subjects": list(_subjects(record)),
        "genres": [{"literal": record["genre"]}] if record.get("genre") else None,
        "renditions": list(_renditions(record)),
        "associations": list(_associations(record)),
        "altIds": [{"role": item["scheme"], "value": item["value"]} for item in record.get("alt_ids") or []],
        "copyrightHolder": rights.get("copyright_holder"),
        "copyrightNotice": rights.get("copyright_notice"),
        "usageTerms": rights.get("usage_terms"),
    }
    return Exported(data=without_nulls(data), lost=_lost(record))


def _lost(record: Record) -> tuple[str, ...]:
    names = unplaced(record, _PLACES)
    if (record.get("status") or "usable") in _STATUS:
        names.discard("status")
    if all(_is_percent(item.get("confidence")) for item in record.get("subjects") or []):
        names.discard("subjects.confidence")
    return tuple(sorted(names))


def _is_percent(confidence: float | None) -> bool:
    return confidence is None or round(confidence * 100) / 100 == confidence


def _values(**roles: str | None) -> list[dict[str, str]]:
    return [{"role": role, "value": value} for role, value in roles.items() if value]


def _body(record: Record) -> dict[str, Any]:
    return {
        "role": "main",
        "contentType": "text/plain",
        "charCount": len(record["body"]),
        "wordCount": record.get("word_count"),
        "value": record["body"],
    }


def _info_sources(record: Record) -> Iterator[dict[str, Any]]:
    for role, key in (("agency", "code"), ("publisher", "domain")):
        party = record.get(role)
        if party:
            yield {
                "name": party.get("name"),
                "role": role,
                "uri": party.get("uri"),
                "literal": party.get(key),
            }
    for person in record.get("contributors") or []:
        yield {"name": person["name"], "role": person["role"]}


def _symbol(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "symbol": item["symbol"],
        "exchange": item.get("exchange"),
        "symbolType": _SYMBOL_TYPE + item["scheme"],
    }


def _subjects(record: Record) -> Iterator[dict[str, Any]]:
    for item in record.get("subjects") or []:
        confidence = item.get("confidence")
        yield {
            "name": item.get("name"),
            "rel": "about",
            "literal": f"{item['scheme']}:{item['code']}",
            "creator": item.get("creator"),
            "confidence": None if confidence is None else round(confidence * 100),
        }
    if record.get("section"):
        yield {"name": record["section"], "rel": "section"}
    for tag in record.get("tags") or []:
        yield {"name": tag, "rel": "keyword"}


def _renditions(record: Record) -> Iterator[dict[str, str]]:
    for name, field in (("web", "url"), ("canonical", "canonical_url")):
        if record.get(field):
            yield {"name": name, "href": record[field]}
    for item in record.get("alternate_urls") or []:
        yield {"name": f"alternate-{item['rel']}", "href": item["url"]}


def _associations(record: Record) -> Iterator[dict[str, Any]]:
    for item in record.get("media") or []:
        yield {
            "name": item["kind"],
            "rel": "media",
            "uri": item["url"],
            "type": _MEDIA.get(item["kind"], "component"),
            "descriptions": _values(caption=item.get("caption")),
            "by": item.get("credit"),
        }
    for identifier in record.get("supersedes") or []:
        yield {"name": "superseded version", "rel": "supersedes", "uri": identifier}


def is_ninjs(data: Record) -> bool:
    """Tell whether a record looks like ninjs 2 or 3."""
    return isinstance(data.get("uri"), str) and isinstance(data.get("headlines", data.get("bodies")), list)


def from_ninjs(data: Record) -> Record:
    """Return the fields of an article that a ninjs 2 or 3 object states; identity and wire marks are for the reader.

    Members of the wrong type are passed over.
    """
    headlines, bodies, notes = (_by_role(data.get(name)) for name in ("headlines", "bodies", "descriptions"))
    links = {item.get("name"): item.get("href") for item in _objects(data.get("renditions"))}
    parties = list(_objects(data.get("infoSources")))
    subjects = list(_objects(data.get("subjects")))
    record = {
        "alt_ids": [{"scheme": "ninjs", "value": _text(data.get("uri"))}, *_alternate_ids(data)],
        "version": _text(data.get("version")),
        # versionCreated is when this version was made, which says nothing of the first publication
        "published_at": _text(data.get("contentCreated") or data.get("firstCreated")),
        "modified_at": _text(data.get("versionCreated")),
        "embargoed_until": _text(data.get("embargoedUntil")),
        "expires_at": _text(data.get("expires")),
        "status": {status: name for name, status in _STATUS.items()}.get(str(data.get("pubStatus"))),
        "language": _text(data.get("language")),
        "headline": _first(headlines, "main") or _text(data.get("title")),
        "alternative_headline": headlines.get("alternative"),
        "kicker": headlines.get("kicker"),
        "summary": _first({role: note for role, note in notes.items() if role != "creditLine"}, "summary"),
        "credit_line": notes.get("creditLine"),
        "body": _plain_body(data, bodies),
        "slugline": _text(data.get("slugline")),
        "byline": _text(data.get("by")),
        "correction_note": _text(data.get("edNote")),
        "agency": _party(parties, "agency", "code"),
        "publisher": _party(parties, "publisher", "domain"),
        "contributors": _contributors(parties),
        "dateline": _dateline(data),
        "instruments": _instruments(data),
        "subjects": [
            _subject(item)
            for item in subjects
            if item.get("rel") not in ("section", "keyword") and item.get("literal")
        ],
        "section": next((_text(item.get("name")) for item in subjects if item.get("rel") == "section"), None),
        "tags": [
            item["name"] for item in subjects if item.get("rel") == "keyword" and _text(item.get("name"))
        ],
        "genre": next((_text(item.get("literal")) for item in _objects(data.get("genres"))), None),
        "url": _text(links.get("web")),
        "canonical_url": _text(links.get("canonical")),
        "alternate_urls": [
            {"rel": str(name).removeprefix("alternate-"), "url": href}
            for name, href in links.items()
            if str(name).startswith("alternate-") and _text(href)
        ],
        "media": _media(data),
        "supersedes": [
            item["uri"] for item in _objects(data.get("associations")) if item.get("rel") == "supersedes"
        ],
        "rights": {
            "copyright_holder": _text(data.get("copyrightHolder")),
            "copyright_notice": _text(data.get("copyrightNotice")),
            "usage_terms": _text(data.get("usageTerms")),
        },
    }
    return without_nulls(record)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _objects(value: Any) -> Iterable[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _by_role(value: Any) -> dict[str, str]:
    """Return role to value; what has no role counts as main."""
    found: dict[str, str] = {}
    for item in _objects(value):
        if text := _text(item.get("value")):
            found.setdefault(str(item.get("role") or "main"), text)
    return found


def _first(values: dict[str, str], role: str) -> str | None:
    return values.get(role) or next(iter(values.values()), None)


def _plain_body(data: Record, bodies: dict[str, str]) -> str | None:
    plain = [
        item
        for item in _objects(data.get("bodies"))
        if str(item.get("contentType", "text/plain")).startswith("text/plain")
    ]
    return _first(_by_role(plain), "main") or _first(bodies, "main")


def _alternate_ids(data: Record) -> list[dict[str, str]]:
    return [
        {"scheme": str(item.get("role") or "unknown"), "value": value}
        for item in _objects(data.get("altIds"))
        if (value := _text(item.get("value")))
    ]


def _party(parties: list[dict[str, Any]], role: str, key: str) -> dict[str, Any] | None:
    for item in parties:
        if item.get("role") == role:
            return {"name": item.get("name"), "uri": item.get("uri"), key: item.get("literal")}
    return None


def _contributors(parties: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from newsds.schema import load_schema

    roles = load_schema()["properties"]["contributors"]["items"]["properties"]["role"]["enum"]
    return [
        {"name": item["name"], "role": item["role"] if item.get("role") in roles else "other"}
        for item in parties
        if item.get("role") not in ("agency", "publisher") and _text(item.get("name"))
    ]


def _dateline(data: Record) -> dict[str, Any] | None:
    places = [
        item["name"]
        for item in _objects(data.get("places"))
        if item.get("rel") == "dateline" and _text(item.get("name"))
    ]
    places = places or [place for place in [_text(data.get("located"))] if place]
    return {"raw": ", ".join(places), "places": places} if places else None


def _instruments(data: Record) -> list[dict[str, Any]]:
    symbols = [
        item
        for organisation in _objects(data.get("organisations"))
        for item in _objects(organisation.get("symbols"))
    ]
    return [
        {
            "symbol": item["symbol"],
            "scheme": _scheme(item.get("symbolType")),
            "exchange": item.get("exchange"),
        }
        for item in symbols
        if _text(item.get("symbol"))
    ]


def _scheme(symbol_type: Any) -> str:
    name = str(symbol_type or "").rstrip("/").rpartition("/")[2].lower()
    return name if name in ("ric", "ticker", "isin", "figi", "cusip") else "other"


def _subject(item: dict[str, Any]) -> dict[str, Any]:
    scheme, _, code = str(item["literal"]).partition(":")
    confidence = item.get("confidence")
    return {
        "scheme": scheme if code else "unknown",
        "code": code or scheme,
        "name": item.get("name"),
        "creator": item.get("creator"),
        "confidence": confidence / 100 if isinstance(confidence, int) else None,
    }


def _media(data: Record) -> list[dict[str, Any]]:
    kinds = {ninjs: kind for kind, ninjs in _MEDIA.items()}
    return [
        {
            "kind": kinds.get(str(item.get("type")), "other"),
            "url": item["uri"],
            "caption": _by_role(item.get("descriptions")).get("caption"),
            "credit": item.get("by"),
        }
        for item in _objects(data.get("associations"))
        if item.get("rel") == "media" and _text(item.get("uri"))
    ]
