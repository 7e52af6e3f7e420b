"""Loading: the rows of a release, verified, in the form a researcher works with."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from newsds.errors import ReleaseError, UsageError, VersionNotFoundError
from newsds.loader.address import Address
from newsds.loader.cache import Cache
from newsds.loader.conditions import Conditions, Filters
from newsds.loader.dataset import Dataset, Selection, project
from newsds.loader.folder import FolderFiles, check_folder, find_release, read_small
from newsds.loader.manifests import MAX_MANIFEST_BYTES, parse_manifest
from newsds.loader.shards import Files
from newsds.loader.signatures import check_signed, unsigned
from newsds.loader.stamps import Stamps
from newsds.release.attestation import SIGNATURE
from newsds.release.manifest import MANIFEST, Manifest
from newsds.schema import arrow_schema, versions
from newsds.semver import Version

__all__ = ["load"]

Verify = Literal["full", "manifest", "off"]


def load(
    where: str | Path,
    *,
    version: str | None = None,
    config: str = "articles",
    split: str | None = None,
    columns: Sequence[str] | None = None,
    filters: Filters | None = None,
    canonical_only: bool = False,
    streaming: bool = False,
    verify: Verify = "full",
    key: str | Path | None = None,
    offline: bool | None = None,
    cache: str | Path | None = None,
    progress: Callable[[int], object] | None = None,
) -> Dataset:
    """Load a table of a release, verified against its manifest.

    >>> import newsds
    >>> articles = newsds.load("dist/harbour-news@1.2.0", split="train", columns=["id", "body"])  # doctest: +SKIP
    >>> articles.to_pandas()  # doctest: +SKIP

    Args:
        where: a folder, `https://...`, `s3://bucket/prefix` or `hf://datasets/org/name`; there is a release, or
            there are releases in folders (on the Hub: under tags) named by their version. With `@1.2.0` or a range
            such as `@>=1.1,<2` at its end, it is one of that version.
        version: the same, given beside the place. Without one it is the newest.
        config: the table: `articles`, or `clusters`.
        split: such as `train`; None gives the rows of all, in order.
        columns: names of the columns to read, in the order wanted; None reads all.
        filters: `[("language", "==", "en"), ...]` that must all hold, or a list of such lists one of which must.
            A dot leads into a struct (`publisher.domain`), dates may be ISO 8601, and None stands for null.
        canonical_only: leave out the copies of articles, keeping one of each cluster.
        streaming: fetch files one after the other, when their turn comes; without it, a release that is elsewhere
            is in the cache, verified, when this returns.
        verify: `full` recomputes the SHA-256 of every file before its first row is handed over, once: a file that has
            not been touched since is not hashed again. `manifest` compares sizes and numbers of rows only. `off`
            believes everything. What comes into the cache is hashed whatever is said here; `manifest` and `off`
            let a streamed release be read in parts, so that only the wanted columns are fetched.
        key: public key in PEM with which the release must be signed: the manifest, and so every file by its hash.
        offline: ask no server, and read the version from the cache; None takes `NEWSDS_OFFLINE` or `HF_HUB_OFFLINE`.
        cache: folder of the cache; None takes `NEWSDS_CACHE`, or the cache folder of the user.
        progress: called with the number of bytes of each file that was fetched.

    Raises:
        ReleaseNotFoundError: there is no release at the place.
        VersionNotFoundError: there is none of that version.
        NotCachedError: offline, and it is not in the cache; it is never replaced by another version.
        RemoteError: a server refuses, or fails for longer than newsds tries.
        IntegrityError: a file is not what the manifest says, or the release is not signed with the key.
        SchemaVersionError: the release follows a later major version of the schema than this newsds reads.
        UsageError: an argument does not fit the release.
    """
    if verify not in ("full", "manifest", "off"):
        raise UsageError(f"verify={verify!r}: it is 'full', 'manifest' or 'off'")
    if key is not None and verify != "full":
        raise UsageError(f"verify={verify!r}: a signature is of hashes; with key= every file is hashed")
    selection = Selection(
        config=config, split=split, columns=None if columns is None else tuple(columns), filters=filters,
        canonical_only=canonical_only,
    )  # fmt: skip
    address = Address.parse(where, version)
    kept = Cache.of(os.environ, cache)
    if address.kind == "folder":
        manifest, files = _find_here(address, kept, verify=verify, key=key)
    else:
        is_offline = _is_offline(os.environ) if offline is None else offline
        manifest, files = _find_elsewhere(
            address, kept, verify=verify, key=key, streaming=streaming, is_offline=is_offline
        )
    _check_selection(manifest, selection)
    dataset = Dataset(manifest=manifest, selection=selection, files=files, streaming=streaming)
    files.check(dataset.all_shards)
    files.fetch(dataset.all_shards, progress)
    return dataset


def _find_here(
    address: Address, cache: Cache, *, verify: Verify, key: str | Path | None
) -> tuple[Manifest, Files]:
    """Return what a release in a folder says of itself, held against what lies around it, and its files."""
    release = find_release(Path(address.root), address.wanted)
    data = read_small(release / MANIFEST, limit=MAX_MANIFEST_BYTES)
    manifest = parse_manifest(data, where=str(release / MANIFEST))
    _check_version(manifest, address)
    if key is not None:
        _check_key(_folder_signature(release), key, data)
    if verify != "off":
        check_folder(release, manifest, data)
    return manifest, FolderFiles(folder=release, verify=verify, stamps=Stamps.of(release, cache.folder))


def _find_elsewhere(
    address: Address,
    cache: Cache,
    *,
    verify: Verify,
    key: str | Path | None,
    streaming: bool,
    is_offline: bool,
) -> tuple[Manifest, Files]:
    """Return what a release on a server says of itself, and its files by way of the cache."""
    from newsds.loader.remote import RemoteFiles, find_remote

    found = find_remote(address, cache=cache, environment=os.environ, is_offline=is_offline)
    if key is not None:
        _check_key(found.signature(cache), key, found.pin.manifest.encode())
    return found.manifest, RemoteFiles(release=found, cache=cache, verify=verify, streaming=streaming)


def _is_offline(environment: Mapping[str, str]) -> bool:
    """Tell whether the environment forbids the network, to newsds or to the Hub's libraries."""
    stated = (environment.get("NEWSDS_OFFLINE", ""), environment.get("HF_HUB_OFFLINE", ""))
    return any(text.lower() in ("1", "on", "yes", "true") for text in stated)


