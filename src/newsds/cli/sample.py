"""newsds sample."""

import argparse
from typing import Any

from newsds.cli.console import GOOD, progress_bar
from newsds.cli.options import add_command
from newsds.cli.outputs import target_of
from newsds.cli.values import copy_rate, count

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "sample", run, "write generated articles, for trying things and for benchmarks",
        "  newsds sample -n 1000 --seed 7 > articles.jsonl\n"
        "  newsds sample -n 200000 --copies 0.25 -o articles.jsonl",
    )  # fmt: skip
    parser.add_argument("-n", type=count, default=100, metavar="N", help="number of records (default: 100)")
    parser.add_argument(
        "--seed", type=count, default=0, metavar="S", help="seed of the generator (default: 0)"
    )
    parser.add_argument(
        "--copies",
        type=copy_rate,
        default=0.0,
        metavar="P",
        help="share of republished copies, 0 to 0.5 (default: 0)",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="JSONL file (default: standard output)")
    parser.add_argument("--force", action="store_true", help="replace the output if it exists")


def run(arguments: argparse.Namespace) -> int:
    from newsds.article import Articles, Row
    from newsds.readers.output import write_articles
    from newsds.samples import sample

    drawn = Articles(
        lambda: (
            Row(record=record) for record in sample(arguments.n, seed=arguments.seed, copies=arguments.copies)
        )
    )
    with progress_bar(arguments, "writing") as progress:
        write_articles(drawn, target_of(arguments), progress=progress)
    return GOOD
