"""Where a command writes: what is there already is not replaced, and what is written is not read.

Data is never replaced without --force. A report may take the place of an earlier report of newsds, for it is written
anew on every run; of nothing else.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from newsds.cli.console import say
from newsds.errors import OutputError, UsageError

__all__ = ["keep_apart", "refuse_existing", "refuse_other", "refuse_unwritable", "target_of"]


def refuse_unwritable(path: str | Path | None, *, force: bool) -> None:
    """Refuse a file that exists, or whose folder does not: that is better known before the work than after it.

    Raises:
        OutputError: as said; a file that exists may be replaced if `force` is set.
    """
    if path is None or str(path) == "-":
        return
    refuse_existing(path, force=force)
    if not Path(path).parent.is_dir():
        raise OutputError(f"{Path(path).parent}: no such folder")


def refuse_existing(path: str | Path | None, *, force: bool) -> None:
    """Refuse to write where something is; pipes and devices can be written.

    Raises:
        OutputError: a file or folder is there, and `force` is not set.
    """
    if path is None or force or str(path) == "-":
        return
    there = Path(path)
    if there.is_file() or there.is_dir():
        raise OutputError(f"{path}: exists already; choose another name, or --force to replace it")


def refuse_other(
    path: str | Path | None, is_earlier: Callable[[Path], bool], *, force: bool, what: str
) -> None:
    """Refuse to replace what is no earlier output of the same kind.

    Args:
        path: where to write.
        is_earlier: tells whether a file is such an output.
        force: replace whatever it is.
        what: name of the kind, with its article.

    Raises:
        OutputError: something else is there.
    """
    refuse_unwritable(path, force=True)
    if path is None or force or not Path(path).is_file() or is_earlier(Path(path)):
        return
    raise OutputError(
        f"{path}: exists already and is not {what}; choose another name, or --force to replace it"
    )


def keep_apart(outputs: Iterable[str | Path | None], inputs: Sequence[str]) -> frozenset[Path]:
    """Return the outputs that exist already, so that none is read with the folder or pattern it is in; say so.

    Raises:
        UsageError: an output is named as an input.
        InputError: there is no such input.
    """
    there = {Path(path).resolve() for path in outputs if path is not None and Path(path).is_file()}
    if not there:
        return frozenset()
    from newsds.readers.inputs import expand

    for path in inputs:
        if Path(path).resolve() in there:
            raise UsageError(f"{path}: is an input; choose another name for the output")
    for item in expand(inputs):
        if item.path.resolve() in there:
            say(f"newsds: {item.name}: is written by this command, and so not read")
    return frozenset(there)


def target_of(arguments: argparse.Namespace) -> "Path | BinaryIO":
    """Return where records go: a file that must not exist yet, or standard output.

    Raises:
        OutputError: the file exists, or standard output is closed.
    """
    if arguments.output in (None, "-"):
        if sys.stdout is None:
            raise OutputError("standard output is closed; name a file with -o")
        return sys.stdout.buffer
    refuse_unwritable(arguments.output, force=arguments.force)
    return Path(arguments.output)
