"""What the test Hub keeps: repositories as commits over content, with git's names for both."""

import hashlib
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n*.bin filter=lfs diff=lfs merge=lfs -text\n"

#: Endings that the Hub keeps as LFS objects, as `ATTRIBUTES` says.
LARGE = (".parquet", ".bin")


class RefusedError(Exception):
    """A request that the Hub answers with an error."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file of a commit; `sha256` where it is an LFS object, `content` where it is a blob of git."""

    size: int
    oid: str
    sha256: str | None = None
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A snapshot of a repository; `number` counts from the first."""

    oid: str
    parent: str | None
    title: str
    message: str
    number: int
    files: Mapping[str, Entry]

    @property
    def date(self) -> str:
        return f"2026-01-01T{self.number // 3600 % 24:02d}:{self.number // 60 % 60:02d}:{self.number % 60:02d}.000Z"


@dataclass
class Repository:
    """Commits and the names that point at them; every change of a name happens under the lock."""

    name: str
    commits: dict[str, Commit] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        first = make_commit(None, {".gitattributes": blob(ATTRIBUTES)}, title="initial commit", message="")
        self.commits[first.oid] = first
        self.branches["main"] = first.oid

    def resolve(self, revision: str) -> Commit:
        """Return the commit that a branch, a tag or a commit's name means."""
        revision = revision.removeprefix("refs/heads/").removeprefix("refs/tags/")
        oid = self.branches.get(revision) or self.tags.get(revision) or revision
        if oid not in self.commits:
            raise RefusedError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return self.commits[oid]

    def commit(
        self,
        branch: str,
        changes: Mapping[str, Entry | None],
        *,
        title: str,
        message: str,
        parent: str | None,
    ) -> Commit:
        """Move a branch to a new commit: entries added, None removed."""
        with self.lock:
            if branch not in self.branches:
                raise RefusedError(404, f"Invalid rev id: {branch}", "RevisionNotFound")
            head = self.commits[self.branches[branch]]
            if parent is not None and parent != head.oid:
                raise RefusedError(412, "A commit has happened since. Please refresh and try again.")
            files = {**head.files, **changes}
            kept = {path: entry for path, entry in files.items() if entry is not None}
            made = make_commit(head, kept, title=title, message=message)
            self.commits[made.oid] = made
            self.branches[branch] = made.oid
            return made

    def name_commit(self, names: dict[str, str], name: str, revision: str) -> None:
        """Make a tag or a branch."""
        with self.lock:
            if name in names:
                raise RefusedError(409, f"Reference already exists: {name}")
            names[name] = self.resolve(revision).oid

    def history(self, revision: str) -> list[Commit]:
        """Return a commit and those before it."""
        found = [self.resolve(revision)]
        while found[-1].parent is not None:
            found.append(self.commits[found[-1].parent])
        return found


def make_commit(parent: Commit | None, files: Mapping[str, Entry], *, title: str, message: str) -> Commit:
    number = parent.number + 1 if parent else 0
    parts = [
        parent.oid if parent else None,
        number,
        title,
        message,
        {path: files[path].oid for path in sorted(files)},
    ]
    oid = hashlib.sha1(json.dumps(parts).encode()).hexdigest()
    return Commit(
        oid=oid,
        parent=parent.oid if parent else None,
        title=title,
        message=message,
        number=number,
        files=files,
    )


def git_name(content: bytes) -> str:
    """Return the name that git gives to a blob."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def blob(content: bytes) -> Entry:
    return Entry(size=len(content), oid=git_name(content), content=content)


def pointer(sha256: str, size: int) -> Entry:
    """Return an LFS object's entry: git keeps a pointer to it."""
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n"
    return Entry(size=size, oid=git_name(text.encode()), sha256=sha256)


def folders(paths: Iterable[str]) -> list[str]:
    """Return every folder on the way to the paths."""
    return sorted({str(parent) for path in paths for parent in PurePosixPath(path).parents} - {"."})
