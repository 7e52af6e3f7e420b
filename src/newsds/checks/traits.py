"""Traits: what a record is like in ways that count only when many records of a publisher are like it."""

from collections.abc import Sequence
from functools import lru_cache

from newsds.article import Record
from newsds.later import later_pattern

__all__ = ["has_words", "headline_words", "lacks_headline", "may_lack_headline", "n_in", "traits_of"]

#: At least 25 words.
LONG = 1
#: The body does not end as a sentence does.
CUT = 2
#: The beginning of the body does not speak of the headline.
UNSUPPORTED = 4
#: The last long paragraph does not end as a sentence does: a credit line after it may.
OPEN_END = 8
#: Lines broken in the middle of sentences, or columns made of spaces.
RAGGED = 16
#: The date of publication has a time of day.
TIMED = 32
#: The date as written can be read in two ways; is written day first; is written month first.
AMBIGUOUS_DATE, DAY_FIRST, MONTH_FIRST = 64, 128, 256
#: Rights are stated; and they do not allow to pass the text on, or to mine it.
STATES_RIGHTS, RESERVES_RIGHTS = 512, 1024

#: Shorter bodies are snippets, which go on where the headline ends.
MIN_BODY_WORDS = 100
#: Share of the headline's words that the first 200 words of the body have at least.
MIN_SUPPORT = 0.3
#: Words of a headline that are looked for in the body.
MAX_HEADLINE_WORDS = 16

_WORD = later_pattern(r"\w{4,}")
#: Words that say nothing of what a headline is about.
_EMPTY_WORD_LIST = """
about after again against amid another back been before being best between could down each even every first five
four from have here high into just last latest like made make many more most near need news next only other over
report said says seen should show since some still take than that their them then there these they this three
through time today under until update what when where which while will with worth would year years your
"""
_EMPTY_WORDS = frozenset(_EMPTY_WORD_LIST.split())
#: Three dots end no sentence: they are how an interface marks its cut.
_SENTENCE_END = later_pattern(r"(?:[!?。！？؟।]|(?<!\.\.)\.)['\"”’»)\]]{0,3}$")
_NUMERIC_DATE = later_pattern(r"\D{0,12}(\d{1,2})([/.-])(\d{1,2})\2(?:\d{4}|\d{2})(?!\d)")
_RESERVED = later_pattern(
    r"all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos"
)


#: Letters of scripts without spaces between words count one by one.
_DENSE = later_pattern("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


#: Words beyond which it does not matter how many a text has.
MAX_COUNTED = 200


@lru_cache(maxsize=2)
def _n_words(text: str) -> int:
    """Return the number of words, or more than `MAX_COUNTED`; four rules ask it of one body."""
    return len(text.split(None, MAX_COUNTED))


def has_words(text: str, n: int) -> bool:
    """Tell whether a text has at least `n` words; in scripts without spaces two letters count as one word."""
    if (_n_words(text) if n <= MAX_COUNTED else len(text.split(None, n))) >= n:
        return True
    return not text.isascii() and len(_DENSE.findall(text[: 8 * n])) >= 2 * n


def headline_words(headline: str) -> list[str]:
    """Return the words that say what a headline is about, sorted, each once."""
    return sorted(set(_WORD.findall(headline.lower())) - _EMPTY_WORDS)[:MAX_HEADLINE_WORDS]


def lacks_headline(body: str, words: Sequence[str]) -> bool:
    """Tell whether the first 200 words of a body have too few of the headline's words; six letters count."""
    if len(words) < 3:
        return False
    stems, least = [word[:6] for word in words], MIN_SUPPORT * len(words)
    # As a rule the first of the 200 words say enough: 400 characters hold no more than that.
    if n_in(stems, body[:400].rpartition(" ")[0].lower()) >= least or not has_words(body, MIN_BODY_WORDS):
        return False
    return n_in(stems, " ".join(body[:4000].split(None, 200)[:200]).lower()) < least


def may_lack_headline(body: str, headline: str, *, utf8: bytes) -> bool:
    """Tell, quickly, whether a body may have too few of the headline's words; the first 400 characters are looked at.

    Args:
        body: the text.
        headline: its headline.
        utf8: the body in UTF-8.
    """
    words = [word for word in headline.lower().split() if len(word) >= 4 and word not in _EMPTY_WORDS]
    # What is no word may hold several, each of at least four letters.
    n_words = len(words) if "".join(words).isalpha() else sum([(len(word) + 1) // 5 for word in words])
    if n_words < 3 or n_words > MAX_HEADLINE_WORDS:
        return n_words >= 3
    # Of bytes the case is changed ten times as fast, and ASCII words are found in them whatever stands around.
    lead = utf8[:400].lower().decode("latin-1") if headline.isascii() else body[:400].lower()
    least, found = MIN_SUPPORT * n_words, set[str]()
    for word in words:
        if word[:6] in lead and word.isalpha():
            found.add(word)
            if len(found) >= least:
                return False
    return True


def n_in(stems: Sequence[str], text: str) -> int:
    """Return how many of some words, or of their beginnings, are in a text."""
    return sum([stem in text for stem in stems])


def traits_of(record: Record, paragraphs: Sequence[str], words: Sequence[str]) -> int:
    """Return the traits of a record, added up.

    Args:
        record: the record.
        paragraphs: the lines of its body without outer white space.
        words: the headline's words.
    """
    body = record.get("body") or ""
    last_long = next((part for part in reversed(paragraphs) if len(part) >= 60), "")
    traits = (
        (LONG, has_words(body, 25)),
        (CUT, bool(paragraphs) and not _ends(paragraphs[-1])),
        (UNSUPPORTED, lacks_headline(body, words)),
        (OPEN_END, bool(last_long) and not _ends(last_long)),
        (RAGGED, _is_ragged(body, paragraphs)),
        (TIMED, record.get("published_precision") in ("hour", "minute", "second")),
    )
    return sum(bit for bit, holds in traits if holds) + _date_traits(record) + _rights_traits(record)


def _ends(paragraph: str) -> bool:
    return _SENTENCE_END.search(paragraph[-5:]) is not None


def _is_ragged(body: str, paragraphs: Sequence[str]) -> bool:
    n_broken = sum(part[0].islower() for part in paragraphs)
    return (n_broken >= 3 and n_broken > 0.3 * len(paragraphs)) or body.count("    ") >= 3


def _date_traits(record: Record) -> int:
    match = _NUMERIC_DATE.match(record.get("published_raw") or "")
    if match is None:
        return 0
    first, second = int(match[1]), int(match[3])
    if first > 12 or second > 12:
        return (DAY_FIRST if first > 12 else MONTH_FIRST) if min(first, second) <= 12 else 0
    return AMBIGUOUS_DATE if first != second else 0


def _rights_traits(record: Record) -> int:
    rights = record.get("rights")
    if not rights:
        return 0
    stated = (
        "license",
        "usage_terms",
        "copyright_notice",
        "copyright_holder",
        "tdm_reservation",
        "data_mining",
    )
    words = " ".join(str(rights.get(name) or "") for name in ("license", "usage_terms", "copyright_notice"))
    is_reserved = (
        rights.get("tdm_reservation") is True
        or "PROHIBITED" in (rights.get("data_mining") or "")
        or any(
            sign.lower() in ("noai", "noimageai", "tdm-reservation: 1") for sign in rights.get("robots") or ()
        )
        or _RESERVED.search(words.lower()) is not None
    )
    is_stated = any(rights.get(name) is not None for name in stated)
    return STATES_RIGHTS * is_stated + RESERVES_RIGHTS * is_reserved
