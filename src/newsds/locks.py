"""Locks between processes, which the operating system releases when a process ends, however it ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["attempt", "exclusive", "is_taken", "take"]

try:
    import fcntl
except ImportError:  # pragma: no cover # Windows
    import msvcrt

    def take(descriptor: int, *, wait: bool = True) -> bool:
        """Take the lock of an open file; False if another holds it and we do not wait."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined] # Windows only
            except OSError:
                if not wait:
                    return False
            else:
                return True
else:

    def take(descriptor: int, *, wait: bool = True) -> bool:
        """Take the lock of an open file; False if another holds it and we do not wait."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock of a file, which is made if need be and stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        take(stream.fileno())
        yield


@contextmanager
def attempt(path: Path, *, is_brief: bool = False) -> Iterator[bool]:
    """Try for the lock of a file, which is made if need be, without waiting; give whether we have it.

    Args:
        path: the file.
        is_brief: whether the file vanishes with the lock.
    """
    with path.open("ab") as stream:
        is_ours = _is_free(stream.fileno()) and _is_same(stream.fileno(), path)
        try:
            yield is_ours
        finally:
            if is_ours and is_brief:
                path.unlink(missing_ok=True)


def is_taken(path: Path) -> bool:
    """Tell whether somebody holds the lock of a file; where that cannot be seen, somebody may."""
    try:
        with path.open("rb") as stream:
            return not _is_free(stream.fileno())
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _is_free(descriptor: int) -> bool:
    """Take a lock if that can be done at once; a disk that has no locks gives none."""
    try:
        return take(descriptor, wait=False)
    except OSError:
        return False


def _is_same(descriptor: int, path: Path) -> bool:
    """Tell whether an open file still has its name: one who held the lock before may have removed it."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
