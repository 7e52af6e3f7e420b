"""The ids of clusters stay what they were, whatever comes or goes."""

from collections.abc import Callable, Mapping

import pyarrow as pa

from newsds.dedup.clusters import cluster_id

__all__ = ["keep_names"]


def keep_names(found: pa.Table, before: Mapping[str, str], *, is_free: Callable[[str], bool]) -> list[str]:
    """Return the id of each article's cluster: the one that most of its members had, or that of the founder.

    No two clusters get one id: of the parts of a cluster that broke, the largest keeps it.

    Args:
        found: a table with `newsds.dedup.clusters.CLUSTERS_SCHEMA`.
        before: the cluster that each article was in, if it was in one.
        is_free: tells whether no other cluster has an id.
    """
    ids, fresh = found["article_id"].to_pylist(), found["cluster_id"].to_pylist()
    members: dict[str, list[str]] = {}
    for name, cluster in zip(ids, fresh, strict=True):
        members.setdefault(cluster, []).append(name)
    chosen = _vote(members, before)
    taken = set(chosen.values())
    for cluster in sorted(members.keys() - chosen.keys()):
        free = cluster
        while free in taken or not is_free(free):
            free = cluster_id(free)
        chosen[cluster] = free
        taken.add(free)
    return [chosen[cluster] for cluster in fresh]


def _vote(members: Mapping[str, list[str]], before: Mapping[str, str]) -> dict[str, str]:
    """Return the old id of each cluster that has one: the votes of most members first."""
    votes = []
    for cluster, names in members.items():
        had: dict[str, int] = {}
        for name in names:
            if name in before:
                had[before[name]] = had.get(before[name], 0) + 1
        votes += [(-count, old != cluster, old, cluster) for old, count in had.items()]
    chosen: dict[str, str] = {}
    taken: set[str] = set()
    for _, _, old, cluster in sorted(votes):
        if cluster not in chosen and old not in taken:
            chosen[cluster] = old
            taken.add(old)
    return chosen
