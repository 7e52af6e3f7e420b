"""Which files were hashed before: a small record for each release, so that it is hashed once."""

import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Stamps"]

#: Coarser than the times of any file system of today.
_TICK_NS = 10**8


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamps:
    """What the files of one release were when they were last hashed.

    A stamp is size, times of change and inode: an edit changes one of them even where it puts the time back.
    The record is a list that only grows, so that processes may write it at once; later lines count. It is kept if it
    can be; where it cannot, files are hashed again.
    """

    #: File of the record; None keeps none.
    record: Path | None
    _seen: dict[str, list[Any]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, release: Path, cache: Path | None) -> "Stamps":
        """Return the stamps of the release in a folder, which are kept in the cache."""
        if cache is None:
            return cls(record=None)
        name = hashlib.sha256(os.fsencode(release.resolve())).hexdigest()
        stamps = cls(record=cache / "stamps" / f"{name}.jsonl")
        stamps._read()
        return stamps

    def _read(self) -> None:
        assert self.record is not None
        with suppress(OSError), self.record.open("rb") as lines:
            for line in lines:
                with suppress(ValueError, TypeError):  # of a process that was killed while it wrote
                    path, stamp = json.loads(line)
                    self._seen[path] = stamp

    def has(self, path: Path, sha256: str) -> bool:
        """Tell whether a file has had this hash, and has not been touched since."""
        return self._seen.get(str(path.resolve())) == [*_stamp(path.stat()), sha256]

    def add(self, path: Path, before: os.stat_result, sha256: str) -> None:
        """Remember the hash of a file, unless it was touched while it was hashed.

        A file that was written a moment ago could be written again within the same tick of its times.
        """
        if _stamp(before) != _stamp(path.stat()) or time.time_ns() - before.st_ctime_ns < _TICK_NS:
            return
        entry = str(path.resolve()), [*_stamp(before), sha256]
        self._seen[entry[0]] = entry[1]
        if self.record is not None:
            with suppress(OSError):
                self.record.parent.mkdir(parents=True, exist_ok=True)
                with self.record.open("ab") as lines:
                    lines.write(json.dumps(entry).encode() + b"\n")


def _stamp(seen: os.stat_result) -> list[int]:
    return [seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino]
