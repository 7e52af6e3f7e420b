"""Locks between processes, which the operating system releases when a process ends, however it ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["exclusive", "is_taken", "take"]

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


def is_taken(path: Path) -> bool:
    """Tell whether somebody holds the lock of a file."""
    with path.open("ab") as stream:
        return not take(stream.fileno(), wait=False)
