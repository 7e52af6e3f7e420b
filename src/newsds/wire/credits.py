"""Who worked on a story: bylines and credit lines, in English, German, French and Spanish."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from newsds.dates import MONTHS
from newsds.later import later_pattern
from newsds.wire.agencies import AGENCIES, Agency, find_agency

__all__ = [
    "BYLINE_SIGN",
    "CREDIT_SIGN",
    "Byline",
    "Contributor",
    "is_name",
    "parse_byline",
    "parse_credit_line",
]

#: Longer lines are prose.
MAX_BYLINE = 200
MAX_CREDIT_LINE = 1500


@dataclass(frozen=True, kw_only=True, slots=True)
class Byline:
    """Who wrote the article, as the line above it says."""

    raw: str
    names: tuple[str, ...]
    #: As written.
    agency: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Contributor:
    """A person in a credit line, with a role of the article schema."""

    name: str
    role: str
    organisation: str | None = None
    location: str | None = None
    raw: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the contributor as the article schema stores it."""
        return {name: getattr(self, name) for name in self.__slots__}


_NAME_PARTICLE_WORDS = """
de del della di da do dos du des la le van von der den ter ten zu zum af av bin ibn al el abu y e und of st
"""
_NAME_PARTICLES = frozenset(_NAME_PARTICLE_WORDS.split())
#: No byline opens with these: "Von der ..." goes on in many ways.
_INNER_PARTICLES = _NAME_PARTICLES - {"de", "al", "st"}
_NAME_WORD = later_pattern(r"(?:[^\W\d_]|[ʼ’'])[\w.'’ʼ\-‑]{0,30}")
_NOT_NAME_WORDS = """
the an this that these those it its he she they we you his her their our my your contrast comparison then
now
monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday popular demand default
design law
january february march april may june july august september october november december hook crook
in on at for from with to as is are was were would and or but if when while after before during
der die das den dem ein eine einer im am zum zur wegen nach vor seit heute gestern morgen weil
le la les un une des ce cette ces dans pour avec sans sur el los las una un en con sin il lo gli uno
exclusive details breaking
by contents continue reading read more share sign subscribe advertisement clicking submitting using entering
"""
_NOT_NAMES = frozenset(_NOT_NAME_WORDS.split())
#: The name of an outlet ends with these, not that of a person.
_OUTLET_WORD_LIST = """
news press media marketing magazine times daily network television tv radio online inc ltd llc gmbh company
journal herald tribune gazette review sponsored newsletter sports weekly post insider games studios images
business technology politics foxbusiness zeitung
"""
_OUTLET_WORDS = frozenset(_OUTLET_WORD_LIST.split())
#: No person is called so, wherever in the name it stands.
_OUTLET_MARKS = frozenset({"news", "daily", "media", "network", "online", "newsroom", "tv"})
_ROLE_WORDS = later_pattern(
    r"\b(?:staff|editors?|correspondents?|reporters?|writers?|contributors?|contributing|columnists?|"
    r"journalists?|freelance|chief|"
    r"executive|managing|deputy|associate|assistant|content|digital|guest|producers?|bureau|desk|newsroom|team|special|senior|political|analyst|author|photographers?|manager|"
    r"director|officer|ceo|cto|"
    r"professor|fellow|redakteur(?:in)?|redaktion|reporterin|korrespondent(?:in)?|journaliste?|"
    r"correspondante?|envoyée? spéciale?|"
    r"redacción|redactora?|corresponsal|periodista|redazione|giornalista|repórter|redação|m\.?d\.?|"
    r"ph\.?d\.?)\b",
    re.IGNORECASE,
)
_BY = later_pattern(
    r"(?:(?:written|words|story|text|report|posted|published|article|review|analysis|reviewed)\s)?(?:by[:\s]\s?|(?-i:By(?=[A-ZÀ-Þ][a-zß-ÿ])))|"
    r"(?:ein\s\w{1,20}\s|text\s|texte\s|bericht\s|texto\s)?(?:von|par|por|di|door|av|af)[:\s]\s?|"
    r"(?:authors?|autor(?:in|en|es|a|as)?|auteure?s?|autore|text|texte|texto|testo|écrit par|verfasst von|"
    r"escrito por|geschreven door)\s?:\s?|(?:كتبت?|بقلم|تحرير)\s?[:：]?\s",
    re.IGNORECASE,
)
#: What is in every byline, at its beginning; a pattern of Rust's `regex`, which knows no white space beyond that of JSON
#: schema.
BYLINE_SIGN = (
    r"(?i:(?:(?:written|words|story|text|report|posted|published|article|review|analysis|reviewed)[^\w])?by[^\w]"
    r"|(?-i:By[A-ZÀ-Þ])|(?:ein[^\w][^\n]{0,21}|text[^\w]|texte[^\w]|bericht[^\w]|texto[^\w])?(?:von|par|por|di|door|av|af)[^\w]"
    r"|(?:authors?|autor(?:in|en|es|a|as)?|auteure?s?|autore|text|texte|texto|testo|écrit par|verfasst von"
    r"|escrito por|geschreven door)[^\w]?:)"
)
_AND = later_pattern(
    r"\s{0,3}(?:,\s{0,3}(?:and|und|et|y|e|og|och|en)\s|,|;|\s&\s|\s(?:and|und|et|y|e|og|och|en)\s|/)\s{0,3}",
    re.IGNORECASE,
)
_MONTH = "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True))
# What may follow the names: a date, a place, or anything after a bar, a dot or a spaced dash.
_BYLINE_TAIL = later_pattern(
    r"\s(?:in|aus|à|en|em|a)\s[A-ZÀ-Þ]|\s[|•·–—-]\s|\s?\(|\s{2,}|\t|\s(?:Published|Updated|Posted)\b|"
    r"(?<=[a-z])(?:Published|Updated)\b|\s(?=\d)|\s@|\s\S{1,60}@|,?\s(?i:published|updated|posted)\b"
    rf"|,?\s(?i:{_MONTH})\.?\s\d"
)
_FOR = later_pattern(r"\s(?:for|of|für|pour|para|with|mit|avec|con)\s(?:the\s)?(?=[A-Z])", re.IGNORECASE)


