"""Files of articles, fixed: what needs no fix is passed on byte for byte."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from newsds.article import Articles, Rejected, Row
from newsds.errors import InputError, OutputError, UsageError
from newsds.files import temporary_sibling
from newsds.findings import Finding
from newsds.fixes.catalogue import Fix
from newsds.fixes.changes import Change, ChangeError, undone
from newsds.fixes.repair import repair
from newsds.readers.output import FORMS, write_articles

__all__ = ["Fixed", "fix_file", "undo_file"]

Progress = Callable[[int], None]


@dataclass
class Fixed:
    """What was done to a file."""

    n_records: int = 0
    n_changed: int = 0
    #: Changes by rule; the empty code stands for white space and for what follows from other changes.
    counts: dict[str, int] = field(default_factory=dict)
    #: What could not be read, or does not fit.
    findings: list[Finding] = field(default_factory=list)

    def note(self, changes: Sequence[Change]) -> None:
        """Count the changes of one record."""
        self.n_changed += bool(changes)
        for change in changes:
            code = change.rule or ""
            self.counts[code] = self.counts.get(code, 0) + 1

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON data."""
        return {
            "n_records": self.n_records,
            "n_changed": self.n_changed,
            "n_unread": sum(finding.level == "error" for finding in self.findings),
            "changes": {code or "other": self.counts[code] for code in sorted(self.counts)},
        }


def fix_file(
    articles: Articles,
    target: Path | BinaryIO | None,
    *,
    fixes: Sequence[Fix],
    changes: Path | None = None,
    is_whole: bool = False,
    progress: Progress | None = None,
) -> Fixed:
    """Write articles with fixes made; the file is complete or not there.

    Args:
        articles: the stream.
        target: a path that ends in one of `newsds.readers.output.FORMS`, or an open stream, which gets JSONL;
            None: nothing is written.
        fixes: the fixes to make.
        changes: file for the changes, one JSON object a line.
        is_whole: refuse to leave anything out: nothing is written if a record is no article or does not fit.
        progress: is called with the number of records done since the last call.

    Raises:
        UsageError: the ending of the target is not known.
        OutputError: a folder does not exist; or something would be left out, and must not be.
    """
    done = Fixed()
    with ExitStack() as stack:
        write = _writer(target, stack)
        log = _log(changes, stack)
        write(_fixed(articles, fixes, done, log, progress, is_whole=is_whole), done)
        if is_whole and any(finding.level == "error" for finding in done.findings):
            first = next(finding for finding in done.findings if finding.level == "error")
            raise OutputError(f"{target}: left as it is, because not all of it can be kept ({first.message})")
    return done


def _log(path: Path | None, stack: ExitStack) -> Callable[[dict[str, Any]], object]:
    if path is None:
        return lambda _entry: None
    partial = stack.enter_context(temporary_sibling(path))
    stream = stack.enter_context(partial.open("wb"))
    return lambda entry: stream.write(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))


def _fixed(
    articles: Articles,
    fixes: Sequence[Fix],
    done: Fixed,
    log: Callable[[dict[str, Any]], object],
    progress: Progress | None,
    *,
    is_whole: bool,
) -> Iterator[Row | Rejected]:
    """Yield what is to be written, while changes are counted and logged."""
    for item in articles.open_items():
        if isinstance(item, Rejected):
            done.findings.append(item.finding)
            yield item
            continue
        if is_whole and _is_foreign(item):
            raise OutputError(f"{item.path}: left as it is, because it holds records that are no articles")
        record, changes = repair(item.record, fixes)
        for change in changes:
            log({"record": done.n_records, **_place(item), **change.to_dict()})
        done.note(changes)
        done.n_records += 1
        if progress is not None and done.n_records % 1000 == 0:
            progress(1000)
        yield replace(item, record=record, raw=item.raw if record is item.record else None)


def _place(row: Row) -> dict[str, Any]:
    place = {"path": row.path, "line": row.line, "row": row.row, "record_id": row.record.get("id")}
    return {name: value for name, value in place.items() if value is not None}


