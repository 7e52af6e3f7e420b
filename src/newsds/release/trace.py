"""trace(): from a published record back to its input, and every step between them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from newsds.article import to_records
from newsds.errors import InputError, ReleaseError
from newsds.readers.inputs import DAMAGE, Input, expand, open_input
from newsds.release.descriptors import ARTICLES
from newsds.release.digests import file_sha256, row_digests
from newsds.release.manifest import InputFile, Manifest, Shard, Step
from newsds.release.verify import check_shard, read_manifest

__all__ = ["Trace", "trace"]

#: A record that claims to be longer is not read from its input.
_MAX_RECORD_BYTES = 64 * 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """Where a published record is, and where it comes from."""

    manifest: Manifest
    record: dict[str, Any]
    shard: Shard
    #: 0-based row in the shard.
    row: int
    #: SHA-256 of the row as `newsds.release.digests` writes it; a leaf of the shard's digest.
    digest: str
    #: Row of the table of clusters; None if the release has none.
    cluster: dict[str, Any] | None
    #: The input that the record's provenance names; None if that was read elsewhere, before this build.
    input: InputFile | None
    #: What was found at the place in the input: `same`, or what differs; None if nothing could be looked at.
    check: str | None

    @property
    def provenance(self) -> dict[str, Any]:
        """What the record says about where it was found."""
        return dict(self.record.get("provenance") or {})

    def to_dict(self) -> dict[str, Any]:
        """Return the trace as JSON data."""
        manifest = self.manifest
        return {
            "id": self.record["id"],
            "headline": self.record.get("headline"),
            "input": None if self.input is None else _members(self.input),
            "note": None if self.input else "the record's provenance names no input file of this release",
            "release_inputs": [_members(item) for item in manifest.inputs] if self.input is None else [],
            "provenance": self.provenance,
            "check": self.check,
            "steps": [_members(step) for step in manifest.steps],
            "cluster": self.cluster,
            "published": {
                "name": manifest.name,
                "version": manifest.version,
                "path": self.shard.path,
                "sha256": self.shard.sha256,
                "split": self.shard.split,
                "row": self.row,
                "row_digest": self.digest,
                "shard_digest": self.shard.digest,
                "config_digest": manifest.config(ARTICLES).digest,
            },
            "tools": manifest.tools,
        }

    def to_text(self) -> str:
        """Return the trace for people, from the input to the release."""
        return "\n".join(
            [
                f"{self.record['id']}  {_shown(self.record.get('headline'))}",
                *_origin_lines(self),
                *(_step_line(step) for step in self.manifest.steps),
                *_cluster_lines(self.cluster),
                f"  published  {self.manifest.name} {self.manifest.version}, split {self.shard.split}",
                f"             {self.shard.path} row {self.row}",
                f"             file sha256 {self.shard.sha256}",
                f"             row digest  {self.digest}",
            ]
        )


def _members(item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__slots__}


def _shown(text: object) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in str(text)).split())[:120]


def _origin_lines(found: Trace) -> list[str]:
    said = found.provenance
    place = ", ".join(
        f"{name} {said[name]:,}" for name in ("line", "offset", "length") if said.get(name) is not None
    )
    path = _shown(said.get("input_path") or "none named by the record's provenance")
    lines = [f"  input      {path} ({said.get('input_kind')})" + (f", {place}" if place else "")]
    if found.input is None:
        lines.append(
            "             read before this build: the record came as an article; inputs of the release:"
        )
        lines += [f"             {_shown(item.path)} sha256 {item.sha256}" for item in found.manifest.inputs]
    else:
        lines.append(f"             file sha256 {found.input.sha256}, {found.input.n_bytes:,} bytes")
    lines.append(
        f"             raw sha256  {said.get('raw_sha256')}" + (f": {found.check}" if found.check else "")
    )
    lines.append(f"  read by    {_shown(said.get('reader'))} {_shown(said.get('reader_version'))}")
    lines += [f"  transform  {_shown(item)}" for item in said.get("transforms") or []]
    return lines


def _step_line(step: Step) -> str:
    return f"  step       {step.name}: {step.n_in:,} in, {step.n_out:,} out" + (
        f"; {step.note}" if step.note else ""
    )


def _cluster_lines(cluster: dict[str, Any] | None) -> list[str]:
    if cluster is None:
        return []
    lines = [f"  cluster    {cluster['cluster_id']}: {cluster['role']} of {cluster['n_copies']}"]
    if cluster.get("earlier_id") == cluster["article_id"]:
        lines.append(f"             in release {cluster['earlier_release']} first")
    elif cluster.get("earlier_id"):
        lines.append(
            f"             a copy of {cluster['earlier_id']} of release {cluster['earlier_release']}"
        )
    return lines


def trace(release: str | Path, article_id: str, *, inputs: str | Path | None = None) -> Trace:
    """Follow a published record back to its input.

    Args:
        release: folder of the release.
        article_id: `id` of the record.
        inputs: folder of the dataset project; the bytes at the record's place are then cut out and hashed.

    Raises:
        InputError: `inputs` is no folder.
        ReleaseNotFoundError: there is no release.
        ReleaseError: it has no such record.
        IntegrityError: the file of the record is not what the manifest says.
    """
    if inputs is not None and not Path(inputs).is_dir():
        raise InputError(f"{inputs}: is no folder of inputs")
    folder = Path(release)
    manifest = read_manifest(folder)
    shard, row, table = _find(folder, manifest, article_id)
    (record,) = to_records(table)
    origin = next((item for item in manifest.inputs if item.path == _path(record)), None)
    return Trace(
        manifest=manifest,
        record=record,
        shard=shard,
        row=row,
        digest=row_digests(table)[0].hex(),
        cluster=_cluster(folder, manifest, article_id),
        input=origin,
        check=None if inputs is None or origin is None else _check(Path(inputs), origin, record),
    )


def _path(record: dict[str, Any]) -> str | None:
    path = (record.get("provenance") or {}).get("input_path")
    return None if path is None else str(path)


def _find(folder: Path, manifest: Manifest, article_id: str) -> tuple[Shard, int, pa.Table]:
    import pyarrow.parquet as pq

    for shard in manifest.shards(ARTICLES):
        check_shard(folder, shard)
        with pq.ParquetFile(folder / shard.path) as file:
            start = 0
            for number in range(file.metadata.num_row_groups):
                ids = file.read_row_group(number, columns=["id"]).column("id")
                at = pc.index(ids, pa.scalar(article_id)).as_py()
                if at >= 0:
                    return shard, start + at, file.read_row_group(number).slice(at, 1)
                start += len(ids)
    raise ReleaseError(f"{folder}: no article {article_id!r}{_left_out(folder, manifest, article_id)}")


def _left_out(folder: Path, manifest: Manifest, article_id: str) -> str:
    cluster = _cluster(folder, manifest, article_id)
    if cluster is None:
        return ""
    return f"; it is named as a copy ({cluster['role']}) in cluster {cluster['cluster_id']}, its text is left out"


def _cluster(folder: Path, manifest: Manifest, article_id: str) -> dict[str, Any] | None:
    import pyarrow.parquet as pq

    if all(config.name != "clusters" for config in manifest.configs):
        return None
    for shard in manifest.shards("clusters"):
        check_shard(folder, shard)
        with pq.ParquetFile(folder / shard.path) as file:
            table = file.read()
        at = pc.index(table.column("article_id"), pa.scalar(article_id)).as_py()
        if at >= 0:
            return dict(table.slice(at, 1).to_pylist()[0])
    return None


def _check(folder: Path, origin: InputFile, record: dict[str, Any]) -> str | None:
    """Return `same`, or in which way the input is not the one that was read.

    A row of a Parquet file is no range of bytes: None if that file is the one that was read.
    """
    try:
        (item,) = expand([origin.path], root=folder)
    except Exception as error:  # noqa: BLE001 # whatever is there instead, it is not the input
        return str(error)[:200]
    if file_sha256(item.path) != origin.sha256:
        return "the file is another one than was read"
    said = record["provenance"]
    if item.kind == "parquet" or said.get("length") is None:
        return None
    raw = _cut(item, said.get("offset") or 0, min(int(said["length"]), _MAX_RECORD_BYTES))
    return "same" if hashlib.sha256(raw).hexdigest() == said["raw_sha256"] else "other bytes stand there"


def _cut(item: Input, offset: int, length: int) -> bytes:
    try:
        with open_input(item) as stream:
            while offset > 0 and (skipped := len(stream.read(min(offset, 2**20)))):
                offset -= skipped
            return stream.read(length)
    except DAMAGE:
        return b""
