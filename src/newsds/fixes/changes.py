"""Changes: what a fix did to a record, so that it can be read, and undone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from newsds.article import Record
from newsds.errors import NewsdsError

__all__ = ["MISSING", "Change", "ChangeError", "Edit", "applied", "apply_edits", "undone"]


class _Missing:
    """The value of a field that is not there; null is a value."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


class ChangeError(NewsdsError):
    """A record is not the one that a change was made of."""


class Edit(NamedTuple):
    """A part of a text, by character offsets, and what replaces it."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change of one field of a record."""

    #: RFC 6901 pointer of the field.
    pointer: str
    #: Value before and after; of a part of a text, that part.
    before: Any
    after: Any
    #: Character offset of the part in the text as the changes before this one left it; None: the whole value.
    start: int | None = None
    #: Code of the rule it satisfies; None: it follows from other changes, or trims white space.
    rule: str | None = None
    is_safe: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Return the change as JSON data; a value that was not there is left out."""
        data = {"pointer": self.pointer, "start": self.start, "before": self.before, "after": self.after,
                "rule": self.rule, "safe": self.is_safe}  # fmt: skip
        return {name: value for name, value in data.items() if value is not MISSING}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Change":
        """Return the change that `to_dict` wrote."""
        return cls(
            pointer=data["pointer"],
            before=data.get("before", MISSING),
            after=data.get("after", MISSING),
            start=data.get("start"),
            rule=data.get("rule"),
            is_safe=data.get("safe", True),
        )

    def reversed(self) -> "Change":
        """Return the change that takes this one back."""
        return Change(
            pointer=self.pointer,
            before=self.after,
            after=self.before,
            start=self.start,
            rule=self.rule,
            is_safe=self.is_safe,
        )


def apply_edits(text: str, edits: Iterable[Edit]) -> tuple[str, list[Edit]]:
    """Return a text with edits made, and the edits by their place in the text as the ones before left it.

    Edits are given by their places in the text as it is, in order; one that begins in another is left out.
    """
    parts, moved, last, shift = [], [], 0, 0
    for edit in edits:
        if edit.start < last or text[edit.start : edit.end] == edit.text:
            continue
        parts += [text[last : edit.start], edit.text]
        moved.append(Edit(edit.start + shift, edit.end + shift, edit.text))
        shift += len(edit.text) - (edit.end - edit.start)
        last = edit.end
    return "".join([*parts, text[last:]]), moved


def _names(pointer: str) -> list[str]:
    return [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]


def applied(record: Record, change: Change) -> Record:
    """Return a record with one change made; the record given is left as it is.

    Raises:
        ChangeError: the field does not hold what the change says it held before.
    """
    *folders, name = _names(change.pointer)
    result = dict(record)
    owner: dict[str, Any] = result
    for folder in folders:
        inner = owner.get(folder)
        owner[folder] = dict(inner) if isinstance(inner, dict) else {}
        owner = owner[folder]
    found = owner.get(name, MISSING)
    after = _spliced(found, change) if change.start is not None else change.after
    if change.start is None and found != change.before:
        raise ChangeError(f"{change.pointer}: holds something else than the change was made of")
    if after is MISSING:
        owner.pop(name, None)
    else:
        owner[name] = after
    return result


def _spliced(text: Any, change: Change) -> str:
    assert change.start is not None
    end = change.start + len(change.before)
    if not isinstance(text, str) or text[change.start : end] != change.before:
        raise ChangeError(f"{change.pointer}: holds another text than the change was made of")
    return str(text[: change.start] + change.after + text[end:])


def undone(record: Record, changes: Sequence[Change]) -> Record:
    """Return a record as it was before these changes, which are given in the order in which they were made.

    Raises:
        ChangeError: the record was changed since.
    """
    for change in reversed(changes):
        record = applied(record, change.reversed())
    return record