def _check_key(bundle: bytes, key: str | Path, manifest: bytes) -> None:
    check_signed(bundle, Path(key), MANIFEST, hashlib.sha256(manifest).hexdigest())


def _folder_signature(release: Path) -> bytes:
    if not (release / SIGNATURE).exists():
        raise unsigned()
    return read_small(release / SIGNATURE, limit=MAX_MANIFEST_BYTES)


def _check_version(manifest: Manifest, address: Address) -> None:
    wanted = address.wanted
    if wanted is not None and Version.parse(manifest.version) not in wanted:
        raise VersionNotFoundError(
            f"{address}: no release {wanted.text}; there is {manifest.version}",
            wanted=wanted.text, available=(manifest.version,),
        )  # fmt: skip


def _check_selection(manifest: Manifest, selection: Selection) -> None:
    """Refuse what the release does not have before anything is read or fetched."""
    try:
        manifest.shards(selection.config, selection.split)
        if selection.canonical_only:
            manifest.config("clusters")
    except ReleaseError as error:
        raise UsageError(str(error)) from None
    if selection.canonical_only and selection.config != "articles":
        raise UsageError(f"canonical_only is for articles, not for {selection.config}")
    if selection.config == "articles" and manifest.schema_version in versions("article"):
        schema = arrow_schema(manifest.schema_version)
        project(schema, selection.columns)
        Conditions.parse(selection.filters, schema)
