"""The parser of a command: what is wrong with a call is one line, and says where to read on."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from newsds.cli.console import harmless

__all__ = ["Parser", "parse"]


class Parser(argparse.ArgumentParser):
    """A parser that does not answer a typing error with a screen of usage, and takes options as they are written."""

    def __init__(self, **options: object) -> None:
        # An option that is cut short today means another one, or none, once there are more of them.
        super().__init__(**{"allow_abbrev": False, **options})  # type: ignore[arg-type] # those of argparse

    def error(self, message: str) -> NoReturn:
        """End with exit status 2 and one line."""
        line = " ".join(message.split())
        self.exit(2, harmless(f"{self.prog}: {line} (try {self.prog} --help)\n"))


def parse(
    parser: argparse.ArgumentParser, argv: Sequence[str], *, commands: Sequence[str]
) -> argparse.Namespace:
    """Return what the arguments say; what nobody knows is told by the command it was given to."""
    if argv and not argv[0].startswith("-") and argv[0] not in commands:
        parser.error(f"there is no command {argv[0]!r}{_alike(argv[0], commands)}")
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        said_by: argparse.ArgumentParser = arguments.parser
        said_by.error(f"unrecognized arguments: {' '.join(unknown)}")
    return arguments


def _alike(name: str, commands: Sequence[str]) -> str:
    from difflib import get_close_matches

    found = get_close_matches(name, commands, n=1)
    return f"; did you mean {found[0]}?" if found else ""