def parse_byline(line: str, *, agencies: Sequence[Agency] = AGENCIES) -> Byline | None:
    """Return the byline that a line is, or None if it is something else.

    The line must begin with a word such as By, Von, Par, Por, Di, and go on with names; "By contrast, ..."
    does not.

    >>> parse_byline("By Lena Orsted and Rafe Tolliday in BRENHAFEN").names
    ('Lena Orsted', 'Rafe Tolliday')
    """
    raw = line.strip()
    match = _BY.match(raw) if len(raw) <= MAX_BYLINE else None
    if match is None or (raw[0].islower() and not raw.startswith("by ")):
        return None
    rest = raw[match.end() :].strip()
    tail = _BYLINE_TAIL.search(rest)
    people, after = (rest[: tail.start()], rest[tail.start() :]) if tail else (rest, "")
    owner = _FOR.search(people)
    if owner:
        people, after = people[: owner.start()], people[owner.end() :] + after
    names, agency = _byline_names(people, agencies)
    if names is None:
        return None
    agency = agency or _agency_in(after, agencies)
    return Byline(raw=raw, names=names, agency=agency) if names or agency else None


def _byline_names(people: str, agencies: Sequence[Agency]) -> tuple[tuple[str, ...] | None, str | None]:
    """Return names and agency of a list of people; None for names if it is no such list."""
    names: list[str] = []
    agency = None
    for part in _AND.split(people.strip(" .,;:|-")):
        part = re.sub(r"^(?:by|von|par|por|with)\s", "", part.strip(" ."), flags=re.IGNORECASE)  # noqa: PLW2901
        if find_agency(part.removeprefix("The "), agencies=agencies):
            agency = part.removeprefix("The ")
        elif _ROLE_WORDS.search(part):
            before_role = _ROLE_WORDS.split(part)[0].strip()
            names += [before_role] if not names and is_name(before_role) else []
        elif name := _person(part):
            names.append(name)
        elif part and not (names and part[0].isupper() and len(part.split()) <= 5):
            return None, None
    return tuple(dict.fromkeys(names)), agency


def _person(text: str) -> str | None:
    """Return the name in a text, without an outlet behind it: "Ann Reed Harbour News" is Ann Reed."""
    if is_name(text):
        return text
    words = text.split()
    first = " ".join(words[:2])
    return first if len(words) >= 4 and words[-1].lower() in _OUTLET_WORDS and is_name(first) else None


def _agency_in(text: str, agencies: Sequence[Agency]) -> str | None:
    for part in re.split(r"[|•·()–—,]|\s-\s", text):
        if part.strip() and find_agency(part.strip(), agencies=agencies):
            return part.strip()
    return None


def is_name(text: str) -> bool:
    """Tell whether a text looks like the name of one person: two to six words that begin with capitals."""
    words = text.split()
    if re.fullmatch(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,6}", text):
        return True
    if not 2 <= len(words) <= 6 or len(text) > 60 or words[0] in _INNER_PARTICLES or _ROLE_WORDS.search(text):
        return False
    is_outlet = words[-1].lower() in _OUTLET_WORDS or any(word.lower() in _OUTLET_MARKS for word in words)
    return not is_outlet and all(map(_is_name_word, words))


def _is_name_word(word: str) -> bool:
    if word in _NAME_PARTICLES:
        return True
    if word.lower().strip(".,") in _NOT_NAMES or not _NAME_WORD.fullmatch(word):
        return False
    return not word[0].islower() or word[:2] in {"d'", "d’", "al"}


