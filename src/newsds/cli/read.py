"""newsds read."""

import argparse
import sys
from pathlib import Path
from typing import Any

from newsds.cli.console import (
    FINDINGS,
    GOOD,
    progress_bar,
    say,
    summarise_findings,
    text_width,
)
from newsds.cli.options import add_command, add_reading, reading_of
from newsds.cli.outputs import keep_apart, refuse_unwritable, target_of

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "read", run, "turn pages, JSONL, JSON, CSV or Parquet into article records",
        "  newsds read pages/ -o articles.jsonl\n"
        "  newsds read 'crawl/*.jsonl.gz' -o articles.parquet\n"
        "  newsds read table.csv --map headline=title --map body=content -o articles.jsonl\n"
        "  newsds read --explain pages/a.txt",
    )  # fmt: skip
    parser.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="file, folder or pattern; -: JSONL from standard input"
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="articles.jsonl or articles.parquet; - or nothing: JSONL to standard output",
    )
    parser.add_argument(
        "--rejected",
        metavar="FILE",
        help="write what could not be read to this file, byte for byte, one after the other",
    )
    parser.add_argument("--force", action="store_true", help="replace the output if it exists")
    parser.add_argument(
        "--explain",
        action="store_true",
        help="show what each line of a text page was taken for, and write nothing",
    )
    add_reading(parser)


def run(arguments: argparse.Namespace) -> int:
    from newsds.readers import read
    from newsds.readers.output import write_articles
    from newsds.readers.unplaced import Unplaced

    if arguments.explain:
        return _explain(arguments)
    refuse_unwritable(arguments.rejected, force=arguments.force)
    target = target_of(arguments)
    leave_out = keep_apart([arguments.output, arguments.rejected], arguments.inputs)
    articles = read(*arguments.inputs, reading=reading_of(arguments), leave_out=leave_out)
    rejected = Path(arguments.rejected) if arguments.rejected else None
    unplaced = Unplaced(articles)
    with progress_bar(arguments, "reading") as progress:
        n_articles = write_articles(unplaced.watched, target, rejected=rejected, progress=progress)
    articles = unplaced.watched
    summarise_findings(articles.findings, is_quiet=arguments.quiet)
    n_errors = sum(finding.level == "error" for finding in articles.findings)
    if not arguments.quiet and isinstance(target, Path):
        say(f"{n_articles:,} articles written to {target}; {n_errors:,} places could not be read")
    if not arguments.quiet and unplaced.columns:
        say(unplaced.to_text())
    return FINDINGS if n_errors else GOOD


def _explain(arguments: argparse.Namespace) -> int:
    from newsds.readers import explain_pages

    width = max(20, text_width() - 20) if sys.stdout.isatty() else 100
    for path, lines in explain_pages(arguments.inputs, reading=reading_of(arguments), width=width):
        print(f"{path}:")
        for number, role, text in lines:
            print(f"{number:5} {role:13} {text}")
    return GOOD
