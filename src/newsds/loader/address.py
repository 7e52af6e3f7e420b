"""Where a release is said to be, and which version of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from newsds.errors import UsageError
from newsds.semver import Range

__all__ = ["Address", "AddressKind"]

AddressKind = Literal["folder", "web", "hub", "s3"]

_HUB = re.compile(r"datasets/([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*|[A-Za-z0-9][\w.-]*)/?", re.ASCII)
_HUB_ENDPOINT = "https://huggingface.co"

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A place and the version that is wanted there.

    Attributes:
        kind: how the place is reached.
        root: folder, URL ending in a slash, `org/name` of the Hub, or `bucket/prefix` without a slash at the end.
        wanted: the version or range; None means the newest.
    """

    kind: AddressKind
    root: str
    wanted: Range | None = None

    def __str__(self) -> str:
        prefix = {"folder": "", "web": "", "hub": "hf://datasets/", "s3": "s3://"}[self.kind]
        return prefix + self.root

    def key(self, environment: Mapping[str, str]) -> str:
        """Return the name under which releases of this place are remembered: with the server, if it is not the usual one.

        The same bucket or repository on another server is another place.
        """
        endpoint = _endpoint(self.kind, environment).rstrip("/")
        return f"{self} [{endpoint}]" if endpoint not in ("", _HUB_ENDPOINT) else str(self)

    @classmethod
    def parse(cls, where: str | Path, version: str | None = None) -> "Address":
        """Return the address that a path or URL names, with the version after its `@` or given beside it.

        Raises:
            UsageError: the URL is of no kind that newsds reads, or names a version other than the one given.
        """
        text = str(where)
        kind, rest = _kind(text)
        if kind != "folder" or not Path(rest).exists():
            rest, version = _split_version(rest, version, text)
        return cls(kind=kind, root=_root(kind, rest, text), wanted=Range.parse(version) if version else None)


def _endpoint(kind: AddressKind, environment: Mapping[str, str]) -> str:
    match kind:
        case "hub":
            return environment.get("HF_ENDPOINT", "")
        case "s3":
            return environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL", "")
    return ""


def _kind(text: str) -> tuple[AddressKind, str]:
    """Return the kind of an address, and the address without the scheme of that kind."""
    scheme, sign, rest = text.partition("://")
    if not sign:
        return "folder", text
    match scheme:
        case "file":
            return "folder", unquote(urlsplit(text).path)
        case "http" | "https":
            return "web", text
        case "hf":
            return "hub", rest
        case "s3":
            return "s3", rest
    raise UsageError(
        f"{text}: releases are loaded from a folder, https://, hf:// or s3://, not from {scheme}://"
    )


def _split_version(rest: str, version: str | None, text: str) -> tuple[str, str | None]:
    """Return an address without the version in its last part, and the version."""
    head, slash, last = rest.rpartition("/")
    name, sign, inline = last.partition("@")
    if not sign:
        return rest, version
    if version is not None and version != inline:
        raise UsageError(f"{text}: asks for version {inline}, and version= for {version}")
    return head + slash + name, inline


def _root(kind: AddressKind, rest: str, text: str) -> str:
    match kind:
        case "folder":
            return rest
        case "web":
            parts = urlsplit(rest)
            if parts.username is not None:
                raise UsageError(
                    f"https://...@{parts.hostname}: leave out name and password; they would be shown"
                )
            if not parts.hostname or parts.query or parts.fragment:
                raise UsageError(f"{text}: a release is a folder; give its URL without ? and #")
            return rest.rstrip("/") + "/"
        case "hub":
            match = _HUB.fullmatch(rest)
            if match is None:
                raise UsageError(f"{text}: write hf://datasets/ORG/NAME, or hf://datasets/ORG/NAME@1.2.0")
            return match[1]
        case "s3":
            if not _BUCKET.fullmatch(rest):
                raise UsageError(f"{text}: write s3://BUCKET/PREFIX, or s3://BUCKET/PREFIX@1.2.0")
            return rest.rstrip("/")
