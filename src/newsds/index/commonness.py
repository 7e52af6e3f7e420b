"""Counts of an index: how often words and shingles occur in it, in blocks of which only those in use are written."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.dedup.rarity import Rarity
from newsds.index.parquet import read_batches, write_batches

__all__ = ["BITS", "add_counts", "no_counts", "write_counts"]

#: Bits of the tables of words and shingles: fixed, so that counts of releases can be added.
BITS = (24, 26)
#: Bytes of a block.
_BLOCK = 256
_ROW_GROUP = 1 << 14

#: `counts` are little-endian numbers of four bytes (words) or one (shingles).
_SCHEMA = pa.schema(
    [
        pa.field("table", pa.string(), nullable=False),
        pa.field("block", pa.int32(), nullable=False),
        pa.field("counts", pa.binary(_BLOCK), nullable=False),
    ]
)


def no_counts() -> Rarity:
    """Return tables in which nothing was counted."""
    words, shingles = (1 << bits for bits in BITS)
    return Rarity(words=np.zeros(words, np.uint32), shingles=np.zeros(shingles, np.uint8), n_texts=0)


def write_counts(rarity: Rarity, target: Path) -> None:
    """Write the blocks that hold a count that is not 0."""
    batches = (
        batch
        for name, blocks in _blocks(rarity).items()
        for batch in _pack(name, blocks, np.flatnonzero(blocks.any(axis=1)))
    )
    write_batches(batches, _SCHEMA, target, row_group=_ROW_GROUP, repetitive=["table"])


def add_counts(rarity: Rarity, parts: Iterable[tuple[Path, int]]) -> Rarity:
    """Return counts with those of files added, in place; a shingle's days in different releases are added up.

    Args:
        rarity: the tables.
        parts: files, and the number of texts counted in each.
    """
    n_texts = rarity.n_texts
    tables = _blocks(rarity)
    for path, n in parts:
        n_texts += n
        for batch in read_batches(path):
            for name in batch["table"].unique().to_pylist():
                _add(tables[name], batch.filter(pa.compute.equal(batch["table"], name)))
    return replace(rarity, n_texts=n_texts)


def _blocks(rarity: Rarity) -> dict[str, NDArray[Any]]:
    """Return views of the tables, a row for each block."""
    tables: dict[str, NDArray[Any]] = {"words": rarity.words, "shingles": rarity.shingles}
    return {name: table.reshape(-1, _BLOCK // table.itemsize) for name, table in tables.items()}


def _pack(name: str, blocks: NDArray[Any], used: NDArray[np.int64]) -> Iterable[pa.RecordBatch]:
    for at in range(0, len(used), _ROW_GROUP):
        some = used[at : at + _ROW_GROUP]
        data = pa.py_buffer(np.ascontiguousarray(blocks[some]))
        counts = pa.FixedSizeBinaryArray.from_buffers(pa.binary(_BLOCK), len(some), [None, data])
        columns = [pa.repeat(name, len(some)), pa.array(some, pa.int32()), counts]
        yield pa.RecordBatch.from_arrays(columns, schema=_SCHEMA)


def _add(table: NDArray[Any], batch: pa.RecordBatch) -> None:
    places = batch["block"].to_numpy(zero_copy_only=False)
    counts = batch["counts"]
    _, data = counts.buffers()
    found = np.frombuffer(data, np.uint8)[counts.offset * _BLOCK : (counts.offset + len(counts)) * _BLOCK]
    found = found.view(table.dtype).reshape(len(places), -1)
    total = table[places] + found
    # A sum that is smaller than one of its parts ran over.
    table[places] = np.where(total < found, np.iinfo(table.dtype).max, total)
