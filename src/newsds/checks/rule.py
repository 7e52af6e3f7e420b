"""What a rule is, what it yields, and how it presents itself."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from newsds.article import Record
from newsds.findings import Level

__all__ = ["TEXT_FIELDS", "Glimpse", "Hit", "MayHit", "Rule", "Safety", "Scope", "SetHits", "texts"]

#: What a rule looks at: an input as it is read, the schema, one record, all records of a publisher,
#: all records together, texts compared with each other (`newsds validate --copies`), or a release with its manifest.
Scope = Literal["reading", "schema", "record", "source", "set", "copies", "release"]
#: A fix that is safe loses nothing that was said; an unsafe one may, or may be mistaken.
Safety = Literal["safe", "unsafe"]

#: A look at a record to whether a rule may have a hit there.
MayHit = Callable[..., object]

#: Record number, or None for the whole set, and hit.
SetHits = Iterator[tuple[int | None, "Hit"]]

#: Fields of prose, in the order in which their findings are reported.
TEXT_FIELDS = ("headline", "alternative_headline", "kicker", "summary", "body", "byline", "credit_line")


class Glimpse:
    """What quick questions to a record ask for, made once: the body, and its bytes in UTF-8."""

    __slots__ = ("body", "record", "utf8")

    def __init__(self, record: Record) -> None:
        """Look at a record that may lack any field."""
        self.record = record
        self.body: str = record.get("body") or ""
        self.utf8 = self.body.encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Hit:
    """One place in a record where a rule does not hold."""

    #: RFC 6901 pointer of the field.
    pointer: str
    #: One line for people.
    message: str
    #: A harmless excerpt (see `newsds.text.excerpt`), or None where there is nothing to show.
    evidence: str | None = None
    #: Where this hit is milder than its rule; None is the level of the rule.
    level: Level | None = None
    #: What the records have in common of which this one stands for the others (see `Finding.group`).
    group: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A rule: its public code, its documentation, and the function that applies it."""

    code: str
    name: str
    level: Level
    scope: Scope
    #: One line: what must not be.
    summary: str
    #: What goes wrong in a dataset that breaks it, and what the rule leaves alone on purpose.
    why: str
    #: A value that breaks it.
    bad: str
    #: The value as it should be.
    good: str
    #: What to do about it.
    fix: str
    #: What `newsds fix` does about it; None: nothing.
    fixable: Safety | None = None
    #: Record to hits. None in both: the code is given by readers, by the schema or by a release.
    check: Callable[..., Iterator[Hit]] | None = None
    #: Where `check` may have a hit, asked beforehand (see `newsds.checks.screen`): in these fields, where they match
    #: these patterns (`en/body` is the body of what is in English); in records that do not have this form
    #: (JSON schema); where this quick question says so. A rule with none of the three is always asked.
    signs: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, Any] | None = None
    may_hit: MayHit | None = None
    #: Census to pairs of record number, or None for the whole set, and hit.
    check_set: Callable[..., SetHits] | None = None
    #: Whether `check` also takes the day for which the dataset is judged, as `as_of`.
    is_dated: bool = False
    #: Whether one finding of it stands for all.
    is_said_once: bool = False
    #: Whether `check` also takes the project's choices, as `choices`.
    is_chosen: bool = False

    def to_dict(self) -> dict[str, str | None]:
        """Return the rule's documentation as JSON data."""
        left_out = {"check", "signs", "form", "may_hit", "check_set", "is_dated", "is_chosen"}
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name not in left_out}

    def to_text(self) -> str:
        """Return the rule's documentation as plain text."""
        head = f"{self.code} {self.name} ({self.level}, {self.scope})"
        examples = f"Bad:  {self.bad}\nGood: {self.good}\nFix:  {self.fix}{self._command()}\n"
        return f"{head}\n\n{self.summary}\n\n{self.why}\n\n{examples}"

    def to_markdown(self) -> str:
        """Return the rule's page of the reference."""
        return (
            f"# {self.code} {self.name}\n\n"
            f"{self.summary}\n\n"
            f"Level **{self.level}**, scope **{self.scope}**.\n\n"
            f"## Why\n\n{self.why}\n\n"
            f"## Breaks it\n\n```text\n{self.bad}\n```\n\n"
            f"## Is fine\n\n```text\n{self.good}\n```\n\n"
            f"## How to fix it\n\n{self.fix[0].upper()}{self.fix[1:]}{self._command()}.\n\n"
            f"[All rules](../rules.md). In CI: [levels, budgets and waivers](../rules.md#choices-of-a-project).\n"
        )

    def _command(self) -> str:
        commands = {"safe": " (`newsds fix` does it)", "unsafe": " (`newsds fix --unsafe` does it)", None: ""}
        return commands[self.fixable]


def texts(record: Record) -> Iterator[tuple[str, str]]:
    """Yield pointer and text of every field of prose that the record has."""
    for name in TEXT_FIELDS:
        text = record.get(name)
        if text:
            yield "/" + name, text
