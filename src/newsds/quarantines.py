"""Quarantine: an input parted into its good and its bad records, byte for byte, and the reasons as a table."""

import tempfile
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import orjson

from newsds.article import Articles
from newsds.checks import validate
from newsds.checks.checker import Extent
from newsds.checks.report import Report
from newsds.errors import InputError, OutputError, UsageError
from newsds.files import temporary_sibling
from newsds.findings import LEVELS, Finding, Level
from newsds.project import RuleChoices
from newsds.readers.inputs import DAMAGE, Input, open_input
from newsds.readers.parquet_records import open_parquet
from newsds.readers.parts import InputPart

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Quarantine", "quarantine"]

#: Columns of `reasons.parquet`, with their Arrow types.
_COLUMNS = {
    "file": "string", "bad_row": "int64", "line_offset": "int64",
    "path": "string", "line": "int64", "row": "int64", "record_offset": "int64",
    "code": "string", "level": "string", "message": "string", "pointer": "string", "record_id": "string",
    "column": "int64", "offset": "int64", "length": "int64", "row_group": "int64", "column_path": "string",
    "evidence": "string",
}  # fmt: skip
_ROWS = 10_000


def quarantine(
    articles: Articles,
    folder: str | Path,
    *,
    choices: RuleChoices | None = None,
    as_of: datetime | None = None,
    rules: Extent = "all",
    level: Level = "error",
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Validate the articles of `newsds.read`, and part their inputs into good and bad records.

    See `Quarantine` for what is written.

    Args:
        articles: of JSONL or Parquet files.
        folder: is made; must not hold anything.
        choices: see `newsds.validate`.
        as_of: see `newsds.validate`.
        rules: see `newsds.validate`.
        level: a record with a finding of this level or a higher one is bad.
        progress: see `newsds.validate`.

    Raises:
        UsageError: an input is neither JSONL nor Parquet, or two are called the same.
        OutputError: the folder holds something.
    """
    with Quarantine(articles, Path(folder), level=level) as aside:
        report = validate(
            articles, choices=choices, as_of=as_of, rules=rules, on_finding=aside.add, progress=progress
        )
        aside.part(report)
    return report


@dataclass
class _Bad:
    """What is bad in one input: where its records begin, or their rows."""

    places: list[int] = field(default_factory=list)
    #: Number of each in the file of bad records, once that is written, and where its line began in the input.
    numbers: dict[int, tuple[int, int | None]] = field(default_factory=dict)


class Quarantine:
    """Gathers findings, and then parts the inputs: `good.jsonl`, `bad.jsonl` and `reasons.parquet` in a folder.

    The lines of the two files are those of the input, byte for byte (decompressed), in their order; `line_offset`
    says where in the input a bad line began. Blank lines count as good. Of Parquet the rows are parted. Where there
    are several inputs, there are folders `good` and `bad` that hold a file of each input's name. `reasons.parquet`
    has a row per finding: `file` and `bad_row` (0-based line or row) lead to the bad record, null for a finding on
    a whole set or file.
    """

    def __init__(self, articles: Articles, folder: Path, *, level: Level = "error") -> None:
        """Look whether the inputs can be parted; nothing is written yet.

        Raises:
            UsageError: an input is neither JSONL nor Parquet, or two are called the same.
            OutputError: the folder holds something.
        """
        self._inputs = _inputs_of(articles)
        self._folder = folder
        self._levels = LEVELS[: LEVELS.index(level) + 1]
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError(f"{folder}: holds something; name a new folder for the quarantine")
        self._resources = ExitStack()
        self._spool: IO[bytes] = self._resources.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 # it is one

    def __enter__(self) -> "Quarantine":
        return self

    def __exit__(self, *_error: object) -> None:
        self._resources.close()

    def add(self, finding: Finding) -> None:
        """Take down a finding."""
        if finding.level in self._levels:
            self._spool.write(orjson.dumps(_plain(finding), option=orjson.OPT_APPEND_NEWLINE))

    def part(self, report: Report) -> None:
        """Write the files.

        Args:
            report: of the validation; what stayed within its budget is no reason.

        Raises:
            OutputError: the folder cannot be made.
        """
        counted = {count.code for count in report.counts}
        bad: dict[str, _Bad] = {item.name: _Bad() for item in self._inputs}
        for reason in self._reasons(counted):
            place = _place_in(reason)
            if place is not None:
                bad[reason["path"]].places.append(place)
        self._folder.mkdir(parents=True, exist_ok=True)
        for item in self._inputs:
            bad[item.name].places.sort()
            self._part_input(item, bad[item.name])
        self._write_reasons(counted, bad)

    def _reasons(self, counted: set[str]) -> Iterator[dict[str, Any]]:
        self._spool.seek(0)
        for line in self._spool:
            reason = orjson.loads(line)
            if reason["code"] in counted:
                yield reason

    def _part_input(self, item: Input, bad: _Bad) -> None:
        targets = [self._folder / self._name(item, side) for side in ("good", "bad")]
        for target in targets:
            target.parent.mkdir(exist_ok=True)
        with temporary_sibling(targets[0]) as good_path, temporary_sibling(targets[1]) as bad_path:
            write = _part_rows if item.kind == "parquet" else _part_lines
            write(item, bad, good_path, bad_path)

    def _name(self, item: Input, side: str) -> str:
        suffix = item.suffix or ".jsonl"
        if len(self._inputs) == 1:
            return side + suffix
        stem = item.path.name.partition(suffix)[0]
        return f"{side}/{stem}{suffix}"

    def _write_reasons(self, counted: set[str], bad: dict[str, _Bad]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        files = {item.name: self._name(item, "bad") for item in self._inputs}
        schema = pa.schema([(name, getattr(pa, kind)()) for name, kind in _COLUMNS.items()])
        with (
            temporary_sibling(self._folder / "reasons.parquet") as partial,
            pq.ParquetWriter(partial, schema, compression="zstd") as writer,
        ):
            waiting: list[dict[str, Any]] = []
            for reason in self._reasons(counted):
                place = _place_in(reason)
                numbers = {} if place is None else bad[reason["path"]].numbers
                known, start = (None, None) if place is None else numbers.get(place, (None, None))
                waiting.append(
                    {
                        **reason,
                        "file": None if known is None else files[reason["path"]],
                        "bad_row": known,
                        "line_offset": start,
                    }
                )
                if len(waiting) == _ROWS:
                    writer.write_batch(_batch(waiting, schema))
                    waiting = []
            writer.write_batch(_batch(waiting, schema))


def _inputs_of(articles: Articles) -> list[Input]:
    parts = [] if articles.parts is None else list(articles.parts(2**62))
    inputs = [part.item for part in parts if isinstance(part, InputPart) and part.item.kind != "unknown"]
    if not inputs:
        raise UsageError("only articles read from files can be parted into good and bad")
    strange = next((item for item in inputs if item.kind not in {"jsonl", "parquet"}), None)
    if strange is not None:
        raise UsageError(f"{strange.name}: only JSONL and Parquet can be parted; newsds read makes them")
    names = [item.path.name for item in inputs]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise UsageError(f"{double}: two inputs are called so; part them one by one")
    return inputs


def _plain(finding: Finding) -> dict[str, Any]:
    """Return a finding as data that can be written, whatever its texts hold."""
    data = finding.to_dict()
    return {
        name: value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
        for name, value in data.items()
        if name in _COLUMNS
    }


def _place_in(reason: dict[str, Any]) -> int | None:
    """Return what tells the record in its input; None for a finding that is about no record."""
    if reason["path"] is None:
        return None
    place: int | None = reason["row"] if reason["record_offset"] is None else reason["record_offset"]
    return place


def _part_lines(item: Input, bad: _Bad, good_path: Path, bad_path: Path) -> None:
    offset, at, n_bad = 0, 0, 0
    with open_input(item) as stream, good_path.open("wb") as good, bad_path.open("wb") as aside:
        lines = iter(stream.readline, b"")
        while line := _readable(lines):
            end = bisect_left(bad.places, offset + len(line), at)
            (aside if end > at else good).write(line)
            bad.numbers.update(dict.fromkeys(bad.places[at:end], (n_bad, offset)))
            n_bad, offset, at = n_bad + (end > at), offset + len(line), end


def _readable(lines: Iterator[bytes]) -> bytes:
    """Return the next line; of a damaged archive there is none after what can be read."""
    try:
        return next(lines, b"")
    except InputError:
        raise
    except DAMAGE:
        return b""


def _part_rows(item: Input, bad: _Bad, good_path: Path, bad_path: Path) -> None:
    import pyarrow.parquet as pq

    file = open_parquet(item)
    schema, row, at, n_bad = file.schema_arrow, 0, 0, 0
    options: dict[str, Any] = {"compression": "zstd"}
    with (
        pq.ParquetWriter(good_path, schema, **options) as good,
        pq.ParquetWriter(bad_path, schema, **options) as aside,
    ):
        for batch in file.iter_batches(batch_size=_ROWS):
            end = bisect_left(bad.places, row + len(batch), at)
            rows = sorted(set(bad.places[at:end]))
            bad.numbers |= {place: (n_bad + number, None) for number, place in enumerate(rows)}
            for writer, part in zip(
                (good, aside), _parted(batch, [place - row for place in rows]), strict=True
            ):
                writer.write_batch(part)
            n_bad, row, at = n_bad + len(rows), row + len(batch), end


def _parted(batch: "pa.RecordBatch", rows: Sequence[int]) -> "tuple[pa.RecordBatch, pa.RecordBatch]":
    """Return the rows that are not named, and those that are."""
    import pyarrow as pa

    named = set(rows)
    kept = [number for number in range(len(batch)) if number not in named]
    return batch.take(pa.array(kept, pa.int64())), batch.take(pa.array(rows, pa.int64()))


def _batch(rows: list[dict[str, Any]], schema: "pa.Schema") -> "pa.RecordBatch":
    import pyarrow as pa

    return pa.RecordBatch.from_pylist(rows, schema=schema)
