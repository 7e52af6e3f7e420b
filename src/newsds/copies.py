"""Copies among the records that are validated: their texts are compared while the records go by."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from newsds.article import Articles, Rejected, Row
from newsds.checks.census import split_of
from newsds.checks.rules import RULES
from newsds.dedup import dedupe
from newsds.findings import Finding
from newsds.project import RuleChoices
from newsds.texts import TEXTS_SCHEMA

__all__ = ["with_copies"]

_ROWS = 2048
#: Relation to the rule on the pair; a relation that is not here breaks none.
_CODES = {
    "republication": "NDS603",
    "correction": "NDS603",
    "abridgement": "NDS606",
    "extension": "NDS606",
    "digest": "NDS606",
}
_SAME = frozenset({"republication", "abridgement", "extension", "correction"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """What is kept of a record besides its text."""

    row: Row
    record_id: str | None
    split: str | None


@dataclass(kw_only=True)
class _Reader:
    """Passes records on and keeps what their comparison needs; records are known by their number."""

    items: Iterable[Row | Rejected]
    split_by: str | None
    places: list[_Place] = field(default_factory=list)
    texts: list[pa.RecordBatch] = field(default_factory=list)

    def __iter__(self) -> Iterator[Row | Rejected]:
        waiting: list[dict[str, Any]] = []
        for item in self.items:
            if isinstance(item, Row):
                waiting.append(self._keep(item))
                if len(waiting) == _ROWS:
                    self.texts.append(pa.RecordBatch.from_pylist(waiting, schema=TEXTS_SCHEMA))
                    waiting = []
            yield item
        self.texts.append(pa.RecordBatch.from_pylist(waiting, schema=TEXTS_SCHEMA))

    def _keep(self, row: Row) -> dict[str, Any]:
        record = row.record
        split = split_of(record, row.path, split_by=self.split_by) if self.split_by else None
        place = Row(record={}, path=row.path, line=row.line, row=row.row, offset=row.offset)
        self.places.append(_Place(row=place, record_id=_text(record.get("id")), split=split))
        return {
            "id": f"{len(self.places) - 1:012}",
            "text": _text(record.get("body")),
            "published_at": _instant(record.get("published_at")),
            "headline": _text(record.get("headline")),
            "agency": _name(record.get("agency")),
            "publisher": _name(record.get("publisher")) or _text(record.get("domain")),
        }


def with_copies(articles: Articles, choices: RuleChoices) -> Articles:
    """Return the articles, and at their end the findings on copies among them; faulty records are compared too."""
    split_by = choices.task.split_by if choices.task else None

    def open_items() -> Iterator[Row | Rejected]:
        reader = _Reader(items=articles.open_items(), split_by=split_by)
        yield from reader
        yield from (Rejected(finding=finding) for finding in _findings(reader))

    return Articles(open_items)


def _findings(reader: _Reader) -> Iterator[Finding]:
    found = dedupe(reader.texts)
    order: list[tuple[int, str, Finding]] = []
    superseding = {row["article_id"] for row in found.clusters.to_pylist() if row["supersedes"] is not None}
    for pair in found.relations.to_pylist():
        a, b, relation = int(pair["a"]), int(pair["b"]), pair["relation"]
        of_pair = _of_pair(reader.places, relation, a, b)
        # Of a correction that says so, NDS641 tells, where the version stands that it replaces.
        is_told = relation == "correction" and pair["b"] in superseding
        order += [(at, one.code, one) for at, one in of_pair if not (is_told and one.code == "NDS603")]
    for row in found.clusters.to_pylist():
        if row["supersedes"] is not None:
            earlier, later = int(row["supersedes"]), reader.places[int(row["article_id"])]
            order.append(
                (
                    earlier,
                    "NDS641",
                    _finding("NDS641", reader.places[earlier], f"superseded by {_named(later)}"),
                )
            )
    # One finding of a rule for each record: of a copy of several, the first is named.
    first: dict[tuple[int, str], Finding] = {}
    for at, code, finding in order:
        first.setdefault((at, code), finding)
    yield from (first[key] for key in sorted(first))


def _of_pair(places: list[_Place], relation: str, a: int, b: int) -> Iterator[tuple[int, Finding]]:
    if relation in _CODES:
        yield b, _finding(_CODES[relation], places[b], f"{relation} of {_named(places[a])}")
    splits = places[a].split, places[b].split
    if relation in _SAME and None not in splits and splits[0] != splits[1]:
        at, other = (a, b) if splits[1] == "train" else (b, a)
        message = f"{relation}: a copy is in {places[other].split} ({_named(places[other])})"
        yield at, _finding("NDS702", places[at], message)


def _finding(code: str, place: _Place, message: str) -> Finding:
    row = place.row
    return Finding(
        code=code,
        level=RULES[code].level,
        message=message,
        path=row.path,
        line=row.line,
        row=row.row,
        record_offset=row.offset,
        record_id=place.record_id,
        pointer="/body",
    )


def _named(place: _Place) -> str:
    return place.record_id or f"row {place.row.row}"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _name(value: Any) -> str | None:
    return _text(value.get("name")) if isinstance(value, dict) else None


def _instant(value: Any) -> datetime | None:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return instant if instant is not None and instant.tzinfo is not None else None
