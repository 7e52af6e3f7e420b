"""Releases on a web server: bounded tries, ranges, and no trust in what the server says of itself."""

import http.client
import io
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeVar

from newsds.errors import IntegrityError, ReleaseError, ReleaseNotFoundError, RemoteError
from newsds.version import VERSION

__all__ = ["RangeFile", "WebPlace", "quote"]

#: Tries of one request, and the longest wait between two, in seconds.
TRIES = 5
MAX_WAIT = 30.0

#: Seconds without a byte after which a server is given up.
TIMEOUT = 30.0

#: An answer that may be another one later.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

_CHUNK = 2**20

_T = TypeVar("_T")


def pause(seconds: float) -> None:
    """Wait before the next try."""
    time.sleep(seconds)


class _CutError(Exception):
    """A connection that failed, or an answer that may be better later."""

    def __init__(self, reason: str, *, status: int | None = None, wait: float | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.wait = wait


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Redirects that stay on the web, and stay encrypted once they are."""

    def redirect_request(  # noqa: PLR0917 # as the library calls it
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        scheme = urllib.parse.urlsplit(newurl).scheme
        if scheme not in ("http", "https") or (req.full_url.startswith("https:") and scheme == "http"):
            raise RemoteError(f"{req.full_url}: leads to {scheme}://, which is not followed", status=code)
        followed = super().redirect_request(req, fp, code, msg, headers, newurl)
        if followed is not None and urllib.parse.urlsplit(newurl).netloc == req.host:
            followed.unredirected_hdrs.update(req.unredirected_hdrs)
        return followed


@cache
def _opener() -> urllib.request.OpenerDirector:
    """Return an opener for http and https alone, without `file:`, `ftp:` and `data:`."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        _SafeRedirects(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def quote(path: str) -> str:
    """Return a path of a release as part of a URL."""
    return urllib.parse.quote(path, safe="/")


@dataclass(frozen=True, kw_only=True, slots=True)
class WebPlace:
    """A release at a URL that ends in a slash."""

    url: str
    #: Sent with every request, such as a token; to no other host.
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return self.url

    def folders(self) -> None:
        """Return None: a web server has no list of its folders."""

    def below(self, folder: str) -> "WebPlace":
        """Return a folder below."""
        return WebPlace(url=f"{self.url}{quote(folder)}/", headers=self.headers)

    def read(self, path: str, *, limit: int) -> bytes:
        """Return the bytes of a small file.

        Raises:
            ReleaseNotFoundError: the server has none.
            ReleaseError: it is longer than the limit.
            RemoteError: the server refuses, or keeps failing.
        """

        def once() -> bytes:
            with self._open(path) as answer:
                data = answer.read(limit + 1)
                if len(data) > limit:
                    raise ReleaseError(
                        f"{self.url}{path}: larger than {limit:,} bytes; not a descriptor of a release"
                    )
                if answer.length:  # what the server promised and did not send
                    raise _CutError("the connection was cut")
                return data

        return self._persist(path, once)

    def download(self, path: str, target: Path, *, n_bytes: int) -> None:
        """Write a file of a known size; a cut download goes on where it was.

        Raises:
            IntegrityError: the server says, or sends, another size.
            ReleaseNotFoundError, RemoteError: as for `read`.
        """
        with target.open("wb") as stream:
            self._persist(path, lambda: self._continue(path, stream, n_bytes))

    def open(self, path: str, *, n_bytes: int) -> BinaryIO:
        """Return a file that fetches what is read of it."""
        return io.BufferedReader(RangeFile(self, path, n_bytes), 2**16)

    def data_paths(self) -> tuple[str, ...]:
        """Return nothing: a web server has no list of its files."""
        return ()

    def read_range(self, path: str, start: int, n_bytes: int) -> bytes:
        """Return some bytes from the middle of a file.

        Raises:
            RemoteError: the server does not know ranges, refuses, or keeps failing.
        """

        def once() -> bytes:
            with self._open(path, {"Range": f"bytes={start}-{start + n_bytes - 1}"}) as answer:
                if answer.status != 206:
                    raise RemoteError(
                        f"{self.url}{path}: the server does not serve ranges; load without streaming"
                    )
                data = answer.read(n_bytes)
                if len(data) < n_bytes:
                    raise _CutError("the connection was cut")
                return data

        return self._persist(path, once)

    def _continue(self, path: str, stream: BinaryIO, n_bytes: int) -> None:
        done = stream.tell()
        with self._open(path, {"Range": f"bytes={done}-"} if done else {}) as answer:
            if answer.status != 206 or not str(answer.headers.get("Content-Range")).startswith(
                f"bytes {done}-"
            ):
                stream.seek(0)
                stream.truncate()
                done = 0
            if answer.length is not None and answer.length != n_bytes - done:
                raise _other_size(path, n_bytes, done + answer.length)
            while chunk := answer.read(min(_CHUNK, n_bytes - stream.tell() + 1)):
                stream.write(chunk)
                if stream.tell() > n_bytes:
                    raise _other_size(path, n_bytes, stream.tell())
        if stream.tell() < n_bytes:
            raise _CutError(f"the connection was cut after {stream.tell():,} of {n_bytes:,} bytes")

    def _open(self, path: str, headers: Mapping[str, str] | None = None) -> http.client.HTTPResponse:
        url = self.url + quote(path)
        request = urllib.request.Request(url, headers={  # noqa: S310 # the opener knows http and https alone
            "User-Agent": f"newsds/{VERSION}", "Accept-Encoding": "identity", **(headers or {})
        })  # fmt: skip
        for name, value in self.headers.items():
            request.add_unredirected_header(name, value)
        answer: http.client.HTTPResponse = _opener().open(request, timeout=TIMEOUT)
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            answer.close()
            raise RemoteError(
                f"{url}: comes compressed, though it was asked for as it is", status=answer.status
            )
        return answer

    def _persist(self, path: str, once: Callable[[], _T]) -> _T:
        """Do something once more, and again, while the reason that it failed may pass."""
        for number in range(TRIES):
            try:
                return _translated(self.url + quote(path), once)
            except _CutError as cut:
                last = cut
                if number < TRIES - 1:
                    pause(min(MAX_WAIT, cut.wait if cut.wait is not None else 0.5 * 2**number))
        raise RemoteError(
            f"{self.url}{quote(path)}: {last}, {TRIES} times; try again later", status=last.status
        ) from None


def _translated(url: str, once: Callable[[], _T]) -> _T:
    """Do something, with the errors of the library told apart as those that may pass and those that will not."""
    try:
        return once()
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(url, error) from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLCertVerificationError):
            raise RemoteError(f"{url}: {error.reason.verify_message}") from None
        raise _CutError(f"cannot be reached ({error.reason})") from None
    except (http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError) as error:
        raise _CutError(f"the connection was cut ({str(error) or type(error).__name__})") from None


