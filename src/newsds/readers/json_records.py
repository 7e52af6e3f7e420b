"""Records of JSON text: one a line, elements of an array, or objects one after the other."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BufferedReader
from typing import Any, NamedTuple

import orjson

from newsds.article import Rejected
from newsds.json_text import Span, find_duplicate_key
from newsds.readers.cursor import BOM, Cursor, Raw
from newsds.readers.places import json_place
from newsds.readers.wrapped import unwrapped
from newsds.text import excerpt

__all__ = ["iter_json", "iter_jsonl"]

_SPACE = b" \t\r\n"
_QUOTE, _BACKSLASH, _BLANK = b'"\\ '
_BODY = b'"body":'
#: A space before a colon, or an escaped ASCII character: what makes counting `":` and `"body"` say nothing.
_MISLEADING = re.compile(rb'"[ \t\r\n]+:|\\u00[2-7]')
_MAYBE_MISLEADING = (b" :", b"\t:", b"\r:", b"\n:", b"\\u00")
_CONSTANT = re.compile(rb'"(?:[^"\\]++|\\.)*+"|(-?Infinity|NaN)', re.DOTALL)
_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[{}\[\]]|"', re.DOTALL)
_NOT_GAP = re.compile(rb"[^\s,\[\]\xef\xbb\xbf]")


class _Fault(NamedTuple):
    """Why some bytes are no record, and which of them."""

    code: str
    message: str
    at: Span | None = None
    evidence: str | None = None


def parse(raw: bytes, cursor: Cursor, *, is_last: bool = False) -> Raw | Rejected:
    """Return the JSON object in `raw`, which stands at the cursor, or why there is none."""
    try:
        record = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        fault = _diagnose(raw, error, is_last=is_last)
        if fault.code == "NDS003" and cursor.nan_as_null:
            return _mended(raw, cursor, fault)
    else:
        if type(record) is dict and not _may_hold_double_key(raw, record):
            return _record(record, raw, cursor)
        found = _fault_of(raw, record)
        if found is None:
            return _record(record, raw, cursor)
        fault = found
    return cursor.reject(fault.code, fault.message, raw=raw, at=fault.at, evidence=fault.evidence)


def _mended(raw: bytes, cursor: Cursor, fault: _Fault) -> Raw | Rejected:
    """Return the record with null for the numbers that JSON does not have, and a note that says so."""
    plain = _CONSTANT.sub(lambda match: b"null" if match.group(1) else match.group(), raw)
    found = parse(plain, cursor)
    if isinstance(found, Raw):
        told = cursor.reject(fault.code, "NaN and Infinity are read as null", raw=raw, at=fault.at).finding
        found.raw, found.note = raw, replace(told, level="warning")
    return found


def _record(record: dict[str, Any], raw: bytes, cursor: Cursor) -> Raw:
    return Raw(
        record=record,
        raw=raw,
        line=cursor.line,
        row=cursor.row,
        offset=cursor.offset,
        column=cursor.column,
        locate=json_place,
    )


def _fault_of(raw: bytes, record: Any) -> _Fault | None:
    if not isinstance(record, dict):
        return _Fault("NDS006", f"a record must be a JSON object, this is {_kind(record)}")
    if _is_deep(record):
        return _Fault("NDS001", "objects and lists are nested more than 250 levels deep; that is not read")
    found = find_duplicate_key(raw)
    if found is None:
        return None
    name, at = found
    return _Fault("NDS004", f"the key {excerpt(name, width=60)!r} occurs twice in one object", at)


def _is_deep(record: dict[str, Any]) -> bool:
    """Tell whether a record is nested deeper than orjson writes, which is less deep than it reads."""
    try:
        orjson.dumps(record)
    except orjson.JSONEncodeError:
        return True
    return False


def _kind(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def _may_hold_double_key(raw: bytes, record: dict[str, Any]) -> bool:
    """Tell whether a key of the JSON text may be missing in its parsed form.

    The parsed form written again holds each key once. If the text is that but for white space, which says nothing of
    keys even where it stands in strings, no key was lost. Neither was one if both hold as many `":`, which follow a
    key; the rare texts for which this argument fails are looked at slowly. The body, most of the text, is left out of
    both: it is a string. A record that is nested too deep to be written has to be looked at slowly, too.
    """
    try:
        return _may_lose_key(raw, record)
    except orjson.JSONEncodeError:
        return True


def _may_lose_key(raw: bytes, record: dict[str, Any]) -> bool:
    shell, body = _without_body(raw), record.get("body")
    if shell is None or type(body) is not str:
        written = orjson.dumps(record)
        return not _is_same(raw, written) and _loses_key(raw, written)
    record["body"] = ""
    written = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    record["body"] = body
    if shell == written or _is_same(shell, written):
        return False
    # What was left out of the text may be another body than that of the record.
    return shell.count(b'"body"') > 1 or _loses_key(shell, written)


def _is_same(one: bytes, other: bytes) -> bool:
    """Tell whether two JSON texts are the same but for white space."""
    return one.translate(None, _SPACE) == other.translate(None, _SPACE)


def _loses_key(raw: bytes, written: bytes) -> bool:
    """Tell whether a text may have more keys than its parsed form, written again."""
    if any(part in raw for part in _MAYBE_MISLEADING) and _MISLEADING.search(raw):
        return True
    return raw.count(b'":') != written.count(b'":')


def _without_body(raw: bytes) -> bytes | None:
    """Return a JSON text with its first body emptied; None if that is no string, or its end is not easily seen."""
    start = raw.find(_BODY)
    if start < 0:
        return None
    start += len(_BODY)
    if raw[start] == _BLANK:
        start += 1
    if raw[start] != _QUOTE:
        return None
    end = raw.find(b'"', start + 1)
    while raw[end - 1] == _BACKSLASH:
        if raw[end - 2] == _BACKSLASH:
            return None
        end = raw.find(b'"', end + 1)
    return raw[: start + 1] + raw[end:]


def _diagnose(raw: bytes, error: orjson.JSONDecodeError, *, is_last: bool) -> _Fault:
    """Say what is wrong with bytes that are not JSON."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as bad:
        shown = raw[max(0, bad.start - 20) : bad.start + 20].decode("utf-8", "backslashreplace")
        message = (
            f"byte 0x{raw[bad.start]:02x} is not UTF-8, as JSON must be; iconv -f cp1252 -t utf-8 converts it"
        )
        return _Fault("NDS002", message, Span(bad.start, bad.start + 1), excerpt(shown))
    constant = _constant(raw, text)
    if constant is not None:
        shown = raw[constant.start : constant.end].decode()
        return _Fault(
            "NDS003",
            f"{shown} is no JSON value; write null, or read it so with --nan-as-null (nan_as_null in a project)",
            constant,
        )
    evidence = excerpt(text, start=error.pos, end=error.pos + 1, width=80)
    reason = error.msg.partition(": line")[0]
    where = len(text[: error.pos].encode())
    if is_last:
        message = f"the file ends in the middle of a record ({reason})"
        return _Fault("NDS005", message, Span(where, where), evidence)
    return _Fault("NDS001", f"not JSON: {reason}", Span(where, where), evidence)


