"""A finding: one thing wrong with one record, file or set, and where it is."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

__all__ = ["LEVELS", "Finding", "Level", "Place"]

Level = Literal["error", "warning", "info"]

#: From the worst to the mildest.
LEVELS: tuple[Level, ...] = ("error", "warning", "info")


class Place(NamedTuple):
    """Where a value stands; the fields are those of `Finding`."""

    line: int | None = None
    column: int | None = None
    offset: int | None = None
    length: int | None = None
    row_group: int | None = None
    column_path: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One finding; the fields are those of `schema/report/1.0.0.json`.

    The place is that of the faulty value; where a finding is about a whole record or about a field that is not
    there, it is that of the record or of the object that lacks the field. Null means "not applicable": a finding
    about a whole set has no line, a page has no row.
    """

    #: The public code of the rule, such as `NDS301`.
    code: str
    level: Level
    #: One line for people.
    message: str
    #: The input's path as it was given, with forward slashes.
    path: str | None = None
    #: 1-based line in the (decompressed) input on which the value begins.
    line: int | None = None
    #: 1-based column at which the value begins, in characters (Unicode code points) of its line; a byte that is
    #: not UTF-8 counts as one, a byte order mark does not count.
    column: int | None = None
    #: 0-based byte offset in the (decompressed) input at which the value begins.
    offset: int | None = None
    #: Bytes of the value in the input, quotation marks included.
    length: int | None = None
    #: 0-based row of a table, element of a JSON array.
    row: int | None = None
    #: 0-based row group of a Parquet file.
    row_group: int | None = None
    #: Column of a Parquet file, with dots between its parts, such as `contributors.list.element.name`.
    column_path: str | None = None
    #: 0-based byte offset in the (decompressed) input at which the record begins.
    record_offset: int | None = None
    record_id: str | None = None
    #: RFC 6901 JSON pointer into the record; the empty string is the record itself.
    pointer: str | None = None
    #: A short excerpt that shows the fault, at most 160 characters.
    evidence: str | None = None
    #: What the records have in common of which this one stands for the others, as a hash: a text that is there
    #: twice, the publisher of a pile-up. Which record it is may change when records are moved.
    group: str | None = None

    @property
    def fingerprint(self) -> str:
        """What the finding is known by when records are moved or reordered, 32 hexadecimal digits.

        It is made of the rule, the pointer and the record's id, or the group where the finding is about several
        records. Where there is neither, path and evidence stand for it: a finding about something that could not be
        read, or about a whole set.
        """
        if self.group is not None:
            known_by = ["group", self.group]
        elif self.record_id is not None:
            known_by = ["record", self.record_id]
        else:
            known_by = ["place", self.path or "", self.evidence or ""]
        parts = json.dumps(["newsds-finding-1", self.code, self.pointer or "", *known_by])
        return hashlib.sha256(parts.encode()).hexdigest()[:32]

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as the report stores it."""
        return {**{name: getattr(self, name) for name in self.__slots__}, "fingerprint": self.fingerprint}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Finding":
        """Return the finding that `to_dict` wrote."""
        return cls(**{name: data[name] for name in cls.__slots__})
