"""leak(): how much of one set of texts stands in another."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsds.dedup import dedupe
from newsds.dedup.parameters import Parameters
from newsds.files import temporary_sibling
from newsds.texts import TEXTS_SCHEMA

__all__ = ["COPIES", "Leak", "leak"]

#: Relations between copies of the same article, strongest first; the others join different articles.
#: `same_cluster`: both are copies of a third text.
COPIES = ("exact", "republication", "correction", "abridgement", "extension", "recurring", "same_cluster")


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """What of `b` stands in `a`."""

    n_a: int
    n_b: int
    #: Texts of `b` of which a copy is in `a`.
    n_leaked: int
    #: Texts of `b` that are a copy of, or otherwise related to, a text of `a`.
    n_related: int
    #: Kind of relation to the texts of `b` that have it with `a`; a text counts once, under its strongest.
    kinds: dict[str, int]
    #: `a`, `b`, `relation`, `similarity`: the pairs, in the order of `b`, `a`.
    pairs: pa.Table

    @property
    def rate(self) -> float:
        """The share of `b` of which a copy is in `a`."""
        return self.n_leaked / self.n_b if self.n_b else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the measurement as JSON data, without the pairs."""
        names = ("n_a", "n_b", "n_leaked", "rate", "n_related", "kinds")
        return {name: getattr(self, name) for name in names} | {"n_pairs": len(self.pairs)}

    def to_text(self) -> str:
        """Return the measurement for people."""
        kinds = [f"  {n:>9,}  {kind}" for kind, n in self.kinds.items()]
        head = f"{self.n_leaked:,} of {self.n_b:,} texts ({self.rate:.2%}) are copies of one of the other {self.n_a:,}"
        more = self.n_related - self.n_leaked
        return "\n".join([head, *kinds, *([f"{more:,} more are related otherwise"] if more else [])])

    def write(self, target: Path) -> None:
        """Write the pairs as Parquet.

        Raises:
            OutputError: the folder does not exist.
        """
        import pyarrow.parquet as pq

        with temporary_sibling(target) as partial:
            pq.write_table(self.pairs, partial, compression="zstd", compression_level=3)


def leak(
    a: Iterable[pa.RecordBatch],
    b: Iterable[pa.RecordBatch],
    *,
    parameters: Parameters | Mapping[str, Any] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Leak:
    """Measure how many texts of `b`, such as a test set, are copies of texts of `a`, such as what it trains on.

    Args:
        a: texts with the schema `newsds.texts.TEXTS_SCHEMA`.
        b: other texts; identifiers of the two need not differ.
        parameters: of deduplication.
        progress: is called with the number of texts read since the last call.

    Raises:
        InputError: an identifier is null or occurs twice in one of them.
    """
    sizes: Counter[str] = Counter()
    marked = (batch for side, batches in (("a", a), ("b", b)) for batch in _marked(batches, side, sizes))
    found = dedupe(marked, parameters=parameters, progress=progress)
    pairs = _across(found.relations)
    strongest = _strongest(pairs, _clustered(found.clusters))
    kinds = Counter(strongest.values())
    return Leak(
        n_a=sizes["a"],
        n_b=sizes["b"],
        n_leaked=sum(kinds[kind] for kind in COPIES),
        n_related=len(strongest),
        kinds={kind: kinds[kind] for kind in sorted(kinds, key=_strength)},
        pairs=pairs,
    )


def _marked(batches: Iterable[pa.RecordBatch], side: str, sizes: Counter[str]) -> Iterator[pa.RecordBatch]:
    """Yield texts whose identifiers say on which side they are."""
    for batch in batches:
        sizes[side] += len(batch)
        ids = pc.binary_join_element_wise(pa.scalar(side), batch.column("id"), pa.scalar(":"))
        columns = [ids if name == "id" else batch.column(name) for name in TEXTS_SCHEMA.names]
        yield pa.RecordBatch.from_arrays(columns, schema=TEXTS_SCHEMA)


def _across(relations: pa.Table) -> pa.Table:
    """Return the relations from one side to the other, with the texts under their own identifiers."""
    ends = relations.column("a").combine_chunks(), relations.column("b").combine_chunks()
    is_b = [pc.starts_with(end, "b:").to_numpy(zero_copy_only=False) for end in ends]
    crossing = np.flatnonzero(is_b[0] != is_b[1])
    rows, turned = relations.take(pa.array(crossing)), pa.array(is_b[0][crossing], pa.bool_())
    names = [pc.utf8_slice_codeunits(rows.column(name).combine_chunks(), 2) for name in ("a", "b")]
    table = pa.table(
        {
            "a": pc.if_else(turned, names[1], names[0]),
            "b": pc.if_else(turned, names[0], names[1]),
            "relation": rows.column("relation"),
            "similarity": rows.column("similarity"),
        }
    )
    return table.sort_by([(name, "ascending") for name in ("b", "a", "relation")])


def _strength(kind: str) -> tuple[int, str]:
    return (COPIES.index(kind) if kind in COPIES else len(COPIES), kind)


def _clustered(clusters: pa.Table) -> list[str]:
    """Return the texts of `b` whose cluster has a text of `a`."""
    ids, names = clusters.column("article_id"), clusters.column("cluster_id")
    is_b = pc.starts_with(ids, "b:")
    known = names.filter(pc.invert(is_b)).combine_chunks()
    leaked = ids.filter(pc.and_(is_b, pc.is_in(names, value_set=known)))
    return [name[2:] for name in leaked.to_pylist()]


def _strongest(pairs: pa.Table, clustered: list[str]) -> dict[str, str]:
    """Return text of `b` to the strongest of its relations to `a`."""
    found = dict.fromkeys(clustered, "same_cluster")
    for name, kind in zip(pairs.column("b").to_pylist(), pairs.column("relation").to_pylist(), strict=True):
        found[name] = min(found.get(name, kind), kind, key=_strength)
    return found
