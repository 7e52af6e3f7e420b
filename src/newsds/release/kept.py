"""What was split before: in a release, or in a table of articles and their splits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from newsds.errors import InputError, UsageError
from newsds.files import file_sha256
from newsds.project import SplitChoices
from newsds.release.assignment import Ints, positions
from newsds.release.descriptors import ARTICLES
from newsds.release.manifest import MANIFEST, SUMS

__all__ = ["KEPT_SCHEMA", "Kept", "read_kept"]

#: Articles that were split; a null date is one that is not known.
KEPT_SCHEMA = pa.schema(
    [("id", pa.string()), ("split", pa.string()), ("published_at", pa.timestamp("us", tz="UTC"))]
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """Articles that were split before."""

    #: With `KEPT_SCHEMA`.
    table: pa.Table
    #: Where that stands, for people.
    name: str
    #: What the manifest says of it.
    origin: Mapping[str, str]

    @classmethod
    def joined(cls, parts: "Sequence[Kept]") -> "Kept":
        """Return several as one; of an article that is in several, the first holds."""
        table = KEPT_SCHEMA.empty_table()
        for part in parts:
            is_known = pc.is_in(part.table["id"], value_set=table["id"].combine_chunks())
            table = pa.concat_tables([table, part.table.filter(pc.invert(is_known))])
        return cls(table=table, name=", ".join(part.name for part in parts), origin={})

    def numbers(self, choices: SplitChoices) -> Ints:
        """Return the number of the split of each article.

        Raises:
            UsageError: a split is none of those that are chosen.
        """
        names = pa.array(list(choices.shares))
        strange = sorted(set(pc.unique(self.table["split"]).to_pylist()) - set(choices.shares))
        if strange:
            raise UsageError(
                f"{self.name}: the split {strange[0]!r} is none of {', '.join(choices.shares)}; splits that are kept "
                "keep their names"
            )
        return positions(names, self.table["split"])


def read_kept(source: Path) -> Kept:
    """Return what was split, and how, in a release or in a table with the columns `id` and `split`.

    Args:
        source: folder of a release, folder with a `splits.parquet`, or a table.

    Raises:
        InputError: it cannot be read, or an article is in two splits.
        ReleaseError: the release is not what it should be.
    """
    if (source / MANIFEST).is_file():
        table, origin = _read_release(source)
    else:
        file = source / "splits.parquet" if source.is_dir() else source
        if not file.is_file():
            raise InputError(f"{source}: neither a release nor a table with the columns id and split")
        table, origin = _read_table(file), {"file": file.name, "sha256": file_sha256(file)}
    if pc.count_distinct(table["id"]).as_py() < len(table):
        raise InputError(f"{source}: an article is in two splits; an id can stand there once")
    return Kept(table=table, name=str(source), origin=origin)


def _read_release(folder: Path) -> tuple[pa.Table, dict[str, str]]:
    import pyarrow.parquet as pq

    from newsds.release.verify import check_shard, read_manifest

    manifest = read_manifest(folder)
    parts = [KEPT_SCHEMA.empty_table()]
    for shard in manifest.shards(ARTICLES):
        check_shard(folder, shard)
        read = pq.ParquetFile(folder / shard.path).read(["id", "published_at"])
        split = pa.array([shard.split] * len(read), pa.string())
        parts.append(read.append_column("split", split).select(KEPT_SCHEMA.names).cast(KEPT_SCHEMA))
    origin = {"release": f"{manifest.name}/{manifest.version}", "digest": file_sha256(folder / SUMS)}
    return pa.concat_tables(parts), origin


def _read_table(file: Path) -> pa.Table:
    from newsds.readers.columns import column_values

    found = column_values([file], id_column="id", column="split")
    columns = [
        pa.array(list(found), pa.string()),
        pa.array(list(found.values()), pa.string()),
        pa.nulls(len(found), KEPT_SCHEMA.field("published_at").type),
    ]
    return pa.Table.from_arrays(columns, schema=KEPT_SCHEMA)
