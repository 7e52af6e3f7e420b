"""The first stage of a build: inputs read and validated once, good records staged on disk, bad ones set aside."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from newsds.article import BATCH_ROWS, Record, Rejected, Row, to_batch, to_records
from newsds.checks.checker import Checker
from newsds.checks.report import Report
from newsds.checks.rules import RULES
from newsds.checks.tally import Tally
from newsds.errors import InputError
from newsds.findings import Finding
from newsds.project import Project
from newsds.readers import iter_items, plan
from newsds.readers.inputs import Input
from newsds.release.digests import file_sha256
from newsds.release.manifest import InputFile
from newsds.release.spool import Spool
from newsds.schema import arrow_schema

__all__ = ["Intake", "take_in"]

Progress = Callable[[int], None]

_PLACE = pa.schema([("_path", pa.string()), ("_row", pa.int64()), ("_offset", pa.int64())])


class Place(NamedTuple):
    """Which record of which input."""

    path: str | None
    row: int | None
    offset: int | None

    @classmethod
    def of(cls, item: Row | Finding) -> "Place":
        """Return the place of a row, or of the record that a finding is about."""
        offset = item.record_offset if isinstance(item, Finding) else item.offset
        return cls(item.path, item.row, offset)


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What came of the inputs."""

    inputs: tuple[InputFile, ...]
    report: Report
    n_read: int
    n_refused: int
    #: The good records; None if errors stop the build.
    staged: Spool | None
    #: JSON lines about what was set aside, in order of place; None if nothing was.
    quarantine: Path | None
    #: The errors that count, first by place, for people.
    errors: tuple[Finding, ...] = ()
    #: The inputs of which no record is left.
    lost: tuple[str, ...] = ()


@dataclass
class _Faults:
    """Errors by place, and what could not be staged at all."""

    errors: dict[Place, list[Finding]] = field(default_factory=dict)
    #: Place to the bytes or the record that no Arrow batch can hold.
    unstaged: dict[Place, bytes | Record | None] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        self.errors.setdefault(Place.of(finding), []).append(finding)

    def counted(self, excused: frozenset[str]) -> dict[Place, list[Finding]]:
        """Return the errors without those of rules that stay within their budget."""
        kept = {
            place: [finding for finding in found if finding.code not in excused]
            for place, found in self.errors.items()
        }
        return {place: found for place, found in kept.items() if found}


def take_in(
    project: Project, folder: Path, *, leave_out: Collection[Path] = (), progress: Progress | None = None
) -> Intake:
    """Read and validate the inputs of a project, and stage the records in a folder.

    Args:
        project: the dataset project.
        folder: for the records.
        leave_out: resolved paths of files that are not read where a folder or pattern has them.
        progress: is called with the number of records done since the last call.

    Raises:
        InputError: an input does not exist, cannot be opened, or changes while it is read.
    """
    reception = _Reception(project, folder / "read.arrows", progress=progress)
    inputs = tuple(reception.take(item, reading) for item, reading in plan(project, leave_out=leave_out))
    return reception.close(inputs, folder)


