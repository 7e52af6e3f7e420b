"""Raw records of a file, each with its place and bytes; what is no record becomes a finding."""

import csv
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from typing import Any

import orjson

from newsds.article import Rejected
from newsds.errors import InputError
from newsds.findings import Finding
from newsds.readers.inputs import DAMAGE, Input, open_input
from newsds.text import excerpt

__all__ = ["Raw", "iter_raw"]

#: A record larger than this is refused; the next one is read.
MAX_RECORD_BYTES = 64 * 2**20

_BOM = b"\xef\xbb\xbf"
#: A space before a colon, or an escaped quote or colon: what makes counting `":` say nothing.
_MISLEADING = re.compile(rb'"[ \t\r\n]+:|\\u00(?:22|3[aA])')
_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[{}\[\]]|"', re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Raw:
    """A record as the input has it."""

    record: dict[str, Any]
    #: The bytes of the record in the decompressed input; of a Parquet row, its canonical JSON.
    raw: bytes
    line: int | None = None
    row: int | None = None
    offset: int | None = None


def iter_raw(
    item: Input, *, columns: tuple[str, ...] = (), encoding: str = "utf-8", delimiter: str | None = None
) -> Iterator[Raw | Rejected]:
    """Yield the records of a table-like input in order, and what could not be read between them.

    Raises:
        InputError: the file cannot be opened.
    """
    place = _Place(item.name)
    try:
        match item.kind:
            case "parquet":
                yield from _iter_parquet(item)
            case "csv":
                yield from _iter_csv(
                    item, place, columns, encoding, delimiter or ("\t" if item.suffix == ".tsv" else ",")
                )
            case "json":
                yield from _iter_json(item, place)
            case _:
                yield from _iter_jsonl(item, place)
    except InputError:
        raise
    except DAMAGE as error:
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        yield place.reject(
            "NDS005", f"the rest of the file cannot be read ({words[:120]}); get the file again"
        )


class _Place:
    """The place in one input: it is moved on by whoever reads."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.line = 1
        self.offset = 0

    def move(self, raw: bytes) -> None:
        self.line += raw.count(b"\n")
        self.offset += len(raw)

    def reject(
        self,
        code: str,
        message: str,
        *,
        raw: bytes | None = None,
        level: str = "error",
        evidence: str | None = None,
    ) -> Rejected:
        finding = Finding(
            code=code,
            level="info" if level == "info" else "error",
            message=message,
            path=self.name,
            line=self.line,
            offset=self.offset,
            record_offset=self.offset,
            evidence=evidence,
        )
        return Rejected(finding=finding, raw=raw)

    def parse(self, raw: bytes, *, is_last: bool = False) -> Raw | Rejected:
        """Return the JSON object in `raw`, or why there is none."""
        fault: tuple[str, str, str | None] | None
        try:
            record = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            fault = _diagnose(raw, error, is_last=is_last)
        else:
            if not isinstance(record, dict):
                fault = ("NDS006", f"a record must be a JSON object, this is {_kind(record)}", None)
            else:
                fault = _key_fault(raw, record)
        if fault is None:
            return Raw(record=record, raw=raw, line=self.line, offset=self.offset)
        code, message, evidence = fault
        return self.reject(code, message, raw=raw, evidence=evidence)


def _kind(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def _diagnose(raw: bytes, error: orjson.JSONDecodeError, *, is_last: bool) -> tuple[str, str, str | None]:
    """Say what is wrong with bytes that are not JSON: code, message, evidence."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as bad:
        shown = raw[max(0, bad.start - 20) : bad.start + 20].decode("utf-8", "backslashreplace")
        return "NDS002", f"byte 0x{raw[bad.start]:02x} at column {bad.start + 1} is not UTF-8", excerpt(shown)
    constants: list[str] = []
    try:
        json.loads(text, parse_constant=constants.append)
    except (ValueError, RecursionError):
        constants.clear()
    if constants:
        return "NDS003", f"{constants[0]} is no JSON value; write null", None
    evidence = excerpt(text, start=error.pos, end=error.pos + 1, width=80)
    reason = error.msg.partition(": line")[0]
    if is_last:
        return "NDS005", f"the file ends in the middle of a record ({reason})", evidence
    return "NDS001", f"not JSON: {reason} at column {error.colno}", evidence


