"""Publishers killed before and after every request, while a reader looks on; and the report of that."""

import hashlib
import json
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from newsds.depot import POINTER, Inventory, Pointer, object_key
from targets.publisher import Publisher

#: Shards whose bytes are read and hashed at each look; the others are compared by name, size and hash in the listing.
SAMPLE = 8


@dataclass
class Report:
    """What happened; `torn` says of each read that was neither the old release nor the new one what was wrong."""

    target: str
    n_files: int
    seconds: float = 0.0
    n_publishers: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    reads: Counter[str] = field(default_factory=Counter)
    torn: list[str] = field(default_factory=list)
    n_sent_twice: int = 0
    #: Objects that the server keeps; none with Xet, which sends them by itself.
    stored: set[str] = field(default_factory=set)
    is_complete: bool = False

    def note_object(self, path: str, moment: str) -> None:
        """Note that an object is sent, or has been kept."""
        if moment == "after":
            self.stored.add(path)
        else:
            self.n_sent_twice += path in self.stored

    def to_text(self) -> str:
        kinds = ", ".join(f"{name} {n:,}" for name, n in sorted(self.kinds.items()))
        reads = ", ".join(f"{name} {n:,}" for name, n in sorted(self.reads.items()))
        moments = f"{self.kills['before']:,} before it was acted upon, {self.kills['after']:,} after"
        return "\n".join(
            [
                f"{self.target}: a release of {self.n_files} files, {self.seconds:.0f} s",
                f"  publishers killed   {self.kills.total():,}, of {self.n_publishers:,} started",
                f"  killed at a request {moments}",
                f"  requests killed     {kinds}",
                f"  reads made          {self.reads.total():,} ({reads})",
                f"  torn or unverifiable reads   {len(self.torn)}",
                f"  objects sent        {len(self.stored):,}, sent twice {self.n_sent_twice:,}",
                f"  last publisher      {'published all' if self.is_complete else 'DID NOT FINISH'}",
            ]
        )


class Killer:
    """Kills the publisher at each request that it has not been killed at yet: once before the work, once after."""

    def __init__(self, report: Report, spare: Collection[str]) -> None:
        self.report = report
        self.spare = frozenset(spare)
        self.seen: set[tuple[str, str]] = set()
        self.counts: Counter[str] = Counter()
        self.publisher: int | None = None
        self.lock = threading.Lock()

    def aim(self, publisher: int) -> None:
        with self.lock:
            self.publisher = publisher
            self.counts.clear()

    def strike(self, name: str, kind: str, moment: str) -> bool:
        """Take note of a request's moment, kill if it is new, and tell whether.

        Args:
            name: what makes the request another than the others, but for its number among those of the same name.
            kind: what is counted in the report.
            moment: `before` or `after`.
        """
        with self.lock:
            self.counts[f"{moment} {name}"] += 1
            key = (f"{name} #{self.counts[f'{moment} {name}']}", moment)
            if self.publisher is None or key in self.seen or kind in self.spare:
                return False
            self.seen.add(key)
            self.report.kills[moment] += 1
            self.report.kinds[kind] += moment == "before"
            os.kill(self.publisher, signal.SIGKILL)
            self.publisher = None
            return True


@contextmanager
def looking(look: Callable[[], None], pause: float) -> Iterator[None]:
    """Have somebody read again and again meanwhile."""
    stopped = threading.Event()
    failed: list[Exception] = []

    def loop() -> None:
        try:
            while not stopped.wait(pause):
                look()
        except Exception as error:  # noqa: BLE001 # whatever it is, the run has failed
            failed.append(error)

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
    if failed:
        raise failed[0]


def run(
    report: Report,
    killer: Killer,
    publisher: Publisher,
    look: Callable[[], None],
    *,
    forget_end: Callable[[], bool],
    tell: Callable[[Report], None] = lambda _: None,
) -> None:
    """Start publishers until one ends by itself, at whose every request another was killed.

    Args:
        report: is filled in.
        killer: sits in the server.
        publisher: what is started.
        look: reads the target once and notes it in the report.
        forget_end: undoes the last step if a publisher found nothing left to do, and tells whether it did: what comes
            after that step is killed too.
        tell: is called with the report after every kill.
    """
    began = time.monotonic()
    with looking(look, pause=0.25):
        while True:
            n_before = report.kills.total()
            killer.aim(publisher.fork())
            report.n_publishers += 1
            status = publisher.start()
            look()
            if status == -signal.SIGKILL:
                report.seconds = time.monotonic() - began
                tell(report)
                continue
            assert status == 0, f"a publisher ended with {status}"
            if report.kills.total() == n_before and not forget_end():
                break
    report.is_complete = True
    report.seconds = time.monotonic() - began


