"""The cache: files of releases under the hash of their content, and the releases that were loaded.

```
objects/ab/ab12...   files of releases, named by their SHA-256, never changed
pins/<place>/1.2.0.json   manifests of the releases that were loaded
stamps/              which local files were hashed before
partial/             downloads under way
leases/ locks/       what a living process uses
```

An object's time of change is a fixed mark, so that an object anybody has touched is hashed again; its time of access
is that of its last use, by which the least recently used are dropped once the cache is full.
"""

import errno
import hashlib
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from newsds.errors import IntegrityError, OutputError, UsageError
from newsds.files import atomic_write, file_sha256
from newsds.locks import exclusive, is_taken, take

__all__ = ["DEFAULT_MAX_BYTES", "Cache", "CachedObject", "Pin", "cache_folder"]

#: Bytes of objects that are kept, unless `NEWSDS_CACHE_MAX_BYTES` says otherwise.
DEFAULT_MAX_BYTES = 20 * 2**30

#: Time of change of every object, in nanoseconds since 1970.
_MARK = 10**18

_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of newsds; `newsds cache clean` empties it.\n"


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of the cache: `NEWSDS_CACHE`, else `newsds` in the user's cache folder."""
    if chosen := environment.get("NEWSDS_CACHE"):
        return Path(chosen).expanduser()
    return Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache").expanduser() / "newsds"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """A release that was loaded: its manifest, byte for byte, and where it is.

    Attributes:
        place: key of the address, without a version.
        version: the version.
        revision: what the place calls this version, such as a commit or a folder.
        manifest: the text of the manifest.
        signature: the text of its signature; None if it was not asked for.
    """

    place: str
    version: str
    revision: str
    manifest: str
    signature: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CachedObject:
    """A file in the cache; `used_at` is when it was used last, in seconds since 1970."""

    sha256: str
    path: Path
    n_bytes: int
    used_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Cache:
    """A cache in a folder, which any number of processes may use at once."""

    folder: Path
    max_bytes: int = DEFAULT_MAX_BYTES

    @classmethod
    def of(cls, environment: Mapping[str, str], folder: str | Path | None = None) -> "Cache":
        """Return the cache in a folder, or the one the environment names.

        Raises:
            UsageError: `NEWSDS_CACHE_MAX_BYTES` is not a number.
        """
        stated = environment.get("NEWSDS_CACHE_MAX_BYTES") or str(DEFAULT_MAX_BYTES)
        if not stated.isdecimal():
            raise UsageError(f"NEWSDS_CACHE_MAX_BYTES={stated}: not a number of bytes")
        return cls(folder=Path(folder) if folder else cache_folder(environment), max_bytes=int(stated))

    # Objects

    def path(self, sha256: str) -> Path:
        """Return where an object is, or would be."""
        return self.folder / "objects" / sha256[:2] / sha256

    def find(self, sha256: str, n_bytes: int) -> Path | None:
        """Return the path of an object that is whole, and note that it is used; None if there is none."""
        path = self.path(sha256)
        try:
            seen = path.stat()
        except OSError:
            return None
        if seen.st_size != n_bytes or (seen.st_mtime_ns != _MARK and file_sha256(path) != sha256):
            return None  # the next download takes its place
        with suppress(OSError):  # a cache that others own may be read all the same
            os.utime(path, ns=(time.time_ns(), _MARK))
        return path

    def add(self, sha256: str, n_bytes: int, download: Callable[[Path], None], *, name: str) -> Path:
        """Return the path of an object, which is downloaded if it is not there; others who want it wait.

        Args:
            sha256: hash that the download must have.
            n_bytes: size that it must have.
            download: writes the content to a path.
            name: what messages call it.

        Raises:
            IntegrityError: the content is another one; nothing of it is kept.
            OutputError: the cache cannot be written, or is full.
        """
        partial = self.folder / "partial" / sha256
        with self._writing(name), exclusive(self.folder / "locks" / sha256[:2]):
            if found := self.find(sha256, n_bytes):
                return found
            self._prepare(n_bytes, name)
            try:
                download(partial)
                _check_content(partial, sha256, n_bytes, name)
                return self._keep(partial, sha256)
            finally:
                partial.unlink(missing_ok=True)

    def _keep(self, partial: Path, sha256: str) -> Path:
        """Move a verified file to its place."""
        path = self.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("rb") as stream:
            os.fsync(stream.fileno())
        partial.chmod(0o444)
        os.utime(partial, ns=(time.time_ns(), _MARK))
        partial.replace(path)
        return path

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
            raise OutputError(f"{name}: cannot be kept in the cache {self.folder} ({reason})") from None

    def _prepare(self, n_bytes: int, name: str) -> None:
        """Make the folder of downloads, and room for one more."""
        (self.folder / "partial").mkdir(parents=True, exist_ok=True)
        if not (tag := self.folder / "CACHEDIR.TAG").exists():
            atomic_write(tag, _TAG)
        if n_bytes > self.max_bytes:
            raise OutputError(
                f"{name}: has {n_bytes:,} bytes, the cache holds {self.max_bytes:,}; set NEWSDS_CACHE_MAX_BYTES"
            )
        self.shrink(self.max_bytes - n_bytes)
        free = shutil.disk_usage(self.folder).free
        if n_bytes > free:
            raise OutputError(f"{name}: has {n_bytes:,} bytes, {self.folder} has {free:,} free")

    def objects(self) -> list[CachedObject]:
        """Return all objects, the least recently used first."""
        found = []
        for path in (self.folder / "objects").glob("??/*"):
            with suppress(FileNotFoundError):
                seen = path.stat()
                found.append(
                    CachedObject(sha256=path.name, path=path, n_bytes=seen.st_size, used_at=seen.st_atime)
                )
        return sorted(found, key=lambda item: (item.used_at, item.sha256))

    def shrink(self, max_bytes: int) -> int:
        """Drop the least recently used objects until no more than some bytes are left; return the bytes dropped.

        What a living process uses stays, even if that is more.
        """
        with exclusive(self.folder / "locks" / "all"):
            objects = self.objects()
            excess = sum(item.n_bytes for item in objects) - max_bytes
            if excess <= 0:
                return 0
            used = self._used()
            dropped = 0
            for item in objects:
                if dropped < excess and item.sha256 not in used:
                    item.path.unlink(missing_ok=True)
                    dropped += item.n_bytes
            return dropped

    def drop(self, sha256s: Iterable[str]) -> int:
        """Drop some objects, but those that a living process uses; return the bytes dropped."""
        with exclusive(self.folder / "locks" / "all"):
            wanted = set(sha256s) - self._used()
            dropped = [item for item in self.objects() if item.sha256 in wanted]
            for item in dropped:
                item.path.unlink(missing_ok=True)
            return sum(item.n_bytes for item in dropped)

    def clean(self) -> int:
        """Drop all that no living process uses, and return the bytes of the objects dropped."""
        dropped = self.shrink(0)
        for name in ("pins", "stamps"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        for path in (self.folder / "partial").glob("*"):
            with suppress(OSError):
                if not is_taken(self.folder / "locks" / path.name[:2]):
                    path.unlink(missing_ok=True)
        return dropped

    def damaged(self) -> list[CachedObject]:
        """Hash all objects, drop those that are not what their name says, and return them."""
        wrong = [item for item in self.objects() if file_sha256(item.path) != item.sha256]
        for item in wrong:
            item.path.unlink(missing_ok=True)
        return wrong

    # What is in use

    def lease(self, sha256: str) -> None:
        """Keep an object from being dropped until it is released, or the process ends."""
        with exclusive(self.folder / "locks" / "all"):
            _lease_of(self.folder, os.getpid()).add(sha256)

    def release(self, sha256: str) -> None:
        """Let an object be dropped again."""
        with exclusive(self.folder / "locks" / "all"):
            _lease_of(self.folder, os.getpid()).discard(sha256)

    def _used(self) -> set[str]:
        """Return what living processes use; forget the leases of dead ones."""
        used: set[str] = set()
        for path in (self.folder / "leases").glob("*"):
            with suppress(FileNotFoundError):
                own = path.name.startswith(f"{os.getpid()}-")
                if own or is_taken(path):
                    used.update(path.read_text().split())
                else:
                    path.unlink(missing_ok=True)
        return used

    # Pins

    def pin(self, pin: Pin) -> None:
        """Remember a release that was loaded."""
        path = self._pins(pin.place) / f"{pin.version}.json"
        members = asdict(pin)
        with self._writing(f"{pin.place}@{pin.version}"):
            path.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(path, json.dumps(members))

    def pins(self, place: str | None = None) -> list[Pin]:
        """Return the releases that were loaded, from one place or from all."""
        folders = [self._pins(place)] if place else sorted((self.folder / "pins").glob("*"))
        paths = (path for folder in folders for path in sorted(folder.glob("*.json")))
        return [pin for path in paths if (pin := _read_pin(path))]

    def unpin(self, place: str, version: str) -> None:
        """Forget a release."""
        (self._pins(place) / f"{version}.json").unlink(missing_ok=True)

    def _pins(self, place: str) -> Path:
        return self.folder / "pins" / hashlib.sha256(place.encode()).hexdigest()[:32]


def _check_content(path: Path, sha256: str, n_bytes: int, name: str) -> None:
    size = path.stat().st_size
    if size != n_bytes:
        raise IntegrityError(
            f"{name}: {size:,} bytes came, the manifest says {n_bytes:,}; load it again, or from another place",
            path=name, expected=str(n_bytes), found=str(size),
        )  # fmt: skip
    found = file_sha256(path)
    if found != sha256:
        raise IntegrityError(
            f"{name}: sha256 is {found[:12]}…, the manifest says {sha256[:12]}…; load it again, or from another place",
            path=name, expected=sha256, found=found,
        )  # fmt: skip


def _read_pin(path: Path) -> Pin | None:
    """Return a pin; None if it is damaged."""
    try:
        members: dict[str, Any] = json.loads(path.read_bytes())
        return Pin(**members)
    except (OSError, ValueError, TypeError):
        return None


class _Lease:
    """A file that a process keeps locked as long as it lives, with the objects it uses."""

    def __init__(self, folder: Path, process: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{process}-{time.time_ns()}"
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        self._uses: Counter[str] = Counter()
        take(self._descriptor)

    def add(self, sha256: str) -> None:
        self._uses[sha256] += 1
        self._write()

    def discard(self, sha256: str) -> None:
        self._uses[sha256] -= 1
        self._write()

    def _write(self) -> None:
        data = " ".join(key for key, n in self._uses.items() if n > 0).encode()
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, data)


@cache
def _lease_of(folder: Path, process: int) -> _Lease:
    """Return the one lease that a process has in a cache; a forked process has its own."""
    return _Lease(folder / "leases", process)
