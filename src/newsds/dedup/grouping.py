"""From pairs to clusters: every member is a verified copy of its cluster's representative."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Links", "group", "missing_pairs"]

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


def group(links: Links, lengths: Ints) -> Ints:
    """Return the representative of each text; a text without copies represents itself.

    In each connected component the text with the heaviest links to texts that have no group yet represents itself
    and all of those; then the next. A chain of likenesses makes no group: only texts linked to the representative
    are in it.

    Args:
        links: copies of the same article.
        lengths: words of each text; of two candidates the longer represents, then the lower position.
    """
    owner = np.arange(len(lengths))
    for members, near in _components(links):
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
            found = {head, *(near[head].keys() & waiting)}
            owner[list(found)] = head
            waiting -= found
    return owner


def _pull(text: int, near: dict[int, dict[int, int]], waiting: set[int]) -> int:
    return sum(weight for other, weight in near[text].items() if other in waiting)


def missing_pairs(links: Links, owner: Ints, compared: Iterable[tuple[int, int]]) -> Ints:
    """Return pairs of one component that were not compared and might join its groups.

    The representatives of the largest groups are paired with the texts of others, and with all representatives.
    """
    wanted: set[tuple[int, int]] = set()
    for members, _ in _components(links):
        sizes = Counter(int(owner[text]) for text in members)
        if len(sizes) > 1:
            heads = sorted(sizes, key=lambda head: (-sizes[head], head))
            for head in heads[:_HEADS]:
                most = len(members) if head == heads[0] else _COMPARED
                others = [text for text in members if owner[text] != head][:most]
                wanted |= {(min(head, text), max(head, text)) for text in others}
    known = {(min(pair), max(pair)) for pair in compared}
    return np.array(sorted(wanted - known), np.int64).reshape(-1, 2)


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
