"""The two tables of a run: one row for each article, one for each related pair."""

from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsds.dedup.candidates import NO_TIME
from newsds.dedup.canonical import Findings, Kept, find_rows
from newsds.dedup.clusters import CLUSTERS_SCHEMA, RELATIONS_SCHEMA, Clusters, cluster_id
from newsds.dedup.relations import DIRECTED, KINDS, RULES
from newsds.dedup.revisions import MARKS
from newsds.dedup.versions import Versions
from newsds.memory import give_back

__all__ = ["make_tables"]

Ints: TypeAlias = NDArray[np.int64]

#: Rows that are written down at a time.
_BLOCK = 1 << 14
#: What an article is to the canonical copy; the first stands for that itself.
_ROLES = ("canonical", *KINDS[1:], "corrected")
#: What an article is from which the canonical copy derives, where that is not what the canonical copy is to it.
_TURNED = {"abridgement": "extension", "extension": "abridgement", "correction": "corrected"}
#: Marks of versions that take the place of the one before.
_REPLACING = ("update", "refile", "writethru", "clarification", "correction", "kill")


def make_tables(found: Findings, kept: Kept) -> Clusters:
    """Return the tables.

    Args:
        found: what was found, with the pairs that lead to canonical copies.
        kept: these.
    """
    clusters = _fill_rows(found, kept).to_table()
    give_back()
    return Clusters(clusters=clusters, relations=_relations(found, found.versions))


def _fill_rows(found: Findings, kept: Kept) -> "_Rows":
    rows = _Rows(found)
    rows.fill(kept)
    rows.relate(kept.others, found.versions)
    rows.supersede(*_superseded(found, found.versions))
    return rows


class _Rows:
    """The columns of the table of articles, by position; a text alone is filled in from the start."""

    def __init__(self, found: Findings) -> None:
        n = len(found.owner)
        self.corpus = found.corpus
        #: The copy whose id names the cluster.
        self.founder = np.arange(n)
        #: Place in `_ROLES`.
        self.role = np.zeros(n, np.int8)
        self.n_copies = np.ones(n, np.int32)
        self.similarity, self.hours_after = np.ones(n), np.zeros(n)
        #: Place in `reasons`; -1 of copies that are not canonical.
        self.reason = np.zeros(n, np.int32)
        self.reasons = pa.array(["only copy"])
        #: The text that is superseded; -1 if none is.
        self.superseded = np.full(n, -1, np.int32)

    def fill(self, kept: Kept) -> None:
        """Write down the clusters of more than one copy."""
        n = len(self.founder)
        # The first text that has a date; where none has, the first.
        order = kept.texts + np.where(self.corpus.times[kept.texts] == NO_TIME, n, 0)
        founders = np.minimum.reduceat(order, kept.starts) % n if len(order) else order
        self.founder[kept.texts] = np.repeat(founders, kept.sizes)
        self.n_copies[kept.texts] = np.repeat(kept.sizes, kept.sizes)
        self.reason[kept.texts] = -1
        self.reason[kept.canonical] = np.arange(len(kept.canonical)) + 1
        self.reasons = pa.array(["only copy", *kept.reasons])

    def relate(self, pairs: Ints, versions: Versions) -> None:
        """Write down what texts are to the canonical copies beside them."""
        texts, rows = pairs[:, 0], find_rows(versions, pairs)
        # A copy of the representative need not be one of the canonical copy: what it is to it may have no name.
        kinds = versions.kinds[rows]
        roles = np.where(kinds > 0, kinds, KINDS.index("republication"))
        is_source = versions.a[rows] == texts
        for kind, role in _TURNED.items():
            roles[is_source & (kinds == KINDS.index(kind))] = _ROLES.index(role)
        self.role[texts] = roles
        self.similarity[texts] = versions.similarity[rows]
        self.hours_after[texts] = versions.hours[rows] * np.where(versions.b[rows] == texts, 1, -1)

    def supersede(self, texts: Ints, earlier: Ints) -> None:
        """Write down which texts supersede which; of several for a text the last counts."""
        self.superseded[texts] = earlier

    def to_table(self) -> pa.Table:
        """Return the table, in the order of the identifiers."""
        order = pc.sort_indices(self.corpus.columns["id"]).to_numpy(zero_copy_only=False).astype(np.int64)
        # Block by block: a row is several Python objects while it is made.
        batches = [self._batch(order[at : at + _BLOCK]) for at in range(0, len(order), _BLOCK)]
        return pa.Table.from_batches(batches, schema=CLUSTERS_SCHEMA)

    def _batch(self, rows: Ints) -> pa.RecordBatch:
        ids = self.corpus.columns["id"]
        columns: dict[str, Any] = {
            "article_id": ids.take(pa.array(rows)).combine_chunks(),
            "cluster_id": [cluster_id(name) for name in ids.take(pa.array(self.founder[rows])).to_pylist()],
            "role": pa.array(_ROLES).take(pa.array(self.role[rows])),
            "n_copies": self.n_copies[rows],
            "similarity": self.similarity[rows],
            "hours_after": pa.array(self.hours_after[rows], pa.float64(), from_pandas=True),
            "reason": _take_known(self.reasons, self.reason[rows]),
            "supersedes": _take_known(ids, self.superseded[rows]),
        }
        return pa.RecordBatch.from_pydict(columns, schema=CLUSTERS_SCHEMA)


def _take_known(values: pa.Array | pa.ChunkedArray, places: NDArray[np.int32]) -> pa.Array:
    """Return values by place, null where the place is negative."""
    taken = values.take(pa.array(places, mask=places < 0))
    return taken.combine_chunks() if isinstance(taken, pa.ChunkedArray) else taken


def _superseded(found: Findings, versions: Versions) -> tuple[Ints, Ints]:
    """Return marked versions, and versions before each; the last is the latest of the same publisher if there is one.

    A copy that says that it is another version than the text before it replaces it even if it says the same.
    """
    revised = np.isin(versions.kinds, [KINDS.index("correction"), KINDS.index("update")])
    is_other = (versions.marks[:, 0] != versions.marks[:, 1]) | (
        versions.numbers[:, 0] < versions.numbers[:, 1]
    )
    replaces = np.isin(versions.marks[:, 1], [MARKS.index(mark) for mark in _REPLACING])
    rows = np.flatnonzero(
        revised & (versions.marks[:, 1] > 0) | versions.is_same_article & replaces & is_other
    )
    a, b = versions.a[rows], versions.b[rows]
    same = found.corpus.publishers[a] == found.corpus.publishers[b]
    order = np.lexsort((a, same, b))
    return b[order], a[order]


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
        "relation": pa.array(KINDS).take(pa.array(versions.kinds)),
        "is_directed": pa.array(np.isin(versions.kinds, [KINDS.index(kind) for kind in sorted(DIRECTED)])),
        "similarity": versions.similarity,
        "n_misread": evidence.n_garbled,
        "hours_apart": pa.array(versions.hours, pa.float64(), from_pandas=True),
        "rule": pa.array([rule.name for rule in RULES]).take(pa.array(versions.rules)),
        "parameters": pa.repeat(found.parameters.fingerprint, len(versions)),
    }
    arrays = []
    for field in RELATIONS_SCHEMA:
        value = columns[field.name] if field.name in columns else getattr(evidence, field.name)
        arrays.append(pa.array(value, field.type) if isinstance(value, np.ndarray) else value)
    return pa.RecordBatch.from_arrays(arrays, schema=RELATIONS_SCHEMA)
