"""Releases in a folder: found, and their files opened where they are once they are what the manifest says."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from newsds.errors import IntegrityError, ReleaseError, ReleaseNotFoundError, VersionNotFoundError
from newsds.files import file_sha256
from newsds.loader.manifests import MAX_MANIFEST_BYTES, check_sums, check_unlisted, parse_sums
from newsds.loader.stamps import Stamps
from newsds.release.inventory import take_inventory
from newsds.release.manifest import MANIFEST, SUMS, Manifest, Shard
from newsds.semver import Range, Version, newest

__all__ = ["FolderFiles", "check_folder", "find_release", "read_small"]


def find_release(root: Path, wanted: Range | None) -> Path:
    """Return the folder of a release: the folder itself, or the one of the wanted version in it.

    Raises:
        ReleaseNotFoundError: there is no release.
        VersionNotFoundError: there is none of the wanted version.
    """
    if os.path.lexists(root / MANIFEST):
        return root
    if not root.is_dir():
        raise ReleaseNotFoundError(f"{root}: no such folder")
    there = dict(_releases(root))
    if not there:
        raise ReleaseNotFoundError(f"{root}: no release in it (no {MANIFEST}){_hint(root)}")
    version = newest(there, wanted)
    if version is None:
        names = tuple(str(item) for item in sorted(there))
        text = wanted.text if wanted else ""
        raise VersionNotFoundError(
            f"{root}: no release {text}; there are {', '.join(names)}", wanted=text, available=names
        )
    return there[version]


def _releases(root: Path) -> Iterator[tuple[Version, Path]]:
    """Yield the version and folder of each release in a folder of releases."""
    for path in root.iterdir():
        version = Version.find(path.name)
        if version is not None and (path / MANIFEST).is_file():
            yield version, path


def _hint(root: Path) -> str:
    names = sorted(path.name for path in root.iterdir() if path.is_dir() and any(_releases(path)))
    return f"; there are releases in {', '.join(names)}" if names else ""


def read_small(path: Path, *, limit: int) -> bytes:
    """Return the bytes of a descriptor.

    Raises:
        ReleaseError: it is no regular file, or longer than the limit.
    """
    with _open_regular(path, path.name) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ReleaseError(f"{path}: larger than {limit:,} bytes; not a descriptor of a release")
    return data


def _open_regular(path: Path, name: str) -> BinaryIO:
    """Open a file, but no link, folder, device or pipe (whose opening alone may wait for ever)."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise IntegrityError(f"{path}: is no plain file", path=name)
        return path.open("rb")
    except OSError as error:
        raise ReleaseError(f"{path}: cannot be read ({error.strerror})") from None


def check_folder(folder: Path, manifest: Manifest, data: bytes) -> None:
    """Refuse a release that is not made of plain files, or whose lists do not agree with each other and with the folder.

    Args:
        folder: the release.
        manifest: its manifest.
        data: the bytes of its manifest.

    Raises:
        IntegrityError: as said.
    """
    inventory = take_inventory(folder)
    for problem in inventory.problems:
        raise IntegrityError(str(problem), path=problem.path)
    check_unlisted((path for path in inventory.sizes if path.startswith("data/")), manifest)
    if SUMS in inventory.sizes:
        sums = parse_sums(read_small(folder / SUMS, limit=MAX_MANIFEST_BYTES))
        check_sums(sums, manifest, hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderFiles:
    """The shards of a release in a folder."""

    folder: Path
    #: `full`, `manifest` or `off`.
    verify: str
    stamps: Stamps

    def check(self, shards: Iterable[Shard]) -> None:
        """Refuse shards that are missing, too long or too short, or that are not in the folder.

        Raises:
            IntegrityError: a shard is not what the manifest says.
        """
        for shard in shards:
            path = self._inside(shard)
            size = path.stat().st_size
            if self.verify != "off" and size != shard.n_bytes:
                raise IntegrityError(
                    f"{shard.path}: has {size:,} bytes, the manifest says {shard.n_bytes:,}; copy it again",
                    path=shard.path, expected=str(shard.n_bytes), found=str(size),
                )  # fmt: skip

    def obtain(self, shard: Shard) -> Path:
        """Return the path of a shard, hashed unless it was before and has not been touched since.

        Raises:
            IntegrityError: it is not what the manifest says.
        """
        self.check([shard])
        path = self.folder / shard.path
        if self.verify == "full" and not self.stamps.has(path, shard.sha256):
            before = path.stat()
            found = file_sha256(path)
            if found != shard.sha256:
                raise IntegrityError(
                    f"{shard.path}: sha256 is {found[:12]}…, the manifest says {shard.sha256[:12]}…; copy it again",
                    path=shard.path, expected=shard.sha256, found=found,
                )  # fmt: skip
            self.stamps.add(path, before, found)
        return path

    def fetch(self, shards: Iterable[Shard], progress: Callable[[int], object] | None) -> None:
        """Do nothing: the shards are here."""

    def prepare(self, shard: Shard) -> None:
        """Hash a shard before its turn comes."""
        self.obtain(shard)

    @contextmanager
    def reading(self, shard: Shard) -> Iterator[Path]:
        """Give a shard to read.

        Raises:
            IntegrityError: as for `obtain`.
        """
        yield self.obtain(shard)

    def _inside(self, shard: Shard) -> Path:
        path = self.folder / shard.path
        try:
            real = path.resolve(strict=True)
        except OSError:
            raise IntegrityError(f"{shard.path}: missing", path=shard.path, expected=shard.path) from None
        if not real.is_relative_to(self.folder.resolve()):
            raise IntegrityError(
                f"{shard.path}: a link that leaves the release", path=shard.path, found=str(real)
            )
        if not real.is_file():
            raise IntegrityError(f"{shard.path}: not a regular file", path=shard.path)
        return path
