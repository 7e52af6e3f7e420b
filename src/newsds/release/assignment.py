"""Assignments: which article goes to which split, so that what belongs together stays together."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newsds.dedup.components import components
from newsds.project import SplitChoices

__all__ = [
    "UNDATED",
    "Assignment",
    "Bonds",
    "Ints",
    "assign",
    "components",
    "instants",
    "links",
    "positions",
    "stratum_numbers",
]

Ints = npt.NDArray[np.int64]

#: Time of what has no date: before everything, so that it is never taken for later than something.
UNDATED = np.iinfo(np.int64).min


def positions(ids: pa.Array, wanted: pa.Array | pa.ChunkedArray) -> Ints:
    """Return where each wanted identifier stands in `ids`; -1 where it does not."""
    if not len(ids):
        return np.full(len(wanted), -1, np.int64)
    found = pc.fill_null(pc.index_in(wanted, value_set=ids), pa.scalar(-1, pa.int32()))
    return np.asarray(
        found.to_numpy(zero_copy_only=False) if isinstance(found, pa.Array) else found, np.int64
    )


def links(ids: pa.Array, clusters: pa.Table, relations: pa.Table) -> tuple[Ints, Ints]:
    """Return both ends of everything that must not be parted: copies in one cluster, and related articles.

    Args:
        ids: the articles; the ends are positions in it, -1 for an article that is not in it.
        clusters: a table with `article_id` and `cluster_id`.
        relations: a table with `a` and `b`, both ids of articles.
    """
    members = positions(ids, clusters.column("article_id"))
    # The identifier of a cluster need not be that of an article: the first member stands for it.
    names = clusters.column("cluster_id").combine_chunks().dictionary_encode().indices.to_numpy()
    _, first, cluster = np.unique(names, return_index=True, return_inverse=True)
    left, right = (positions(ids, relations.column(name)) for name in ("a", "b"))
    return np.concatenate([members, left]), np.concatenate([members[first][cluster], right])


@dataclass(frozen=True, kw_only=True, slots=True)
class Bonds:
    """Articles, and what must not be parted: copies in one cluster, and related articles."""

    #: Sorted; what follows are positions in it.
    ids: pa.Array
    #: For each article the first of its cluster.
    cluster: Ints
    #: Both ends of each relation.
    left: Ints
    right: Ints

    @classmethod
    def of(cls, ids: pa.Array, clusters: pa.Table, relations: pa.Table) -> "Bonds":
        """Return the bonds of articles.

        Args:
            ids: the articles, sorted, each with a row in `clusters`.
            clusters: a table with `article_id` and `cluster_id`.
            relations: a table with `a` and `b`, both ids of articles.
        """
        members = positions(ids, clusters.column("article_id"))
        names = clusters.column("cluster_id").combine_chunks().dictionary_encode().indices.to_numpy()
        first = np.full(len(ids), len(ids))
        np.minimum.at(first, names, members)
        cluster = np.arange(len(ids))
        cluster[members] = first[names]
        left, right = (positions(ids, relations.column(name)) for name in ("a", "b"))
        return cls(ids=ids, cluster=cluster, left=left, right=right)

    def links(self) -> tuple[Ints, Ints]:
        """Return both ends of everything that must not be parted."""
        everyone = np.arange(len(self.ids))
        return np.concatenate([everyone, self.left]), np.concatenate([self.cluster, self.right])

    def components(self) -> Ints:
        """Return for each article the first of those it hangs together with."""
        return components(len(self.ids), *self.links())


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """Which article goes to which split."""

    names: tuple[str, ...]
    #: For each article the number of its split; -1 if it is left out.
    split: Ints

    def sizes(self) -> dict[str, int]:
        """Return split to its number of articles."""
        counts = np.bincount(self.split[self.split >= 0], minlength=len(self.names))
        return dict(zip(self.names, (int(n) for n in counts), strict=True))

    @property
    def n_left_out(self) -> int:
        """The number of articles in no split."""
        return int(np.count_nonzero(self.split < 0))

    def n_crossing(self, left: Ints, right: Ints) -> int:
        """Return how many links lead from one split to another; 0 proves that none does."""
        ends = self.split[left], self.split[right]
        return int(np.count_nonzero((ends[0] != ends[1]) & (ends[0] >= 0) & (ends[1] >= 0)))


def assign(
    labels: Ints,
    times: Ints,
    choices: SplitChoices,
    *,
    ids: pa.Array,
    strata: Ints | None = None,
    present: Ints | None = None,
) -> Assignment:
    """Return an assignment by component.

    Components are put in the order of their earliest article, or at random in that of a hash of the seed and
    their smallest id, and cut where the shares say; a component lies in the split in which its middle lies.

    Args:
        labels: the component of each article, as the position of its smallest id; see `components`.
        times: microseconds since 1970 of each article, or `UNDATED`.
        choices: how to split.
        ids: the articles, sorted.
        strata: for each article the number of its stratum; a component belongs to that of its smallest id.
        present: for each stratum, and each split, the articles that are there already: of the shares, what is missing
            is filled up.
    """
    members, component = np.unique(labels, return_inverse=True)
    first = np.full(len(members), np.iinfo(np.int64).max)
    np.minimum.at(first, component, times)
    sizes = np.bincount(component, minlength=len(members))
    keys = _draws(ids, members, choices.seed) if choices.by == "random" else first
    groups = np.zeros(len(members), np.int64) if strata is None else strata[members]
    split = np.empty(len(members), np.int64)
    for group in np.unique(groups):
        there = np.flatnonzero(groups == group)
        order = there[np.lexsort((members[there], keys[there]))]
        there_already = None if present is None else present[group]
        split[order] = _cut(sizes[order], list(choices.shares.values()), there_already)
    found = Assignment(names=tuple(choices.shares), split=split[component])
    return _with_embargo(found, component, times, first, choices) if choices.embargo_hours else found


def _cut(sizes: Ints, shares: Sequence[float], present: Ints | None) -> Ints:
    """Return the split in which the middle of each component lies, components in order."""
    middles = np.cumsum(sizes) - sizes / 2
    wanted = np.array(shares)
    if present is not None and present.any():
        wanted = _missing(wanted, present, int(sizes.sum()))
    bounds = np.cumsum(wanted)[:-1] * sizes.sum()
    return np.searchsorted(bounds, middles)


def _missing(shares: npt.NDArray[np.float64], present: Ints, n_new: int) -> npt.NDArray[np.float64]:
    """Return the shares by which new articles bring all nearest to theirs."""
    missing = np.maximum(shares * (present.sum() + n_new) - present, 0)
    return np.asarray(missing / missing.sum(), np.float64)


def _draws(ids: pa.Array, members: Ints, seed: int) -> Ints:
    """Return a number for each component that depends on nothing but the seed and its smallest id."""
    names = ids.take(pa.array(members)).to_pylist()
    digests = (hashlib.sha256(f"newsds-split-1\0{seed}\0{name}".encode()).digest() for name in names)
    return np.fromiter((int.from_bytes(digest[:7]) for digest in digests), np.int64, len(names))


def _with_embargo(
    found: Assignment, component: Ints, times: Ints, first: Ints, choices: SplitChoices
) -> Assignment:
    """Leave out the components that reach over a border, or into the hours after it.

    A border is the time of the first component of a split. What has no date lies on no side, and is left out too.
    """
    last = np.full(len(first), UNDATED)
    np.maximum.at(last, component, times)
    split = np.empty(len(first), np.int64)
    split[component] = found.split
    is_out = first == UNDATED
    width = int(choices.embargo_hours * 3_600_000_000)
    for number in range(1, len(found.names)):
        later = (split >= number) & (first != UNDATED)
        if later.any():
            border = first[later].min()
            is_out |= (first < border) & (last > border)
            is_out |= (first >= border) & (first < border + width)
    return Assignment(names=found.names, split=np.where(is_out[component], -1, found.split))


def stratum_numbers(values: list[str | None]) -> Ints:
    """Return the number of each value in the order of the values; none comes first."""
    known = {
        value: number
        for number, value in enumerate(sorted({value for value in values if value is not None}), 1)
    }
    return np.array([0 if value is None else known[value] for value in values], np.int64)


def instants(dates: pa.Array | pa.ChunkedArray) -> Ints:
    """Return microseconds since 1970, `UNDATED` for null."""
    plain = dates.combine_chunks() if isinstance(dates, pa.ChunkedArray) else dates
    numbers = plain.cast(pa.timestamp("us", tz="UTC")).view(pa.int64())
    return np.asarray(pc.fill_null(numbers, pa.scalar(UNDATED, pa.int64())).to_numpy(), np.int64)
