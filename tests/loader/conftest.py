"""Releases to load, and a cache of their own for each test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loader.web_server import WebServer, serve
from release.conftest import Release, write_release


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, which every load of the test uses."""
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)  # waits for the disk; no test cuts the power
    monkeypatch.setenv("NEWSDS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    for name in ("HF_HUB_OFFLINE", "NEWSDS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release that no test changes."""
    return write_release(tmp_path_factory.mktemp("harbour-news"))


@pytest.fixture
def copy(harbour: Release, tmp_path: Path) -> Callable[[str], Path]:
    """A function that copies the release into the test's folder, where it may be spoilt."""

    def copy_to(name: str = "harbour-news") -> Path:
        return shutil.copytree(harbour.folder, tmp_path / name)

    return copy_to


@pytest.fixture
def web(harbour: Release, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """The release on a web server; waits between tries are noted, not waited."""
    with serve(harbour.folder) as served:
        monkeypatch.setattr("newsds.loader.web.pause", served.waits.append)
        yield served