def _key_fault(raw: bytes, record: dict[str, Any]) -> tuple[str, str, None] | None:
    try:
        name = _duplicate_key(raw, record)
    except RecursionError:
        return "NDS001", "nested too deeply", None
    return (
        None
        if name is None
        else ("NDS004", f"the key {excerpt(name, width=60)!r} occurs twice in one object", None)
    )


def _duplicate_key(raw: bytes, record: dict[str, Any]) -> str | None:
    """Return a key that occurs twice in one object of the JSON text, or None.

    A key is followed by `":`. If the text holds as many of these as its parsed form written again,
    no key was lost; only the rare texts for which that argument fails are parsed slowly.
    """
    is_plain = _MISLEADING.search(raw) is None
    if is_plain and raw.count(b'":') == orjson.dumps(record).count(b'":'):
        return None
    found: list[str] = []

    def check(pairs: list[tuple[str, Any]]) -> None:
        counts = Counter(key for key, _ in pairs)
        found.extend(key for key, n in counts.items() if n > 1)

    json.loads(raw, object_pairs_hook=check)
    return found[0] if found else None


def _lines(stream: BufferedReader, place: _Place) -> Iterator[bytes | Rejected]:
    """Yield the lines of a stream; the place stands at the line while it is in use."""
    while line := stream.readline(MAX_RECORD_BYTES + 1):
        if len(line) <= MAX_RECORD_BYTES:
            yield line
            place.move(line)
            continue
        yield place.reject("NDS011", f"the line is larger than {MAX_RECORD_BYTES >> 20} MiB")
        while line and not line.endswith(b"\n"):
            place.offset += len(line)
            line = stream.readline(MAX_RECORD_BYTES)
        place.move(line)


def _iter_jsonl(item: Input, place: _Place) -> Iterator[Raw | Rejected]:
    with open_input(item) as stream:
        for line in _lines(stream, place):
            if isinstance(line, Rejected):
                yield line
                continue
            if place.offset == 0 and line.startswith(_BOM):
                yield place.reject("NDS010", "the file begins with a byte order mark", level="info")
                line = line[len(_BOM) :]  # noqa: PLW2901 # the mark is no part of the record
            body = line.strip(b" \t\r\n")
            if body:
                yield place.parse(body, is_last=not line.endswith(b"\n"))
            else:
                yield place.reject("NDS009", "blank line", level="info")


def _iter_json(item: Input, place: _Place) -> Iterator[Raw | Rejected]:
    """Yield the elements of an array of objects, or of objects written one after the other."""
    with open_input(item) as stream:
        buffer, at_end = b"", False
        while True:
            start = _skip_to_object(buffer)
            if start is None and at_end:
                return
            end = None if start is None else _object_end(buffer, start)
            if end is not None and start is not None:
                place.move(buffer[:start])
                yield place.parse(buffer[start:end])
                place.move(buffer[start:end])
                buffer = buffer[end:]
            elif at_end or len(buffer) > MAX_RECORD_BYTES:
                place.move(buffer[: start or 0])
                yield place.reject(
                    "NDS005", f"no end of this record found; {len(buffer)} bytes are not read", raw=buffer
                )
                return
            else:
                more = stream.read(max(2**18, len(buffer)))
                at_end = not more
                buffer += more


def _skip_to_object(buffer: bytes) -> int | None:
    match = re.search(rb"[^\s,\[\]\xef\xbb\xbf]", buffer)
    return match.start() if match else None


