"""Rules on people (9xx): what identifies somebody, and author fields that name nobody."""

import re
from collections.abc import Iterator

from newsds.article import Record
from newsds.checks.characters import unusual
from newsds.checks.rule import Glimpse, Hit, Rule
from newsds.later import later_pattern
from newsds.schema import SPACE
from newsds.text import excerpt

__all__ = ["MAIL", "RULES", "find_phones"]

MAIL = later_pattern(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}\b")
#: Local parts of addresses that belong to a desk and not to a person; `ir.asia` does, `irina` does not.
_DESKS = later_pattern(
    r"(?:news|newsroom|newsdesk|desk|editors?|editorial|tips?|press|pressoffice|media|info|contact|contactus"
    r"|letters|corrections|feedback|help|support|sales|service|customerservice|subscriptions|advertising|ads"
    r"|office|enquiries|inquiries|hello|mail|admin|webmaster|ir|investors?|redaktion|redaccion|redaction"
    r"|redazione|redacao|redactie|toimitus)(?:[._+-][a-z]{1,20})?",
    re.IGNORECASE,
)


def mail_address(record: Record) -> Iterator[Hit]:
    """The body identifies nobody by an e-mail address."""
    body = record.get("body") or ""
    if "@" not in body:
        return
    words = [word for word in body.split() if "@" in word]
    found = [match.group() for word in words for match in MAIL.finditer(word)]
    private = [address for address in found if not _DESKS.fullmatch(address.partition("@")[0])]
    if private:
        yield Hit("/body", f"e-mail addresses of people: {len(private):,}", excerpt(private[0], width=80))
    elif found:
        yield Hit("/body", f"e-mail addresses of desks: {len(found):,}", excerpt(found[0], width=80), "info")


#: An international number, or a number in groups after a word for telephone; never digits alone (`1,234,567`).
PHONE = later_pattern(
    r"(?<![\w+])\+(?=[1-9])(?:[\s().-]{0,2}\d){8,15}(?!\d)"
    r"|\b(?:tel|phone|telephone|mobile|cell|call|fax|telefon|puh|puhelin|tél|teléfono|telefono)\b[.:]?\s{0,3}(?:\w{1,8}\s)?"
    r"(\(?\d{2,5}\)?(?:[\s/.-]{1,3}\d{2,5}){1,4})(?!\d)"
    r"|(?<!\d)(?:\(\d{3}\)\s?|\d{3}[.-])\d{3}[.-]\d{4}(?!\d)",
    re.IGNORECASE,
)
#: Digits, and all that parts them, of which some may be a telephone number: the slow pattern is tried only there.
_DIGITS = later_pattern(r"\d[\d\s/().-]{3,}\d")
#: ASCII by what it may be in a number: 0 a digit, - what stands between digits; bytes are searched ten times as fast.
_KINDS = (
    bytes(
        ord("0" if chr(code).isdigit() else "-" if chr(code).isspace() or chr(code) in "/().-" else "x")
        for code in range(128)
    )
    + b"x" * 128
)
#: Digits and white space that are not in that table.
_WIDE = later_pattern(r"[\d\s]")
_DIGITS_OF_KINDS = re.compile(rb"0[0-]{3,}0")
#: How far before the digits a number may begin: a word for telephone, another word, and what parts them.
_LEAD = 30
#: Characters from first to last digit that at least one in a body must have, lest times of day look like numbers.
MIN_DIGITS = 7
_FREE_PHONE = later_pattern(r"\+?1?\W{0,2}(?:800|833|844|855|866|877|888|900)\W")


def _digit_runs(text: str) -> list[tuple[int, int]]:
    """Return where digits stand of which there may be enough for a number."""
    if _WIDE.search(unusual(text)):
        return [match.span() for match in _DIGITS.finditer(text)]
    # One byte per character, whatever it is.
    kinds = text.encode("ascii", "replace").translate(_KINDS)
    return [match.span() for match in _DIGITS_OF_KINDS.finditer(kinds)]


def find_phones(text: str, runs: list[tuple[int, int]] | None = None) -> list[re.Match[str]]:
    """Return the telephone numbers of a text.

    Args:
        text: where to look.
        runs: of digits in it, if they are known.
    """
    found, after = list[re.Match[str]](), 0
    for start, end in _digit_runs(text) if runs is None else runs:
        # One character more, in which the pattern sees that no digit follows.
        found += PHONE.finditer(text, max(after, start - _LEAD), end + 1)
        after = found[-1].end() if found else 0
    return found


def phone_number(record: Record) -> Iterator[Hit]:
    """The body identifies nobody by a telephone number."""
    body = record.get("body") or ""
    runs = _digit_runs(body)
    if not any(end - start >= MIN_DIGITS for start, end in runs):
        return
    found = [match.group().strip() for match in find_phones(body, runs)]
    if found:
        private = [number for number in found if not _FREE_PHONE.search(number)]
        shown = excerpt((private or found)[0], width=80)
        words = "telephone numbers" if private else "numbers of hotlines"
        yield Hit("/body", f"{words}: {len(private or found):,}", shown, None if private else "info")


