"""Hypothesis strategies for those who test against newsds: valid articles, broken ones, dirty files, wire copy.

Needs the extra `testing`. Articles come from `newsds.samples`, with fields of the schema added: what is drawn is
invented text, valid under the profile, and clean under the rules.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson

from newsds.article import Record, article_id
from newsds.errors import MissingExtraError, UsageError
from newsds.samples import sample
from newsds.schema import PROFILES
from newsds.text import count_words, text_digest

try:
    from hypothesis import strategies as st
    from hypothesis.strategies import DrawFn, SearchStrategy
except ImportError:
    raise MissingExtraError("hypothesis", extra="testing", purpose="newsds.testing") from None

__all__ = ["BROKEN_RULES", "Broken", "Copies", "articles", "invalid_articles", "jsonl_bytes", "wire_copies"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """An article in which one rule is broken, and where."""

    record: Record
    #: Code of the rule.
    rule: str
    #: JSON pointer at which the rule reports it.
    pointer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Copies:
    """One story and its copies, with the truth about them."""

    #: The original first.
    records: tuple[Record, ...]
    #: Identifier of each copy to what it is of the original: exact, republication, abridgement, extension or correction.
    kinds: Mapping[str, str]


#: Optional fields and values that are valid and clean.
_OPTIONAL: Mapping[str, SearchStrategy[Any]] = MappingProxyType({
    "alternative_headline": st.sampled_from(["Harbour plan moves ahead", "What the port wants"]),
    "kicker": st.sampled_from(["Analysis", "Harbour"]),
    "summary": st.just("The plan goes to the council in autumn."),
    "slugline": st.sampled_from(["PORT-PLAN/", "TRAMS/"]),
    "tags": st.lists(st.sampled_from(["ports", "trams", "fishing", "budget"]), min_size=1, max_size=3, unique=True),
    "instruments": st.just([{"symbol": "HLDN.P", "scheme": "ric"}]),
    "genre": st.sampled_from(["news", "analysis", "feature"]),
    "status": st.sampled_from(["usable", "corrected"]),
    "version": st.sampled_from(["1", "2"]),
    "subjects": st.just([{"scheme": "medtop", "code": "04000000", "name": "economy", "confidence": 0.5}]),
    "media": st.just([{"kind": "image", "url": "https://pictures.example/1.jpg", "caption": "The port"}]),
    "extra": st.dictionaries(st.sampled_from(["example.desk", "example.score"]), st.integers(0, 9), min_size=1).map(
        lambda data: orjson.dumps(data).decode()
    ),
})  # fmt: skip


@st.composite
def articles(draw: DrawFn, /, *, profile: str = "core", **overrides: Any) -> Record:
    """Draw an article that is valid under a profile and has no error or warning under the rules.

    Args:
        draw: given by hypothesis.
        profile: one of `newsds.schema.PROFILES`.
        overrides: fields to set; None leaves a field out. They are not checked.

    Raises:
        UsageError: there is no such profile.
    """
    if profile not in PROFILES:
        raise UsageError(f"profile {profile!r}: no such profile; there are {', '.join(PROFILES)}")
    (record,) = sample(1, seed=draw(st.integers(0, 2**31)))
    chosen = draw(st.sets(st.sampled_from(sorted(_OPTIONAL)), max_size=6))
    record |= {name: draw(_OPTIONAL[name]) for name in sorted(chosen)}
    return {name: value for name, value in {**record, **overrides}.items() if value is not None}


def _with_body(record: Record, body: str) -> Record:
    """Return the record with another body and everything that follows from it."""
    return {**record, "body": body, "word_count": count_words(body), "text_sha256": text_digest(body)}


def _in_body(text: str) -> Callable[[Record], Record]:
    """Return a breaker that puts a text before the last word of the first paragraph."""

    def broken(record: Record) -> Record:
        first, gap, rest = record["body"].partition("\n\n")
        head, space, last = first.rpartition(" ")
        return _with_body(record, f"{head} {text}{space}{last}{gap}{rest}")

    return broken


def _with_line(line: str) -> Callable[[Record], Record]:
    """Return a breaker that puts a line after the first paragraph."""

    def broken(record: Record) -> Record:
        first, gap, rest = record["body"].partition("\n\n")
        return _with_body(record, f"{first}\n\n{line}{gap}{rest}")

    return broken


def _with_end(text: str) -> Callable[[Record], Record]:
    return lambda record: _with_body(record, record["body"].rstrip(".") + text)


def _with(**fields: Any) -> Callable[[Record], Record]:
    return lambda record: {**record, **fields}


def _without(name: str) -> Callable[[Record], Record]:
    return lambda record: {key: value for key, value in record.items() if key != name}


def _undated(record: Record) -> Record:
    return {name: value for name, value in record.items() if not name.startswith("published_")}


def _headline_as_body(record: Record) -> Record:
    lead = " ".join(record["body"].split()[3:40])
    return {**_with_body(record, lead), "headline": lead}


def _repeated(record: Record) -> Record:
    first, gap, rest = record["body"].partition("\n\n")
    passage = "The second reading of the harbour plan was put off until the ferry committee had met again."
    return _with_body(record, f"{first} {passage}\n\n{passage}{gap}{rest}")


#: Code to how it is broken, and the pointer at which it is reported.
_BREAKERS: Mapping[str, tuple[Callable[[Record], Record], str]] = MappingProxyType({
    "NDS102": (_without("headline"), "/headline"),
    "NDS103": (_with(section="N/A"), "/section"),
    "NDS104": (_with(published_at="yesterday"), "/published_at"),
    "NDS105": (_with(domain="elsewhere.example"), "/domain"),
    "NDS201": (_in_body("&quot;open&quot;"), "/body"),
    "NDS202": (_in_body("\x07"), "/body"),
    "NDS204": (_in_body("<b>open</b>"), "/body"),
    "NDS205": (_in_body("cafÃ© dÃ©jÃ  vu"), "/body"),
    "NDS206": (_in_body("caf\ufffd"), "/body"),
    "NDS207": (_in_body("har\u200bbour"), "/body"),
    "NDS208": (_in_body("cafe\u0301"), "/body"),
    "NDS301": (lambda record: _with_body(record, " "), "/body"),
    "NDS305": (_with_line("Read more: Ferries stop again"), "/body"),
    "NDS306": (_repeated, "/body"),
    "NDS311": (_with_end("..."), "/body"),
    "NDS321": (_headline_as_body, "/body"),
    "NDS401": (_undated, "/published_at"),
    "NDS408": (_with(modified_at="1999-01-01T00:00:00Z"), "/modified_at"),
    "NDS502": (lambda record: {**record, "url": record["url"] + "?utm_source=mail"}, "/url"),
    "NDS504": (_with(text_sha256="0" * 64), "/text_sha256"),
    "NDS642": (_with(status="withdrawn"), "/status"),
    "NDS901": (_in_body("ina.holm@tram-post.example"), "/body"),
    "NDS903": (_with(contributors=[{"name": "https://tram-post.example/ina", "role": "author"}]), "/contributors/0/name"),
})  # fmt: skip

#: The rules that `invalid_articles` can break, sorted.
BROKEN_RULES = tuple(sorted(_BREAKERS))


@st.composite
def invalid_articles(draw: DrawFn, rule: str | None = None) -> Broken:
    """Draw an article in which exactly one rule is broken on the level of error or warning.

    Args:
        draw: given by hypothesis.
        rule: code of the rule, one of `BROKEN_RULES`; any of them if None.

    Raises:
        UsageError: the rule is none of them.
    """
    if rule is not None and rule not in _BREAKERS:
        raise UsageError(f"rule {rule!r} cannot be broken by itself; there are {', '.join(BROKEN_RULES)}")
    code = rule or draw(st.sampled_from(BROKEN_RULES))
    change, pointer = _BREAKERS[code]
    record = draw(articles(status=None, body_blocks=None))
    return Broken(record=change(record), rule=code, pointer=pointer)


#: What stands in dirty files, line by line.
_DIRT = (
    b"", b"{", b'{"id": "a",}', b'{"id": NaN}', b'{"id": 1, "id": 2}', b'{"id": "\xff"}', b'{"id": "\x00"}',
    b'["a"]', b'"text"', b"null", b"12345678901234567890123", b'{"n": 9007199254740993}', b'{"n": 1e999}',
    b'{"id": "\\ud800"}', b"{} {}", b"\xef\xbb\xbf{}", b"[" * 200, b'{"a": Infinity}',
)  # fmt: skip


@st.composite
def jsonl_bytes(draw: DrawFn, *, dirty: bool = False) -> bytes:
    """Draw the bytes of a JSONL file of articles.

    Args:
        draw: given by hypothesis.
        dirty: with broken lines between, other line ends, a byte order mark, or an end in the middle of a record.
    """
    lines = [orjson.dumps(record) for record in draw(st.lists(articles(), max_size=4))]
    if not dirty:
        return b"".join(line + b"\n" for line in lines)
    lines = draw(st.permutations([*lines, *draw(st.lists(st.sampled_from(_DIRT), max_size=4))]))
    data = draw(st.sampled_from([b"\n", b"\r\n"])).join(lines)
    end = draw(st.integers(0, len(data))) if draw(st.booleans()) else len(data)
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + data[:end]


def _copied(original: Record, number: int, *, kind: str, body: str) -> Record:
    """Return a copy that another site carried, some hours later."""
    hour = 1 + number % 22
    url = f"https://carrier-{number}.example/{number}"
    record = _with_body(original, body) | {
        "url": url,
        "domain": f"carrier-{number}.example",
        "publisher": {"name": f"Carrier {number}"},
        "headline": original["headline"] if kind == "exact" else f"{original['headline']} ({number})",
        "published_at": f"{original['published_at'][:10]}T{hour:02d}:00:00Z",
    }
    return {**record, "id": article_id(url, record["provenance"]["raw_sha256"])}


def _abridged(body: str, _number: int) -> str:
    paragraphs = body.split("\n\n")
    return "\n\n".join(paragraphs[: max(2, len(paragraphs) // 2)])


def _extended(body: str, number: int) -> str:
    more = f"Nobody at carrier {number} could be reached on the evening before the vote, which is set for the spring."
    return f"{body}\n\n{more}"


def _corrected(body: str, _number: int) -> str:
    head, space, last = body.partition("\n\n")[0].rpartition(" ")
    return body.replace(f"{head}{space}{last}", f"{head} 47 {last}", 1)


_COPYING: Mapping[str, Callable[[str, int], str]] = MappingProxyType({
    "exact": lambda body, _: body,
    "republication": lambda body, number: body.partition(" - ")[2] or f"{body} (carrier {number})",
    "abridgement": _abridged,
    "extension": _extended,
    "correction": _corrected,
})  # fmt: skip


@st.composite
def wire_copies(draw: DrawFn, n: int = 3) -> Copies:
    """Draw one agency story and `n` - 1 copies of it, with what each copy is.

    Raises:
        UsageError: `n` is less than 1.
    """
    if n < 1:
        raise UsageError(f"n is {n}: there is at least the original")
    original = draw(articles())
    kinds = draw(st.lists(st.sampled_from(sorted(_COPYING)), min_size=n - 1, max_size=n - 1))
    copies = [
        _copied(original, number, kind=kind, body=_COPYING[kind](original["body"], number))
        for number, kind in enumerate(kinds, start=1)
    ]
    truth = {copy["id"]: kind for copy, kind in zip(copies, kinds, strict=True)}
    return Copies(records=(original, *copies), kinds=truth)
