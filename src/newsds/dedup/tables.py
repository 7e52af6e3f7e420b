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

#: Relations that are written down at a time.
_BLOCK = 1 << 14


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
    versions, row_of = _with_canonical(
        found, members, {head: copy.position for head, (copy, _) in kept.items()}
    )
    rows = _Rows(found)
    related: list[tuple[int, int]] = []
    for head, texts in members.items():
        copy, reason = kept[head]
        rows.fill(texts, copy.position, reason)
        others = [text for text in texts if text != copy.position]
        related += [(text, row_of[min(text, copy.position), max(text, copy.position)]) for text in others]
    rows.relate(np.array(related, np.int64).reshape(-1, 2), versions)
    versions = versions.take(np.flatnonzero(versions.kinds))
    rows.supersede(_superseded(found, versions))
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


def _with_canonical(
    found: Findings, members: dict[int, list[int]], canonical: dict[int, int]
) -> tuple[Versions, dict[tuple[int, int], int]]:
    """Return the pairs with those added that lead to a canonical copy and were not compared, and the row of each."""
    versions = found.versions
    row_of = _rows_of(versions)
    wanted = {
        (min(text, canonical[head]), max(text, canonical[head]))
        for head, texts in members.items()
        for text in texts
        if text != canonical[head]
    }
    missing = sorted(wanted - row_of.keys())
    if missing:
        more = found.comparer.compare(np.array(missing, np.int64))
        versions = Versions.concat([versions, more])
        row_of = _rows_of(versions)
    return versions, row_of


def _rows_of(versions: Versions) -> dict[tuple[int, int], int]:
    return {(min(pair), max(pair)): row for row, pair in enumerate(versions.pairs)}


class _Rows:
    """The columns of the table of articles, by position; a text alone is filled in from the start."""

    def __init__(self, found: Findings) -> None:
        n = len(found.owner)
        self.corpus = found.corpus
        self.cluster = [cluster_id(name) for name in found.corpus.ids]
        self.role, self.n_copies = ["canonical"] * n, [1] * n
        self.similarity: list[float | None] = [1.0] * n
        self.hours_after: list[float | None] = [0.0] * n
        self.reason: list[str | None] = ["only copy"] * n
        self.supersedes: list[str | None] = [None] * n

    def fill(self, texts: list[int], canonical: int, reason: str) -> None:
        """Write down one cluster."""
        dated = [text for text in texts if self.corpus.times[text] != NO_TIME]
        name = cluster_id(self.corpus.ids[min(dated or texts)])
        for text in texts:
            self.cluster[text], self.n_copies[text] = name, len(texts)
            self.reason[text] = reason if text == canonical else None

    def relate(self, related: Ints, versions: Versions) -> None:
        """Write down what texts are to their canonical copies: two columns of texts and rows of the pairs of both."""
        texts, rows = related.T
        hours = versions.hours[rows] * np.where(versions.b[rows] == texts, 1, -1)
        columns = (texts, versions.kinds[rows], versions.similarity[rows], hours)
        for text, kind, similarity, after in zip(*(column.tolist() for column in columns), strict=True):
            # A copy of the representative need not be one of the canonical copy: what it is to it may have no name.
            self.role[text] = KINDS[kind] if kind else "republication"
            self.similarity[text] = similarity
            self.hours_after[text] = None if np.isnan(after) else after

    def supersede(self, before: dict[int, int]) -> None:
        """Write down which version replaces which."""
        for text, earlier in before.items():
            self.supersedes[text] = self.corpus.ids[earlier]

    def to_table(self) -> pa.Table:
        """Return the table, in the order of the identifiers."""
        columns: dict[str, Any] = {
            "article_id": self.corpus.ids,
            "cluster_id": self.cluster,
            "role": self.role,
            "n_copies": self.n_copies,
            "similarity": self.similarity,
            "hours_after": self.hours_after,
            "reason": self.reason,
            "supersedes": self.supersedes,
        }
        return pa.Table.from_pydict(columns, schema=CLUSTERS_SCHEMA).sort_by("article_id").combine_chunks()


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
    directed = np.isin(versions.kinds, [KINDS.index(kind) for kind in sorted(DIRECTED)])
    turned = ~directed & (ranks[versions.a] > ranks[versions.b])
    a, b = np.where(turned, versions.b, versions.a), np.where(turned, versions.a, versions.b)
    order = np.lexsort((ranks[b], ranks[a]))
    # Block by block, so that the evidence of all pairs is not in memory three times.
    blocks = [order[at : at + _BLOCK] for at in range(0, len(order), _BLOCK)]
    batches = [
        _pack_relations(
            found, versions.take(rows), turned[rows], ids.take(pa.array(a[rows])), ids.take(pa.array(b[rows]))
        )
        for rows in blocks
    ]
    return pa.Table.from_batches(batches, schema=RELATIONS_SCHEMA).combine_chunks()


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
