"""From a foreign record or a page to an article record: columns, dates, people, identity, provenance."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson

from newsds.article import Record, Rejected, Row, article_id, without_nulls
from newsds.dates import PublishedDate, parse_date
from newsds.errors import UsageError
from newsds.findings import Finding
from newsds.interchange.jsonld import from_jsonld, is_jsonld
from newsds.interchange.ninjs import from_ninjs, is_ninjs
from newsds.json_text import exact_numbers
from newsds.later import later_pattern
from newsds.readers.cursor import Raw
from newsds.readers.inputs import Input
from newsds.readers.places import MappedPlaces
from newsds.readers.shapes import TARGETS, Shape, recognise
from newsds.schema import SCHEMA_VERSION, load_schema
from newsds.text import count_words, detect_language, excerpt, normalise_text, text_digest
from newsds.urls import is_web_url, normalise_url, registrable_domain
from newsds.version import VERSION
from newsds.wire import (
    AGENCIES,
    Agency,
    find_agency,
    find_instruments,
    parse_byline,
    parse_dateline,
    parse_signals,
)

__all__ = ["Reading", "complete", "from_foreign", "has_known", "is_native", "provenance"]

_LANGUAGE = later_pattern(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_LIST_TEXT = later_pattern(r"[;,|]")
_MEDIA_TYPES = {
    "page": "text/plain",
    "jsonl": "application/json",
    "json": "application/json",
    "csv": "text/csv",
    "parquet": "application/json",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How to read inputs; the defaults suit what newsds recognises by itself."""

    #: Target (see `newsds.readers.shapes.TARGETS`) to the input's column.
    map: Mapping[str, str] = field(default_factory=dict)
    #: Names of the columns of a CSV file without a header.
    columns: tuple[str, ...] = ()
    #: Article fields for records that do not have them.
    defaults: Mapping[str, Any] = field(default_factory=dict)
    #: How 03/04/2026 is meant: `mdy` or `dmy`; without it such a date is not guessed.
    date_order: str | None = None
    #: Of text pages and CSV.
    encoding: str = "utf-8"
    delimiter: str | None = None
    #: Whether NaN and Infinity, which JSON does not have, are read as null.
    nan_as_null: bool = False
    agencies: tuple[Agency, ...] = AGENCIES

    def __post_init__(self) -> None:
        """Refuse names that are no targets, no fields and no encodings."""
        try:
            "".encode(self.encoding)
        except (LookupError, ValueError):
            raise UsageError(f"there is no encoding {self.encoding!r}") from None
        if self.delimiter is not None and len(self.delimiter) != 1:
            raise UsageError(f"delimiter {self.delimiter!r}: it is one character")
        _refuse_unknown("map", self.map, TARGETS)
        _refuse_unknown("defaults", self.defaults, load_schema()["properties"])


