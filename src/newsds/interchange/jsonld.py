"""schema.org `NewsArticle` as JSON-LD, and articles from it.

Vocabulary: https://schema.org/NewsArticle (30.0). A date keeps its precision down to the day; agency and publisher are
`sourceOrganization` and `publisher`; roles of people that schema.org has no property for are `Role` objects.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from newsds.article import Record, without_nulls
from newsds.interchange import Exported, unplaced

__all__ = ["from_jsonld", "is_jsonld", "to_jsonld"]

_CONTEXT = "https://schema.org"
_TYPES = frozenset({
    "NewsArticle", "Article", "AnalysisNewsArticle", "OpinionNewsArticle", "ReportageNewsArticle", "ReviewNewsArticle",
    "BackgroundNewsArticle", "AskPublicNewsArticle", "AdvertiserContentArticle", "SatiricalArticle", "LiveBlogPosting",
})  # fmt: skip
#: Role of a contributor to the property that schema.org has for it.
_PEOPLE = {"author": "author", "editor": "editor", "translator": "translator", "producer": "producer"}
_MEDIA = {
    "image": "ImageObject", "video": "VideoObject", "audio": "AudioObject", "graphic": "ImageObject",
    "other": "MediaObject",
}  # fmt: skip
#: How much of `YYYY-MM-DDTHH:MM:SSZ` a precision states; finer ones are whole.
_WIDTHS = {"year": 4, "month": 7, "day": 10}
#: How an instant goes on after the part that is stated: it is the first of its year, month or day.
_FIRST = "YYYY-01-01T00:00:00Z"

_PLACES = frozenset({
    "id", "alt_ids.scheme", "alt_ids.value", "url", "canonical_url", "headline", "alternative_headline", "summary",
    "body", "language", "publisher.name", "publisher.uri", "publisher.domain", "agency.name", "agency.code",
    "agency.uri", "contributors.name", "contributors.role", "contributors.organisation", "credit_line",
    "dateline.raw", "dateline.places", "instruments.symbol", "instruments.scheme", "published_at", "modified_at",
    "expires_at", "version", "status", "correction_note", "genre", "section", "tags", "subjects.scheme",
    "subjects.code", "subjects.name", "media.url", "media.caption", "media.credit", "rights.license",
    "rights.copyright_holder", "rights.copyright_notice", "rights.usage_terms", "syndication.origin_url",
    "provenance.fetched_at",
})  # fmt: skip


def to_jsonld(record: Record) -> Exported:
    """Return a record as a schema.org NewsArticle."""
    rights = record.get("rights") or {}
    dateline = record.get("dateline") or {}
    data = {
        "@context": _CONTEXT,
        "@type": "NewsArticle",
        "identifier": [
            _property("newsds", record["id"]),
            *(_property(item["scheme"], item["value"]) for item in record.get("alt_ids") or []),
        ],
        "url": record.get("url"),
        "mainEntityOfPage": record.get("canonical_url"),
        "headline": record.get("headline"),
        "alternativeHeadline": record.get("alternative_headline"),
        "abstract": record.get("summary"),
        "articleBody": record.get("body"),
        "wordCount": record.get("word_count"),
        "inLanguage": record.get("language"),
        "publisher": _organisation(record.get("publisher"), "domain"),
        "sourceOrganization": _organisation(record.get("agency"), "code"),
        **_people(record),
        "creditText": record.get("credit_line"),
        "dateline": dateline.get("raw"),
        "locationCreated": [{"@type": "Place", "name": place} for place in dateline.get("places") or []],
        "mentions": [_corporation(item) for item in record.get("instruments") or []],
        "datePublished": _date(record),
        "dateModified": record.get("modified_at"),
        "expires": record.get("expires_at"),
        "sdDatePublished": (record.get("provenance") or {}).get("fetched_at"),
        "version": record.get("version"),
        "creativeWorkStatus": record.get("status"),
        "correction": record.get("correction_note"),
        "genre": record.get("genre"),
        "articleSection": record.get("section"),
        "keywords": record.get("tags"),
        "about": [_term(item) for item in record.get("subjects") or []],
        "associatedMedia": [_media(item) for item in record.get("media") or []],
        "license": rights.get("license"),
        "copyrightHolder": _organisation({"name": rights.get("copyright_holder")}, "none"),
        "copyrightNotice": rights.get("copyright_notice"),
        "usageInfo": rights.get("usage_terms"),
        "isAccessibleForFree": True if rights.get("access") == "full" else None,
        "isBasedOn": (record.get("syndication") or {}).get("origin_url"),
    }
    return Exported(data=without_nulls(data), lost=_lost(record))


def _lost(record: Record) -> tuple[str, ...]:
    precision = record.get("published_precision")
    names = unplaced(record, _PLACES, precision=precision if precision in _WIDTHS else "second")
    at, stated = record.get("published_at"), _date(record)
    if at and stated and at != stated + _FIRST[len(stated) :]:
        names.add("published_at")
    if (record.get("rights") or {}).get("access") == "full":
        names.discard("rights.access")
    if all(item["kind"] != "graphic" for item in record.get("media") or []):
        names.discard("media.kind")
    return tuple(sorted(names))


def _property(name: str, value: str) -> dict[str, str]:
    return {"@type": "PropertyValue", "propertyID": name, "value": value}


def _organisation(party: dict[str, Any] | None, key: str) -> dict[str, Any] | None:
    if not party or not any(party.values()):
        return None
    identifier = [_property(key, party[key])] if party.get(key) else None
    return {
        "@type": "NewsMediaOrganization",
        "name": party.get("name"),
        "url": party.get("uri"),
        "identifier": identifier,
    }


def _people(record: Record) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for item in record.get("contributors") or []:
        affiliation = (
            {"@type": "Organization", "name": item["organisation"]} if item.get("organisation") else None
        )
        person = {"@type": "Person", "name": item["name"], "affiliation": affiliation}
        place = _PEOPLE.get(item["role"], "contributor")
        wrapped = {"@type": "Role", "roleName": item["role"], "contributor": person}
        found.setdefault(place, []).append(person if place != "contributor" else wrapped)
    return found


def _corporation(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "Corporation",
        "tickerSymbol": item["symbol"],
        "identifier": [_property(item["scheme"], item["symbol"])],
    }


def _term(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "DefinedTerm",
        "inDefinedTermSet": item["scheme"],
        "termCode": item["code"],
        "name": item.get("name"),
    }


def _media(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": _MEDIA.get(item["kind"], "MediaObject"),
        "contentUrl": item["url"],
        "caption": item.get("caption"),
        "creditText": item.get("credit"),
    }


def _date(record: Record) -> str | None:
    at = record.get("published_at")
    return at and at[: _WIDTHS.get(record.get("published_precision") or "", len(at))]


def is_jsonld(data: Record) -> bool:
    """Tell whether a record is a schema.org article."""
    return bool(_TYPES & set(_texts(data.get("@type"))))


def from_jsonld(data: Record) -> Record:
    """Return the fields of an article that a schema.org article states; identity and wire marks are for the reader.

    Values of the forms that sites really write are understood: a name for an organisation, one person for a list,
    keywords in one text. Members of the wrong type are passed over.
    """
    identifiers = list(_identifiers(data.get("identifier")))
    places = [name for item in _items(data.get("locationCreated")) if (name := _name(item))]
    raw = _text(data.get("dateline"))
    record = {
        "alt_ids": [{"scheme": scheme, "value": value} for scheme, value in identifiers],
        "url": _text(data.get("url")),
        "canonical_url": _canonical(data),
        "headline": _text(data.get("headline")) or _text(data.get("name")),
        "alternative_headline": _text(data.get("alternativeHeadline")),
        "summary": _text(data.get("abstract")) or _text(data.get("description")),
        "body": _text(data.get("articleBody")) or _text(data.get("text")),
        "language": _text(data.get("inLanguage")),
        "publisher": _party(data.get("publisher") or data.get("provider"), "domain"),
        "agency": _party(data.get("sourceOrganization"), "code"),
        "contributors": list(_contributors(data)),
        "credit_line": _text(data.get("creditText")),
        "dateline": {"raw": raw or ", ".join(places), "places": places} if raw or places else None,
        "instruments": list(_instruments(data)),
        "published_at": _text(data.get("datePublished")),
        "modified_at": _text(data.get("dateModified")),
        "expires_at": _text(data.get("expires")),
        "fetched_at": _text(data.get("sdDatePublished")),
        "version": _text(str(data["version"]))
        if isinstance(data.get("version"), str | int | float)
        else None,
        "status": _text(data.get("creativeWorkStatus")),
        "correction_note": _text(data.get("correction")),
        "genre": next(iter(_texts(data.get("genre"))), None),
        "section": next(iter(_texts(data.get("articleSection"))), None),
        "tags": list(_keywords(data.get("keywords"))),
        "subjects": list(_subjects(data)),
        "media": list(_media_items(data)),
        "syndication": _origin(data),
        "rights": {
            "license": next(iter(_texts(data.get("license"))), None),
            "copyright_holder": _name(next(iter(_items(data.get("copyrightHolder"))), None)),
            "copyright_notice": _text(data.get("copyrightNotice")),
            "usage_terms": _text(data.get("usageInfo")),
            "access": _access(data.get("isAccessibleForFree")),
        },
    }
    return without_nulls(record)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _items(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _texts(value: Any) -> list[str]:
    return [text for item in _items(value) if (text := _text(item))]


def _name(item: Any) -> str | None:
    return _text(item.get("name")) if isinstance(item, dict) else _text(item)


def _identifiers(value: Any) -> Iterator[tuple[str, str]]:
    for item in _items(value):
        if isinstance(item, dict) and _text(item.get("value")):
            yield _text(item.get("propertyID")) or "identifier", item["value"]
        elif _text(item):
            yield "identifier", item


def _canonical(data: Record) -> str | None:
    page = data.get("mainEntityOfPage")
    return _text(page.get("@id") or page.get("url")) if isinstance(page, dict) else _text(page)


def _party(value: Any, key: str) -> dict[str, Any] | None:
    item = next(iter(_items(value)), None)
    if not isinstance(item, dict):
        return {"name": _text(item)}
    codes = dict(_identifiers(item.get("identifier")))
    return {"name": _name(item), "uri": _text(item.get("url")), key: codes.get(key)}


def _contributors(data: Record) -> Iterator[dict[str, Any]]:
    for role, place in _PEOPLE.items():
        for item in _items(data.get(place)):
            for name in _person_names(item):
                yield {"name": name, "role": role, "organisation": _affiliation(item)}
    for item in _items(data.get("contributor")):
        role = _role(item.get("roleName")) if isinstance(item, dict) else "other"
        person = item.get("contributor", item) if isinstance(item, dict) else item
        for name in _person_names(person):
            yield {"name": name, "role": role, "organisation": _affiliation(person)}


def _person_names(item: Any) -> Iterator[str]:
    names = item.get("name") if isinstance(item, dict) else item
    yield from _texts(names)


def _affiliation(item: Any) -> str | None:
    return _name(item.get("affiliation")) if isinstance(item, dict) else None


def _role(name: Any) -> str:
    from newsds.schema import load_schema

    roles: list[str] = load_schema()["properties"]["contributors"]["items"]["properties"]["role"]["enum"]
    return name if name in roles else "other"


def _instruments(data: Record) -> Iterator[dict[str, str]]:
    for item in _items(data.get("mentions")):
        symbol = _text(item.get("tickerSymbol")) if isinstance(item, dict) else None
        if symbol:
            scheme = next(
                (scheme for scheme, value in _identifiers(item.get("identifier")) if value == symbol),
                "ticker",
            )
            yield {"symbol": symbol, "scheme": scheme if scheme in _SCHEMES else "other"}


_SCHEMES = ("ric", "ticker", "isin", "figi", "cusip", "other")


def _keywords(value: Any) -> Iterator[str]:
    for text in _texts(value):
        yield from (
            (part for part in re.split(r"\s*,\s*", text.strip()) if part)
            if isinstance(value, str)
            else [text]
        )


def _subjects(data: Record) -> Iterator[dict[str, Any]]:
    for item in _items(data.get("about")):
        if isinstance(item, dict) and _text(item.get("termCode")):
            scheme = _text(item.get("inDefinedTermSet")) or "unknown"
            yield {"scheme": scheme, "code": item["termCode"], "name": _text(item.get("name"))}


def _media_items(data: Record) -> Iterator[dict[str, Any]]:
    kinds = {name: kind for kind, name in reversed(_MEDIA.items())}
    for item in [*_items(data.get("associatedMedia")), *_items(data.get("image"))]:
        if isinstance(item, dict):
            url = _text(item.get("contentUrl")) or _text(item.get("url"))
            kind = kinds.get(str(item.get("@type")), "other")
            found = {
                "kind": kind,
                "url": url,
                "caption": _text(item.get("caption")),
                "credit": _text(item.get("creditText")),
            }
        else:
            found = {"kind": "image", "url": _text(item)}
        if found["url"]:
            yield found


def _origin(data: Record) -> dict[str, Any] | None:
    origin = next(iter(_items(data.get("isBasedOn"))), None)
    url = _text(origin.get("url") or origin.get("@id")) if isinstance(origin, dict) else _text(origin)
    return {"status": "syndicated", "evidence": ["structured_data"], "origin_url": url} if url else None


def _access(value: Any) -> str | None:
    if value in (True, "True", "true", "http://schema.org/True", "https://schema.org/True"):
        return "full"
    return None
