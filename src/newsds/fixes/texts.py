"""Fixes of texts: parts of a field of prose, and what replaces them."""

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher

from newsds.checks.boilerplate import is_boilerplate
from newsds.checks.characters import (
    BARE_ENTITY,
    CONTROL,
    CONTROL_REFERENCE,
    ENTITY,
    ESCAPE,
    INVISIBLE,
    TAG,
    WINDOWS_PATH,
)
from newsds.checks.people import MAIL, find_phones
from newsds.fixes.changes import Edit, apply_edits

__all__ = [
    "control_characters",
    "entities",
    "escapes",
    "invisible_characters",
    "mail_addresses",
    "mojibake",
    "normal_form",
    "outer_space",
    "phone_numbers",
    "site_lines",
]

Edits = Iterator[Edit]

MAIL_MASK, PHONE_MASK = "[e-mail address]", "[telephone number]"


def _replaced(text: str, pattern: re.Pattern[str], value: Callable[[re.Match[str]], str]) -> Edits:
    for match in pattern.finditer(text):
        yield Edit(match.start(), match.end(), value(match))


def _differences(before: str, after: str) -> Edits:
    """Yield the edits between two writings of one text, line by line."""
    lines, others = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for tag, first, last, first_other, last_other in SequenceMatcher(
        None, lines, others, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            yield Edit(starts[first], starts[last], "".join(others[first_other:last_other]))


def entities(text: str) -> Edits:
    """Unescape HTML entities, with and without their ampersand; the references to controls are others' business.

    Angle brackets stay as they are written where they would become markup.
    """
    if ";" not in text:
        return
    found = [match for match in ENTITY.finditer(text) if not CONTROL_REFERENCE.match(match.group())]
    found += BARE_ENTITY.finditer(text)
    yield from _inert(text, [_unescaped(match) for match in sorted(found, key=lambda match: match.start())])


def _unescaped(match: re.Match[str]) -> Edit:
    written = match.group()
    return Edit(match.start(), match.end(), html.unescape(written if written[0] == "&" else "&" + written))


def _inert(text: str, edits: list[Edit]) -> list[Edit]:
    """Leave angle brackets as they are written where they would become markup."""
    if _n_tags(apply_edits(text, edits)[0]) > _n_tags(text):
        return [edit for edit in edits if edit.text not in ("<", ">")]
    return edits


def _n_tags(text: str) -> int:
    return sum(1 for _ in TAG.finditer(text)) if "<" in text else 0


_FEEDS = re.compile("\r\n?|[\x0b\x0c\x85]")


def _control(match: re.Match[str]) -> str:
    """Return what stands for a control character: cp1252 has a sign for most of C1, the others go."""
    code = ord(match.group())
    if code in (0x0B, 0x0C, 0x0D, 0x85):
        return "\n"
    return bytes([code]).decode("cp1252", "ignore") if code >= 0x80 else ""


def _control_reference(match: re.Match[str]) -> str:
    """Return what a numeric reference to a control character means: what browsers show, which is mostly nothing."""
    digits = match.group()[2:-1]
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    if code in (9, 10, 13):
        return "\t" if code == 9 else "\n"
    return bytes([code]).decode("cp1252", "ignore") if 0x80 <= code <= 0x9F else ""


def control_characters(text: str) -> Edits:
    """Take out control characters and numeric references to them; the line feeds of other systems become ours."""
    if "\r\n" in text:
        yield from _replaced(text, _FEEDS, lambda _match: "\n")
    else:
        yield from _replaced(text, CONTROL, _control)
        if "&#" in text and not CONTROL.search(text):
            yield from _replaced(text, CONTROL_REFERENCE, _control_reference)


_ESCAPED = {"n": "\n", "r": "", "t": " ", '"': '"', "'": "'", "/": "/"}


def escapes(text: str) -> Edits:
    r"""Read the escape sequences that were left as characters (`\n`, `\"`, `\u00e9`); a stray backslash goes."""
    if "\\" in text and not WINDOWS_PATH.search(text):
        yield from _inert(text, [*_replaced(text, ESCAPE, _escaped)])


def _escaped(match: re.Match[str]) -> str:
    sign, digits = match.group()[1:2], match.group()[2:]
    if sign in ("u", "x"):
        char = chr(int(digits, 16))
        return "" if "\ud800" <= char <= "\udfff" else char
    return _ESCAPED.get(sign, "")


def invisible_characters(text: str) -> Edits:
    """Take out zero-width, soft-hyphen and private characters, but for joiners where scripts need them."""
    if not text.isascii():
        yield from _replaced(text, INVISIBLE, lambda _match: "")


def normal_form(text: str) -> Edits:
    """Write the text in Unicode normal form C."""
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        yield from _differences(text, unicodedata.normalize("NFC", text))


def outer_space(text: str) -> Edits:
    """Take away white space before and after the text."""
    kept = text.strip()
    if len(kept) < len(text):
        start = len(text) - len(text.lstrip()) if kept else len(text)
        yield Edit(0, start, "")
        yield Edit(start + len(kept), len(text), "")


def mojibake(text: str) -> Edits:
    """Decode the text with the encoding it was written in, as far as ftfy can tell."""
    if text.isascii():
        return
    from ftfy import fix_encoding

    fixed = fix_encoding(text)
    if fixed != text:
        yield from _differences(text, fixed)


def without_lines(text: str, is_out: Callable[[str], bool]) -> Edits:
    """Take out whole lines, and the blank lines after them, or before them at the end."""
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        if line and is_out(line):
            after = len(text) - len(text[end:].lstrip("\n"))
            before = len(text[:start].rstrip("\n"))
            yield Edit(start, after, "") if after < len(text) else Edit(before, len(text), "")
        start = end + 1


def site_lines(text: str) -> Edits:
    """Take out lines that are furniture of the site."""
    yield from without_lines(text, is_boilerplate)


def mail_addresses(text: str) -> Edits:
    """Mask e-mail addresses."""
    if "@" in text:
        yield from _replaced(text, MAIL, lambda _match: MAIL_MASK)


def phone_numbers(text: str) -> Edits:
    """Mask telephone numbers."""
    for match in find_phones(text):
        yield Edit(match.start(), match.end(), PHONE_MASK)
