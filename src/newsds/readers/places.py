"""Places: where in an input the value of a pointer stands; asked for findings only."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from newsds.article import Row
from newsds.findings import Place
from newsds.json_text import Span, find_value, json_pointer, pointer_parts
from newsds.text import middle_line, visible

__all__ = ["CsvPlaces", "MappedPlaces", "PagePlaces", "ParquetPlaces", "json_place", "n_chars", "place_of"]


def n_chars(raw: bytes, encoding: str = "utf-8") -> int:
    """Return the number of characters of encoded text; a byte that is not in the encoding counts as one."""
    return len(raw.decode(encoding, "surrogateescape"))


def place_of(row: Any, span: Span, *, encoding: str = "utf-8") -> Place:
    """Return the place of a span of the raw bytes of a record."""
    before = row.raw[: span.start]
    n_lines = before.count(b"\n")
    column = n_chars(before[before.rfind(b"\n") + 1 :], encoding)
    return Place(
        line=None if row.line is None else row.line + n_lines,
        column=column + (1 if n_lines else row.column),
        offset=None if row.offset is None else row.offset + span.start,
        length=span.end - span.start,
    )


def json_place(row: Row, pointer: str, _evidence: str | None) -> Place:
    """Return the place of a value in a record that is JSON text."""
    assert row.raw is not None
    return place_of(row, find_value(row.raw, pointer))


@dataclass(frozen=True, slots=True)
class CsvPlaces:
    """Says where a cell stands."""

    header: Sequence[str]
    delimiter: str
    encoding: str

    def __call__(self, row: Row, pointer: str, _evidence: str | None) -> Place:
        """Return the place of the cell of a pointer's field; of the record, if there is no such cell."""
        assert row.raw is not None
        name = pointer_parts(pointer)[0] if pointer else None
        text = row.raw.decode(self.encoding, "surrogateescape")
        spans = _cells(text, self.delimiter)
        if name not in self.header or len(spans) != len(self.header):
            return place_of(row, Span(0, len(row.raw.rstrip(b"\r\n"))), encoding=self.encoding)
        first, last = spans[len(self.header) - 1 - self.header[::-1].index(name)]
        start, end = (len(text[:at].encode(self.encoding, "surrogateescape")) for at in (first, last))
        return place_of(row, Span(start, end), encoding=self.encoding)


def _cells(text: str, delimiter: str) -> list[tuple[int, int]]:
    """Return first and last character of the cells of one record, quotation marks included."""
    spans, start, is_quoted = [], 0, False
    body = text.rstrip("\r\n")
    for at, char in enumerate(body):
        if char == '"':
            is_quoted = not is_quoted
        elif char == delimiter and not is_quoted:
            spans.append((start, at))
            start = at + 1
    return [*spans, (start, len(body))]


@dataclass(frozen=True, slots=True)
class MappedPlaces:
    """Says where the value of an article's field stands in the foreign record that it was made from."""

    locate: Any
    #: Field of the article to the input's column.
    columns: Mapping[str, str]

    def __call__(self, row: Row, pointer: str, evidence: str | None) -> Place:
        """Return the place of the column from which a pointer's field was read."""
        column = self.columns.get(pointer_parts(pointer)[0]) if pointer else None
        place: Place = self.locate(row, "" if column is None else json_pointer([column]), evidence)
        return place


@dataclass(frozen=True, slots=True)
class ParquetPlaces:
    """Says in which row group and column of a Parquet file a value stands."""

    #: Row with which each row group begins.
    starts: Sequence[int]
    #: Column paths as the file has them, such as `contributors.list.element.name`.
    columns: Sequence[str]

    def __call__(self, row: Row, pointer: str, _evidence: str | None) -> Place:
        """Return row group and column path."""
        assert row.row is not None
        return self.place_of(row.row, pointer_parts(pointer))

    def place_of(self, row: int, parts: list[str]) -> Place:
        """Return row group and column path of a value from the members of its pointer."""
        return Place(row_group=bisect_right(self.starts, row) - 1, column_path=self._column(parts))

    def _column(self, parts: list[str]) -> str | None:
        """Return the longest column path that begins with the names of a pointer."""
        names = [part for part in parts if not part.isdecimal()]
        for n_names in range(len(names), 0, -1):
            for column in self.columns:
                path = column.split(".")
                kept = path[:1] + [name for name in path[1:] if name not in _LEVELS]
                if kept[:n_names] == names[:n_names]:
                    return ".".join(path[: _end_of_names(path, n_names)])
        return None


#: Names of the levels that Parquet puts between a list and its elements.
_LEVELS = frozenset({"list", "element", "bag", "array", "array_element", "item"})


def _end_of_names(path: list[str], n_names: int) -> int:
    """Return how much of a column path covers its first names, with the levels of lists that end it."""
    n_seen = 0
    for at, name in enumerate(path):
        if at == 0 or name not in _LEVELS:
            n_seen += 1
        if n_seen > n_names:
            return at
    return len(path)


_BLOCKS = ("paragraph", "crosshead", "list_item", "quote", "caption", "table", "embed")

#: Field of an article to the roles of the lines it is made from.
_ROLES: Mapping[str, tuple[str, ...]] = {
    "headline": ("headline",), "summary": ("standfirst",), "kicker": ("kicker",),
    "byline": ("byline",), "credit_line": ("credit_line",),
    "contributors": ("byline", "credit_line"), "published_at": ("date",), "section": ("section",),
    "tags": ("tags",), "publisher": ("publisher",), "agency": ("agency_line",), "url": ("address", "short_url"),
    "dateline": _BLOCKS, "body": _BLOCKS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PagePlaces:
    """Says on which line of a text page a part of the article stands."""

    #: Number, role and text of each line.
    lines: Sequence[tuple[int, str, str]]

    def __call__(self, _row: Row, pointer: str, evidence: str | None) -> Place:
        """Return the line that holds the evidence, else the first line of the field, else the first."""
        roles = _ROLES.get(pointer_parts(pointer)[0], ()) if pointer else ()
        own = [(number, text) for number, role, text in self.lines if role in roles]
        shown = middle_line(evidence or "")
        for number, text in own:
            if shown and shown in visible(text):
                return Place(line=number)
        return Place(line=own[0][0] if own else 1)
