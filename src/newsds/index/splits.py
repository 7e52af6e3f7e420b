"""The splits that articles got in the releases of an index: each stands with the release that split it first."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from newsds.index.manifest import Release
from newsds.index.parquet import read_table, write_batches

__all__ = ["SPLITS_SCHEMA", "forget_splits", "read_splits", "write_splits"]

#: In the order of the ids; a null date is one that is not known.
SPLITS_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("published_at", pa.timestamp("us", tz="UTC")),
    ]
)

_ROW_GROUP = 1 << 16


def write_splits(splits: pa.Table, folder: Path, generation: int, *, suffix: str = "") -> str:
    """Write the splits of a release, and return the name of the file."""
    name = f"splits-{generation:06}{suffix}.parquet"
    batches = splits.cast(SPLITS_SCHEMA).sort_by("id").to_batches()
    write_batches(batches, SPLITS_SCHEMA, folder / name, row_group=_ROW_GROUP, repetitive=["split"])
    return name


def read_splits(folder: Path, releases: Iterable[Release]) -> pa.Table:
    """Return the splits of some releases."""
    tables = [read_table(folder / one.splits) for one in releases if one.splits]
    return pa.concat_tables([SPLITS_SCHEMA.empty_table(), *tables]).combine_chunks()


def forget_splits(
    folder: Path, releases: Iterable[Release], names: pa.ChunkedArray, generation: int
) -> tuple[Release, ...]:
    """Return releases whose files hold nothing of some articles any more."""
    return tuple(_forget(folder, releases, names.combine_chunks(), generation))


def _forget(folder: Path, releases: Iterable[Release], names: pa.Array, generation: int) -> Iterator[Release]:
    for number, release in enumerate(releases):
        splits = read_splits(folder, [release])
        kept = splits.filter(pc.invert(pc.is_in(splits["id"], value_set=names)))
        if len(kept) < len(splits):
            file = write_splits(kept, folder, generation, suffix=f"-{number}")
            release = replace(release, splits=file)  # noqa: PLW2901 # what is yielded is the release, changed or not
        yield release