def _object_end(buffer: bytes, start: int) -> int | None:
    """Return the end of the JSON value that begins at `start`, or None if the buffer does not hold it."""
    if buffer[start : start + 1] != b"{":
        end = re.compile(rb"[,\]\n]").search(buffer, start)
        return end.start() if end else None
    depth = 0
    for match in _STRUCTURE.finditer(buffer, start):
        token = match.group()
        if token == b'"':
            return None
        depth += (token in b"{[") - (token in b"}]")
        if depth == 0:
            return match.end()
    return None


class _Cells:
    """The lines of a CSV file for `csv.reader`, which remembers those of the current record."""

    def __init__(self, stream: TextIOWrapper) -> None:
        self._stream = stream
        self.taken: list[str] = []

    def __iter__(self) -> "_Cells":
        return self

    def __next__(self) -> str:
        line = self._stream.readline(MAX_RECORD_BYTES)
        if not line:
            raise StopIteration
        self.taken.append(line)
        return line


def _iter_csv(
    item: Input, place: _Place, columns: tuple[str, ...], encoding: str, delimiter: str
) -> Iterator[Raw | Rejected]:
    csv.field_size_limit(MAX_RECORD_BYTES)
    with open_input(item) as stream:
        if stream.peek(3)[:3] == _BOM:
            stream.read(3)
            place.offset = 3
        cells = _Cells(_text_stream(stream, encoding, item.name))
        header = list(columns)
        for row in _csv_rows(cells, delimiter):
            raw = "".join(cells.taken).encode(encoding, "surrogateescape")
            cells.taken.clear()
            if row is None:
                yield place.reject(
                    "NDS007",
                    "a quoted cell has no end, or is too large; the rest of the file is not read",
                    raw=raw,
                )
                return
            if not row:
                yield place.reject("NDS009", "blank line", level="info")
            elif not header:
                header = [name.strip() for name in row]
            else:
                yield _csv_record(header, row, raw, place)
            place.move(raw)


def _text_stream(stream: BufferedReader, encoding: str, name: str) -> TextIOWrapper:
    try:
        return TextIOWrapper(stream, encoding=encoding, errors="surrogateescape", newline="")
    except LookupError:
        raise InputError(f"{name}: there is no encoding {encoding!r}") from None


def _csv_rows(cells: _Cells, delimiter: str) -> Iterator[list[str] | None]:
    """Yield rows; None stands for a row that cannot be read."""
    reader = csv.reader(cells, delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error:
        yield None


def _csv_record(header: list[str], row: list[str], raw: bytes, place: _Place) -> Raw | Rejected:
    text = "".join(row)
    if any("\udc80" <= char <= "\udcff" for char in text):
        return place.reject(
            "NDS002",
            "a byte is not in the file's encoding; try --encoding cp1252",
            raw=raw,
            evidence=_damaged(text),
        )
    if len(row) != len(header):
        message = f"{len(row)} cells where the header has {len(header)}"
        return place.reject("NDS007", message, raw=raw, evidence=excerpt(text, end=80))
    return Raw(record=dict(zip(header, row, strict=True)), raw=raw, line=place.line, offset=place.offset)


def _damaged(text: str) -> str:
    where = next(index for index, char in enumerate(text) if "\udc80" <= char <= "\udcff")
    return excerpt(text, start=where, end=where + 1, width=40).encode("utf-8", "backslashreplace").decode()


def _iter_parquet(item: Input) -> Iterator[Raw | Rejected]:
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(item.path, memory_map=False)
    except FileNotFoundError:
        raise InputError(f"{item.name}: no such file") from None
    row = 0
    for batch in file.iter_batches(batch_size=1024):
        for record in batch.to_pylist():
            plain = {key: _plain(value) for key, value in record.items()}
            yield Raw(record=plain, raw=orjson.dumps(plain, option=orjson.OPT_SORT_KEYS), row=row)
            row += 1


def _plain(value: Any) -> Any:
    """Return an Arrow value as JSON data: instants as ISO 8601 text, bytes as text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if hasattr(value, "isoformat"):
        text = str(value.isoformat())
        return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, float) and math.isnan(value):
        return None
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)
