"""Changes: which records are new or different since an earlier state of the inputs."""

import hashlib
from collections.abc import Iterable, Iterator

from newsds.article import Rejected, Row, canonical_json
from newsds.findings import Finding

__all__ = ["Changes"]

Item = Row | Rejected
Place = tuple[str | None, int | None, int | None]


def _digest(item: Item) -> bytes:
    """Return what tells whether a record is the same, wherever it stands."""
    if item.raw is not None:
        return hashlib.sha256(item.raw.strip()).digest()
    if isinstance(item, Rejected):
        return item.finding.fingerprint.encode()
    # Where a record was found is no part of it.
    record = {name: value for name, value in item.record.items() if name != "provenance"}
    try:
        return hashlib.sha256(canonical_json(record)).digest()
    except (TypeError, ValueError, RecursionError):
        return hashlib.sha256(repr(record).encode("utf-8", "surrogatepass")).digest()


class Changes:
    """Sets aside the findings on records that were there before, and those on the whole set."""

    def __init__(self, before: Iterable[Item], *, since: str) -> None:
        """Take down the earlier records.

        Args:
            before: what the inputs held.
            since: what that state is called, for people.
        """
        self._before = {_digest(item) for item in before}
        self._since = since
        self._changed: set[Place] = set()

    def watch(self, items: Iterable[Item]) -> Iterator[Item]:
        """Pass records on, and take down the places of those that are new or different."""
        for item in items:
            if _digest(item) not in self._before:
                self._changed.add(_place(item))
            yield item

    def __call__(self, finding: Finding) -> str | None:
        """Return why a finding does not count, if it is not about a record that changed."""
        place = (finding.path, finding.row, finding.record_offset)
        return None if place in self._changed else f"on what has not changed since {self._since}"


def _place(item: Item) -> Place:
    if isinstance(item, Row):
        return item.path, item.row, item.offset
    return item.finding.path, item.finding.row, item.finding.record_offset
