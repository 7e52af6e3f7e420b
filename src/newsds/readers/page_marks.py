"""What a single line of a page says by itself: section, tags, addresses, notices, reading time, agency."""

import re
from typing import NamedTuple

from newsds.later import later_pattern
from newsds.urls import SHORTENERS

__all__ = [
    "Notice",
    "about_name",
    "agency_part",
    "has_paywall",
    "has_reading_time",
    "is_kicker",
    "may_open_with_dateline",
    "parse_address",
    "parse_notice",
    "parse_section",
    "parse_short_link",
    "parse_tags",
]

# What closes an agency's mark early in a line: a quick look before the grammar's long one.
_MAY_BE_DATELINE = later_pattern(r"[^\n]{0,90}?(?:[)）/]\s?(?:\.\s?)?[-–—=.:]|[=＝】电])")
_SECTION = later_pattern(
    r"(?:categor(?:y|ies)|filed under|section|kategorien?|ressort|rubrik|catégories?|rubriques?|categorías?|"
    r"sección|categoria|categorie|sezione|seção|rubriek)\s?:\s*(?P<value>\S.{0,199})",
    re.IGNORECASE,
)
_TAGS = later_pattern(
    r"(?:tags?|tagged|topics|keywords|schlagw(?:ö|oe)rter|schlagworte?|stichw(?:ö|oe)rter|stichworte|themen|"
    r"mots[- ]clés|étiquettes|thèmes|etiquetas|palabras clave|temas|parole chiave|argomenti|palavras-chave|"
    r"trefwoorden|nyckelord|emneord|теги|タグ|标签|키워드)\s?[:：]\s*(?P<value>\S.{0,1999})",
    re.IGNORECASE,
)
_SHORT_URL = later_pattern(
    r"(?:https?://)?(?P<host>[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?(?:\.[a-z0-9-]{1,40}){0,3}\.[a-z]{2,10})/(?P<path>[A-Za-z0-9_/-]{2,24})"
)
_ADDRESS = later_pattern(
    r"(?P<label>permalink|canonical(?: url)?|url|link|adresse|quelle|source url|lien permanent|"
    r"enlace permanente)\s?:\s*(?P<url>https?://[^\s/?#]+[^\s]{0,2000})",
    re.IGNORECASE,
)
_READING_TIME = later_pattern(
    r"\b\d{1,3}[\s-]?(?:min(?:ute)?s?\b\.?\s?(?:read|de lecture|lesezeit|de lectura|di lettura|de leitura|"
    r"leestijd|lästid)|分)|"
    r"(?:lesezeit|lesedauer|reading time|temps de lecture|tiempo de lectura|tempo di lettura|"
    r"tempo de leitura|leestijd|lästid)\s?:?\s?(?:ca\.\s?)?\d{1,3}",
    re.IGNORECASE,
)
_AGENCY_LABEL = later_pattern(
    r"(?:source|quelle|fuente|fonte|bron|källa|kilde|источник|来源)\s?[:：]\s*", re.IGNORECASE
)
_NOTICE = later_pattern(
    r"(?:copyright\s{0,3})?(?:©|ⓒ|\(c\)(?=\s?(?:\d{4}|[A-Z]))|copyright(?=\s\d{4}))\s{0,3}(?:copyright\b\s{0,3})?"
    r"(?:by\s)?(?P<years>\d{4}(?:\s?[-–]\s?(?:\d{2,4})?)?[,.]?\s{0,3})?(?:©\s{0,3})?(?:copyright\b\s{0,3})?(?:by\s)?"
    r"(?P<name>[^|•·;©<>\n]{0,160})",
    re.IGNORECASE,
)
# What follows the name of who claims a copyright: its legal form, the next sentence, an address, a year.
_NAME_END = later_pattern(
    r",?\s(?:Inc|LLC|Ltd|Limited|Pvt|GmbH|AG|S\.?A|Corp|Corporation|Company|Co|B\.?V|L\.P|plc|SAS|SpA|Oy|AB|ASA)\b.*$|"
    r"(?<=[^\W\d_]{4})\.(?:(?=[A-Z][a-z]+\s).*|\s.*)?$|[,!?:(].*$|\s(?:\d{3,}|\d{1,2}[-/.]).*$|"
    r"\s?[-–—.]?\s?(?i:all rights?|alle rechte|tous droits|todos los derechos|tutti i diritti|todos os direitos|"
    r"is part of|is a registered|and its|or its|a division of|무단|無断|禁|不許).*$"
)
_MAKER = later_pattern(r"\b(?:theme|powered|wordpress|designed|plugin|template)\b", re.IGNORECASE)
_ABOUT = later_pattern(
    r"(?:about|über|à propos d[e']|acerca de|sobre)\s(?:the\s|die\s|l['’])?(?P<name>\S.{1,60})", re.IGNORECASE
)
_PAYWALL = later_pattern(
    r"(?:subscribe|sign in|log in|register)\b.{0,40}\b(?:to (?:continue|read|keep)|for full)|"
    r"for subscribers only|subscriber[- ]only|"
    r"(?:jetzt weiterlesen|weiterlesen mit|mit einem abo|nur für abonnenten)|article réservé aux abonnés|"
    r"il vous reste .{1,20} (?:article|texte)|"
    r"contenido exclusivo para suscriptores|solo para suscriptores",
    re.IGNORECASE,
)
_KICKER_WORDS = """
exclusive breaking analysis opinion comment commentary editorial explainer factbox interview profile feature
insight exklusiv analyse kommentar meinung hintergrund reportage eilmeldung exclusif tribune éditorial
entretien exclusiva análisis opinión
"""
_KICKERS = frozenset(_KICKER_WORDS.split())
_SOCIAL = (
    "facebook.",
    "twitter.",
    "x.com",
    "instagram.",
    "linkedin.",
    "t.me",
    "youtube.",
    "tiktok.",
    "pinterest.",
)
_PART_END = later_pattern(r"\s[/|•·–—-]\s|,\s")
_TAG_END = later_pattern(r"[,;、，|•·#]")


