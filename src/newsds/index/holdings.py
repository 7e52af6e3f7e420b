"""What an index knows of one release: its articles among themselves, and what earlier releases have of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsds.dedup.clusters import CLUSTERS_SCHEMA, RELATIONS_SCHEMA, Clusters
from newsds.dedup.parameters import Parameters
from newsds.dedup.rarity import Rarity
from newsds.dedup.regrouping import restrict
from newsds.index.commonness import add_counts, no_counts
from newsds.index.manifest import Release
from newsds.index.segments import State
from newsds.index.shards import read_texts
from newsds.index.update import Addition

__all__ = ["EARLIER_RELATIONS_SCHEMA", "HELD_SCHEMA", "Holdings", "read_holdings"]

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

#: The clusters of a release; `earlier_id` is the earliest article of the cluster that earlier releases have, which may be
#: the article itself, and `earlier_release` the one that had it first. Null: none has one.
HELD_SCHEMA = pa.schema(
    [*CLUSTERS_SCHEMA, pa.field("earlier_id", pa.string()), pa.field("earlier_release", pa.string())]
)

#: Relations of an article of the release to one that earlier releases have, and the release does not.
EARLIER_RELATIONS_SCHEMA = pa.schema(
    [
        pa.field("article_id", pa.string(), nullable=False),
        pa.field("earlier_id", pa.string(), nullable=False),
        pa.field("earlier_release", pa.string(), nullable=False),
        *RELATIONS_SCHEMA,
    ]
)


@dataclass(frozen=True, kw_only=True)
class Holdings:
    """What is known of the articles of a release."""

    #: The clusters with `HELD_SCHEMA`: ids as in the index, all else among the articles of the release alone; and the
    #: relations between two of them.
    own: Clusters
    #: With `EARLIER_RELATIONS_SCHEMA`.
    earlier: pa.Table
    #: `article_id`, `cluster_id` and `published_at` of articles of earlier releases that articles of this one belong to.
    around: pa.Table
    #: Articles that earlier releases have too.
    n_known: int


def read_holdings(
    addition: Addition, *, parameters: Parameters, workers: int = 1, spill: Path | None = None
) -> Holdings:
    """Return what an index knows of the articles of a release that is added to it.

    Args:
        addition: the release.
        parameters: choices of deduplication.
        workers: threads.
        spill: folder for temporary files.
    """
    view = _View(addition)
    inside, crossing = view.links()
    relations = view.state.read_relations(inside)
    clusters = _among_themselves(view, relations, parameters=parameters, workers=workers, spill=spill)
    earlier = _to_earlier(view, crossing)
    clusters = _with_supersedes(clusters, earlier)
    return Holdings(
        own=Clusters(clusters=_with_earlier(view, clusters), relations=relations),
        earlier=earlier,
        around=_around(view, crossing),
        n_known=int(np.count_nonzero(view.own < view.start)),
    )


class _View:
    """An index as one release sees it."""

    def __init__(self, addition: Addition) -> None:
        self.state: State = addition.state
        self.own, self.start = addition.own, addition.start
        self.releases: Sequence[Release] = addition.earlier

    @cached_property
    def own_names(self) -> pa.Array:
        """The ids of the articles of the release, in the order of their numbers."""
        return self.names(self.own)

    @property
    def clusters(self) -> pa.Table:
        """The rows of the articles of the release, in the order of their ids."""
        rows = self.state.find_numbers(self.own)
        return self.state.read_articles(rows, CLUSTERS_SCHEMA.names).sort_by("article_id").combine_chunks()

    def is_outside(self, numbers: Ints) -> Flags:
        """Tell which articles earlier releases have, and this one does not."""
        return (numbers < self.start) & ~np.isin(numbers, self.own)

    def links(self) -> tuple[Ints, Ints]:
        """Return the relations inside the release, and those between an article of it and one outside."""
        links = self.state.relations
        ends = [np.isin(side, self.own) for side in (links.a, links.b)]
        outside = [self.is_outside(side) for side in (links.a, links.b)]
        crossing = (ends[0] & outside[1]) | (ends[1] & outside[0])
        return np.flatnonzero(ends[0] & ends[1]), np.flatnonzero(crossing)

    def names(self, numbers: Ints) -> pa.Array:
        """Return the ids of articles."""
        rows = self.state.find_numbers(numbers)
        return self.state.read_articles(rows, ["article_id"])["article_id"].combine_chunks()

    def release_names(self, numbers: Ints) -> pa.Array:
        """Return the names of the releases that had articles first."""
        firsts = [release.first for release in self.releases]
        places = np.searchsorted(firsts, numbers, side="right") - 1
        return pa.array([release.name for release in self.releases], pa.string()).take(pa.array(places))


def _among_themselves(
    view: _View, relations: pa.Table, *, parameters: Parameters, workers: int, spill: Path | None
) -> pa.Table:
    """Return the clusters of a release as if no other article were in them."""
    manifest, folder = view.state.manifest, view.state.folder

    def read(ids: pa.Array) -> Iterator[pa.RecordBatch]:
        is_wanted = pc.is_in(view.own_names, value_set=ids).to_numpy(zero_copy_only=False)
        return read_texts(folder, manifest.shards, view.own[is_wanted])

    def count() -> Rarity:
        parts = ((folder / one.rarity, one.n_texts) for one in manifest.segments if one.rarity)
        return add_counts(no_counts(), parts)

    return restrict(
        view.clusters, relations, read, parameters=parameters, count=count, workers=workers, spill=spill
    )


def _to_earlier(view: _View, crossing: Ints) -> pa.Table:
    """Return the relations to articles of earlier releases, in the order of the ids."""
    links = view.state.relations
    ends = np.union1d(links.a[crossing], links.b[crossing])
    others = ends[view.is_outside(ends)]
    release_of = dict(
        zip(view.names(others).to_pylist(), view.release_names(others).to_pylist(), strict=True)
    )
    relations = view.state.read_relations(crossing)
    own = pc.is_in(relations["a"], value_set=view.own_names)
    earlier = pc.if_else(own, relations["b"], relations["a"])
    columns = [
        pc.if_else(own, relations["a"], relations["b"]),
        earlier,
        pa.array([release_of[name] for name in earlier.to_pylist()], pa.string()),
        *relations.columns,
    ]
    by_pair = [(name, "ascending") for name in ("article_id", "earlier_id", "relation")]
    return pa.Table.from_arrays(columns, schema=EARLIER_RELATIONS_SCHEMA).sort_by(by_pair)


def _with_supersedes(clusters: pa.Table, earlier: pa.Table) -> pa.Table:
    """Return clusters whose articles replace none but articles of the release or of an earlier one."""
    named = clusters["supersedes"]
    seen = pa.chunked_array(
        [*clusters["article_id"].chunks, *earlier["earlier_id"].chunks], pa.string()
    ).combine_chunks()
    at = CLUSTERS_SCHEMA.get_field_index("supersedes")
    kept = pc.if_else(pc.is_in(named, value_set=seen), named, pa.scalar(None, pa.string()))
    return clusters.set_column(at, CLUSTERS_SCHEMA.field(at), kept)


def _with_earlier(view: _View, clusters: pa.Table) -> pa.Table:
    """Return clusters with the earliest article of each that earlier releases have."""
    articles = view.state.articles
    keys = articles.cluster_keys
    mine = keys[view.state.find_numbers(view.own)]
    rows = np.flatnonzero((articles.numbers < view.start) & np.isin(keys, mine))
    before = view.state.read_articles(rows, ["article_id", "cluster_id"])
    before = before.append_column("release", view.release_names(articles.numbers[rows]))
    before = before.append_column("time", pa.array(articles.times[rows]))
    before = before.sort_by([("time", "ascending"), ("article_id", "ascending")])
    first = pc.index_in(clusters["cluster_id"], value_set=before["cluster_id"].combine_chunks())
    columns = [*clusters.columns, before["article_id"].take(first), before["release"].take(first)]
    return pa.Table.from_arrays(columns, schema=HELD_SCHEMA)


def _around(view: _View, crossing: Ints) -> pa.Table:
    """Return the articles outside that are related to those of the release, or in their clusters."""
    links, articles = view.state.relations, view.state.articles
    ends = np.union1d(links.a[crossing], links.b[crossing])
    mine = articles.cluster_keys[view.state.find_numbers(view.own)]
    members = articles.numbers[np.isin(articles.cluster_keys, mine)]
    numbers = np.union1d(ends, members)
    rows = view.state.find_numbers(numbers[view.is_outside(numbers)])
    times = articles.times[rows]
    found = view.state.read_articles(rows, ["article_id", "cluster_id"])
    dates = pa.array(times, mask=times == np.iinfo(np.int64).min).cast(pa.timestamp("us", tz="UTC"))
    return found.append_column("published_at", dates)
