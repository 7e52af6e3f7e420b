"""Rules on language (35x): the language a record states is the one its body is in."""

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any

from newsds.article import Record
from newsds.checks.rule import Glimpse, Hit, Rule
from newsds.text import MIN_DETECTABLE, excerpt

__all__ = ["RULES"]

#: Little words that only texts of a language are full of; two different ones, and the model need not be asked.
_LITTLE_WORDS = {
    "en": "the and of to in that was for with",
    "de": "der die und das nicht mit von ist den",
    "fr": "les des est dans une pour que pas sur",
    "es": "los las que una por con del para como",
    "it": "che della per con una sono del nel gli",
    "pt": "que não uma com para dos mais pelo ao",
    "nl": "het een van dat niet zijn voor met aan",
    "sv": "och att som för inte med det på av",
    "fi": "ja on ei että oli se myös mutta kun",
    "pl": "nie się jest że na do przez oraz jak",
    "ru": "и в не на что с по как для",
}
#: Languages that detection takes for one another, and that readers do not tell apart in a tag either.
_ALIKE = (
    {"no", "nb", "nn", "da"},
    {"hr", "sr", "bs", "sh", "me"},
    {"id", "ms"},
    {"cs", "sk"},
    {"gl", "pt", "es"},
)
#: Probability from which the model is believed.
MIN_PROBABILITY = 0.9
#: Share of the body that a second language has at least.
MIXED_SHARE = 0.3
#: Share of letters among the characters of prose; tables of earnings have fewer.
MIN_LETTERS = 0.6


@cache
def _little(language: str) -> re.Pattern[str] | None:
    words = _LITTLE_WORDS.get(language)
    return re.compile(rf"\b(?:{'|'.join(words.split())})\b") if words else None


@cache
def _padded(language: str) -> tuple[str, ...]:
    """Return the little words between spaces, for a quick look, which case may mislead."""
    return tuple(f" {word} " for word in _LITTLE_WORDS.get(language, "").split())


def _n_of(text: str, words: tuple[str, ...], *, most: int) -> int:
    """Return how many different words a text holds, counting no further than `most`."""
    n = 0
    for word in words:
        if word in text:
            n += 1
            if n == most:
                break
    return n


@cache
def _others(language: str) -> frozenset[str]:
    """Return the little words of all other languages."""
    return frozenset(
        word for other, words in _LITTLE_WORDS.items() if other != language for word in words.split()
    )


def _is_rivalled(text: str, language: str, own: int) -> bool:
    """Tell whether another language has at least `own` different little words between spaces in a text."""
    found = _others(language).intersection(text.split(" ")[1:-1])
    return len(found) >= own and any(
        other != language and len(found.intersection(words.split())) >= own
        for other, words in _LITTLE_WORDS.items()
    )


def _is_evident(text: str, language: str) -> bool:
    """Tell whether a text is full of the little words of a language."""
    pattern = _little(language)
    if pattern is None:
        return False
    if _n_of(text, _padded(language), most=5) == 5:
        return True
    found = pattern.findall(text[:1200].lower())
    return len(set(found)) >= 4 and len(found) * 12 >= len(text[:1200].split())


def _is_prose(text: str) -> bool:
    return sum(map(str.isalpha, text)) >= MIN_LETTERS * len(text) and not text.isupper()


@cache
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _detect(text: str) -> str | None:
    """Return the language of prose of at least 160 characters; None if it cannot be told for sure."""
    sample = text[:3000]
    if len(sample) < MIN_DETECTABLE or not _is_prose(sample):
        return None
    language, probability = _model().classify(sample.lower())
    return str(language) if probability >= MIN_PROBABILITY else None


def _are_alike(one: str, two: str) -> bool:
    return one == two or any(one in group and two in group for group in _ALIKE)


def _stated(record: Record) -> str:
    return _of_tag(record.get("language"))


@lru_cache(maxsize=1024)
def _of_tag(tag: str | None) -> str:
    """Return the language of a tag, in lower case; nothing for `und`."""
    language = (tag or "und").partition("-")[0].lower()
    return "" if language == "und" else language


def language_of_body(record: Record) -> Iterator[Hit]:
    """The language stated is that of the body."""
    stated, body = _stated(record), (record.get("body") or "").strip()
    if len(stated) != 2 or record.get("language_source") == "detected" or _is_evident(body, stated):
        return
    found = _detect(body)
    if found is not None and not _are_alike(found, stated):
        yield Hit("/language", f"the body is in another language ({found})", str(record["language"]))


def _is_doubtful(text: str, stated: str) -> bool:
    """Tell whether a paragraph may be in another language: the model has to be asked."""
    own = _n_of(text, _padded(stated), most=4)
    if own >= 4 or (own >= 2 and not _is_rivalled(text, stated, own)):
        return False
    return not _is_evident(text, stated)


def _doubtful(paragraphs: list[str], stated: str, *, least: float) -> list[str]:
    """Return the paragraphs that may be in another language; none where they have fewer characters than `least`."""
    left = sum(map(len, paragraphs))
    found = set()
    for part in sorted(paragraphs, key=len, reverse=True):
        if _is_doubtful(part, stated):
            found.add(part)
        else:
            left -= len(part)
        if left < least:
            return []
    return [part for part in paragraphs if part in found]


