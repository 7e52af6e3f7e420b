"""The command line: one parser, one module per command, and the only place that prints."""

import argparse
import os
import sys
from collections.abc import Sequence

from newsds.cli import (
    build,
    cache,
    convert,
    dedupe,
    explain,
    fix,
    forget,
    leak,
    load,
    publish,
    read,
    rules,
    sample,
    schema,
    sign,
    split,
    trace,
    validate,
    verify,
)
from newsds.cli.console import GOOD, say
from newsds.cli.options import EPILOG
from newsds.errors import NewsdsError
from newsds.version import VERSION

__all__ = ["main", "make_parser"]

#: The commands, in the order of the pipeline; each module adds its own parser.
COMMANDS = (
    read,
    validate,
    fix,
    dedupe,
    explain,
    forget,
    split,
    leak,
    build,
    verify,
    sign,
    trace,
    publish,
    load,
    cache,
    convert,
    schema,
    rules,
    sample,
)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="newsds",
        description="Turn news pages and wire copy into datasets people can trust.",
        epilog=EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"newsds {VERSION}")
    commands = parser.add_subparsers(
        title="commands, in pipeline order", metavar="COMMAND", dest="command", required=True
    )
    for command in COMMANDS:
        command.add(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    arguments = make_parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except NewsdsError as error:
        say(f"newsds: {error}")
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GOOD
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        say(f"newsds: {where}{error.strerror or error}")
        return NewsdsError.exit_code
    except KeyboardInterrupt:
        say("newsds: stopped")
        return 130
    return status
