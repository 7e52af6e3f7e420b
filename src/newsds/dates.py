"""Dates as news writes them: a value, how precise it is, and what is known of its time zone."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

from newsds.later import later_pattern

__all__ = ["MONTHS", "DateOrder", "Precision", "PublishedDate", "find_date", "is_date_label", "parse_date"]

Precision = Literal["year", "month", "day", "hour", "minute", "second"]
#: How a date that is only numbers is written.
DateOrder = Literal["mdy", "dmy"]

#: Longer texts are prose, not dates.
MAX_DATE_LENGTH = 120
MAX_LINE_LENGTH = 240


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedDate:
    """A date as far as the text states it."""

    #: Lower bound, `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`; a clock time without a zone is kept as if it were UTC.
    at: str
    precision: Precision
    #: `explicit`: the text states the zone; `unknown`: it states a clock time only; None: it states no time.
    tz: Literal["explicit", "unknown"] | None
    #: The words the date was read from.
    raw: str


def _months(table: str) -> dict[str, int]:
    """Return the number of each name in a table of `number: name name ...`."""
    numbers: dict[str, int] = {}
    number = 0
    for word in table.split():
        if word.endswith(":"):
            number = int(word[:-1])
        else:
            numbers[word.replace("_", " ")] = number
    return numbers


# Names and abbreviations (without full stop) of English, German, French, Spanish, Italian,
# Portuguese, Dutch, Swedish, Norwegian, Danish, Finnish, Polish, Czech, Romanian, Hungarian, Turkish,
# Indonesian, Russian, Ukrainian, Greek, Arabic, Vietnamese. Croatian is left out: its listopad is October.
_MONTH_NAMES = """
1: january jan januar jänner janvier janv enero ene gennaio gen janeiro januari tammikuuta tammikuu stycznia
    styczeń sty ledna leden ianuarie ian január ocak января январь янв січня ιανουαρίου ιαν يناير كانون_الثاني tháng_1
2: february feb februar februari février fevrier févr fevr fév febrero febbraio febb fevereiro fev
    helmikuuta helmikuu lutego luty února únor februarie február febr şubat februar pebruari февраля февраль
    фев лютого φεβρουαρίου φεβ فبراير شباط tháng_2
3: march mar märz mrz mär mars marzo març março marco maart mrt maaliskuuta maaliskuu marca marzec března
    březen martie március márc mart maret марта март мар березня μαρτίου مارس آذار tháng_3
4: april apr avril avr abril abr aprile aprili huhtikuuta huhtikuu kwietnia kwiecień kwi dubna duben aprilie
    április ápr nisan апреля апрель апр квітня απριλίου απρ أبريل إبريل نيسان tháng_4
5: may mai mayo maggio mag maio mei maj toukokuuta toukokuu maja května květen május máj mayıs мая май
    травня μαΐου مايو أيار tháng_5
6: june jun juni juin junio giugno giu junho kesäkuuta kesäkuu czerwca czerwiec cze června červen iunie iun
    június jún haziran июня июнь июн червня ιουνίου ιουν يونيو حزيران tháng_6
7: july jul juli juillet juil julio luglio lug julho heinäkuuta heinäkuu lipca lipiec lip července červenec
    iulie iul július júl temmuz июля июль июл липня ιουλίου ιουλ يوليو تموز tháng_7
8: august aug août aout agosto ago augustus augusti elokuuta elokuu sierpnia sierpień sie srpna srpen
    augusztus ağustos agustus августа август авг серпня αυγούστου αυγ أغسطس آب tháng_8
9: september sep sept septembre septiembre set settembre sett setembro syyskuuta syyskuu września wrzesień
    wrz září septembrie szeptember szept eylül сентября сентябрь сен сент вересня σεπτεμβρίου σεπ سبتمبر أيلول
    tháng_9
10: october oct oktober okt octobre octubre ottobre ott outubro out lokakuuta lokakuu października
    październik paź října říjen octombrie október ekim октября октябрь окт жовтня οκτωβρίου οκτ أكتوبر تشرين_الأول
    tháng_10
11: november nov novembre noviembre novembro marraskuuta marraskuu listopada listopad lis listopadu
    noiembrie noi kasım nopember ноября ноябрь ноя нояб листопада νοεμβρίου νοε نوفمبر تشرين_الثاني tháng_11
12: december dec dezember dez décembre decembre déc diciembre dic dicembre dezembro desember des joulukuuta
    joulukuu grudnia grudzień gru prosince prosinec decembrie aralık декабря декабрь дек грудня δεκεμβρίου
    δεκ ديسمبر كانون_الأول tháng_12