# Words that give a role to the names after them: English, German, French, Spanish and others.
_ROLES: dict[str, tuple[str, ...]] = {
    "additional_reporting": (
        r"(?:with\s)?add?iti?on+n?al\s(?:\w{1,12}\s)?(?:reporting|research)(?:\s(?:and|&)\s\w{1,12})?\s?by",
        r"(?:further|extra|some|other)\sreporting\s?by",
        r"with\s(?:reporting|contributions?|files|assistance)\s(?:by|from)",
        r"contribut(?:ed|ions?)\s(?:by|from)",
        r"(?:zusätzliche\s(?:berichterstattung|recherchen?)|weitere\sberichterstattung)\s(?:von|durch)",
        r"(?:unter\s)?mitarbeit(?:\s?:|\svon)",
        r"reportages?\s(?:additionnels?|supplémentaires?|complémentaires?)\s(?:de|par)",
        r"avec(?:\s(?:la\scontribution|la\scollaboration|l['’]aide|le\sconcours)\sde)?",
        r"(?:reporte|información|informes?|reportería|reportaje)\sadicional(?:es)?\s(?:de|por)",
        r"con\s(?:información|la\scolaboración|la\scontribución|reporte)\sde",
        r"reportagem\sadicional\s(?:de|por)|con\sil\scontributo\sdi",
    ),
    "reporter": (
        r"report(?:ing|ed)(?:\s(?:and|&)\s(?:writing|editing|photography|compiling))?\s?(?:by|from)",
        r"berichte?(?:t|rstattung)?(?:\s?:|\s(?:von|durch))|recherche\s?:",
        r"reportages?\s(?:de|par|:)|enquête\s(?:de|par)",
        r"(?:reporte|información|reportaje|reportería|informó)\s(?:de|por)",
        r"reportagem\s(?:de|por)|servizio\sdi",
    ),
    "writer": (
        r"(?:story\s)?(?:writing|written)(?:\s(?:and|&)\sediting)?\s?by",
        r"(?:geschrieben|verfasst)\svon|text\s?:",
        r"(?:rédigée?|écrit)\spar|rédaction\s(?:de|par|:)",
        r"(?:escrito|redactado)\spor|(?:redacción|texto)\s(?:de|por)",
    ),
    "editor": (
        r"(?:(?:copy|additional|line|final)\s)?(?:editing|edited|desking)\s?by",
        r"(?:redaktion|redigiert|bearbeitet|bearbeitung|redigatur|schlussredaktion)(?:\s?:|\s(?:von|durch))",
        r"(?:édité|edité|relu)\spar|édition\s(?:de|par|:)",
        r"(?:editad[oa]|revisado)\s(?:por|de)|(?:edición|edição)\s(?:de|por)|a\scura\sdi",
    ),
    "compiler": (
        r"compil(?:ed|ing|ation)\s?by",
        r"zusammengestellt\svon",
        r"compilé\spar",
        r"compilado\spor",
    ),
    "translator": (
        r"translat(?:ed|ing|ion)\s?by",
        r"(?:übersetzt|übersetzung)(?:\s?:|\s(?:von|durch))",
        r"tradui(?:te?)?\spar|traduction\s(?:de|par|:)|version\sfrançaise\s(?:de\s)?",
        r"traducido\spor|(?:traducción|tradução)\s(?:de|por)",
    ),
    "photographer": (
        r"(?:photos?|photography|photographs?|pictures?)\s?by",
        r"fotos?(?:\s?:|\svon|\sde|\spor)|photos?\s(?:de|par)|fotografías?\sde",
    ),
    "videographer": (
        r"(?:videos?|videography|film(?:ed|ing))\s?by",
        r"video(?:\s?:|\svon)",
        r"vidéo\s(?:de|par)",
    ),
    "graphics": (
        r"graphics?\s?by",
        r"grafik(?:en)?(?:\s?:|\svon)",
        r"infographies?\s(?:de|par)",
        r"gráficos?\s(?:de|por)",
    ),
    "illustrator": (r"illustrat(?:ions?|ed)\s?by", r"illustration(?:en)?(?:\s?:|\svon)"),
    "producer": (r"produc(?:ed|tion|ing)\s?by", r"produktion(?:\s?:|\svon)", r"producido\spor"),
    "other": (r"(?:polling|research|data|data\sanalysis|interviews?|monitoring)\s?by",),
}
_SECOND_ROLES = {
    "writing": "writer",
    "editing": "editor",
    "photography": "photographer",
    "compiling": "compiler",
}


#: How a credit line opens, and words that one of another form holds; a pattern of Rust's `regex`, read line by line.
CREDIT_SIGN = (
    r"contributed|^[()\[\]（）*_\s]*(?i:"
    + "|".join(
        words.replace(r"\w{1,12}", "[^\n]+").replace(r"\s", r"[^\w]")
        for group in _ROLES.values()
        for words in group
        if not words.startswith("avec")
    )
    + ")"
)


