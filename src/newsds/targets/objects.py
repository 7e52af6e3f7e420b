"""Objects of a bucket by way of boto3: sent once, in parts where large, and written under a condition."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsds.errors import MissingExtraError, NewsdsError, OutputError, RemoteError

__all__ = ["ObjectStore", "saying"]

#: Size of a part, and from which size files go in parts: a stopped call need not send a whole part again.
PART_BYTES = 64 * 2**20

_CHUNK_BYTES = 2**20

#: Tries of each request, by boto3's own means.
_TRIES = 5

#: Answers to a condition that does not hold.
_MOVED = (409, 412)


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectStore:
    """The objects under a prefix."""

    client: Any
    bucket: str
    prefix: str

    @classmethod
    def open(cls, bucket: str, prefix: str) -> "ObjectStore":
        """Return the objects under a prefix; boto3 finds credentials and endpoint by its own rules.

        Raises:
            MissingExtraError: boto3 is not installed.
        """
        try:
            import boto3
            from botocore.config import Config
        except ImportError:
            raise MissingExtraError("boto3", extra="s3", purpose="publishing to S3") from None
        config = Config(
            retries={"mode": "standard", "total_max_attempts": _TRIES},
            max_pool_connections=16,
            user_agent_extra="newsds",
        )
        # A session of its own: the default one remembers credentials for as long as the process lives.
        client = boto3.session.Session().client("s3", config=config)
        return cls(client=client, bucket=bucket, prefix=prefix)

    def _named(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": f"{self.prefix}/{key}" if self.prefix else key}

    def size(self, key: str) -> int | None:
        """Return the size of an object; None if there is none."""
        found = _or_none(lambda: self.client.head_object(**self._named(key)))
        return None if found is None else int(found["ContentLength"])

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Return content and ETag of an object; None if there is none."""
        found = _or_none(lambda: self.client.get_object(**self._named(key)))
        return None if found is None else (found["Body"].read(), found["ETag"])

    def hash(self, key: str) -> str | None:
        """Return the SHA-256 of an object's content; None if there is none."""
        found = _or_none(lambda: self.client.get_object(**self._named(key)))
        if found is None:
            return None
        digest = hashlib.sha256()
        for chunk in found["Body"].iter_chunks(_CHUNK_BYTES):
            digest.update(chunk)
        return digest.hexdigest()

    def put(self, key: str, data: bytes) -> None:
        """Write an object."""
        self.client.put_object(**self._named(key), Body=data)

    def put_if(self, key: str, data: bytes, *, etag: str | None) -> bool:
        """Write an object if it is still the one with an ETag, or still absent for None; tell whether it was."""
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            self.client.put_object(**self._named(key), Body=data, ContentType="application/json", **condition)
        except Exception as error:
            if _status(error) in _MOVED:
                return False
            raise
        return True

    def put_file(self, key: str, path: Path, sha256: str) -> None:
        """Write an object from a file; the store is told the SHA-256, and may compare."""
        if path.stat().st_size > PART_BYTES:
            self._put_parts(key, path)
            return
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        with path.open("rb") as stream:
            self.client.put_object(**self._named(key), Body=stream, ChecksumSHA256=checksum)

    def _put_parts(self, key: str, path: Path) -> None:
        """Send a file in parts, without those that an earlier call has sent."""
        upload = {**self._named(key), "UploadId": self._upload(key)}
        there = self._sent_parts(upload)
        parts: list[dict[str, Any]] = []
        for number, data in enumerate(_slices(path), start=1):
            etag = f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
            if there.get(number) != (etag, len(data)):
                etag = self.client.upload_part(**upload, PartNumber=number, Body=data)["ETag"]
            parts.append({"PartNumber": number, "ETag": etag})
        self.client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})

    def _upload(self, key: str) -> str:
        """Return the upload in parts that was begun for an object, or begin one."""
        name = self._named(key)["Key"]
        found = self.client.list_multipart_uploads(Bucket=self.bucket, Prefix=name)
        for upload in found.get("Uploads", ()):
            if upload["Key"] == name:
                return str(upload["UploadId"])
        return str(self.client.create_multipart_upload(**self._named(key))["UploadId"])

    def _sent_parts(self, upload: dict[str, str]) -> dict[int, tuple[str, int]]:
        """Return number to MD5 and size of the parts that are there."""
        pages = self.client.get_paginator("list_parts").paginate(**upload)
        return {
            part["PartNumber"]: (part["ETag"], part["Size"])
            for page in pages
            for part in page.get("Parts", ())
        }


def _slices(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while data := stream.read(PART_BYTES):
            yield data


def _or_none(call: Any) -> Any:
    """Return what a call returns; None if the object, but not the bucket, is missing."""
    try:
        return call()
    except Exception as error:
        if _status(error) == 404 and _code(error) != "NoSuchBucket":
            return None
        raise


def _status(error: Exception) -> int | None:
    response = getattr(error, "response", None) or {}
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return int(status) if status else None


def _code(error: Exception) -> str:
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


@contextmanager
def saying(where: str) -> Iterator[None]:
    """Turn errors of boto3 into errors of newsds; no message holds a key or a signature.

    Raises:
        RemoteError: the store refused, failed, or was not reached.
        OutputError: a file of this machine cannot be read.
    """
    try:
        yield
    except NewsdsError:
        raise
    except OSError as error:
        raise OutputError(f"{error.filename or where}: {error.strerror or error}") from None
    except Exception as error:
        if not type(error).__module__.startswith(("boto3", "botocore")):
            raise
        status = _status(error)
        raise RemoteError(f"{where}: {_words(error, status)}", status=status) from None


_ADVICE = {
    "NoSuchBucket": "there is no such bucket; make it first",
    "AccessDenied": "access is denied; the credentials need GetObject, PutObject and ListBucketMultipartUploads there",
    "SlowDown": "the store asks to slow down; run the same command later, what was sent is kept",
    "InvalidAccessKeyId": "the access key is not known",
    "SignatureDoesNotMatch": "the secret key does not fit the access key",
    "ExpiredToken": "the credentials have expired; renew them",
    "NotImplemented": "the store knows no conditional writes, without which publishing is not safe",
}

_ADVICE_BY_STATUS = {
    401: "the credentials are not accepted",
    403: _ADVICE["AccessDenied"],
    404: _ADVICE["NoSuchBucket"],
    429: _ADVICE["SlowDown"],
    501: _ADVICE["NotImplemented"],
    503: _ADVICE["SlowDown"],
}


def _words(error: Exception, status: int | None) -> str:
    kind = type(error).__name__
    if status is not None:
        known = _ADVICE.get(_code(error)) or _ADVICE_BY_STATUS.get(status)
        if known is None and status >= 500:
            known = f"the store failed, {_TRIES} times; run the same command later, what was sent is kept"
        return f"{known or f'the store refused: {_code(error)[:60]}'} ({status})"
    if "Credential" in kind or "Token" in kind or "Profile" in kind or "Region" in kind:
        return f"boto3 finds no usable credentials ({kind}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret"
    return (
        f"the connection failed, {_TRIES} times ({kind}); run the same command again, what was sent is kept"
    )
