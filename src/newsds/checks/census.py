"""Census: what rules on the whole set need to know of every record, as numbers; no body is kept."""

import hashlib
import re
import sys
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from newsds.article import Record, Row
from newsds.checks.ledger import MAX_BYTES, FinishedTexts, Ints, Ledger, Texts, iter_parts
from newsds.checks.traits import headline_words, n_in, traits_of
from newsds.findings import Finding, Level
from newsds.later import later_module, later_pattern
from newsds.project import RuleChoices
from newsds.urls import normalise_url
from newsds.wire import take_signals_off

if TYPE_CHECKING:
    import numpy as np
else:
    np = later_module("numpy")

__all__ = ["Census", "CensusTaker", "group_sizes", "hash_of", "split_of", "value_of"]

#: Shorter paragraphs are credit and legal lines, which many articles share.
MIN_PARAGRAPH = 60
#: Longer lines are of no use as evidence.
MAX_LINE = 300
#: Names of publishers, labels and places that are kept for messages.
MAX_NAMES = 200_000

#: The number of a wire story in an address (`idUSTRE69A4Q9`, `idINKCN1`) or in a record's own identifier.
_STORY = later_pattern(r"\bid([A-Z]{2}[A-Z0-9]{6,20})\b|(urn:newsml:[\w.:-]{8,200})")


def hash_of(text: str) -> int:
    """Return 64 bits of a text: equal for equal texts, on every machine; never 0, which stands for null."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Census:
    """All records, one number per record in each column, and their lines.

    Texts are 64-bit hashes; the chance that two of 100 million different ones meet is 0.03 %. The columns
    may lie on the disk.
    """

    choices: RuleChoices
    paths: tuple[str | None, ...]
    splits: tuple[str, ...]
    #: Hash to name of publishers, labels and places.
    names: dict[int, str]
    ids: FinishedTexts
    #: Rank of each path by name, so that nothing depends on the order of reading.
    path_rank: Ints
    #: Hash of the id; 0 is null.
    id: Ints
    #: Number of the path, and place in it; -1 is null.
    path: Ints
    line: Ints
    row: Ints
    offset: Ints
    headline: Ints
    #: Hash of the headline without the marks of its version.
    bare_headline: Ints
    n_headline_words: Ints
    #: Hash of all paragraphs; 0 is an empty body.
    body: Ints
    n_chars: Ints
    #: Sum of `newsds.checks.traits`.
    traits: Ints
    #: Hash of the publisher's name, else of the domain; 0 is null.
    publisher: Ints
    #: Hash of the normalised address, and of the number of the wire story; 0 is null.
    url: Ints
    story: Ints
    #: Hash of what tells two captures of one address apart: version and times.
    capture: Ints
    #: Minutes since 1970; `NO_TIME` is null.
    minute: Ints
    #: Number of the split in `splits`, and hash of the label; 0 is null.
    split: Ints
    label: Ints
    #: Of each line, once per record: its record, hash and length,
    #: and how many words of the headline it holds.
    line_record: Ints
    line_text: Ints
    line_chars: Ints
    line_words: Ints
    #: Lines that occur in more than one record, for evidence, and some others.
    shown: FinishedTexts
    #: Of each token that may give a label away: its record, kind and hash.
    token_record: Ints
    token_kind: Ints
    token: Ints

    def __len__(self) -> int:
        return len(self.ids)

    def place(self, number: int) -> str:
        """Return where a record is, for people."""
        path, line, row = self.paths[self.path[number]], int(self.line[number]), int(self.row[number])
        if line >= 0:
            return f"{path or 'line'}:{line}"
        if row >= 0:
            return f"{path or 'row'}[{row}]"
        return path or self.ids[number] or "a record without an id"

    def by_place(self, numbers: Ints) -> Ints:
        """Return records sorted by place: the same whatever the order of reading."""
        columns = (self.body, self.headline, self.id, self.offset, self.row, self.line)
        return numbers[
            np.lexsort([*(column[numbers] for column in columns), self.path_rank[self.path[numbers]]])
        ]

    def groups(self, keys: Ints, *, least: int = 2, among: Ints | None = None) -> Iterator[Ints]:
        """Yield the records that share a key, each group sorted by place; key 0 is no group.

        Args:
            keys: one key per record.
            least: smaller groups are left out.
            among: true for the records to look at; all if not given.
        """
        for part in iter_parts(keys):
            numbers = part if among is None else part[among[part]]
            order = np.argsort(keys[numbers], kind="stable")
            by_key = numbers[order]
            values = keys[by_key]
            bounds = np.flatnonzero(values[1:] != values[:-1]) + 1
            starts, ends = np.append(0, bounds), np.append(bounds, len(by_key))
            for first, last in zip(starts, ends, strict=True):
                if last - first >= least:
                    yield self.by_place(by_key[first:last])

    def anchor(self, numbers: Ints) -> int:
        """Return the record that stands for a group, the one with the smallest id: it stays when records are moved."""
        return min(map(int, numbers), key=lambda number: self.ids[number] or "")

    def name(self, key: Any, *, otherwise: str = "?") -> str:
        """Return the name behind a hash."""
        return self.names.get(int(key), otherwise)

    def lines(self, keys: set[int]) -> dict[int, str]:
        """Return the texts of lines by their hashes, of those that are known."""
        texts = (self.shown[number] or "" for number in range(len(self.shown))) if keys else ()
        return {key: text for text in texts if (key := hash_of(text)) in keys}

    def lines_of(self, number: int) -> Ints:
        """Return the hashes of the long paragraphs of a record."""
        first, last = np.searchsorted(self.line_record, [number, number + 1])
        return self.line_text[first:last][self.line_chars[first:last] >= MIN_PARAGRAPH]

    def finding(
        self,
        number: int | None,
        *,
        code: str,
        level: Level,
        message: str,
        pointer: str,
        evidence: str | None = None,
        group: str | None = None,
    ) -> Finding:
        """Return a finding about one record, with its place; of the whole set without a number."""
        if number is None:
            return Finding(
                code=code, level=level, message=message, pointer=pointer, evidence=evidence, group=group
            )
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
            evidence=evidence,
            group=group,
        )


def _or_minus(number: int | None) -> int:
    return -1 if number is None else number


def _or_none(number: Any) -> int | None:
    return None if number < 0 else int(number)


#: Stands for "no time" among minutes.
NO_TIME = -(2**62)
_EPOCH = date(1970, 1, 1).toordinal()


def _minute(text: str | None) -> int:
    """Return a timestamp of the schema's form as minutes since 1970; a day that is in no calendar is no time."""
    if text is None:
        return NO_TIME
    try:
        day = date.fromisoformat(text[:10]).toordinal() - _EPOCH
    except ValueError:
        return NO_TIME
    return day * 1440 + int(text[11:13]) * 60 + int(text[14:16])


