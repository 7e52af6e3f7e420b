"""The cache: what was fetched, under the hash of its content."""

from collections.abc import Mapping
from pathlib import Path

__all__ = ["cache_folder"]


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of the cache: `NEWSDS_CACHE`, else `newsds` in the user's cache folder."""
    if chosen := environment.get("NEWSDS_CACHE"):
        return Path(chosen).expanduser()
    return Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache").expanduser() / "newsds"
