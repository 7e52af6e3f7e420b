"""Splits: articles that belong together stay together, and later articles go to later splits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Assignment", "assign", "components", "links", "positions"]

Ints = npt.NDArray[np.int64]

#: Time of what has no date: before everything, so that it is never taken for later than something.
UNDATED = np.iinfo(np.int64).min


def positions(ids: pa.Array, wanted: pa.Array | pa.ChunkedArray) -> Ints:
    """Return where each wanted identifier stands in `ids`; -1 where it does not."""
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


def components(n: int, left: Ints, right: Ints) -> Ints:
    """Return for each of `n` things the smallest number among those it is linked to, itself included.

    Args:
        n: number of things.
        left: one end of each link.
        right: the other end.
    """
    labels = np.arange(n, dtype=np.int64)
    while True:
        smaller = np.minimum(labels[left], labels[right])
        before = labels.copy()
        np.minimum.at(labels, left, smaller)
        np.minimum.at(labels, right, smaller)
        np.minimum.at(labels, before[left], smaller)
        np.minimum.at(labels, before[right], smaller)
        labels = labels[labels]
        if np.array_equal(before, labels):
            return labels


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """Which article goes to which split."""

    names: tuple[str, ...]
    #: For each article the number of its split.
    split: Ints

    def sizes(self) -> dict[str, int]:
        """Return split to its number of articles."""
        counts = np.bincount(self.split, minlength=len(self.names))
        return dict(zip(self.names, (int(n) for n in counts), strict=True))

    def n_crossing(self, left: Ints, right: Ints) -> int:
        """Return how many links lead from one split to another; 0 proves that none does."""
        return int(np.count_nonzero(self.split[left] != self.split[right]))


def assign(labels: Ints, times: Ints, shares: Mapping[str, float]) -> Assignment:
    """Return an assignment by component and time.

    Components are put in the order of their earliest article, ties in the order of their labels, and cut where
    the shares say; a component lies in the split in which its middle lies.

    Args:
        labels: the component of each article; the order of the labels must be that of the articles' ids.
        times: microseconds since 1970 of each article, or `UNDATED`.
        shares: split to its share of the articles, in order of time.
    """
    members, component = np.unique(labels, return_inverse=True)
    first = np.full(len(members), np.iinfo(np.int64).max)
    np.minimum.at(first, component, times)
    sizes = np.bincount(component, minlength=len(members))
    order = np.lexsort((members, first))
    middles = np.cumsum(sizes[order]) - sizes[order] / 2
    bounds = np.cumsum([*shares.values()])[:-1] * len(labels)
    split = np.empty(len(members), np.int64)
    split[order] = np.searchsorted(bounds, middles)
    return Assignment(names=tuple(shares), split=split[component])


def split_parameters(shares: Mapping[str, float]) -> dict[str, Any]:
    """Return what the manifest says about the split."""
    return {"by": "time" if len(shares) > 1 else "none", "shares": dict(shares)}
