"""Datelines: the opening of a story that says where, when and by which agency it was filed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from newsds.dates import MONTHS
from newsds.later import later_pattern
from newsds.wire.agencies import AGENCIES, CITIES, Agency, find_agency

__all__ = ["Dateline", "parse_dateline"]

#: A dateline ends within this many characters.
MAX_DATELINE = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Dateline:
    """The opening of a story that says where, when and by which agency it was filed."""

    raw: str
    places: tuple[str, ...] = ()
    #: Never inferred here; a country needs a gazetteer.
    country: str | None = None
    #: As written.
    agency: str | None = None
    agency_code: str | None = None
    #: As written.
    date: str | None = None
    #: Reporters named inside the dateline, as East Asian agencies do.
    by: tuple[str, ...] = ()
    #: Where the story's own text begins.
    end: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the dateline as the article schema stores it."""
        return {
            "raw": self.raw,
            "places": list(self.places) or None,
            "country": self.country,
            "agency": self.agency,
            "date": self.date,
        }


_DASH = r"(?:--|[-–—―])"
# A mark that names the agency; what stands before it is place and date.
_MARK = later_pattern(
    r"\s?[(（]\s?(?P<round>[^()（）\n]{2,40}?)\s?[)）]|\s?/\s?(?P<slash>[A-ZА-Я][^/()\n]{1,40}?)\s?/(?=[\s.]|--)"
)
_END = later_pattern(rf"\s?(?:\.\s?)?(?P<dash>{_DASH}|[=:]|\.(?=\s))\s{{0,3}}")
_BARE_END = later_pattern(r"(?P<dash>(?<=\w)--(?=\w)|\s(?:--|[-–—―])\s|(?<=[A-Z.])—(?=\w)|(?<=\d)-\s)\s{0,2}")
_COLON_END = later_pattern(r":\s{1,2}(?=\S)")
#: A mark ends within this many characters.
_MARK_END = 140
#: In each match of these patterns is one of these.
_OF_MARKS, _DASHES, _COLON_OR_STOP = (
    later_pattern("[(（/]"),
    later_pattern("[-–—―]"),
    later_pattern(r"[:.]\s"),
)
_FULL_STOP_END = later_pattern(r"\.\s{1,2}(?=[A-ZÄÖÜ„“\"»])")

_MONTH_WORD = "|".join(sorted((re.escape(name) for name in MONTHS), key=len, reverse=True))
_DATE = later_pattern(
    rf"(?:^|,\s?|\s)(?P<date>(?:(?:le|am|den|el)\s)?(?:"
    rf"(?:{_MONTH_WORD})\.?\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?"
    rf"|\d{{1,2}}(?:er|º|\.)?\s(?:de\s)?(?:{_MONTH_WORD})\.?(?:,?\s(?:de\s)?\d{{4}})?"
    r"|\d{1,2}[./]\d{1,2}[./]?(?:\d{4})?))\.?\s?$",
    re.IGNORECASE,
)

