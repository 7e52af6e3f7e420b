"""The grammar of wire copy in one place: datelines, bylines, credit lines, instruments, signals."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from newsds.later import later_pattern
from newsds.wire.agencies import AGENCIES, Agency, find_agency
from newsds.wire.credits import (
    BYLINE_SIGN,
    CREDIT_SIGN,
    Byline,
    Contributor,
    is_name,
    parse_byline,
    parse_credit_line,
)
from newsds.wire.datelines import Dateline, parse_dateline

__all__ = [
    "AGENCIES",
    "BYLINE_SIGN",
    "CREDIT_SIGN",
    "Agency",
    "Byline",
    "Contributor",
    "Dateline",
    "Instrument",
    "find_agency",
    "find_instruments",
    "is_name",
    "parse_byline",
    "parse_credit_line",
    "parse_dateline",
    "parse_signals",
    "parse_version_number",
    "take_signals_off",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Instrument:
    """A security that the text marks."""

    symbol: str
    scheme: str
    exchange: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the instrument as the article schema stores it."""
        return {name: getattr(self, name) for name in self.__slots__}


_RIC = later_pattern(r"<(?=[^<>]{0,19}[.=])(?P<symbol>[A-Z0-9.][A-Za-z0-9.=/^_\-]{0,19})>")
_EXCHANGES = (
    "NYSE American|NYSE Arca|NYSEARCA|NYSE MKT|NYSE|NASDAQ|NasdaqGS|NasdaqGM|NasdaqCM|Nasdaq|AMEX|TSX Venture|TSX-V|"
    "TSXV|TSX|LSE|AIM|ASX|NSE|BSE|"
    "OTCQB|OTCQX|OTCMKTS|OTC Pink|OTC|CSE|CNSX|NEO|SGX|HKEX|HKSE|SEHK|TYO|TSE|FRA|FWB|XETRA|ETR|"
    "Euronext Paris|Euronext|EPA|BIT|BME|SIX|SWX|"
    "CPH|KRX|KOSPI|KOSDAQ|JSE|OSE|OSL|STO|NZX|TASE|MOEX|B3|BVMF|BMV|SSE|SZSE|Tadawul|ADX|DFM"
)
_TICKER = later_pattern(
    rf"(?P<exchange>\b(?:{_EXCHANGES}))\s?:\s?(?P<symbols>[A-Z0-9][A-Z0-9.\-]{{0,9}}(?:,\s?[A-Z0-9][A-Z0-9.\-]{{0,9}}(?!\w|\s?:)){{0,5}})(?![\w])"
)
_ISIN = later_pattern(r"\bISIN:?\s?(?P<symbol>[A-Z]{2}[A-Z0-9]{9}\d)\b")


def find_instruments(text: str) -> tuple[Instrument, ...]:
    """Return the securities that a text marks, each once, in order: `<ACME.N>`, `(NYSE: ACME)`, `ISIN XX...`.

    >>> [item.symbol for item in find_instruments("Acme <ACME.N> and Bolt (NASDAQ: BLT) rose.")]
    ['ACME.N', 'BLT']
    """
    found: list[tuple[int, Instrument]] = []
    if "<" in text:
        found += [(m.start(), Instrument(symbol=m["symbol"], scheme="ric")) for m in _RIC.finditer(text)]
    if ":" in text:
        found += [(m.start(), item) for m in _TICKER.finditer(text) for item in _tickers(m)]
    if "ISIN" in text:
        found += [(m.start(), Instrument(symbol=m["symbol"], scheme="isin")) for m in _ISIN.finditer(text)]
    found.sort(key=lambda pair: pair[0])
    return tuple(dict.fromkeys(item for _, item in found))


def _tickers(match: re.Match[str]) -> Iterator[Instrument]:
    for symbol in match["symbols"].split(","):
        yield Instrument(symbol=symbol.strip().rstrip(".-"), scheme="ticker", exchange=match["exchange"])


