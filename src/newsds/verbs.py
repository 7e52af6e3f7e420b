"""The verbs as Python users call them: each takes paths, streams, tables, records or a loaded dataset."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsds.article import Articles, Record, Rejected, Row, to_records
from newsds.errors import UsageError
from newsds.findings import Finding

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa

    from newsds.checks.checker import Extent
    from newsds.checks.index import Index
    from newsds.checks.report import Report
    from newsds.checks.tally import SetAside
    from newsds.dedup.clusters import Clusters
    from newsds.dedup.explanation import Explanation
    from newsds.dedup.parameters import Parameters
    from newsds.fixes.changes import Change
    from newsds.project import RuleChoices, SplitChoices
    from newsds.readers.mapping import Reading
    from newsds.release.leaks import Leak
    from newsds.release.splits import Splits

__all__ = ["dedupe", "explain", "fix", "leak", "read", "split", "validate"]


def read(
    *inputs: str | Path | Iterable[str | Path], reading: "Reading | None" = None, root: Path | None = None
) -> Articles:
    """Return the articles of files, folders and patterns as a stream that can be iterated again.

    `newsds.read("pages")`, `newsds.read("a.jsonl", "b.csv")` and `newsds.read(["a.jsonl", "b.csv"])` all read;
    see `newsds.readers.read` for what is recognised.

    Raises:
        UsageError: no input is given, or something that is no path.
        InputError: an input does not exist or cannot be opened.
    """
    from newsds import readers

    return readers.read(*_paths(inputs), reading=reading, root=root)


def _paths(inputs: Iterable[Any]) -> Iterator[str | Path]:
    for item in inputs:
        if isinstance(item, str | Path):
            yield item
        elif isinstance(item, list | tuple | set | frozenset):
            yield from _paths(item)
        else:
            raise UsageError(f"read takes paths, not {type(item).__name__}")


def validate(
    source: Any,
    *,
    choices: "RuleChoices | None" = None,
    as_of: "datetime | None" = None,
    rules: "Extent" = "all",
    max_findings: int = 1000,
    set_aside: "Sequence[SetAside]" = (),
    index: "Index | None" = None,
    write_index: Path | None = None,
    workers: int = 1,
    on_finding: Callable[[Finding], object] | None = None,
    progress: Callable[[int], None] | None = None,
) -> "Report":
    """Check records against the article schema and the rules: `newsds.validate("my.jsonl").n_records`.

    Args:
        source: a path or several, the articles of `newsds.read`, a table, records, or what `newsds.load` returned; an
            iterator of records or batches is read as it comes, and held nowhere.
        choices: profile, levels, waivers and budgets, as of a project.
        as_of: the day for which the dataset is judged; null: nothing lies in the future.
        rules: `schema`, `record` (and the rules on one record), or `all`.
        max_findings: most findings to list; all are counted.
        set_aside: what knows why a finding does not count: a `Baseline`.
        index: of a set to which the records are added; rules on the whole set look at both.
        write_index: file that becomes the index of these records.
        workers: processes for files of JSON lines, if no rules on the whole set are applied.
        on_finding: is called with every finding that counts, listed or not.
        progress: is called with the number of records done since the last call.

    Raises:
        UsageError: the source is nothing of these, or a choice makes no sense.
    """
    from newsds import checks

    return checks.validate(
        _articles(source), choices=choices, as_of=as_of, rules=rules, max_findings=max_findings, set_aside=set_aside,
        index=index, write_index=write_index, workers=workers, on_finding=on_finding, progress=progress,
    )  # fmt: skip


def fix(
    source: Any,
    *,
    unsafe: bool = False,
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    on_change: "Callable[[Row, Change], None] | None" = None,
) -> Articles:
    """Return articles with fixes made: `newsds.fix("my.jsonl").to_table()`.

    Args:
        source: as of `validate`; of an iterator one pass can be made.
        unsafe: also the fixes that may be mistaken, or lose something.
        select: only the fixes of these rules.
        ignore: not the fixes of these rules.
        on_change: is called with the record as it was, and each change, in order.

    Raises:
        UsageError: the source is nothing that can be read, or a rule has no fix.
    """
    from newsds import fixes

    return fixes.fix(_articles(source), unsafe=unsafe, select=select, ignore=ignore, on_change=on_change)


def dedupe(
    source: Any,
    *,
    parameters: "Parameters | Mapping[str, Any] | None" = None,
    progress: Callable[[int], None] | None = None,
    workers: int = 1,
    spill: Path | None = None,
) -> "Clusters":
    """Find which articles are copies of one another: `newsds.dedupe("my.jsonl").write(Path("dedup"))`.

    Args:
        source: as of `validate`; or batches with the schema `newsds.texts.TEXTS_SCHEMA`.
        parameters: choices that differ from the defaults.
        progress: is called with the number of texts read since the last call.
        workers: threads that compare texts.
        spill: folder for what does not fit into memory; the system's temporary folder if it is not given.

    Raises:
        UsageError: the source is nothing of these, or a parameter is impossible.
        InputError: an identifier is null, or is that of two rows that differ.
    """
    from newsds import dedup

    return dedup.dedupe(
        _texts(source), parameters=parameters, progress=progress, workers=workers, spill=spill
    )


def split(
    source: Any,
    *,
    choices: "SplitChoices | None" = None,
    strata: Mapping[str, str] | None = None,
    parameters: "Parameters | Mapping[str, Any] | None" = None,
    progress: Callable[[int], None] | None = None,
    keep: str | Path | None = None,
) -> "Splits":
    """Part texts so that copies and related texts stay together: `newsds.split("my.jsonl").sizes`.

    Args:
        source: as of `dedupe`.
        choices: how to split; by time into 80, 10 and 10 % without them.
        strata: id to the value by which a random split is stratified.
        parameters: of deduplication.
        progress: is called with the number of texts read since the last call.
        keep: a release, or a table with `id` and `split`: what was split there keeps its split.

    Raises:
        UsageError: the source is nothing that can be read, or a split that is to be kept is not chosen.
        InputError: an identifier is null, or is that of two rows that differ; there is nothing to keep.
    """
    from newsds.release import splits
    from newsds.release.kept import read_kept

    return splits.split(
        _texts(source),
        choices=choices,
        strata=strata,
        parameters=parameters,
        progress=progress,
        kept=None if keep is None else read_kept(Path(keep)),
    )


def leak(
    a: Any,
    b: Any,
    *,
    parameters: "Parameters | Mapping[str, Any] | None" = None,
    progress: Callable[[int], None] | None = None,
) -> "Leak":
    """Measure how much of `b` stands in `a`: `newsds.leak("train.jsonl", "test.jsonl").rate`.

    Args:
        a: what is known, as of `dedupe`.
        b: what should be new, likewise.
        parameters: of deduplication.
        progress: is called with the number of texts read since the last call.

    Raises:
        UsageError: a source is nothing that can be read.
    """
    from newsds.release import leaks

    return leaks.leak(_texts(a), _texts(b), parameters=parameters, progress=progress)


def explain(
    source: Any, a: str, b: str, *, parameters: "Parameters | Mapping[str, Any] | None" = None
) -> "Explanation":
    """Say why two articles are copies or not: `newsds.explain("my.jsonl", "nds:1a...", "nds:2b...").relation`.

    Args:
        source: as of `dedupe`, the two among it; what is common is counted over all of it.
        a: id of an article.
        b: id of another.
        parameters: of deduplication.

    Raises:
        UsageError: the source is nothing that can be read, or has no such id.
    """
    from newsds.dedup import explanation

    return explanation.explain(_texts(source), a, b, parameters=parameters)


def _texts(source: Any) -> "Iterable[pa.RecordBatch]":
    """Return the columns that deduplication needs, whatever the source is; rows that are given again once."""
    from newsds.dedup.repeats import Once

    return Once(_all_texts(source))


def _all_texts(source: Any) -> "Iterable[pa.RecordBatch]":
    import pyarrow as pa

    if isinstance(source, pa.RecordBatch):
        source = pa.Table.from_batches([source])
    if isinstance(source, pa.Table | pa.RecordBatchReader):
        source = source.to_batches() if isinstance(source, pa.Table) else source
    elif isinstance(source, list | tuple) and all(isinstance(item, pa.RecordBatch) for item in source):
        return map(_text_columns, source)
    elif not _holds_batches(source):
        if isinstance(source, Iterator):
            first, items = _peeked(source)
            if isinstance(first, pa.RecordBatch):
                return map(_text_columns, items())
            source = items()
        source = _articles(source)
    return map(_text_columns, source)


def _text_columns(batch: "pa.RecordBatch") -> "pa.RecordBatch":
    from newsds.readers.columns import text_columns

    if "text" in batch.schema.names:
        return batch
    missing = {"id", "body", "published_at", "headline"} - set(batch.schema.names)
    if missing:
        raise UsageError(f"columns that are needed to find copies are missing: {', '.join(sorted(missing))}")
    try:
        return text_columns(batch)
    except KeyError as error:
        raise UsageError(f"a column that is needed to find copies is missing: {error.args[0]}") from None


def _articles(source: Any) -> Articles:
    """Return whatever a user has as a stream of articles.

    Raises:
        UsageError: it is nothing of which articles can be made.
    """
    import pyarrow as pa

    if isinstance(source, Articles):
        return source
    if isinstance(source, str | Path):
        return read(source)
    if _holds_batches(source):
        return _of_items(source)
    if isinstance(source, pa.RecordBatch) or hasattr(source, "__arrow_c_stream__"):
        return Articles.from_arrow(source if isinstance(source, pa.RecordBatch) else pa.table(source))
    if isinstance(source, Iterable) and not isinstance(source, Mapping | bytes):
        return _of_items(source)
    raise _unknown(source)


def _holds_batches(source: Any) -> bool:
    from newsds.loader.dataset import Dataset

    return isinstance(source, Dataset)


def _of_items(source: Iterable[Any]) -> Articles:
    """Return articles of paths, batches, tables, records or rows; what else there is raises when it is met."""
    first, items = _peeked(source)
    if isinstance(first, str | Path):
        return read(*items())
    return Articles(lambda: chain.from_iterable(map(_rows, items())))


def _peeked(source: Iterable[Any]) -> tuple[Any, Callable[[], Iterator[Any]]]:
    """Return the first item, null if there is none, and what gives all of them: of an iterator once."""
    if not isinstance(source, Iterator):
        return next(iter(source), None), lambda: iter(source)
    first = next(source, None)
    passes = iter([iter(()) if first is None else chain([first], source)])

    def items() -> Iterator[Any]:
        for whole in passes:
            return whole
        raise UsageError("an iterator can be read once; make a list of it to read it again")

    return first, items


def _rows(item: Any) -> Iterator[Row | Rejected]:
    import pyarrow as pa

    if isinstance(item, pa.RecordBatch | pa.Table):
        yield from (Row(record=record) for record in to_records(item))
    else:
        yield _item(item)


def _item(item: Row | Rejected | Finding | Record) -> Row | Rejected:
    if isinstance(item, Row | Rejected):
        return item
    if isinstance(item, Finding):
        return Rejected(finding=item)
    if isinstance(item, dict):
        return Row(record=item)
    raise _unknown(item)


def _unknown(source: object) -> UsageError:
    return UsageError(
        f"{type(source).__name__}: neither a path, articles, an Arrow table, records nor a loaded dataset"
    )
