"""verify(): every hash, count and statement of a release, recomputed from its bytes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from newsds.errors import IntegrityError, ReleaseError, ReleaseNotFoundError
from newsds.release.attestation import PROVENANCE, is_attestation, statement
from newsds.release.descriptors import ARTICLES
from newsds.release.digests import file_sha256, merkle_root, row_digests, table_root
from newsds.release.documents import documents
from newsds.release.inventory import Inventory, Problem, read_sums, take_inventory
from newsds.release.manifest import MANIFEST, SUMS, Manifest, Shard
from newsds.release.references import References
from newsds.release.shards import plain_schema
from newsds.release.statistics import Statistics
from newsds.version import VERSION

__all__ = ["Verified", "read_manifest", "verify"]

#: Larger ones are not read: the manifest of a release with a hundred thousand shards has 50 MiB.
MAX_DOCUMENT_BYTES = 256 * 2**20

#: A row group that claims to be larger is not opened.
MAX_GROUP_BYTES = 2 * 2**30

#: Problems that are listed one by one.
MAX_PROBLEMS = 100


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


@dataclass
class _Findings:
    """What was found so far."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, path: str, message: str, *, expected: str | None = None, found: str | None = None) -> None:
        self.problems.append(Problem(path=path, message=message, expected=expected, found=found))

    def differs(self, path: str, what: str, found: object, expected: object) -> bool:
        """Note it if something is not what the manifest says."""
        if found == expected:
            return False
        message = f"{what} is {found}, the manifest says {expected}"
        self.add(path, message, expected=str(expected), found=str(found))
        return True

    def raise_any(self, folder: Path) -> None:
        if not self.problems:
            return
        lines = [str(problem) for problem in self.problems[:MAX_PROBLEMS]]
        if len(self.problems) > MAX_PROBLEMS:
            lines.append(f"... and {len(self.problems) - MAX_PROBLEMS:,} more")
        first = self.problems[0]
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        raise IntegrityError(
            f"{folder}: {first}{more}; build or download it again",
            path=first.path,
            expected=first.expected,
            found=first.found,
            problems=tuple(lines),
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
    found = _Findings()
    inventory = take_inventory(folder)
    found.problems += inventory.problems
    listed = _listed(folder, inventory, found)
    manifest = _manifest(folder, inventory, found)
    _compare_files(folder, inventory, listed, found, progress)
    if manifest is not None:
        _compare_lists(manifest, listed, inventory, found)
        _check_contents(folder, manifest, found)
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


def _listed(folder: Path, inventory: Inventory, found: _Findings) -> dict[str, str]:
    size = inventory.sizes.get(SUMS)
    if size is None or size > MAX_DOCUMENT_BYTES:
        found.add(SUMS, "cannot be read as a list of checksums")
        return {}
    listed, problems = read_sums((folder / SUMS).read_bytes())
    found.problems += problems
    return listed


def _manifest(folder: Path, inventory: Inventory, found: _Findings) -> Manifest | None:
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
    found: _Findings,
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
    manifest: Manifest, listed: Mapping[str, str], inventory: Inventory, found: _Findings
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


def _check_contents(folder: Path, manifest: Manifest, found: _Findings) -> None:
    """Read every shard, and hold the manifest and all documents against the rows."""
    statistics, references = Statistics(), References()
    schemas: dict[str, pa.Schema] = {}
    leaves: dict[str, list[bytes]] = {config.name: [] for config in manifest.configs}
    n_before = len(found.problems)
    for shard in manifest.files:
        if shard.config not in leaves or not _is_plain(folder, shard.path):
            continue
        try:
            schema, rows = _read_shard(folder, shard, statistics, references)
        except (pa.ArrowException, OSError, ReleaseError, ValueError) as error:
            found.add(shard.path, f"cannot be read ({str(error).splitlines()[0][:200]})")
            continue
        if schema != schemas.setdefault(shard.config, schema):
            found.add(shard.path, f"has other columns than the other files of {shard.config}")
        found.differs(shard.path, "number of rows", len(rows), shard.n_rows)
        found.differs(shard.path, "digest of the rows", merkle_root(rows), shard.digest)
        leaves[shard.config] += rows
    _check_configs(manifest, leaves, found)
    for problem in references.problems(manifest):
        found.problems.append(problem)
    if len(found.problems) == n_before and schemas.keys() == leaves.keys():
        _check_statistics(manifest, statistics.to_dict(**references.copies()), found)
        _check_documents(folder, manifest, schemas, found)


def _is_plain(folder: Path, path: str) -> bool:
    """Tell whether a path is a regular file with no link on its way."""
    target = folder / path
    return target.is_file() and target.resolve() == folder.resolve() / path


def _read_shard(
    folder: Path, shard: Shard, statistics: Statistics, references: References
) -> tuple[pa.Schema, list[bytes]]:
    import pyarrow.parquet as pq

    rows: list[bytes] = []
    with pq.ParquetFile(folder / shard.path) as file:
        _refuse_bomb(file.metadata)
        for batch in file.iter_batches(batch_size=1024):
            rows += row_digests(batch)
            references.add(shard, batch)
            if shard.config == ARTICLES:
                statistics.add(batch)
        return plain_schema(file.schema_arrow), rows


def _refuse_bomb(metadata: Any) -> None:
    sizes = (metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    if any(size > MAX_GROUP_BYTES for size in sizes):
        raise ReleaseError(f"a row group claims more than {MAX_GROUP_BYTES >> 30} GiB")


def _check_configs(manifest: Manifest, leaves: Mapping[str, list[bytes]], found: _Findings) -> None:
    for config in manifest.configs:
        where = f"{MANIFEST} config {config.name}"
        found.differs(where, "number of rows", len(leaves[config.name]), config.n_rows)
        found.differs(where, "digest of the rows", table_root(leaves[config.name]), config.digest)
        for split, n in config.splits.items():
            listed = sum(shard.n_rows for shard in manifest.shards(config.name, split))
            found.differs(f"{where} split {split}", "number of rows in its files", listed, n)
    strays = {shard.config for shard in manifest.files} - leaves.keys()
    for name in sorted(strays):
        found.add(MANIFEST, f"lists files of {name}, which is no config of it")


def _check_statistics(manifest: Manifest, actual: Mapping[str, Any], found: _Findings) -> None:
    """Compare the statistics; those of another version of newsds may count differently."""
    if manifest.tools.get("newsds") != VERSION:
        return
    for name, value in actual.items():
        found.differs(MANIFEST, f"statistics: {name}", value, manifest.statistics.get(name))


def _check_documents(
    folder: Path, manifest: Manifest, schemas: Mapping[str, pa.Schema], found: _Findings
) -> None:
    """Compare every document with what the manifest makes of it; another version may word them differently."""
    expected = documents(manifest, schemas)
    exact = manifest.tools.get("newsds") == VERSION
    for path, data in expected.items():
        target = folder / path
        if not _is_plain(folder, path) or target.stat().st_size > MAX_DOCUMENT_BYTES:
            found.add(path, "is missing")
        elif exact and target.read_bytes() != data:
            found.add(path, f"is not what newsds writes from {MANIFEST}{_first_difference(target, data)}")
    if not exact:
        _check_facts(folder, manifest, found)


def _check_statement(folder: Path, expected: Mapping[str, Any], manifest: Manifest, found: _Findings) -> None:
    """Compare the statement about the build with the manifest; another version may word it differently."""
    try:
        actual = orjson.loads((folder / PROVENANCE).read_bytes())
        names = tuple(expected) if manifest.tools.get("newsds") == VERSION else ("_type", "subject")
        differing = [name for name in names if actual.get(name) != expected[name]]
    except (orjson.JSONDecodeError, AttributeError, OSError):
        differing = ["all of it"]
    for name in differing:
        found.add(PROVENANCE, f"does not say what {MANIFEST} and {SUMS} say: {name}")


def _check_key(folder: Path, key: str | Path, found: _Findings) -> None:
    from newsds.release.signing import check_signature

    try:
        check_signature(folder, key=key)
    except IntegrityError as error:
        found.add(error.path, str(error).removeprefix(f"{error.path}: "))


def _check_facts(folder: Path, manifest: Manifest, found: _Findings) -> None:
    """Compare the hashes that the descriptors name; this much every version writes alike."""
    expected = {shard.path: shard.sha256 for shard in manifest.files}
    for path, hashes in (("datapackage.json", _package_hashes), ("croissant.json", _croissant_hashes)):
        try:
            actual = hashes(orjson.loads((folder / path).read_bytes()))
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            found.add(path, "is not the descriptor of a release")
            continue
        for shard in sorted(expected.keys() | actual.keys()):
            found.differs(path, f"sha256 of {shard}", actual.get(shard), expected.get(shard))


def _package_hashes(data: Any) -> dict[str, str]:
    return {item["path"]: item["hash"].removeprefix("sha256:") for item in data["resources"]}


def _croissant_hashes(data: Any) -> dict[str, str]:
    return {item["contentUrl"]: item["sha256"] for item in data["distribution"] if "contentUrl" in item}


def _first_difference(target: Path, data: bytes) -> str:
    for number, (there, wanted) in enumerate(_lines(target.read_bytes(), data), start=1):
        if there != wanted:
            return f": line {number} is {_shown(there)}, expected {_shown(wanted)}"
    return ""


def _lines(there: bytes, wanted: bytes) -> Iterator[tuple[bytes | None, bytes | None]]:
    from itertools import zip_longest

    return zip_longest(there.split(b"\n"), wanted.split(b"\n"))


def _shown(line: bytes | None) -> str:
    return "absent" if line is None else repr(line.decode("utf-8", "replace").strip()[:80])