@cache
def _role_pattern() -> re.Pattern[str]:
    groups = "|".join(f"(?P<{role}>{'|'.join(words)})" for role, words in _ROLES.items())
    return re.compile(rf"(?<!\w)(?:{groups})\s?:?(?=\s|$)\s?", re.IGNORECASE)


_PLACE_IN = later_pattern(r"\s(?:in|aus|à|en|em|at)\s(?=(?:the\s)?[^\W\d_a-z])")
_PEOPLE = later_pattern(r"\s{0,3}(?:,\s{0,3}(?:and|und|et|y|e)\s|,|;|/|\s&\s|\s(?:and|und|et|y|e)\s)\s{0,3}")
_CONTRIBUTED = later_pattern(
    r"(?P<people>[A-Z][^.!?;:]{3,160}?)\s(?:also\s)?contributed\s(?:reporting\s)?to\sthis\s(?:report|story|"
    r"article)\.?"
)
_OUTLET_OF = later_pattern(r"^(?:\w{1,20}\s){0,2}\w{1,20}(?:['’]s?)\s")
_TITLES = later_pattern(
    r"^(?:the\s)?(?:(?:associated press|ap|afp|reuters)\s)?(?:staff\s)?(?:writers?|reporters?|"
    r"correspondents?|journalists?)\s",
    re.IGNORECASE,
)


def parse_credit_line(line: str) -> tuple[Contributor, ...] | None:
    """Return the people of a credit line such as "(Reporting by A; Editing by B)", or None.

    A place holds for everybody named since the place before it.

    >>> people = parse_credit_line("(Reporting by A Reed and B Low in Tollan; Editing by C Orr)")
    >>> [(person.name, person.role, person.location) for person in people]
    [('A Reed', 'reporter', 'Tollan'), ('B Low', 'reporter', 'Tollan'), ('C Orr', 'editor', None)]
    """
    inner = line.strip()
    if not 10 <= len(inner) <= MAX_CREDIT_LINE:
        return None
    inner = inner.strip("()[]（）*_ ").rstrip(".")
    if "contributed" in inner and (whole := _CONTRIBUTED.fullmatch(inner + ".")):
        people = _TITLES.sub("", _OUTLET_OF.sub("", whole["people"]))
        return tuple(_people(people, "additional_reporting", inner)) or None
    opening = _role_pattern().match(inner)
    if opening is None or opening.group().lower().startswith("avec"):
        return None
    marks = list(_role_pattern().finditer(inner))
    ends = [mark.start() for mark in marks[1:]] + [len(inner)]
    found: list[Contributor] = []
    for mark, end in zip(marks, ends, strict=True):
        segment = inner[mark.end() : end]
        raw = inner[mark.start() : end].strip(" ;,.")
        for role in _roles(mark):
            found += _people(segment, role, raw)
    return tuple(found) or None


def _roles(mark: re.Match[str]) -> list[str]:
    second = next((role for word, role in _SECOND_ROLES.items() if f" {word}" in mark.group().lower()), None)
    return [str(mark.lastgroup), *([second] if second and second != mark.lastgroup else [])]


def _people(segment: str, role: str, raw: str) -> list[Contributor]:
    """Return the people of one role; a place reaches back to those before it that have none."""
    found: list[Contributor] = []
    waiting: list[str] = []
    for part in _PEOPLE.split(re.sub(r"[\s,;]+(?:and|und|et|y|with|mit)?\s*$", "", segment.strip())):
        place = _PLACE_IN.search(part)
        name = _clean_name(part[: place.start()] if place else part)
        if name:
            waiting.append(name)
        if place:
            where = part[place.end() :].strip(" .;,()")
            found += [_contributor(name, role, where or None, raw) for name in waiting]
            waiting = []
    return found + [_contributor(name, role, None, raw) for name in waiting]


def _clean_name(text: str) -> str:
    name = re.sub(
        r"^(?:by|and|und|et|y|with|the)\s", "", text.strip(" .;,:()[]*"), flags=re.IGNORECASE
    ).strip()
    is_plausible = 2 <= len(name) <= 80 and len(name.split()) <= 7 and not name[0].isdigit()
    return name if is_plausible and (not name[0].islower() or name.split()[0] in _NAME_PARTICLES) else ""


def _contributor(name: str, role: str, location: str | None, raw: str) -> Contributor:
    is_desk = bool(re.search(r"\b(?:newsroom|bureaux?|bureaus|desk|team|staff|Redaktion)\b", name))
    return Contributor(
        name=name,
        role=role,
        organisation=name if is_desk else None,
        location=location[:500] if location else None,
        raw=raw[:2000],
    )
