"""verify(): every hash, count and statement of a release, recomputed from its bytes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from newsds.errors import IntegrityError, ReleaseError, ReleaseNotFoundError
from newsds.release.attestation import PROVENANCE, is_attestation, statement
from newsds.release.contents import MAX_DOCUMENT_BYTES, check_contents
from newsds.release.digests import file_sha256
from newsds.release.inventory import Inventory, read_sums, take_inventory
from newsds.release.manifest import MANIFEST, SUMS, Manifest, Shard
from newsds.release.problems import Findings
from newsds.version import VERSION

__all__ = ["Verified", "check_shard", "read_manifest", "verify"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A release that is what it says."""

    path: Path
    manifest: Manifest
    #: SHA-256 of the list of checksums: names the release and all its bytes.
    digest: str
    n_files: int
    n_bytes: int
    #: The key by which the signature was checked; None if none was given.
    key: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON data."""
        return {
            "path": self.path.as_posix(),
            "name": self.manifest.name,
            "version": self.manifest.version,
            "digest": self.digest,
            "key": self.key,
            "n_files": self.n_files,
            "n_bytes": self.n_bytes,
            "configs": {
                config.name: {"n_rows": config.n_rows, "digest": config.digest, "splits": config.splits}
                for config in self.manifest.configs
            },
        }

    def to_text(self) -> str:
        """Return the result for people."""
        rows = ", ".join(f"{config.name} {config.n_rows:,}" for config in self.manifest.configs)
        return (
            f"{self.path}: {self.manifest.name} {self.manifest.version} is what its manifest says\n"
            f"  {self.n_files:,} files, {self.n_bytes:,} bytes; rows: {rows}\n"
            f"  release digest {self.digest}" + (f"\n  signed with the key of {self.key}" if self.key else "")
        )


def verify(
    release: str | Path,
    *,
    digest: str | None = None,
    key: str | Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Verified:
    """Recompute everything a release says about itself.

    Args:
        release: folder of the release.
        digest: the release digest that is expected, as an earlier build or verification gave it.
        key: public key in PEM with whose private half the release must be signed.
        progress: is called with the number of files done since the last call.

    Raises:
        ReleaseNotFoundError: there is no release.
        IntegrityError: something differs; its `problems` name each file and the difference.
        InputError: the key cannot be read.
        MissingExtraError: there is a key, and model-signing is not installed.
    """
    folder = Path(release)
    if not (folder / SUMS).is_file() or not (folder / MANIFEST).is_file():
        raise ReleaseNotFoundError(f"{folder}: no release is there (a folder with {MANIFEST} and {SUMS})")
    found = Findings()
    inventory = take_inventory(folder)
    found.problems += inventory.problems
    listed = _listed(folder, inventory, found)
    manifest = _manifest(folder, inventory, found)
    _compare_files(folder, inventory, listed, found, progress)
    if manifest is not None:
        _compare_lists(manifest, listed, inventory, found)
        check_contents(folder, manifest, found)
    release_digest = file_sha256(folder / SUMS) if SUMS in inventory.sizes else ""
    if digest is not None and digest.lower() != release_digest:
        found.add(SUMS, f"the release digest is {release_digest}, {digest} was expected")
    if manifest is not None and PROVENANCE in inventory.sizes:
        _check_statement(folder, statement(manifest, listed, release_digest), manifest, found)
    if key is not None:
        _check_key(folder, key, found)
    found.raise_any(folder)
    assert manifest is not None
    sizes = inventory.sizes
    return Verified(
        path=folder,
        manifest=manifest,
        digest=release_digest,
        n_files=len(sizes),
        n_bytes=sum(sizes.values()),
        key=None if key is None else str(key),
    )


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a release, checked against its schema and nothing else.

    Raises:
        ReleaseNotFoundError: there is none.
        ReleaseError: it is not JSON, or breaks its schema.
    """
    path = folder / MANIFEST
    if path.is_symlink() or not path.is_file():
        raise ReleaseNotFoundError(f"{folder}: no release is there (no {MANIFEST})")
    if path.stat().st_size > MAX_DOCUMENT_BYTES:
        raise ReleaseError(f"{path}: larger than {MAX_DOCUMENT_BYTES >> 20} MiB")
    try:
        return Manifest.from_dict(orjson.loads(path.read_bytes()), where=str(path))
    except orjson.JSONDecodeError as error:
        raise ReleaseError(f"{path}: not JSON ({error})") from None


