"""Parquet files of an index: written whole, read by row group and by row."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from newsds.errors import InputError
from newsds.files import temporary_sibling

__all__ = ["read_batches", "read_rows", "read_table", "write_batches"]

Ints: TypeAlias = NDArray[np.int64]


def write_batches(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    target: Path,
    *,
    row_group: int,
    repetitive: Sequence[str] = (),
    is_random: bool = False,
) -> None:
    """Write a file, each batch cut into groups of rows.

    Args:
        batches: the rows.
        schema: of the rows.
        target: the file.
        row_group: rows of a group, at most.
        repetitive: columns with few different values.
        is_random: whether the values are hashes, which nothing makes smaller.
    """
    with (
        temporary_sibling(target) as partial,
        pq.ParquetWriter(
            partial,
            schema,
            compression="none" if is_random else "zstd",
            compression_level=None if is_random else 1,
            use_dictionary=list(repetitive),
        ) as writer,
    ):
        for batch in batches:
            if len(batch):
                writer.write_batch(batch, row_group_size=row_group)


def read_table(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a whole file, or some columns."""
    with _open(path) as source:
        return source.read(columns)


def read_batches(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield a file one group of rows at a time."""
    with _open(path) as source:
        for group in range(source.num_row_groups):
            yield from source.read_row_group(group, columns).combine_chunks().to_batches()


def read_rows(path: Path, rows: Ints, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield some rows of a file, in ascending order; only the groups that hold one are read."""
    with _open(path) as source:
        sizes = [source.metadata.row_group(group).num_rows for group in range(source.num_row_groups)]
        ends = np.cumsum(sizes)
        cuts = np.searchsorted(rows, ends)
        for group, inside in enumerate(np.split(rows, cuts[:-1]) if len(ends) else []):
            if len(inside):
                first = int(ends[group]) - sizes[group]
                found = source.read_row_group(group, columns).take(pa.array(inside - first))
                yield from found.combine_chunks().to_batches()


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except FileNotFoundError:
        raise InputError(
            f"{path}: this file of the index is gone; put it back, or make the index anew"
        ) from None
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
