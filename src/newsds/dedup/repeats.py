"""Texts that are given more than once: a page that was collected twice has one id, and is one text."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from newsds.errors import InputError

__all__ = ["Once"]


class Once:
    """The batches of `newsds.texts.TEXTS_SCHEMA` without the rows that came before under the same id."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Begin with nothing; batches are read as they are asked for."""
        self._batches = batches
        #: Rows left out up to now.
        self.n_left_out = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Yield what is new.

        Raises:
            InputError: an id is null, or is that of two rows that differ.
        """
        seen: dict[str, int] = {}
        for batch in self._batches:
            if n_null := batch["id"].null_count:
                raise InputError(f"{n_null} of {batch.num_rows} texts have no id")
            fresh = [_is_fresh(name, row, seen) for name, row in _rows(batch)]
            if all(fresh):
                yield batch
                continue
            self.n_left_out += fresh.count(False)
            if any(fresh):
                yield batch.filter(pa.array(fresh))


def _rows(batch: pa.RecordBatch) -> Iterator[tuple[str, int]]:
    """Yield the id of each row, and a hash of the rest of it, which is the same within this process only."""
    times = batch["published_at"].cast(pa.int64())
    rest = [batch[name] for name in ("text", "headline", "agency", "publisher")]
    rows = zip(*(column.to_pylist() for column in (times, *rest)), strict=True)
    return zip(batch["id"].to_pylist(), map(hash, rows), strict=True)


def _is_fresh(name: str, row: int, seen: dict[str, int]) -> bool:
    n_before = len(seen)
    if seen.setdefault(name, row) != row:
        raise InputError(
            f"the id {name!r} occurs more than once, and the rows differ; an article needs an id of its own "
            "(--id names the column that tells articles apart)"
        )
    return len(seen) > n_before
