"""newsds schema."""

import argparse
from typing import Any

from newsds.cli.console import GOOD
from newsds.cli.options import add_command

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "schema", run, "show the article schema in one of its forms",
        "  newsds schema show\n"
        "  newsds schema show --as markdown\n"
        "  newsds schema show --as arrow",
    )  # fmt: skip
    parser.add_argument("action", choices=("show",), help="show: print it")
    parser.add_argument(
        "--as",
        dest="form",
        default="json",
        choices=("json", "arrow", "table", "features", "croissant", "markdown"),
        help="form (default: json)",
    )
    parser.add_argument(
        "--schema-version",
        default=None,
        metavar="VERSION",
        help="version of the schema (default: the newest)",
    )


def run(arguments: argparse.Namespace) -> int:
    from newsds.schema import SCHEMA_VERSION
    from newsds.schema_forms import schema_form

    print(schema_form(arguments.form, arguments.schema_version or SCHEMA_VERSION).rstrip("\n"))
    return GOOD
