"""A stream of articles rewritten to another version of the schema, and what that cost."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from newsds.article import Articles, Rejected, Row
from newsds.errors import UsageError
from newsds.findings import Finding
from newsds.migrations import migrate_record
from newsds.schema import versions

__all__ = ["Migration"]


@dataclass
class Migration:
    """Rewrites the articles of a stream; the counts are those of the latest complete pass."""

    origin: Articles
    to: str
    #: Schema version to the records that had it.
    versions: Counter[str] = field(default_factory=Counter)
    #: JSON pointer to the records in which that moved into `extra`.
    kept: Counter[str] = field(default_factory=Counter)
    #: JSON pointer to the records that lost it.
    lost: Counter[str] = field(default_factory=Counter)
    n_errors: int = 0

    def __post_init__(self) -> None:
        """Refuse a version that is not there before anything is read."""
        if self.to not in versions("article"):
            raise UsageError(f"--to {self.to}: no such version; there are {', '.join(versions('article'))}")

    def articles(self) -> Articles:
        """Return the rewritten stream; records that cannot be rewritten are findings."""
        return Articles(self._items)

    def _items(self) -> Iterator[Row | Rejected]:
        self.versions, self.kept, self.lost, self.n_errors = Counter(), Counter(), Counter(), 0
        for item in self.origin.open_items():
            yield self._migrated(item) if isinstance(item, Row) else item

    def _migrated(self, row: Row) -> Row | Rejected:
        try:
            moved = migrate_record(row.record, to=self.to)
        except UsageError as error:
            self.n_errors += 1
            finding = Finding(
                code="NDS104", level="error", message=str(error), path=row.path, line=row.line, row=row.row
            )
            return Rejected(finding=finding, raw=row.raw)
        self.versions[str(row.record["schema_version"])] += 1
        self.kept.update(moved.kept)
        self.lost.update(moved.lost)
        return replace(row, record=moved.record)

    def summary(self, n_articles: int) -> list[str]:
        """Return what happened, a line each."""
        came = ", ".join(f"{n:,} from {version}" for version, n in sorted(self.versions.items()))
        return [
            f"{n_articles:,} articles written as {self.to} ({came or 'none'})",
            *(f"kept in `extra`: {pointer} of {n:,} records" for pointer, n in sorted(self.kept.items())),
            *(f"lost: {pointer} of {n:,} records" for pointer, n in sorted(self.lost.items())),
            *([f"{self.n_errors:,} records could not be rewritten"] if self.n_errors else []),
        ]
