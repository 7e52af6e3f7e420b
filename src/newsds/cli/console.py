"""What every command says: messages, JSON and progress."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

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
    "say",
    "summarise_findings",
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
