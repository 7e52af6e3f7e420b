"""The two tables of a run: one row for each article, one for each related pair."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsds.dedup.candidates import NO_TIME
from newsds.dedup.clusters import CLUSTERS_SCHEMA, RELATIONS_SCHEMA, Clusters, cluster_id
from newsds.dedup.corpus import Corpus
from newsds.dedup.keeping import Copy, choose
from newsds.dedup.parameters import Parameters
from newsds.dedup.relations import DIRECTED, KINDS, RULES
from newsds.dedup.revisions import MARKS
from newsds.dedup.versions import Comparer, Versions

__all__ = ["Findings", "make_tables"]

Ints: TypeAlias = NDArray[np.int64]

#: Rows that are written down at a time.
_BLOCK = 1 << 14
#: Stands for the canonical copy where others have a place in `KINDS`.
_CANONICAL = -1


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What the tables are made of."""

    corpus: Corpus
    comparer: Comparer
    parameters: Parameters
    n_words: Ints
    #: The representative of each text.
    owner: Ints
    #: Related pairs.
    versions: Versions


def make_tables(found: Findings) -> Clusters:
    """Return the tables."""
    members: dict[int, list[int]] = defaultdict(list)
    crowded = (
        np.flatnonzero(np.bincount(found.owner, minlength=1)[found.owner] > 1)
        if len(found.owner)
        else found.owner
    )
    for text in crowded.tolist():
        members[int(found.owner[text])].append(text)
    copies = _copies(found, crowded)
    kept = {
        head: choose([copies[text] for text in texts], found.parameters.keep)
        for head, texts in members.items()
    }
    canonical = [(text, kept[head][0].position) for head, texts in members.items() for text in texts]
    others = np.array([pair for pair in canonical if pair[0] != pair[1]], np.int64).reshape(-1, 2)
    versions, row_of = _with_canonical(found, others)
    rows = _Rows(found)
    for head, texts in members.items():
        copy, reason = kept[head]
        rows.fill(texts, copy.position, reason)
    rows.relate(others[:, 0], row_of, versions)
    rows.supersedes = _superseded(found, versions)
    del copies, kept, members, canonical, others, row_of  # a table of all articles is about to be made
    clusters = rows.to_table()
    del rows
    return Clusters(clusters=clusters, relations=_relations(found, versions))


def _copies(found: Findings, texts: Ints) -> dict[int, Copy]:
    """Return what keep policies know of texts, by position."""
    corpus = found.corpus
    columns = corpus.columns.take(pa.array(texts))
    known = sum(
        columns[name].combine_chunks().is_valid().to_numpy(zero_copy_only=False).astype(np.int64)
        for name in ("published_at", "headline", "agency", "publisher")
    )
    agencies, publishers = columns["agency"].to_pylist(), columns["publisher"].to_pylist()
    marks = _marks(found.versions)
    return {
        text: Copy(
            position=text,
            time=None if corpus.times[text] == NO_TIME else int(corpus.times[text]),
            n_words=int(found.n_words[text]),
            n_known=int(known[at]),
            is_original=agencies[at] is not None and publishers[at] in (None, agencies[at]),
            is_correction=marks.get(text, 0) == MARKS.index("correction"),
        )
        for at, text in enumerate(texts.tolist())
    }


def _marks(versions: Versions) -> dict[int, int]:
    """Return the marks of the texts in pairs, by position."""
    texts = np.concatenate((versions.a, versions.b)).tolist()
    return dict(zip(texts, versions.marks.T.ravel().tolist(), strict=True))


def _with_canonical(found: Findings, others: Ints) -> tuple[Versions, Ints]:
    """Return the pairs with those added that lead to a canonical copy and were not compared, and the rows of such.

    Args:
        found: what the tables are made of.
        others: two columns, texts and their canonical copies.
    """
    versions, wanted = found.versions, _keys(*others.T)
    is_known = np.isin(wanted, _keys(versions.a, versions.b), kind="sort")
    missing = np.unique(wanted[~is_known])
    if len(missing):
        more = found.comparer.compare(np.stack((missing >> 32, missing & 0xFFFFFFFF), 1))
        versions = Versions.concat([versions, more])
    known = _keys(versions.a, versions.b)
    order = np.argsort(known, kind="stable")
    return versions, order[np.searchsorted(known[order], wanted, side="right") - 1]


def _keys(a: Ints, b: Ints) -> Ints:
    """Return one number for each pair, whatever its order."""
    return np.minimum(a, b) << 32 | np.maximum(a, b)


