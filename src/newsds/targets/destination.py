"""Where to publish: what the words of a target mean."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from newsds.errors import UsageError
from newsds.targets.plan import Target

__all__ = ["open_target"]

_HUB = re.compile(r"datasets/([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)/?", re.ASCII)
_BUCKET = re.compile(r"([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", re.ASCII)


def open_target(text: str, *, private: bool | None = None) -> Target:
    """Return the target that a path or URL names; nothing is read or written.

    Raises:
        UsageError: it is of no kind that newsds writes, or carries credentials or a version.
        MissingExtraError: the client of the target is not installed.
    """
    scheme, sign, rest = text.partition("://")
    if not sign:
        return _folder(text)
    _refuse_credentials(text, rest)
    match scheme:
        case "file":
            return _folder(_local_path(text))
        case "hf":
            return _hub(text, rest, private=private)
        case "s3":
            return _bucket(text, rest)
    raise UsageError(f"{text}: newsds publishes to a folder, hf:// or s3://, not to {scheme}://")


def _refuse_credentials(text: str, rest: str) -> None:
    """Refuse what a shell's history would keep, without repeating it."""
    authority = rest.partition("/")[0]
    if "@" in authority or "?" in text or "#" in text:
        raise UsageError(
            "the target holds '@', '?' or '#': name the place only; credentials come from the environment or the "
            "client's own login, the version from the release"
        )


def _local_path(text: str) -> str:
    parts = urlsplit(text)
    if parts.netloc not in ("", "localhost"):
        raise UsageError(f"{text}: write file:///PATH; there is no folder on {parts.netloc}")
    return unquote(parts.path)


def _folder(path: str) -> Target:
    from newsds.targets.folder import FolderTarget

    if not path:
        raise UsageError("the target is empty; name a folder, hf://datasets/ORG/NAME or s3://BUCKET/PREFIX")
    return FolderTarget(folder=Path(path))


def _hub(text: str, rest: str, *, private: bool | None) -> Target:
    from newsds.targets.hub import HubTarget

    match = _HUB.fullmatch(rest)
    if match is None:
        raise UsageError(f"{text}: write hf://datasets/ORG/NAME")
    return HubTarget(repository=match[1], private=private)


def _bucket(text: str, rest: str) -> Target:
    from newsds.targets.bucket import BucketTarget

    match = _BUCKET.fullmatch(rest)
    prefix = match[2] or "" if match else ""
    if match is None or any(part in ("", ".", "..") for part in prefix.rstrip("/").split("/") if prefix):
        raise UsageError(f"{text}: write s3://BUCKET/PREFIX")
    return BucketTarget(bucket=match[1], prefix=prefix.rstrip("/"))
