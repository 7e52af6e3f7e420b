"""The command line: one parser, one module per command, and the only place that prints."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from newsds.cli.console import GOOD, say
from newsds.cli.options import EPILOG
from newsds.cli.parsers import Parser, parse
from newsds.errors import NewsdsError
from newsds.version import VERSION

__all__ = ["main", "make_parser"]

#: The commands, in the order of the pipeline; the module of each adds its own parser.
COMMANDS = (
    "read",
    "validate",
    "fix",
    "dedupe",
    "explain",
    "forget",
    "split",
    "leak",
    "build",
    "verify",
    "sign",
    "trace",
    "publish",
    "load",
    "cache",
    "convert",
    "schema",
    "rules",
    "sample",
)


def make_parser(names: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """Return the parser of these commands; usually all."""
    parser = Parser(
        prog="newsds",
        description="Turn news pages and wire copy into datasets people can trust.",
        epilog=EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"newsds {VERSION}")
    commands = parser.add_subparsers(
        title="commands, in pipeline order", metavar="COMMAND", dest="command", required=True
    )
    for name in names:
        import_module(f"newsds.cli.{name}").add(commands)
    return parser


def _named(argv: Sequence[str]) -> Sequence[str]:
    """Return the command that is called; all where it is not plain, and none where no command is needed."""
    if list(argv) == ["--version"]:
        return ()
    # The help of one command says nothing of the others, and their modules take longer than the answer.
    return argv[:1] if argv and argv[0] in COMMANDS else COMMANDS


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    argv = sys.argv[1:] if argv is None else argv
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What the terminal's encoding does not have is written as an escape.
            stream.reconfigure(errors="backslashreplace")
    arguments = parse(make_parser(_named(argv)), argv, commands=COMMANDS)
    try:
        status: int = arguments.run(arguments)
        if sys.stdout is not None:  # it was closed before this began
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
