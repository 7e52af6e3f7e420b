"""Shards: the Parquet files of a release, whose bytes depend on nothing but the rows and the writer's version."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from newsds.release.digests import file_sha256, merkle_root, row_digests
from newsds.release.manifest import Shard
from newsds.release.spool import Spool

__all__ = ["WRITER", "Layout", "lay_out", "plain_schema", "text_bytes", "write_spooled", "write_table"]

Ints = npt.NDArray[np.int64]

#: How shards are written; part of the parameters in the manifest.
WRITER = {
    "format": "parquet",
    "compression": "zstd",
    "compression_level": 3,
    "content_defined_chunking": True,
}

#: A shard and a row group end at so many rows or so many bytes of text, whichever comes first. The Hub's viewer
#: wants row groups below 300 MB; a shard is sorted in memory.
SHARD_ROWS, SHARD_BYTES = 50_000, 96 * 2**20
GROUP_ROWS, GROUP_BYTES = 5_000, 32 * 2**20

_NUMBER = "_number"


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Where each row of a split goes: `shards` are row numbers in the order in which they are written."""

    config: str
    split: str
    shards: tuple[Ints, ...]


def lay_out(config: str, split: str, rows: Ints, sizes: Ints) -> Layout:
    """Return the shards of a split.

    Args:
        config: name of the table.
        split: name of the split.
        rows: numbers of the rows, in the order of the release.
        sizes: bytes of text of each row, in the same order.
    """
    starts = _cut(sizes, SHARD_ROWS, SHARD_BYTES)
    return Layout(config=config, split=split, shards=tuple(np.split(rows, starts[1:])) if len(rows) else ())


def _cut(sizes: Ints, max_rows: int, max_bytes: int) -> list[int]:
    """Return where parts begin that hold so many rows and bytes at most, and one row at least."""
    starts, first = [0], 0
    total = np.concatenate([[0], np.cumsum(sizes)])
    while first < len(sizes):
        full = int(np.searchsorted(total, total[first] + max_bytes, side="right")) - 1
        first = min(max(full, first + 1), first + max_rows)
        if first < len(sizes):
            starts.append(first)
    return starts


def write_table(folder: Path, config: str, split: str, table: pa.Table) -> tuple[list[Shard], list[bytes]]:
    """Write a table that is in memory, in its order.

    Returns:
        the shards, and the digests of all rows.
    """
    rows, sizes = np.arange(len(table)), np.full(len(table), 256, np.int64)
    parts = lay_out(config, split, rows, sizes).shards
    written = [
        _write_shard(folder, _Place(config, split, number, len(parts)), table, part)
        for number, part in enumerate(parts)
    ]
    return [shard for shard, _ in written], [leaf for _, leaves in written for leaf in leaves]


def write_spooled(
    folder: Path,
    spool: Spool,
    layouts: Sequence[Layout],
    scratch: Path,
    *,
    watch: Callable[[pa.RecordBatch], None],
) -> tuple[list[Shard], list[bytes]]:
    """Write rows that are on disk, one shard in memory at a time.

    Args:
        folder: the release.
        spool: the rows; their numbers are those in which they were written to it.
        layouts: which row goes where; a row in none is left out.
        scratch: a folder for the rows of each shard until they are sorted.
        watch: is called with every batch that is written.

    Returns:
        the shards, and the digests of all rows.
    """
    parts = [(layout, number) for layout in layouts for number in range(len(layout.shards))]
    buckets = _deal(spool, [layout.shards[number] for layout, number in parts], scratch)
    shards: list[Shard] = []
    leaves: list[bytes] = []
    for (layout, number), bucket in zip(parts, buckets, strict=True):
        table, order = _gather(bucket, layout.shards[number])
        place = _Place(layout.config, layout.split, number, len(layout.shards))
        shard, found = _write_shard(folder, place, table, order, watch=watch)
        shards.append(shard)
        leaves += found
    return shards, leaves


