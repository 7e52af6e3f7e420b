"""The texts of a run: columns in memory in the order of time, long texts in a file beside them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsds.dedup.candidates import NO_TIME
from newsds.errors import InputError
from newsds.texts import TEXTS_SCHEMA

__all__ = ["Corpus", "gather"]

Ints: TypeAlias = NDArray[np.int64]

#: Bytes of text that are kept in memory; beyond them the texts go to a file that is mapped.
MEMORY_BYTES = 1 << 28

_COLUMNS = ("id", "published_at", "headline", "agency", "publisher")


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Texts by position; positions follow the order of time, then of the identifiers; undated texts come first."""

    #: The columns beside the text.
    columns: pa.Table
    #: Batches of texts in the order of arrival.
    batches: tuple[pa.Array, ...]
    #: Place of arrival of each position.
    arrivals: Ints
    n_bytes: int

    def __len__(self) -> int:
        return len(self.arrivals)

    @cached_property
    def ids(self) -> list[str]:
        """The identifiers."""
        return self.columns["id"].to_pylist()

    @cached_property
    def times(self) -> Ints:
        """Microseconds since 1970 of each text, or `NO_TIME`."""
        column = self.columns["published_at"].cast(pa.int64()).combine_chunks()
        return column.fill_null(int(NO_TIME)).to_numpy(zero_copy_only=False)

    @cached_property
    def publishers(self) -> Ints:
        """A number for each publisher; texts without one share a number."""
        column = self.columns["publisher"].combine_chunks().dictionary_encode().indices
        return column.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)

    def texts(self, positions: Ints) -> pa.Array:
        """Return the texts at some positions; null is the empty text."""
        places = self.arrivals[positions]
        order = np.argsort(places, kind="stable")
        bounds = np.searchsorted(places[order], self._starts)
        parts = [
            batch.take(pa.array(places[order[low:high]] - start))
            for batch, start, low, high in zip(self.batches, self._starts, bounds, bounds[1:], strict=False)
            if high > low
        ]
        found = pa.concat_arrays(
            [part.cast(pa.large_string()) for part in parts] or [pa.array([], pa.large_string())]
        )
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return found.take(pa.array(back)).fill_null("")

    @cached_property
    def _starts(self) -> Ints:
        return np.concatenate(([0], np.cumsum([len(batch) for batch in self.batches]))).astype(np.int64)


def gather(
    batches: Iterable[pa.RecordBatch],
    folder: Path,
    *,
    watch: Callable[[pa.Array], None],
    progress: Callable[[int], None] | None = None,
) -> Corpus:
    """Read all texts.

    Args:
        batches: texts with the schema `newsds.texts.TEXTS_SCHEMA`.
        folder: where a file is made if there are many; removing it is the caller's.
        watch: is called with the texts of each batch.
        progress: is called with the number of texts read since the last call.

    Raises:
        InputError: an identifier is null or occurs twice.
    """
    columns: list[pa.RecordBatch] = []
    shelf = _Shelf(folder / "texts.arrow")
    for batch in batches:
        columns.append(batch.select(list(_COLUMNS)))
        shelf.add(batch.select(["text"]))
        watch(batch["text"])
        if progress:
            progress(batch.num_rows)
    schema = pa.schema([TEXTS_SCHEMA.field(name) for name in _COLUMNS])
    table = pa.Table.from_batches(columns, schema=schema)
    _check_ids(table["id"])
    times = table["published_at"].cast(pa.int64()).combine_chunks().fill_null(int(NO_TIME))
    ranks = np.empty(len(table), np.int64)
    ranks[pc.sort_indices(table["id"]).to_numpy(zero_copy_only=False)] = np.arange(len(table))
    arrivals = np.lexsort((ranks, times.to_numpy(zero_copy_only=False)))
    return Corpus(
        columns=table.take(pa.array(arrivals)).combine_chunks(),
        batches=shelf.close(),
        arrivals=arrivals,
        n_bytes=shelf.n_bytes,
    )


class _Shelf:
    """Texts in memory while they are few, in a mapped file when they are many."""

    def __init__(self, path: Path) -> None:
        self.n_bytes = 0
        self._path = path
        self._held: list[pa.RecordBatch] = []
        self._writer: pa.RecordBatchFileWriter | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        self.n_bytes += batch.nbytes
        self._held.append(batch)
        if self._writer is None and self.n_bytes > MEMORY_BYTES:
            self._writer = pa.ipc.new_file(str(self._path), batch.schema)
        if self._writer is not None:
            for kept in self._held:
                self._writer.write_batch(kept)
            self._held = []

    def close(self) -> tuple[pa.Array, ...]:
        """Return the texts, batch by batch."""
        if self._writer is not None:
            self._writer.close()
            reader = pa.ipc.open_file(pa.memory_map(str(self._path)))
            self._held = [reader.get_batch(number) for number in range(reader.num_record_batches)]
        return tuple(batch["text"] for batch in self._held)


def _check_ids(ids: pa.ChunkedArray) -> None:
    if ids.null_count:
        raise InputError(f"{ids.null_count} of {len(ids)} texts have no id")
    order = ids.take(pc.sort_indices(ids))
    repeated = pc.equal(order[1:], order[:-1])
    if pc.any(repeated).as_py():
        name = order[1:].filter(repeated)[0].as_py()
        raise InputError(f"the id {name!r} occurs more than once; an article needs an id of its own")
