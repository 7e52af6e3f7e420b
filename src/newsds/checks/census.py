"""Census: what rules on the whole set need to know of every record, as numbers; no text is kept."""

import hashlib
import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from newsds.article import Record, Row
from newsds.checks.bodies import has_words
from newsds.findings import Finding, Level

__all__ = ["Census", "CensusTaker"]

#: Shorter paragraphs are credit and legal lines, which many articles share.
MIN_PARAGRAPH = 60
#: Words of a headline that are looked for in the body.
MAX_HEADLINE_WORDS = 16

Ints = npt.NDArray[Any]

#: A word of a headline that says what it is about: four letters or more, and none of these.
_WORD = re.compile(
    r"\b(?!(?:about|after|again|against|amid|another|back|been|before|being|best|between|could|down|each|even"
    r"|every|first|five|four|from|have|here|high|into|just|last|latest|like|made|make|many|more|most|near"
    r"|need|news|next|only|other|over|report|said|says|seen|should|show|since|some|still|take|than|that"
    r"|their|them|then|there|these|they|this|three|through|time|today|under|until|update|what|when|where"
    r"|which|while|will|with|worth|would|years?|your)\b)\w{4,}"
)
#: Three dots end no sentence: they are how an interface marks its cut.
_SENTENCE_END = re.compile(r"(?:[!?。！？؟।]|(?<!\.\.)\.)['\"”’»)\]]{0,3}$")


