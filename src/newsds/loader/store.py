"""Where releases are: a depot, folders named by version, or one release alone; each release in it is a place."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Protocol

from newsds.depot import POINTER, Inventory, ListedFile, Pointer, object_key
from newsds.errors import IntegrityError, ReleaseNotFoundError
from newsds.loader.manifests import MAX_MANIFEST_BYTES
from newsds.semver import Version

__all__ = ["DepotPlace", "FileStore", "Place", "Store"]


class Place(Protocol):
    """Where the files of one release are."""

    def read(self, path: str, *, limit: int) -> bytes:
        """Return the bytes of a small file."""

    def download(self, path: str, target: Path, *, n_bytes: int) -> None:
        """Write a file of a known size."""

    def open(self, path: str, *, n_bytes: int) -> BinaryIO:
        """Return a file that fetches what is read of it."""

    def data_paths(self) -> Iterable[str]:
        """Return the paths of the files in `data/`, as far as they can be listed."""


class Root(Place, Protocol):
    """A place that has places below."""

    def folders(self) -> tuple[str, ...] | None:
        """Return the names of the folders below; None where they cannot be listed."""

    def below(self, folder: str) -> "Root":
        """Return a folder below."""


class Store(Protocol):
    """Where releases are."""

    def versions(self) -> Mapping[Version, str] | None:
        """Return version to what the store calls it; None where that cannot be listed."""

    def at(self, revision: str) -> Place:
        """Return the release of that name; an empty one is the store itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileStore:
    """Files on a web server or in an object store."""

    root: Root

    def versions(self) -> dict[Version, str] | None:
        """Return what a depot's pointer says, else the folders named by a version."""
        try:
            data = self.root.read(POINTER, limit=MAX_MANIFEST_BYTES)
        except ReleaseNotFoundError:
            return self._folders()
        pointer = Pointer.from_bytes(data, where=f"{self.root}: {POINTER}")
        return {Version.parse(item.version): f"{item.inventory}:{item.n_bytes}" for item in pointer.releases}

    def _folders(self) -> dict[Version, str] | None:
        names = self.root.folders() or ()
        return {version: name for name in names if (version := Version.find(name))} or None

    def at(self, revision: str) -> Place:
        """Return the release of that name: of a depot, a folder, or the store itself."""
        sha256, sign, n_bytes = revision.partition(":")
        if sign:
            return DepotPlace(depot=self.root, inventory=sha256, n_bytes=int(n_bytes))
        return self.root.below(revision) if revision else self.root


@dataclass(frozen=True, kw_only=True)
class DepotPlace:
    """A release in a depot: its files by name, through its inventory."""

    depot: Place
    #: SHA-256 of the inventory.
    inventory: str
    #: Size of the inventory.
    n_bytes: int

    def read(self, path: str, *, limit: int) -> bytes:
        """Return the bytes of a small file, verified.

        Raises:
            ReleaseNotFoundError: the release has none of that name.
            IntegrityError: it is not what the inventory says.
        """
        return self._read_object(self._find(path), limit)

    def download(self, path: str, target: Path, *, n_bytes: int) -> None:
        """Write a file of a known size."""
        self.depot.download(object_key(self._find(path).sha256), target, n_bytes=n_bytes)

    def open(self, path: str, *, n_bytes: int) -> BinaryIO:
        """Return a file that fetches what is read of it."""
        return self.depot.open(object_key(self._find(path).sha256), n_bytes=n_bytes)

    def data_paths(self) -> list[str]:
        """Return the paths of the files in `data/`."""
        return [item.path for item in self._inventory.files if item.path.startswith("data/")]

    @cached_property
    def _inventory(self) -> Inventory:
        where = f"{self.depot}: inventory {self.inventory[:12]}…"
        listed = ListedFile(path=where, n_bytes=self.n_bytes, sha256=self.inventory)
        return Inventory.from_bytes(self._read_object(listed, MAX_MANIFEST_BYTES), where=where)

    def _find(self, path: str) -> ListedFile:
        for item in self._inventory.files:
            if item.path == path:
                return item
        raise ReleaseNotFoundError(f"{self.depot}: {self._inventory.version} has no {path}")

    def _read_object(self, item: ListedFile, limit: int) -> bytes:
        data = self.depot.read(object_key(item.sha256), limit=min(limit, item.n_bytes))
        found = hashlib.sha256(data).hexdigest()
        if found != item.sha256:
            raise IntegrityError(
                f"{item.path}: sha256 is {found[:12]}…, its name says {item.sha256[:12]}…; load it from another place",
                path=item.path, expected=item.sha256, found=found,
            )  # fmt: skip
        return data
