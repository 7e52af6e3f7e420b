"""Rules on characters (2xx): what encodings, escapes and markup left behind in the text."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from newsds.article import Record
from newsds.checks.rule import TEXT_FIELDS, Hit, Rule, texts
from newsds.later import later_pattern
from newsds.schema import SPACE
from newsds.text import excerpt

__all__ = [
    "BARE_ENTITY",
    "CONTROL",
    "CONTROL_REFERENCE",
    "ENTITY",
    "ESCAPE",
    "INVISIBLE",
    "RULES",
    "TAG",
    "TYPOGRAPHY",
    "WINDOWS_PATH",
    "unusual",
]

_BEYOND_ASCII = later_pattern("[^\x00-\x7f]+")
#: Typographic punctuation: in every second article, and never a fault.
TYPOGRAPHY = "’“”‘–—…"


#: Printable ASCII, line feed and tab.
_PLAIN = bytes(code for code in range(127) if code in b"\n\t" or code >= 32)


@lru_cache(maxsize=8)
def _rest(text: str) -> str:
    """Return what is neither printable ASCII, line feed and tab, nor typographic punctuation: mostly nothing.

    That answers seven rules at once; hence the small cache. Bytes are told apart ten times as fast as characters.
    """
    rest = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN).decode("utf-8", "surrogatepass")
    for mark in TYPOGRAPHY if rest else "":
        rest = rest.replace(mark, "")
    return rest


def unusual(text: str) -> str:
    """Return the characters of a text that are neither ASCII nor typographic punctuation."""
    rest = _rest(text)
    return "".join(_BEYOND_ASCII.findall(rest)) if rest else ""


def _hits(pointer: str, text: str, found: list[re.Match[str]], noun: str) -> Iterator[Hit]:
    """Yield one hit for all matches in a field; the evidence is the first."""
    if found:
        shown = excerpt(text, start=found[0].start(), end=found[0].end(), width=80)
        yield Hit(pointer, f"{noun}: {len(found):,}", shown)


#: The names that occur as residue; any other `&name;` is prose (`R&D;`).
_ENTITY_NAMES = (
    "amp|lt|gt|quot|apos|nbsp|ensp|emsp|thinsp|shy|zwj|zwnj|lrm|rlm|hellip|mdash|ndash|minus|bull|middot|lsquo|rsquo"
    "|ldquo|rdquo|sbquo|bdquo|laquo|raquo|lsaquo|rsaquo|euro|pound|yen|cent|curren|copy|reg|trade|deg|sect|para|dagger"
    "|times|divide|frac12|frac14|frac34|sup1|sup2|sup3|ordf|ordm|iexcl|iquest|prime|permil"
    "|[AEIOUaeiouyYNn](?:acute|grave|circ|uml|tilde|ring)|[Cc]cedil|[Oo]slash|[Aa]ring|szlig|(?:ae|AE|oe|OE)lig|[Ss]caron"
)
ENTITY = later_pattern(rf"&(?:amp;)?(?:#[0-9]{{1,7}}|#[xX][0-9A-Fa-f]{{1,6}}|{_ENTITY_NAMES});")
#: The same after somebody removed every ampersand (`it#39;s`, `quot;No quot;`); `#12;` is a rank.
BARE_ENTITY = later_pattern(
    r"(?<!&)#(?:3[4689]|6[02]|1[4-9][0-9]|2[0-4][0-9]|25[0-5]|8[0-9]{3}|x2[27]);|(?<![&\w])(?:quot|apos|nbsp|amp|lt|gt);"
)
_BARE_SIGNS = ("#", "quot;", "apos;", "nbsp;", "amp;", "lt;", "gt;")
CONTROL_REFERENCE = later_pattern(
    r"&#(?:0{0,4}(?:[0-9]|[12][0-9]|3[01]|12[7-9]|1[34][0-9]|15[0-9])|[xX]0{0,4}(?:[01]?[0-9A-Fa-f]|7[fF]|[89][0-9A-Fa-f]));"
)


def entity_residue(record: Record) -> Iterator[Hit]:
    """No entity is left in the text, with or without its ampersand."""
    for pointer, text in texts(record):
        if ";" in text:
            found = [match for match in ENTITY.finditer(text) if not CONTROL_REFERENCE.match(match.group())]
            if any(sign in text for sign in _BARE_SIGNS):
                found += BARE_ENTITY.finditer(text)
            yield from _hits(pointer, text, found, "HTML entities left in the text")


#: Every control character but line feed and tab.
CONTROL = later_pattern("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _has_control(text: str) -> bool:
    return CONTROL.search(_rest(text)) is not None


def control_characters(record: Record) -> Iterator[Hit]:
    """No control character, and no numeric reference to one, is in the text."""
    for pointer, text in texts(record):
        found = list(CONTROL.finditer(text)) if _has_control(text) else []
        if "&#" in text:
            found += CONTROL_REFERENCE.finditer(text)
        yield from _hits(pointer, text, found, "control characters")


#: Two letters must not follow `\n`: `TBWA\Chiat`, `C:\news\today` and `\textbf` are no escapes.
ESCAPE = later_pattern(r"""\\(?:[nrt](?![a-z]{2})|["'/]|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|(?=[\s\\]|$))""")
WINDOWS_PATH = later_pattern(r"\b[A-Za-z]:\\")


def literal_escapes(record: Record) -> Iterator[Hit]:
    r"""No escape sequence (`\n`, `\"`, a stray backslash) stands in the text as characters."""
    for pointer, text in texts(record):
        if "\\" in text and not WINDOWS_PATH.search(text):
            yield from _hits(pointer, text, list(ESCAPE.finditer(text)), "escape sequences left in the text")


_TAG_NAMES = (
    "article|aside|blockquote|body|br|button|center|div|em|embed|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html"
    "|iframe|img|input|label|li|link|main|meta|nav|noscript|object|ol|option|p|picture|pre|script|section|select|small|source"
    "|span|strong|style|sub|sup|svg|table|tbody|td|th|thead|tr|ul|video"
)
#: A known name at once after `<`. In capitals it may be a ticker (`<EM>`, `<S>`):
#: then it must close or have an attribute.
TAG = later_pattern(
    rf"<(?:/?(?:{_TAG_NAMES})(?:\s[^<>]{{0,500}})?/?>|/?[abiuqs]>|/(?i:{_TAG_NAMES}|[abiuqs])>"
    rf"|(?i:{_TAG_NAMES}|[abiuqs])\s[^<>=]{{1,100}}=[^<>]{{0,500}}>|!--|!\[CDATA\[|!DOCTYPE\b)"
)
#: A tag that may be a ticker in lower case (`<em>`) when it stands alone and closes nothing.
_TICKER_LIKE = later_pattern(r"<(?:em|li|td|tr|th|ol|ul)>")
_CODE = later_pattern(
    r"\bfunction\s{0,5}\w{0,40}\([^()]{0,80}\)\s{0,5}\{"
    r"|\b(?:document\.(?:write|getElementById|querySelector|createElement)|googletag\.cmd\.push|_gaq\.push|fbq|gtag|jQuery|addEventListener)\("
    r"|@media\s[^{}]{1,80}\{|[.#][\w-]{1,60}\s{0,3}\{\s{0,5}[a-z-]{2,40}\s{0,3}:[^{}]{0,200};"
)


def _may_hold_code(text: str) -> bool:
    """Tell whether there is a brace, or a parenthesis that no space precedes, as in a call."""
    if "{" in text:
        return True
    at = text.find("(", 1)
    while at >= 0 and text[at - 1] in " \n":
        at = text.find("(", at + 1)
    return at >= 0


def markup(record: Record) -> Iterator[Hit]:
    """No tag, script or style sheet is in the text."""
    for pointer, text in texts(record):
        found = list(TAG.finditer(text)) if "<" in text else []
        if len(found) == 1 and _TICKER_LIKE.fullmatch(found[0].group()):
            found = []
        if _may_hold_code(text):
            found += _CODE.finditer(text)
        yield from _hits(pointer, text, found, "remnants of markup or code")


_STRAIGHT = str.maketrans("“”„‟‘’‚‛", "\"\"\"\"''''")


def mojibake(record: Record) -> Iterator[Hit]:
    """The text was decoded with the encoding it was written in."""
    for pointer, text in texts(record):
        if unusual(text):
            yield from _mojibake_of(pointer, text)


def _mojibake_of(pointer: str, text: str) -> Iterator[Hit]:
    # Imported here because it takes 50 ms and most corpora never get this far.
    from ftfy import fix_encoding
    from ftfy.badness import BADNESS_RE

    # The patterns look at neighbours only, and are slow: the rest of the text is left out.
    runs = _BEYOND_ASCII.finditer(text)
    places = "\n".join(text[max(0, run.start() - 3) : run.end() + 3] for run in runs)
    match = BADNESS_RE.search(places)
    # A letter with an accent before a closing curly quote looks bad to ftfy and is plain Swedish.
    if match and BADNESS_RE.search(places.translate(_STRAIGHT)) and fix_encoding(text) != text:
        start = max(0, text.find(match.group()))
        shown = excerpt(text, start=start, end=start + len(match.group()), width=80)
        yield Hit(pointer, "mojibake: the text was decoded with the wrong encoding", shown)


def replacement_characters(record: Record) -> Iterator[Hit]:
    """No character was lost in decoding."""
    for pointer, text in texts(record):
        if "\ufffd" in unusual(text):
            start = text.index("\ufffd")
            shown = excerpt(text, start=start, end=start + 1, width=80)
            yield Hit(pointer, f"characters lost in decoding (U+FFFD): {text.count(chr(0xFFFD)):,}", shown)


#: Invisible and private characters, and overrides of direction; the joiners only after Latin, because other scripts
#: and emoji need them.
INVISIBLE = later_pattern(
    "[\u00ad\u200b\u202d\u202e\u2060\ufeff\ue000-\uf8ff\U000f0000-\U0010ffff]|(?:(?<=[\u0000-\u024f])|^)[\u200c\u200d]"
)
_MAY_BE_INVISIBLE = later_pattern(
    "[\u00ad\u200b-\u200d\u202d\u202e\u2060\ufeff\ue000-\uf8ff\U000f0000-\U0010ffff]"
)


def invisible_characters(record: Record) -> Iterator[Hit]:
    """No character is invisible or private, except the joiners of scripts that need them."""
    for pointer, text in texts(record):
        if _MAY_BE_INVISIBLE.search(unusual(text)):
            found = list(INVISIBLE.finditer(text))
            yield from _hits(pointer, text, found, "invisible or private characters")


def not_nfc(record: Record) -> Iterator[Hit]:
    """The text is in Unicode normal form C."""
    for pointer, text in texts(record):
        if unusual(text) and not unicodedata.is_normalized("NFC", text):
            yield Hit(pointer, "not in Unicode normal form C: equal words compare as different")


def all_caps_headline(record: Record) -> Iterator[Hit]:
    """A headline is not set in capitals."""
    headline = record.get("headline") or ""
    n_upper = sum(map(str.isupper, headline))
    if n_upper >= 10 and n_upper > 0.7 * sum(map(str.isalpha, headline)):
        yield Hit("/headline", "the headline is in capitals", excerpt(headline, width=80))


_GLUED = later_pattern(r"[.!?][A-ZÀ-Þ][a-zà-ÿ]")
#: The same by the mark: a pattern that begins with one character is found ten times as fast.
_GLUED_BY = tuple(later_pattern(rf"{mark}[A-ZÀ-Þ][a-zà-ÿ]") for mark in (r"\.", "!", r"\?"))


def glued_sentences(record: Record) -> Iterator[Hit]:
    """Sentences are kept apart by white space."""
    body = record.get("body") or ""
    if not any(pattern.search(body) for pattern in _GLUED_BY):
        return
    found = [
        match
        for match in _GLUED.finditer(body)
        if body[max(0, match.start() - 2) : match.start()].isalpha() and body[match.start() - 1].islower()
    ]
    places = {body[max(0, match.start() - 2) : match.end()] for match in found}
    if len(places) >= 3 or (len(places) == 2 and len(body.split(None, 200)) <= 200):
        yield from _hits("/body", body, found, "places where two sentences are glued together")


#: What withholding and tokenising put in the place of words: `@ @ @`, `[unused7]`, `<unk>`, `@-@`, `-LRB-`, blocks.
_MASK = later_pattern(
    r"(?:(?<!\S)@(?=\s@(?!\S))|(?<=\s)@[-,.]@(?=\s)|\[(?:unused\d{1,4}|MASK|PAD|CLS|SEP|UNK)\]|<(?:unk|pad|mask)>"
    r"|-(?:LRB|RRB|LSB|RSB)-|█{2,}|[■▇]{3,}|\ufffd{3,})"
)


#: One of these is in every mask, if not a character that is beyond ASCII; the slow pattern is not tried without it.
_MASK_SIGNS = {
    "@": ("@ ", "@-@", "@,@", "@.@"),
    "[": ("[unused", "[MASK]", "[PAD]", "[CLS]", "[SEP]", "[UNK]"),
    "<": ("<unk>", "<pad>", "<mask>"),
    "B-": ("RB-", "SB-"),
}
_MASK_BLOCKS = frozenset("█■▇\ufffd")


def _may_hold_mask(text: str) -> bool:
    for mark, signs in _MASK_SIGNS.items():
        if mark in text and any(sign in text for sign in signs):
            return True
    return not _MASK_BLOCKS.isdisjoint(unusual(text))


def masked_words(record: Record) -> Iterator[Hit]:
    """No word was replaced by a mask, and no token of a tokeniser is left."""
    for pointer, text in texts(record):
        if _may_hold_mask(text):
            yield from _hits(pointer, text, list(_MASK.finditer(text)), "masked words or tokens")


def _in_prose(pattern: str) -> dict[str, str]:
    """Return the pattern as the sign of every field of prose."""
    return dict.fromkeys(TEXT_FIELDS, pattern)


#: Characters that are normal by themselves and beside any other; what is not among them may not be in normal form C.
_SURELY_NFC = (
    "\x00-\u02ff\u0388-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u20a0-\u20cf\u2190-\u2328\u232b-\u2ad0"
    "\u3040-\u3098\u309b-\u30ff\u3400-\u9fff\uac00-\ud7a3"
)
#: Two capitals, of which most letters must then be some; or signs that are capitals and no letters.
_CAPITALS = r"\p{Uppercase}[^\p{L}]*\p{Uppercase}|[^\P{Uppercase}\p{L}]"
#: Two characters beyond ASCII side by side, one of them no typography; or one that ftfy's patterns take for bad alone.
_MOJIBAKE_SIGN = (
    rf"[^\x00-\x7f][^\x00-\x7f{TYPOGRAPHY}]|[^\x00-\x7f{TYPOGRAPHY}][^\x00-\x7f]"
    r"|[\x{80}-\x{9f}ŒœÃÂØÙВГРСΒΓΞΟ]"
)
#: What of masks is sure to be there.
_MASK_SIGN = (
    rf"@[{SPACE}]@|@[-,.]@|\[(?:unused|MASK|PAD|CLS|SEP|UNK)|<(?:unk|pad|mask)>|-(?:LRB|RRB|LSB|RSB)-"
    r"|██|[■▇]{3}|\x{fffd}{3}"
)

RULES = (
    Rule(
        code="NDS201",
        name="entity-residue",
        level="error",
        scope="record",
        summary="HTML entities are left in the text, with or without their ampersand.",
        why="Escaped twice, unescaped once: every model then learns `quot` and `39` as words. Known "
        "names and numbers only: `AT&T`, `R&D;` and `<FB.O>` are text.",
        bad="It&amp;#39;s a quot;no quot;",
        good="It's a “no”",
        fix="unescape the text once more before it is read",
        fixable="safe",
        check=entity_residue,
        signs=_in_prose("[#&][0-9A-Za-z]{1,9};|(?:quot|apos|nbsp|amp|lt|gt);"),
    ),
    Rule(
        code="NDS202",
        name="control-character",
        level="error",
        scope="record",
        summary="The text holds control characters, or numeric references to them such as `&#3;`.",
        why="They break XML, terminals and tokenisers. Line feed and tab are allowed.",
        bad="Shares rose &#3;",
        good="Shares rose",
        fix="remove them",
        fixable="safe",
        check=control_characters,
        signs=_in_prose(r"[\x00-\x08\x0b-\x1f\x7f-\x{9f}]|&#"),
    ),
    Rule(
        code="NDS203",
        name="literal-escape",
        level="warning",
        scope="record",
        summary="Escape sequences stand in the text as characters.",
        why="The text went through a serialiser once too often. A backslash inside a name "
        "(`TBWA\\Chiat`) and Windows paths are left alone.",
        bad='First line.\\nSecond \\"line\\".',
        good="First line. Second “line”.",
        fix="decode the text once more before it is read",
        fixable="safe",
        check=literal_escapes,
        signs=_in_prose(r"\\"),
    ),
    Rule(
        code="NDS204",
        name="markup",
        level="error",
        scope="record",
        summary="Tags, scripts or style sheets are in the text.",
        why="The extractor took markup for text. Only known tag names count: `<FB.O>` and `a < b` are text.",
        bad="<p>Shares rose</p>",
        good="Shares rose",
        fix="extract the text from the page again",
        check=markup,
        signs=_in_prose(r"<[/!A-Za-z]|\{|(?:document\.[A-Za-z]+|push|fbq|gtag|jQuery|addEventListener)\("),
    ),
    Rule(
        code="NDS205",
        name="mojibake",
        level="error",
        scope="record",
        summary="The text was decoded with the wrong encoding.",
        why="Names become unfindable and vocabularies fill with noise. Judged by ftfy's patterns, and "
        "only where ftfy can repair the text; an accented letter before a curly quote is not "
        "mojibake.",
        bad="The cafÃ© isnâ€™t open",
        good="The café isn’t open",
        fix="read the input with its real encoding, or repair with ftfy.fix_encoding",
        fixable="unsafe",
        check=mojibake,
        signs=_in_prose(_MOJIBAKE_SIGN),
    ),
    Rule(
        code="NDS206",
        name="replacement-character",
        level="error",
        scope="record",
        summary="Characters were lost in decoding (U+FFFD).",
        why="What was there cannot be recovered from this text.",
        bad="caf�",
        good="café",
        fix="read the raw input again with its real encoding",
        check=replacement_characters,
        signs=_in_prose("\ufffd"),
    ),
    Rule(
        code="NDS207",
        name="invisible-character",
        level="warning",
        scope="record",
        summary="The text holds zero-width, soft-hyphen, byte-order-mark, private-use or direction-override characters.",
        why="Words that look equal compare as different, or are not what they look like. ZWJ and ZWNJ are spelling "
        "in Persian, Hindi and emoji: they count only after Latin text.",
        bad="trans\\u00adport",
        good="transport",
        fix="remove them",
        fixable="safe",
        check=invisible_characters,
        signs=_in_prose(
            r"[\x{ad}\x{200b}-\x{200d}\x{202d}\x{202e}\x{2060}\x{feff}\x{e000}-\x{f8ff}\x{f0000}-\x{10ffff}]"
        ),
    ),
    Rule(
        code="NDS208",
        name="not-nfc",
        level="warning",
        scope="record",
        summary="The text is not in Unicode normal form C.",
        why="Equal words compare as different, and offsets shift when somebody normalises later.",
        bad="cafe\\u0301",
        good="caf\\u00e9",
        fix="normalise to NFC",
        fixable="safe",
        check=not_nfc,
        signs=_in_prose(f"[^{_SURELY_NFC}]"),
    ),
    Rule(
        code="NDS209",
        name="caps-headline",
        level="info",
        scope="record",
        summary="The headline is set in capitals.",
        why="More than 70 % of its letters, and at least ten. Old wires are all like this: turn it "
        "off for them.",
        bad="FERRY TIMETABLE DELAYED AGAIN",
        good="Ferry timetable delayed again",
        fix="take the headline from a place that keeps case",
        check=all_caps_headline,
        signs={"headline": _CAPITALS},
    ),
    Rule(
        code="NDS210",
        name="glued-sentences",
        level="warning",
        scope="record",
        summary="Sentences are glued together, as `said.The`.",
        why="The extractor dropped line breaks. Three different places, or two in at most 200 words, "
        "so that `Euronext.Liffe` and `Amazon.com` pass.",
        bad="he said.The port closed.Ferries stopped.It rained.",
        good="he said. The port closed. Ferries stopped. It rained.",
        fix="extract the text again, with white space between blocks",
        check=glued_sentences,
        signs={"body": r"[a-z\x{80}-\x{10ffff}][.!?][A-ZÀ-Þ][a-zà-ÿ]"},
    ),
    Rule(
        code="NDS212",
        name="masked-words",
        level="warning",
        scope="record",
        summary="Words were replaced by a mask, or tokens of a tokeniser are in the text.",
        why="Datasets withhold words to be allowed to publish (`@ @ @`), and tokenised copies come back as text (`@-@`, "
        "`<unk>`, `-LRB-`): counts of words are then wrong. A handle such as @ledger is text.",
        bad="the port of @ @ @ @ @ will stay closed",
        good="the port of Halden will stay closed",
        fix="take the text from a copy that is whole; flag the records otherwise",
        check=masked_words,
        signs=_in_prose(_MASK_SIGN),
    ),
)