class _Reception:
    """Takes records in, one input after the other."""

    def __init__(self, project: Project, path: Path, *, progress: Progress | None) -> None:
        self._is_patient = project.quarantine
        as_of: datetime | None = project.created
        self._checker = Checker(project.rules, as_of=as_of)
        self._tally = Tally(project.rules, as_of=as_of)
        self._faults = _Faults()
        self._spool = Spool(path, pa.schema([*arrow_schema(), *_PLACE]))
        self._waiting: list[Row] = []
        self._progress = progress

    def take(self, item: Input, reading: Any) -> InputFile:
        """Read one input to its end."""
        before = item.path.stat()
        sha256, n_before = file_sha256(item.path), self._tally.n_records
        for found in iter_items(item, reading):
            if isinstance(found, Rejected):
                self._reject(found)
            else:
                self._receive(found)
        after = item.path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise InputError(f"{item.name}: changed while it was read; build again")
        n_records = self._tally.n_records - n_before
        return InputFile(path=item.name, n_bytes=before.st_size, sha256=sha256, n_records=n_records)

    def _reject(self, found: Rejected) -> None:
        is_lost = _is_lost(found.finding)
        self._tally.n_records += is_lost
        judged = self._tally.add(found.finding)
        if judged is not None and judged.level == "error":
            self._faults.add(judged)
            if is_lost:
                self._faults.unstaged[Place.of(judged)] = found.raw

    def _receive(self, row: Row) -> None:
        self._tally.n_records += 1
        for finding in self._tally.add_all(self._checker.check(row)):
            if finding.level == "error":
                self._faults.add(finding)
        self._waiting.append(row)
        if len(self._waiting) == BATCH_ROWS:
            self._stage()

    def _stage(self) -> None:
        rows, self._waiting = self._waiting, []
        if self._progress is not None:
            self._progress(len(rows))
        try:
            self._spool.write(_with_places(to_batch(row.record for row in rows), rows))
        except (ValueError, TypeError, OverflowError):
            fitting = [row for row in rows if self._fits(row)]
            self._spool.write(_with_places(to_batch(row.record for row in fitting), fitting))

    def _fits(self, row: Row) -> bool:
        """Tell whether a record fits the Arrow schema; one that does not can never be released."""
        try:
            to_batch([row.record])
        except (ValueError, TypeError, OverflowError):
            place = Place.of(row)
            self._faults.unstaged[place] = row.record
            self._faults.errors.setdefault(place, [_misfit(row)])
            return False
        return True

    def close(self, inputs: tuple[InputFile, ...], folder: Path) -> Intake:
        """Apply the rules on the set, and part the good from the bad."""
        self._stage()
        self._spool.close()
        for finding in self._tally.add_all(self._checker.finish()):
            if finding.level == "error":
                self._faults.add(finding)
        excused = self._tally.excused()
        faults = self._faults.counted(excused)
        for place in self._faults.unstaged:
            faults.setdefault(place, self._faults.errors[place])
        errors = tuple(found[0] for _, found in sorted(faults.items(), key=_by_place))
        n_bad = Counter(place.path for place in faults)
        staged, quarantine = self._part(faults, folder) if self._is_patient or not faults else (None, None)
        return Intake(
            inputs=inputs,
            report=self._tally.report(),
            n_read=self._tally.n_records,
            n_refused=self._tally.n_records - (staged.n_rows if staged else 0),
            staged=staged,
            quarantine=quarantine,
            errors=errors,
            lost=tuple(item.path for item in inputs if 0 < item.n_records <= n_bad[item.path]),
        )

    def _part(self, faults: dict[Place, list[Finding]], folder: Path) -> tuple[Spool, Path | None]:
        """Return the good records, and the file of those set aside."""
        good, aside = Spool(folder / "good.arrows", arrow_schema()), dict(self._faults.unstaged)
        for batch in self._spool.batches():
            bad = _bad_rows(batch, faults) if faults else []
            articles = batch.select(arrow_schema().names)
            if bad:
                records = to_records(articles.take([number for number, _ in bad]))
                aside |= {place: record for (_, place), record in zip(bad, records, strict=True)}
                kept = sorted(set(range(len(batch))) - {number for number, _ in bad})
                articles = articles.take(pa.array(kept, pa.int64()))
            good.write(articles)
        good.close()
        self._spool.remove()
        if not faults:
            return good, None
        return good, _write_quarantine(folder / "quarantine.jsonl", faults, aside)


def _is_lost(finding: Finding) -> bool:
    """Tell whether a reader's finding stands for a record that is not there."""
    rule = RULES.get(finding.code)
    return rule is not None and rule.scope == "reading" and rule.level == "error"


def _misfit(row: Row) -> Finding:
    message = "does not fit the article schema, so that no release can hold it"
    return Finding(
        code="NDS104",
        level="error",
        message=message,
        line=row.line,
        record_offset=row.offset,
        **Place.of(row)._asdict(),
    )


def _with_places(batch: pa.RecordBatch, rows: list[Row]) -> pa.RecordBatch:
    places = zip(*(Place.of(row) for row in rows), strict=True) if rows else ([], [], [])
    columns = [pa.array(list(values), item.type) for values, item in zip(places, _PLACE, strict=True)]
    return pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=pa.schema([*batch.schema, *_PLACE]))


def _bad_rows(batch: pa.RecordBatch, faults: dict[Place, list[Finding]]) -> list[tuple[int, Place]]:
    columns = (batch.column(name).to_pylist() for name in _PLACE.names)
    places = (Place(*values) for values in zip(*columns, strict=True))
    return [(number, place) for number, place in enumerate(places) if place in faults]


def _by_place(item: tuple[Place, Any]) -> tuple[Any, ...]:
    place = item[0]
    return (place.path or "", *(-1 if number is None else number for number in place[1:]))


def _write_quarantine(
    path: Path, faults: dict[Place, list[Finding]], aside: dict[Place, bytes | Record | None]
) -> Path:
    with path.open("w", encoding="ascii", newline="\n") as stream:
        for place, found in sorted(faults.items(), key=_by_place):
            entry: dict[str, Any] = {"path": place.path, "line": found[0].line, "row": place.row}
            entry |= {"offset": place.offset, "reasons": _reasons(found), **_content(aside.get(place))}
            # Not orjson: what was set aside may hold huge integers and half characters.
            stream.write(json.dumps(entry) + "\n")
    return path


def _reasons(found: list[Finding]) -> list[dict[str, Any]]:
    return [{"code": item.code, "message": item.message, "pointer": item.pointer} for item in found]


def _content(kept: bytes | Record | None) -> dict[str, Any]:
    """Return what was set aside: the record, or the raw bytes as text where they are UTF-8, else in base64."""
    if kept is None or isinstance(kept, dict):
        return {"record": kept}
    try:
        return {"raw": kept.decode(), "raw_sha256": hashlib.sha256(kept).hexdigest()}
    except UnicodeDecodeError:
        import base64

        return {"raw_base64": base64.b64encode(kept).decode(), "raw_sha256": hashlib.sha256(kept).hexdigest()}
