"""Changes: which records are new or different since an earlier state of the inputs, and what was wrong with the set then."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator

from newsds.article import Rejected, Row, canonical_json
from newsds.checks.rules import RULES
from newsds.findings import Finding

__all__ = ["Changes"]

Item = Row | Rejected
Place = tuple[str | None, int | None, int | None]

#: Rules that look at several records: what is new may make a record break them that has not changed.
_ON_MANY = ("source", "set")


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
    """Sets aside the findings on records that were there before, and those on the whole set that were.

    Of records that are the same, as many are taken for old as there were: one that is copied is new.
    """

    def __init__(self, *, since: str) -> None:
        """Start with nothing before.

        Args:
            since: what the earlier state is called, for people.
        """
        self._since = since
        self._before: Counter[bytes] = Counter()
        self._known: Counter[str] = Counter()
        self._changed: set[Place] = set()

    def remembered(self, items: Iterable[Item]) -> Iterator[Item]:
        """Pass the earlier records on, and take them down."""
        for item in items:
            self._before[_digest(item)] += 1
            yield item

    def know(self, finding: Finding) -> None:
        """Take down a finding on the earlier records; those that are about one record are of no interest."""
        if RULES[finding.code].scope in _ON_MANY:
            self._known[finding.fingerprint] += 1

    def watch(self, items: Iterable[Item]) -> Iterator[Item]:
        """Pass records on, and take down the places of those that are new or different."""
        left = self._before.copy()
        for item in items:
            key = _digest(item)
            left[key] -= 1
            if left[key] < 0:
                self._changed.add(_place(item))
            yield item

    def __call__(self, finding: Finding) -> str | None:
        """Return why a finding does not count, if it is about a record that did not change, or was there before."""
        place = (finding.path, finding.row, finding.record_offset)
        return None if place in self._changed or self._is_news(finding) else self._reason

    @property
    def _reason(self) -> str:
        return f"on what has not changed since {self._since}"

    def _is_news(self, finding: Finding) -> bool:
        """Tell whether a finding is not on one record but on several or none, and was not there before."""
        if finding.path is not None and RULES[finding.code].scope not in _ON_MANY:
            return False
        self._known[finding.fingerprint] -= 1
        return self._known[finding.fingerprint] < 0


def _place(item: Item) -> Place:
    if isinstance(item, Row):
        return item.path, item.row, item.offset
    return item.finding.path, item.finding.row, item.finding.record_offset
