"""What files a release folder holds, and what its list of checksums says of them; nothing here trusts either."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from newsds.release.manifest import SUMS
from newsds.release.problems import Problem

__all__ = ["FOREIGN", "Inventory", "read_sums", "take_inventory", "unsafe"]

#: What a host or a client puts beside a release that it stores.
FOREIGN = frozenset({".git", ".gitattributes", ".cache", ".huggingface"})

_LINE = re.compile(r"([0-9a-f]{64})  (.+)")

#: Reserved by Windows, where a release must be readable too.
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Inventory:
    """The regular files of a folder, with their sizes, and what else was there."""

    sizes: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def take_inventory(folder: Path) -> Inventory:
    """Return what a folder holds. No link is followed, and nothing but regular files is ever opened."""
    found = Inventory()
    for path, entry in sorted(_walk(folder, "")):
        if entry.is_symlink():
            found.problems.append(Problem(path=path, message="is a link; a release holds plain files only"))
        elif not entry.is_file(follow_symlinks=False):
            kind = stat.filemode(entry.stat(follow_symlinks=False).st_mode)[0]
            found.problems.append(Problem(path=path, message=f"is no plain file (type {kind})"))
        else:
            found.sizes[path] = entry.stat(follow_symlinks=False).st_size
    return found


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = prefix + entry.name.encode("utf-8", "backslashreplace").decode()
            if not prefix and entry.name in FOREIGN:
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(Path(entry.path), f"{name}/")
            else:
                yield name, entry


def read_sums(data: bytes) -> tuple[dict[str, str], list[Problem]]:
    """Return path to SHA-256 as a list of checksums has it, and what is wrong with the list itself."""
    listed: dict[str, str] = {}
    problems: list[Problem] = []
    folded: dict[str, str] = {}
    for number, line in enumerate(data.decode("utf-8", "backslashreplace").splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            problems.append(Problem(path=f"{SUMS}:{number}", message="is not a line of sha256sum"))
            continue
        digest, path = match.groups()
        if reason := unsafe(path):
            problems.append(Problem(path=f"{SUMS}:{number}", message=f"names {path[:200]!r}, {reason}"))
        elif path.casefold() in folded:
            other = folded[path.casefold()]
            problems.append(Problem(path=f"{SUMS}:{number}", message=f"names {path!r} beside {other!r}"))
        else:
            folded[path.casefold()] = path
            listed[path] = digest
    return listed, problems


def unsafe(path: str) -> str | None:
    """Return why a path may not stand in a release; None if it may."""
    parts = path.split("/")
    if path.startswith("/") or (len(path) > 1 and path[1] == ":") or "://" in path:
        return "which leaves the release"
    if ".." in parts or "." in parts or "" in parts:
        return "which leaves the release or is not the shortest form"
    if "\\" in path or any(not char.isprintable() for char in path):
        return "which is written in a way that systems read differently"
    if any(_RESERVED.fullmatch(part) or part.endswith((".", " ")) for part in parts):
        return "which some systems cannot hold"
    return None
