"""The manifest of a release: what it consists of and how it was made."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from newsds.errors import ReleaseError
from newsds.release_folders import MANIFEST
from newsds.schema import validator

__all__ = ["MANIFEST", "SUMS", "Config", "InputFile", "Manifest", "Shard", "Step"]

#: Name of the list of checksums in a release, in the format of `sha256sum`.
SUMS = "manifest-sha256.txt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shard:
    """One Parquet file; `path` is relative to the release, `digest` the Merkle root of its records in order."""

    path: str
    config: str
    split: str
    n_rows: int
    n_bytes: int
    sha256: str
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """One table of the release; `digest` is independent of shards, splits and the writer."""

    name: str
    n_rows: int
    digest: str
    #: Split to its number of rows, in order.
    splits: dict[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class InputFile:
    """One file that was read; `path` is relative to the project."""

    path: str
    n_bytes: int
    sha256: str
    n_records: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One stage of the build with the number of records that went in and came out."""

    name: str
    n_in: int
    n_out: int
    note: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """The manifest; the fields are those of `schema/release/1.0.0.json`."""

    name: str
    version: str
    schema_version: str
    profile: str
    configs: tuple[Config, ...]
    files: tuple[Shard, ...]
    inputs: tuple[InputFile, ...]
    parameters: dict[str, Any]
    steps: tuple[Step, ...]
    #: `{"code", "level", "n"}` per rule, and the reason where a waiver set it aside.
    findings: tuple[dict[str, Any], ...]
    tools: dict[str, str]
    statistics: dict[str, Any]
    title: str | None = None
    description: str | None = None
    homepage: str | None = None
    created: str | None = None
    licenses: tuple[dict[str, Any], ...] = ()
    contributors: tuple[dict[str, Any], ...] = ()
    sources: tuple[dict[str, Any], ...] = ()
    keywords: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    manifest_version: str = field(default="1.0.0")

    def config(self, name: str) -> Config:
        """Return a table of the release by name.

        Raises:
            ReleaseError: there is no such table.
        """
        for config in self.configs:
            if config.name == name:
                return config
        raise ReleaseError(
            f"no config {name!r} in {self.name} {self.version}; there are {_names(self.configs)}"
        )

    def shards(self, config: str, split: str | None = None) -> tuple[Shard, ...]:
        """Return the shards of a table, of one split or of all.

        Raises:
            ReleaseError: there is no such table or split.
        """
        splits = self.config(config).splits
        if split is not None and split not in splits:
            raise ReleaseError(f"no split {split!r} in config {config!r}; there are {', '.join(splits)}")
        return tuple(shard for shard in self.files if shard.config == config and split in (None, shard.split))

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest as JSON data, checked against its schema.

        Raises:
            ReleaseError: a value breaks the manifest's schema.
        """
        data = {item.name: _plain(getattr(self, item.name)) for item in fields(self)}
        data["configs"] = [
            {**_plain(config), "splits": [{"name": name, "n_rows": n} for name, n in config.splits.items()]}
            for config in self.configs
        ]
        _check(data, where=f"the manifest of {self.name}")
        return {"manifest_version": data.pop("manifest_version"), **data}

    @classmethod
    def from_dict(cls, data: dict[str, Any], *, where: str = MANIFEST) -> "Manifest":
        """Return the manifest that JSON data describes.

        Raises:
            ReleaseError: the data breaks the manifest's schema.
        """
        _check(data, where=where)
        configs = (
            Config(**{**config, "splits": {split["name"]: split["n_rows"] for split in config["splits"]}})
            for config in data["configs"]
        )
        parsed: dict[str, Any] = {
            **data,
            "configs": tuple(configs),
            "files": tuple(Shard(**item) for item in data["files"]),
            "inputs": tuple(InputFile(**item) for item in data["inputs"]),
            "steps": tuple(Step(**item) for item in data["steps"]),
        }
        members: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in parsed.items()
        }
        return cls(**members)


def _names(items: Iterable[Config]) -> str:
    return ", ".join(item.name for item in items)


def _plain(value: Any) -> Any:
    """Return a value as JSON data: dataclasses as objects, tuples as arrays."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    return value


def _check(data: object, *, where: str) -> None:
    for error in validator("release").iter_errors(data):
        pointer = "/".join(str(part) for part in error.instance_path)
        raise ReleaseError(f"{where}: /{pointer}: {error.message[:200]}")
