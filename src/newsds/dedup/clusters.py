"""What deduplication found: which articles are copies of each other, and how pairs are related."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from newsds.errors import OutputError
from newsds.files import temporary_sibling

__all__ = ["CLUSTERS_SCHEMA", "RELATIONS_SCHEMA", "Clusters", "cluster_id"]

#: One row for each article.
CLUSTERS_SCHEMA = pa.schema(
    [
        pa.field("article_id", pa.string(), nullable=False),
        pa.field("cluster_id", pa.string(), nullable=False),
        # `canonical`, or what the copy is to the canonical one: `exact`, `republication`, ...
        pa.field("role", pa.string(), nullable=False),
        pa.field("n_copies", pa.int32(), nullable=False),
        pa.field("similarity", pa.float64(), nullable=False),
        pa.field("hours_after", pa.float64()),
        pa.field("reason", pa.string()),
        pa.field("supersedes", pa.string()),
    ]
)

#: One row for each related pair; `a` is where `b` comes from if the relation is directed, else `a < b`.
RELATIONS_SCHEMA = pa.schema(
    [
        pa.field("a", pa.string(), nullable=False),
        pa.field("b", pa.string(), nullable=False),
        pa.field("relation", pa.string(), nullable=False),
        pa.field("is_directed", pa.bool_(), nullable=False),
        pa.field("similarity", pa.float64(), nullable=False),
        pa.field("coverage_a", pa.float64(), nullable=False),
        pa.field("coverage_b", pa.float64(), nullable=False),
        pa.field("hours_apart", pa.float64()),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("parameters", pa.string(), nullable=False),
    ]
)


def cluster_id(founder: str) -> str:
    """Return the identifier of the cluster whose earliest copy is `founder`.

    Copies that come later leave it as it is.
    """
    digest = hashlib.sha256(b"newsds-cluster-id-1\0" + founder.encode("utf-8", "surrogatepass"))
    return "ndc:" + digest.hexdigest()[:32]


@dataclass(frozen=True, kw_only=True)
class Clusters:
    """Clusters of copies and the relations of pairs.

    Attributes:
        clusters: a table with `CLUSTERS_SCHEMA`, in the order of `article_id`; every article has a row.
        relations: a table with `RELATIONS_SCHEMA`, in the order of `a`, `b`.
    """

    clusters: pa.Table
    relations: pa.Table

    def summary(self) -> dict[str, Any]:
        """Return the numbers of articles, clusters, copies and relations of each kind."""
        import pyarrow.compute as pc

        sizes = self.clusters["n_copies"].filter(pc.equal(self.clusters["role"], "canonical"))
        kinds = self.relations["relation"].value_counts().to_pylist()
        return {
            "articles": self.clusters.num_rows,
            "distinct": len(sizes),
            "clusters": pc.sum(pc.greater(sizes, 1)).as_py() or 0,
            "copies": self.clusters.num_rows - len(sizes),
            "largest_cluster": pc.max(sizes).as_py() or 0,
            "relations": dict(sorted((item["values"], item["counts"]) for item in kinds)),
        }

    def write(self, folder: str | Path) -> None:
        """Write `clusters.parquet` and `relations.parquet`; equal contents give equal bytes.

        Raises:
            OutputError: the folder cannot be made.
        """
        place = Path(folder)
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{place}: cannot be made ({error.strerror})") from None
        for name, table in (("clusters", self.clusters), ("relations", self.relations)):
            _write(table, place / f"{name}.parquet")


def _write(table: pa.Table, target: Path) -> None:
    import pyarrow.parquet as pq

    with temporary_sibling(target) as partial:
        pq.write_table(
            table.combine_chunks(), partial, compression="zstd", compression_level=3, row_group_size=2**16
        )