_PARTICLE_WORDS = """
am an der die das de del della delle dell la le les los las du di da do dos das of on upon sur sous en el al
bei im in ob zu und et y e and the aux auf vor sul van den het bin na nad under
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_PLACE_WORD = later_pattern(r"[(\[]?(?:[^\W\d_]|['’ʻ])[\w.'’ʻ´`\-–]*[)\]]?")
#: Words that open a line in capitals and are no place.
_KICKER_WORDS = """
breaking update updated live exclusive watch video opinion analysis editorial comment column review claim
claims fact facts check verdict false true rating warning note notes dear question questions answer answers
correction clarification news report reports special photo photos story stories pros cons related read more
also what why how who when where advertisement ad alert listen podcast preview recap factbox explainer
interview profile feature flash snap urgent q a q&a sources source by copyright disclaimer editor editors
important must see here this that aggression detail details graphic summary bottom line key takeaways
takeaway highlights quotes quote timeline poll results result score scores final spoiler spoilers tip tips
step steps part chapter episode season day week month year rated grade market markets stocks eilmeldung
exklusiv kommentar analyse meinung achtung hinweis frage antwort liveticker ticker urteil fazit exclusif
analyse tribune direct vidéo attention question réponse exclusiva opinión análisis vídeo atención vivo
última hora
"""
_KICKERS = frozenset(_KICKER_WORDS.split())
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_REPORTER_TITLE = later_pattern(r"\s?(?:특파원|선임기자|인턴기자|기자|특약|記者|记者|電|电)$")

# East Asian forms; each is whole in itself.
# 新华社天津5月19日电（记者甲、乙）
_CHINESE = (
    r"[（(]?(?P<agency>新华社|新華社|中新社|中央社|法新社|路透社|塔斯社|中新网)(?:记者|記者)?"
    r"(?P<place>[\u3400-\u9fff]{1,10}?)(?P<date>(?:\d{1,2}月)?\d{1,2}日)(?:综合|綜合|专|專)?[电電]"
    r"(?:\s?[（(](?:记者|記者)?\s?(?P<by>[^（()）\n]{1,60})[)）])?[)）]?"
)
# (서울=연합뉴스) 홍길동 기자 =
_KOREAN = (
    r"[(\[【（](?P<place>[^=()\[\]【】\n]{1,30}?)\s?=\s?(?P<agency>[^=()\[\]【】\n]{2,20})[)\]】）]\s?"
    r"(?:(?P<by>[^=\n]{2,60}?)\s?=)?"
)
# 【ソウル＝記者名】, 【東京共同】, [東京 19日 ロイター]
_JAPANESE_REPORTER = r"[【\[](?P<place>[^【】\[\]＝=\n]{1,12})＝(?P<by>[^【】\[\]\n]{2,20})[】\]]"
_JAPANESE = (
    r"[【\[](?P<place>[^【】\[\]＝=\s\n]{1,12}?)(?:\s?(?P<date>\d{1,2}日))?\s?"
    r"(?P<agency>共同|時事|ロイター|AFP=時事|AFP|ブルームバーグ|AP)[】\]](?:\s?[-–—]\s)?"
)
_ASIAN_FORMS = tuple(map(later_pattern, (_CHINESE, _KOREAN, _JAPANESE_REPORTER, _JAPANESE)))


# What ends the text before a mark but is no part of it: a dash, a full stop that ends no abbreviation.
_BEFORE_MARK = later_pattern(rf"\s?{_DASH}$|(?<=[^\W\d_]{{5}})\.$|(?<=\d)\.$")
_BETWEEN_PLACES = later_pattern(r"/|\s(?:and|und|et)\s(?=[A-Z]{3})")
_AGENCY_BEHIND = later_pattern(r"(?P<agency>[^.\n]{2,24})\.\s{1,2}")


class _Where(NamedTuple):
    """What stands before the agency."""

    places: tuple[str, ...] = ()
    date: str | None = None


def parse_dateline(text: str, *, agencies: Sequence[Agency] = AGENCIES) -> Dateline | None:
    """Return the dateline with which a paragraph opens, or None.

    Known agencies are recognised in brackets or between strokes, before or after the place. An unknown
    name in brackets counts if the place is in capitals. Without an agency the place must be in capitals
    before a dash, or a known city before a colon or (German) a full stop.

    >>> parse_dateline("PORT HALDEN, March 4 (AP) — The ferry sank.").to_dict()["places"]
    ['PORT HALDEN']
    """
    head = text[:MAX_DATELINE].split("\n", 1)[0]
    if not head or head[0].isspace():
        return None
    if head[0] in "【[（(新中法路塔" and (found := _asian_dateline(head, agencies)):
        return found
    if not _has_sign(head):
        return None
    return _agency_first(head, agencies) or _marked(head, agencies) or _unmarked(head, agencies)


def _has_sign(head: str) -> bool:
    """Tell whether a mark, a dash or another end of a dateline stands where one may; most openings have none."""
    return bool(
        _DASHES.search(head, 0, 80)
        or _COLON_OR_STOP.search(head, 0, 60)
        or _OF_MARKS.search(head, 0, _MARK_END)
    )


def _asian_dateline(head: str, agencies: Sequence[Agency]) -> Dateline | None:
    for form in _ASIAN_FORMS:
        match = form.match(head)
        if match is None:
            continue
        parts = match.groupdict()
        agency = parts.get("agency")
        known = find_agency(agency, agencies=agencies) if agency else None
        if not re.search(f"[{_CJK}]", match.group()) or (agency and known is None):
            continue
        return Dateline(
            raw=match.group().rstrip(),
            places=(parts["place"],),
            agency=agency,
            agency_code=known.code if known else None,
            date=parts.get("date"),
            by=_asian_names(parts.get("by") or ""),
            end=_skip_spaces(head, match.end()),
        )
    return None


def _asian_names(text: str) -> tuple[str, ...]:
    parts = re.split(r"[、,，·・\s]+", text)
    cleaned = (_REPORTER_TITLE.sub("", part.strip()) for part in parts)
    return tuple(name for name in cleaned if len(name) > 1)


def _skip_spaces(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _agency_first(head: str, agencies: Sequence[Agency]) -> Dateline | None:
    """Parse `(ANSA) - MILANO, 16 MAG - `, `(Reuters) - ` and `REUTERS - `."""
    match = _MARK.match(head)
    if match is None:
        return _bare_agency(head, agencies)
    written = match["round"] or match["slash"]
    known = find_agency(written, agencies=agencies)
    if known is None:
        return None
    end = _END.match(head, match.end())
    start = end.end() if end else _skip_spaces(head, match.end())
    place_end = _BARE_END.search(head, start, start + 60) if end else None
    found = _split_place(head[start : place_end.start()], is_loose=False) if place_end else None
    if place_end and found and (found.date or all(map(_is_capitals, found.places))):
        return _dateline(head, place_end.end(), found, written, known)
    return _dateline(head, start, _Where(), written, known)


def _bare_agency(head: str, agencies: Sequence[Agency]) -> Dateline | None:
    end = _BARE_END.search(head, 0, 40)
    written = head[: end.start()].strip() if end else ""
    known = find_agency(written, agencies=agencies) if len(written) > 3 else None
    return _dateline(head, end.end(), _Where(), written, known) if end and known else None


def _marked(head: str, agencies: Sequence[Agency]) -> Dateline | None:
    """Parse `CITY, Region, Date (Agency) - ` and its kin."""
    for match in _MARK.finditer(head, 0, _MARK_END):
        written = match["round"] or match["slash"]
        known = find_agency(written, agencies=agencies)
        end = _END.match(head, match.end())
        before = _BEFORE_MARK.sub("", head[: match.start()])
        found = _split_place(before, is_loose=known is not None)
        if found is None or _is_acronym_of(written, before):
            continue
        has_capitals = bool(found.places) and _is_capitals(found.places[0])
        if known is None and not (end and has_capitals and _is_publisher_mark(written)):
            continue
        if end is None and not has_capitals:
            continue
        position = end.end() if end else _skip_spaces(head, match.end())
        return _dateline(head, position, found, written, known)
    return None


def _is_publisher_mark(written: str) -> bool:
    words = written.split()
    return (
        len(words) <= 4
        and words[0][0].isupper()
        and not re.search(r"[\d:;,]", written)
        and written.lower() not in _KICKERS
    )


def _is_acronym_of(written: str, before: str) -> bool:
    """Tell whether the bracket only abbreviates the words before it: `Canadian Pacific (CP)`."""
    words = re.findall(r"[^\W\d_]+", before)
    short = "".join(word[0] for word in words if word.lower() not in _PARTICLES).upper()
    every = "".join(word[0] for word in words).upper()
    return len(words) > 1 and written.isupper() and written in (short, every)


def _unmarked(head: str, agencies: Sequence[Agency]) -> Dateline | None:
    """Parse a dateline without a mark; an agency may stand behind it: `MOSCOW, March 4 - Interfax. `."""
    end = _BARE_END.search(head, 0, 80)
    found = _split_place(head[: end.start()], is_loose=True) if end else None
    if end and found and _stands_alone(found, end["dash"].strip()):
        tail = _AGENCY_BEHIND.match(head, end.end())
        known = find_agency(tail["agency"], agencies=agencies) if tail else None
        if tail and known:
            return _dateline(head, tail.end(), found, tail["agency"], known)
        return _dateline(head, end.end(), found, None, None)
    return _before_text(head)


def _before_text(head: str) -> Dateline | None:
    """Parse `NEW DELHI: ` and `Berlin. `, for known cities only."""
    for pattern, needs_capitals in ((_COLON_END, True), (_FULL_STOP_END, False)):
        end = pattern.search(head, 0, 60)
        place = head[: end.start()] if end else ""
        if end and _is_city(place) and (_is_capitals(place) or not needs_capitals):
            return _dateline(head, end.end(), _Where(tuple(re.split(r"\s?/\s?", place))), None, None)
    return None


def _is_city(place: str) -> bool:
    return bool(place) and all(part.strip().casefold() in CITIES for part in place.split("/"))


def _stands_alone(where: _Where, dash: str) -> bool:
    """Tell whether places before a dash are a dateline without an agency."""
    if not where.places:
        return False
    first = where.places[0]
    city = first.partition(",")[0]
    words = [word.strip(".,’'").lower() for word in re.split(r"[\s-]", first)]
    is_known = city.casefold() in CITIES
    has_more = where.date is not None or "," in first
    if any(word in _KICKERS for word in (words[:1] if has_more else words)) or not (
        all(map(_is_capitals, where.places)) or (is_known and where.date)
    ):
        return False
    if has_more or is_known:
        return True
    return dash not in "-–" and sum(map(str.isalpha, city)) >= 4 and len(city.split()) <= 4


def _dateline(head: str, end: int, where: _Where, agency: str | None, known: Agency | None) -> Dateline:
    return Dateline(
        raw=head[:end].rstrip(),
        places=where.places,
        agency=agency,
        agency_code=known.code if known else None,
        date=where.date,
        end=_skip_spaces(head, end),
    )


def _split_place(before: str, *, is_loose: bool) -> _Where | None:
    """Return places and date of the text before an agency mark or a dash, or None if it is no such thing.

    Args:
        before: the text.
        is_loose: a known agency follows, so that places need not be in capitals.
    """
    before = before.strip().rstrip(",")
    match = _DATE.search(before[-40:])
    date = match["date"] if match else None
    if match:
        before = before[: max(0, len(before) - 40) + match.start()].strip().rstrip(",")
    if not before:
        return _Where((), date) if date else None
    places = tuple(part.strip() for part in _BETWEEN_PLACES.split(before))
    is_good = len(places) <= 4 and all(_is_place(place, is_loose=is_loose) for place in places)
    return _Where(places, date) if is_good else None


def _is_place(place: str, *, is_loose: bool) -> bool:
    parts = place.split(",")
    if not 1 <= len(parts) <= 4 or any(char.isdigit() for char in place):
        return False
    if not is_loose and not _is_capitals(parts[0]):
        return False
    return all(1 <= len(words := part.split()) <= 5 and all(map(_is_place_word, words)) for part in parts)


def _is_place_word(word: str) -> bool:
    if not _PLACE_WORD.fullmatch(word):
        return False
    letter = word.lstrip("(['’ʻ")[:1]
    return (
        not letter.islower()
        or word.lower() in _PARTICLES
        or word[:2].lower() in {"d'", "d’", "l'", "l’", "al"}
    )


def _is_capitals(place: str) -> bool:
    """Tell whether the first part of a place is written in capitals (or in a script without them)."""
    words = [
        word
        for word in re.findall(r"[^\W\d_]+", place.partition(",")[0])
        if word.lower() not in _PARTICLES or word.isupper()
    ]
    mixed = [word for word in words if not (word.isupper() or word.lower() == word.upper())]
    return bool(words) and all(
        word.startswith(("Mc", "Mac", "De", "La", "Le")) and word[2:].lstrip("ac").isupper() for word in mixed
    )
