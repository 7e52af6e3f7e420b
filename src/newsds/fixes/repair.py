"""repair(): one record, and everything that can be fixed in it."""

from collections.abc import Iterator, Sequence
from typing import Any

from newsds.article import Record
from newsds.checks.violations import field_of, violations
from newsds.fixes.catalogue import Fix
from newsds.fixes.changes import MISSING, Change, Edit, applied, apply_edits
from newsds.schema import validator
from newsds.text import count_words, text_digest

__all__ = ["repair"]

#: One fix may make room for another; more rounds than this no text has needed.
MAX_ROUNDS = 20


def repair(record: Record, fixes: Sequence[Fix]) -> tuple[Record, list[Change]]:
    """Return a record with these fixes made, and the changes in order; the record given is left as it is.

    The fixes are made again and again until none finds anything, so that a second call changes nothing.
    What follows from the body (its hash, its number of words, its blocks) follows it.
    """
    work, sound, changes = record, _sound(record), list[Change]()
    for number in range(MAX_ROUNDS):
        n_before = len(changes)
        for fix in fixes:
            if fix.is_made_first and number:
                continue
            n_so_far = len(changes)
            for pointer, value in list(fix.values(work if fix.sees_broken else sound)):
                for change in _changes(work, pointer, value, fix):
                    work = applied(work, change)
                    changes.append(change)
            sound = sound if len(changes) == n_so_far else _sound(work)
        if len(changes) == n_before:
            break
    for change in _consequences(record, work, changes, fixes):
        work = applied(work, change)
        changes.append(change)
    return work, changes


def _sound(record: Record) -> Record:
    """Return the record without the fields that break the schema."""
    broken = violations(record, validator("article"))
    if any(not hit.pointer for _, hit in broken):
        return {}
    faulty = {
        field_of(hit) for code, hit in broken if code == "NDS104" or record.get(field_of(hit)) is not None
    }
    return {name: value for name, value in record.items() if name not in faulty} if faulty else record


def _changes(record: Record, pointer: str, value: Any, fix: Fix) -> Iterator[Change]:
    found = _value(record, pointer)
    is_safe = fix.safety == "safe"
    if isinstance(value, list) and value and isinstance(value[0], Edit):
        after, edits = apply_edits(found, value)
        text = found
        for edit in edits:
            before = text[edit.start : edit.end]
            yield Change(
                pointer=pointer,
                before=before,
                after=edit.text,
                start=edit.start,
                rule=fix.rule,
                is_safe=is_safe,
            )
            text = text[: edit.start] + edit.text + text[edit.end :]
        assert text == after
    elif found != value:
        yield Change(pointer=pointer, before=found, after=value, rule=fix.rule, is_safe=is_safe)


def _value(record: Record, pointer: str) -> Any:
    value: Any = record
    for name in pointer.split("/")[1:]:
        value = value.get(name, MISSING) if isinstance(value, dict) else MISSING
    return value


def _consequences(
    before: Record, after: Record, changes: Sequence[Change], fixes: Sequence[Fix]
) -> Iterator[Change]:
    """Yield what follows from changes: hash, words and blocks of the body, flags, and the note of what was done."""
    if not changes:
        return
    values: dict[str, Any] = {}
    body = after.get("body")
    if isinstance(body, str) and body != before.get("body"):
        if isinstance(after.get("text_sha256"), str):
            values["/text_sha256"] = text_digest(body)
        if isinstance(after.get("word_count"), int):
            values["/word_count"] = count_words(body)
        if isinstance(after.get("body_blocks"), list):
            values["/body_blocks"] = _blocks(after["body_blocks"], changes) or MISSING
    rules = dict.fromkeys(change.rule for change in changes if change.rule)
    flags = after.get("quality_flags") or []
    new_flags = dict.fromkeys(
        fix.flag for fix in fixes if fix.flag and fix.rule in rules and fix.flag not in flags
    )
    if new_flags and isinstance(flags, list):
        values["/quality_flags"] = [*flags, *new_flags]
    provenance = after.get("provenance")
    if isinstance(provenance, dict) and isinstance(provenance.get("transforms") or [], list):
        done = ", ".join(sorted(rules)) or "white space"
        values["/provenance/transforms"] = [
            *(provenance.get("transforms") or ()),
            f"newsds fix: {done}"[:200],
        ]
    for pointer, value in values.items():
        found = _value(after, pointer)
        if found != value:
            yield Change(pointer=pointer, before=found, after=value)


def _blocks(blocks: list[Any], changes: Sequence[Change]) -> list[Any]:
    """Return the blocks of a body where they are after the changes; what has become empty is left out."""
    for change in changes:
        if change.pointer == "/body" and change.start is not None:
            blocks = [_moved(block, change) for block in blocks]
    return [
        block for block in blocks if not isinstance(block, dict) or block.get("start") != block.get("end")
    ]


def _moved(block: Any, change: Change) -> Any:
    if not isinstance(block, dict):
        return block
    return {
        name: _shifted(value, change) if name in ("start", "end") else value for name, value in block.items()
    }


def _shifted(offset: Any, change: Change) -> Any:
    assert change.start is not None
    end = change.start + len(change.before)
    if not isinstance(offset, int) or offset <= change.start:
        return offset
    if offset >= end:
        return offset + len(change.after) - len(change.before)
    return min(offset, change.start + len(change.after))
