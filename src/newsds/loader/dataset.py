"""What `newsds.load` returns: one table of a release, of which nothing is read until rows are asked for."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from threading import Thread
from typing import TYPE_CHECKING

from newsds.errors import IntegrityError, NewsdsError, UsageError
from newsds.extras import require
from newsds.loader.conditions import Conditions, Filters
from newsds.loader.shards import Files, damaged, open_shard
from newsds.release.manifest import Manifest, Shard

if TYPE_CHECKING:
    import datasets
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["BATCH_ROWS", "Dataset", "Selection", "project"]

#: Rows of a batch unless told otherwise: some 10 MB of news.
BATCH_ROWS = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which rows and columns of a release are wanted; None stands for all."""

    config: str
    split: str | None = None
    columns: tuple[str, ...] | None = None
    filters: Filters | None = None
    canonical_only: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """A table of a verified release, or some of its rows and columns.

    Iterating gives record batches; memory is bounded by the batch. A shard is verified before its first row is
    handed over, and the rows come in the order of the release.

    Attributes:
        manifest: what the release says of itself.
        selection: what was asked for.
        streaming: shards are fetched one after the other, when their turn comes.
    """

    manifest: Manifest
    selection: Selection
    files: Files
    streaming: bool = False

    @property
    def name(self) -> str:
        """The name of the dataset."""
        return self.manifest.name

    @property
    def version(self) -> str:
        """The version of the release."""
        return self.manifest.version

    @cached_property
    def shards(self) -> tuple[Shard, ...]:
        """The files that hold the rows, in order."""
        return self.manifest.shards(self.selection.config, self.selection.split)

    @property
    def splits(self) -> dict[str, int]:
        """Split to its number of rows, before filters."""
        splits = self.manifest.config(self.selection.config).splits
        return {name: n for name, n in splits.items() if self.selection.split in (None, name)}

    @property
    def n_rows(self) -> int | None:
        """Number of rows; None where filters leave it open until they are read."""
        if self.selection.filters or self.selection.canonical_only:
            return None
        return sum(self.splits.values())

    @cached_property
    def schema(self) -> "pa.Schema":
        """The Arrow schema of the rows; it is that of the first file."""
        return project(self._file_schema, self.selection.columns)

    def __iter__(self) -> Iterator["pa.RecordBatch"]:
        return self.batches()

    def __repr__(self) -> str:
        chosen = self.selection
        where = f"{chosen.config}/{chosen.split}" if chosen.split else chosen.config
        rows = "some rows" if self.n_rows is None else f"{self.n_rows:,} rows"
        return f"<newsds.Dataset {self.name} {self.version}: {where}, {rows} in {len(self.shards)} files>"

    def batches(self, *, batch_size: int = BATCH_ROWS) -> Iterator["pa.RecordBatch"]:
        """Yield the rows as record batches of at most so many rows, none of them empty.

        Raises:
            IntegrityError: a file is not what the manifest says.
        """
        for shard, following in zip_longest(self.shards, self.shards[1:]):
            ahead = Thread(target=self._prepare, args=(following,), daemon=True)
            for number, batch in enumerate(self.shard_batches(shard, batch_size=batch_size)):
                if number == 1 and following is not None:  # whoever takes one batch alone waits for no more
                    ahead.start()
                yield batch
            if ahead.ident is not None:
                ahead.join()

    def to_reader(self, *, batch_size: int = BATCH_ROWS) -> "pa.RecordBatchReader":
        """Return the rows as an Arrow reader, which can be gone through once."""
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(self.schema, self.batches(batch_size=batch_size))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the rows to any library that takes an Arrow stream, batch by batch."""
        return self.to_reader().__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> "pa.Table":
        """Return all rows in memory, as an Arrow table."""
        import pyarrow as pa

        return pa.Table.from_batches(self.batches(batch_size=2**16), schema=self.schema)

    to_table = to_arrow

    def to_pandas(self) -> "pd.DataFrame":
        """Return all rows in memory, as a pandas frame."""
        require("pandas", extra="pandas", purpose="to_pandas()")
        return self.to_arrow().to_pandas()

    def to_polars(self) -> "pl.DataFrame":
        """Return all rows in memory, as a polars frame."""
        polars = require("polars", extra="polars", purpose="to_polars()")
        return polars.from_arrow(self.to_arrow())

    def to_duckdb(self, connection: "duckdb.DuckDBPyConnection | None" = None) -> "duckdb.DuckDBPyRelation":
        """Return the rows as a DuckDB relation over the verified files, which reads what a query needs.

        Args:
            connection: where the relation lives; None makes a connection of its own.
        """
        duckdb = require("duckdb", extra="duckdb", purpose="to_duckdb()")
        connection = connection or duckdb.connect()
        relation = connection.read_parquet(self.paths(self.shards))
        if condition := self._conditions.to_sql(self._file_schema):
            relation = relation.filter(condition)
        if self.selection.canonical_only:
            copies = connection.read_parquet(self.paths(self._cluster_shards))
            copies = copies.filter("role <> 'canonical'").set_alias("copies")
            relation = relation.join(copies.select("article_id"), "id = article_id", how="anti")
        return relation.select(*self.selection.columns) if self.selection.columns else relation

    def to_datasets(
        self,
    ) -> "datasets.Dataset | datasets.IterableDataset | datasets.DatasetDict | datasets.IterableDatasetDict":
        """Return the rows for the `datasets` library, as its `load_dataset` would: a dict where no split was chosen.

        Streamed rows come as an `IterableDataset`, whose shards workers share.
        """
        require("datasets", extra="hf", purpose="to_datasets()")
        from newsds.loader.hugging import to_datasets

        return to_datasets(self)

    def verify(self) -> "Dataset":
        """Verify all files now (and fetch those that are remote), and return the dataset.

        Raises:
            IntegrityError: a file is not what the manifest says.
        """
        self.paths(self.all_shards)
        return self

    def paths(self, shards: Iterable[Shard]) -> list[str]:
        """Return local files with the content of shards, verified, for programs that read them by themselves.

        Raises:
            IntegrityError: a file is not what the manifest says.
        """
        found = []
        for shard in shards:
            path = self.files.obtain(shard)
            with open_shard(self.files, shard):
                found.append(str(path))
        return found

    @property
    def all_shards(self) -> tuple[Shard, ...]:
        """The files that hold the rows, and those that are needed to choose among them."""
        return (*self.shards, *self._cluster_shards)

    def _prepare(self, shard: Shard) -> None:
        """Get a shard ready while the one before it is read; what goes wrong is told when its turn comes."""
        with suppress(NewsdsError, OSError):
            self.files.prepare(shard)

    @cached_property
    def _file_schema(self) -> "pa.Schema":
        with open_shard(self.files, self.shards[0], columns=()) as file:
            return file.schema_arrow.remove_metadata()

    @cached_property
    def _conditions(self) -> Conditions:
        return Conditions.parse(self.selection.filters, self._file_schema)

    @property
    def _cluster_shards(self) -> tuple[Shard, ...]:
        return self.manifest.shards("clusters") if self.selection.canonical_only else ()

    @cached_property
    def _copies(self) -> frozenset[str]:
        """The ids of articles that are copies of another one."""
        return frozenset(
            copy
            for shard in self._cluster_shards
            for batch in self._read(shard, columns=["article_id", "role"], batch_size=2**16)
            for copy, role in zip(batch["article_id"].to_pylist(), batch["role"].to_pylist(), strict=True)
            if role != "canonical"
        )

    def shard_batches(self, shard: Shard, *, batch_size: int = BATCH_ROWS) -> Iterator["pa.RecordBatch"]:
        """Yield the rows of one file."""
        wanted = self.selection.columns
        needed = None
        if wanted is not None:
            needed = [*wanted, *self._conditions.columns, *(["id"] if self.selection.canonical_only else [])]
        for batch in self._read(shard, columns=needed, batch_size=batch_size):
            kept = self._conditions.select(batch)
            if self.selection.canonical_only:
                kept = _without(kept, self._copies)
            if kept.num_rows:
                yield kept if wanted is None else kept.select(list(wanted))

    def _read(
        self, shard: Shard, *, columns: list[str] | None, batch_size: int
    ) -> Iterator["pa.RecordBatch"]:
        import pyarrow as pa

        heads = None if columns is None else {name.partition(".")[0] for name in columns}
        with open_shard(self.files, shard, columns=heads) as file:
            if (
                shard.config == self.selection.config
                and file.schema_arrow.remove_metadata() != self._file_schema
            ):
                raise IntegrityError(
                    f"{shard.path}: has other columns than {self.shards[0].path}", path=shard.path
                )
            groups = (
                self._conditions.row_groups(file.metadata) if shard.config == self.selection.config else None
            )
            try:
                for batch in file.iter_batches(batch_size, row_groups=groups, columns=columns):
                    if self.files.verify != "off":
                        batch.validate(full=True)  # text that is not UTF-8 would break whoever reads it
                    yield batch
            except (pa.ArrowException, OSError, ValueError) as error:  # ValueError: names that are not UTF-8
                raise damaged(shard, error) from None


def project(schema: "pa.Schema", columns: tuple[str, ...] | None) -> "pa.Schema":
    """Return the schema of some columns, in the order they were asked for.

    Raises:
        UsageError: there is no such column.
    """
    import pyarrow as pa

    if columns is None:
        return schema
    if unknown := [name for name in columns if name not in schema.names]:
        raise UsageError(f"column {unknown[0]!r}: there is none; there are {', '.join(schema.names)}")
    return pa.schema([schema.field(name) for name in columns])


def _without(batch: "pa.RecordBatch", ids: frozenset[str]) -> "pa.RecordBatch":
    """Return the rows whose id is not among some."""
    import numpy as np
    import pyarrow as pa

    kept = np.array(
        [number for number, key in enumerate(batch["id"].to_pylist()) if key not in ids], dtype=np.int64
    )
    if len(kept) == batch.num_rows:
        return batch
    return batch.take(pa.Array.from_buffers(pa.int64(), len(kept), [None, pa.py_buffer(kept)]))
