"""Generated articles: valid, varied and wholly invented, for trying things and for benchmarks."""

import hashlib
import random
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from newsds.article import Record, article_id
from newsds.schema import SCHEMA_VERSION
from newsds.text import count_words, text_digest
from newsds.version import VERSION

__all__ = ["sample"]

_START = datetime(2025, 1, 1, tzinfo=UTC)
#: Stories until the dates begin anew, so that none lies in the future: a year of one every seven minutes.
_YEAR = 75_000
_ONSETS = [
    "b",
    "br",
    "c",
    "cr",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "pr",
    "qu",
    "r",
    "s",
    "sk",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "y",
    "z",
]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ei", "ia", "io", "oa", "ou"]
_CODAS = ["l", "m", "n", "nd", "r", "rn", "rt", "s", "st", "t", "x", "lm", "ck"]
_ENDINGS = ["burg", "dale", "fjord", "haven", "mouth", "port", "stead", "ton", "vale", "wick"]
_AGENCIES = (("northwire", "Northwire"), ("meridian", "Meridian Press"), ("harbour", "Harbour News Service"))
_PUBLISHERS = (
    "Morning Ledger", "Coast Courier", "Daily Beacon", "Evening Standardbearer", "Valley Observer",
    "Island Gazette", "Market Dispatch", "Northern Chronicle",
)  # fmt: skip
_SECTIONS = ("Business", "Politics", "Environment", "Transport", "Culture", "Sport", "Health", "Science")
_ROLES = (
    "mayor", "harbour master", "chief engineer", "union leader", "hospital director", "finance minister",
    "museum curator", "head teacher", "fisheries inspector", "transport planner", "court clerk", "coach",
)  # fmt: skip
_BODIES = (
    "council", "ministry", "port authority", "railway operator", "dairy cooperative", "shipyard", "university",
    "water board", "football club", "energy regulator", "planning committee", "chamber of commerce", "orchestra",
)  # fmt: skip
_ACTS = (
    "approved", "postponed", "rejected", "published", "defended", "reviewed", "cancelled", "extended", "welcomed",
    "criticised", "suspended", "completed", "announced", "funded", "redrafted",
)  # fmt: skip
_KINDS = (
    "new", "long-delayed", "controversial", "cheaper", "shared", "temporary", "regional", "revised", "solar-powered",
    "privately funded", "celebrated", "seasonal", "buried", "trial-stage", "second",
)  # fmt: skip
_THINGS = (
    "ferry timetable", "hospital wing", "wind farm", "bridge repair", "budget plan", "school merger", "fishing quota",
    "tram line", "flood barrier", "theatre season", "housing scheme", "tax rebate", "cargo terminal", "archive",
    "recycling plant", "stadium roof", "language course", "grain contract", "tunnel survey", "market hall",
)  # fmt: skip
_REASONS = (
    "after months of talks", "because of rising costs", "despite protests from residents", "ahead of the elections",
    "following a report by auditors", "to win back passengers", "in response to the storm", "under a deal with lenders",
    "while a court considers an appeal", "to meet its own targets", "after the winter break", "on expert advice",
)  # fmt: skip
_EFFECTS = (
    "would cost about {n} million crowns", "should create {n} jobs", "could take {n} months", "affects {n} households",
    "has drawn {n} written objections", "would save {n} hours a week", "needs {n} more signatures", "covers {n} hectares",
)  # fmt: skip
_COMPANIES = (
    "Shipping", "Timber", "Energy", "Foods", "Logistics", "Textiles", "Insurance", "Rail", "Media", "Dairies", "Pumps",
)  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_STREETS = ("Street", "Quay", "Lane", "Square", "Road", "Row", "Terrace", "Hill")
_VERBS = (
    "wants", "intends", "refuses", "hopes", "has promised", "is expected", "was asked", "has begun", "declined", "agreed",
)  # fmt: skip
_DEEDS = (
    "to buy", "to sell", "to inspect", "to rebuild", "to lease", "to paint", "to move", "to insure", "to close",
    "to reopen", "to measure", "to rename",
)  # fmt: skip
#: What is in braces is drawn: from a list, or by a function of `_FILLERS`. Words that are drawn stand close together, so
#: that two texts share no more than news does.
_FRAMES = (
    "The {body} of {place} {act} the {kind} {thing} {reason}, its {role} {name} said.",
    "{name}, the {role}, told {town} reporters that the {thing} {effect}.",
    "According to the {body}, the {kind} {thing} {effect}, more than the {body} had expected.",
    "A {kind} {thing} in {place} was {act} {reason}, and {surname} says it {effect}.",
    "Critics led by {name} argued that the {body} had {act} the {thing} {reason}.",
    "In {month} the {body} of {town} {act} a {kind} {thing}, which {effect}.",
    "“Nobody in {place} asked {surname} for a {kind} {thing},” said {name}, a {role} from {street}.",
    "The {thing} {effect}, a figure that {role} {name} called provisional {reason}.",
    "Between {place} and {town} the {body} runs {small} services, and a {kind} {thing} {effect}.",
    "{company} {verb} {deed} the {thing} at {street} for {large} crowns, {name} wrote.",
    "On {day} {month} {surname} and {surname} {act} plans for {small} sites near {town}.",
    "{small} members of the {body} met {name} at {street}, where {company} {act} a {kind} {thing}.",
    "{surname} {verb} {deed} {company}, whose {thing} {effect}.",
    "Of {large} residents asked by {company}, {small} in a hundred want the {kind} {thing}, {surname} found.",
    "{town} and {town} share a {thing}; {place} {verb} {deed} its own {reason}.",
    "“{surname} {verb} {deed} {street},” {name} said of the {thing}.",
    "Since {month} {company} has {act} {small} of {large} orders from {town}, {reason}.",
    "The {role} of {town}, {name}, {verb} {deed} {small} {kind} wagons from {company}.",
)


