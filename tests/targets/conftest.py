"""Releases to publish: written once, copied where a test spoils them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from targets.releases import write_release


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of releases that no test changes: 1.2.0, 1.3.0 with some other rows, 1.4.0, another 1.2.0, another dataset."""
    folder = tmp_path_factory.mktemp("releases")
    write_release(folder / "1.2.0", n_shards=4)
    write_release(folder / "1.3.0", version="1.3.0", n_shards=3, words=" It was corrected.")
    write_release(folder / "1.4.0", version="1.4.0", n_shards=2)
    write_release(folder / "other-1.2.0", n_shards=4, words=" It was changed.")
    write_release(folder / "coast-1.4.0", version="1.4.0", name="coast-news")
    return folder


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The seconds that clients would have waited between tries."""
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    return waited
