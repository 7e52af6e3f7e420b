"""From texts to clusters: equal texts, candidate pairs, their comparison, and groups."""

from collections import defaultdict
from itertools import combinations, product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.candidates import Sketches
from newsds.dedup.canonical import Findings, choose_kept, with_canonical
from newsds.dedup.clusters import Clusters
from newsds.dedup.conflicts import find_conflicts, name_the_open, part
from newsds.dedup.corpus import Corpus
from newsds.dedup.grouping import find_links, group, missing_pairs
from newsds.dedup.hashing import Engine
from newsds.dedup.parameters import Parameters
from newsds.dedup.proposals import Proposals, propose
from newsds.dedup.rarity import Rarity
from newsds.dedup.tables import make_tables
from newsds.dedup.versions import Comparer, Versions
from newsds.memory import give_back

__all__ = ["match"]

Ints: TypeAlias = NDArray[np.int64]

#: Equal texts of which every pair is written down; of more, each with the first.
_ALL_PAIRS = 8
#: Times that texts of a component which no candidate brought together are compared with its representatives.
_ROUNDS = 2


def match(
    corpus: Corpus,
    sketches: Sketches,
    parameters: Parameters,
    *,
    workers: int = 1,
    engine: Engine = "auto",
    rarity: Rarity | None = None,
) -> Clusters:
    """Return the clusters and relations of a corpus; what is common in it unless `rarity` says.

    Of the sketches, what only candidates need is let go.
    """
    comparer = Comparer.over(corpus, sketches, parameters, workers=workers, engine=engine, rarity=rarity)
    found = _find(corpus, sketches, parameters, comparer)
    while True:
        kept = choose_kept(found)
        found = with_canonical(found, kept, comparer)
        if not len(conflicts := find_conflicts(found)):
            break
        found = part(found, kept, conflicts)
    found = name_the_open(found)
    del comparer  # and its counts: the tables are the largest that is in memory
    give_back()
    return make_tables(found, kept)


def _find(corpus: Corpus, sketches: Sketches, parameters: Parameters, comparer: Comparer) -> Findings:
    give_back()
    proposals = propose(corpus, sketches, window_hours=parameters.window_hours, sift=comparer.sift)
    sketches.forget_candidates()
    give_back()
    versions, owner = _group(comparer, proposals)
    give_back()
    return Findings(
        corpus=corpus,
        parameters=parameters,
        n_words=proposals.n_words,
        first=proposals.first,
        owner=owner[proposals.first],
        versions=_spread(versions, comparer, proposals),
    )


def _group(comparer: Comparer, proposals: Proposals) -> tuple[Versions, Ints]:
    """Return the compared pairs of first texts, and the representative of each first text."""
    pairs = np.concatenate((proposals.pairs, proposals.equals))
    versions = comparer.compare(pairs)
    owner = group(find_links(versions), proposals.n_words)
    for _ in range(_ROUNDS):
        extra = comparer.sift(missing_pairs(find_links(versions), owner, versions.pairs))
        if not len(extra):
            break
        versions = Versions.concat([versions, comparer.compare(extra)])
        owner = group(find_links(versions), proposals.n_words)
    return versions, owner


def _spread(versions: Versions, comparer: Comparer, proposals: Proposals) -> Versions:
    """Return the related pairs of all texts: what holds for first texts holds for the texts equal to them."""
    versions = versions.take(np.flatnonzero(versions.kinds))
    equals: dict[int, list[int]] = defaultdict(list)
    has_equals = np.bincount(proposals.first, minlength=1)[proposals.first] > 1
    for text in np.flatnonzero(has_equals).tolist():
        equals[int(proposals.first[text])].append(text)
    of_equals = comparer.compare(_pairs_of_equals(equals))
    concerned = np.flatnonzero(has_equals[versions.a] | has_equals[versions.b])
    compared = zip(
        concerned.tolist(), versions.a[concerned].tolist(), versions.b[concerned].tolist(), strict=True
    )
    places = [(row, *pair) for row, *texts in compared for pair in _alike(tuple(texts), equals)]
    rows, left, right = np.array(places, np.int64).reshape(-1, 3).T
    return Versions.concat([versions, comparer.share(versions, np.stack((left, right), 1), rows), of_equals])


def _alike(pair: tuple[int, int], equals: dict[int, list[int]]) -> list[tuple[int, int]]:
    """Return the other pairs of texts that are equal to both of a pair."""
    a, b = (equals.get(text, [text]) for text in pair)
    few = len(a) * len(b) <= _ALL_PAIRS**2
    return [other for other in product(a if few else a[:1], b) if other != pair]


def _pairs_of_equals(equals: dict[int, list[int]]) -> Ints:
    pairs: list[tuple[int, int]] = []
    for texts in equals.values():
        few = len(texts) <= _ALL_PAIRS
        pairs += combinations(texts, 2) if few else product(texts[:1], texts[1:])
    return np.array(pairs, np.int64).reshape(-1, 2)
