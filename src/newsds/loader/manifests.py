"""What a release says of itself: read with suspicion, and refused where it is unsafe or contradicts itself."""

import json
import warnings
from collections import Counter
from collections.abc import Iterable
from typing import Any

from newsds.errors import IntegrityError, ReleaseError, SchemaVersionError
from newsds.release.inventory import read_sums
from newsds.release.manifest import MANIFEST, SUMS, Manifest
from newsds.schema import load_schema, versions
from newsds.semver import Version

__all__ = [
    "MAX_MANIFEST_BYTES",
    "SchemaVersionWarning",
    "check_sums",
    "parse_json",
    "parse_manifest",
    "parse_sums",
]

#: No manifest or list of checksums is read beyond this: 100,000 files are described in less.
MAX_MANIFEST_BYTES = 64 * 2**20


class SchemaVersionWarning(UserWarning):
    """A release was written by a newer newsds; what this one does not know is left out."""


def parse_json(data: bytes, *, where: str) -> Any:
    """Return JSON data, without the leniences by which two readers see two documents.

    Raises:
        ReleaseError: it is not JSON, repeats a key, nests too deep, or has a number that is none.
    """

    def refuse(text: str) -> Any:
        raise ValueError(f"{text} is not a JSON number")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            name = Counter(name for name, _ in pairs).most_common(1)[0][0]
            raise ValueError(f"the key {name[:60]!r} stands twice")
        return members

    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse)
    except RecursionError:
        raise ReleaseError(f"{where}: nested too deep") from None
    except ValueError as error:
        raise ReleaseError(f"{where}: not the JSON of a release ({error})") from None


def parse_manifest(data: bytes, *, where: str = MANIFEST) -> Manifest:
    """Return the manifest a release's bytes hold, once it agrees with itself.

    Raises:
        ReleaseError: it is no manifest.
        SchemaVersionError: its own schema, or that of its articles, is of a later major version.
        IntegrityError: it contradicts itself.
    """
    parsed = parse_json(data, where=where)
    if not isinstance(parsed, dict):
        raise ReleaseError(f"{where}: not a release manifest")
    relaxed = _relax(parsed, where)
    manifest = Manifest.from_dict(relaxed, where=where)
    _is_newer(manifest.schema_version, "article", where)
    _check_itself(manifest, where)
    return manifest


def _relax(data: dict[str, Any], where: str) -> dict[str, Any]:
    """Return a manifest of a later minor version without what this newsds does not know."""
    stated = data.get("manifest_version")
    if not isinstance(stated, str) or not _is_newer(stated, "release", where):
        return data
    own = versions("release")[-1]
    known = _known(data, load_schema("release", own))
    return {**known, "manifest_version": own}


def _is_newer(stated: str, kind: str, where: str) -> bool:
    """Tell whether a schema is of a later minor version than this newsds has; warn if so.

    Raises:
        SchemaVersionError: it is of a later major version.
        ReleaseError: it is no version.
    """
    own = Version.parse(versions("release" if kind == "release" else "article")[-1])
    theirs = Version.find(stated)
    if theirs is None:
        raise ReleaseError(f"{where}: {kind} schema {stated[:60]!r} is no version")
    if theirs.major > own.major:
        raise SchemaVersionError(
            f"{where}: {kind} schema {theirs} is newer than this newsds reads ({own}): pip install -U newsds",
            expected=str(own), found=str(theirs),
        )  # fmt: skip
    if (theirs.major, theirs.minor) <= (own.major, own.minor):
        return False
    warnings.warn(
        f"{where}: {kind} schema {theirs} is newer than {own}; what newsds does not know is left out",
        SchemaVersionWarning, stacklevel=2,
    )  # fmt: skip
    return True


def _known(data: Any, schema: dict[str, Any]) -> Any:
    """Return data without the members that a closed object of its schema does not name."""
    if isinstance(data, list):
        return [_known(item, schema.get("items", {})) for item in data]
    if not isinstance(data, dict) or "properties" not in schema:
        return data
    members = schema["properties"]
    return {name: _known(value, members[name]) for name, value in data.items() if name in members}


def _check_itself(manifest: Manifest, where: str) -> None:
    """Hold files against tables: no file twice, none of an unknown table, and rows that add up."""
    repeated = _first_repeated(shard.path for shard in manifest.files)
    if repeated:
        raise IntegrityError(f"{where}: {repeated} is listed twice", path=repeated)
    declared = {(item.name, split): n for item in manifest.configs for split, n in item.splits.items()}
    counted: Counter[tuple[str, str]] = Counter()
    for shard in manifest.files:
        if (shard.config, shard.split) not in declared or not shard.path.startswith(
            f"data/{shard.config}/{shard.split}-"
        ):
            raise IntegrityError(
                f"{where}: {shard.path} is no file of split {shard.split!r} of {shard.config!r}",
                path=shard.path,
            )
        counted[shard.config, shard.split] += shard.n_rows
    for (config, split), n_rows in declared.items():
        if counted[config, split] != n_rows:
            raise IntegrityError(
                f"{where}: {config}/{split} has {n_rows} rows, its files have {counted[config, split]}",
                path=MANIFEST, expected=str(n_rows), found=str(counted[config, split]),
            )  # fmt: skip


def _first_repeated(paths: Iterable[str]) -> str | None:
    """Return the first path that a file system blind to case takes for another one."""
    seen: set[str] = set()
    for path in paths:
        if path.casefold() in seen:
            return path
        seen.add(path.casefold())
    return None


def parse_sums(data: bytes) -> dict[str, str]:
    """Return path to SHA-256 from a list in the format of `sha256sum`.

    Raises:
        IntegrityError: it is no such list, names a path outside the release, or a file twice (but for case).
    """
    listed, problems = read_sums(data)
    for problem in problems:
        raise IntegrityError(str(problem), path=SUMS)
    return listed


def check_sums(sums: dict[str, str], manifest: Manifest, manifest_sha256: str) -> None:
    """Hold the list of checksums against the manifest: same shards, same hashes, and the manifest itself.

    Raises:
        IntegrityError: they differ.
    """
    stated = {MANIFEST: manifest_sha256, **{shard.path: shard.sha256 for shard in manifest.files}}
    for path, digest in stated.items():
        if path in sums and sums[path] != digest:
            raise IntegrityError(
                f"{path}: sha256 is {digest[:12]}…, {SUMS} says {sums[path][:12]}…; load it again from its publisher",
                path=path, expected=sums[path], found=digest,
            )  # fmt: skip
    listed = {path for path in sums if path.startswith("data/")}
    for path in sorted(listed.symmetric_difference(shard.path for shard in manifest.files)):
        here, there = (SUMS, MANIFEST) if path in listed else (MANIFEST, SUMS)
        raise IntegrityError(f"{path}: is in {here}, and not in {there}", path=path)


def check_unlisted(paths: Iterable[str], manifest: Manifest) -> None:
    """Refuse a release that has more data than its manifest says.

    Raises:
        IntegrityError: a file in `data/` is not in the manifest.
    """
    listed = {shard.path for shard in manifest.files}
    for path in paths:
        if path not in listed:
            raise IntegrityError(f"{path}: is not in {MANIFEST}", path=path, found=path)