#: Writes items, and notes what could not be written.
Writer = Callable[[Iterator[Row | Rejected], Fixed], None]


def _writer(target: Path | BinaryIO | None, stack: ExitStack) -> Writer:
    if target is None:
        return _write_nothing
    if not isinstance(target, Path):
        return partial(_write_jsonl, stream=target)
    if target.suffix not in FORMS:
        raise UsageError(f"{target}: write to a file ending in {', '.join(FORMS)}")
    unfinished = stack.enter_context(temporary_sibling(target))
    if target.suffix == ".parquet":
        return partial(_write_parquet, target=unfinished)
    return partial(_write_jsonl, stream=stack.enter_context(unfinished.open("wb")))


def _write_nothing(items: Iterator[Row | Rejected], _done: Fixed) -> None:
    deque(items, maxlen=0)


def _write_jsonl(items: Iterator[Row | Rejected], _done: Fixed, *, stream: BinaryIO) -> None:
    for item in items:
        if isinstance(item, Rejected):
            if item.raw is not None and _is_jsonl(item.finding.path):
                stream.write(item.raw.rstrip(b"\r\n") + b"\n")
        elif item.raw is not None and _is_jsonl(item.path) and not _is_foreign(item):
            stream.write(item.raw.rstrip(b"\r\n") + b"\n")
        else:
            stream.write(orjson.dumps(item.record, option=orjson.OPT_APPEND_NEWLINE))


def _is_foreign(row: Row) -> bool:
    """Tell whether a record was made from something that was no article: it then has the hash of that."""
    provenance = row.record.get("provenance")
    if row.raw is None or not isinstance(provenance, dict):
        return False
    return provenance.get("raw_sha256") == hashlib.sha256(row.raw).hexdigest()


def _is_jsonl(path: str | None) -> bool:
    return path is not None and (".jsonl" in path or ".ndjson" in path)


def _write_parquet(items: Iterator[Row | Rejected], done: Fixed, *, target: Path) -> None:
    inner = target.with_name(target.name + ".parquet")
    stream = Articles(lambda: (item for item in items if isinstance(item, Row)))
    try:
        write_articles(stream, inner)
        inner.replace(target)
    finally:
        inner.unlink(missing_ok=True)
    done.findings += stream.findings


def undo_file(articles: Articles, target: Path | BinaryIO, *, changes: Path) -> Fixed:
    """Write articles as they were before the changes that a fix logged.

    Raises:
        InputError: the log cannot be read.
        ChangeError: the articles are not those that the fix wrote.
        UsageError: the ending of the target is not known.
    """
    done = Fixed()
    with ExitStack() as stack:
        write = _writer(target, stack)
        write(_undone(articles, _groups(changes), done), done)
    return done


def _groups(path: Path) -> Iterator[tuple[int, str | None, list[Change]]]:
    """Yield number, identifier and changes of each record of a log."""
    try:
        with path.open("rb") as stream:
            entries = map(orjson.loads, stream)
            for number, group in groupby(entries, key=lambda entry: entry["record"]):
                found = list(group)
                yield int(number), found[0].get("record_id"), [Change.from_dict(entry) for entry in found]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: no log of changes ({error})") from None


def _undone(
    articles: Articles, groups: Iterator[tuple[int, str | None, list[Change]]], done: Fixed
) -> Iterator[Row | Rejected]:
    group = next(groups, None)
    for item in articles.open_items():
        if isinstance(item, Rejected):
            done.findings.append(item.finding)
            yield item
            continue
        changed = item
        if group is not None and group[0] == done.n_records:
            if group[1] != item.record.get("id"):
                raise ChangeError(f"record {done.n_records}: another record than the one that was changed")
            changed = replace(item, record=undone(item.record, group[2]), raw=None)
            done.note(group[2])
            group = next(groups, None)
        done.n_records += 1
        yield changed
    if group is not None:
        raise ChangeError(f"record {group[0]}: the log has changes of records that are not there")
