"""Releases in depots: found by the pointer, read by their hashes."""

import json

import pytest

import newsds
from loader.depots import fill_depot, put_in
from newsds.errors import (
    IntegrityError,
    NotCachedError,
    ReleaseError,
    ReleaseNotFoundError,
    VersionNotFoundError,
)


@pytest.fixture
def depot(web, copy, tmp_path):
    """A depot of two versions on a web server."""
    releases = [copy("one"), copy("two")]
    for release, version in zip(releases, ("1.2.0", "1.10.0"), strict=True):
        manifest = json.loads((release / "manifest.json").read_text())
        (release / "manifest.json").write_text(json.dumps({**manifest, "version": version}))
    web.folder = tmp_path / "depot"
    fill_depot(releases, put_in(web.folder))
    return web


def test_a_version_is_found_by_the_pointer(harbour, depot):
    assert newsds.load(depot.url).version == "1.10.0"
    assert newsds.load(depot.url, version="<1.10").version == "1.2.0"
    loaded = newsds.load(f"{depot.url}@1.2.0")
    assert loaded.version == "1.2.0"
    assert loaded.to_arrow() == newsds.load(harbour.folder).to_arrow()
    with pytest.raises(VersionNotFoundError) as caught:
        newsds.load(depot.url, version="2.0.0")
    assert caught.value.available == ("1.2.0", "1.10.0")


def test_the_pointer_is_read_once_and_a_pinned_version_not_even_that(depot):
    newsds.load(depot.url, version="1.2.0", split="test")
    inventories = [path for path in depot.requests if depot.requests.count(path) > 1]
    assert inventories == []
    depot.requests.clear()
    newsds.load(depot.url, version="1.2.0", split="validation")
    assert "/releases.json" not in depot.requests
    assert newsds.load(depot.url, version="1.2.0", split="test", offline=True).n_rows == 1
    with pytest.raises(NotCachedError):
        newsds.load(depot.url, version="1.10.0", offline=True)


def test_a_streamed_depot_is_read_in_parts(depot):
    streamed = newsds.load(depot.url, streaming=True, verify="off", columns=["id"])
    assert streamed.to_arrow().num_rows == 5


def test_two_versions_that_share_files_fetch_them_once(depot, cache):
    newsds.load(depot.url, version="1.2.0")
    n_requests = len(depot.requests)
    newsds.load(depot.url, version="1.10.0")
    assert len(depot.requests) - n_requests <= 3
    assert len([path for path in (cache / "objects").rglob("*") if path.is_file()]) == 4


def test_an_object_that_is_not_its_name_is_refused(depot):
    for path in (depot.folder / "objects").rglob("*"):
        if path.is_file() and path.read_bytes()[:4] != b"PAR1":
            path.write_bytes(path.read_bytes().replace(b"1.", b"2.", 1))
    with pytest.raises(IntegrityError, match="its name says"):
        newsds.load(depot.url)


@pytest.mark.parametrize(
    ("pointer", "error"),
    [
        (b"{", ReleaseError),
        (b"[]", ReleaseError),
        (b'{"depot_version": "2.0.0", "name": "x", "releases": []}', ReleaseError),
        (b'{"depot_version": "1.0.0", "name": "x", "releases": []}', ReleaseNotFoundError),
        (b"[" * 100_000, ReleaseError),
    ],
)
def test_a_pointer_that_is_none_is_refused(depot, pointer, error):
    (depot.folder / "releases.json").write_bytes(pointer)
    with pytest.raises(error):
        newsds.load(depot.url)


def test_an_inventory_without_the_manifest_is_no_release(depot):
    (depot.folder / "releases.json").unlink()
    with pytest.raises(ReleaseNotFoundError, match="no release there"):
        newsds.load(depot.url)