def _constant(raw: bytes, text: str) -> Span | None:
    """Return where the first number stands that JSON does not have, if that is all that is wrong."""
    constants: list[str] = []
    try:
        json.loads(text, parse_constant=constants.append)
    except (ValueError, RecursionError):
        return None
    spans = (match.span(1) for match in _CONSTANT.finditer(raw) if match.group(1))
    return Span(*next(spans)) if constants else None


def iter_jsonl(
    stream: BufferedReader,
    cursor: Cursor,
    *,
    max_bytes: int,
    end: int | None = None,
    is_good: Callable[[Any], bool] | None = None,
) -> Iterator[Raw | Rejected]:
    """Yield the records of JSON lines, and what is none; the cursor stands at each while it is in use.

    Args:
        stream: stands at the beginning of a line, as the cursor does.
        cursor: is moved on, and counts the records that are not yielded.
        max_bytes: a longer line is refused.
        end: byte offset; a line that begins there or later is not read. None is the end of the stream.
        is_good: objects for which this is true are counted and not yielded; it is false for other JSON data.
    """
    last = sys.maxsize if end is None else end
    while cursor.offset < last:
        if is_good is None:
            line = stream.readline(max_bytes + 1)
        else:
            line = _pass_good(stream, cursor, max_bytes=max_bytes, end=last, is_good=is_good)
        if not line:
            return
        after = cursor.offset + len(line)
        if len(line) > max_bytes:
            yield cursor.reject("NDS011", f"the line is larger than {max_bytes >> 20} MiB")
            while line and not line.endswith(b"\n"):
                line = stream.readline(max_bytes)
                after += len(line)
        else:
            yield from _line_items(line, cursor)
        cursor.next_line(after)


