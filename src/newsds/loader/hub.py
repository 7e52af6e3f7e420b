"""Releases on the Hugging Face Hub: a version is a tag, and is read by its commit, which never changes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from newsds.errors import ReleaseNotFoundError, RemoteError
from newsds.extras import require
from newsds.loader.web import WebPlace
from newsds.semver import Version

if TYPE_CHECKING:
    from huggingface_hub import HfApi

__all__ = ["HubPlace", "HubStore"]


@dataclass(frozen=True, kw_only=True, slots=True)
class HubStore:
    """A dataset repository."""

    repository: str
    endpoint: str
    token: str | None = field(repr=False)

    @classmethod
    def of(cls, repository: str, environment: Mapping[str, str]) -> "HubStore":
        """Return a repository of the Hub that the environment names, with the token its library finds.

        Raises:
            MissingExtraError: `huggingface_hub` is not installed.
        """
        require("huggingface_hub", extra="hf", purpose="hf://")
        from huggingface_hub import constants, get_token

        endpoint = environment.get("HF_ENDPOINT") or constants.ENDPOINT
        return cls(repository=repository, endpoint=endpoint.rstrip("/"), token=get_token())

    def __str__(self) -> str:
        return f"hf://datasets/{self.repository}"

    def versions(self) -> dict[Version, str]:
        """Return version to commit, by the tags named `v1.2.0`.

        Raises:
            ReleaseNotFoundError: there is no such repository, or not for us.
            RemoteError: the Hub refuses, or keeps failing.
        """
        with _told(self):
            tags = self.api().list_repo_refs(self.repository, repo_type="dataset").tags
        return {
            version: tag.target_commit
            for tag in tags
            if tag.name.startswith("v") and (version := Version.find(tag.name))
        }

    def at(self, revision: str) -> "HubPlace":
        """Return the files of a commit."""
        return HubPlace(store=self, commit=revision)

    def api(self) -> "HfApi":
        """Return the library's client."""
        from huggingface_hub import HfApi

        return HfApi(endpoint=self.endpoint, token=self.token or False)


@dataclass(frozen=True, kw_only=True, slots=True)
class HubPlace:
    """A commit of a repository. Its files are fetched as from any web server: in measure, and verified."""

    store: HubStore
    commit: str

    def read(self, path: str, *, limit: int) -> bytes:
        """Return the bytes of a small file."""
        return self._web().read(path, limit=limit)

    def download(self, path: str, target: Path, *, n_bytes: int) -> None:
        """Write a file of a known size."""
        self._web().download(path, target, n_bytes=n_bytes)

    def open(self, path: str, *, n_bytes: int) -> BinaryIO:
        """Return a file that fetches what is read of it."""
        return self._web().open(path, n_bytes=n_bytes)

    def data_paths(self) -> list[str]:
        """Return the paths of the files in `data/`."""
        from huggingface_hub.errors import EntryNotFoundError
        from huggingface_hub.hf_api import RepoFile

        tree = self.store.api().list_repo_tree
        try:
            with _told(self.store):
                found = list(
                    tree(
                        self.store.repository,
                        "data",
                        recursive=True,
                        revision=self.commit,
                        repo_type="dataset",
                    )
                )
        except EntryNotFoundError:
            return []
        return [item.path for item in found if isinstance(item, RepoFile)]

    def _web(self) -> WebPlace:
        store = self.store
        headers = {"Authorization": f"Bearer {store.token}"} if store.token else {}
        return WebPlace(
            url=f"{store.endpoint}/datasets/{store.repository}/resolve/{self.commit}/", headers=headers
        )


@contextmanager
def _told(store: HubStore) -> Iterator[None]:
    """Tell the errors of the library as those of newsds, but that of a missing file."""
    from huggingface_hub import errors

    # The root of the errors of its HTTP client, which is not the same library in all its versions.
    http_error = getattr(errors, "HTTPError", OSError)
    try:
        yield
    except errors.EntryNotFoundError:
        raise
    except errors.RepositoryNotFoundError:
        raise ReleaseNotFoundError(
            f"{store}: no such dataset, or a private one; log in by `hf auth login`"
        ) from None
    except errors.HfHubHTTPError as error:
        status = getattr(error.response, "status_code", None)
        raise RemoteError(f"{store}: the Hub answered with status {status}", status=status) from None
    except (OSError, http_error) as error:
        raise RemoteError(f"{store}: {store.endpoint} cannot be reached ({type(error).__name__})") from None
