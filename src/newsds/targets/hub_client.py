"""The Hub's own client, set up for publishing: what it is asked to do, and what it is kept from."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsds.errors import MissingExtraError
from newsds.targets.hub_errors import patiently, status_of
from newsds.version import VERSION

if TYPE_CHECKING:
    from huggingface_hub import HfApi

__all__ = ["hash_file", "hub_api", "quiet_client", "read_file", "xet_where_there_is"]


def hub_api() -> "HfApi":
    """Return the client; it finds the Hub by `HF_ENDPOINT` and the token by `HF_TOKEN` or its own login.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        from huggingface_hub import HfApi
    except ImportError:
        raise MissingExtraError("huggingface_hub", extra="hf", purpose="publishing to the Hub") from None
    return HfApi(library_name="newsds", library_version=VERSION)


def read_file(api: "HfApi", repository: str, path: str, commit: str) -> bytes:
    """Return the content of a small file at a commit."""
    return patiently(lambda: b"".join(_chunks(api, repository, path, commit)))


def hash_file(api: "HfApi", repository: str, path: str, commit: str) -> str | None:
    """Return the SHA-256 of a file as the Hub hands it out at a commit; None if it does not have it."""

    def read() -> str:
        digest = hashlib.sha256()
        for chunk in _chunks(api, repository, path, commit):
            digest.update(chunk)
        return digest.hexdigest()

    try:
        return patiently(read)
    except Exception as error:
        if status_of(error) == 404:
            return None
        raise


def _chunks(api: "HfApi", repository: str, path: str, commit: str) -> Iterator[bytes]:
    """Yield a file by plain HTTP: neither the client's cache nor Xet's local chunks stand in for the Hub."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import build_hf_headers, hf_raise_for_status, http_stream_backoff

    url = hf_hub_url(repository, path, repo_type="dataset", revision=commit, endpoint=api.endpoint)
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    with http_stream_backoff("GET", url, max_retries=0, headers=headers, follow_redirects=True) as response:
        hf_raise_for_status(response)
        yield from response.iter_bytes()


@contextmanager
def quiet_client() -> Iterator[None]:
    """Keep the client's own progress bars off the screen."""
    from huggingface_hub import constants
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    if are_progress_bars_disabled() or constants.HF_HUB_DISABLE_PROGRESS_BARS is not None:
        yield
        return
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()


@contextmanager
def xet_where_there_is(api: "HfApi", repository: str) -> Iterator[None]:
    """Have files sent by LFS to a Hub that knows no Xet.

    With `hf_xet` installed the client insists on Xet and fails on such a Hub. Its one switch is read from the
    environment when it is imported, so the switch itself is set, for as long as this lasts.
    """
    from huggingface_hub import constants

    before = constants.HF_HUB_DISABLE_XET
    constants.HF_HUB_DISABLE_XET = before or not _has_xet(api, repository)
    try:
        yield
    finally:
        constants.HF_HUB_DISABLE_XET = before


def _has_xet(api: "HfApi", repository: str) -> bool:
    from huggingface_hub.utils import build_hf_headers, hf_raise_for_status, http_backoff

    url = f"{api.endpoint}/api/datasets/{repository}/xet-write-token/main"
    response = http_backoff("GET", url, headers=build_hf_headers())
    if response.status_code == 404:
        return False
    hf_raise_for_status(response)
    return True
