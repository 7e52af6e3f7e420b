"""Columns of the inputs that are no fields of an article, and stand in `extra`."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from newsds.article import Articles, Rejected, Row
from newsds.text import excerpt

__all__ = ["Unplaced"]

#: Columns that are named.
_N_NAMED = 12


@dataclass
class Unplaced:
    """Counts, while articles are read, in how many records a column found no field."""

    articles: Articles
    #: Column to the records that have it in `extra`.
    columns: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.watched = Articles(self._items)

    def to_text(self) -> str:
        """Return one line about the columns, the most frequent first."""
        named = ", ".join(
            f"{excerpt(name, width=60)} ({n:,})" for name, n in self.columns.most_common(_N_NAMED)
        )
        more = f" and {len(self.columns) - _N_NAMED} more" if len(self.columns) > _N_NAMED else ""
        return f"columns without a field, kept in `extra`: {named}{more}; --map FIELD=COLUMN names one"

    def _items(self) -> Iterator[Row | Rejected]:
        self.columns.clear()
        for item in self.articles.open_items():
            if isinstance(item, Row) and _was_mapped(item):
                self.columns.update(orjson.loads(item.record["extra"]).keys())
            yield item


def _was_mapped(row: Row) -> bool:
    """Tell whether the record was made of columns just now, and not all of them found a field."""
    if not isinstance(row.record.get("extra"), str):
        return False
    origin = row.record.get("provenance")
    # Vocabularies are kept in `extra` as a whole; an article that was read before is passed on as it is.
    return (
        isinstance(origin, dict) and origin.get("shape") == "table" and origin.get("input_path") == row.path
    )