def _refuse_unknown(what: str, given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise UsageError(f"{what}: {unknown[0]!r} is no field; there are {', '.join(known)}")


def is_native(record: Record) -> bool:
    """Tell whether a record claims to be a newsds article, so that it is taken as it is."""
    return "schema_version" in record or isinstance(record.get("provenance"), dict)


def has_known(columns: Iterable[str], reading: Reading) -> bool:
    """Tell whether any of these columns holds a field, by itself or because the user says so."""
    record = dict.fromkeys(columns)
    return is_native(record) or bool(_assign(record, recognise(record), reading.map))


def from_foreign(raw: Raw, item: Input, reading: Reading) -> list[Row | Rejected]:
    """Return the article of a foreign record, after findings about what could not be understood."""
    if raw.raw is not None and item.kind in ("jsonl", "json"):
        raw.record = exact_numbers(raw.record, raw.raw)
    for name, recognised, convert in _VOCABULARIES:
        if recognised(raw.record):
            return _from_vocabulary(raw, item, reading, vocabulary=name, draft=convert(raw.record))
    shape = recognise(raw.record)
    columns = _assign(raw.record, shape, reading.map)
    values = {
        target: raw.record[column] for target, column in columns.items() if not _is_blank(raw.record[column])
    }
    order = reading.date_order or shape.date_order
    found = _Draft(
        values=values,
        date_order=order,
        agencies=reading.agencies,
        has_line_paragraphs=shape.has_line_paragraphs,
    )
    record = found.record()
    record["extra"] = _extra(raw.record, columns, shape, record)
    record["provenance"] = provenance(
        raw, item, shape=shape.name, fetched_at=found.instant("fetched"), transforms=found.transforms
    )
    finished = complete(record, key=str(values.get("id", "")), reading=reading)
    fields = {_FIELDS.get(target, target): column for target, column in columns.items()}
    row = raw.to_row(item.name, record=finished, locate=MappedPlaces(raw.locate, fields))
    findings = [
        _unread_date(row, "/" + _FIELDS.get(target, target), message, evidence)
        for target, message, evidence in found.unread
    ]
    return [*(Rejected(finding=finding) for finding in findings), row]


#: Target to the field of the article that is made from it, where the two are called differently.
_FIELDS = {
    "published": "published_at",
    "modified": "modified_at",
    "fetched": "provenance",
    "authors": "contributors",
    "id": "alt_ids",
    "image": "media",
    "license": "rights",
    "publisher_domain": "domain",
}


#: Name of a vocabulary, what recognises it, and what turns it into fields of an article.
_VOCABULARIES: tuple[tuple[str, Callable[[Record], bool], Callable[[Record], Record]], ...] = (
    ("ninjs", is_ninjs, from_ninjs),
    ("schema.org", is_jsonld, from_jsonld),
)


def _from_vocabulary(
    raw: Raw, item: Input, reading: Reading, *, vocabulary: str, draft: Record
) -> list[Row | Rejected]:
    """Return the article that a record in another vocabulary states; the record itself is kept in `extra`."""
    unread = [_plain_instant(draft, name, reading.date_order) for name in _INSTANTS]
    for place in ("url", "canonical_url"):
        if place in draft and not is_web_url(draft[place]):
            del draft[place]
    fetched_at = draft.pop("fetched_at", None)
    draft["provenance"] = provenance(raw, item, shape=vocabulary, fetched_at=fetched_at)
    # Written by itself: orjson does not write what is nested as deep as it may be here, and one level deeper.
    draft["extra"] = f'{{"{vocabulary}":{orjson.dumps(raw.record, option=orjson.OPT_SORT_KEYS).decode()}}}'
    key = draft["alt_ids"][0]["value"] if draft.get("alt_ids") else ""
    finished = complete(draft, key=key, reading=reading)
    row = raw.to_row(item.name, record=finished, locate=MappedPlaces(raw.locate, {}))
    findings = [
        _unread_date(row, f"/{field}", f"the {field} date is no date, or can be read in two ways", text)
        for field, text in filter(None, unread)
    ]
    return [*(Rejected(finding=finding) for finding in findings), row]


#: Dates of another vocabulary.
_INSTANTS = ("published_at", "modified_at", "embargoed_until", "expires_at", "fetched_at")


def _plain_instant(draft: Record, field: str, order: Any) -> tuple[str, str] | None:
    """Write a date as an article has it; return field and text if it cannot be read."""
    text = draft.pop(field, None)
    if text is None:
        return None
    parsed = parse_date(text, order=order)
    if parsed is None:
        return field, text
    draft[field] = parsed.at
    if field == "published_at":
        draft |= {
            "published_precision": parsed.precision,
            "published_tz": parsed.tz,
            "published_raw": parsed.raw,
        }
    return None


def _unread_date(row: Row, pointer: str, message: str, value: str) -> Finding:
    return Finding(
        code="NDS402",
        level="error",
        message=message,
        path=row.path,
        row=row.row,
        record_offset=row.offset,
        record_id=row.record["id"],
        pointer=pointer,
        evidence=excerpt(value, width=100),
        **row.place(pointer)._asdict(),
    )


def _is_blank(value: object) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _assign(record: Record, shape: Shape, mapped: Mapping[str, str]) -> dict[str, str]:
    """Return which column each target is read from; the user's word comes first, then the shape's."""
    by_lower = {name.lower(): name for name in reversed(record)}
    chosen = {target: column for target, column in {**shape.columns, **mapped}.items() if column in record}
    taken = set(chosen.values())
    for target, names in TARGETS.items():
        found = next(
            (by_lower[name] for name in names if name in by_lower and by_lower[name] not in taken), None
        )
        if target not in chosen and found is not None:
            chosen[target] = found
            taken.add(found)
    return chosen


def _extra(raw: Record, columns: Mapping[str, str], shape: Shape, record: Record) -> str | None:
    """Return the columns that found no place, as JSON text; nothing is lost."""
    taken = set(columns.values()) - {
        columns[target] for target in record.pop("_unplaced", ()) if target in columns
    }
    rest = {name: value for name, value in raw.items() if name not in taken and not _is_blank(value)}
    for column, target in shape.echoes.items():
        if column in rest and rest[column] in (raw.get(columns.get(target, "")), record.get(target)):
            del rest[column]
    return (
        orjson.dumps(rest, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode() if rest else None
    )


def provenance(
    raw: Raw,
    item: Input,
    *,
    shape: str | None = None,
    fetched_at: str | None = None,
    transforms: list[str] | None = None,
) -> Record:
    """Return where a record comes from: enough to extract it again."""
    data = raw.data()
    return {
        "input_kind": item.kind,
        "input_path": item.name,
        "shape": shape,
        "line": raw.line,
        "offset": raw.offset,
        "length": len(data),
        "raw_sha256": hashlib.sha256(data).hexdigest(),
        "raw_media_type": _MEDIA_TYPES[item.kind],
        "fetched_at": fetched_at,
        "reader": "newsds",
        "reader_version": VERSION,
        "transforms": [*(["NaN and Infinity read as null"] if raw.note else []), *(transforms or [])] or None,
    }


@dataclass(kw_only=True)
class _Draft:
    """The article that a foreign record's values make; `unread` gathers what they do not say clearly."""

    values: Mapping[str, Any]
    date_order: str | None
    agencies: tuple[Agency, ...]
    has_line_paragraphs: bool
    unread: list[tuple[str, str, str]] = field(default_factory=list)
    transforms: list[str] = field(default_factory=list)
    unplaced: list[str] = field(default_factory=list)

    def record(self) -> Record:
        published = self.date("published")
        drafts: dict[str, Any] = {name: self.text(name) for name in _TEXT_TARGETS}
        drafts |= {
            "body": self.body(),
            "alt_ids": [{"scheme": "input", "value": str(self.values["id"])[:1000]}]
            if "id" in self.values
            else None,
            "url": self.url("url"),
            "canonical_url": self.url("canonical_url"),
            "language": self.language(),
            "publisher": self.publisher(),
            "agency": self.agency(),
            "contributors": self.contributors(),
            "published_at": published and published.at,
            "published_precision": published and published.precision,
            "published_tz": published and published.tz,
            "published_raw": published and published.raw,
            "modified_at": self.instant("modified"),
            "section": self.text("section"),
            "tags": self.texts("tags"),
            "media": self.media(),
            "instruments": self.instruments(),
            "rights": {"license": self.text("license")} if "license" in self.values else None,
            "_unplaced": self.unplaced,
        }
        return drafts

    def text(self, target: str) -> str | None:
        value = self.values.get(target)
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            value = "; ".join(value)
        if value is not None and not isinstance(value, str | int | float):
            self.unplaced.append(target)
            return None
        return None if value is None else normalise_text(str(value)) or None

    def texts(self, target: str) -> list[str] | None:
        value = self.values.get(target)
        if isinstance(value, str):
            value = _LIST_TEXT.split(value.strip().strip("[]"))
        if not isinstance(value, list):
            return None
        parts = [
            normalise_text(str(part)).strip("'\"") for part in value if isinstance(part, str | int | float)
        ]
        return list(dict.fromkeys(part for part in parts if part)) or None

    def body(self) -> str | None:
        text = self.text("body")
        if text and self.has_line_paragraphs and "\n" in text and "\n\n" not in text:
            self.transforms.append("line feeds between paragraphs doubled")
            return text.replace("\n", "\n\n")
        return text

    def url(self, target: str) -> str | None:
        value = self.values.get(target)
        if isinstance(value, str) and is_web_url(value.strip()):
            return value.strip()
        if value is not None:
            self.unplaced.append(target)
        return None

    def date(self, target: str) -> PublishedDate | None:
        value = self.values.get(target)
        if value is None or str(value).strip().lower() in {"none", "null", "nan", "nat"}:
            return None
        order: Any = self.date_order
        parsed = parse_date(str(value), order=order)
        if parsed is None:
            self.unplaced.append(target)
            self.unread.append(
                (target, f"the {target} date is no date, or can be read in two ways", str(value)[:100])
            )
        return parsed

    def instant(self, target: str) -> str | None:
        parsed = self.date(target)
        return parsed.at if parsed else None

    def language(self) -> str | None:
        value = self.values.get("language")
        if isinstance(value, str) and _LANGUAGE.fullmatch(value.strip()):
            return value.strip().replace("_", "-")
        if value is not None:
            self.unplaced.append("language")
        return None

    def publisher(self) -> Record | None:
        value = self.values.get("publisher")
        name = value.get("name") if isinstance(value, dict) else self.text("publisher")
        domain = self.text("publisher_domain")
        return without_nulls({"name": name, "domain": domain.lower() if domain else None}) or None

    def agency(self) -> Record | None:
        name = self.text("agency")
        if name is None:
            return None
        known = find_agency(name, agencies=self.agencies)
        return {"name": known.name, "code": known.code} if known else {"name": name}

    def contributors(self) -> list[Record] | None:
        value = self.values.get("authors")
        if value is None and "byline" in self.values:
            value = str(self.values["byline"])
        if isinstance(value, str):
            value = self.names(value)
        if not isinstance(value, list):
            return None
        names = [
            normalise_text(str(name.get("name", "") if isinstance(name, dict) else name)) for name in value
        ]
        return [{"name": name[:500], "role": "author"} for name in dict.fromkeys(names) if name] or None

    def names(self, text: str) -> list[str]:
        byline = parse_byline(text, agencies=self.agencies)
        if byline is not None:
            return list(byline.names)
        return [part for part in _LIST_TEXT.split(text.strip().strip("[]")) if part.strip("'\" ")]

    def media(self) -> list[Record] | None:
        url = self.url("image")
        return [{"kind": "image", "url": url}] if url else None

    def instruments(self) -> list[Record] | None:
        symbols = self.texts("instruments") or []
        return [
            {"symbol": symbol.strip("<>")[:50], "scheme": "ric" if "." in symbol else "ticker"}
            for symbol in symbols
        ] or None


_TEXT_TARGETS = ("headline", "summary", "byline", "credit_line", "kicker", "slugline", "version", "genre")


def complete(record: Record, *, key: str, reading: Reading) -> Record:
    """Return a record with everything that follows from what it has: wire fields, language, identity.

    Args:
        record: the article's fields with its `provenance`.
        key: the input's own identifier, used where there is no URL.
        reading: defaults and known agencies.
    """
    record = without_nulls(record)
    for name, value in reading.defaults.items():
        if name not in record:
            record[name] = value
        elif isinstance(value, dict) and isinstance(record[name], dict):
            record[name] = {**value, **record[name]}
    _add_wire(record, reading.agencies)
    _add_language(record, reading.defaults)
    body, url = record.get("body"), record.get("url")
    record["schema_version"] = SCHEMA_VERSION
    record["id"] = article_id((url and normalise_url(url)) or key, record["provenance"]["raw_sha256"])
    if url:
        record.setdefault("domain", registrable_domain(url))
    if body is not None:
        record["word_count"] = count_words(body)
        record["text_sha256"] = text_digest(body)
    return {name: record[name] for name in load_schema()["properties"] if record.get(name) is not None}


def _add_language(record: Record, defaults: Mapping[str, Any]) -> None:
    if "language" in record:
        if record["language"] == "und":
            return
        assumed = "language" in defaults and record["language"] == defaults["language"]
        record.setdefault("language_source", "assumed" if assumed else "declared")
        return
    record["language"] = detect_language(record.get("body", ""))
    if record["language"] != "und":
        record["language_source"] = "detected"


def _add_wire(record: Record, agencies: tuple[Agency, ...]) -> None:
    """Add what the text itself says of its agency, its securities and its version."""
    body = record.get("body", "")
    derive: dict[str, Callable[[], Any]] = {
        "dateline": partial(_dateline, body, agencies),
        "instruments": partial(_instruments, body),
        "signals": lambda: list(parse_signals(record.get("headline", ""))),
        "agency": partial(_agency, record, agencies),
        "syndication": partial(_syndication, record),
        "status": partial(_status, record),
    }
    for name, make in derive.items():
        if name not in record and (value := make()):
            record[name] = value


def _dateline(body: str, agencies: tuple[Agency, ...]) -> Record | None:
    found = parse_dateline(body[:600], agencies=agencies)
    return without_nulls(found.to_dict()) if found else None


def _instruments(body: str) -> list[Record]:
    return [without_nulls(item.to_dict()) for item in find_instruments(body)]


def _agency(record: Record, agencies: tuple[Agency, ...]) -> Record | None:
    name = record.get("dateline", {}).get("agency")
    known = find_agency(name, agencies=agencies) if name else None
    return {"name": known.name, "code": known.code} if known else None


def _syndication(record: Record) -> Record | None:
    agency, publisher = record.get("agency", {}).get("name"), record.get("publisher", {}).get("name")
    if not agency or not publisher:
        return None
    if agency == publisher:
        return {"status": "original"}
    evidence = [name for name in ("dateline", "credit_line") if name in record]
    return without_nulls({"status": "syndicated", "evidence": evidence})


def _status(record: Record) -> str | None:
    signals = record.get("signals", ())
    return "withdrawn" if "kill" in signals else "corrected" if "correction" in signals else None
