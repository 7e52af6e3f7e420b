"""A folder of releases: staged beside its place, read back, and renamed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from newsds.depot import ListedFile
from newsds.errors import IntegrityError, OutputError, TargetMovedError, UsageError, VersionExistsError
from newsds.locks import attempt
from newsds.release.digests import file_sha256
from newsds.release.inventory import take_inventory
from newsds.release.manifest import MANIFEST
from newsds.targets.cargo import Cargo
from newsds.targets.plan import Plan, Progress

__all__ = ["FolderTarget"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FolderTarget:
    """A folder in which each release is a folder named by its version."""

    folder: Path

    def plan(self, cargo: Cargo) -> Plan:
        """Return what is not staged yet."""
        self._check(cargo)
        place = self.folder / cargo.version
        if os.path.lexists(place):
            _check_same(place, cargo)
            return Plan(revision=str(place), is_published=True)
        staging = self._staging(cargo)
        return Plan(to_send=tuple(item for item in cargo.files if not _is_there(staging, item)))

    def send(self, cargo: Cargo, plan: Plan, progress: Progress) -> str:
        """Copy into a staging folder, compare what the disk has, flush, and rename."""
        place = self.folder / cargo.version
        with _saying():
            self.folder.mkdir(exist_ok=True)
        staging = self._staging(cargo)
        with _saying(), _locked(self.folder / f".{cargo.version}.lock", place):
            if os.path.lexists(place):
                _check_same(place, cargo)
                return str(place)
            _remove_strays(staging, cargo)
            _copy(cargo, staging, plan, progress)
            _read_back(cargo, staging, progress)
            _flush_folders(staging, cargo)
            _rename(staging, place)
        return str(place)

    def _staging(self, cargo: Cargo) -> Path:
        return self.folder / f".{cargo.version}.{cargo.digest[:12]}.partial"

    def _check(self, cargo: Cargo) -> None:
        """Refuse a folder that is no place for releases of this dataset."""
        if (self.folder / MANIFEST).exists():
            raise UsageError(f"{self.folder}: is a release itself; name the folder in which releases lie")
        if not self.folder.is_dir():
            if os.path.lexists(self.folder):
                raise OutputError(f"{self.folder}: is no folder")
            if not self.folder.absolute().parent.is_dir():
                raise OutputError(f"{self.folder}: the folder above it does not exist")
            return
        for manifest in sorted(self.folder.glob(f"*/{MANIFEST}")):
            _check_name(manifest, cargo)


def _check_name(manifest: Path, cargo: Cargo) -> None:
    from newsds.release.verify import read_manifest

    name = read_manifest(manifest.parent).name
    if name != cargo.name:
        raise OutputError(
            f"{manifest.parent}: is a release of {name}; publish {cargo.name} to a folder of its own"
        )


def _check_same(place: Path, cargo: Cargo) -> None:
    """Refuse to replace a release; the very same one may be published twice."""
    sizes = take_inventory(place).sizes if place.is_dir() else {}
    wanted = {item.path: item.n_bytes for item in cargo.files}
    if sizes != wanted or not all(_is_there(place, item) for item in cargo.files):
        raise VersionExistsError(
            f"{place}: another release of that version is there; releases are not overwritten, publish a new version"
        )


def _is_there(folder: Path, item: ListedFile) -> bool:
    path = folder / item.path
    return path.is_file() and path.stat().st_size == item.n_bytes and file_sha256(path) == item.sha256


@contextmanager
def _saying() -> Iterator[None]:
    """Turn a full disk, or a folder that may not be written, into an error of newsds."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{error.filename2 or error.filename}: {error.strerror}; nothing was published, run the same command again "
            "once that is mended"
        ) from None


@contextmanager
def _locked(path: Path, place: Path) -> Iterator[None]:
    """Keep other publishers of a version out; the system frees the lock of one that was killed."""
    with attempt(path, is_brief=True) as is_ours:
        if not is_ours:
            raise TargetMovedError(
                f"{place}: somebody else is publishing this version now; run the same command again when they are done"
            )
        yield


def _remove_strays(staging: Path, cargo: Cargo) -> None:
    """Remove from an earlier try what the release does not have."""
    if not staging.is_dir():
        return
    wanted = {item.path for item in cargo.files}
    for path in sorted(staging.rglob("*")):
        if not path.is_dir() and path.relative_to(staging).as_posix() not in wanted:
            path.unlink()


def _copy(cargo: Cargo, staging: Path, plan: Plan, progress: Progress) -> None:
    total = sum(item.n_bytes for item in plan.to_send)
    for item in plan.to_send:
        target = staging / item.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(cargo.local(item), target)
        with target.open("rb") as stream:
            os.fsync(stream.fileno())
        progress("sending", item.n_bytes, total)


def _read_back(cargo: Cargo, staging: Path, progress: Progress) -> None:
    for item in cargo.files:
        found = file_sha256(staging / item.path)
        if found != item.sha256:
            raise IntegrityError(
                f"{item.path}: sha256 of the copy is {found[:12]}…, of the release {item.sha256[:12]}…; nothing was "
                "published, run the same command again",
                path=item.path,
                expected=item.sha256,
                found=found,
            )
        progress("reading back", item.n_bytes, cargo.n_bytes)


def _flush_folders(staging: Path, cargo: Cargo) -> None:
    """Have the names on the disk before the one that makes them visible."""
    for folder in {
        parent
        for item in cargo.files
        for parent in (staging / item.path).parents
        if staging in (parent, *parent.parents)
    }:
        _flush(folder)


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _rename(staging: Path, place: Path) -> None:
    try:
        staging.rename(place)
    except OSError as error:
        if os.path.lexists(place):
            raise TargetMovedError(
                f"{place}: somebody else published this version at the same time"
            ) from None
        raise OutputError(f"{place}: cannot be written ({error.strerror})") from None
    _flush(place.parent)
