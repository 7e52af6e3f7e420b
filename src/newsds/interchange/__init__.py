"""Articles in the vocabularies of others: IPTC ninjs and schema.org, there and back, with what has no place there."""

from dataclasses import dataclass
from typing import Any

from newsds.article import Record

__all__ = ["DERIVED", "Exported", "field_names", "unplaced"]

#: Fields that every reader computes again from the others, and that say nothing by themselves.
DERIVED = frozenset({"schema_version", "domain", "word_count", "text_sha256"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Exported:
    """A record in another vocabulary."""

    data: dict[str, Any]
    #: Fields, or members such as `agency.code`, that the vocabulary has no place for, sorted.
    lost: tuple[str, ...]


def field_names(record: Record) -> set[str]:
    """Return the fields of a record, and the members of its objects, as dotted names.

    Members of the objects in a list are named once, without an index. Fields that are derived are left out.
    """
    names: set[str] = set()
    for name, value in record.items():
        if value is None or name in DERIVED:
            continue
        members = _members(value)
        names |= {f"{name}.{member}" for member in members} or {name}
    return names


def unplaced(record: Record, places: frozenset[str], *, precision: str = "second") -> set[str]:
    """Return the fields and members that do not come back from a vocabulary.

    A language is read as declared unless it is `und`, and a date of publication as it is written; a record that
    says anything else of them, or nothing, loses that.

    Args:
        record: an article.
        places: what the vocabulary has a place for.
        precision: of the date of publication as the vocabulary writes it; the second with its zone.
    """
    is_dated = record.get("published_at") is not None
    taken = {
        "language_source": None if record.get("language") == "und" else "declared",
        "published_precision": precision if is_dated else None,
        "published_tz": "explicit" if is_dated and precision == "second" else None,
    }
    differing = {name for name, value in taken.items() if record.get(name) != value}
    return (field_names(record) - places - taken.keys()) | differing


def _members(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {key for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return {name for item in value if isinstance(item, dict) for name in _members(item)}
    return set()
