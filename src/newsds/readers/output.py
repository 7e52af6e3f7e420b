"""Articles written to one file: JSONL or Parquet, streaming, all or nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import orjson

from newsds.article import Articles, Rejected, Row
from newsds.errors import UsageError
from newsds.files import temporary_sibling
from newsds.schema import arrow_schema

__all__ = ["FORMS", "write_articles"]

#: File ending to the form that is written.
FORMS = (".jsonl", ".ndjson", ".parquet")


def write_articles(
    articles: Articles,
    target: Path | BinaryIO,
    *,
    rejected: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write articles to a file that is complete or not there, and return their number.

    Args:
        articles: the stream; what it cannot read is in its `findings` afterwards.
        target: a path ending in one of `FORMS`, or an open stream, which gets JSONL.
        rejected: file for the bytes of what could not be read, a line feed after each.
        progress: is called with the number of records done since the last call.

    Raises:
        UsageError: the ending is none of `FORMS`.
        OutputError: the folder does not exist.
    """
    if isinstance(target, Path) and target.suffix not in FORMS:
        raise UsageError(f"{target}: write to a file ending in {', '.join(FORMS)}")
    with _rejects(rejected) as keep:
        watched = Articles(lambda: _watched(articles, keep, progress))
        n_articles = _write(watched, target)
    articles.findings = watched.findings
    return n_articles


def _write(articles: Articles, target: Path | BinaryIO) -> int:
    if not isinstance(target, Path):
        return _write_jsonl(articles, target)
    with temporary_sibling(target) as partial:
        if target.suffix == ".parquet":
            return _write_parquet(articles, partial)
        with partial.open("wb") as stream:
            return _write_jsonl(articles, stream)


@contextmanager
def _rejects(path: Path | None) -> Iterator[Callable[[bytes], object]]:
    if path is None:
        yield lambda _raw: None
        return
    with temporary_sibling(path) as partial, partial.open("wb") as stream:
        yield lambda raw: stream.write(raw + b"\n")


def _watched(
    articles: Articles, keep: Callable[[bytes], object], progress: Callable[[int], None] | None
) -> Iterator[Row | Rejected]:
    """Pass items on, while rejected bytes are kept and progress is told."""
    for number, item in enumerate(articles.open_items(), start=1):
        if isinstance(item, Rejected) and item.raw is not None:
            keep(item.raw)
        if progress is not None and number % 1000 == 0:
            progress(1000)
        yield item


def _write_jsonl(articles: Articles, stream: BinaryIO) -> int:
    n_articles = 0
    for row in articles.rows():
        stream.write(orjson.dumps(row.record, option=orjson.OPT_APPEND_NEWLINE))
        n_articles += 1
    return n_articles


def _write_parquet(articles: Articles, path: Path) -> int:
    import pyarrow.parquet as pq

    n_articles = 0
    with pq.ParquetWriter(path, arrow_schema(), compression="zstd", compression_level=3) as writer:
        for batch in articles:
            writer.write_batch(batch)
            n_articles += len(batch)
    return n_articles
