"""What the Hub of the tests holds, what it is asked and answers, and the faults it is told to have."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.large_files import LargeFiles, XetFiles
from hub.repository import Entry, RefusedError, Repository

#: What a client may do with a token.
WRITER, READER = "hf_test_writer_0123456789", "hf_test_reader_0123456789"


class CutError(Exception):
    """Raised by a fault: the connection ends without an answer."""


@dataclass(frozen=True)
class Request:
    """A request as it came in; `number` counts from 0."""

    number: int
    method: str
    path: str
    query: Mapping[str, list[str]] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"{}")


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


#: A fault: called with "before" and "after" the work of each request; it may raise `CutError` or `RefusedError`.
Fault = Callable[[Request, str], None]


@dataclass
class Hub:
    """The state of the Hub and the faults it is told to have."""

    folder: Path
    has_xet: bool = False
    #: Size from which LFS files are sent in parts of this size.
    part_bytes: int = 2**40
    address: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    fault: Fault | None = None
    parts: dict[tuple[str, int], bytes] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.lfs = LargeFiles(self.folder / "lfs")
        self.xet = XetFiles(self.folder / "xet")

    def repository(self, name: str) -> Repository:
        if name not in self.repositories:
            raise RefusedError(404, "Repository not found", "RepoNotFound")
        return self.repositories[name]

    def has_large(self, sha256: str) -> bool:
        return self.lfs.has(sha256) or (self.has_xet and self.xet.xet_hash(sha256) is not None)

    def content(self, entry: Entry) -> bytes:
        if entry.sha256 is None:
            return entry.content
        if self.lfs.has(entry.sha256):
            return self.lfs.read(entry.sha256)
        return self.xet.read(entry.sha256, entry.size)

    def written(self) -> list[Request]:
        """Return the requests that carried content."""
        return [item for item in self.requests if item.method == "PUT" or "/commit/" in item.path]


def answer_json(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(data).encode(), {"Content-Type": "application/json", **(headers or {})})