class _Draws:
    """Draws of one seed."""

    def __init__(self, seed: int) -> None:
        # `random.choice` takes three times as long, most of it to be fair by less than anybody sees here.
        self._random = random.Random(seed).random  # noqa: S311 # reproducible on purpose

    def one_of(self, items: Sequence[str]) -> str:
        return items[int(self._random() * len(items))]

    def number(self, first: int, last: int) -> int:
        return first + int(self._random() * (last - first + 1))

    def has_luck(self, probability: float) -> bool:
        return self._random() < probability

    def name(self) -> str:
        start = self.one_of(_STARTS) if self.has_luck(0.5) else ""
        return (start + self.one_of(_STARTS) + self.one_of(_CODAS)).capitalize()

    def town(self) -> str:
        return self.name() + self.one_of(_ENDINGS)

    def effect(self) -> str:
        return self.one_of(_EFFECTS).format(n=self.number(3, 9800))

    def sentence(self, place: str) -> str:
        frame = _PARTS[int(self._random() * len(_PARTS))]
        parts = [place if part is None else part if isinstance(part, str) else part(self) for part in frame]
        # A sentence that begins with what was drawn begins with a capital all the same.
        return (text := "".join(parts))[0].upper() + text[1:]


def _drawn_from(items: Sequence[str]) -> Callable[[_Draws], str]:
    return lambda draw: draw.one_of(items)


_STARTS = [onset + vowel for onset in _ONSETS for vowel in _VOWELS]
#: What is written in place of the names in `_FRAMES`.
_FILLERS: dict[str, Callable[[_Draws], str] | None] = {
    "place": None,
    "town": _Draws.town,
    "surname": _Draws.name,
    "effect": _Draws.effect,
    "name": lambda draw: f"{draw.name()} {draw.name()}",
    "company": lambda draw: f"{draw.name()} {draw.one_of(_COMPANIES)}",
    "street": lambda draw: f"{draw.name()} {draw.one_of(_STREETS)}",
    "small": lambda draw: str(draw.number(3, 99)),
    "large": lambda draw: f"{draw.number(1_000, 99_999):,}",
    "day": lambda draw: str(draw.number(1, 28)),
    "month": _drawn_from(_MONTHS),
    "body": _drawn_from(_BODIES),
    "role": _drawn_from(_ROLES),
    "act": _drawn_from(_ACTS),
    "kind": _drawn_from(_KINDS),
    "thing": _drawn_from(_THINGS),
    "reason": _drawn_from(_REASONS),
    "verb": _drawn_from(_VERBS),
    "deed": _drawn_from(_DEEDS),
}
#: Each frame as texts, draws, and null for the place of the story.
_PARTS = [
    [_FILLERS[part] if number % 2 else part for number, part in enumerate(re.split(r"\{(\w+)\}", frame))]
    for frame in _FRAMES
]