class Notice(NamedTuple):
    """A copyright line."""

    text: str
    #: Who claims the copyright, where the line can be read so.
    holder: str | None


def may_open_with_dateline(text: str) -> bool:
    """Tell whether a line is worth a look for a dateline with an agency."""
    return _MAY_BE_DATELINE.match(text) is not None


def parse_section(text: str) -> str | None:
    """Return the section of a line such as "Categories: News"."""
    match = _SECTION.fullmatch(text)
    return match["value"].strip() if match else None


def parse_tags(text: str) -> list[str] | None:
    """Return the tags of a line such as "Tags: ships, ports"."""
    match = _TAGS.fullmatch(text)
    if match is None:
        return None
    parts = (part.strip()[:500] for part in _TAG_END.split(match["value"].strip(" .,;")))
    return list(dict.fromkeys(part for part in parts if part)) or None


def parse_short_link(text: str) -> str | None:
    """Return the address of a line that is a short link and nothing else; https is inferred."""
    match = _SHORT_URL.fullmatch(text)
    if match is None or match["host"].startswith(_SOCIAL):
        return None
    is_code = any(char.isdigit() or char.isupper() for char in match["path"]) and not match["path"].isdigit()
    if not is_code and match["host"] not in SHORTENERS:
        return None
    return text if text.startswith("http") else f"https://{text}"


def parse_address(text: str) -> tuple[str, str] | None:
    """Return field and address of a line in which the page states its own, such as "Permalink: https://..."."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        return None
    return ("canonical_url" if match["label"].lower().startswith("canonical") else "url"), match["url"]


def has_reading_time(text: str) -> bool:
    """Tell whether a line says how long the article takes to read."""
    return _READING_TIME.search(text) is not None


def agency_part(text: str) -> str:
    """Return the part of a line in which an agency would be named: "Reuters" of "Reuters / 2 min read."."""
    label = _AGENCY_LABEL.match(text)
    return _PART_END.split(text[label.end() if label else 0 :])[0].strip(" .").removeprefix("The ")


def about_name(text: str) -> str | None:
    """Return whom a box "About ..." is about."""
    match = _ABOUT.fullmatch(text)
    return match["name"] if match else None


def parse_notice(text: str) -> Notice | None:
    """Return the copyright notice that a line holds."""
    if len(text) > 500 or not ("©" in text or "ⓒ" in text or "opyright" in text or "(c)" in text.lower()):
        return None
    match = _NOTICE.search(text)
    return None if match is None else Notice(text, _holder(match["name"]))


def _holder(claimed: str) -> str | None:
    """Return the name in what follows the sign and the years of a notice."""
    name = _NAME_END.sub("", claimed).strip(" -–—:&/\t\xa0")
    if _MAKER.search(name):
        return None
    return name if 1 <= len(name.split()) <= 10 and len(name) >= 2 and name[:1].isalnum() else None


def has_paywall(text: str) -> bool:
    """Tell whether a line asks for money before the rest can be read."""
    return _PAYWALL.search(text[:400]) is not None


def is_kicker(text: str) -> bool:
    """Tell whether a line is a label that stands above headlines."""
    return text.strip(" :|").lower() in _KICKERS
