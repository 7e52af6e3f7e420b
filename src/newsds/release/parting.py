"""Which article of a release goes to which split, and what of that was so before."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsds.errors import ProjectError
from newsds.project import Project
from newsds.release.assignment import UNDATED, Assignment, Bonds, Ints, assign, instants
from newsds.release.copies import Copies
from newsds.release.keeping import Keeping, keep
from newsds.release.kept import KEPT_SCHEMA, Kept
from newsds.release.order import Index

__all__ = ["Parting", "part"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Parting:
    """The splits of the staged articles."""

    assignment: Assignment
    #: What came of splits that were to be kept; null: none were.
    keeping: Keeping | None
    #: Articles that are in a split and were in none before, with `KEPT_SCHEMA`.
    fresh: pa.Table

    @property
    def n_torn(self) -> int:
        """The number of articles left out because they belong to articles of two splits."""
        return len(self.keeping.torn) if self.keeping else 0


def part(project: Project, index: Index, copies: Copies) -> Parting:
    """Split the articles of a release; what earlier releases split keeps its split.

    Raises:
        ProjectError: no article is left in any split.
        UsageError: an article was in a split that is not chosen.
    """
    everyone = _Everyone.of(index, copies)
    if copies.earlier is None and not copies.kept:
        found, keeping = _anew(project, everyone), None
    else:
        kept = Kept.joined(copies.kept)
        standing = keep(
            everyone.bonds,
            everyone.times,
            project.split,
            kept,
            strata=everyone.strata,
            is_own=everyone.is_own,
        )
        found = standing.assignment
        keeping = Keeping.of(standing, everyone.bonds.ids, kept.name) if copies.kept else None
    assert found.n_crossing(*everyone.bonds.links()) == 0
    own = Assignment(names=found.names, split=found.split[everyone.ranks])
    if own.n_left_out == len(own.split):
        raise ProjectError(
            "/newsds/split: every article is left out: it lies near a border, has no date, or belongs to articles of two "
            "splits; shorten the embargo, or split at random"
        )
    return Parting(assignment=own, keeping=keeping, fresh=_fresh(index, own, copies))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Everyone:
    """The articles of a release and those of earlier ones that they belong to, in the order of the ids."""

    bonds: Bonds
    times: Ints
    strata: Ints | None
    is_own: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    #: The place of each staged article.
    ranks: Ints

    @classmethod
    def of(cls, index: Index, copies: Copies) -> "_Everyone":
        n, ids, times = len(index.ids), index.ids, index.times
        clusters = copies.clusters.clusters.select(["article_id", "cluster_id"])
        relations = copies.clusters.relations.select(["a", "b"])
        if copies.earlier is not None:
            around = copies.earlier.around
            ids = pa.concat_arrays([ids, around["article_id"].combine_chunks()])
            times = np.concatenate((times, instants(around["published_at"])))
            clusters = pa.concat_tables([clusters, around.select(["article_id", "cluster_id"])])
            relations = pa.concat_tables([relations, copies.earlier.relations.select(["a", "b"])])
        by_id = pc.sort_indices(ids).to_numpy().astype(np.int64)
        ranks = np.empty(len(ids), np.int64)
        ranks[by_id] = np.arange(len(ids))
        strata = index.strata
        if strata is not None:
            strata = np.concatenate((strata, np.zeros(len(ids) - n, np.int64)))[by_id]
        return cls(
            bonds=Bonds.of(ids.take(pa.array(by_id)), clusters, relations),
            times=times[by_id],
            strata=strata,
            is_own=by_id < n,
            ranks=ranks[:n],
        )


def _anew(project: Project, everyone: _Everyone) -> Assignment:
    bonds = everyone.bonds
    return assign(bonds.components(), everyone.times, project.split, ids=bonds.ids, strata=everyone.strata)


def _fresh(index: Index, found: Assignment, copies: Copies) -> pa.Table:
    """Return the articles that are in a split and that the index does not know to be."""
    if copies.addition is None:
        return KEPT_SCHEMA.empty_table()
    rows = np.flatnonzero(found.split >= 0)
    times = index.times[rows]
    table = pa.Table.from_arrays(
        [
            index.ids.take(pa.array(rows)),
            pa.array(list(found.names), pa.string()).take(pa.array(found.split[rows])),
            pa.array(times, mask=times == UNDATED).cast(KEPT_SCHEMA.field("published_at").type),
        ],
        schema=KEPT_SCHEMA,
    )
    known = copies.addition.kept_splits()["id"].combine_chunks()
    return table.filter(pc.invert(pc.is_in(table["id"], value_set=known)))
