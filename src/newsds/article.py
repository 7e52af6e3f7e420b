"""The article record: its identity, its two forms (JSON and Arrow), and streams of it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from newsds.errors import UsageError
from newsds.findings import Finding, Place
from newsds.schema import SCHEMA_VERSION, arrow_schema, is_later_minor

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "BATCH_ROWS",
    "TIMESTAMPS",
    "Articles",
    "Good",
    "GoodRows",
    "Part",
    "Record",
    "Rejected",
    "Row",
    "article_id",
    "canonical_json",
    "record_digest",
    "to_batch",
    "to_records",
]

#: A record in its JSON form: timestamps are strings, absent means null.
Record = dict[str, Any]

#: Rows in a batch; memory is bounded by a batch, not by the corpus.
BATCH_ROWS = 2048

#: Top-level fields that hold an instant.
TIMESTAMPS = ("published_at", "modified_at", "first_seen_at", "embargoed_until", "expires_at")

_ID_SPECIFICATION = b"newsds-article-id-1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A record and the place where it was found."""

    record: Record
    path: str | None = None
    #: 1-based line of the decompressed input on which the record begins.
    line: int | None = None
    #: 0-based row of a table.
    row: int | None = None
    #: 0-based byte offset in the decompressed input.
    offset: int | None = None
    #: 1-based column at which it begins, in characters.
    column: int = 1
    #: The bytes it came from, where the input has such a thing (a line, a page); kept for the quarantine.
    raw: bytes | None = None
    #: Says where in the input a value of the record stands, from its pointer and an excerpt of it.
    locate: "Callable[[Row, str, str | None], Place] | None" = None

    def place(self, pointer: str = "", evidence: str | None = None) -> Place:
        """Return where a value of the record stands; of the record, where nothing better is known."""
        if self.locate is not None:
            return self.locate(self, pointer, evidence)
        return Place(line=self.line, offset=self.offset)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """What stands in an input and is no record, with the finding that says why."""

    finding: Finding
    #: The bytes, for the quarantine; None where nothing is lost (a blank line, a byte order mark).
    raw: bytes | None = None


def article_id(key: str, raw_sha256: str) -> str:
    """Return the identifier of a copy.

    Args:
        key: the normalised URL, else the input's own identifier of the record, else the empty string.
        raw_sha256: the hash of the raw input of this record, 64 hexadecimal digits.
    """
    parts = (_ID_SPECIFICATION, key.encode("utf-8", "surrogatepass"), raw_sha256.encode("ascii"))
    return "nds:" + hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]


def canonical_json(record: Record) -> bytes:
    """Return the one serialisation of a record: keys sorted, nulls left out, no white space, UTF-8."""
    import orjson

    return orjson.dumps(without_nulls(record), option=orjson.OPT_SORT_KEYS)