# Words in capitals that say what a version is, in English, German, French, Spanish, Italian, Portuguese, Russian; and
# words in scripts without capitals: Arabic, Chinese, Hindi, Japanese, Korean, Thai.
_SIGNALS: dict[str, str] = {
    "correction": "CORRECTED CORRECTS CORRECTION KORREKTUR KORRIGIERT BERICHTIGUNG RECTIFICATIF "
    "RECTIFICATION CORRIGÉ CORRECTIF CORRECCIÓN CORRECCION CORREGIDO CORRIGE CORREÇÃO CORREZIONE "
    "CORRETTO RETTIFICA CORRIGIDO ИСПРАВЛЕНО ИСПРАВЛЕНИЕ УТОЧНЕНИЕ ПОПРАВКА تصحيح 更正 订正 訂正 정정 संशोधित แก้ไข",
    "writethru": "WRITETHRU WRITE-THRU LD-WRITETHRU",
    "clarification": "CLARIFICATION CLARIFIED CLARIFIES KLARSTELLUNG PRÉCISION ACLARACIÓN",
    "refile": "REFILE REFILED REFILING RESEND",
    "repeat": "RPT REPEAT REPEATS REPETITION WIEDERHOLUNG RÉPÉTITION REPETICIÓN ПОВТОР 再送 重发 重發",
    "wrapup": "WRAPUP WRAP-UP ROUNDUP ZUSAMMENFASSUNG SYNTHÈSE RESUMEN",
    "kill": "KILL WITHDRAWN WITHDRAWAL RETRACTED RETRACTION ZURÜCKGEZOGEN ANNULÉ "
    "ANNULATION RETIRÉ ANULADO ANULADA RETIRADO RETIRADA RITIRATO RITIRATA ОТОЗВАНО 撤稿 取り消し 기사취소",
    "advisory": "ADVISORY",
    "update": "UPDATE UPDATED UPDATES AKTUALISIERT AKTUALISIERUNG ACTUALISATION ACTUALISÉ "
    "ACTUALIZACIÓN ACTUALIZA ACTUALIZADO AMPLÍA AMPLIA ATUALIZA AMPLIACIÓN "
    "AGGIORNAMENTO ATUALIZAÇÃO ОБНОВЛЕНО ОБНОВЛЕНИЕ تحديث 更新 업데이트 अपडेट อัปเดต",
}
_SIGNAL_OF = {word: signal for signal, words in _SIGNALS.items() for word in words.split()}
_SIGNAL_WORD = "|".join(sorted(map(re.escape, _SIGNAL_OF), key=len, reverse=True))
# A word, perhaps a number, and what sets it off from the headline: a dash, a colon, a bracket.
_SIGNAL = later_pattern(
    rf"\s?[\[(*（［〔【]?(?:\d(?:ST|ND|RD|TH)\s)?(?P<word>{_SIGNAL_WORD})(?![^\W\d_])(?:\s?(?P<number>\d{{1,2}})(?!\d))?"
    r"(?:\s\((?:OFFICIAL|CLEAN|COMPLETE)\))?(?P<mark>\s?[\])）］〕】]?\s?[-–—:/*：－]?)\s?"
)
_BRACKETED_END = later_pattern(
    r"[(\[（［〔【]\s?(?P<word>[^()\[\]（）［］〔〕【】]{2,30})\s?[)\]）］〕】]\s{0,3}$"
)


def parse_signals(headline: str) -> tuple[str, ...]:
    """Return what a headline says of its version, as signals of the article schema, in order.

    Words in capitals count ("UPDATE 2-", "CORRECTED-", "KILL:"); in lower case a word counts only as all
    that stands before a colon ("Correction: ...") or in brackets at the end.

    >>> parse_signals("RPT-UPDATE 2-Port reopens")
    ('repeat', 'update')
    """
    headline = headline[:300]
    found = [_SIGNAL_OF[match["word"]] for match in _leading_signals(headline)]
    before_colon = headline.partition(":")[0] if ":" in headline[:30] else ""
    at_end = _BRACKETED_END.search(headline)
    for words in filter(None, (before_colon, at_end and at_end["word"])):
        match = _signal_alone(words)
        found += [_SIGNAL_OF[match["word"]]] if match else []
    return tuple(dict.fromkeys(found))


def take_signals_off(headline: str) -> str:
    """Return a headline without what `parse_signals` finds in it; the headline itself if nothing is left.

    >>> take_signals_off("RPT-UPDATE 2-Port reopens"), take_signals_off("Port reopens (Corrected)")
    ('Port reopens', 'Port reopens')
    """
    start, end = max((match.end() for match in _leading_signals(headline[:300])), default=0), len(headline)
    before_colon, colon, _ = headline[start : start + 30].partition(":")
    if colon and _signal_alone(before_colon):
        start += len(before_colon) + 1
    tail = max(start, end - 40)
    if (at_end := _BRACKETED_END.search(headline[tail:])) and _signal_alone(at_end["word"]):
        end = tail + at_end.start()
    return headline[start:end].strip() or headline


def parse_version_number(headline: str) -> int | None:
    """Return the number that a headline gives its version; None if it gives none.

    >>> parse_version_number("RPT-UPDATE 2-Port reopens")
    2
    """
    numbers = (match["number"] for match in _leading_signals(headline[:300]))
    return next((int(number) for number in numbers if number), None)


def _signal_alone(words: str) -> re.Match[str] | None:
    """Return the match of words, of whatever case, that are a signal and nothing else."""
    return _SIGNAL.fullmatch(words.strip().upper())


def _leading_signals(headline: str) -> Iterator[re.Match[str]]:
    position = 0
    while match := _SIGNAL.match(headline, position):
        if not (match["mark"].strip() or match["number"] or _SIGNAL.match(headline, match.end())):
            return
        yield match
        position = match.end()
