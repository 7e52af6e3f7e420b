"""The fixes: which rule each satisfies, and whether it is safe."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from newsds.article import Record
from newsds.checks.bodies import empty_body, headline_unsupported, too_short
from newsds.checks.rule import TEXT_FIELDS, Safety
from newsds.checks.rules import RULES
from newsds.errors import UsageError
from newsds.fixes import fields, texts
from newsds.fixes.changes import MISSING, Edit, apply_edits

__all__ = ["FIXES", "Fix", "chosen"]

#: Fields that a text may not leave empty.
_REQUIRED = ("headline", "body")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fix:
    """One fix: pointers and their new values (or edits of their texts), of one record."""

    #: Code of the rule; None: white space round a text.
    rule: str | None
    values: Callable[[Record], Iterator[tuple[str, Any]]]
    safety: Safety = "safe"
    #: Whether it looks at fields that break the schema as well.
    sees_broken: bool = False
    #: Whether it is about the record as it was given, before any other fix.
    is_made_first: bool = False
    #: What quality_flags says of the record afterwards.
    flag: str | None = None


def _of_texts(
    edits: Callable[[str], Iterator[Edit]], *, names: Collection[str] = TEXT_FIELDS
) -> Callable[[Record], Iterator[tuple[str, Any]]]:
    """Return the fix of a record that makes edits in its texts; a text of one line stays one."""

    def values(record: Record) -> Iterator[tuple[str, Any]]:
        for name in names:
            text = record.get(name)
            if isinstance(text, str) and text:
                found = _within(name, text, list(edits(text)))
                if found:
                    yield f"/{name}", found

    return values


def _within(name: str, text: str, edits: list[Edit]) -> Any:
    """Return the edits of a field, or what becomes of it if they leave nothing of it: a required text stays."""
    if name != "body":
        edits = [Edit(edit.start, edit.end, edit.text.replace("\n", " ")) for edit in edits]
    if not edits or apply_edits(text, edits)[0].strip():
        return edits
    if name in _REQUIRED:
        return [] if text.strip() else edits
    return MISSING


_BODY = ("body",)


def _with_care(
    values: Callable[[Record], Iterator[tuple[str, Any]]],
) -> Callable[[Record], Iterator[tuple[str, Any]]]:
    """Return a fix that takes nothing out of the body without which it breaks a rule that it kept."""

    def careful(record: Record) -> Iterator[tuple[str, Any]]:
        found = list(values(record))
        bodies = [value for pointer, value in found if pointer == "/body"]
        if not any(_is_missed(record, edits) for edits in bodies):
            yield from found

    return careful


def _is_missed(record: Record, edits: list[Edit]) -> bool:
    """Tell whether the body is too short, or does not speak of its headline, once these edits are made."""
    after = {**record, "body": apply_edits(record["body"], edits)[0]}
    return any(
        any(check(after)) and not any(check(record))
        for check in (empty_body, too_short, headline_unsupported)
    )


#: In the order in which they are made, over and over, until there is nothing left to do.
FIXES = (
    Fix(rule="NDS504", values=fields.derivations, safety="unsafe", is_made_first=True),
    Fix(rule="NDS104", values=fields.timestamps, sees_broken=True),
    Fix(rule="NDS104", values=fields.language, sees_broken=True),
    Fix(rule="NDS105", values=fields.domain, sees_broken=True),
    Fix(rule="NDS205", values=_of_texts(texts.mojibake), safety="unsafe", flag="encoding_repaired"),
    Fix(rule="NDS203", values=_of_texts(texts.escapes)),
    Fix(rule="NDS202", values=_of_texts(texts.control_characters)),
    Fix(rule="NDS201", values=_of_texts(texts.entities)),
    Fix(rule="NDS207", values=_of_texts(texts.invisible_characters)),
    Fix(rule="NDS208", values=_of_texts(texts.normal_form)),
    Fix(rule=None, values=_of_texts(texts.outer_space)),
    Fix(rule="NDS103", values=fields.nulls),
    Fix(rule="NDS502", values=fields.addresses),
    Fix(rule="NDS320", values=_with_care(fields.headline_at_top)),
    Fix(rule="NDS322", values=_with_care(fields.byline_in_body)),
    Fix(rule="NDS305", values=_with_care(_of_texts(texts.site_lines, names=_BODY)), safety="unsafe"),
    Fix(rule="NDS510", values=fields.syndication, safety="unsafe"),
    Fix(
        rule="NDS901",
        values=_of_texts(texts.mail_addresses, names=_BODY),
        safety="unsafe",
        flag="pii_redacted",
    ),
    Fix(
        rule="NDS902",
        values=_of_texts(texts.phone_numbers, names=_BODY),
        safety="unsafe",
        flag="pii_redacted",
    ),
)


def chosen(
    *, unsafe: bool = False, select: Collection[str] = (), ignore: Collection[str] = ()
) -> tuple[Fix, ...]:
    """Return the fixes to make, in order.

    Args:
        unsafe: also those that may be mistaken, or lose something.
        select: only those of these rules; the code `space` stands for white space round texts.
        ignore: not those of these rules.

    Raises:
        UsageError: a rule does not exist, or has no fix.
    """
    fixable = {fix.rule or "space" for fix in FIXES}
    for code in (*select, *ignore):
        if code not in fixable:
            what = "has no fix" if code in RULES else "does not exist"
            raise UsageError(f"rule {code} {what}; there are fixes of {', '.join(sorted(fixable))}")
    return tuple(
        fix
        for fix in FIXES
        if (unsafe or fix.safety == "safe")
        and (not select or (fix.rule or "space") in select)
        and (fix.rule or "space") not in ignore
    )
