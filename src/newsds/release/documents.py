"""The documents of a release: every file beside its shards, as bytes, written from the manifest alone."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from newsds.errors import ProjectError
from newsds.release.card import card, changelog, citation
from newsds.release.descriptors import croissant, datapackage, schema_path
from newsds.release.digests import file_sha256
from newsds.release.inventory import unsafe
from newsds.release.manifest import MANIFEST, SUMS, Manifest
from newsds.schema import schema_bytes

__all__ = ["documents", "licence_files", "sums", "to_json"]

_MAX_LICENCE_BYTES = 2**20


def to_json(data: Any) -> bytes:
    """Return data as indented JSON that ends with a line feed."""
    return json.dumps(data, indent=2, ensure_ascii=False).encode() + b"\n"


def documents(manifest: Manifest, schemas: Mapping[str, pa.Schema]) -> dict[str, bytes]:
    """Return path to bytes of the documents of a release, without the list of checksums.

    Args:
        manifest: the manifest of the release.
        schemas: config to the Arrow schema of its files.
    """
    return {
        MANIFEST: to_json(manifest.to_dict()),
        "datapackage.json": to_json(datapackage(manifest, schemas)),
        "croissant.json": to_json(croissant(manifest, schemas)),
        "README.md": card(manifest, schemas).encode(),
        "CITATION.cff": citation(manifest).encode(),
        "CHANGELOG.md": changelog(manifest).encode(),
        schema_path(manifest): schema_bytes("article", manifest.schema_version),
    }


def licence_files(licenses: Iterable[Mapping[str, Any]], folder: Path) -> dict[str, bytes]:
    """Return name to bytes of the licence texts that a project declares by a path of its own.

    Raises:
        ProjectError: a path leaves the project, or there is no such file.
    """
    paths = [str(item["path"]) for item in licenses if "://" not in str(item.get("path", "://"))]
    return {Path(path).name: _licence_text(folder, path) for path in paths}


def _licence_text(folder: Path, path: str) -> bytes:
    target = (folder / path).resolve()
    if reason := unsafe(path):
        raise ProjectError(f"/licenses: {path!r} is a path {reason}")
    if not target.is_relative_to(folder.resolve()) or not target.is_file():
        raise ProjectError(f"/licenses: {path}: no such file in the dataset project")
    if target.stat().st_size > _MAX_LICENCE_BYTES:
        raise ProjectError(f"/licenses: {path}: larger than a licence is")
    return target.read_bytes()


def sums(folder: Path, paths: Iterable[str]) -> bytes:
    """Return the list of checksums of files, in the format of `sha256sum`, sorted by path."""
    return "".join(
        f"{file_sha256(folder / path)}  {path}\n" for path in sorted(paths) if path != SUMS
    ).encode()