def sample(n: int, *, seed: int = 0, copies: float = 0.0) -> Iterator[Record]:
    """Yield `n` valid article records; the same arguments give the same records.

    Args:
        n: number of records.
        seed: of the generator.
        copies: probability that a record is a republished copy of the story before it: another publisher,
            another headline, the last paragraph cut.
    """
    draw = _Draws(seed)
    story: Record | None = None
    for number in range(n):
        if story is not None and draw.has_luck(copies):
            yield _finish(_republished(story, draw), number, seed)
            story = None
            continue
        story = _story(draw, number)
        yield _finish(story, number, seed)


def _story(draw: _Draws, number: int) -> Record:
    place = draw.town()
    code, agency = _AGENCIES[draw.number(0, len(_AGENCIES) - 1)]
    lead = f"{place.upper()} ({agency}) - "
    paragraphs = [
        " ".join(draw.sentence(place) for _ in range(2 + draw.has_luck(1 / 3)))
        for _ in range(draw.number(4, 12))
    ]
    subject = f"{draw.one_of(_KINDS)} {draw.one_of(_THINGS)}"
    author = f"{draw.name()} {draw.name()}"
    news = f"{draw.one_of(_BODIES)} {draw.one_of(_ACTS)} {subject} {draw.one_of(_REASONS)}"
    published = _START + timedelta(minutes=7 * (number % _YEAR) + draw.number(0, 6))
    return {
        "headline": f"{place} {news}",
        "body": f"{lead}The {news}. " + "\n\n".join(paragraphs),
        "publisher": {"name": draw.one_of(_PUBLISHERS)},
        "agency": {"name": agency, "code": code},
        "dateline": {"raw": lead.strip(), "places": [place.upper()], "agency": agency},
        "byline": f"By {author}",
        "contributors": [{"name": author, "role": "author"}],
        "published_at": published.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "section": draw.one_of(_SECTIONS),
        "rights": {"license": "CC0-1.0", "access": "full"},
    }


def _republished(story: Record, draw: _Draws) -> Record:
    published = datetime.fromisoformat(story["published_at"]) + timedelta(minutes=draw.number(5, 600))
    others = [name for name in _PUBLISHERS if name != story["publisher"]["name"]]
    kept = story["body"].split("\n\n")
    return {
        **story,
        "headline": f"{draw.one_of(_BODIES).capitalize()} news: {story['headline']}",
        "body": "\n\n".join(kept[:-1] if len(kept) > 2 else kept),
        "publisher": {"name": draw.one_of(others)},
        "published_at": published.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _finish(story: Record, number: int, seed: int) -> Record:
    body = story["body"]
    slug = story["publisher"]["name"].lower().replace(" ", "-")
    url = f"https://{slug}.example/{story['section'].lower()}/{number:07d}"
    raw_sha256 = hashlib.sha256(f"{seed}/{number}/{body}".encode()).hexdigest()
    published = datetime.fromisoformat(story["published_at"])
    return {
        "schema_version": SCHEMA_VERSION,
        "id": article_id(url, raw_sha256),
        "url": url,
        "domain": f"{slug}.example",
        "headline": story["headline"],
        "body": body,
        "word_count": count_words(body),
        "language": "en",
        "language_source": "declared",
        "publisher": story["publisher"],
        "agency": story["agency"],
        "syndication": {"status": "syndicated", "evidence": ["dateline"]},
        "contributors": story["contributors"],
        "byline": story["byline"],
        "dateline": story["dateline"],
        "published_at": story["published_at"],
        "published_precision": "second",
        "published_tz": "explicit",
        "section": story["section"],
        "rights": story["rights"],
        "provenance": {
            "input_kind": "generated",
            "raw_sha256": raw_sha256,
            "fetched_at": (published + timedelta(hours=20)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "reader": "newsds sample",
            "reader_version": VERSION,
        },
        "text_sha256": text_digest(body),
    }