def _deal(spool: Spool, parts: Sequence[Ints], scratch: Path) -> list[Spool]:
    """Deal the rows out to one spool for each shard, with their numbers."""
    bucket_of = np.full(spool.n_rows, -1, np.int64)
    for number, rows in enumerate(parts):
        bucket_of[rows] = number
    schema = pa.schema([*spool.schema, (_NUMBER, pa.int64())])
    buckets = [Spool(scratch / f"shard-{number}.arrows", schema) for number in range(len(parts))]
    start = 0
    for batch in spool.batches():
        numbers = np.arange(start, start + len(batch))
        start += len(batch)
        numbered = pa.RecordBatch.from_arrays([*batch.columns, pa.array(numbers)], schema=schema)
        wanted = bucket_of[numbers]
        for bucket in np.unique(wanted[wanted >= 0]):
            buckets[bucket].write(numbered.take(pa.array(np.flatnonzero(wanted == bucket))))
    for spooled in buckets:
        spooled.close()
    return buckets


def _gather(bucket: Spool, rows: Ints) -> tuple[pa.Table, Ints]:
    """Return the rows of a shard as they lie, and the order in which they are to be written."""
    table = pa.Table.from_batches(bucket.batches(), schema=bucket.schema)
    bucket.remove()
    held = table.column(_NUMBER).to_numpy()
    by_number = np.argsort(held)
    return table.drop_columns([_NUMBER]), by_number[np.searchsorted(held, rows, sorter=by_number)]


class _Place(NamedTuple):
    """Which shard of which split."""

    config: str
    split: str
    number: int
    of: int

    @property
    def path(self) -> str:
        return f"data/{self.config}/{self.split}-{self.number:05d}-of-{self.of:05d}.parquet"


def _write_shard(
    folder: Path,
    place: _Place,
    table: pa.Table,
    order: Ints,
    *,
    watch: Callable[[pa.RecordBatch], None] = lambda _batch: None,
) -> tuple[Shard, list[bytes]]:
    """Write rows of a table in the given order; only one row group is copied at a time."""
    import pyarrow.parquet as pq

    target = folder / place.path
    target.parent.mkdir(parents=True, exist_ok=True)
    leaves: list[bytes] = []
    with pq.ParquetWriter(
        target, table.schema.remove_metadata(), compression="zstd", compression_level=WRITER["compression_level"],
        use_content_defined_chunking=True, write_page_index=True,
    ) as writer:  # fmt: skip
        for rows in _row_groups(text_bytes(table)[order], order):
            group = table.take(pa.array(rows)).replace_schema_metadata(None)
            writer.write_table(group, row_group_size=len(group))
            for batch in group.combine_chunks().to_batches():
                leaves += row_digests(batch)
                watch(batch)
    shard = Shard(
        path=place.path,
        config=place.config,
        split=place.split,
        n_rows=len(order),
        n_bytes=target.stat().st_size,
        sha256=file_sha256(target),
        digest=merkle_root(leaves),
    )
    return shard, leaves


def _row_groups(sizes: Ints, order: Ints) -> list[Ints]:
    """Return the rows of each row group."""
    return np.split(order, _cut(sizes, GROUP_ROWS, GROUP_BYTES)[1:])


def text_bytes(table: Any) -> Ints:
    """Return about how large each row of a table or batch is: the bytes of its body, and a bit for the rest."""
    import pyarrow.compute as pc

    if "body" not in table.schema.names:
        return np.full(len(table), 256, np.int64)
    lengths = pc.fill_null(pc.binary_length(table.column("body")), pa.scalar(0, pa.int32()))
    return (
        np.asarray(
            lengths.to_numpy(zero_copy_only=False) if isinstance(lengths, pa.Array) else lengths, np.int64
        )
        + 1024
    )


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """Return a schema without metadata, its list items named as Arrow does; Parquet calls them otherwise."""
    return pa.schema([pa.field(column.name, _plain_type(column.type)) for column in schema])


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_struct(kind):
        return pa.struct([(member.name, _plain_type(member.type)) for member in kind])
    if pa.types.is_list(kind):
        return pa.list_(_plain_type(kind.value_type))
    return kind
