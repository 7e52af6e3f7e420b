"""From texts to clusters: pairs that share rare shingles, how much of each text they share, who is a copy."""

import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import pyarrow as pa

from newsds.dedup.clusters import CLUSTERS_SCHEMA, RELATIONS_SCHEMA, Clusters, cluster_id
from newsds.dedup.parameters import Parameters

__all__ = ["match"]

#: Articles that may share a shingle before it says nothing.
MAX_DF = 60
#: Share of the rare shingles of the shorter text that a copy has.
MIN_COVERAGE = 0.6

_TOKEN = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+")

Shingles = frozenset[tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pair:
    """Two articles by position, `a` the earlier one, and the shares of each that the other has."""

    a: int
    b: int
    relation: str
    coverage_a: float
    coverage_b: float
    hours: float | None

    @property
    def similarity(self) -> float:
        return max(self.coverage_a, self.coverage_b)


def match(table: pa.Table, parameters: Parameters) -> Clusters:
    """Return the clusters and relations of texts that are sorted by id."""
    times = table["published_at"].cast(pa.int64()).to_pylist()
    order = sorted(range(len(times)), key=lambda i: (times[i] is None, times[i] or 0, i))
    rank = {position: number for number, position in enumerate(order)}
    shingles = [_shingles(text) for text in table["text"].to_pylist()]
    df = Counter(shingle for found in shingles for shingle in found)
    pairs = {
        pair: found
        for pair in _candidates(shingles, df)
        if (found := _compare(sorted(pair, key=rank.__getitem__), shingles, df, times, parameters))
    }
    owner = _cluster(order, pairs)
    ids = table["id"].to_pylist()
    return Clusters(
        clusters=_clusters_table(ids, owner, pairs),
        relations=_relations_table(ids, pairs.values(), parameters),
    )


def _shingles(text: str | None) -> Shingles:
    """Return the shingles of three tokens; of a shorter text, the whole of it."""
    tokens = _TOKEN.findall(unicodedata.normalize("NFKC", text or "").casefold())
    if len(tokens) < 8:
        return frozenset([tuple(tokens)]) if tokens else frozenset()
    return frozenset(zip(tokens, tokens[1:], tokens[2:], strict=False))


def _candidates(shingles: list[Shingles], df: Counter[tuple[str, ...]]) -> list[tuple[int, int]]:
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for position, found in enumerate(shingles):
        for shingle in found:
            if 1 < df[shingle] <= MAX_DF:
                holders[shingle].append(position)
    shared = Counter(pair for positions in holders.values() for pair in combinations(positions, 2))
    same: dict[Shingles, list[int]] = defaultdict(list)
    for position, found in enumerate(shingles):
        if found:
            same[found].append(position)
    alike = {pair for positions in same.values() for pair in pairwise(positions)}
    return sorted({pair for pair, n in shared.items() if n >= 3} | alike)


def _compare(
    pair: list[int],
    shingles: list[Shingles],
    df: Counter[tuple[str, ...]],
    times: list[int | None],
    parameters: Parameters,
) -> _Pair | None:
    a, b = pair
    start, end = times[a], times[b]
    hours = None if start is None or end is None else (end - start) / 3.6e9
    if shingles[a] == shingles[b]:
        far = hours is not None and hours > parameters.window_hours
        return _Pair(
            a=a, b=b, relation="recurring" if far else "exact", coverage_a=1, coverage_b=1, hours=hours
        )
    if hours is not None and hours > parameters.window_hours:
        return None
    rare_a, rare_b = ({s for s in shingles[i] if df[s] <= MAX_DF} for i in pair)
    shared = len(rare_a & rare_b)
    of_a, of_b = shared / max(len(rare_a), 1), shared / max(len(rare_b), 1)
    if max(of_a, of_b) < MIN_COVERAGE or shared < 5:
        return None
    return _Pair(a=a, b=b, relation=_relation(of_a, of_b), coverage_a=of_a, coverage_b=of_b, hours=hours)


def _relation(of_a: float, of_b: float) -> str:
    if min(of_a, of_b) >= 0.6 * max(of_a, of_b):
        return "republication"
    return "abridgement" if of_b > of_a else "extension"


def _cluster(order: list[int], pairs: dict[tuple[int, int], _Pair]) -> dict[int, int]:
    """Return article to the article it is a copy of: the earliest one it was compared with and found alike."""
    partners: dict[int, list[_Pair]] = defaultdict(list)
    for pair in pairs.values():
        if pair.relation != "recurring":
            partners[pair.b].append(pair)
    owner: dict[int, int] = {}
    for position in order:
        founders = [pair for pair in partners[position] if owner[pair.a] == pair.a]
        best = max(founders, key=lambda pair: (pair.similarity, -pair.a), default=None)
        owner[position] = best.a if best else position
    return owner


def _clusters_table(ids: list[str], owner: dict[int, int], pairs: dict[tuple[int, int], _Pair]) -> pa.Table:
    sizes = Counter(owner.values())
    rows: list[dict[str, Any]] = []
    for position, name in enumerate(ids):
        founder = owner[position]
        pair = pairs.get((min(position, founder), max(position, founder)))
        rows.append(
            {
                "article_id": name,
                "cluster_id": cluster_id(ids[founder]),
                "role": pair.relation if pair else "canonical",
                "n_copies": sizes[founder],
                "similarity": pair.similarity if pair else 1.0,
                "hours_after": pair.hours if pair else 0.0,
                "reason": None if pair else "earliest" if sizes[founder] > 1 else "only copy",
            }
        )
    return pa.Table.from_pylist(rows, schema=CLUSTERS_SCHEMA)


def _relations_table(ids: list[str], pairs: Any, parameters: Parameters) -> pa.Table:
    directed = {"abridgement", "extension"}
    rows = []
    for pair in pairs:
        is_directed = pair.relation in directed
        turned = not is_directed and ids[pair.a] > ids[pair.b]
        a, b = (pair.b, pair.a) if turned else (pair.a, pair.b)
        of_a, of_b = (pair.coverage_b, pair.coverage_a) if turned else (pair.coverage_a, pair.coverage_b)
        rows.append(
            {
                "a": ids[a],
                "b": ids[b],
                "relation": pair.relation,
                "is_directed": is_directed,
                "similarity": pair.similarity,
                "coverage_a": of_a,
                "coverage_b": of_b,
                "hours_apart": None if pair.hours is None else abs(pair.hours),
                "rule": "rare-shingles",
                "parameters": parameters.fingerprint,
            }
        )
    return pa.Table.from_pylist(rows, schema=RELATIONS_SCHEMA).sort_by(
        [("a", "ascending"), ("b", "ascending")]
    )
