"""newsds fix."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from newsds.cli.console import (
    FINDINGS,
    GOOD,
    json_text,
    progress_bar,
    say,
    summarise_findings,
)
from newsds.cli.options import add_command, add_reading, reading_of
from newsds.cli.outputs import keep_apart, refuse_unwritable, target_of
from newsds.errors import UsageError

if TYPE_CHECKING:
    from newsds.article import Articles
    from newsds.fixes.catalogue import Fix
    from newsds.fixes.files import Fixed

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "fix", run, "mend what can be mended in articles, and tell every change",
        "  newsds fix articles.jsonl -o fixed.jsonl --changes changes.jsonl\n"
        "  newsds fix crawl.csv -o articles.parquet --unsafe\n"
        "  newsds fix articles.parquet --in-place --select NDS201,NDS208\n"
        "  newsds fix articles.jsonl --check          say what would change, write nothing\n"
        "  newsds fix fixed.jsonl --undo changes.jsonl -o articles.jsonl",
    )  # fmt: skip
    parser.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="file, folder or pattern; -: JSONL from standard input"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="articles.jsonl or articles.parquet; - or nothing: JSONL to standard output",
    )
    where.add_argument(
        "--in-place", action="store_true", help="replace the inputs, each a JSONL or Parquet file of articles"
    )
    where.add_argument(
        "--check", action="store_true", help="write no articles; exit status 1 if something would change"
    )
    parser.add_argument(
        "--unsafe", action="store_true", help="also fixes that may be mistaken, or lose something"
    )
    parser.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="CODES",
        help="only the fixes of these rules (NDS201,NDS208)",
    )
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="CODES", help="not the fixes of these rules"
    )
    parser.add_argument(
        "--changes", metavar="FILE", help="write every change to this file, one JSON object a line"
    )
    parser.add_argument("--undo", metavar="FILE", help="take back the changes that --changes wrote")
    parser.add_argument("--force", action="store_true", help="replace files that exist")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the summary (default: text)"
    )
    add_reading(parser)


def run(arguments: argparse.Namespace) -> int:
    from newsds.fixes.catalogue import chosen

    fixes = chosen(unsafe=arguments.unsafe, select=_codes(arguments.select), ignore=_codes(arguments.ignore))
    refuse_unwritable(arguments.changes, force=arguments.force)
    if arguments.undo:
        done = _undo(arguments)
    else:
        done = _fix_in_place(arguments, fixes) if arguments.in_place else _fix(arguments, fixes)
    _summarise(arguments, done)
    is_faulty = any(finding.level == "error" for finding in done.findings)
    return FINDINGS if is_faulty or (arguments.check and done.n_changed) else GOOD


def _codes(texts: list[str]) -> list[str]:
    codes = (part.strip() for text in texts for part in text.split(","))
    return [code if code == "space" else code.upper() for code in codes if code]


def _target(arguments: argparse.Namespace) -> "Path | BinaryIO | None":
    if arguments.check:
        return None
    return target_of(arguments)


def _articles(arguments: argparse.Namespace) -> "Articles":
    from newsds.readers import read

    outputs = [arguments.output, arguments.changes, arguments.undo]
    leave_out = keep_apart(outputs, arguments.inputs)
    return read(*arguments.inputs, reading=reading_of(arguments), leave_out=leave_out)


def _fix(arguments: argparse.Namespace, fixes: "tuple[Fix, ...]") -> "Fixed":
    from newsds.fixes.files import fix_file

    target, changes = _target(arguments), Path(arguments.changes) if arguments.changes else None
    articles = _articles(arguments)
    with progress_bar(arguments, "fixing") as progress:
        return fix_file(articles, target, fixes=fixes, changes=changes, progress=progress)


def _fix_in_place(arguments: argparse.Namespace, fixes: "tuple[Fix, ...]") -> "Fixed":
    from newsds.fixes.files import fix_file
    from newsds.readers import read
    from newsds.readers.output import FORMS

    files = [Path(name) for name in arguments.inputs]
    wrong = [path for path in files if path.suffix not in FORMS or not path.is_file()]
    if wrong:
        raise UsageError(f"--in-place: {wrong[0]} is not a file ending in {', '.join(FORMS)}")
    if len(files) != 1:
        raise UsageError("--in-place: one file at a time")
    changes = Path(arguments.changes) if arguments.changes else None
    articles = read(*files, reading=reading_of(arguments))
    with progress_bar(arguments, "fixing") as progress:
        return fix_file(articles, files[0], fixes=fixes, changes=changes, is_whole=True, progress=progress)


def _undo(arguments: argparse.Namespace) -> "Fixed":
    from newsds.fixes.files import undo_file

    target = _target(arguments)
    if target is None or arguments.in_place:
        raise UsageError("--undo: name a file to write with -o")
    return undo_file(_articles(arguments), target, changes=Path(arguments.undo))


def _summarise(arguments: argparse.Namespace, done: "Fixed") -> None:
    if arguments.format == "json":
        text = json_text(done.to_dict())
        say(text) if arguments.output in (None, "-") and not (
            arguments.check or arguments.in_place
        ) else print(text)
        return
    summarise_findings(done.findings, is_quiet=arguments.quiet)
    if arguments.quiet:
        return
    for code in sorted(done.counts):
        say(f"{done.counts[code]:>9,}  {code or 'other'}")
    verb = "would change" if arguments.check else "were restored" if arguments.undo else "were changed"
    say(f"{done.n_changed:,} of {done.n_records:,} records {verb}")
