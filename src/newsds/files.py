"""Files: written all or nothing, by a temporary sibling that replaces its target at the end; and hashed."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from newsds.errors import OutputError

__all__ = ["atomic_write", "file_sha256", "temporary_sibling"]


@contextmanager
def temporary_sibling(target: Path) -> Iterator[Path]:
    """Give a path beside the target that replaces it at the end, and vanishes if anything fails.

    A link stays: the file it leads to is replaced. What is no file (a pipe, a device) is written as it is.

    Raises:
        OutputError: the folder does not exist, or nothing can be written there.
    """
    if target.exists() and not target.is_file():
        if target.is_dir():
            raise OutputError(f"{target}: is a folder; name a file")
        yield target
        return
    target = target.resolve()
    if not target.parent.is_dir():
        raise OutputError(f"{target.parent}: no such folder")
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise OutputError(f"{target}: cannot be written ({error.strerror}); choose another place") from None
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        partial.chmod(0o666 & ~_umask())
        _flush(partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def atomic_write(target: Path, data: bytes | str) -> None:
    """Write a whole file, or leave what was there; text is UTF-8 with the line ends it has.

    Raises:
        OutputError: the folder does not exist.
    """
    with temporary_sibling(target) as partial:
        partial.write_bytes(data.encode() if isinstance(data, str) else data)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _flush(path: Path) -> None:
    """Have the bytes on the disk before the name points at them."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
