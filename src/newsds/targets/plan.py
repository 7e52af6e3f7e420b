"""What publishing would do to a target, what it did, and what every kind of target offers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from newsds.depot import ListedFile
from newsds.targets.cargo import Cargo

__all__ = ["Plan", "Progress", "Publication", "Target"]

#: Called with the name of a step, the bytes done since the last call, and the bytes of the whole step; of the step
#: `verifying`, with files instead, and 0.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The difference between a target and a release."""

    #: Files that are not at the target yet.
    to_send: tuple[ListedFile, ...] = ()
    #: Paths that readers of the newest release will see no more.
    to_remove: tuple[str, ...] = ()
    #: State in which the target must still be when the release becomes visible; None if nothing is there.
    base: str | None = None
    #: Name at the target of this very release, where all its files are visible already; else None.
    revision: str | None = None
    #: The release is there under its version: nothing is left to do.
    is_published: bool = False


class Target(Protocol):
    """A place that a release can be published to."""

    def plan(self, cargo: Cargo) -> Plan:
        """Look at the target and return what there is to do; nothing is written.

        Raises:
            VersionExistsError: another release has this version there.
            RemoteError: the target cannot be read.
        """

    def send(self, cargo: Cargo, plan: Plan, progress: Progress) -> str:
        """Send, read back, and make visible in one step; return the name of the revision at the target.

        Raises:
            TargetMovedError: somebody else published in the meantime.
            IntegrityError: what was read back is not what was sent.
            RemoteError: the target refused, or failed for longer than is tried.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """A release and what became of it at a target."""

    target: str
    name: str
    version: str
    #: SHA-256 of the list of checksums, which names the release.
    digest: str
    n_files: int
    n_bytes: int
    plan: Plan
    #: Commit, inventory or folder at the target; None for a dry run of something that is not there.
    revision: str | None
    is_dry_run: bool

    @property
    def n_bytes_sent(self) -> int:
        """Bytes of the files that were not at the target."""
        return sum(item.n_bytes for item in self.plan.to_send)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON data."""
        return {
            "target": self.target,
            "name": self.name,
            "version": self.version,
            "digest": self.digest,
            "revision": self.revision,
            "dry_run": self.is_dry_run,
            "already_published": self.plan.is_published,
            "n_files": self.n_files,
            "n_bytes": self.n_bytes,
            "n_bytes_sent": self.n_bytes_sent,
            "sent": [{"path": item.path, "n_bytes": item.n_bytes} for item in self.plan.to_send],
            "removed": list(self.plan.to_remove),
        }

    def to_text(self) -> str:
        """Return the result for people; of a dry run every file that would be sent."""
        what = f"{self.name} {self.version}"
        if self.plan.is_published:
            return f"{self.target}: {what} is published already, byte for byte ({self.revision})"
        amount = f"{len(self.plan.to_send):,} of {self.n_files:,} files, {self.n_bytes_sent:,} of {self.n_bytes:,} bytes"
        if not self.is_dry_run:
            return (
                f"{self.target}: {what} is published ({self.revision}); sent {amount}; read back and compared"
            )
        lines = [f"+ {item.path}  {item.n_bytes:,}" for item in self.plan.to_send]
        lines += [f"- {path}" for path in self.plan.to_remove]
        return "\n".join([*lines, f"{self.target}: {what} would be published; to send: {amount}"])
