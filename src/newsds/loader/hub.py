"""Releases on the Hugging Face Hub: a version is a tag, and is read by its commit, which never changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsds.errors import MissingExtraError, ReleaseNotFoundError, RemoteError
from newsds.loader.web import WebPlace
from newsds.semver import Version

__all__ = ["HubStore"]


@dataclass(frozen=True, kw_only=True, slots=True)
class HubStore:
    """A dataset repository."""

    repository: str
    endpoint: str
    token: str | None

    @classmethod
    def of(cls, repository: str, environment: Mapping[str, str]) -> "HubStore":
        """Return a repository of the Hub that the environment names, with the token its library finds.

        Raises:
            MissingExtraError: `huggingface_hub` is not installed.
        """
        try:
            from huggingface_hub import constants, get_token
        except ModuleNotFoundError:
            raise MissingExtraError("huggingface_hub", extra="hf", purpose="hf://") from None
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
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

        api = HfApi(endpoint=self.endpoint, token=self.token or False)
        try:
            tags = api.list_repo_refs(self.repository, repo_type="dataset").tags
        except RepositoryNotFoundError:
            raise ReleaseNotFoundError(
                f"{self}: no such dataset, or a private one; log in by `hf auth login`"
            ) from None
        except HfHubHTTPError as error:
            status = getattr(error.response, "status_code", None)
            raise RemoteError(f"{self}: the Hub answered with status {status}", status=status) from None
        except (OSError, _http_error()) as error:
            raise RemoteError(f"{self}: {self.endpoint} cannot be reached ({type(error).__name__})") from None
        return {
            version: tag.target_commit
            for tag in tags
            if tag.name.startswith("v") and (version := Version.find(tag.name))
        }

    def at(self, revision: str) -> WebPlace:
        """Return the files of a commit."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return WebPlace(
            url=f"{self.endpoint}/datasets/{self.repository}/resolve/{revision}/", headers=headers
        )


def _http_error() -> Any:
    """Return the root of the errors of the library's HTTP client, which is not the same in all its versions."""
    from huggingface_hub import errors

    return getattr(errors, "HTTPError", OSError)
