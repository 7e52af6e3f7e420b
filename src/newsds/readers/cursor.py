"""The place in one input that is being read, records with their places, and what is no record."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from newsds.article import Rejected, Row
from newsds.findings import Finding, Level, Place
from newsds.json_text import Span
from newsds.readers.places import n_chars, place_of

__all__ = ["BOM", "UTF16", "Cursor", "Raw", "is_utf16"]

BOM = b"\xef\xbb\xbf"
#: What is said about a file that begins as `is_utf16` tells.
UTF16 = "the file is UTF-16 or UTF-32, nothing of it is read; convert it: iconv -f utf-16 -t utf-8"


def is_utf16(head: bytes) -> bool:
    """Tell whether the first bytes of a file say that it is UTF-16, or UTF-32."""
    return head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:4] == b"\0\0\xfe\xff"


@dataclass(kw_only=True, slots=True)
class Raw:
    """A record as the input has it."""

    record: dict[str, Any]
    #: The bytes of the record in the decompressed input; None for a row of a Parquet file.
    raw: bytes | None = None
    line: int | None = None
    row: int | None = None
    offset: int | None = None
    column: int = 1
    #: Says where a value stands, see `newsds.article.Row`.
    locate: Callable[..., Place] | None = None
    #: What had to be mended before it could be read; the bytes are not those of the record then.
    note: Finding | None = None

    def data(self) -> bytes:
        """Return the bytes of the record; of a Parquet row, its JSON with sorted keys."""
        return orjson.dumps(self.record, option=orjson.OPT_SORT_KEYS) if self.raw is None else self.raw

    def to_row(
        self, path: str, *, record: dict[str, Any] | None = None, locate: Callable[..., Place] | None = None
    ) -> Row:
        """Return the record, or an article made from it, with its place.

        Args:
            path: name of the input.
            record: the article; the record itself if None.
            locate: says where a value of the article stands, if the record is not the article.
        """
        return Row(
            record=self.record if record is None else record,
            path=path,
            line=self.line,
            row=self.row,
            offset=self.offset,
            column=self.column,
            raw=self.raw,
            locate=locate or self.locate,
        )


class Cursor:
    """The place in one input: it is moved on by whoever reads, and stands at the record in hand."""

    def __init__(self, name: str, *, encoding: str = "utf-8", nan_as_null: bool = False) -> None:
        self.name = name
        self.encoding = encoding
        self.nan_as_null = nan_as_null
        self.line = 1
        self.column = 1
        self.offset = 0
        self.row: int | None = None
        #: Records that were passed over because they are good.
        self.n_good = 0

    def move(self, raw: bytes) -> None:
        """Go past some bytes."""
        n_lines = raw.count(b"\n")
        shown = raw.removeprefix(BOM) if self.offset == 0 else raw
        if n_lines:
            self.column = 1
        self.line += n_lines
        self.column += n_chars(shown[shown.rfind(b"\n") + 1 :], self.encoding)
        self.offset += len(raw)

    def next_line(self, offset: int) -> None:
        """Go to the beginning of the next line."""
        self.line += 1
        self.column = 1
        self.offset = offset

    def reject(
        self,
        code: str,
        message: str,
        *,
        raw: bytes | None = None,
        at: Span | None = None,
        evidence: str | None = None,
        level: Level = "error",
    ) -> Rejected:
        """Return what stands at the cursor as a finding.

        Args:
            code: of the rule.
            message: one line for people.
            raw: the bytes of what would be a record.
            at: the part of it that is wrong; an empty one is a point.
            evidence: what to show.
            level: an error where a record is lost.
        """
        place = Place(
            line=self.line, column=self.column, offset=self.offset, length=None if raw is None else len(raw)
        )
        if raw is not None and at is not None:
            here = Raw(record={}, raw=raw, line=self.line, offset=self.offset, column=self.column)
            place = place_of(here, at, encoding=self.encoding)
        finding = Finding(
            code=code,
            level=level,
            message=message,
            path=self.name,
            row=self.row,
            record_offset=self.offset,
            evidence=evidence,
            **place._asdict(),
        )
        return Rejected(finding=finding, raw=raw)
