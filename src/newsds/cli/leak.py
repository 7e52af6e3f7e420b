"""newsds leak."""

import argparse
from pathlib import Path
from typing import Any

from newsds.cli.console import FINDINGS, GOOD, json_text, progress_bar, say, summarise_findings
from newsds.cli.options import add_command, add_texts, texts_of
from newsds.cli.outputs import keep_apart, refuse_unwritable
from newsds.cli.values import rate

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "leak", run, "measure how much of a test set stands in the set it is tested against",
        "  newsds leak train.parquet test.parquet\n"
        "  newsds leak train.csv test.csv --text content --max-rate 0.001\n"
        "  newsds leak 'data/train-*.parquet' data/test.parquet --text text --pairs pairs.parquet --format json",
    )  # fmt: skip
    parser.add_argument(
        "a", metavar="A", help="what is known, such as the train split: file, folder or pattern"
    )
    parser.add_argument("b", metavar="B", help="what should be new, such as the test split")
    add_texts(parser)
    parser.add_argument(
        "--max-rate",
        type=rate,
        default=0.0,
        metavar="R",
        help="share of B that may be copies of A before the exit status is 1, such as 0.001 or 0.1%% (default: 0)",
    )
    parser.add_argument("--pairs", metavar="FILE", help="write the pairs to a Parquet file")
    parser.add_argument("--force", action="store_true", help="replace the file of pairs if it exists")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the result (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    from newsds.release.leaks import leak

    refuse_unwritable(arguments.pairs, force=arguments.force)
    leave_out = keep_apart([arguments.pairs], [arguments.a, arguments.b])
    known, known_findings = texts_of(arguments, [arguments.a], leave_out=leave_out)
    new, new_findings = texts_of(arguments, [arguments.b], leave_out=leave_out)
    with progress_bar(arguments, "comparing") as progress:
        found = leak(known, new, progress=progress)
    summarise_findings([*known_findings(), *new_findings()], is_quiet=arguments.quiet)
    if arguments.pairs:
        found.write(Path(arguments.pairs))
    if arguments.format == "json":
        print(json_text(found.to_dict()))
    elif not arguments.quiet:
        print(found.to_text())
    empty = [name for name, n in ((arguments.a, found.n_a), (arguments.b, found.n_b)) if not n]
    for name in empty:
        say(f"newsds: {name}: holds no texts, so that nothing was measured")
    return FINDINGS if empty or found.rate > arguments.max_rate else GOOD
