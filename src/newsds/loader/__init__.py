"""Loading: the rows of a release, verified, in the form a researcher works with."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from newsds.errors import ReleaseError, UsageError, VersionNotFoundError
from newsds.loader.address import Address
from newsds.loader.cache import cache_folder
from newsds.loader.conditions import Conditions, Filters
from newsds.loader.dataset import Dataset, Selection, project
from newsds.loader.folder import FolderFiles, check_unlisted, find_release, read_small
from newsds.loader.manifests import MAX_MANIFEST_BYTES, check_sums, parse_manifest, parse_sums
from newsds.loader.stamps import Stamps
from newsds.release.manifest import MANIFEST, SUMS, Manifest
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
    cache: str | Path | None = None,
) -> Dataset:
    """Load a table of a release, verified against its manifest.

    >>> import newsds
    >>> articles = newsds.load("dist/harbour-news@1.2.0", split="train", columns=["id", "body"])  # doctest: +SKIP
    >>> articles.to_pandas()  # doctest: +SKIP

    Args:
        where: a folder that holds a release, or releases in folders named by their version; with `@1.2.0` or a range
            such as `@>=1.1,<2` at its end.
        version: the same, given beside the place. Without one it is the newest.
        config: the table: `articles`, or `clusters`.
        split: such as `train`; None gives the rows of all, in order.
        columns: names of the columns to read, in the order wanted; None reads all.
        filters: `[("language", "==", "en"), ...]` that must all hold, or a list of such lists one of which must.
            A dot leads into a struct (`publisher.domain`), dates may be ISO 8601, and None stands for null.
        canonical_only: leave out the copies of articles, keeping one of each cluster.
        streaming: fetch files one after the other, when their turn comes.
        verify: `full` recomputes the SHA-256 of every file before its first row is handed over, once: a file that has
            not been touched since is not hashed again. `manifest` compares sizes and numbers of rows only. `off`
            believes everything.
        cache: folder of the cache; None takes `NEWSDS_CACHE`, or the cache folder of the user.

    Raises:
        ReleaseNotFoundError: there is no release at the place.
        VersionNotFoundError: there is none of that version.
        IntegrityError: a file is not what the manifest says.
        SchemaVersionError: the release follows a later major version of the schema than this newsds reads.
        UsageError: an argument does not fit the release.
    """
    if verify not in ("full", "manifest", "off"):
        raise UsageError(f"verify={verify!r}: it is 'full', 'manifest' or 'off'")
    selection = Selection(
        config=config, split=split, columns=None if columns is None else tuple(columns), filters=filters,
        canonical_only=canonical_only,
    )  # fmt: skip
    folder = Path(cache) if cache else cache_folder(os.environ)
    address = Address.parse(where, version)
    release = find_release(Path(address.root), address.wanted)
    manifest = _folder_manifest(release, verify)
    _check_version(manifest, address)
    _check_selection(manifest, selection)
    files = FolderFiles(folder=release, verify=verify, stamps=Stamps.of(release, folder))
    dataset = Dataset(manifest=manifest, selection=selection, files=files, streaming=streaming)
    files.check(dataset.shards)
    return dataset


def _folder_manifest(release: Path, verify: Verify) -> Manifest:
    """Return the manifest of a release in a folder, held against what lies around it."""
    data = read_small(release / MANIFEST, limit=MAX_MANIFEST_BYTES)
    manifest = parse_manifest(data, where=str(release / MANIFEST))
    if verify != "off":
        if (release / SUMS).exists():
            sums = parse_sums(read_small(release / SUMS, limit=MAX_MANIFEST_BYTES))
            check_sums(sums, manifest, hashlib.sha256(data).hexdigest())
        check_unlisted(release, manifest)
    return manifest


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