def _paragraphs(body: str) -> list[str]:
    return [part for part in body.split("\n") if len(part) >= MIN_DETECTABLE]


def _doubtful_of(body: str, stated: str) -> list[str]:
    """Return the paragraphs of a body that may be in another language; none where they are too small a part of it."""
    paragraphs = _paragraphs(body)
    return _doubtful(paragraphs, stated, least=MIXED_SHARE * len(body)) if len(paragraphs) > 1 else []


def one_language(record: Record) -> Iterator[Hit]:
    """The body is in one language."""
    stated, body = _stated(record), record.get("body") or ""
    paragraphs = _paragraphs(body)
    doubtful = _doubtful_of(body, stated)
    if not doubtful:
        return
    shares: dict[str, int] = {}
    for part in paragraphs:
        language = stated if part not in doubtful else _detect(part)
        if language:
            shares[language] = shares.get(language, 0) + len(part)
    main = sorted(language for language, n in shares.items() if n >= MIXED_SHARE * len(body))
    if len(main) >= 2 and not _are_alike(main[0], main[1]):
        shown = next(part for part in doubtful if _detect(part) in main)
        yield Hit("/body", f"the body is in {' and '.join(main)}", excerpt(shown, width=80))


def _holding(*patterns: str) -> Callable[[str], bool]:
    """Return what tells whether a text holds all of some patterns; it looks ten times as fast as `in`."""
    import jsonschema_rs

    schema = {"allOf": [{"pattern": pattern} for pattern in patterns]}
    validator = jsonschema_rs.Draft202012Validator(schema, pattern_options=jsonschema_rs.RegexOptions())
    return validator.is_valid


@cache
def _evident(language: str) -> Callable[[str], bool]:
    """Return what tells whether a text holds the most usual little words of a language, five of them."""
    return _holding(*_padded(language)[:5])


def _may_be_in_another(glimpse: Glimpse) -> bool:
    stated, body = _stated(glimpse.record), glimpse.body
    if len(stated) != 2 or glimpse.record.get("language_source") == "detected":
        return False
    # Outer white space, which the rule strips, may stand beside a word.
    if stated not in _LITTLE_WORDS or body.strip() != body:
        return True
    return not _evident(stated)(body) and _n_of(body, _padded(stated), most=5) < 5


#: Little words of other languages that English has as well: of each language there must then be a second one.
_ALSO_ENGLISH = frozenset(["die", "per", "met", "on", "do"])
_FOREIGN_SIGN = f" (?:{'|'.join(sorted(_others('en') - _ALSO_ENGLISH))}) "


def _enough(language: str) -> int:
    """Return how many different little words a line has that need not be looked at.

    An English line has no rival where there is no foreign word, of which the sign speaks: two words will do.
    """
    return 2 if language == "en" else 4


@cache
def _full(language: str) -> Callable[[str], bool]:
    """Return what tells whether a line holds enough different little words of a language."""
    words, n = _padded(language), _enough(language)
    if n == 2:
        return _holding("|".join(f"{word}(?:[^\n]* )?(?:{_any_but(word, words)})" for word in words))
    has_usual = _holding(*words[: n - 1], "|".join(words[n - 1 :]))
    return lambda line: has_usual(line) or _n_of(line, words, most=n) == n


def _any_but(word: str, words: tuple[str, ...]) -> str:
    """Return a pattern of the other words without the space before them, which two words may share."""
    return "|".join(other[1:] for other in words if other != word)


def _may_be_mixed(glimpse: Glimpse) -> bool:
    """Tell whether lines that may be in another language could be as large a share of the body as it takes."""
    stated, body = _stated(glimpse.record), glimpse.body
    if stated not in _LITTLE_WORDS:
        return bool(_doubtful_of(body, stated))
    is_full = _full(stated)
    left, least = len(body), MIXED_SHARE * len(body)
    for line in body.split("\n"):
        if len(line) < MIN_DETECTABLE or is_full(line):
            left -= len(line)
            if left < least:
                return False
    return bool(_doubtful_of(body, stated))


RULES = (
    Rule(
        code="NDS351",
        name="language-mismatch",
        level="warning",
        scope="record",
        summary="The language stated is not that of the body.",
        why="A site's language was taken for that of every article. Only prose of 160 characters or more is judged, "
        "in lower case, and only where the model is 90 % sure; tables and texts in capitals are not. A language "
        "that was detected is not compared with itself.",
        bad='"language": "en" with a body in Finnish',
        good='"language": "fi"',
        fix="state the language of the text, or und",
        check=language_of_body,
        may_hit=_may_be_in_another,
    ),
    Rule(
        code="NDS352",
        name="mixed-languages",
        level="info",
        scope="record",
        summary="The body is in two languages.",
        why="Two paragraphs of 160 characters or more, each language with 30 % of the body: a page in two languages, "
        "or two articles in one. Bilingual outlets are so on purpose.",
        bad="half of the body in Swedish, half in Finnish",
        good="one record for each language",
        fix="split the record, or turn this off for a bilingual outlet",
        check=one_language,
        signs={"en/body": _FOREIGN_SIGN},
        may_hit=_may_be_mixed,
    ),
)