class _Rows:
    """The columns of the table of articles, by position; a text alone is filled in from the start."""

    def __init__(self, found: Findings) -> None:
        n = len(found.owner)
        self.corpus = found.corpus
        #: The copy whose id names the cluster.
        self.founder = np.arange(n)
        #: Place in `KINDS`; `_CANONICAL` of the canonical copy.
        self.role = np.full(n, _CANONICAL, np.int8)
        self.n_copies = np.ones(n, np.int32)
        self.similarity, self.hours_after = np.ones(n), np.zeros(n)
        #: Of texts that are not alone; null where it is not the canonical copy.
        self.reasons: dict[int, str | None] = {}
        self.supersedes: dict[int, int] = {}

    def fill(self, texts: list[int], canonical: int, reason: str) -> None:
        """Write down one cluster."""
        dated = [text for text in texts if self.corpus.times[text] != NO_TIME]
        self.founder[texts] = min(dated or texts)
        self.n_copies[texts] = len(texts)
        self.reasons |= dict.fromkeys(texts) | {canonical: reason}

    def relate(self, texts: Ints, rows: Ints, versions: Versions) -> None:
        """Write down what texts are to their canonical copies: rows of the pairs of both."""
        # A copy of the representative need not be one of the canonical copy: what it is to it may have no name.
        kinds = versions.kinds[rows]
        self.role[texts] = np.where(kinds > 0, kinds, KINDS.index("republication"))
        self.similarity[texts] = versions.similarity[rows]
        self.hours_after[texts] = versions.hours[rows] * np.where(versions.b[rows] == texts, 1, -1)

    def to_table(self) -> pa.Table:
        """Return the table, in the order of the identifiers."""
        order = pc.sort_indices(self.corpus.columns["id"]).to_numpy(zero_copy_only=False).astype(np.int64)
        # Block by block: a row is several Python objects while it is made.
        batches = [self._batch(order[at : at + _BLOCK]) for at in range(0, len(order), _BLOCK)]
        return pa.Table.from_batches(batches, schema=CLUSTERS_SCHEMA)

    def _batch(self, rows: Ints) -> pa.RecordBatch:
        places, ids = rows.tolist(), self.corpus.columns["id"]
        earlier = pa.array([self.supersedes.get(place) for place in places], pa.int64())
        columns: dict[str, Any] = {
            "article_id": ids.take(pa.array(rows)).combine_chunks(),
            "cluster_id": [cluster_id(name) for name in ids.take(pa.array(self.founder[rows])).to_pylist()],
            "role": ["canonical" if kind == _CANONICAL else KINDS[kind] for kind in self.role[rows].tolist()],
            "n_copies": self.n_copies[rows],
            "similarity": self.similarity[rows],
            "hours_after": pa.array(self.hours_after[rows], pa.float64(), from_pandas=True),
            "reason": [self.reasons.get(place, "only copy") for place in places],
            "supersedes": ids.take(earlier).combine_chunks(),
        }
        return pa.RecordBatch.from_pydict(columns, schema=CLUSTERS_SCHEMA)


def _superseded(found: Findings, versions: Versions) -> dict[int, int]:
    """Return marked versions with the latest version before each, of the same publisher if there is one."""
    rows = np.flatnonzero(np.isin(versions.kinds, [KINDS.index("correction"), KINDS.index("update")]))
    a, b = versions.a[rows], versions.b[rows]
    marked = versions.marks[rows, 1] > 0
    same = found.corpus.publishers[a] == found.corpus.publishers[b]
    order = np.lexsort((a, same, b))
    return {int(b[row]): int(a[row]) for row in order.tolist() if marked[row]}


def _relations(found: Findings, versions: Versions) -> pa.Table:
    ids = found.corpus.columns["id"]
    ranks = np.empty(len(ids), np.int64)
    ranks[pc.sort_indices(ids).to_numpy(zero_copy_only=False)] = np.arange(len(ids))
    related = np.flatnonzero(versions.kinds)
    first, second, kinds = versions.a[related], versions.b[related], versions.kinds[related]
    directed = np.isin(kinds, [KINDS.index(kind) for kind in sorted(DIRECTED)])
    turned = ~directed & (ranks[first] > ranks[second])
    a, b = np.where(turned, second, first), np.where(turned, first, second)
    order = np.lexsort((ranks[b], ranks[a]))
    # Block by block, so that the evidence of all pairs is not in memory three times.
    blocks = [order[at : at + _BLOCK] for at in range(0, len(order), _BLOCK)]
    batches = [
        _pack_relations(
            found,
            versions.take(related[rows]),
            turned[rows],
            ids.take(pa.array(a[rows])),
            ids.take(pa.array(b[rows])),
        )
        for rows in blocks
    ]
    return pa.Table.from_batches(batches, schema=RELATIONS_SCHEMA)


def _pack_relations(
    found: Findings, versions: Versions, turned: NDArray[np.bool_], a: pa.ChunkedArray, b: pa.ChunkedArray
) -> pa.RecordBatch:
    """Return pairs as rows, `a` and `b` on the sides that they have there; `turned` tells which are exchanged."""
    evidence = versions.evidence.swap(turned)
    columns: dict[str, Any] = {
        "a": a.combine_chunks(),
        "b": b.combine_chunks(),
        "relation": pa.array([KINDS[kind] for kind in versions.kinds], pa.string()),
        "is_directed": pa.array(np.isin(versions.kinds, [KINDS.index(kind) for kind in sorted(DIRECTED)])),
        "similarity": versions.similarity,
        "n_misread": evidence.n_garbled,
        "hours_apart": pa.array(versions.hours, pa.float64(), from_pandas=True),
        "rule": pa.array([RULES[rule].name for rule in versions.rules], pa.string()),
        "parameters": pa.array([found.parameters.fingerprint] * len(versions), pa.string()),
    }
    arrays = []
    for field in RELATIONS_SCHEMA:
        value = columns[field.name] if field.name in columns else getattr(evidence, field.name)
        arrays.append(pa.array(value, field.type) if isinstance(value, np.ndarray) else value)
    return pa.RecordBatch.from_arrays(arrays, schema=RELATIONS_SCHEMA)
