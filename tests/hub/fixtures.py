"""Fixtures that give a test a Hub of its own and a client's environment that knows no other."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.server import serve
from hub.state import WRITER, Hub


def stay_on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a test fail at once that asks for any other machine than this one."""
    look_up = socket.getaddrinfo

    def look_up_here(host: Any, *arguments: Any, **options: Any) -> Any:
        assert host in ("127.0.0.1", "localhost", None), f"a test asks for {host}"
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up_here)


@pytest.fixture
def hub_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of the Hub's clients: no token, no cache, no telemetry, nothing on the screen."""
    from huggingface_hub import constants

    stay_on_loopback(monkeypatch)
    home = tmp_path / "hf-home"
    home.mkdir()
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(home))
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(home / "token"))
    monkeypatch.setattr(constants, "HF_STORED_TOKENS_PATH", str(home / "stored_tokens"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(constants, "HF_XET_CACHE", str(home / "xet"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
    return home


def _serve(folder: Path, monkeypatch: pytest.MonkeyPatch, *, has_xet: bool) -> Iterator[Hub]:
    from huggingface_hub import constants

    with serve(Hub(folder, has_xet=has_xet)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("HF_TOKEN", WRITER)
        monkeypatch.setattr(constants, "ENDPOINT", hub.address)
        template = f"{hub.address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield hub


@pytest.fixture
def lfs_hub(hub_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub that keeps large files as LFS objects and knows no Xet, as self-hosted ones do."""
    yield from _serve(tmp_path / "hub", monkeypatch, has_xet=False)


@pytest.fixture
def xet_hub(hub_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub with a Xet store in a local folder."""
    pytest.importorskip("hf_xet")
    yield from _serve(tmp_path / "hub", monkeypatch, has_xet=True)


@pytest.fixture(params=["lfs", "xet"])
def hub(request: pytest.FixtureRequest) -> Hub:
    """A Hub, once with LFS and once with Xet."""
    found: Hub = request.getfixturevalue(f"{request.param}_hub")
    return found
