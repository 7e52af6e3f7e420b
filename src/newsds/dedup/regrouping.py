"""Clusters that are known, of which only some copies count: what these are to each other, and which is canonical."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsds.dedup.candidates import Recipe, Sketches
from newsds.dedup.canonical import Findings, choose_kept, with_canonical
from newsds.dedup.clusters import CLUSTERS_SCHEMA
from newsds.dedup.corpus import Corpus, gather
from newsds.dedup.parameters import Parameters
from newsds.dedup.rarity import Rarity
from newsds.dedup.tables import make_tables
from newsds.dedup.versions import Comparer

__all__ = ["regroup", "restrict"]

Ints: TypeAlias = NDArray[np.int64]

#: The columns that say what a copy is among the others of its cluster.
_AMONG_COPIES = ("role", "n_copies", "similarity", "hours_after", "reason")


def restrict(
    clusters: pa.Table,
    pairs: pa.Table,
    read: Callable[[pa.Array], Iterable[pa.RecordBatch]],
    *,
    parameters: Parameters,
    count: Callable[[], Rarity | None] = lambda: None,
    workers: int = 1,
    spill: Path | None = None,
) -> pa.Table:
    """Return the rows of articles as if the copies of them that have no row were not.

    Args:
        clusters: rows with `newsds.dedup.clusters.CLUSTERS_SCHEMA` and any other columns, in the order of `article_id`;
            `n_copies` counts also the copies that have no row.
        pairs: a table with `a` and `b`, ids of articles that are related.
        read: returns the texts of articles by their ids, as batches with `newsds.texts.TEXTS_SCHEMA`.
        parameters: choices.
        count: returns what is common, if it is not to be counted over what is read; is called where it is needed.
        workers: threads.
        spill: folder for temporary files.
    """
    names = clusters["cluster_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    counts = np.bincount(names)[names] if len(names) else names
    is_short = counts != clusters["n_copies"].to_numpy()
    if not is_short.any():
        return clusters
    several = clusters.filter(pa.array(is_short & (counts > 1)))
    parts = [
        clusters.filter(pa.array(~is_short)),
        _alone(clusters.filter(pa.array(is_short & (counts == 1)))),
    ]
    if len(several):
        ids = several["article_id"].combine_chunks()
        inside = pc.and_(*(pc.is_in(pairs[side], value_set=ids) for side in ("a", "b")))
        cluster_of = dict(zip(ids.to_pylist(), several["cluster_id"].to_pylist(), strict=True))
        with TemporaryDirectory(dir=spill, prefix="newsds-regroup-") as place:
            found = regroup(
                read(ids),
                cluster_of,
                pairs.filter(inside).select(["a", "b"]),
                Path(place),
                parameters=parameters,
                rarity=count(),
                workers=workers,
            )
        parts.append(_replaced(several, {name: found[name] for name in _AMONG_COPIES}))
    return pa.concat_tables(parts).sort_by("article_id").combine_chunks()


def _alone(clusters: pa.Table) -> pa.Table:
    """Return the rows of articles of whose clusters no other has one."""
    n = len(clusters)
    return _replaced(
        clusters,
        {
            "role": pa.array(["canonical"] * n, pa.string()),
            "n_copies": pa.array(np.ones(n, np.int32)),
            "similarity": pa.array(np.ones(n)),
            "hours_after": pa.array(np.zeros(n)),
            "reason": pa.array(["only copy"] * n, pa.string()),
        },
    )


def _replaced(table: pa.Table, columns: Mapping[str, pa.Array | pa.ChunkedArray]) -> pa.Table:
    """Return a table with other values in some columns."""
    arrays = [columns.get(name, table[name]) for name in table.schema.names]
    return pa.Table.from_arrays(arrays, schema=table.schema)


def regroup(
    batches: Iterable[pa.RecordBatch],
    clusters: Mapping[str, str],
    pairs: pa.Table,
    folder: Path,
    *,
    parameters: Parameters,
    rarity: Rarity | None = None,
    workers: int = 1,
) -> pa.Table:
    """Return the table of articles of some copies, as if the others were not.

    Args:
        batches: the copies, with the schema `newsds.texts.TEXTS_SCHEMA`.
        clusters: article to the id of its cluster.
        pairs: a table with `a` and `b`, ids of articles that are related.
        folder: for temporary files; removing it is the caller's.
        parameters: choices.
        rarity: what is common; counted over the copies if it is not given.
        workers: threads.
    """
    with Sketches(folder, recipe=Recipe.for_window(parameters.window_hours), workers=workers) as sketches:
        corpus = gather(batches, folder, watch=sketches.add)
        comparer = Comparer.over(corpus, sketches, parameters, workers=workers, engine="auto", rarity=rarity)
        found = Findings(
            corpus=corpus,
            parameters=parameters,
            n_words=sketches.tokens.counts()[corpus.arrivals],
            first=np.arange(len(corpus)),
            owner=_first_of(corpus, clusters),
            versions=comparer.compare(_positions(corpus, pairs)),
        )
        kept = choose_kept(found)
        table = make_tables(with_canonical(found, kept, comparer), kept).clusters
    names = pa.array([clusters[name] for name in table["article_id"].to_pylist()], pa.string())
    at = CLUSTERS_SCHEMA.get_field_index("cluster_id")
    return table.set_column(at, CLUSTERS_SCHEMA.field(at), names)


def _first_of(corpus: Corpus, clusters: Mapping[str, str]) -> Ints:
    """Return the first text of the cluster of each."""
    names = np.array([clusters[name] for name in corpus.ids])
    _, first, number = np.unique(names, return_index=True, return_inverse=True)
    return np.asarray(first[number], np.int64)


def _positions(corpus: Corpus, pairs: pa.Table) -> Ints:
    """Return pairs as positions, the lower on the left."""
    ids = corpus.columns["id"].combine_chunks()
    ends = [
        pc.index_in(pairs[name].combine_chunks(), ids).to_numpy(zero_copy_only=False) for name in ("a", "b")
    ]
    return np.sort(np.stack(ends, 1).astype(np.int64), axis=1)
