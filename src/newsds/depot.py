"""A depot: releases in an object store or on a web server, as content under its SHA-256 and one pointer.

```
PREFIX/releases.json                      the pointer: versions, and the inventory of each; alone is rewritten
PREFIX/objects/9f/9f1c0a...               content under its SHA-256: inventories, and files of releases
```

`docs/reference/targets.md` describes it for readers in other languages.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from newsds.errors import ReleaseError, UsageError
from newsds.semver import Version

__all__ = ["DEPOT_VERSION", "POINTER", "DepotRelease", "Inventory", "ListedFile", "Pointer", "object_key"]

#: Name of the pointer, under the prefix.
POINTER = "releases.json"

#: Version of the layout; another major version is not read.
DEPOT_VERSION = "1.0.0"

_SHA256 = re.compile(r"[0-9a-f]{64}")


def object_key(sha256: str) -> str:
    """Return the key of content under the prefix."""
    return f"objects/{sha256[:2]}/{sha256}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedFile:
    """A file of a release; `path` is relative to the release, with forward slashes."""

    path: str
    n_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Inventory:
    """Every file of a release, sorted by path; an object like any other, found by its SHA-256."""

    name: str
    version: str
    files: tuple[ListedFile, ...]

    def to_bytes(self) -> bytes:
        """Return the inventory as canonical JSON: the same files give the same bytes."""
        files = [asdict(item) for item in sorted(self.files, key=lambda item: item.path)]
        return _to_bytes({"name": self.name, "version": self.version, "files": files})

    @classmethod
    def from_bytes(cls, data: bytes, *, where: str) -> "Inventory":
        """Return the inventory that JSON holds.

        Raises:
            ReleaseError: it is no inventory, lists a file twice, or a path that leads out of the release.
        """
        parsed = _parse(data, where)
        files = tuple(_listed(item, where) for item in _items(parsed, "files", where))
        if len({item.path.casefold() for item in files}) < len(files):
            raise ReleaseError(f"{where}: lists a file twice, or twice but for case")
        return cls(name=_text(parsed, "name", where), version=_version(parsed, where), files=files)


@dataclass(frozen=True, kw_only=True, slots=True)
class DepotRelease:
    """A version and where its inventory is."""

    version: str
    #: SHA-256 of the inventory.
    inventory: str
    #: Size of the inventory.
    n_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Pointer:
    """The versions in a depot, oldest first."""

    name: str
    releases: tuple[DepotRelease, ...]

    def release(self, version: str) -> DepotRelease | None:
        """Return the release of exactly a version; None if there is none."""
        return next((item for item in self.releases if item.version == version), None)

    def to_bytes(self) -> bytes:
        """Return the pointer as JSON."""
        ordered = sorted(self.releases, key=lambda item: Version.parse(item.version))
        return _to_bytes(
            {
                "depot_version": DEPOT_VERSION,
                "name": self.name,
                "releases": [asdict(item) for item in ordered],
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes, *, where: str) -> "Pointer":
        """Return the pointer that JSON holds.

        Raises:
            ReleaseError: it is no pointer, or one of a later layout.
        """
        parsed = _parse(data, where)
        layout = _text(parsed, "depot_version", where)
        if layout.split(".")[0] != DEPOT_VERSION.split(".", maxsplit=1)[0]:
            raise ReleaseError(
                f"{where}: layout {layout[:20]!r} is not read by this newsds: pip install -U newsds"
            )
        releases = tuple(_release(item, where) for item in _items(parsed, "releases", where))
        if len({item.version for item in releases}) < len(releases):
            raise ReleaseError(f"{where}: lists a version twice")
        return cls(name=_text(parsed, "name", where), releases=releases)


def _to_bytes(data: Any) -> bytes:
    return json.dumps(data, indent=1, ensure_ascii=False).encode() + b"\n"


def _parse(data: bytes, where: str) -> dict[str, Any]:
    try:
        parsed = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ReleaseError(f"{where}: not JSON ({error})") from None
    if not isinstance(parsed, dict):
        raise ReleaseError(f"{where}: not a JSON object")
    return parsed


def _items(data: Mapping[str, Any], name: str, where: str) -> Sequence[Mapping[str, Any]]:
    items = data.get(name)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ReleaseError(f"{where}: {name!r} is not a list of objects")
    return items


def _text(data: Mapping[str, Any], name: str, where: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise ReleaseError(f"{where}: {name!r} is not a string")
    return value


def _digest(data: Mapping[str, Any], name: str, where: str) -> str:
    value = _text(data, name, where)
    if not _SHA256.fullmatch(value):
        raise ReleaseError(f"{where}: {value[:80]!r} is no SHA-256")
    return value


def _size(data: Mapping[str, Any], where: str) -> int:
    value = data.get("n_bytes")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ReleaseError(f"{where}: 'n_bytes' is not a size")
    return value


def _version(data: Mapping[str, Any], where: str) -> str:
    value = _text(data, "version", where)
    try:
        return str(Version.parse(value))
    except UsageError as error:
        raise ReleaseError(f"{where}: {error}") from None


def _release(data: Mapping[str, Any], where: str) -> DepotRelease:
    return DepotRelease(
        version=_version(data, where), inventory=_digest(data, "inventory", where), n_bytes=_size(data, where)
    )


def _listed(data: Mapping[str, Any], where: str) -> ListedFile:
    path = _text(data, "path", where)
    parts = path.split("/")
    if (
        not path
        or "\\" in path
        or ":" in path
        or "\0" in path
        or any(part in ("", ".", "..") for part in parts)
    ):
        raise ReleaseError(f"{where}: {path[:100]!r} leads out of the release")
    return ListedFile(path=path, n_bytes=_size(data, where), sha256=_digest(data, "sha256", where))
