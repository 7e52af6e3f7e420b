"""Rules on what the body holds (3xx): all of the article, and nothing else."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from newsds.article import Record
from newsds.checks.boilerplate import (
    CONSENT_SIGN,
    LINE_SIGN,
    PAYWALL,
    PAYWALL_SIGN,
    consent_phrases,
    is_boilerplate,
)
from newsds.checks.characters import TYPOGRAPHY
from newsds.checks.publishers import typical_length, typical_support
from newsds.checks.rule import Glimpse, Hit, Rule
from newsds.checks.traits import has_words, headline_words, lacks_headline, may_lack_headline
from newsds.later import later_pattern
from newsds.schema import SPACE
from newsds.text import excerpt
from newsds.wire import BYLINE_SIGN, CREDIT_SIGN, parse_byline, parse_credit_line

__all__ = ["NEXT", "RULES", "find_byline", "find_credit_line", "letters"]


@lru_cache(maxsize=2)
def _lines(body: str) -> tuple[str, ...]:
    """Return the lines that hold something; four rules in a row ask for those of one body."""
    return tuple(line for line in body.split("\n") if line and not line.isspace())


#: What `str.isalnum` denies; and the same in ASCII, of which bytes are told apart ten times as fast.
_NO_LETTERS = later_pattern(r"[\W_]+")
_NO_ASCII_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())


def letters(text: str) -> str:
    """Return letters and digits only, without case: what two writings of one headline have in common."""
    data = text.encode("utf-8", "surrogatepass").translate(None, _NO_ASCII_LETTERS)
    rest = data.decode("utf-8", "surrogatepass")
    if not rest.isascii():
        for mark in TYPOGRAPHY:
            rest = rest.replace(mark, "")
    return (rest if rest.isascii() else _NO_LETTERS.sub("", rest)).casefold()


def empty_body(record: Record) -> Iterator[Hit]:
    """The body holds text."""
    body = record.get("body")
    if body is not None and not body.strip():
        yield Hit("/body", "the body is empty")


def boilerplate_line(record: Record) -> Iterator[Hit]:
    """No line of the body is furniture of the site."""
    found = [line for line in _lines(record.get("body") or "") if is_boilerplate(line)]
    if found:
        yield Hit("/body", f"lines that are not the article's: {len(found):,}", excerpt(found[0]))


#: Characters of a passage; shorter ones are refrains and short answers.
MIN_PASSAGE = 40


def _passages(body: str) -> Iterator[str]:
    """Yield the sentences of at least 40 characters; a sentence ends before a full stop and a space."""
    for line in _lines(body):
        for part in line.split(". "):
            if len(part) >= MIN_PASSAGE and len(passage := part.strip(" .")) >= MIN_PASSAGE:
                yield passage


def repeated_passage(record: Record) -> Iterator[Hit]:
    """No paragraph or sentence of at least 40 characters occurs twice."""
    body = record.get("body") or ""
    # First all at once, which may take white space for a passage.
    parts = [part.strip(" .") for part in body.replace("\n", ". ").split(". ") if len(part) >= MIN_PASSAGE]
    if len(set(parts)) == len(parts):
        return
    counts = Counter(_passages(body))
    again = [passage for passage, n in counts.items() if n > 1]
    if again:
        yield Hit("/body", f"passages repeated: {len(again):,}", excerpt(again[0]))


def consent_page(record: Record) -> Iterator[Hit]:
    """The body is an article, not a consent, script, bot-check or error page."""
    body = record.get("body") or ""
    if len(body) < 2000 and not has_words(body, 150):
        phrases = consent_phrases(body)
        if len(phrases) >= 2:
            shown = ", ".join(phrases[:3])
            yield Hit("/body", f"a consent, script, bot-check or error page ({shown})", excerpt(body))


def paywall_stub(record: Record) -> Iterator[Hit]:
    """The body is the whole article, not the part before a paywall."""
    body = record.get("body") or ""
    access = (record.get("rights") or {}).get("access")
    if body and access in ("teaser", "blocked"):
        yield Hit("/body", f"the page showed a part of the article only (rights.access is {access})")
    elif len(body) < 3000 and not has_words(body, 200):
        for line in _lines(body)[-4:]:
            match = PAYWALL.search(line.lower().replace("’", "'"))
            if match:
                shown = excerpt(match.string, start=match.start(), end=match.end())
                yield Hit("/body", "the article ends at a paywall", shown)
                return


_CUT = later_pattern(r"(?:\.\.\.|…|\[\s?\.\.\.\s?\]|\[\s?…\s?\]|\[\+\d{1,7} chars\]|\(more\))[\"'”’»)]?$")
_FULL_STORY = later_pattern(
    r"(?:read|view|see|continue reading) (?:the )?(?:full|whole|rest of|complete) .{0,40}"
    r"|continue reading\W{0,5}|read more\W{0,5}"
)
_LIVE = later_pattern(
    r"(?:more|further|details?|mehr|lisää|plus) (?:\w{1,12} ){0,3}"
    r"(?:to follow|to come|follow|folgt|later)\W{0,10}$",
    re.IGNORECASE,
)


#: An agency's mark at the end of its copy, which old wires followed by dots.
_AGENCY_MARK = later_pattern(r"\W*(?:reuters?|afp|dpa|upi|efe|ansa|tass)\W*", re.IGNORECASE)


def truncated_body(record: Record) -> Iterator[Hit]:
    """The body does not break off."""
    body = (record.get("body") or "").rstrip()
    if not body:
        return
    last = body[-300:].rpartition("\n")[2]
    if _AGENCY_MARK.fullmatch(last):
        return
    if (_CUT.search(last) and not _LIVE.search(last)) or _FULL_STORY.fullmatch(last.strip().lower()):
        yield Hit("/body", "the body breaks off", excerpt(last[-80:]))


def too_short(record: Record) -> Iterator[Hit]:
    """The body has at least 25 words."""
    body = record.get("body") or ""
    if body.strip() and not has_words(body, 25):
        yield Hit("/body", "the body has fewer than 25 words", excerpt(body))


def headline_unsupported(record: Record) -> Iterator[Hit]:
    """The beginning of the body speaks of what the headline says."""
    headline = record.get("headline") or ""
    if lacks_headline((record.get("body") or "").strip(), headline_words(headline)):
        yield Hit(
            "/headline", "the first 200 words of the body hardly speak of it", excerpt(headline, width=80)
        )


def _sentences(text: str) -> list[str]:
    parts = map(letters, re.split(r"[.!?。！？]\s|\n", text))
    return [part for part in parts if len(part) >= 20]


def summary_in_body(record: Record) -> Iterator[Hit]:
    """A summary says it in its own words."""
    summary, body = record.get("summary") or "", record.get("body") or ""
    if len(summary) < 40 or len(body) <= len(summary):
        return
    sentences, text = _sentences(summary), letters(body)
    n_copied = sum(len(part) for part in sentences if part in text)
    if sentences and n_copied >= 0.9 * sum(map(len, sentences)):
        yield Hit("/summary", "the summary stands in the body word for word", excerpt(summary, width=80))


#: What follows a headline that is no part of the lead; a lead that repeats its words goes on in lower case.
NEXT = later_pattern(r"[.!?]?[\s\xa0]{1,5}[^\sa-zà-ÿ,;:]")


def headline_in_body(record: Record) -> Iterator[Hit]:
    """The body begins with the article, not with its headline."""
    headline, body = (record.get("headline") or "").strip(), (record.get("body") or "").lstrip()
    if letters(body[:20])[:9] != letters(headline[:20])[:9]:
        return
    wanted = letters(headline)
    first, _, rest = body.partition("\n")
    begins = wanted.startswith(letters(first[: len(headline) + 20]))
    if begins and wanted and rest and not rest.isspace() and letters(first[:2100]) == wanted:
        yield Hit("/body", "the body begins with the headline on a line of its own", excerpt(first))
    elif len(headline.split()) >= 4 and body.startswith(headline) and NEXT.match(body, len(headline)):
        yield Hit("/body", "the body begins with the headline", excerpt(body))


def body_is_headline(record: Record) -> Iterator[Hit]:
    """The body says more than the headline."""
    headline, body = record.get("headline") or "", record.get("body") or ""
    if body.strip() and len(body) <= 2 * len(headline) + 10 and letters(body) == letters(headline):
        yield Hit("/body", "the body is the headline", excerpt(body))


def _opens(body: str, line: str) -> bool:
    """Tell whether a line is no continuation: in lower case it must stand after a blank line, or first."""
    before = body[: body.find(line)]
    return not line.lstrip()[:1].islower() or not before.strip() or before.endswith("\n\n")


def find_byline(body: str) -> str | None:
    """Return the line that is a byline, among the first three of a body of at least two."""
    lines = _lines(body)
    if len(lines) < 2:
        return None
    found = (line for line in lines[:3] if len(line) <= 200 and parse_byline(line.strip()))
    return next((line for line in found if _opens(body, line)), None)


def find_credit_line(body: str) -> str | None:
    """Return the line that is a credit line, among the last three of a body of at least two."""
    lines = _lines(body)
    if len(lines) < 2:
        return None
    found = (line for line in lines[-3:] if len(line) <= 600 and parse_credit_line(line.strip()))
    return next((line for line in found if _opens(body, line)), None)


def byline_in_body(record: Record) -> Iterator[Hit]:
    """Byline and credit line stand in their fields, not in the body."""
    body = record.get("body") or ""
    byline, credit = find_byline(body), find_credit_line(body)
    if byline is not None:
        yield Hit("/body", "a byline is left in the body", excerpt(byline))
    if credit is not None:
        yield Hit("/body", "a credit line is left in the body", excerpt(credit))


_CUT_SIGN = (
    rf"(?:\.\.\.|…|\]|\(more\))[\"'”’»)]?[{SPACE}]*$"
    r"|(?i:(?:read|view|see|continue reading) (?:the )?(?:full|whole|rest of|complete) |continue reading|read more)[^\n]*"
    rf"[{SPACE}]*$"
)
#: Twenty-five words; they may be parted by other white space, and then the rule looks.
_ENOUGH_WORDS = rf"^(?:[^{SPACE}]+[ \n]+){{24}}[^{SPACE}]"

#: Beginnings of sentences and lines that go on for as long as a passage has to be.
_BEGINNINGS = re.compile(rb"\. [ .]*(?=(.{40}))")


def _may_repeat(glimpse: Glimpse) -> bool:
    """Tell whether two passages begin alike, and then whether they are."""
    found = _BEGINNINGS.findall(b". " + glimpse.utf8.replace(b"\n", b". "))
    return len(set(found)) < len(found) and any(repeated_passage(glimpse.record))


def _may_lack_headline(glimpse: Glimpse) -> bool:
    return may_lack_headline(glimpse.body, glimpse.record.get("headline") or "", utf8=glimpse.utf8)


#: ASCII in lower case.
_LOWER = bytes(range(128)).lower() + bytes(range(128, 256))


def _beginning(text: str) -> bytes:
    """Return what `letters` has of the first 24 characters, in UTF-8."""
    if text[:24].isascii():
        return text[:24].encode().translate(_LOWER, _NO_ASCII_LETTERS)
    return letters(text[:24]).encode("utf-8", "surrogatepass")


def _may_begin_with_headline(glimpse: Glimpse) -> bool:
    """Tell whether body and headline begin with the same letters; of what begins otherwise the rule must judge."""
    body, headline = glimpse.body, glimpse.record.get("headline") or ""
    first, wanted = body[:1], headline[:1]
    if first.isalnum() and wanted.isalnum() and first.casefold()[:1] != wanted.casefold()[:1]:
        return False
    if len(body) > 24 and len(headline) > 24 and "\n" not in body[:24]:
        ours, theirs = _beginning(body), _beginning(headline)
        n = min(len(ours), len(theirs))
        if ours[:n] != theirs[:n]:
            return False
    return any(headline_in_body(glimpse.record))


def _may_be_headline(glimpse: Glimpse) -> bool:
    return len(glimpse.body) <= 2 * len(glimpse.record.get("headline") or "") + 10


RULES = (
    Rule(
        code="NDS301",
        name="empty-body",
        level="error",
        scope="record",
        summary="The body is empty.",
        why="Of one famous test set 8 % are. A body that is missing or null is NDS102.",
        bad='"body": " "',
        good='"body": "The ferry to Port Halden …"',
        fix="extract the page again, or leave the record out",
        check=empty_body,
        signs={"body": rf"^[{SPACE}]*$"},
    ),
    Rule(
        code="NDS303",
        name="headline-unsupported",
        level="info",
        scope="source",
        summary="The body does not speak of its headline.",
        why="Fewer than 30 % of the headline's words (of four letters or more, by their first six) are in the "
        "first 200 words of a body of 100 or more. Of clean copy 2 to 6 % are so, puns and features: hence one record is of "
        "level info. Where it is more than 18 % of at least 20 records of a publisher, the bodies were taken "
        "from the wrong place, which is one error for the publisher.",
        bad="“Harbour choir wins prize” over a text about interest rates",
        good="“Harbour choir wins prize” over a text that names choir and prize",
        fix="look at how the extractor finds the body; extract the pages again",
        check=headline_unsupported,
        may_hit=_may_lack_headline,
        check_set=typical_support,
    ),
    Rule(
        code="NDS305",
        name="boilerplate-line",
        level="warning",
        scope="record",
        summary="A line of the body is furniture of the site: related links, advertisements, newsletter, "
        "copyright.",
        why="Whole lines of at most 15 words in eleven languages. Anywhere in a line these phrases "
        "are prose: “earnings per share on sales”.",
        bad="Read more: Ferries stop again",
        good="(no such line)",
        fix="remove the line from the body",
        fixable="unsafe",
        check=boilerplate_line,
        signs={"body": LINE_SIGN},
    ),
    Rule(
        code="NDS306",
        name="repeated-passage",
        level="warning",
        scope="record",
        summary="A paragraph or sentence of at least 40 characters occurs twice in the body.",
        why="The extractor took a pull quote or a second copy of the text. Refrains and short answers "
        "stay below 40 characters.",
        bad="The port will stay closed until Monday, she said. … The port will stay closed until "
        "Monday, she said.",
        good="The port will stay closed until Monday, she said.",
        fix="keep the first",
        check=repeated_passage,
        may_hit=_may_repeat,
    ),
    Rule(
        code="NDS307",
        name="consent-page",
        level="error",
        scope="record",
        summary="The body is a consent, script, bot-check or error page.",
        why="Two of the phrases of such pages in fewer than 150 words: an article about cookies is longer, or has "
        "one of them.",
        bad="We use cookies. Accept all or manage your preferences.",
        good="(the article)",
        fix="fetch the page again, or leave the record out",
        check=consent_page,
        signs={"body": CONSENT_SIGN},
    ),
    Rule(
        code="NDS310",
        name="paywall-stub",
        level="warning",
        scope="record",
        summary="The body is the part of the article before a paywall.",
        why="A phrase of a paywall in the last lines of fewer than 200 words, or rights.access says "
        "so. A subscription offer under a full text is no stub.",
        bad="The mayor said … Subscribe to continue reading.",
        good="(the whole article)",
        fix="leave the record out, or flag it with quality_flags",
        check=paywall_stub,
        signs={"body": PAYWALL_SIGN, "rights.access": "^(?:teaser|blocked)$"},
    ),
    Rule(
        code="NDS311",
        name="truncated-body",
        level="warning",
        scope="record",
        summary="The body breaks off: it ends in “...”, `[+123 chars]` or “Read the full story”.",
        why="News interfaces cut texts. “More to follow...” is live copy and passes.",
        bad="The mayor said on Tues...",
        good="The mayor said on Tuesday.",
        fix="fetch the whole text",
        check=truncated_body,
        signs={"body": _CUT_SIGN},
    ),
    Rule(
        code="NDS314",
        name="odd-length",
        level="warning",
        scope="record",
        summary="The body has fewer than 25 words, or is ten times as long as is usual for its publisher.",
        why="Snippets and captions are no articles. In scripts without spaces fifty letters are "
        "enough. Turn it off for sets of abstracts. Too long is what has at least 10,000 characters and more "
        "than ten times the median of a publisher with at least 20 records: mostly several pages in one.",
        bad="Ferries stop.",
        good="(25 words or more)",
        fix="fetch the whole text, or leave the record out",
        check=too_short,
        form={"properties": {"body": {"pattern": _ENOUGH_WORDS}}},
        check_set=typical_length,
    ),
    Rule(
        code="NDS320",
        name="headline-in-body",
        level="warning",
        scope="record",
        summary="The body begins with the headline.",
        why="Half of one corpus does. A headline of fewer than four words counts only on a line of "
        "its own, and a lead that goes on with the headline's words passes.",
        bad="Ferries stop again\\n\\nThe ferry to …",
        good="The ferry to …",
        fix="remove the line from the body",
        fixable="safe",
        check=headline_in_body,
        may_hit=_may_begin_with_headline,
    ),
    Rule(
        code="NDS321",
        name="body-is-headline",
        level="error",
        scope="record",
        summary="The body is the headline.",
        why="There is no article. Of an agency's flash, leave it out or turn this off.",
        bad='"headline": "Ferries stop", "body": "Ferries stop."',
        good="(a body of its own)",
        fix="extract the page again, or leave the record out",
        check=body_is_headline,
        may_hit=_may_be_headline,
    ),
    Rule(
        code="NDS322",
        name="byline-in-body",
        level="warning",
        scope="record",
        summary="A byline or credit line is left in the body.",
        why="Names of authors leak labels. The first and last three lines are looked at, by grammar: "
        "“By contrast, …” is prose, and so is a line in lower case that goes on. The dateline may stay.",
        bad="By Ana Ruiz\\n\\nThe ferry to …",
        good="The ferry to …",
        fix="move the line to byline or credit_line",
        fixable="safe",
        check=byline_in_body,
        signs={"body": rf"(?m:^[{SPACE}]*{BYLINE_SIGN})|(?m:{CREDIT_SIGN})"},
    ),
    Rule(
        code="NDS331",
        name="summary-in-body",
        level="info",
        scope="record",
        summary="The summary stands in the body word for word.",
        why="A lead used as a description is normal, and useless for training summarisation: 57 % of one corpus. "
        "Sentences that hold 90 % of the summary's letters are in the body. Raise it to error for a corpus of "
        "summaries.",
        bad="a summary that is the first sentence of the body",
        good="a summary in its own words",
        fix="leave the summary out",
        check=summary_in_body,
        form={"properties": {"summary": {"maxLength": 39}}},
    ),
)