def _pass_good(
    stream: BufferedReader, cursor: Cursor, *, max_bytes: int, end: int, is_good: Callable[[Any], bool]
) -> bytes:
    """Read up to the first line with which something may be wrong, and return it; nothing at the end.

    The cursor stands at that line then. Whole inputs pass through this loop: what it does costs.
    """
    readline, loads, limit = stream.readline, orjson.loads, max_bytes + 1
    n_good, offset = 0, cursor.offset
    try:
        while offset < end:
            line = readline(limit)
            try:
                record = loads(line)
            except orjson.JSONDecodeError:
                return line
            if not is_good(record) or _may_hold_double_key(line, record) or len(line) > max_bytes:
                return line
            n_good += 1
            offset += len(line)
        return b""
    finally:
        cursor.n_good += n_good
        cursor.line += n_good
        cursor.offset = offset


def _line_items(line: bytes, cursor: Cursor) -> Iterator[Raw | Rejected]:
    body = line.strip(_SPACE)
    if cursor.offset == 0 and body.startswith(BOM):
        yield cursor.reject("NDS010", "the file begins with a byte order mark", level="info")
        cursor.offset, body = len(BOM), body[len(BOM) :].lstrip(_SPACE)
    if not body:
        yield cursor.reject("NDS009", "blank line", level="info")
        return
    if line[0] != body[0]:
        _go_to(body, line, cursor)
    yield from unwrapped(parse(body, cursor, is_last=not line.endswith(b"\n")))


def _go_to(body: bytes, line: bytes, cursor: Cursor) -> None:
    """Move the cursor over a byte order mark and white space before a record."""
    indent = line.index(body)
    n_marks = len(BOM) if line.startswith(BOM) and cursor.offset == len(BOM) else 0
    cursor.offset += indent - n_marks
    cursor.column = 1 + indent - n_marks


def iter_json(stream: BufferedReader, cursor: Cursor, *, max_bytes: int) -> Iterator[Raw | Rejected]:
    """Yield the elements of an array of objects, or objects written one after the other."""
    buffer, at_end, n_records = b"", False, 0
    gaps = _Gaps()
    while True:
        start = _skip_to_object(buffer)
        if start is None and at_end:
            yield from gaps.check(buffer, cursor, is_end=True)
            return
        end = None if start is None else _object_end(buffer, start)
        if end is not None and start is not None:
            yield from gaps.check(buffer[:start], cursor)
            cursor.row = n_records
            for found in unwrapped(parse(buffer[start:end], cursor)):
                if isinstance(found, Raw):
                    found.row = n_records
                n_records += 1
                yield found
            cursor.move(buffer[start:end])
            cursor.row = None
            buffer = buffer[end:]
        elif at_end and start is not None and buffer[start : start + 1] != b"{":
            yield from gaps.check(buffer[:start], cursor)
            yield parse(buffer[start:].rstrip(), cursor)
            return
        elif at_end or len(buffer) > max_bytes:
            cursor.move(buffer[: start or 0])
            message = f"no end of this record found; {len(buffer)} bytes are not read"
            yield cursor.reject("NDS005", message, raw=buffer)
            return
        else:
            more = stream.read(max(2**18, len(buffer)))
            at_end = not more
            buffer += more


class _Gaps:
    """What stands between the records of a JSON document: brackets and commas, and nothing missing."""

    def __init__(self) -> None:
        self._is_array: bool | None = None
        self._is_closed = False

    def check(self, gap: bytes, cursor: Cursor, *, is_end: bool = False) -> Iterator[Rejected]:
        """Move the cursor over a gap, and yield what is wrong with it."""
        marks = bytes(byte for byte in gap.removeprefix(BOM) if byte not in _SPACE)
        message = self._fault(marks, is_end=is_end)
        cursor.move(gap)
        if message is not None:
            code = "NDS005" if is_end and not marks else "NDS001"
            yield cursor.reject(code, message, evidence=excerpt(marks.decode("ascii", "replace")) or None)

    def _fault(self, marks: bytes, *, is_end: bool) -> str | None:
        if self._is_array is None:
            self._is_array = marks.startswith(b"[")
            return self._fault_at_start(marks, is_end=is_end)
        wanted = (b"]" if is_end else b",") if self._is_array else b""
        if marks == wanted:
            return None
        if is_end and self._is_array and not marks:
            return "the file ends in the middle of an array; `]` is missing"
        where = "after the last record" if is_end else "between two records"
        found = (
            f"stands `{excerpt(marks.decode('ascii', 'replace'), width=20)}`" if marks else "stands nothing"
        )
        return f"not JSON: {where} {found}{f', not `{wanted.decode()}`' if wanted else ''}"

    def _fault_at_start(self, marks: bytes, *, is_end: bool) -> str | None:
        if is_end:
            fine = marks in (b"", b"[]")
            return None if fine else "not JSON: brackets or commas without a record"
        return None if marks in (b"", b"[") else "not JSON: brackets or commas before the first record"


def _skip_to_object(buffer: bytes) -> int | None:
    match = _NOT_GAP.search(buffer)
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
