"""newsds publish."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from newsds.cli.console import GOOD, json_text
from newsds.cli.options import add_command

if TYPE_CHECKING:
    from newsds.targets.plan import Progress

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "publish", run, "send a release to a folder, the Hugging Face Hub or S3, in one visible step",
        "  newsds publish dist/harbour-news/1.2.0 hf://datasets/harbour/news --dry-run\n"
        "  newsds publish dist/harbour-news/1.2.0 hf://datasets/harbour/news\n"
        "  newsds publish dist/harbour-news/1.2.0 s3://bucket/harbour-news\n"
        "  newsds publish dist/harbour-news/1.2.0 /srv/data/harbour-news\n\n"
        "A publication that was stopped is finished by the same command. Credentials come from HF_TOKEN or\n"
        "`hf auth login` for the Hub, and from the environment, profile or role of AWS for S3.",
    )  # fmt: skip
    parser.add_argument("release", metavar="RELEASE", help="folder of the release")
    parser.add_argument(
        "target", metavar="TARGET", help="a folder, file://, hf://datasets/ORG/NAME or s3://BUCKET/PREFIX"
    )
    parser.add_argument(
        "-n",
        "--dry-run",
        action="store_true",
        help="list what would be sent, and how many bytes; write nothing",
    )
    parser.add_argument(
        "--private",
        action="store_true",
        default=None,
        help="if a repository on the Hub has to be made, hide it",
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the result (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    from newsds.targets import publish

    with _bars(arguments) as progress:
        published = publish(
            arguments.release,
            arguments.target,
            dry_run=arguments.dry_run,
            private=arguments.private,
            progress=progress,
        )
    if arguments.format == "json":
        print(json_text(published.to_dict()))
    elif arguments.dry_run or not arguments.quiet:
        print(published.to_text())
    return GOOD


@contextmanager
def _bars(arguments: argparse.Namespace) -> "Iterator[Progress | None]":
    """Give a function that shows one bar per step, or None where nobody watches."""
    if arguments.quiet or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def show(step: str, n_bytes: int, total_bytes: int) -> None:
        if step not in bars:
            for bar in bars.values():
                bar.close()
            unit = "B" if total_bytes else " files"
            bars[step] = tqdm(desc=step, total=total_bytes or None, unit=unit, unit_scale=True, leave=False)
        bars[step].update(n_bytes)

    try:
        yield show
    finally:
        for bar in bars.values():
            bar.close()
