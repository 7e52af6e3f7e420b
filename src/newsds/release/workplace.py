"""Where a release is built: a hidden folder beside its target, moved into place in one rename at the end."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from newsds.errors import OutputError
from newsds.locks import attempt, is_taken

__all__ = ["Workplace", "abandoned", "workplace"]

#: Between the hidden name of the target and the random end of the folder's name.
_MARK = ".build-"

_LOCK = "lock"


@dataclass(frozen=True, kw_only=True, slots=True)
class Workplace:
    """A temporary folder beside the target of a build."""

    target: Path
    folder: Path

    @property
    def release(self) -> Path:
        """The folder that becomes the release."""
        return self.folder / "release"

    @property
    def scratch(self) -> Path:
        """A folder for what is needed only while the release is built."""
        return self.folder / "scratch"

    def deliver(self) -> None:
        """Move the release to its target; readers see all of it or nothing.

        Raises:
            OutputError: something has appeared at the target in the meantime.
        """
        _flush(self.release)
        refuse_taken(self.target)
        try:
            self.release.rename(self.target)
        except OSError as error:
            raise OutputError(f"{self.target}: cannot be moved into place ({error.strerror})") from None
        _flush_folder(self.target.parent)


def refuse_taken(target: Path) -> None:
    """Refuse to build where something is.

    Raises:
        OutputError: something is there.
    """
    if target.exists() or target.is_symlink():
        raise OutputError(f"{target}: exists already, and a release is never overwritten; raise the version")


@contextmanager
def workplace(target: Path) -> Iterator[Workplace]:
    """Give a place to build in, which vanishes at the end, delivered or not.

    A lock tells others that somebody works there: the system gives it up when the process dies.

    Raises:
        OutputError: something is at the target, or the place cannot be made.
    """
    refuse_taken(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}{_MARK}"))
    except OSError as error:
        raise OutputError(f"{target.parent}: cannot be written ({error.strerror})") from None
    place = Workplace(target=target, folder=folder)
    try:
        with attempt(folder / _LOCK):
            place.release.mkdir()
            place.scratch.mkdir()
            yield place
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def abandoned(target: Path) -> list[Path]:
    """Return the places of earlier builds of this target in which nobody works any more, sorted.

    They are not deleted here: a lock may not be seen across machines that share a disk.
    """
    found = sorted(target.parent.glob(f".{target.name}{_MARK}*"))
    return [folder for folder in found if folder.is_dir() and not is_taken(folder / _LOCK)]


def _flush(folder: Path) -> None:
    """Have all bytes and names on the disk before the release gets its name."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
    for path in [item for item in folder.rglob("*") if item.is_dir()]:
        _flush_folder(path)
    _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
