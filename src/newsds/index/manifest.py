"""`index.json`: which files of an index are in force, and how it was made. One process writes at a time.

A change may wait for something else to happen, such as a release that appears: it is announced in `pending.json` first. Of
a run that died, the next one that writes finds there whether it did happen, and finishes the change or drops it.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from newsds.dedup.candidates import Recipe
from newsds.dedup.folding import UNICODE_VERSION
from newsds.dedup.parameters import Parameters
from newsds.dedup.specification import HASH_VERSION
from newsds.errors import InputError, OutputError, UsageError
from newsds.files import atomic_write, file_sha256
from newsds.index.commonness import BITS
from newsds.locks import attempt

__all__ = ["Manifest", "Release", "Segment", "Shard", "announce", "commit", "load", "load_made", "locked"]

FORMAT = "newsds-index"
FORMAT_VERSION = 2
_NAME, _LOCK, _PENDING = "index.json", "lock", "pending.json"
_KINDS = ("texts", "sketches", "articles", "relations", "withdrawn", "rarity", "splits")


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """A release that was added."""

    name: str
    #: The number of the first article it added; those of the next release follow.
    first: int
    #: File with the splits of its articles that no release before it had split; None if it was not split.
    splits: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Shard:
    """Files with the texts of articles with adjacent numbers."""

    texts: str
    sketches: str
    #: The lowest and the highest number.
    first: int
    last: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """Files with what one update, or several in a row, found."""

    articles: str
    relations: str
    withdrawn: str
    n_articles: int
    #: Counts of the texts that were added, and how many those are; None if none were.
    rarity: str | None = None
    n_texts: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """The file."""

    format: str = FORMAT
    version: int = FORMAT_VERSION
    fingerprint: dict[str, Any] = field(default_factory=dict)
    #: Updates so far; part of the names of new files.
    generation: int = 0
    #: The numbers that the next article and the next relation get.
    next_article: int = 0
    next_relation: int = 0
    releases: tuple[Release, ...] = ()
    shards: tuple[Shard, ...] = ()
    segments: tuple[Segment, ...] = ()

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """Return what a file holds."""
        lists = {"releases": Release, "shards": Shard, "segments": Segment}
        return cls(
            **{**found, **{name: tuple(kind(**one) for one in found[name]) for name, kind in lists.items()}}
        )

    @property
    def files(self) -> set[str]:
        """The names of the files in force."""
        names = {name for shard in self.shards for name in (shard.texts, shard.sketches)}
        for segment in self.segments:
            names |= {segment.articles, segment.relations, segment.withdrawn}
            names |= {segment.rarity} if segment.rarity else set()
        return names | {release.splits for release in self.releases if release.splits}


def make_fingerprint(parameters: Parameters) -> dict[str, Any]:
    """Return everything on which the contents of an index depend."""
    made = {
        "hashes": HASH_VERSION,
        "unicode": UNICODE_VERSION,
        "rarity": list(BITS),
        "candidates": asdict(Recipe.for_window(parameters.window_hours)),
        "parameters": parameters.to_dict(),
    }
    return dict(json.loads(json.dumps(made)))


def load(folder: Path, parameters: Parameters | None = None) -> Manifest:
    """Return the manifest of an index, an empty one if there is none.

    Raises:
        InputError: the folder holds something else.
        UsageError: the index was made with other parameters, if some are given.
    """
    path = folder / _NAME
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Manifest(fingerprint=make_fingerprint(parameters or Parameters()))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT or found.get("version") != FORMAT_VERSION:
        raise InputError(
            f"{path}: not an index of this version of newsds (format {FORMAT} {FORMAT_VERSION}); "
            "make a new one in another folder"
        )
    try:
        manifest = Manifest.from_dict(found)
    except (KeyError, TypeError) as error:
        raise InputError(f"{path}: broken ({error})") from None
    if parameters is not None:
        _check(path, manifest.fingerprint, make_fingerprint(parameters))
    return manifest


def load_made(folder: Path, parameters: Parameters | None = None) -> Manifest:
    """Return the manifest of an index that has been made.

    Raises:
        InputError: there is no index, or the folder holds something else.
        UsageError: it was made with other parameters, if some are given.
    """
    manifest = load(folder, parameters)
    if not manifest.releases:
        raise InputError(f"{folder}: no index there")
    return manifest


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other writers out, and settle what one that was killed left open; the system frees its lock.

    Raises:
        OutputError: the folder cannot be made, or another process writes there.
    """
    with ExitStack() as held:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            is_ours = held.enter_context(attempt(folder / _LOCK))
        except OSError as error:
            raise OutputError(f"{folder}: cannot be made or written ({error.strerror})") from None
        if not is_ours:
            raise OutputError(f"{folder}: another run is changing this index; try again when it is done")
        _settle(folder)
        yield


def announce(folder: Path, manifest: Manifest, *, proof: Path, sha256: str) -> None:
    """Write down a change that is in force once a file is there, should this run not live to put it in force.

    Args:
        folder: the index.
        manifest: what holds then; its files are written.
        proof: the file.
        sha256: of its bytes.
    """
    place = os.path.relpath(proof, folder)
    atomic_write(
        folder / _PENDING, json.dumps({"proof": place, "sha256": sha256, "manifest": asdict(manifest)})
    )


def _settle(folder: Path) -> None:
    """Put a change that was announced in force if what it waited for has happened; else drop it."""
    path = folder / _PENDING
    if not path.is_file():
        return
    try:
        pending = json.loads(path.read_bytes())
        after, proof = Manifest.from_dict(pending["manifest"]), folder / pending["proof"]
        has_happened = proof.is_file() and file_sha256(proof) == pending["sha256"]
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path}: broken; delete it if no release appeared that the index lacks") from None
    if has_happened and after.generation == load(folder).generation + 1:
        commit(folder, after)
    path.unlink(missing_ok=True)


def commit(folder: Path, manifest: Manifest) -> None:
    """Put the new files in force, then remove those that are not: of the time before, or of a run that died."""
    atomic_write(folder / _NAME, json.dumps(asdict(manifest), indent=1) + "\n")
    (folder / _PENDING).unlink(missing_ok=True)
    kept = manifest.files
    for kind in _KINDS:
        for pattern in (f"{kind}-*.parquet", f".{kind}-*.parquet.*"):
            for path in folder.glob(pattern):
                if path.name not in kept:
                    path.unlink()


def _check(path: Path, made: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    if made != wanted:
        raise UsageError(
            f"{path}: made with other choices ({_differences(made, wanted)}); use those, or make a new index"
        )


def _differences(made: Mapping[str, Any], wanted: Mapping[str, Any], prefix: str = "") -> str:
    found = []
    for name in sorted(made.keys() | wanted.keys()):
        old, new = made.get(name), wanted.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            found.append(_differences(old, new, f"{prefix}{name}."))
        elif old != new:
            found.append(f"{prefix}{name} {old!r}, now {new!r}")
    return ", ".join(filter(None, found))