def _refusal(url: str, error: urllib.error.HTTPError) -> Exception:
    match error.code:
        case 404 | 410:
            return ReleaseNotFoundError(f"{url}: not found")
        case 401 | 403:
            return RemoteError(f"{url}: not allowed (status {error.code})", status=error.code)
        case 416:
            return _CutError("asked for a part that is not there (status 416)", status=416, wait=0)
        case code if code in _PASSING:
            return _CutError(
                f"status {code}", status=code, wait=_retry_after(error.headers.get("Retry-After"))
            )
    return RemoteError(f"{url}: status {error.code}", status=error.code)


def _retry_after(text: str | None) -> float | None:
    """Return the seconds a server asks us to wait; None if it does not say."""
    if text is None:
        return None
    if text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None
    return max(0.0, moment - time.time())


def _other_size(path: str, expected: int, found: int) -> IntegrityError:
    return IntegrityError(
        f"{path}: the server has {found:,} bytes or more, the manifest says {expected:,}",
        path=path, expected=str(expected), found=str(found),
    )  # fmt: skip


class RangeFile(io.RawIOBase):
    """A file on a web server, read in pieces."""

    def __init__(self, place: WebPlace, path: str, n_bytes: int) -> None:
        self._place = place
        self._path = path
        self._size = n_bytes
        self._at = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to where the next read begins."""
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        """Return where the next read begins."""
        return self._at

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override] # narrower on purpose
        """Fetch as many bytes as a buffer takes."""
        n_bytes = max(0, min(len(buffer), self._size - self._at))
        if n_bytes:
            buffer[:n_bytes] = self._place.read_range(self._path, self._at, n_bytes)
        self._at += n_bytes
        return n_bytes
