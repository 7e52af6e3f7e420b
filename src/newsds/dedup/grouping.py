"""From pairs to clusters: every member is a verified copy of its cluster's representative."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.versions import Versions

__all__ = ["Links", "find_links", "find_partners", "group", "missing_pairs"]

Ints: TypeAlias = NDArray[np.int64]

#: Groups of a component, the largest, whose representatives are compared with texts of others, and with how many;
#: the first with all.
_HEADS, _COMPARED = 8, 400


@dataclass(frozen=True, kw_only=True)
class Links:
    """Which texts are copies of the same article, and how alike they are."""

    a: Ints
    b: Ints
    #: Thousandths, so that sums do not depend on their order.
    weights: Ints
    #: Two columns: texts that are related and no copies of each other, such as updates and siblings.
    conflicts: Ints


def find_links(versions: Versions) -> Links:
    """Return the links that compared pairs are."""
    same = versions.is_same_article
    weights = np.rint(1000 * versions.similarity[same]).astype(np.int64)
    apart = versions.is_conflict
    conflicts = np.stack((versions.a[apart], versions.b[apart]), 1)
    return Links(a=versions.a[same], b=versions.b[same], weights=weights, conflicts=conflicts)


def group(links: Links, lengths: Ints) -> Ints:
    """Return the representative of each text; a text without copies represents itself.

    In each connected component the text with the heaviest links to texts that have no group yet represents itself
    and all of those; then the next. A chain of likenesses makes no group: only texts linked to the representative
    are in it. Of linked texts that are in conflict with each other, the one with the heavier link comes in, then
    the lower position.

    Args:
        links: copies of the same article.
        lengths: words of each text; of two candidates the longer represents, then the lower position.
    """
    owner = np.arange(len(lengths))
    lone, others = _part(links, len(lengths))
    left_leads = lengths[lone.a] > lengths[lone.b]
    left_leads |= (lengths[lone.a] == lengths[lone.b]) & (lone.a < lone.b)
    owner[lone.a] = owner[lone.b] = np.where(left_leads, lone.a, lone.b)
    has_link = np.bincount(np.concatenate((others.a, others.b)), minlength=len(lengths)) > 0
    apart = find_partners(links.conflicts[has_link[links.conflicts].all(1)])
    for members, near in _components(others):
        waiting = set(members)
        # A pull only ever falls: one that is as it was when it was put into the heap is the strongest.
        heap = [(-_pull(text, near, waiting), -int(lengths[text]), text) for text in members]
        heapify(heap)
        while waiting:
            pull, length, head = heappop(heap)
            if head not in waiting:
                continue
            if (now := -_pull(head, near, waiting)) != pull:
                heappush(heap, (now, length, head))
                continue
            found = _without_conflicts(head, near[head], waiting, apart)
            owner[list(found)] = head
            waiting -= found
    return owner


def find_partners(pairs: Ints) -> dict[int, set[int]]:
    """Return for each text of some pairs those it is paired with."""
    partners: dict[int, set[int]] = defaultdict(set)
    for a, b in pairs.tolist():
        partners[a].add(b)
        partners[b].add(a)
    return partners


def _without_conflicts(
    head: int, near: dict[int, int], waiting: set[int], apart: dict[int, set[int]]
) -> set[int]:
    """Return a representative with the texts that are linked to it and not in conflict with each other."""
    linked = near.keys() & waiting
    found = {head, *(linked - apart.keys())}
    for text in sorted(linked & apart.keys(), key=lambda text: (-near[text], text)):
        if not apart[text] & found:
            found.add(text)
    return found


def _pull(text: int, near: dict[int, dict[int, int]], waiting: set[int]) -> int:
    return sum(weight for other, weight in near[text].items() if other in waiting)


def missing_pairs(links: Links, owner: Ints, compared: Ints) -> Ints:
    """Return pairs of one component that were not compared and might join its groups.

    The representatives of the largest groups are paired with the texts of others, and with all representatives.

    Args:
        links: copies of the same article.
        owner: what `group` says of them.
        compared: two columns of texts.
    """
    wanted: set[tuple[int, int]] = set()
    for members, _ in _components(_part(links, len(owner))[1]):
        sizes = Counter(int(owner[text]) for text in members)
        if len(sizes) > 1:
            heads = sorted(sizes, key=lambda head: (-sizes[head], head))
            for head in heads[:_HEADS]:
                most = len(members) if head == heads[0] else _COMPARED
                others = [text for text in members if owner[text] != head][:most]
                wanted |= {(min(head, text), max(head, text)) for text in others}
    found = np.array(sorted(wanted), np.int64).reshape(-1, 2)
    lower, higher = np.minimum(*compared.T), np.maximum(*compared.T)
    return found[~np.isin(found[:, 0] << 32 | found[:, 1], lower << 32 | higher)]


def _part(links: Links, n: int) -> tuple[Links, Links]:
    """Return the links whose two texts have no other, and the rest."""
    degrees = np.bincount(np.concatenate((links.a, links.b)), minlength=n)
    is_lone = (degrees[links.a] == 1) & (degrees[links.b] == 1)
    lone, others = (
        replace(links, a=links.a[rows], b=links.b[rows], weights=links.weights[rows])
        for rows in (is_lone, ~is_lone)
    )
    return lone, others


def _components(links: Links) -> list[tuple[list[int], dict[int, dict[int, int]]]]:
    """Return the members of each connected component in order, and the neighbours of every text."""
    near: dict[int, dict[int, int]] = defaultdict(dict)
    for a, b, weight in zip(links.a.tolist(), links.b.tolist(), links.weights.tolist(), strict=True):
        near[a][b] = near[b][a] = weight
    found, seen = [], set()
    for start in sorted(near):
        if start not in seen:
            members, stack = [], [start]
            seen.add(start)
            while stack:
                text = stack.pop()
                members.append(text)
                fresh = [other for other in near[text] if other not in seen]
                seen.update(fresh)
                stack += fresh
            found.append((sorted(members), near))
    return found
