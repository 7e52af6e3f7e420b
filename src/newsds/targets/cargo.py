"""What is published: the files of a verified release, each with its size and hash."""

from dataclasses import dataclass
from pathlib import Path

from newsds.depot import Inventory, ListedFile
from newsds.release.digests import file_sha256
from newsds.release.inventory import read_sums, take_inventory
from newsds.release.manifest import SUMS, Manifest
from newsds.release.verify import Verified

__all__ = ["Cargo"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cargo:
    """A release on its way: `files` are all of it, sorted by path."""

    folder: Path
    manifest: Manifest
    #: SHA-256 of the list of checksums, which names the release.
    digest: str
    files: tuple[ListedFile, ...]

    @classmethod
    def of(cls, verified: Verified) -> "Cargo":
        """Return what a verified release consists of."""
        folder = verified.path
        sums, _ = read_sums((folder / SUMS).read_bytes())
        files = tuple(
            ListedFile(path=path, n_bytes=size, sha256=sums.get(path) or file_sha256(folder / path))
            for path, size in sorted(take_inventory(folder).sizes.items())
        )
        return cls(folder=folder, manifest=verified.manifest, digest=verified.digest, files=files)

    @property
    def name(self) -> str:
        """Name of the dataset."""
        return self.manifest.name

    @property
    def version(self) -> str:
        """Version of the release."""
        return self.manifest.version

    @property
    def tag(self) -> str:
        """Name of the version in a repository."""
        return f"v{self.version}"

    @property
    def n_bytes(self) -> int:
        """Size of all files."""
        return sum(item.n_bytes for item in self.files)

    @property
    def inventory(self) -> Inventory:
        """The list of files as a depot keeps it."""
        return Inventory(name=self.name, version=self.version, files=self.files)

    def local(self, item: ListedFile) -> Path:
        """Return where a file is read from."""
        return self.folder / item.path
