"""The lines of the inputs on which findings are, and a window of a line round the value."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from newsds.errors import NewsdsError
from newsds.findings import Finding
from newsds.json_text import find_value
from newsds.readers.inputs import DAMAGE, expand, open_input
from newsds.text import excerpt, middle_line, visible

__all__ = ["SourceLine", "SourceLines", "window"]

#: Longer lines are read to here.
MAX_LINE_BYTES = 1 << 22


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceLine:
    """One line of an input."""

    text: str
    #: 0-based character at which the value begins; null where the line does not show it.
    start: int | None = None
    #: Characters of the value.
    length: int = 1


class SourceLines:
    """Gives the line of a finding; reads each input once, and only to the last line that is wanted."""

    def __init__(
        self, findings: Iterable[Finding], *, root: Path | None = None, encoding: str = "utf-8"
    ) -> None:
        """Read the lines on which findings are.

        Args:
            findings: those that are shown.
            root: the folder to which their paths are relative, where it is not the current one.
            encoding: of the inputs.
        """
        wanted: dict[str, set[int]] = {}
        for finding in findings:
            if finding.path is not None and finding.line is not None:
                wanted.setdefault(finding.path, set()).add(finding.line)
        self._encoding = encoding
        self._lines = {
            (path, number): line for path in wanted for number, line in _read_lines(path, wanted[path], root)
        }

    def __call__(self, finding: Finding) -> SourceLine | None:
        """Return the line of a finding; None if the input has no such thing, or cannot be read any more."""
        raw = self._lines.get((finding.path or "", finding.line or 0))
        if raw is None:
            return None
        text = raw.rstrip(b"\r\n").decode(self._encoding, "surrogateescape").removeprefix("\ufeff")
        if finding.column is None:
            return _with_evidence(text, finding.evidence) or _with_pointer(raw, finding.pointer)
        start = finding.column - 1
        value = text[start:].encode(self._encoding, "surrogateescape")[: finding.length or 1]
        length = len(value.decode(self._encoding, "ignore")) or 1
        fault = text.find(finding.evidence, start, start + length) if finding.evidence else -1
        if fault >= 0:
            start, length = fault, len(finding.evidence or "")
        return SourceLine(text=text, start=start, length=length)


def _with_evidence(text: str, evidence: str | None) -> SourceLine | None:
    """Return the line with the evidence as its value; None if the line does not show it."""
    shown, line = middle_line(evidence or ""), visible(text)
    start = line.find(shown) if shown else -1
    return None if start < 0 else SourceLine(text=line, start=start, length=len(shown))


def _with_pointer(raw: bytes, pointer: str | None) -> SourceLine | None:
    """Return a line of JSON with the value of a pointer; None if it is no JSON object that has it."""
    import orjson

    line = raw.strip().removeprefix(b"\xef\xbb\xbf")
    try:
        is_object = isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return None
    span = find_value(line, pointer) if is_object and pointer else None
    if span is None or span.start == 0:
        return None
    start, end = (len(line[:place].decode()) for place in (span.start, span.end))
    return SourceLine(text=line.decode(), start=start, length=end - start)


def _read_lines(path: str, wanted: set[int], root: Path | None) -> Iterator[tuple[int, bytes]]:
    last = max(wanted)
    try:
        for item in expand([path], root=root):
            if item.kind == "parquet":
                return
            with open_input(item) as stream:
                for number, line in enumerate(_iter_lines(stream), 1):
                    if number in wanted:
                        yield number, line
                    if number == last:
                        break
    except (NewsdsError, *DAMAGE):
        return


def _iter_lines(stream: BufferedReader) -> Iterator[bytes]:
    """Yield lines; of longer ones the beginning."""
    while line := stream.readline(MAX_LINE_BYTES):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE_BYTES)
        yield line


#: Where a value is longer than the window, so much of what is before it is shown.
_MIN_BEFORE = 4


def window(line: SourceLine, *, width: int) -> tuple[str, str]:
    """Return at most `width` columns of a line round its value, and the carets that go under them.

    Characters that would do harm in a terminal are shown as escapes; the carets stay under the value.
    """
    start = min(line.start or 0, len(line.text))
    end = min(len(line.text), start + max(1, line.length))
    before = _harmless(line.text[max(0, start - width) : start])
    value = _harmless(line.text[start : min(end, start + width)])
    after = _harmless(line.text[end : end + width])
    if start > width or _n_columns(before) + _n_columns(value) > width - 1:
        before = _end_of(before, max(_MIN_BEFORE, (width - _n_columns(value)) // 2))
    shown = _fit(before + value + after, width)
    if line.start is None:
        return shown, ""
    n_carets = min(max(1, _n_columns(value)), max(1, _n_columns(shown) - _n_columns(before)))
    return shown, " " * _n_columns(before) + "^" * n_carets


def _harmless(text: str) -> str:
    shown = excerpt(text, width=8 * len(text) + 8).encode("utf-8", "backslashreplace").decode()
    return re.sub("[\ufffe\uffff]", "\ufffd", shown)


def _fit(text: str, width: int) -> str:
    """Cut text to a number of columns; dots say that something is missing."""
    if _n_columns(text) <= width:
        return text
    n_columns = 0
    for number, char in enumerate(text):
        n_columns += _n_columns(char)
        if n_columns > width - 1:
            return text[:number] + "…"
    return text


def _end_of(text: str, width: int) -> str:
    """Return the last columns of text, after dots."""
    n_columns = 0
    for place in range(len(text) - 1, -1, -1):
        n_columns += _n_columns(text[place])
        if n_columns > width - 1:
            return "…" + text[place + 1 :]
    return "…" + text


def _n_columns(text: str) -> int:
    """Return the columns that text takes on a terminal: wide characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
