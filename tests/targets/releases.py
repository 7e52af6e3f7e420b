"""Releases of any number of files, small and valid, for tests and benchmarks of publishing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from newsds.article import Record, article_id, to_batch
from newsds.release import shards
from newsds.release.digests import table_root
from newsds.release.documents import documents, sums
from newsds.release.manifest import SUMS, Config, Manifest
from newsds.release.statistics import Statistics
from newsds.schema import SCHEMA_VERSION, arrow_schema


def write_release(
    folder: Path, *, version: str = "1.2.0", n_shards: int = 3, name: str = "harbour-news", words: str = ""
) -> Path:
    """Write a release with one article per shard.

    Args:
        folder: where it goes.
        version: its version.
        n_shards: number of articles, and of shards.
        name: name of the dataset.
        words: end of the body of every second article; other words make other shards of these, and only of these.
    """
    folder.mkdir(parents=True)
    table = pa.Table.from_batches([to_batch([article(number, words) for number in range(n_shards)])])
    with one_row_per_shard():
        files, leaves = shards.write_table(folder, "articles", "train", table)
    statistics = Statistics()
    for batch in table.to_batches():
        statistics.add(batch)
    manifest = Manifest(
        name=name,
        version=version,
        schema_version=SCHEMA_VERSION,
        profile="core",
        configs=(
            Config(name="articles", n_rows=n_shards, digest=table_root(leaves), splits={"train": n_shards}),
        ),
        files=tuple(files),
        inputs=(),
        parameters={},
        steps=(),
        findings=(),
        tools={"newsds": "0"},
        statistics=statistics.to_dict(n_clusters=0, n_copies=0),
        title="Harbour News",
    )
    texts = documents(manifest, {"articles": arrow_schema()})
    for path, data in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / SUMS).write_bytes(sums(folder, [*texts, *(shard.path for shard in files)]))
    return folder


def article(number: int, words: str) -> Record:
    raw = f"{number:064x}"
    return {
        "schema_version": SCHEMA_VERSION,
        "id": article_id("", raw),
        "headline": f"Harbour dredging enters week {number}",
        "body": f"Crews moved {number} barges of silt on Monday, the port authority said.{words * (number % 2)}",
        "language": "en",
        "provenance": {"input_kind": "jsonl", "raw_sha256": raw, "reader": "newsds", "reader_version": "0"},
    }


@contextmanager
def one_row_per_shard() -> Iterator[None]:
    before = shards.SHARD_ROWS
    shards.SHARD_ROWS = 1
    try:
        yield
    finally:
        shards.SHARD_ROWS = before


def files_of(folder: Path) -> dict[str, bytes]:
    """Return path to content of every file in a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