#: What a name may not hold, and the word for it.
_JUNK = (
    (re.compile(r"https?://|www\.|\.(?:com|org|net)\b", re.IGNORECASE), "an address"),
    (re.compile(r"\S@\S"), "an e-mail address"),
    (
        re.compile(
            r"\b(?:19|20)\d\d\b|\b\d{1,2}:\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b"
            r"|\d (?:minute|hour|day)s? ago"
        ),
        "a date or time",
    ),
    (re.compile(r"\A(?:by|written by|posted by|author|updated|published)\b[:\s]", re.IGNORECASE), "a label"),
    (
        re.compile(
            r"\A(?:share|tweet|comments?|follow|view all|see all|view profile|more from"
            r"|about the author|read more)\b",
            re.IGNORECASE,
        ),
        "a link's words",
    ),
    (re.compile(r"\A[\W\d_]*\Z"), "no letters"),
    (re.compile(r".{101}", re.DOTALL), "a whole text"),
)


def _junk(name: str, publisher: str) -> str | None:
    """Return what is wrong with a contributor's name, or None."""
    if publisher and name.casefold() == publisher:
        return "the publisher"
    return next((words for pattern, words in _JUNK if pattern.search(name)), None)


def names_people(record: Record) -> Iterator[Hit]:
    """A contributor's name is a name."""
    publisher = ((record.get("publisher") or {}).get("name") or "").casefold()
    for number, contributor in enumerate(record.get("contributors") or ()):
        wrong = _junk(contributor["name"].strip(), publisher)
        if wrong:
            shown = excerpt(contributor["name"], width=80)
            yield Hit(f"/contributors/{number}/name", f"a contributor's name holds {wrong}", shown)


def _may_name_the_publisher(glimpse: Glimpse) -> bool:
    contributors, publisher = glimpse.record.get("contributors"), glimpse.record.get("publisher")
    name = publisher.get("name") if contributors and publisher else None
    if not name:
        return False
    folded = name.casefold()
    for contributor in contributors or ():  # noqa: SIM110 # a generator would cost more than its work
        if contributor["name"].strip().casefold() == folded:
            return True
    return False


#: Two groups of digits, of which a number after a word for telephone has at least two.
_GROUPS = rf"[0-9]{{2}}[0-9]*[)]?[{SPACE}/.-]{{1,3}}[0-9]{{2}}"
#: What is in every such number; lengths that need not be known are not told, since counting makes a slow pattern.
_PHONE_SIGN = (
    rf"\+[1-9](?:[{SPACE}().-]{{0,2}}[0-9]){{7}}|\([0-9]{{3}}\)[{SPACE}]?[0-9]{{3}}[.-][0-9]{{4}}|[0-9]{{3}}[.-][0-9]{{3}}[.-][0-9]{{4}}"
    r"|(?i:tel|phone|telephone|mob[iıİ]le|cell|call|fax|telefon|puh|puhel[iıİ]n|tél|teléfono|telefono)"
    rf"(?:[.:(]|[{SPACE}])[{SPACE}]*(?:[^{SPACE}]+[{SPACE}])?[(]?{_GROUPS}"
    r"|[^\P{Nd}0-9]"
)
_JUNK_SIGN = (
    r"(?i:https?://|www\.|\.(?:com|org|net))|@|\p{Nd}|^[^\p{L}]*$"
    rf"|^[{SPACE}]*(?i:by|written by|posted by|author|updated|published)[:{SPACE}]"
    rf"|^[{SPACE}]*(?i:share|tweet|comment|follow|view all|see all|view profile|more from|about the author|read more)"
)

RULES = (
    Rule(
        code="NDS901",
        name="e-mail-address",
        level="warning",
        scope="record",
        summary="An e-mail address is in the body.",
        why="It identifies a person. Addresses of desks (`newsroom@`, `press@`) are of level info.",
        bad="write to ana.ruiz@ledger.example",
        good="write to [address]",
        fix="mask the address",
        fixable="unsafe",
        check=mail_address,
        signs={"body": r"@[A-Za-z0-9-]+\."},
    ),
    Rule(
        code="NDS902",
        name="phone-number",
        level="warning",
        scope="record",
        summary="A telephone number is in the body.",
        why="It identifies a person, or is the contact of a press release. International numbers, numbers after a word "
        "for telephone, and numbers of the form 555-123-4567; other digits are figures. Hotlines are of level info.",
        bad="call Ana Ruiz at +49 30 1234567",
        good="call Ana Ruiz at [phone]",
        fix="mask the number",
        fixable="unsafe",
        check=phone_number,
        signs={"body": _PHONE_SIGN},
    ),
    Rule(
        code="NDS903",
        name="author-junk",
        level="warning",
        scope="record",
        summary="A contributor's name holds something else: an address, a date, “By”, the publisher.",
        why="Every count by author is then wrong.",
        bad='"name": "By Ana Ruiz, 4 hours ago"',
        good='"name": "Ana Ruiz"',
        fix="take the name out of the text",
        check=names_people,
        signs={"contributors[].name": _JUNK_SIGN},
        form={"properties": {"contributors": {"items": {"properties": {"name": {"maxLength": 100}}}}}},
        may_hit=_may_name_the_publisher,
    ),
)