def check_shard(folder: Path, shard: Shard) -> None:
    """Refuse a shard that is not what the manifest says.

    Raises:
        IntegrityError: it is missing, or has other bytes.
    """
    path = folder / shard.path
    if path.is_symlink() or not path.is_file():
        raise IntegrityError(f"{shard.path}: is missing", path=shard.path)
    actual = file_sha256(path)
    if actual != shard.sha256:
        message = f"{shard.path}: sha256 is {actual}, {MANIFEST} says {shard.sha256}"
        raise IntegrityError(message, path=shard.path, expected=shard.sha256, found=actual)


def _listed(folder: Path, inventory: Inventory, found: Findings) -> dict[str, str]:
    size = inventory.sizes.get(SUMS)
    if size is None or size > MAX_DOCUMENT_BYTES:
        found.add(SUMS, "cannot be read as a list of checksums")
        return {}
    listed, problems = read_sums((folder / SUMS).read_bytes())
    found.problems += problems
    return listed


def _manifest(folder: Path, inventory: Inventory, found: Findings) -> Manifest | None:
    if MANIFEST not in inventory.sizes:
        return None
    try:
        return read_manifest(folder)
    except ReleaseError as error:
        found.add(MANIFEST, str(error).removeprefix(f"{folder / MANIFEST}: "))
        return None


def _is_hashed(path: str) -> bool:
    return path != SUMS and not is_attestation(path)


def _compare_files(
    folder: Path,
    inventory: Inventory,
    listed: Mapping[str, str],
    found: Findings,
    progress: Callable[[int], None] | None,
) -> None:
    """Compare the files that are there with the list of checksums."""
    present = {path for path in inventory.sizes if _is_hashed(path)}
    added = {path: file_sha256(folder / path) for path in sorted(present - listed.keys())}
    for path in sorted(listed.keys() - present):
        new_name = next((name for name, sha256 in added.items() if sha256 == listed[path]), None)
        found.add(path, "is missing" + (f"; {new_name} has its bytes" if new_name else ""))
    for path in added:
        found.add(path, f"is not listed in {SUMS}")
    for path in sorted(present & listed.keys()):
        actual = file_sha256(folder / path)
        if actual != listed[path]:
            message = f"sha256 is {actual}, {SUMS} says {listed[path]}"
            found.add(path, message, expected=listed[path], found=actual)
        if progress is not None:
            progress(1)


def _compare_lists(
    manifest: Manifest, listed: Mapping[str, str], inventory: Inventory, found: Findings
) -> None:
    """Compare the manifest with the list of checksums and with the sizes on disk."""
    shards = {shard.path: shard for shard in manifest.files}
    if len(shards) != len(manifest.files):
        found.add(MANIFEST, "lists a file twice")
    for path in sorted(path for path in listed if path.startswith("data/")):
        if path not in shards:
            found.add(MANIFEST, f"does not list {path}, which {SUMS} has")
    for path, shard in shards.items():
        if path not in listed:
            found.add(path, f"is not listed in {SUMS}")
        else:
            found.differs(path, f"sha256 in {SUMS}", listed[path], shard.sha256)
        if path in inventory.sizes:
            found.differs(path, "size in bytes", inventory.sizes[path], shard.n_bytes)


def _check_statement(folder: Path, expected: Mapping[str, Any], manifest: Manifest, found: Findings) -> None:
    """Compare the statement about the build with the manifest; another version may word it differently."""
    try:
        actual = orjson.loads((folder / PROVENANCE).read_bytes())
        names = tuple(expected) if manifest.tools.get("newsds") == VERSION else ("_type", "subject")
        differing = [name for name in names if actual.get(name) != expected[name]]
    except (orjson.JSONDecodeError, AttributeError, OSError):
        differing = ["all of it"]
    for name in differing:
        found.add(PROVENANCE, f"does not say what {MANIFEST} and {SUMS} say: {name}")


def _check_key(folder: Path, key: str | Path, found: Findings) -> None:
    from newsds.release.signing import check_signature

    try:
        check_signature(folder, key=key)
    except IntegrityError as error:
        found.add(error.path, str(error).removeprefix(f"{error.path}: "))
