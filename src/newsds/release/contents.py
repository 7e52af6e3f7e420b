"""The contents of a release: its rows, and every statement and document held against them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from newsds.errors import ReleaseError
from newsds.release.descriptors import ARTICLES
from newsds.release.digests import merkle_root, row_digests, table_root
from newsds.release.documents import documents
from newsds.release.manifest import MANIFEST, Manifest, Shard
from newsds.release.problems import Findings
from newsds.release.references import References
from newsds.release.shards import plain_schema
from newsds.release.statistics import Statistics
from newsds.version import VERSION

__all__ = ["MAX_DOCUMENT_BYTES", "check_contents"]

#: Larger ones are not read: the manifest of a release with a hundred thousand shards has 50 MiB.
MAX_DOCUMENT_BYTES = 256 * 2**20

#: A row group that claims to be larger is not opened.
MAX_GROUP_BYTES = 2 * 2**30


def check_contents(folder: Path, manifest: Manifest, found: Findings) -> None:
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


def _check_configs(manifest: Manifest, leaves: Mapping[str, list[bytes]], found: Findings) -> None:
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


def _check_statistics(manifest: Manifest, actual: Mapping[str, Any], found: Findings) -> None:
    """Compare the statistics; those of another version of newsds may count differently."""
    if manifest.tools.get("newsds") != VERSION:
        return
    for name, value in actual.items():
        found.differs(MANIFEST, f"statistics: {name}", value, manifest.statistics.get(name))


def _check_documents(
    folder: Path, manifest: Manifest, schemas: Mapping[str, pa.Schema], found: Findings
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


def _check_facts(folder: Path, manifest: Manifest, found: Findings) -> None:
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
