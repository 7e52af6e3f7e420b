"""What the inputs held at an earlier git revision."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from newsds.errors import InputError, UsageError

if TYPE_CHECKING:
    from newsds.article import Rejected, Row
    from newsds.readers import Reading
    from newsds.readers.inputs import Input

__all__ = ["items_before"]


def items_before(planned: "Iterable[tuple[Input, Reading]]", revision: str) -> "Iterator[Row | Rejected]":
    """Yield the records of inputs as they were at a revision; of a file that has not changed, as it is.

    A file that was renamed is read under its earlier name; one that is new yields nothing. What other files of a kind
    among the inputs held, and do not hold any more, is read as well: records may have moved from there.

    Raises:
        UsageError: git is not there, an input is in no work tree, or there is no such revision.
    """
    from newsds.readers import iter_items
    from newsds.readers.inputs import kind_of

    trees: dict[Path, _Tree] = {}
    kinds: dict[tuple[str, str | None], tuple[Input, Reading]] = {}
    with tempfile.TemporaryDirectory(prefix="newsds-") as folder:
        for item, reading in planned:
            place = item.path.resolve()
            tree = trees.setdefault(place.parent, _tree_of(place.parent, revision, trees))
            kinds.setdefault((item.suffix, item.compression), (item, reading))
            earlier = tree.before(place, Path(folder))
            if earlier is not None:
                yield from iter_items(replace(item, path=earlier), reading)
        for tree in {id(tree): tree for tree in trees.values()}.values():
            for name in tree.others():
                like = kinds.get(kind_of(Path(name)))
                if like is not None:
                    yield from iter_items(replace(like[0], path=tree.fetched(name, Path(folder))), like[1])


class _Tree:
    """A work tree and what changed in it since a revision."""

    def __init__(self, top: Path, revision: str) -> None:
        self.top = top
        self._revision = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}",
                              failure=f"--changed-since {revision}: no such revision")  # fmt: skip
        changed = _git(top, "diff", "--name-status", "-z", "--find-renames", self._revision, "--").split("\0")
        self._earlier = dict(_changes(iter(changed)))
        self._untracked = set(_git(top, "ls-files", "--others", "-z").split("\0"))
        self._read: set[str] = set()

    def before(self, path: Path, folder: Path) -> Path | None:
        """Return a file that holds what a file held at the revision; None if it did not exist."""
        name = path.relative_to(self.top).as_posix()
        if name in self._untracked:
            return None
        if name not in self._earlier:
            return path
        earlier = self._earlier[name]
        if earlier is None:
            return None
        self._read.add(earlier)
        return self.fetched(earlier, folder)

    def others(self) -> list[str]:
        """Return the earlier names of files that changed or are gone, and were not asked for."""
        return sorted(set(filter(None, self._earlier.values())) - self._read)

    def fetched(self, name: str, folder: Path) -> Path:
        """Return a file that holds what a file held at the revision, under its earlier name."""
        target = folder / Path(name).name
        with target.open("wb") as stream:
            _git(self.top, "cat-file", "--filters", f"{self._revision}:{name}", stdout=stream.fileno())
        return target


def _tree_of(folder: Path, revision: str, known: dict[Path, _Tree]) -> _Tree:
    top = Path(
        _git(
            folder,
            "rev-parse",
            "--show-toplevel",
            failure=f"--changed-since: {folder} is in no git work tree",
        )
    )
    return next((tree for tree in known.values() if tree.top == top), None) or _Tree(top, revision)


def _changes(parts: Iterator[str]) -> Iterator[tuple[str, str | None]]:
    """Yield name and earlier name of each changed file; None for one that is new."""
    for status in parts:
        if not status:
            return
        name = next(parts)
        if status[0] in "RC":
            yield next(parts), name
        else:
            yield name, None if status[0] == "A" else name


def _git(folder: Path, *arguments: str, failure: str | None = None, stdout: int = subprocess.PIPE) -> str:
    """Return what git prints."""
    command = ["git", "-c", "core.quotePath=false", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, check=False)  # noqa: S603 # no shell
    except FileNotFoundError:
        raise UsageError("--changed-since needs git") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["git failed"]
        if failure is not None:
            raise UsageError(failure)
        raise InputError(f"git {arguments[0]}: {said[-1][:200]}")
    return (done.stdout or b"").decode("utf-8", "surrogateescape").rstrip("\n")