"""

#: Lower-case name of a month, in some twenty languages, to its number.
MONTHS = _months(_MONTH_NAMES)

# Words that may stand beside a date without making it prose: labels, weekdays, prepositions.
_FILLER_WORDS = """
published publish updated update posted modified created date dated on at of the last first am pm by um
uhr
veröffentlicht aktualisiert stand erstellt datum am den der vom publié publiée publie le la à a mis jour
modifié
publicado publicada actualizado el de del las los en hora horas pubblicato aggiornato il alle ore del
publicada
atualizado em às as gepubliceerd bijgewerkt op om publicerad publisert udgivet uppdaterad oppdatert
opdateret kl
klo julkaistu päivitetty opublikowano aktualizacja godz publikováno aktualizováno v dnia publicat
actualizat la
közzétéve frissítve yayınlanma güncelleme tarihi saat опубликовано обновлено в г года год дата
发布 发布时间 時間 时间 日期 公開 更新 作成 配信 입력 수정 등록 승인 et est local time heure
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed weds thu thur thurs fri sat sun
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so
lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim
lunes martes miércoles miercoles jueves viernes sábado sabado domingo mié jue vie sáb dom
lunedì martedì mercoledì giovedì venerdì sabato domenica gio sab
segunda terça quarta quinta sexta feira segunda-feira terça-feira quarta-feira quinta-feira sexta-feira
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma wo vr za zo
måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag man tir ons tor fre lør søn
lör sön
maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai
poniedziałek wtorek środa czwartek piątek sobota niedziela pondělí úterý středa čtvrtek pátek neděle
luni marți miercuri joi vineri sâmbătă duminică hétfő kedd szerda csütörtök péntek szombat vasárnap
نشر نشرت في تاريخ النشر تم يوم الساعة بتاريخ الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
pazartesi salı çarşamba perşembe cuma cumartesi pazar senin selasa rabu kamis jumat sabtu minggu wib
понедельник вторник среда четверг пятница суббота воскресенье пн вт ср чт пт сб вс
月曜日 火曜日 水曜日 木曜日 金曜日 土曜日 日曜日 月 火 水 木 金 土 日
星期一 星期二 星期三 星期四 星期五 星期六 星期日
월 화 수 목 금 토 일 월요일 화요일 수요일 목요일 금요일 토요일 일요일
"""
_FILLERS = frozenset(_FILLER_WORDS.split())

# Hours east of Greenwich.
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "ut": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7, "akst": -9, "hst": -10, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "wet": 0,
    "west": 1,
    "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "hkt": 8, "sgt": 8, "wib": 7, "aest": 10, "aedt": 11,
    "nzst": 12, "nzdt": 13, "sast": 2, "pkt": 5,
}  # fmt: skip
#: Each means several offsets, so that none is known.
_VAGUE_ZONES = frozenset({"et", "pt", "ct", "mt", "ist", "bst"})

_MONTH = "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True))
_LETTER = r"[^\W\d_]"
# A month begins a word, or is a capital glued to the word before it ("readApril 25").
_WORD_START = rf"(?:(?<!{_LETTER})|(?-i:(?<=[a-z])(?=[A-Z])))"
# After a year a clock time or the next date may be glued ("20194:29", "20239 Oct"), but no other digit.
_YEAR = r"(?P<year>[12]\d{3})(?!\d(?!\d?:\d\d|\d?\s[A-Z][a-z]{2})|\d\d(?!:\d\d|\s[A-Z][a-z]{2}))"
_DAY = r"(?<!\d)(?P<day>\d{1,2})"
_NAMED_MONTH = rf"{_WORD_START}(?P<month>{_MONTH})(?!{_LETTER})"
_GAP = r"[\s.,/-]{1,3}"

_ORDINAL = r"(?:st|nd|rd|th|er|º|ª|°|e|-?án|-?én)?"
_CTIME = r"\d{1,2}:\d\d(?::\d\d)?\s(?:[A-Z]{1,4}\s|[+-]\d{4}\s)?"
# Date forms, the most telling first. Each is anchored in digits or a month's name and has bounded gaps only.
_YEAR_MONTH_DAY_CJK = (
    r"(?<!\d)(?P<year>[12]\d{3})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일]"
)
_YEAR_MONTH_DAY = (
    r"(?<![\d/.-])(?P<year>[12]\d{3})(?P<sep>[-/.])\s?(?P<month>\d{1,2})(?P=sep)\s?"
    r"(?P<day>\d{1,2})\.?(?!\d|[-/.]\d)"
)
_DAY_MONTH_YEAR = (
    rf"{_DAY}{_ORDINAL}(?:\s?[.,/-]\s?|\s|(?<=\d)(?={_LETTER}))(?:de\s|of\s|di\s|d['’])?{_NAMED_MONTH}"
    rf"(?:\.?,?\s?(?:de|del)\s|{_GAP})(?:г\.\s)?{_YEAR}"
)
_MONTH_DAY_YEAR = rf"{_NAMED_MONTH}(?:\.\s?|\s){_DAY}(?:st|nd|rd|th)?(?:\s?,\s?|\s)(?:{_CTIME})?{_YEAR}"
_YEAR_NAMED_MONTH_DAY = rf"(?<!\d)(?P<year>[12]\d{{3}}){_GAP}{_NAMED_MONTH}{_GAP}{_DAY}(?!\d)"
_FORMS = tuple(
    later_pattern(form, re.IGNORECASE)
    for form in (
        _YEAR_MONTH_DAY_CJK,
        _YEAR_MONTH_DAY,
        _DAY_MONTH_YEAR,
        _MONTH_DAY_YEAR,
        _YEAR_NAMED_MONTH_DAY,
    )
)
_NUMERIC = later_pattern(
    r"(?<![\d/.-])(?P<one>\d{1,2})\s?(?P<sep>[-/.])\s?(?P<two>\d{1,2})\s?(?P=sep)\s?" + _YEAR + r"(?![-/.]\d)"
)
_MONTH_YEAR = later_pattern(rf"{_NAMED_MONTH}(?:\.?,?\s(?:de\s|del\s)?){_YEAR}", re.IGNORECASE)

_CLOCK = later_pattern(
    r"""(?<![\d:.])(?:
        (?P<hour>\d{1,2})\s?(?::|h)\s?(?P<minute>\d\d)(?!\d)(?::(?P<second>\d\d)(?!\d)(?:[.,](?P<fraction>\d{1,12}))?)?(?:\s?(?P<half>[ap])\.?m\b\.?)?
      | (?P<hour_dot>\d{1,2})\.(?P<minute_dot>\d\d)(?:\s?(?P<half_dot>[ap])\.?m\b\.?|\s?(?:uhr|klo))
      | (?P<hour_cjk>\d{1,2})\s?[時时點点시]\s?(?P<minute_cjk>\d{1,2})\s?[分분]
      | (?P<hour_only>\d{1,2})(?:\s?(?P<half_only>[ap])\.?m\b\.?|\s?h(?:rs)?\b|\s?uhr\b)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_OFFSET = later_pattern(
    r"\s?\(?(?:(?:utc|gmt)\s?)?(?P<sign>[+\-−])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?(?!\d)\)?",
    re.IGNORECASE,
)
_ZONE_NAME = later_pattern(r"\s?\(?(?P<name>[A-Za-z]{1,4})(?![A-Za-z])\)?")

_ISO = later_pattern(
    r"(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)[T _]{1,2}"
    r"(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,12}))?)?)?",
    re.IGNORECASE,
)
#: The timestamps of web archives (CDX): a second, in digits only.
_ARCHIVE = later_pattern(r"(\d{8})(\d{6})")
_PLAIN = later_pattern(r"(?P<year>\d{4})(?:-(?P<month>\d\d)|(?P<month_basic>\d\d)(?P<day_basic>\d\d))?")
_REST = later_pattern(r"[^\W\d_]+|\d+|[^\w\s.,:;|/()\[\]–—·•-]")
_UPDATED = later_pattern(
    r"updated?|modified|aktualisiert|mis(?:e)? à jour|modifié|actualiza|aggiornat|atualizad|bijgewerkt|"
    r"uppdatera|oppdatert"
    r"|opdateret|päivitetty|更新|수정|تحديث|обновлено",
    re.IGNORECASE,
)

#: Arabic, Persian and full-width digits to those of ASCII, one for one.
_DIGITS = {ord(char): str(value) for zero in "٠۰０" for value in range(10) for char in chr(ord(zero) + value)}
_FIRST = later_pattern(
    r"first published|originally published|erstveröffentlich|ursprünglich|première publication|publicado originalmente",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Clock:
    """A time of day and the stretch of text that states it."""

    hour: int
    minute: int | None
    second: int | None
    micros: int
    offset: timedelta | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Day:
    year: int
    month: int
    day: int
    start: int
    end: int


def parse_date(text: str, *, order: DateOrder | None = None) -> PublishedDate | None:
    """Return the date that a text states if the whole text is a date, else None.

    Read are ISO 8601, RFC 2822 and the forms that pages use in some twenty languages, with labels
    ("Published:") and weekdays. A date in numbers whose order cannot be seen, an impossible date, and a
    year outside 1500 to 2999 are None.

    Args:
        text: the text, at most 120 characters.
        order: how `03/04/2026` is meant; without it such a date is not guessed.

    >>> parse_date("19. März 2026, 10:30 Uhr").at
    '2026-03-19T10:30:00Z'
    >>> parse_date("03/04/2026") is None
    True
    """
    raw = text.strip()
    if not raw or len(raw) > MAX_DATE_LENGTH:
        return None
    plain = raw.translate(_DIGITS)
    if plain != raw:
        found = parse_date(plain, order=order)
        return replace(found, raw=raw) if found else None
    return (
        _parse_archive(raw)
        or _parse_iso(raw)
        or _parse_plain(raw)
        or _parse_written(raw, order)
        or _parse_month(raw)
    )


def find_date(line: str) -> PublishedDate | None:
    """Return the date written in a short line, such as "Published 3 March 2026 | 2 min read", or None.

    At least the day must be stated. Of several dates that of the first publication wins, else the first that is
    not called an update.

    >>> find_date("Published 3 March 2026 | 2 min read").raw
    '3 March 2026'
    """
    if len(line) > MAX_LINE_LENGTH:
        return None
    plain = line.translate(_DIGITS)
    if plain != line:
        found = find_date(plain)
        start = plain.find(found.raw) if found else 0
        return replace(found, raw=line[start : start + len(found.raw)]) if found else None
    stamped = _ISO.search(line)
    if stamped and (
        found := _parse_iso(line[stamped.start() :].partition("|")[0][:40].rstrip(), whole=False)
    ):
        return found
    days = _find_days(line)
    if not days:
        return None
    firsts = (i for i, day in enumerate(days) if _FIRST.search(line[max(0, day.start - 28) : day.start]))
    index = next(firsts, next((i for i, day in enumerate(days) if not _is_update(line, day)), 0))
    lower = days[index - 1].end if index else 0
    upper = days[index + 1].start if index + 1 < len(days) else len(line)
    return _with_clock(line, days[index], lower, upper)


def _is_update(line: str, day: _Day) -> bool:
    return bool(_UPDATED.search(line[max(0, day.start - 24) : day.start]))


def _with_clock(line: str, day: _Day, lower: int, upper: int) -> PublishedDate | None:
    after = _find_clock(line[:upper], day.end)
    if after and after.start - day.end <= 12:
        return _make(day, after, line[day.start : after.end].strip())
    before = _find_clock(line[: day.start], lower)
    if before and day.start - before.end <= 16:
        return _make(day, before, line[before.start : day.end].strip())
    return _make(day, None, line[day.start : day.end].strip())


def _parse_iso(raw: str, *, whole: bool = True) -> PublishedDate | None:
    match = _ISO.match(raw)
    if match is None:
        return None
    offset, end = _parse_zone(raw, match.end())
    if whole and raw[end:].strip():
        return None
    day = _Day(int(match["year"]), int(match["month"]), int(match["day"]), 0, end)
    clock = _Clock(
        int(match["hour"]),
        _number(match["minute"]),
        _number(match["second"]),
        _micros(match["fraction"]),
        offset,
        0,
        end,
    )
    return _make(day, clock, raw[:end].strip())


def _parse_archive(raw: str) -> PublishedDate | None:
    match = _ARCHIVE.fullmatch(raw)
    found = _parse_iso(f"{match[1]}T{match[2]}") if match else None
    return replace(found, raw=raw) if found else None


def _parse_plain(raw: str) -> PublishedDate | None:
    match = _PLAIN.fullmatch(raw)
    if match is None:
        return None
    month, day = match["month"] or match["month_basic"], match["day_basic"]
    precision: Precision = "day" if day else "month" if month else "year"
    return _stamp(int(match["year"]), int(month or 1), int(day or 1), precision=precision, raw=raw)


def _parse_month(raw: str) -> PublishedDate | None:
    match = _MONTH_YEAR.search(raw)
    if match is None or not is_date_label(raw[: match.start()] + " " + raw[match.end() :]):
        return None
    return _stamp(int(match["year"]), MONTHS[match["month"].lower()], 1, precision="month", raw=raw)


def _parse_written(raw: str, order: DateOrder | None) -> PublishedDate | None:
    days = _find_days(raw, order)
    if not days:
        return None
    day = days[0]
    clock = _find_clock(raw, day.end) or _find_clock(raw[: day.start], 0)
    inside = clock is None and (clock := _find_clock(raw[: day.end], day.start))
    spans = [(day.start, day.end)] + ([(clock.start, clock.end)] if clock and not inside else [])
    rest = raw
    for start, end in sorted(spans, reverse=True):
        rest = f"{rest[:start]} {rest[end:]}"
    return _make(day, clock or None, raw) if is_date_label(rest) else None


def is_date_label(rest: str) -> bool:
    """Tell whether words only go with a date: labels ("Published on"), weekdays, prepositions."""
    return all(word.lower() in _FILLERS for word in _REST.findall(rest))


def _find_days(text: str, order: DateOrder | None = None) -> list[_Day]:
    """Return the dates written in a text in their order; overlapping readings count once."""
    if not any(char.isdigit() for char in text):
        return []
    found: list[_Day] = []
    for form in _FORMS:
        found += [
            _Day(int(m["year"]), _month_number(m["month"]), int(m["day"]), m.start(), m.end())
            for m in form.finditer(text)
        ]
    for match in _NUMERIC.finditer(text):
        month_day = _ordered(int(match["one"]), int(match["two"]), match["sep"], order)
        if month_day:
            found.append(_Day(int(match["year"]), *month_day, match.start(), match.end()))
    days: list[_Day] = []
    for day in sorted(found, key=lambda item: (item.start, -item.end)):
        if not days or day.start >= days[-1].end:
            days.append(day)
    return days


def _month_number(written: str) -> int:
    return int(written) if written.isdigit() else MONTHS[" ".join(written.lower().split())]


def _ordered(one: int, two: int, separator: str, order: DateOrder | None) -> tuple[int, int] | None:
    """Return month and day of two numbers if there is only one way to read them.

    Where dates are written with full stops the day comes first; with slashes and hyphens both orders are in
    use.
    """
    if order is None and separator == ".":
        order = "dmy"
    if one == two:
        return one, two
    if one > 12 or (two <= 12 and order == "dmy"):
        return two, one
    return (one, two) if two > 12 or order == "mdy" else None


def _find_clock(text: str, start: int) -> _Clock | None:
    match = _CLOCK.search(text, start)
    if match is None:
        return None
    hour = int(match["hour"] or match["hour_dot"] or match["hour_cjk"] or match["hour_only"])
    half = (match["half"] or match["half_dot"] or match["half_only"] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    offset, end = _parse_zone(text, match.end())
    minute = _number(match["minute"] or match["minute_dot"] or match["minute_cjk"])
    return _Clock(
        hour, minute, _number(match["second"]), _micros(match["fraction"]), offset, match.start(), end
    )


def _parse_zone(text: str, start: int) -> tuple[timedelta | None, int]:
    """Return the offset stated at a place and where it ends; a vague zone ends, but has no offset."""
    match = _OFFSET.match(text, start)
    if match:
        offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        signed = -offset if match["sign"] in "-−" else offset
        return (signed, match.end()) if offset <= timedelta(hours=14) else (None, start)
    match = _ZONE_NAME.match(text, start)
    name = match["name"].lower() if match else ""
    if match and name in _ZONES and (match["name"].isupper() or name == "z"):
        return timedelta(hours=_ZONES[name]), match.end()
    return None, match.end() if match and name in _VAGUE_ZONES and match["name"].isupper() else start


def _number(digits: str | None) -> int | None:
    return None if digits is None else int(digits)


def _micros(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))


def _make(day: _Day, clock: _Clock | None, raw: str) -> PublishedDate | None:
    if clock is None:
        return _stamp(day.year, day.month, day.day, precision="day", raw=raw)
    precision: Precision = "hour" if clock.minute is None else "minute" if clock.second is None else "second"
    time = (clock.hour, clock.minute or 0, clock.second or 0, clock.micros)
    return _stamp(day.year, day.month, day.day, *time, offset=clock.offset, precision=precision, raw=raw)


def _stamp(
    *parts: int, precision: Precision, raw: str, offset: timedelta | None = None
) -> PublishedDate | None:
    if not 1500 <= parts[0] <= 2999:
        return None
    try:
        stated = datetime(*parts, tzinfo=timezone(offset or timedelta()))  # type: ignore[misc, arg-type]  # year to microsecond
        instant = stated.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    tz: Literal["explicit", "unknown"] | None = "explicit" if offset is not None else "unknown"
    has_time = precision in {"hour", "minute", "second"}
    at = instant.replace(tzinfo=None).isoformat() + "Z"
    return PublishedDate(at=at, precision=precision, tz=tz if has_time else None, raw=raw[:200])
