"""newsds trace."""

import argparse
from typing import Any

from newsds.cli.console import FINDINGS, GOOD, json_text, say
from newsds.cli.options import add_command

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "trace", run, "follow a published record back to its place in the inputs",
        "  newsds trace dist/newsds-sample/1.0.0 nds:0f3a...\n"
        "  newsds trace dist/newsds-sample/1.0.0 nds:0f3a... --inputs .   hash the bytes at that place, too",
    )  # fmt: skip
    parser.add_argument("release", metavar="RELEASE", help="folder of the release")
    parser.add_argument("id", metavar="ID", help="id of the record")
    parser.add_argument("--inputs", metavar="DIR", help="folder of the dataset project")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the result (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    from newsds.release.trace import trace

    found = trace(arguments.release, arguments.id, inputs=arguments.inputs)
    if arguments.format == "json":
        print(json_text(found.to_dict()))
    elif not arguments.quiet:
        print(found.to_text())
    if arguments.inputs and found.check is None:
        say("newsds: nothing was hashed: the record names no range of bytes in an input of this release")
    return GOOD if found.check in (None, "same") else FINDINGS
