"""JSON text: where in its bytes a value stands, and which key is written twice."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = [
    "Span",
    "exact_numbers",
    "find_duplicate_key",
    "find_elements",
    "find_value",
    "json_pointer",
    "pointer_parts",
]

_QUOTED = rb'"(?:[^"\\]++|\\.)*+"'
_STRING = re.compile(_QUOTED, re.DOTALL)
#: What begins or ends a container, and strings, in which brackets mean nothing.
_STRUCTURE = re.compile(rb"%b|[{}\[\]]" % _QUOTED, re.DOTALL)
_FLAT = rb'[{\[](?:[^"{}\[\]]++|%b)*+[}\]]' % _QUOTED
#: A container that holds containers of none, as most that hold any: a pattern goes past it in one go.
_SHALLOW = re.compile(rb'[{\[](?:[^"{}\[\]]++|%b|%b)*+[}\]]' % (_QUOTED, _FLAT), re.DOTALL)
_SCALAR = re.compile(rb"[^\s,\]}]++")
_SPACE = re.compile(rb"[ \t\r\n]*+")
#: Between two members or elements.
_GAP = re.compile(rb"[ \t\r\n,]*+")
_COLON = re.compile(rb"[ \t\r\n]*+:[ \t\r\n]*+")


class Span(NamedTuple):
    """A part of a text, in bytes."""

    start: int
    end: int


def json_pointer(parts: list[str | int]) -> str:
    """Return a path into a record as an RFC 6901 JSON pointer.

    >>> json_pointer(["a/b", 0, "m~n"])
    '/a~1b/0/m~0n'
    """
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def pointer_parts(pointer: str) -> list[str]:
    """Return the members of an RFC 6901 JSON pointer, unescaped.

    >>> pointer_parts("/a~1b/0")
    ['a/b', '0']
    """
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def find_value(raw: bytes, pointer: str) -> Span:
    """Return where the value of a pointer stands; if it is not there, the innermost container that is.

    Of a key that is written twice the last counts, as for every parser.

    Args:
        raw: JSON text that a parser has accepted.
        pointer: an RFC 6901 pointer; the empty string is the whole value.
    """
    start, found = _end_of(_SPACE, raw, 0), None
    for part in pointer_parts(pointer):
        inner = _child(raw, start, part)
        if inner is None:
            break
        start, found = inner.start, inner
    return found or Span(start, _value_end(raw, start))


def exact_numbers(record: Any, raw: bytes) -> Any:
    """Return JSON data with the digits of whole numbers of more than 64 bits, as text: parsers round them.

    Args:
        record: what a parser made of the text.
        raw: the JSON text.
    """
    if not _has_rounded(record):
        return record
    import json

    return json.loads(raw, parse_int=_digits, parse_constant=lambda _name: None)


def _has_rounded(value: Any) -> bool:
    if type(value) is float:
        return abs(value) >= 2**63
    if isinstance(value, dict):
        return any(map(_has_rounded, value.values()))
    return isinstance(value, list) and any(map(_has_rounded, value))


def _digits(text: str) -> int | str:
    if len(text) < 19:
        return int(text)
    number = int(text) if len(text) <= 21 else 2**64
    return number if -(2**63) <= number < 2**64 else text


def find_elements(raw: bytes, pointer: str) -> list[Span]:
    """Return where the elements of the list of a pointer stand.

    Args:
        raw: JSON text that a parser has accepted.
        pointer: an RFC 6901 pointer to a list.
    """
    return [*_elements(raw, find_value(raw, pointer).start)]


def find_duplicate_key(raw: bytes) -> tuple[str, Span] | None:
    """Return the first key that is written a second time in one object, and where the second stands.

    Args:
        raw: JSON text that a parser has accepted.
    """
    open_keys: list[set[str] | None] = []
    for match in _STRUCTURE.finditer(raw):
        token = match.group()
        if token in b"{[":
            open_keys.append(set() if token == b"{" else None)
        elif token in b"}]":
            open_keys.pop()
        elif open_keys and open_keys[-1] is not None and _COLON.match(raw, match.end()):
            key, seen = _text_of(token), open_keys[-1]
            if key in seen:
                return key, Span(*match.span())
            seen.add(key)
    return None


def _child(raw: bytes, start: int, part: str) -> Span | None:
    """Return the span of a member or element of the container that begins at `start`."""
    if raw[start : start + 1] == b"{":
        return next((span for key, span in reversed([*_members(raw, start)]) if key == part), None)
    if raw[start : start + 1] == b"[" and part.isdecimal():
        return next((span for number, span in enumerate(_elements(raw, start)) if number == int(part)), None)
    return None


def _members(raw: bytes, start: int) -> Iterator[tuple[str, Span]]:
    at = _end_of(_GAP, raw, start + 1)
    while raw[at : at + 1] == b'"':
        end = _end_of(_STRING, raw, at)
        key = _text_of(raw[at:end])
        value = _end_of(_COLON, raw, end)
        end = _value_end(raw, value)
        yield key, Span(value, end)
        at = _end_of(_GAP, raw, end)


def _elements(raw: bytes, start: int) -> Iterator[Span]:
    at = _end_of(_GAP, raw, start + 1)
    while at < len(raw) and raw[at : at + 1] != b"]":
        end = _value_end(raw, at)
        yield Span(at, end)
        at = _end_of(_GAP, raw, end)


def _value_end(raw: bytes, start: int) -> int:
    first = raw[start : start + 1]
    if first == b'"':
        return _end_of(_STRING, raw, start)
    return _container_end(raw, start) if first in (b"{", b"[") else _end_of(_SCALAR, raw, start)


def _container_end(raw: bytes, start: int) -> int:
    shallow = _SHALLOW.match(raw, start)
    if shallow is not None:
        return shallow.end()
    depth = 0
    for match in _STRUCTURE.finditer(raw, start):
        token = match.group()
        depth += (token in b"{[") - (token in b"}]")
        if depth == 0:
            return match.end()
    return len(raw)


def _end_of(pattern: re.Pattern[bytes], raw: bytes, start: int) -> int:
    match = pattern.match(raw, start)
    return match.end() if match else len(raw)


def _text_of(token: bytes) -> str:
    """Return the text of a JSON string."""
    if b"\\" not in token:
        return token[1:-1].decode("utf-8", "surrogateescape")
    import json

    return str(json.loads(token.decode("utf-8", "surrogateescape")))
