"""Clusters that are known, of which only some copies count: what these are to each other, and which is canonical."""

from collections.abc import Iterable, Mapping
from pathlib import Path
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

__all__ = ["regroup"]

Ints: TypeAlias = NDArray[np.int64]


def regroup(
    batches: Iterable[pa.RecordBatch],
    clusters: Mapping[str, str],
    pairs: pa.Table,
    folder: Path,
    *,
    parameters: Parameters,
    rarity: Rarity,
    workers: int = 1,
) -> pa.Table:
    """Return the table of articles of some copies, as if the others were not.

    Args:
        batches: the copies, with the schema `newsds.texts.TEXTS_SCHEMA`.
        clusters: article to the id of its cluster.
        pairs: a table with `a` and `b`, ids of articles that are related.
        folder: for temporary files; removing it is the caller's.
        parameters: choices.
        rarity: what is common.
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
