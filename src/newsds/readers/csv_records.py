"""Records of CSV and TSV files."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader, TextIOWrapper

from newsds.article import Rejected
from newsds.errors import InputError
from newsds.json_text import Span
from newsds.readers.cursor import BOM, Cursor, Raw
from newsds.readers.names import REPEATED_NAMES, distinct_names, repeated_name
from newsds.readers.places import CsvPlaces
from newsds.text import excerpt

__all__ = ["iter_csv"]

#: What Excel writes above a table to say what stands between its cells.
_SEPARATOR_LINE = re.compile(rb'"?sep=([,;|\t])"?\r?\n', re.IGNORECASE)
_QUOTED = re.compile(rb'"[^"]*"')
#: How much of a file is looked at for what stands between cells.
_HEADER_BYTES = 2**16
_UNKNOWN_NAMES = (
    "no column of the first row is known; if it is a record, name the columns with --columns A,B,C, "
    "if not, with --map FIELD=COLUMN"
)


class _Cells:
    """The lines of a CSV file for `csv.reader`, which remembers those of the current record."""

    def __init__(self, stream: TextIOWrapper, max_chars: int) -> None:
        self._stream = stream
        self._max_chars = max_chars
        self.taken: list[str] = []

    def __iter__(self) -> "_Cells":
        return self

    def __next__(self) -> str:
        line = self._stream.readline(self._max_chars)
        if not line:
            raise StopIteration
        self.taken.append(line)
        return line


def iter_csv(
    stream: BufferedReader,
    cursor: Cursor,
    *,
    columns: tuple[str, ...],
    delimiter: str | None,
    max_bytes: int,
    is_known: Callable[[Iterable[str]], bool] | None = None,
) -> Iterator[Raw | Rejected]:
    """Yield the records of a CSV file, and what is none.

    A byte order mark, and a first line `sep=;` as Excel writes it, are passed over.

    Args:
        stream: the bytes.
        cursor: is moved on; its encoding is that of the file.
        columns: names, where the file has no header.
        delimiter: what stands between cells; None is the comma, semicolon, tab or bar that is most frequent in the
            first line.
        max_bytes: a larger cell is refused.
        is_known: tells whether any of the names in a header is known; None if all names are good.

    Raises:
        InputError: there is no such encoding.
    """
    csv.field_size_limit(max_bytes)
    if stream.peek(3)[:3] == BOM:
        cursor.offset = len(stream.read(3))
    if stated := _SEPARATOR_LINE.match(stream.peek(16)):
        cursor.move(stream.read(stated.end()))
        delimiter = delimiter or stated[1].decode("ascii")
    mark = delimiter or _delimiter(stream.peek(_HEADER_BYTES)[:_HEADER_BYTES])
    text = _text_stream(stream, cursor)
    try:
        yield from _items(_Cells(text, max_bytes), cursor, columns, mark, is_known)
    finally:
        # The stream is the caller's to close.
        text.detach()


def _items(
    cells: _Cells,
    cursor: Cursor,
    columns: tuple[str, ...],
    delimiter: str,
    is_known: Callable[[Iterable[str]], bool] | None,
) -> Iterator[Raw | Rejected]:
    places = CsvPlaces(columns, delimiter, cursor.encoding) if columns else None
    n_records = 0
    for row in _rows(cells, delimiter):
        raw = "".join(cells.taken).encode(cursor.encoding, "surrogateescape")
        cells.taken.clear()
        if row is None:
            message = "a quoted cell has no end, or is too large; the rest of the file is not read"
            yield cursor.reject("NDS007", message, raw=raw)
            return
        if not row:
            yield cursor.reject("NDS009", "blank line", level="info")
        elif places is None:
            yield from _header_faults(row, raw, cursor)
            places = CsvPlaces(_header(row, cursor.encoding), delimiter, cursor.encoding)
            if is_known is not None and not is_known(places.header):
                yield cursor.reject(
                    "NDS015",
                    _UNKNOWN_NAMES,
                    level="warning",
                    evidence=excerpt(", ".join(places.header), end=80),
                )
        else:
            cursor.row, n_records = n_records, n_records + 1
            yield _record(places, row, raw, cursor)
            cursor.row = None
        cursor.move(raw)


def _delimiter(head: bytes) -> str:
    """Return what stands between the cells of a first line; a comma where nothing does."""
    line = _QUOTED.sub(b"", head).partition(b"\n")[0].partition(b"\r")[0]
    return max(",;\t|", key=lambda mark: line.count(mark.encode()))


def _header(row: list[str], encoding: str) -> list[str]:
    """Return names for the columns, each once: a name that is there again, or blank, gets a number."""
    shown = (name.encode(encoding, "surrogateescape").decode(encoding, "backslashreplace") for name in row)
    return distinct_names([name.strip() for name in shown])


def _header_faults(row: list[str], raw: bytes, cursor: Cursor) -> Iterator[Rejected]:
    damage = _damage(raw, cursor)
    if damage is not None:
        yield damage
    twice = repeated_name([name.strip() for name in row])
    if twice is not None:
        yield cursor.reject(
            "NDS004", f"the column {excerpt(twice, width=60)!r} occurs twice; {REPEATED_NAMES}"
        )


def _damage(raw: bytes, cursor: Cursor) -> Rejected | None:
    """Return the finding about the first byte of a record that is not in the file's encoding."""
    text = raw.decode(cursor.encoding, "surrogateescape")
    damage = next((index for index, char in enumerate(text) if "\udc80" <= char <= "\udcff"), None)
    if damage is None:
        return None
    start = len(text[:damage].encode(cursor.encoding, "surrogateescape"))
    shown = excerpt(text, start=damage, end=damage + 1, width=40).encode("utf-8", "backslashreplace")
    message = "a byte is not in the file's encoding; try --encoding cp1252"
    return cursor.reject("NDS002", message, raw=raw, at=Span(start, start + 1), evidence=shown.decode())


def _text_stream(stream: BufferedReader, cursor: Cursor) -> TextIOWrapper:
    try:
        return TextIOWrapper(stream, encoding=cursor.encoding, errors="surrogateescape", newline="")
    except LookupError:
        raise InputError(f"{cursor.name}: there is no encoding {cursor.encoding!r}") from None


def _rows(cells: _Cells, delimiter: str) -> Iterator[list[str] | None]:
    """Yield rows; None stands for a row that cannot be read."""
    reader = csv.reader(cells, delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error:
        yield None


def _record(places: CsvPlaces, row: list[str], raw: bytes, cursor: Cursor) -> Raw | Rejected:
    damage = _damage(raw, cursor)
    if damage is not None:
        return damage
    if len(row) != len(places.header):
        message = f"{len(row)} cells where the header has {len(places.header)}"
        return cursor.reject("NDS007", message, raw=raw, evidence=excerpt(", ".join(row), end=80))
    record = dict(zip(places.header, row, strict=True))
    return Raw(record=record, raw=raw, line=cursor.line, row=cursor.row, offset=cursor.offset, locate=places)