def value_of(record: Record, field: str) -> Any:
    """Return the value of a field such as `section` or `publisher.name`; else of a column kept in `extra`."""
    value: Any = record
    for name in field.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None and record.get("extra"):
        import orjson

        try:
            value = orjson.loads(record["extra"]).get(field.removeprefix("extra."))
        except (orjson.JSONDecodeError, AttributeError):
            return None
    return value


_SHARD = later_pattern(r"[-_.](?:\d{1,6})(?:-of-\d{1,6})?$")
_SPLIT_NAMES = (
    "train",
    "training",
    "validation",
    "valid",
    "val",
    "dev",
    "test",
    "testing",
    "holdout",
    "eval",
)


def split_of(record: Record, path: str | None, *, split_by: str) -> str | None:
    """Return the split of a record: the value of a field, or what its file or folder is called.

    >>> split_of({}, "data/train-00001-of-00004.parquet", split_by="file")
    'train'
    """
    if split_by != "file":
        value = value_of(record, split_by)
        return None if value is None else str(value)
    if path is None:
        return None
    *folders, name = path.split("/")
    stem = _SHARD.sub("", name.split(".", 1)[0])
    parts = [*re.split(r"[-_.]", stem), *reversed(folders)]
    return next((part for part in parts if part.lower() in _SPLIT_NAMES), stem)


def _label_of(record: Record, field: str) -> str | None:
    value = value_of(record, field)
    if isinstance(value, list):
        return "; ".join(sorted(str(item) for item in value)) or None
    return None if value is None or not str(value).strip() else str(value)


#: Columns of one number per record, in the order in which `CensusTaker.add` fills them, with their types.
CENSUS_COLUMNS = {
    "id": "Q", "path": "i", "line": "q", "row": "q", "offset": "q", "headline": "Q", "bare_headline": "Q",
    "n_headline_words": "B", "body": "Q", "n_chars": "i", "traits": "I", "publisher": "Q", "url": "Q", "story": "Q",
    "capture": "Q", "minute": "q", "split": "I", "label": "Q",
}  # fmt: skip
LINE_COLUMNS = {"line_record": "I", "line_text": "Q", "line_chars": "i", "line_words": "B"}
TOKEN_COLUMNS = {"token_record": "I", "token_kind": "B", "token": "Q"}

