"""Statistics of released articles, gathered batch by batch while the shards are written."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["QUANTILES", "Statistics"]

#: Name of a quantile of the body length to its share of the articles.
QUANTILES = {"min": 0.0, "p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95, "max": 1.0}

#: Values listed one by one; the rest is counted together.
_TOP = 50


@dataclass
class Statistics:
    """Counts over the articles seen so far; memory grows with distinct values, not with articles.

    The result does not depend on the order or the size of the batches.
    """

    n_articles: int = 0
    n_words: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    publishers: Counter[str] = field(default_factory=Counter)
    agencies: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)
    #: Characters of a body to the number of articles.
    lengths: Counter[int] = field(default_factory=Counter)
    nulls: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Count the articles of a batch."""
        self.n_articles += batch.num_rows
        self.n_words += pc.sum(_column(batch, "word_count", pa.int32())).as_py() or 0
        text = pa.string()
        _count(self.languages, _column(batch, "language", text))
        _count(self.publishers, _either(batch, "publisher", "name", "domain"))
        _count(self.agencies, _either(batch, "agency", "name", "code"))
        # Null means usable.
        _count(self.statuses, pc.fill_null(_column(batch, "status", text), "usable"))
        _count(self.lengths, pc.utf8_length(_column(batch, "body", text)))
        self._add_dates(_column(batch, "published_at", pa.timestamp("us", tz="UTC")))
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            self.nulls[name] += column.null_count

    def _add_dates(self, dates: pa.Array) -> None:
        _count(self.years, pc.year(dates))
        span = pc.min_max(dates).as_py()
        if span["min"] is not None:
            self.first = min(span["min"], self.first or span["min"])
            self.last = max(span["max"], self.last or span["max"])

    def to_dict(
        self, *, n_clusters: int | None = None, n_copies: int | None = None, n_earlier: int | None = None
    ) -> dict[str, Any]:
        """Return the statistics as the manifest stores them.

        Args:
            n_clusters: clusters of two articles or more.
            n_copies: articles in them that are not the canonical copy.
            n_earlier: articles that earlier releases have, or have copies of. Null: nothing is known of any.
        """
        return {
            "n_articles": self.n_articles,
            "n_words": self.n_words,
            "n_clusters": n_clusters,
            "n_copies": n_copies,
            **({} if n_earlier is None else {"n_earlier": n_earlier}),
            "languages": self._ranking(self.languages),
            "publishers": self._ranking(self.publishers),
            "agencies": self._ranking(self.agencies),
            "statuses": self._ranking(self.statuses),
            "published": {
                "first": _instant_text(self.first),
                "last": _instant_text(self.last),
                "n_missing": self.n_articles - self.years.total(),
                "years": [{"year": year, "n": self.years[year]} for year in sorted(self.years)],
            },
            "body_characters": {name: _quantile(self.lengths, share) for name, share in QUANTILES.items()},
            "null_share": {name: round(n / max(self.n_articles, 1), 6) for name, n in self.nulls.items()},
        }

    def _ranking(self, counts: Counter[str]) -> dict[str, Any]:
        """Return the most frequent values, ties in code point order, and how many have others or none."""
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return {
            "top": [{"value": value, "n": n} for value, n in ranked[:_TOP]],
            "n_distinct": len(ranked),
            "n_other": sum(n for _, n in ranked[_TOP:]),
            "n_missing": self.n_articles - counts.total(),
        }


def _column(batch: pa.RecordBatch, name: str, dtype: pa.DataType) -> pa.Array:
    """Return a column; nulls where the release does not carry it."""
    return batch.column(name) if name in batch.schema.names else pa.nulls(batch.num_rows, dtype)


def _either(batch: pa.RecordBatch, name: str, first: str, second: str) -> pa.Array:
    """Return a member of a struct column, or the second where that is null."""
    struct = _column(batch, name, pa.struct([(first, pa.string()), (second, pa.string())]))
    return pc.coalesce(pc.struct_field(struct, first), pc.struct_field(struct, second))


def _count(counts: Counter[Any], values: pa.Array) -> None:
    found: Iterable[dict[str, Any]] = pc.value_counts(pc.drop_null(values)).to_pylist()
    counts.update({item["values"]: item["counts"] for item in found})


def _quantile(lengths: Counter[int], share: float) -> int | None:
    """Return the smallest length that at least a share of the articles does not exceed."""
    wanted, seen = max(1, math.ceil(share * lengths.total())), 0
    for length in sorted(lengths):
        seen += lengths[length]
        if seen >= wanted:
            return length
    return None


def _instant_text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