def without_nulls(value: Any) -> Any:
    """Return JSON data with null members, and objects and lists left empty by that, taken out."""
    if isinstance(value, dict):
        kept = {key: without_nulls(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None and item not in ({}, [])}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def record_digest(record: Record) -> bytes:
    """Return the SHA-256 of the canonical JSON of a record: its leaf in a logical digest."""
    return hashlib.sha256(canonical_json(record)).digest()


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _instant_text(instant: datetime | None) -> str | None:
    if instant is None:
        return None
    text = instant.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"


def _with_instants(record: Record, convert: Callable[[Any], Any]) -> Record:
    """Return a copy of the record in which every instant went through `convert`."""
    changed = {name: convert(record[name]) for name in TIMESTAMPS if record.get(name) is not None}
    provenance = record.get("provenance")
    if provenance and provenance.get("fetched_at") is not None:
        changed["provenance"] = {**provenance, "fetched_at": convert(provenance["fetched_at"])}
    return {**record, **changed}


def to_batch(records: Iterable[Record], *, version: str = SCHEMA_VERSION) -> "pa.RecordBatch":
    """Return records that passed the schema as one Arrow batch.

    Of a record of a later minor version, what this one has no field for is kept in `extra` (`newsds.migrations`).

    Raises:
        pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, ValueError: a record breaks the schema.
    """
    import pyarrow as pa

    schema = arrow_schema(version)
    names = frozenset(schema.names)
    rows = [_with_instants(_known(record, names, version), _instant) for record in records]
    return pa.RecordBatch.from_pylist(rows, schema=schema)


def _known(record: Record, names: frozenset[str], version: str) -> Record:
    """Return a record of this schema: Arrow would pass over what it does not know without a word."""
    if is_later_minor(record.get("schema_version")):
        from newsds.migrations import migrate_record

        moved = migrate_record(record, to=version)
        if moved.lost:
            raise ValueError(f"no place for {moved.lost[0]} of schema {record['schema_version']}")
        return moved.record
    if not names.issuperset(record):
        raise ValueError(f"unknown field {next(name for name in record if name not in names)!r}")
    return record


def to_records(batch: "pa.RecordBatch | pa.Table") -> list[Record]:
    """Return the JSON form of every row: nulls left out, timestamps as text."""
    return [without_nulls(_with_instants(row, _instant_text)) for row in batch.to_pylist()]


#: Batch to a mask of its good rows, or to None where nothing can be said about them.
GoodRows = Callable[["pa.RecordBatch"], "pa.BooleanArray | None"]


@dataclass(frozen=True, slots=True)
class Good:
    """Tells with which records nothing is wrong, in both forms; what is not called good has to be looked at."""

    record: Callable[[Record], bool]
    #: None where columns do not tell.
    rows: GoodRows | None


class Part(Protocol):
    """A run of an input that is read by itself, perhaps in another process: it can be pickled."""

    @property
    def is_continued(self) -> bool:
        """Tell whether the part goes on where the one before it ends, so that its lines count from there."""

    @property
    def is_small(self) -> bool:
        """Tell whether the part is no larger than was asked for, but for its last record."""

    def items(self, good: Good | None = None) -> Iterator[Row | Rejected]:
        """Yield the records and what is none.

        Args:
            good: tells with which records nothing is wrong; those that the part has as JSON lines or in
                columns and that are good are counted and not yielded.
        """

    @property
    def n_lines(self) -> int:
        """Return the lines read, when all items were."""

    @property
    def n_good(self) -> int:
        """Return the records that were not yielded because they are good."""


@dataclass
class Articles:
    """A stream of articles that can be iterated again: every pass reads the inputs anew.

    Attributes:
        findings: what the latest complete pass could not read, in the order of the inputs.
        parts: cuts the inputs into parts of about so many bytes, in order; None where there is no input.
        pinpoint: gives a finding that knows its record only the place of its value, where the input can be read again.
    """

    open_items: Callable[[], Iterator[Row | Rejected]]
    findings: list[Finding] = field(default_factory=list)
    parts: Callable[[int], Iterator[Part]] | None = None
    pinpoint: Callable[[Finding], Finding] | None = None

    def __repr__(self) -> str:
        return "<newsds.Articles: a stream; iterate for record batches, or rows(), to_table()>"

    def rows(self) -> Iterator[Row]:
        """Yield the records with their places; findings are set aside in `findings`."""
        self.findings = []
        for item in self.open_items():
            if isinstance(item, Row):
                yield item
            else:
                self.findings.append(item.finding)

    def __iter__(self) -> "Iterator[pa.RecordBatch]":
        """Yield record batches with the article schema, at most `BATCH_ROWS` rows each."""
        rows = self.rows()
        while chunk := list(islice(rows, BATCH_ROWS)):
            yield self._batch(chunk)

    def _batch(self, rows: list[Row]) -> "pa.RecordBatch":
        try:
            return to_batch(row.record for row in rows)
        except (ValueError, TypeError, OverflowError):
            return to_batch(row.record for row in rows if self._fits(row))

    def _fits(self, row: Row) -> bool:
        """Tell whether a record fits the Arrow schema; if not, say so in `findings`."""
        try:
            to_batch([row.record])
        except (ValueError, TypeError, OverflowError) as error:
            message = f"does not fit the article schema ({str(error).splitlines()[0]}); run newsds validate"
            finding = Finding(
                code="NDS104",
                level="error",
                message=message,
                path=row.path,
                line=row.line,
                row=row.row,
                offset=row.offset,
                record_offset=row.offset,
            )
            self.findings.append(finding)
            return False
        return True

    def to_table(self) -> "pa.Table":
        """Return everything as one table, in memory."""
        import pyarrow as pa

        return pa.Table.from_batches(self, schema=arrow_schema())

    @classmethod
    def from_records(cls, records: Iterable[Record]) -> "Articles":
        """Return a stream over records that are already in memory."""
        kept = list(records)
        return cls(lambda: iter([Row(record=record) for record in kept]))

    @classmethod
    def from_arrow(cls, table: "pa.Table | pa.RecordBatch") -> "Articles":
        """Return a stream over a table with the article schema.

        Raises:
            UsageError: a column is not a field of the article schema.
        """
        unknown = set(table.schema.names) - set(arrow_schema().names)
        if unknown:
            raise UsageError(
                f"columns that are no article fields: {', '.join(sorted(unknown))}; map them with newsds.read"
            )
        return cls.from_records(to_records(table))