#: Bits of a line's hash by which it is known whether the line was seen before.
_PLACE_BITS = 24
_PLACES = (1 << _PLACE_BITS) - 1

#: What may give a label away.
TOKEN_KINDS = ("agency", "publisher", "dateline", "first word", "last line")


class CensusTaker:
    """Takes down records, one by one: 130 bytes of each and its id, and 17 bytes of each line.

    Beyond a limit it all goes to the disk.
    """

    def __init__(
        self,
        choices: RuleChoices | None = None,
        *,
        shows_all: bool = False,
        is_of_part: bool = False,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """Start with no records.

        Args:
            choices: what the project says about splits, labels and rights.
            shows_all: whether lines are kept for evidence when they are seen first; else when they come again.
            is_of_part: whether it will be absorbed by another, which decides then which lines are kept: it keeps
                all, and all in memory.
            max_bytes: of each ledger and of the identifiers this much stays in memory.
        """
        max_bytes = sys.maxsize if is_of_part else max_bytes
        self._choices = choices or RuleChoices()
        self._ids = Texts(max_bytes=max_bytes)
        self._paths: dict[str | None, int] = {}
        self._splits: dict[str, int] = {"": 0}
        self._names: dict[int, str] = {}
        self._records = Ledger(CENSUS_COLUMNS, max_bytes=max_bytes)
        self._lines = Ledger(LINE_COLUMNS, max_bytes=max_bytes)
        self._tokens = Ledger(TOKEN_COLUMNS, max_bytes=max_bytes)
        #: Whether a line was seen once, or more often: a sketch that errs to "more often" only.
        self._seen = None if is_of_part else bytearray([shows_all]) * (1 << _PLACE_BITS)
        self._shown = Texts(max_bytes=max_bytes)

    def add(self, record: Record, row: Row) -> None:
        """Take down a record; a field that breaks the schema is left out by the caller."""
        headline, body = (record.get("headline") or "").strip(), record.get("body") or ""
        paragraphs = [part for part in map(str.strip, body.split("\n")) if part]
        hashes = [hash_of(part) for part in paragraphs]
        words = headline_words(headline)
        publisher = (record.get("publisher") or {}).get("name") or record.get("domain")
        record_id = record.get("id")
        url = record.get("url")
        values = (
            hash_of(record_id) if record_id else 0,
            self._paths.setdefault(row.path, len(self._paths)),
            _or_minus(row.line),
            _or_minus(row.row),
            _or_minus(row.offset),
            hash_of(headline.casefold()),
            hash_of(take_signals_off(headline).casefold()),
            len(words),
            hash_of(repr(hashes)) if hashes else 0,
            len(body),
            traits_of(record, paragraphs, words),
            self._named(publisher.casefold(), publisher) if publisher else 0,
            hash_of(normalise_url(url) or url) if url else 0,
            _story_of(record, url),
            _capture_of(record),
            _minute(record.get("published_at")),
            *self._split_and_label(record, row.path),
        )
        self._records.append(values)
        self._add_lines(dict(zip(hashes, paragraphs, strict=True)), words)
        self._ids.append(record_id)

    def _named(self, text: str, name: str) -> int:
        """Return the hash of a text whose name may be shown."""
        key = hash_of(text)
        if key not in self._names and len(self._names) < MAX_NAMES:
            self._names[key] = name[:500]
        return key

    def _split_and_label(self, record: Record, path: str | None) -> tuple[int, int]:
        task = self._choices.task
        if task is None:
            return 0, 0
        split = split_of(record, path, split_by=task.split_by) if task.split_by else None
        label = _label_of(record, task.label) if task.label else None
        if label is not None:
            self._add_tokens(record)
        number = 0 if split is None else self._splits.setdefault(split, len(self._splits))
        return number, 0 if label is None else self._named("label " + label, label)

    def _add_tokens(self, record: Record) -> None:
        body = (record.get("body") or "").strip()
        dateline = record.get("dateline") or {}
        tokens = (
            (record.get("agency") or {}).get("name") or dateline.get("agency"),
            (record.get("publisher") or {}).get("name") or record.get("domain"),
            ", ".join(dateline.get("places") or ()),
            body[:40].split(None, 1)[0] if body else None,
            body.rpartition("\n")[2].strip()[:MAX_LINE] if "\n" in body else None,
        )
        for kind, text in enumerate(tokens):
            if text:
                self._tokens.append((len(self._ids), kind, self._named(f"{kind} {text}", text)))

    def _add_lines(self, lines: dict[int, str], words: list[str]) -> None:
        texts = lines.values()
        n_words = [n_in(words, text.lower()) if len(text) >= MIN_PARAGRAPH else 0 for text in texts]
        self._lines.append_rows([len(self._ids)] * len(lines), lines, map(len, texts), n_words)
        for key, text in lines.items():
            place = key & _PLACES
            if self._seen is None:
                self._shown.append(text if len(text) <= MAX_LINE else None)
            elif self._seen[place] < 2:
                self._seen[place] += 1
                if self._seen[place] == 2 and len(text) <= MAX_LINE:
                    self._shown.append(text)

    def absorb(self, other: "CensusTaker", *, line_shift: int) -> None:
        """Add what another has taken down of the part that comes next: the same as if this one had.

        Args:
            other: the taker of a part.
            line_shift: lines of the input before those that the other saw as the first.
        """
        n_before = len(self._ids)
        paths = [self._paths.setdefault(path, len(self._paths)) for path in other._paths]  # noqa: SLF001
        splits = [self._splits.setdefault(split, len(self._splits)) for split in other._splits]  # noqa: SLF001
        records = other._records.columns()  # noqa: SLF001
        records["path"] = np.array(paths, dtype=np.int32)[records["path"]]
        records["split"] = np.array(splits, dtype=np.uint32)[records["split"]]
        records["line"][records["line"] >= 0] += line_shift
        lines, tokens = other._lines.columns(), other._tokens.columns()  # noqa: SLF001
        lines["line_record"] += np.uint32(n_before)
        tokens["token_record"] += np.uint32(n_before)
        for key, name in other._names.items():  # noqa: SLF001
            if len(self._names) < MAX_NAMES:
                self._names.setdefault(key, name)
        self._show(lines["line_text"], lines["line_chars"], other._shown.finish())  # noqa: SLF001
        self._records.extend(records)
        self._lines.extend(lines)
        self._tokens.extend(tokens)
        self._ids.extend(other._ids)  # noqa: SLF001

    def _show(self, keys: Ints, n_chars: Ints, texts: FinishedTexts) -> None:
        """Keep the lines that come again, as `_add_lines` does one by one."""
        assert self._seen is not None
        seen = np.frombuffer(self._seen, dtype=np.uint8)
        places = (keys & np.uint64(_PLACES)).astype(np.int64)
        n_seen = seen[places] + _occurrence(places)
        for number in np.flatnonzero((n_seen == 2) & (n_chars <= MAX_LINE)):
            self._shown.append(texts[int(number)])
        np.maximum.at(seen, places, np.minimum(n_seen, 2).astype(np.uint8))

    def rows(self) -> dict[str, "array[int]"] | None:
        """Return the columns of records and of lines without numpy; None if they are partly on the disk."""
        records, lines = self._records.rows(), self._lines.rows()
        return None if records is None or lines is None else records | lines

    def __len__(self) -> int:
        return len(self._ids)

    def census(self) -> Census:
        """Return everything taken down so far."""
        paths = tuple(self._paths)
        rank = np.zeros(max(1, len(paths)), dtype=np.int64)
        rank[sorted(range(len(paths)), key=lambda number: paths[number] or "")] = np.arange(len(paths))
        return Census(
            choices=self._choices,
            paths=paths,
            path_rank=rank,
            splits=tuple(self._splits),
            names=self._names,
            ids=self._ids.finish(),
            shown=self._shown.finish(),
            **self._records.columns(),
            **self._lines.columns(),
            **self._tokens.columns(),
        )


def _occurrence(values: Ints) -> Ints:
    """Return of each value which occurrence of it this is: 1 for the first."""
    order = np.argsort(values, kind="stable")
    by_value = values[order]
    numbers = np.arange(len(values))
    is_first = np.ones(len(values), dtype=bool)
    is_first[1:] = by_value[1:] != by_value[:-1]
    result = np.empty(len(values), dtype=np.int64)
    result[order] = numbers - np.maximum.accumulate(np.where(is_first, numbers, 0)) + 1
    return result


def _story_of(record: Record, url: str | None) -> int:
    own = (record.get("provenance") or {}).get("record_id") or ""
    match = _STORY.search(url or "") or _STORY.search(own)
    return hash_of((match[1] or match[2]).upper()) if match else 0


def _capture_of(record: Record) -> int:
    """Return the hash of version and times; records of one page that differ in it are versions of it."""
    fetched = (record.get("provenance") or {}).get("fetched_at")
    parts = [record.get(name) for name in ("version", "modified_at", "first_seen_at")]
    return hash_of(repr([*parts, fetched]))


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
