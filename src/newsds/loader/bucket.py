"""Releases in S3, by Arrow's own client: nothing to install, credentials from the usual places."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from newsds.errors import IntegrityError, ReleaseError, ReleaseNotFoundError, RemoteError, UsageError
from newsds.release.manifest import MANIFEST
from newsds.semver import Version

if TYPE_CHECKING:
    from pyarrow.fs import S3FileSystem

__all__ = ["BucketPlace"]

_CHUNK = 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class BucketPlace:
    """A release, or releases in folders named by their version, under a prefix of a bucket."""

    root: str
    endpoint: str | None = None
    region: str | None = None

    @classmethod
    def of(cls, root: str, environment: Mapping[str, str]) -> "BucketPlace":
        """Return a prefix of S3, or of the server of its kind that the environment names."""
        endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
        region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
        return cls(root=root, endpoint=endpoint, region=region)

    def __str__(self) -> str:
        return f"s3://{self.root}"

    def versions(self) -> dict[Version, str] | None:
        """Return version to folder; None where the prefix is itself a release.

        Raises:
            ReleaseNotFoundError: there is no such bucket or prefix.
            RemoteError: the server refuses, or keeps failing.
        """
        from pyarrow.fs import FileSelector, FileType

        with _Told(str(self)):
            files = self._files()
            if files.get_file_info(f"{self.root}/{MANIFEST}").type == FileType.File:
                return None
            below = files.get_file_info(FileSelector(self.root))
        named = ((_version(item.base_name), item) for item in below if item.type == FileType.Directory)
        return {version: item.base_name for version, item in named if version}

    def at(self, revision: str) -> "BucketPlace":
        """Return a folder below; the place itself without a name."""
        if not revision:
            return self
        return BucketPlace(root=f"{self.root}/{revision}", endpoint=self.endpoint, region=self.region)

    def read(self, path: str, *, limit: int) -> bytes:
        """Return the bytes of a small file.

        Raises:
            ReleaseNotFoundError: there is none.
            ReleaseError: it is longer than the limit.
            RemoteError: the server refuses, or keeps failing.
        """
        where = f"{self}/{path}"
        with _Told(where), self._files().open_input_stream(f"{self.root}/{path}", compression=None) as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            raise ReleaseError(f"{where}: larger than {limit:,} bytes; not a descriptor of a release")
        return bytes(data)

    def download(self, path: str, target: Path, *, n_bytes: int) -> None:
        """Write a file of a known size.

        Raises:
            IntegrityError: it is of another size.
            ReleaseNotFoundError, RemoteError: as for `read`.
        """
        with target.open("wb") as file, _Told(f"{self}/{path}"), self.open(path, n_bytes=n_bytes) as stream:
            while chunk := stream.read(_CHUNK):
                file.write(chunk)

    def open(self, path: str, *, n_bytes: int) -> BinaryIO:
        """Return a file that fetches what is read of it.

        Raises:
            IntegrityError: it is of another size.
            ReleaseNotFoundError, RemoteError: as for `read`.
        """
        with _Told(f"{self}/{path}"):
            stream = self._files().open_input_file(f"{self.root}/{path}")
            size = stream.size()
        if size != n_bytes:
            stream.close()
            raise IntegrityError(
                f"{path}: has {size:,} bytes, the manifest says {n_bytes:,}",
                path=path, expected=str(n_bytes), found=str(size),
            )  # fmt: skip
        return cast("BinaryIO", stream)

    def _files(self) -> "S3FileSystem":
        from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

        return S3FileSystem(
            endpoint_override=self.endpoint, region=self.region, connect_timeout=10, request_timeout=30,
            retry_strategy=AwsStandardS3RetryStrategy(max_attempts=4),
        )  # fmt: skip


class _Told:
    """The errors of Arrow's client, told as those of newsds; those of the local disk pass."""

    def __init__(self, where: str) -> None:
        self._where = where

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, FileNotFoundError) and error.filename is None:
            raise ReleaseNotFoundError(f"{self._where}: not found") from None
        if isinstance(error, OSError) and error.errno is None:
            reason = " ".join(str(error).split())[:300]
            raise RemoteError(f"{self._where}: {reason}") from None


def _version(name: str) -> Version | None:
    try:
        return Version.parse(name)
    except UsageError:
        return None