def _hash(text: str) -> int:
    """Return 64 bits of a text: equal for equal texts, on every machine."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


@dataclass(frozen=True, kw_only=True, slots=True)
class Census:
    """All records, one number per record in each column, and their long paragraphs.

    Texts are 64-bit hashes; the chance that two of 100 million different ones meet is 0.03 %.
    """

    paths: tuple[str | None, ...]
    ids: tuple[str | None, ...]
    #: The record numbers sorted by place, so that nothing depends on the order of reading.
    order: Ints
    #: Hash of the id; 0 is null.
    id: Ints
    #: Number of the path, and place in it; -1 is null.
    path: Ints
    line: Ints
    row: Ints
    offset: Ints
    headline: Ints
    n_headline_words: Ints
    #: Hash of all paragraphs; 0 is an empty body.
    body: Ints
    n_chars: Ints
    #: 1: at least 25 words. 2: does not end as a sentence does. Added up.
    traits: Ints
    #: Hash of the publisher's name, else of the domain; 0 is null.
    publisher: Ints
    #: Of each long paragraph, once per record: its record, hash and length,
    #: and how many words of the headline it holds.
    paragraph_record: Ints
    paragraph: Ints
    paragraph_chars: Ints
    paragraph_words: Ints

    def place(self, number: int) -> str:
        """Return where a record is, for people."""
        path, line, row = self.paths[self.path[number]], int(self.line[number]), int(self.row[number])
        if line >= 0:
            return f"{path or 'line'}:{line}"
        if row >= 0:
            return f"{path or 'row'}[{row}]"
        return path or self.ids[number] or "a record without an id"

    def finding(self, number: int, *, code: str, level: Level, message: str, pointer: str) -> Finding:
        """Return a finding about one record, with its place."""
        return Finding(
            code=code,
            level=level,
            message=message,
            path=self.paths[self.path[number]],
            line=_or_none(self.line[number]),
            row=_or_none(self.row[number]),
            offset=_or_none(self.offset[number]),
            record_offset=_or_none(self.offset[number]),
            record_id=self.ids[number],
            pointer=pointer,
        )


def _or_minus(number: int | None) -> int:
    return -1 if number is None else number


def _traits(body: str, paragraphs: list[str]) -> int:
    is_cut = bool(paragraphs) and _SENTENCE_END.search(paragraphs[-1][-5:]) is None
    return int(has_words(body, 25)) + 2 * is_cut


def _or_none(number: Any) -> int | None:
    return None if number < 0 else int(number)


#: Columns of one number per record, in the order in which `CensusTaker.add` fills them, with their types.
_COLUMNS = {
    "id": "Q", "path": "i", "line": "q", "row": "q", "offset": "q", "headline": "Q", "n_headline_words": "B",
    "body": "Q", "n_chars": "i", "traits": "B", "publisher": "Q",
}  # fmt: skip
_PARAGRAPH_COLUMNS = {
    "paragraph_record": "I",
    "paragraph": "Q",
    "paragraph_chars": "i",
    "paragraph_words": "B",
}


class CensusTaker:
    """Takes down records, one by one: 62 bytes of each and its id, and 17 bytes of each long paragraph."""

    def __init__(self) -> None:
        self._ids: list[str | None] = []
        self._paths: dict[str | None, int] = {}
        self._columns = {name: array(code) for name, code in _COLUMNS.items()}
        self._paragraphs = {name: array(code) for name, code in _PARAGRAPH_COLUMNS.items()}

    def add(self, record: Record, row: Row) -> None:
        """Take down a record; a field that breaks the schema is left out by the caller."""
        headline, body = (record.get("headline") or "").strip(), record.get("body") or ""
        paragraphs = [part for part in map(str.strip, body.split("\n")) if part]
        hashes = [_hash(part) for part in paragraphs]
        words = sorted(set(_WORD.findall(headline.lower())))[:MAX_HEADLINE_WORDS]
        publisher = (record.get("publisher") or {}).get("name") or record.get("domain")
        record_id = record.get("id")
        values = (
            _hash(record_id) if record_id else 0,
            self._paths.setdefault(row.path, len(self._paths)),
            _or_minus(row.line),
            _or_minus(row.row),
            _or_minus(row.offset),
            _hash(headline.casefold()),
            len(words),
            _hash(repr(hashes)) if hashes else 0,
            len(body),
            _traits(body, paragraphs),
            _hash(publisher.casefold()) if publisher else 0,
        )
        for column, value in zip(self._columns.values(), values, strict=True):
            column.append(value)
        self._add_paragraphs(dict(zip(hashes, paragraphs, strict=True)), words)
        self._ids.append(record_id)

    def _add_paragraphs(self, paragraphs: dict[int, str], words: list[str]) -> None:
        owners, keys, lengths, counts = self._paragraphs.values()
        for key, text in paragraphs.items():
            if len(text) >= MIN_PARAGRAPH:
                lower = text.lower()
                owners.append(len(self._ids))
                keys.append(key)
                lengths.append(len(text))
                counts.append(sum([word in lower for word in words]))

    def census(self) -> Census:
        """Return everything taken down so far."""
        taken = {**self._columns, **self._paragraphs}
        columns = {name: np.frombuffer(column, dtype=column.typecode) for name, column in taken.items()}
        paths = tuple(self._paths)
        return Census(ids=tuple(self._ids), paths=paths, order=_order(paths, columns), **columns)


def _order(paths: tuple[str | None, ...], columns: dict[str, Ints]) -> Ints:
    rank = np.empty(len(paths), dtype=np.int64)
    rank[sorted(range(len(paths)), key=lambda number: paths[number] or "")] = np.arange(len(paths))
    keys = [columns[name] for name in ("body", "headline", "id", "offset", "row", "line")]
    return np.lexsort([*keys, rank[columns["path"]]])


def group_sizes(columns: Iterable[Ints]) -> Ints:
    """Return for each entry how many entries agree with it in all columns."""
    keys = tuple(columns)
    order = np.lexsort(keys)
    if not len(order):
        return order
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = np.logical_or.reduce([key[order][1:] != key[order][:-1] for key in keys])
    groups = np.cumsum(is_new) - 1
    sizes = np.empty(len(order), dtype=np.int64)
    sizes[order] = np.bincount(groups)[groups]
    return sizes
