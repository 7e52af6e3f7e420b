"""The texts of a run: columns in memory in the order of time, the texts in a file beside them."""

import os
import weakref
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
from newsds.dedup.hashing import pack_texts
from newsds.errors import InputError
from newsds.memory import give_back
from newsds.texts import TEXTS_SCHEMA

__all__ = ["Corpus", "gather"]

Ints: TypeAlias = NDArray[np.int64]

_COLUMNS = ("id", "published_at", "headline", "agency", "publisher")


class TextFile:
    """Texts in a file, of which any may be read; only their places are in memory."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w+b")
        weakref.finalize(self, self._file.close)
        self._ends: list[Ints] = [np.zeros(1, np.int64)]

    def append(self, texts: pa.Array) -> None:
        """Put texts after those that are there; null becomes the empty text."""
        data, offsets = pack_texts(texts)
        self._file.write(data[offsets[0] : offsets[-1]].data)
        self._ends.append(self._ends[-1][-1] + offsets[1:] - offsets[0])

    @cached_property
    def bounds(self) -> Ints:
        """Where each text begins, and the end of the last; nothing can be put behind it any more."""
        self._file.flush()
        return np.concatenate(self._ends)

    def take(self, rows: Ints, *, most: int | None = None) -> pa.Array:
        """Return some texts, in the order given, or `most` bytes of each."""
        starts, ends = self.bounds[rows], self.bounds[rows + 1]
        ends = ends if most is None else np.minimum(ends, starts + most)
        offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(ends - starts)))
        handle = self._file.fileno()
        pieces = [
            os.pread(handle, end - start, start)
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        ]
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(pieces))]
        return pa.Array.from_buffers(pa.large_string(), len(rows), buffers)


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Texts by position; positions follow the order of time, then of the identifiers; undated texts come first."""

    #: The columns beside the text.
    columns: pa.Table
    #: The texts in the order of arrival.
    file: TextFile
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

    @cached_property
    def is_original(self) -> NDArray[np.bool_]:
        """Whether each text is carried by the agency that wrote it: it names an agency and no other publisher."""
        agency, publisher = self.columns["agency"], self.columns["publisher"]
        carried = pc.fill_null(pc.equal(agency, publisher), fill_value=True)
        return pc.and_(agency.is_valid(), carried).to_numpy()

    def texts(self, positions: Ints) -> pa.Array:
        """Return the texts at some positions; null is the empty text."""
        return self.file.take(self.arrivals[positions])

    def heads(self, positions: Ints, n: int) -> list[str]:
        """Return the first `n` characters, after leading space, of the texts at some positions."""
        most = 4 * n
        beginnings = self.file.take(self.arrivals[positions], most=most).cast(pa.large_binary()).to_pylist()
        heads = [bytes.decode(data, errors="ignore").lstrip()[:n] for data in beginnings]
        for at, head in enumerate(heads):
            if len(head) < n and len(beginnings[at]) == most:
                heads[at] = self.texts(positions[at : at + 1])[0].as_py().lstrip()[:n]
        return heads


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
        folder: where a file of texts is made; removing it is the caller's.
        watch: is called with the texts of each batch.
        progress: is called with the number of texts read since the last call.

    Raises:
        InputError: an identifier is null or occurs twice.
    """
    columns: list[pa.RecordBatch] = []
    file = TextFile(folder / "texts")
    for batch in batches:
        # A copy: in a batch that came as one piece, the columns would keep the texts in memory.
        columns.append(batch.select(list(_COLUMNS)).take(pa.array(np.arange(len(batch)))))
        file.append(batch["text"])
        watch(batch["text"])
        if progress:
            progress(batch.num_rows)
    give_back()
    schema = pa.schema([TEXTS_SCHEMA.field(name) for name in _COLUMNS])
    table = pa.Table.from_batches(columns, schema=schema)
    _check_ids(table["id"])
    times = table["published_at"].cast(pa.int64()).combine_chunks().fill_null(int(NO_TIME))
    ranks = np.empty(len(table), np.int64)
    ranks[pc.sort_indices(table["id"]).to_numpy(zero_copy_only=False)] = np.arange(len(table))
    arrivals = np.lexsort((ranks, times.to_numpy(zero_copy_only=False)))
    return Corpus(
        columns=table.take(pa.array(arrivals)).combine_chunks(),
        file=file,
        arrivals=arrivals,
        n_bytes=int(file.bounds[-1]),
    )


def _check_ids(ids: pa.ChunkedArray) -> None:
    if ids.null_count:
        raise InputError(f"{ids.null_count} of {len(ids)} texts have no id")
    order = ids.take(pc.sort_indices(ids))
    repeated = pc.equal(order[1:], order[:-1])
    if pc.any(repeated).as_py():
        name = order[1:].filter(repeated)[0].as_py()
        raise InputError(f"the id {name!r} occurs more than once; an article needs an id of its own")
