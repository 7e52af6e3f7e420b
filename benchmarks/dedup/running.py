"""newsds with its defaults, and its peers, on the same texts."""

from collections.abc import Iterator, Sequence

import peers
import pipelines
import pyarrow as pa

import newsds
from newsds.texts import TEXTS_SCHEMA

__all__ = ["cluster_all", "find", "to_batches"]


def to_batches(rows: Sequence[dict]) -> list[pa.RecordBatch]:
    """Return texts as batches."""
    return pa.Table.from_pylist(rows, schema=TEXTS_SCHEMA).to_batches(max_chunksize=2048)


def find(rows: Sequence[dict]) -> list[str]:
    """Return the cluster of each text, by newsds with its defaults."""
    result = newsds.dedupe(to_batches(rows), workers=2)
    ids, clusters = (result.clusters[name].to_pylist() for name in ("article_id", "cluster_id"))
    cluster_of = dict(zip(ids, clusters, strict=True))
    return [cluster_of[row["id"]] for row in rows]


def cluster_all(
    rows: Sequence[dict], *, is_alone: bool, pythons: Sequence[str] = ()
) -> Iterator[tuple[str, list]]:
    """Yield the name of each tool and the cluster of each text; `pythons` are interpreters of tools as `name=path`."""
    yield "newsds", find(rows)
    texts = [row["text"] for row in rows]
    for name in () if is_alone else peers.PEERS:
        try:
            yield name, peers.cluster(name, texts)
        except ImportError as error:
            print(f"  {name:20} not run: {error}")
    for name, pipeline in () if is_alone else pipelines.PIPELINES.items():
        if python := pipelines.find_python(pipeline.package, pythons):
            yield name, pipelines.cluster(name, python, texts)
