"""What holds between the tables of a release: each article in one cluster, and no link from one split to another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsds.release.assignment import Assignment, Ints, links, positions
from newsds.release.descriptors import ARTICLES
from newsds.release.manifest import MANIFEST, Manifest, Shard
from newsds.release.problems import Problem

__all__ = ["References"]

#: Columns kept of each table, where it has them.
_KEPT = {
    ARTICLES: ("id",),
    "clusters": ("article_id", "cluster_id", "role", "n_copies", "earlier_id", "earlier_release"),
    "relations": ("a", "b"),
    "earlier": ("article_id", "earlier_id", "earlier_release"),
}


@dataclass
class References:
    """Gathers the identifiers of a release, batch by batch: about a hundred bytes for each article."""

    _batches: dict[str, list[pa.RecordBatch]] = field(default_factory=lambda: {name: [] for name in _KEPT})
    _splits: list[tuple[str, int]] = field(default_factory=list)

    def add(self, shard: Shard, batch: pa.RecordBatch) -> None:
        """Keep what a batch of a shard refers to."""
        kept = _KEPT.get(shard.config)
        if kept is None:
            return
        there = [name for name in kept if name in batch.schema.names]
        self._batches[shard.config].append(batch.select(there))
        if shard.config == ARTICLES:
            self._splits.append((shard.split, len(batch)))

    def copies(self) -> dict[str, int]:
        """Return what the table of clusters counts up to: see `count_copies`."""
        return count_copies(self._table("clusters"))

    def _table(self, name: str) -> pa.Table:
        batches = self._batches[name]
        empty = pa.schema([(column, pa.string()) for column in _KEPT[name]])
        return pa.Table.from_batches(batches, schema=None if batches else empty)

    def problems(self, manifest: Manifest) -> Iterator[Problem]:
        """Yield what does not hold."""
        ids = self._table(ARTICLES).column("id").combine_chunks()
        n_doubles = len(ids) - pc.count_distinct(ids).as_py()
        if n_doubles:
            yield Problem(path=f"{MANIFEST} config {ARTICLES}", message=f"{n_doubles} ids stand twice")
        clusters, relations = self._table("clusters"), self._table("relations")
        if not any(config.name == "clusters" for config in manifest.configs):
            return
        named = clusters.column("article_id").combine_chunks()
        members = positions(ids, named)
        if not np.array_equal(np.sort(members[members >= 0]), np.arange(len(ids))):
            message = "does not have each article once"
            yield Problem(path=f"{MANIFEST} config clusters", message=message)
            return
        roles = np.asarray(clusters.column("role").to_pylist(), dtype=object)
        if not self._may_be_absent(manifest, roles[members < 0]):
            yield Problem(path=f"{MANIFEST} config clusters", message="names articles that are not there")
            return
        left, right = links(named, clusters, relations)
        if len(left) and min(left.min(), right.min()) < 0:
            yield Problem(path=f"{MANIFEST} config relations", message="names articles that are not there")
            return
        yield from _earlier_problems(manifest, named, clusters, self._table("earlier"))
        # An article whose text is left out stands in no split.
        split = np.where(members >= 0, self._split_numbers()[members], -1) if len(ids) else members
        n_crossing = Assignment(names=(), split=split).n_crossing(left, right)
        if n_crossing:
            message = f"{n_crossing} copies or related articles stand in different splits"
            yield Problem(path=f"{MANIFEST} config {ARTICLES}", message=message)

    @staticmethod
    def _may_be_absent(manifest: Manifest, roles: Iterable[str]) -> bool:
        """Tell whether copies of these roles may be named without being there."""
        absent = set(roles)
        return not absent or (manifest.parameters.get("copies") == "canonical" and "canonical" not in absent)

    def _split_numbers(self) -> Ints:
        names = {name: number for number, name in enumerate(dict.fromkeys(name for name, _ in self._splits))}
        numbers = [np.full(n, names[name], np.int64) for name, n in self._splits]
        return np.concatenate(numbers) if numbers else np.empty(0, np.int64)


def _earlier_problems(
    manifest: Manifest, named: pa.Array, clusters: pa.Table, earlier: pa.Table
) -> Iterator[Problem]:
    """Yield what does not hold between a release and those before it."""
    where = f"{MANIFEST} config earlier"
    if len(earlier) and (positions(named, earlier.column("article_id")) < 0).any():
        yield Problem(path=where, message="names articles that are not there")
    if len(earlier) and (positions(named, earlier.column("earlier_id")) >= 0).any():
        yield Problem(path=where, message="names articles as earlier ones that are in this release")
    known = (manifest.parameters.get("index") or {}).get("earlier", [])
    for name, table in (("earlier", earlier), ("clusters", clusters)):
        if "earlier_release" not in table.schema.names:
            continue
        strange = set(pc.unique(table.column("earlier_release")).to_pylist()) - {*known, None}
        if strange:
            yield Problem(
                path=f"{MANIFEST} config {name}",
                message=f"names a release before this one that the manifest does not: {min(strange)}",
            )


def count_copies(clusters: pa.Table) -> dict[str, int]:
    """Return the numbers of clusters of two articles or more, and of copies in them beside the canonical ones.

    Where earlier releases are known, also that of articles which they have, or of which they have copies.
    """
    earlier = (
        {"n_earlier": len(clusters) - clusters.column("earlier_id").null_count}
        if "earlier_id" in clusters.schema.names
        else {}
    )
    if not len(clusters):
        return {"n_clusters": 0, "n_copies": 0, **earlier}
    one = pa.scalar(1, clusters.schema.field("n_copies").type)
    several = clusters.filter(pc.greater(clusters.column("n_copies"), one))
    n_canonical = pc.sum(pc.equal(several.column("role"), pa.scalar("canonical"))).as_py() or 0
    n_clusters = pc.count_distinct(several.column("cluster_id")).as_py()
    return {"n_clusters": n_clusters, "n_copies": len(several) - n_canonical, **earlier}
