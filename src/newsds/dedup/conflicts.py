"""Copies that are no copies of each other do not stay in one cluster."""

from collections import defaultdict
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.canonical import Findings, Kept
from newsds.dedup.grouping import Links, find_links, find_partners, group
from newsds.dedup.relations import KINDS, RULES

__all__ = ["find_conflicts", "name_the_open", "part"]

Ints: TypeAlias = NDArray[np.int64]


def find_conflicts(found: Findings) -> Ints:
    """Return the pairs in one cluster that are related and no copies of each other: two columns."""
    pairs = find_links(found.versions).conflicts
    return pairs[found.owner[pairs[:, 0]] == found.owner[pairs[:, 1]]]


def part(found: Findings, kept: Kept, conflicts: Ints) -> Findings:
    """Return what was found, with the copies that are in conflict with earlier ones of a cluster in others.

    The canonical copy stays, and so does each copy that is in conflict with none that stays, in the order of time.
    What leaves a cluster is grouped anew.
    """
    apart = find_partners(conflicts)
    staying = defaultdict(set)
    for text in kept.canonical.tolist():
        staying[int(found.owner[text])].add(text)
    leaving = []
    for text in sorted(apart):
        others = staying[int(found.owner[text])]
        if text in others:
            continue
        if apart[text] & others:
            leaving.append(text)
        else:
            others.add(text)
    # The text that represented the cluster may be among those that leave it.
    owner = found.owner.copy()
    owner[kept.texts] = np.repeat(kept.canonical, kept.sizes)
    owner[leaving] = group(_links_among(found, np.array(leaving)), found.n_words)[leaving]
    return replace(found, owner=owner)


def name_the_open(found: Findings) -> Findings:
    """Return what was found, with the pairs in one cluster that are neither copies nor in conflict called copies."""
    versions = found.versions
    is_open = (versions.kinds > 0) & ~versions.is_same_article
    is_open &= found.owner[versions.a] == found.owner[versions.b]
    rule = [rule.name for rule in RULES].index("copies-of-a-third")
    kinds = np.where(is_open, KINDS.index(RULES[rule].kind), versions.kinds)
    rules = np.where(is_open, rule, versions.rules)
    return replace(found, versions=replace(versions, kinds=kinds, rules=rules))


def _links_among(found: Findings, texts: Ints) -> Links:
    """Return the links between some texts that were in one cluster; of equal texts, not all pairs were written down."""
    is_among = np.zeros(len(found.owner), bool)
    is_among[texts] = True
    links = find_links(found.versions)

    def are_near(a: Ints, b: Ints) -> NDArray[np.bool_]:
        return is_among[a] & is_among[b] & (found.owner[a] == found.owner[b])

    near, conflicts = are_near(links.a, links.b), are_near(*links.conflicts.T)
    order = texts[np.argsort(found.first[texts], kind="stable")]
    equal = found.first[order][1:] == found.first[order][:-1]
    return Links(
        a=np.concatenate((links.a[near], order[:-1][equal])),
        b=np.concatenate((links.b[near], order[1:][equal])),
        weights=np.concatenate((links.weights[near], np.full(equal.sum(), 1000))),
        conflicts=links.conflicts[conflicts],
    )
