"""Generated articles: valid, varied and wholly invented, for trying things and for benchmarks."""

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from newsds.article import Record, article_id
from newsds.schema import SCHEMA_VERSION
from newsds.text import count_words, text_digest
from newsds.version import VERSION

__all__ = ["sample"]

_START = datetime(2025, 1, 1, tzinfo=UTC)
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
    "privately funded", "historic", "seasonal", "underground", "experimental", "second",
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
_FRAMES = (
    "The {body} of {place} {act} the {kind} {thing} {reason}, its {role} {name} said.",
    "{name}, the {role}, told reporters in {place} that the {thing} {effect}.",
    "According to the {body}, the {kind} {thing} {effect}, more than the {body2} had expected.",
    "A {kind} {thing} in {place} was {act} {reason}, and officials there say it {effect}.",
    "Critics led by {name} argued that the {body} had {act} the {thing} {reason}.",
    "Last year the {body2} of {place2} {act} a {kind} {thing2}, which {effect}.",
    "“Nobody in {place} asked for a {kind} {thing},” said {name}, a {role} who lives nearby.",
    "The {thing} {effect}, a figure that the {role} {name} called provisional {reason}.",
    "Between {place} and {place2} the {body} runs {n} services a day, and a {kind} {thing} {effect}.",
)


def sample(n: int, *, seed: int = 0, copies: float = 0.0) -> Iterator[Record]:
    """Yield `n` valid article records; the same arguments give the same records.

    Args:
        n: number of records.
        seed: of the generator.
        copies: probability that a record is a republished copy of the story before it: another publisher,
            another headline, the last paragraph cut.
    """
    draw = random.Random(seed)  # noqa: S311 # reproducible on purpose
    story: Record | None = None
    for number in range(n):
        if story is not None and draw.random() < copies:
            yield _finish(_republished(story, draw), number, seed)
            story = None
            continue
        story = _story(draw, number)
        yield _finish(story, number, seed)


def _name(draw: random.Random) -> str:
    syllables = (draw.choice(_ONSETS) + draw.choice(_VOWELS) for _ in range(draw.choice((1, 2))))
    return ("".join(syllables) + draw.choice(_CODAS)).capitalize()


def _sentence(draw: random.Random, place: str) -> str:
    effect = draw.choice(_EFFECTS).format(n=draw.randint(3, 9800))
    return draw.choice(_FRAMES).format(
        place=place,
        place2=_name(draw) + draw.choice(_ENDINGS),
        name=f"{_name(draw)} {_name(draw)}",
        body=draw.choice(_BODIES),
        body2=draw.choice(_BODIES),
        role=draw.choice(_ROLES),
        act=draw.choice(_ACTS),
        kind=draw.choice(_KINDS),
        thing=draw.choice(_THINGS),
        thing2=draw.choice(_THINGS),
        reason=draw.choice(_REASONS),
        effect=effect,
        n=draw.randint(3, 60),
    )


def _story(draw: random.Random, number: int) -> Record:
    place = _name(draw) + draw.choice(_ENDINGS)
    code, agency = draw.choice(_AGENCIES)
    lead = f"{place.upper()} ({agency}) - "
    paragraphs = [
        " ".join(_sentence(draw, place) for _ in range(draw.choice((2, 2, 3))))
        for _ in range(draw.randint(4, 12))
    ]
    subject = f"{draw.choice(_KINDS)} {draw.choice(_THINGS)}"
    author = f"{_name(draw)} {_name(draw)}"
    news = f"{draw.choice(_BODIES)} {draw.choice(_ACTS)} {subject} {draw.choice(_REASONS)}"
    published = _START + timedelta(minutes=7 * number + draw.randint(0, 6))
    return {
        "headline": f"{place} {news}",
        "body": f"{lead}The {news}. " + "\n\n".join(paragraphs),
        "publisher": {"name": draw.choice(_PUBLISHERS)},
        "agency": {"name": agency, "code": code},
        "dateline": {"raw": lead.strip(), "places": [place.upper()], "agency": agency},
        "byline": f"By {author}",
        "contributors": [{"name": author, "role": "author"}],
        "published_at": published.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "section": draw.choice(_SECTIONS),
        "rights": {"license": "CC0-1.0", "access": "full"},
    }


def _republished(story: Record, draw: random.Random) -> Record:
    published = datetime.fromisoformat(story["published_at"]) + timedelta(minutes=draw.randint(5, 600))
    others = [name for name in _PUBLISHERS if name != story["publisher"]["name"]]
    kept = story["body"].split("\n\n")
    return {
        **story,
        "headline": f"{draw.choice(_BODIES).capitalize()} news: {story['headline']}",
        "body": "\n\n".join(kept[:-1] if len(kept) > 2 else kept),
        "publisher": {"name": draw.choice(others)},
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