# ---- readers ----


class HubReader:
    """Reads a repository as clients do: the branch's commit first, then everything at that commit."""

    def __init__(self, address: str, repository: str, releases: Mapping[str, Path], report: Report) -> None:
        self.at = f"{address}/datasets/{repository}/resolve"
        self.api = f"{address}/api/datasets/{repository}"
        self.expected = {name: hashes_of(folder) for name, folder in releases.items()}
        self.report = report
        self.lock = threading.Lock()
        self.random = random.Random(0)

    def look(self) -> None:
        with self.lock:
            try:
                refs = json.loads(fetch(f"{self.api}/refs"))
            except urllib.error.HTTPError as error:
                note(self.report, "nothing there" if error.code == 404 else None, f"refs: {error}")
                return
            for item in (*refs["branches"], *refs["tags"]):
                version, problem = self.read(item["targetCommit"])
                wanted = f"v{version}" if item["ref"].startswith("refs/tags/") else item["name"]
                problem = problem or ("" if item["name"] == wanted else f"{item['name']} holds {version}")
                note(self.report, None if problem else version, f"{item['name']}: {problem}")

    def read(self, commit: str) -> tuple[str, str]:
        """Return the version that a commit holds, and what is wrong with it."""
        listed = {item["path"]: item for item in self.tree(commit) if item["type"] == "file"}
        listed.pop(".gitattributes", None)
        if not listed:
            return "nothing there", ""
        sums = parse_sums(fetch(f"{self.at}/{commit}/manifest-sha256.txt"))
        version = str(json.loads(fetch(f"{self.at}/{commit}/manifest.json"))["version"])
        expected = self.expected[version]
        if listed.keys() != expected.keys():
            return version, f"files {sorted(listed.keys() ^ expected.keys())[:3]}"
        for path, item in listed.items():
            if "lfs" in item and item["lfs"]["oid"] != sums[path]:
                return version, f"{path} is listed as another file"
        large = [path for path in listed if "lfs" in listed[path]]
        shards = self.random.sample(large, min(SAMPLE, len(large)))
        for path in (*shards, *(path for path in listed if "lfs" not in listed[path])):
            if hashlib.sha256(fetch(f"{self.at}/{commit}/{path}")).hexdigest() != expected[path]:
                return version, f"{path} is another file"
        return version, ""

    def tree(self, commit: str) -> Iterator[dict[str, Any]]:
        cursor = 0
        while True:
            page = json.loads(fetch(f"{self.api}/tree/{commit}?recursive=true&cursor={cursor}"))
            yield from page
            cursor += len(page)
            if len(page) < 500:
                return


class DepotReader:
    """Reads a depot by its layout: the pointer, the inventory, and the objects."""

    def __init__(
        self, get: Callable[[str], bytes | None], releases: Mapping[str, Path], report: Report
    ) -> None:
        self.get = get
        self.expected = {name: hashes_of(folder) for name, folder in releases.items()}
        self.report = report
        self.lock = threading.Lock()
        self.random = random.Random(0)

    def look(self) -> None:
        with self.lock:
            data = self.get(POINTER)
            if data is None:
                note(self.report, "nothing there", "")
                return
            newest = Pointer.from_bytes(data, where=POINTER).releases[-1]
            inventory = self.get(object_key(newest.inventory)) or b""
            if hashlib.sha256(inventory).hexdigest() != newest.inventory:
                note(self.report, None, "inventory is another file")
                return
            files = Inventory.from_bytes(inventory, where="inventory").files
            if {item.path: item.sha256 for item in files} != self.expected[newest.version]:
                note(self.report, None, f"inventory of {newest.version} lists other files")
                return
            for item in self.random.sample(files, min(SAMPLE, len(files))):
                if hashlib.sha256(self.get(object_key(item.sha256)) or b"").hexdigest() != item.sha256:
                    note(self.report, None, f"{item.path} is another file")
                    return
            note(self.report, newest.version, "")


def note(report: Report, version: str | None, problem: str) -> None:
    """Count a read by what was read; None for a torn one."""
    report.reads[version or "torn"] += 1
    if version is None:
        report.torn.append(problem)


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return bytes(answer.read())


def parse_sums(data: bytes) -> dict[str, str]:
    return {line[66:]: line[:64] for line in data.decode().splitlines()}


def hashes_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
