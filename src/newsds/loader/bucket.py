"""Releases in S3, by Arrow's own client: nothing to install, credentials from the usual places."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from newsds.errors import IntegrityError, ReleaseError, ReleaseNotFoundError, RemoteError

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
    is_anonymous: bool = False

    @classmethod
    def of(cls, root: str, environment: Mapping[str, str]) -> "BucketPlace":
        """Return a prefix of S3, or of the server of its kind that the environment names."""
        endpoint = environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
        region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
        is_anonymous = environment.get("NEWSDS_S3_ANONYMOUS") == "1"
        return cls(root=root, endpoint=endpoint, region=region, is_anonymous=is_anonymous)

    def __str__(self) -> str:
        return f"s3://{self.root}"

    def folders(self) -> tuple[str, ...]:
        """Return the names of the folders below.

        Raises:
            ReleaseNotFoundError: there is no such bucket or prefix.
            RemoteError: the server refuses, or keeps failing.
        """
        from pyarrow.fs import FileSelector, FileType

        with _told(str(self)):
            below = self._files().get_file_info(FileSelector(self.root))
        return tuple(item.base_name for item in below if item.type == FileType.Directory)

    def below(self, folder: str) -> "BucketPlace":
        """Return a folder below."""
        return replace(self, root=f"{self.root}/{folder}")

    def read(self, path: str, *, limit: int) -> bytes:
        """Return the bytes of a small file.

        Raises:
            ReleaseNotFoundError: there is none.
            ReleaseError: it is longer than the limit.
            RemoteError: the server refuses, or keeps failing.
        """
        where = f"{self}/{path}"
        with _told(where), self._files().open_input_stream(f"{self.root}/{path}", compression=None) as stream:
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
        with target.open("wb") as file, _told(f"{self}/{path}"), self.open(path, n_bytes=n_bytes) as stream:
            while chunk := stream.read(_CHUNK):
                file.write(chunk)

    def open(self, path: str, *, n_bytes: int) -> BinaryIO:
        """Return a file that fetches what is read of it.

        Raises:
            IntegrityError: it is of another size.
            ReleaseNotFoundError, RemoteError: as for `read`.
        """
        with _told(f"{self}/{path}"):
            stream = self._files().open_input_file(f"{self.root}/{path}")
            size = stream.size()
        if size != n_bytes:
            stream.close()
            raise IntegrityError(
                f"{path}: has {size:,} bytes, the manifest says {n_bytes:,}",
                path=path, expected=str(n_bytes), found=str(size),
            )  # fmt: skip
        return cast("BinaryIO", stream)

    def data_paths(self) -> list[str]:
        """Return the paths of the files in `data/`."""
        from pyarrow.fs import FileSelector, FileType

        with _told(str(self)):
            found = self._files().get_file_info(
                FileSelector(f"{self.root}/data", recursive=True, allow_not_found=True)
            )
        return [item.path.removeprefix(f"{self.root}/") for item in found if item.type == FileType.File]

    def _files(self) -> "S3FileSystem":
        from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

        return S3FileSystem(
            endpoint_override=self.endpoint, region=self.region, anonymous=self.is_anonymous,
            connect_timeout=10, request_timeout=30,
            retry_strategy=AwsStandardS3RetryStrategy(max_attempts=4),
        )  # fmt: skip


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Tell the errors of Arrow's client as those of newsds; those of the local disk pass, which name a file or number."""
    try:
        yield
    except FileNotFoundError as error:
        if error.filename is not None:
            raise
        raise ReleaseNotFoundError(f"{where}: not found") from None
    except OSError as error:
        if error.errno is not None:
            raise
        raise _refusal(where, " ".join(str(error).split())[:300]) from None


def _refusal(where: str, reason: str) -> ReleaseError:
    if "NO_SUCH_BUCKET" in reason:
        return ReleaseNotFoundError(f"{where}: no such bucket")
    if "ACCESS_DENIED" in reason:
        advice = "give credentials as for the AWS tools, or set NEWSDS_S3_ANONYMOUS=1 for a public bucket"
        return RemoteError(f"{where}: not allowed; {advice}", status=403)
    return RemoteError(f"{where}: {reason}")
