"""What deduplication found, as tables: which articles are copies of each other, and how pairs are related."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from newsds.dedup.evidence import SPANS_TYPE
from newsds.errors import OutputError
from newsds.files import temporary_sibling

__all__ = ["CLUSTERS_SCHEMA", "RELATIONS_SCHEMA", "Clusters", "cluster_id"]


def _field(name: str, kind: pa.DataType, *, nullable: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=nullable)


#: One row for each article. docs/reference/relations.md says what the columns mean.
CLUSTERS_SCHEMA = pa.schema(
    [
        _field("article_id", pa.string()),
        _field("cluster_id", pa.string()),
        _field("role", pa.string()),
        _field("n_copies", pa.int32()),
        _field("similarity", pa.float64(), nullable=True),
        _field("hours_after", pa.float64(), nullable=True),
        _field("reason", pa.string(), nullable=True),
        _field("supersedes", pa.string(), nullable=True),
    ]
)

#: One row for each related pair; `a` is where `b` comes from if the relation is directed, else `a < b`.
RELATIONS_SCHEMA = pa.schema(
    [
        _field("a", pa.string()),
        _field("b", pa.string()),
        _field("relation", pa.string()),
        _field("is_directed", pa.bool_()),
        _field("similarity", pa.float64()),
        _field("coverage_a", pa.float64()),
        _field("coverage_b", pa.float64()),
        _field("words_a", pa.float64()),
        _field("words_b", pa.float64()),
        _field("n_aligned", pa.int32()),
        _field("n_misread", pa.int32()),
        _field("numbers_a", pa.int32()),
        _field("numbers_b", pa.int32()),
        _field("numbers_shared", pa.int32()),
        _field("number_conflicts", pa.int32()),
        _field("name_conflicts", pa.int32()),
        _field("only_a", pa.list_(pa.string())),
        _field("only_b", pa.list_(pa.string())),
        _field("spans", SPANS_TYPE),
        _field("hours_apart", pa.float64(), nullable=True),
        _field("rule", pa.string()),
        _field("parameters", pa.string()),
    ]
)


#: To copy a digest takes half as long as to begin one.
_BEGUN = hashlib.sha256(b"newsds-cluster-id-1\0")


def cluster_id(founder: str) -> str:
    """Return the identifier of the cluster whose earliest copy is `founder`.

    Copies that come later leave it as it is.
    """
    digest = _BEGUN.copy()
    digest.update(founder.encode("utf-8", "surrogatepass"))
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
        pq.write_table(table, partial, compression="zstd", compression_level=3, row_group_size=2**16)
