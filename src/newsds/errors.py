"""Every exception newsds raises on purpose, and the exit status it ends a command with.

```
NewsdsError                 exit 3
├── UsageError              exit 2   the call makes no sense
├── InputError              exit 3   an input cannot be read
├── ProjectError            exit 2   datapackage.json says something impossible
├── OutputError             exit 3   the result cannot be written, or is already there
│   ├── VersionExistsError           another release was published under the version
│   └── TargetMovedError             somebody else published in the meantime
├── MissingExtraError       exit 2   an optional package is not installed
└── ReleaseError            exit 3   a release is not what it should be
    ├── ReleaseNotFoundError         there is no release at the place
    │   └── VersionNotFoundError     there is one, but not in the wanted version
    ├── NotCachedError               offline, and not in the cache
    ├── RemoteError                  a server refused, failed, or could not be reached
    ├── SchemaVersionError           it is newer than this version of newsds
    └── IntegrityError               a file differs from the manifest
```

A bad *record* is never an exception: it is a finding (`newsds.findings`).
"""

__all__ = [
    "InputError",
    "IntegrityError",
    "MissingExtraError",
    "NewsdsError",
    "NotCachedError",
    "OutputError",
    "ProjectError",
    "ReleaseError",
    "ReleaseNotFoundError",
    "RemoteError",
    "SchemaVersionError",
    "TargetMovedError",
    "UsageError",
    "VersionExistsError",
    "VersionNotFoundError",
]


class NewsdsError(Exception):
    """The root of the tree; the message reads `where: what is wrong; what to do next`."""

    exit_code = 3


class UsageError(NewsdsError, ValueError):
    """An argument is wrong, or two of them do not go together."""

    exit_code = 2


class InputError(NewsdsError):
    """An input does not exist, cannot be opened, or is of no kind that newsds reads."""


class ProjectError(NewsdsError):
    """A `datapackage.json` is missing, is not JSON, or breaks the project schema."""

    exit_code = 2


class OutputError(NewsdsError):
    """A result cannot be written, or something is already there that must not be overwritten."""


class VersionExistsError(OutputError):
    """A target has another release under the version; releases are never overwritten."""


class TargetMovedError(OutputError):
    """Somebody else published to the target in the meantime; nothing of this release became visible."""


class MissingExtraError(NewsdsError, ImportError):
    """An optional package is needed; the message names the command that installs it."""

    exit_code = 2

    def __init__(self, package: str, *, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs {package}: pip install 'newsds[{extra}]'")


class ReleaseError(NewsdsError):
    """A directory is not a release that this version of newsds can read."""


class ReleaseNotFoundError(ReleaseError):
    """There is no release at the place."""


class VersionNotFoundError(ReleaseNotFoundError):
    """There are releases at the place, but none of the wanted version.

    Attributes:
        wanted: the version or range that was asked for.
        available: the versions that are there, oldest first; empty where they cannot be listed.
    """

    def __init__(self, message: str, *, wanted: str, available: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.wanted = wanted
        self.available = available


class NotCachedError(ReleaseError):
    """There is no network, and the cache does not hold all that was asked for.

    Attributes:
        missing: the files of the release that are not in the cache; empty if not even its version is known.
    """

    def __init__(self, message: str, *, missing: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.missing = missing


class RemoteError(ReleaseError):
    """A server refused, failed for longer than newsds tries, or could not be reached.

    Attributes:
        status: the HTTP status; None if there was no answer.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class SchemaVersionError(ReleaseError):
    """A release follows a later major version of a schema than this version of newsds reads.

    Attributes:
        expected: the newest version that is read.
        found: the version the release states.
    """

    def __init__(self, message: str, *, expected: str, found: str) -> None:
        super().__init__(message)
        self.expected = expected
        self.found = found


class IntegrityError(ReleaseError):
    """A file of a release is not the one its manifest describes.

    Attributes:
        path: the file, relative to the release.
        expected: what the manifest says, or None.
        found: what is there, or None.
        problems: all that is wrong, a line each, where more than one thing was looked at.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str,
        expected: str | None = None,
        found: str | None = None,
        problems: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.problems = problems or (message,)
        self.path = path
        self.expected = expected
        self.found = found
