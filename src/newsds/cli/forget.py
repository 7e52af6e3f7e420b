"""newsds forget."""

import argparse
from pathlib import Path
from typing import Any

from newsds.cli.console import GOOD, json_text
from newsds.cli.options import add_command
from newsds.errors import InputError, UsageError

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "forget", run, "take articles out of an index of earlier releases, with their texts",
        "  newsds forget seen/ nds:1b50c55332ba17b9f96cfc4e2c53d9e8\n"
        "  newsds forget seen/ --from takedown.txt\n"
        "  newsds forget seen/ --release harbour-news/1.1.0     the last release is taken back",
    )  # fmt: skip
    parser.add_argument(
        "index", metavar="DIR", help="the index (newsds dedupe --index, newsds build --index)"
    )
    parser.add_argument(
        "ids",
        nargs="*",
        default=[],
        metavar="ID",
        help="identifiers; those that are not there are passed over",
    )
    parser.add_argument("--from", dest="source", metavar="FILE", help="file with one identifier a line")
    parser.add_argument(
        "--release", metavar="NAME", help="take the last release back, with the articles that it added"
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the result (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    from newsds.index.removal import remove_articles, remove_release

    index, ids = Path(arguments.index), [*arguments.ids]
    ids += _read_ids(Path(arguments.source)) if arguments.source else []
    if not ids and not arguments.release:
        raise UsageError(
            "no identifiers: give some, or a file with --from; or the last release with --release"
        )
    if ids and arguments.release:
        raise UsageError("--release: takes a release back; name no identifiers besides")
    update = remove_release(arguments.release, index) if arguments.release else remove_articles(ids, index)
    n_given = update.n_removed if arguments.release else len(set(ids))
    if arguments.format == "json":
        print(json_text({"index": arguments.index, "removed": update.n_removed, "given": n_given}))
    elif not arguments.quiet:
        print(f"{update.n_removed} of {n_given} articles removed from {arguments.index}")
    return GOOD


def _read_ids(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
