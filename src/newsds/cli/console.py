"""What every command writes: messages, JSON, progress, and files that are not overwritten."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from newsds.errors import OutputError, UsageError

if TYPE_CHECKING:
    from newsds.findings import Finding

__all__ = [
    "FINDINGS",
    "GOOD",
    "Progress",
    "flat",
    "harmless",
    "json_text",
    "key_password",
    "progress_bar",
    "refuse_existing",
    "refuse_input",
    "say",
    "summarise_findings",
    "target_of",
    "text_width",
]

#: Exit statuses; 2 and 3 belong to the errors (`newsds.errors`).
GOOD, FINDINGS = 0, 1

Progress = Callable[[int], None]


#: What would move the cursor, change colours or hide text on a terminal; a line may quote hostile input.
_CONTROLS = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160), 8237, 8238), "�")


def say(line: str) -> None:
    """Print a line on standard error."""
    print(harmless(line), file=sys.stderr)


def harmless(text: str) -> str:
    """Return text that a terminal shows and does not obey."""
    return text.translate(_CONTROLS)


def text_width() -> int:
    """Return the columns that text for people may take: those of the terminal, or 100 where none shows it."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 100


def json_text(data: Any) -> str:
    """Return data as indented JSON."""
    import orjson

    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()


def key_password() -> bytes | None:
    """Return the password of a private key: from the environment, never from the command line."""
    password = os.environ.get("NEWSDS_KEY_PASSWORD")
    return None if password is None else password.encode()


@contextmanager
def progress_bar(
    arguments: argparse.Namespace, label: str, unit: str = " records"
) -> Iterator[Progress | None]:
    """Give a function that moves a progress bar, or None where nobody watches."""
    if arguments.quiet or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(desc=label, unit=unit, unit_scale=True, leave=False) as bar:
        yield bar.update


def refuse_existing(path: str | Path | None, *, force: bool) -> None:
    """Refuse to write where something is.

    Raises:
        OutputError: something is there, and `force` is not set.
    """
    if path is not None and not force and Path(path).exists():
        raise OutputError(f"{path}: exists already; choose another name, or --force to replace it")


def refuse_input(path: str | Path | None, inputs: Sequence[str]) -> None:
    """Refuse to write over what is being read.

    Raises:
        UsageError: the path is an input, or a file in a folder that is one.
    """
    if path is None or not Path(path).is_file():
        return
    wanted = Path(path).resolve()
    for given in map(Path, inputs):
        if given.exists() and wanted.is_relative_to(given.resolve()):
            raise UsageError(f"{path}: is an input; choose another name for the output")


def target_of(arguments: argparse.Namespace) -> "Path | BinaryIO":
    """Return where records go: a file that must not exist yet, or standard output."""
    if arguments.output in (None, "-"):
        return sys.stdout.buffer
    refuse_existing(arguments.output, force=arguments.force)
    return Path(arguments.output)


def summarise_findings(findings: "Sequence[Finding]", *, is_quiet: bool) -> None:
    """Show what could not be read on standard error: the first twenty, and how many there are."""
    if is_quiet:
        return
    shown = [finding for finding in findings if finding.level != "info"]
    for finding in shown[:20]:
        where = ":".join(str(part) for part in (finding.path, finding.line) if part is not None)
        say(f"{where}: {finding.code} {finding.message}")
    if len(shown) > 20:
        say(f"... and {len(shown) - 20:,} more; newsds validate lists them")


def flat(data: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield dotted name and text of every value of nested data."""
    for name, value in data.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name} ")
        else:
            yield prefix + name, f"{value:,}" if isinstance(value, int) else str(value)
