"""Releases on a web server: fetched, verified, kept, and read without a network."""

import json
import os
import time

import pytest

import newsds
from loader.web_server import Handler
from newsds.errors import (
    IntegrityError,
    NotCachedError,
    OutputError,
    ReleaseError,
    ReleaseNotFoundError,
    RemoteError,
    UsageError,
    VersionNotFoundError,
)
from newsds.loader.cache import Cache


def files_in(folder):
    return {path.name for path in folder.rglob("*") if path.is_file()}


def kept(cache):
    """Names of objects, and of anything that is half-written."""
    return files_in(cache / "objects") | files_in(cache / "partial")


def shards_of(release, config="articles"):
    return [shard for shard in release.manifest.files if shard.config == config]


def test_a_release_is_fetched_once_and_the_same(harbour, web, cache):
    loaded = newsds.load(web.url)
    assert loaded.to_arrow() == newsds.load(harbour.folder).to_arrow()
    assert kept(cache) == {shard.sha256 for shard in shards_of(harbour)}
    n_requests = len(web.requests)
    assert newsds.load(web.url, version="1.2.0").to_arrow() == loaded.to_arrow()
    assert len(web.requests) == n_requests
    assert {seen["User-Agent"] for seen in web.seen} == {f"newsds/{newsds.__version__}"}


def test_only_what_is_wanted_is_fetched(harbour, web):
    newsds.load(web.url, split="test")
    assert [path for path in web.requests if path.endswith(".parquet")] == [
        "/data/articles/test-00000-of-00001.parquet"
    ]


def test_a_streamed_release_is_fetched_file_by_file(harbour, web, cache):
    loaded = newsds.load(web.url, streaming=True)
    assert kept(cache) == set()
    batches = iter(loaded)
    next(batches)
    assert len(kept(cache)) == 1
    assert sum(batch.num_rows for batch in batches) == 3
    assert next(iter(loaded.to_datasets()["train"]))["id"] == harbour.articles["train"][0]["id"]


def test_a_streamed_release_that_is_believed_is_read_in_parts(harbour, web, cache):
    loaded = newsds.load(web.url, streaming=True, verify="manifest", columns=["id"])
    assert loaded.to_arrow()["id"].to_pylist() == newsds.load(harbour.folder).to_arrow()["id"].to_pylist()
    assert kept(cache) == set()
    assert any("Range" in seen for seen in web.seen)


def test_a_pinned_version_is_read_offline_and_never_another(harbour, web, cache, monkeypatch):
    newsds.load(web.url, split="train")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    n_requests = len(web.requests)
    assert newsds.load(f"{web.url}@1.2.0", split="train").to_arrow().num_rows == 3
    assert newsds.load(web.url, version=">=1,<2", split="train").version == "1.2.0"
    with pytest.raises(NotCachedError, match=r"test-00000-of-00001\.parquet not in the cache") as caught:
        newsds.load(web.url, version="1.2.0", split="test")
    assert caught.value.missing == ("data/articles/test-00000-of-00001.parquet",)
    with pytest.raises(NotCachedError, match=r"and .* and 1 more files not in the cache"):
        newsds.load(web.url, version="1.2.0")
    with pytest.raises(NotCachedError, match=r"1\.1\.0 was not loaded before; in the cache: 1\.2\.0"):
        newsds.load(web.url, version="1.1.0")
    with pytest.raises(NotCachedError, match=r"no version was asked for; in the cache: 1\.2\.0"):
        newsds.load(web.url)
    with pytest.raises(NotCachedError, match="none is in the cache"):
        newsds.load("https://nowhere.invalid/release", version="1.2.0")
    assert len(web.requests) == n_requests
    assert newsds.load(web.url, offline=False).version == "1.2.0"


def test_a_folder_of_releases_is_asked_for_the_exact_version(harbour, web, tmp_path, copy):
    release = copy("site/harbour/1.2.0")
    assert release.is_dir()
    web.folder = tmp_path / "site"
    assert newsds.load(f"{web.url}harbour", version="1.2.0").to_arrow().num_rows == 5
    assert newsds.load(f"{web.url}harbour/1.2.0").version == "1.2.0"
    with pytest.raises(ReleaseNotFoundError, match="no release there"):
        newsds.load(f"{web.url}harbour")
    with pytest.raises(ReleaseNotFoundError):
        newsds.load(f"{web.url}harbour@1.3.0")


def test_another_version_than_asked_for_is_refused(web):
    with pytest.raises(VersionNotFoundError, match=r"there are 1\.2\.0") as caught:
        newsds.load(web.url, version="2.0.0")
    assert caught.value.available == ("1.2.0",)
    with pytest.raises(UsageError, match="asks for version"):
        newsds.load(f"{web.url}@1.2.0", version="1.3.0")


@pytest.mark.parametrize(
    "where",
    [
        "ftp://host/release",
        "https://host/release?x=1",
        "https:///release",
        "hf://models/a/b",
        "hf://datasets/a/../b",
        "s3://B",
    ],
)
def test_an_address_of_no_known_form_is_refused(where):
    with pytest.raises(UsageError):
        newsds.load(where)


# A server that fails


def only(suffix, act):
    """Return a fault that strikes one kind of file."""
    return lambda request, n_before: request.path.endswith(suffix) and act(request, n_before)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("suffix", ["manifest.json", ".parquet"])
def test_a_passing_failure_is_waited_out(web, status, suffix):
    web.fault = only(
        suffix, lambda request, n_before: n_before < 2 and request.refuse(status, {"Retry-After": "7"})
    )
    assert newsds.load(web.url).to_arrow().num_rows == 5
    assert set(web.waits) == {7.0}


@pytest.mark.parametrize(
    ("status", "error", "message", "n_tries"),
    [
        (401, RemoteError, "not allowed", 1),
        (403, RemoteError, "not allowed", 1),
        (404, ReleaseNotFoundError, "not found", 1),
        (410, ReleaseNotFoundError, "not found", 1),
        (418, RemoteError, "status 418", 1),
        (429, RemoteError, "status 429, 5 times", 5),
        (500, RemoteError, "status 500, 5 times", 5),
        (503, RemoteError, "status 503, 5 times", 5),
        (416, RemoteError, "status 416", 5),
    ],
)
def test_a_lasting_refusal_is_told_and_leaves_nothing(web, cache, *, status, error, message, n_tries):
    web.fault = only("test-00000-of-00001.parquet", lambda request, _: request.refuse(status))
    with pytest.raises(error, match=message) as caught:
        newsds.load(web.url, split="test")
    if isinstance(caught.value, RemoteError):
        assert caught.value.status == status
    assert web.requests.count("/data/articles/test-00000-of-00001.parquet") == n_tries
    assert kept(cache) == set()
    web.fault = None
    assert newsds.load(web.url, split="test").to_arrow().num_rows == 1


def test_the_longest_wait_is_bounded(web):
    web.fault = only("manifest.json", lambda request, _: request.refuse(503, {"Retry-After": "86400"}))
    with pytest.raises(RemoteError):
        newsds.load(web.url)
    assert set(web.waits) == {30.0}


def test_a_cut_download_goes_on_where_it_was(web, harbour):
    n_bytes = shards_of(harbour)[-1].n_bytes
    web.fault = only(
        "test-00000-of-00001.parquet", lambda request, n_before: n_before == 0 and request.cut(n_bytes // 2)
    )
    assert newsds.load(web.url, split="test").to_arrow().num_rows == 1
    assert f"bytes={n_bytes // 2}-" in [seen.get("Range") for seen in web.seen]


def test_a_server_without_ranges_starts_over(web):
    def fault(request: Handler, n_before: int) -> bool:
        if n_before == 0:
            return request.cut(1000)
        request.send(200, request.content())
        return True

    web.fault = only("test-00000-of-00001.parquet", fault)
    assert newsds.load(web.url, split="test").to_arrow().num_rows == 1


def test_a_part_that_does_not_fit_is_caught(web, cache):
    def fault(request: Handler, n_before: int) -> bool:
        if n_before == 0:
            return request.cut(1000)
        data = request.content()
        request.send(206, data[999:-1], {"Content-Range": f"bytes 1000-{len(data) - 1}/{len(data)}"})
        return True

    web.fault = only("test-00000-of-00001.parquet", fault)
    with pytest.raises(IntegrityError, match="sha256"):
        newsds.load(web.url, split="test")
    assert kept(cache) == set()


@pytest.mark.parametrize("n_bytes", [0, 1, 1000])
def test_a_download_that_always_stops_is_given_up(web, cache, n_bytes):
    web.fault = only("test-00000-of-00001.parquet", lambda request, _: request.cut(n_bytes))
    with pytest.raises(RemoteError, match=r"cut.* 5 times"):
        newsds.load(web.url, split="test")
    assert kept(cache) == set()


def test_a_manifest_that_is_cut_is_asked_for_again(web):
    web.fault = only("manifest.json", lambda request, n_before: n_before == 0 and request.cut(100))
    assert newsds.load(web.url, split="test").to_arrow().num_rows == 1


@pytest.mark.parametrize("n_more", [-1, 1, 10**15])
def test_a_lying_length_is_refused_before_anything_is_read(web, cache, n_more):
    def fault(request: Handler, _: int) -> bool:
        data = request.content()
        request.send(200, data, n_stated=len(data) + n_more)
        request.close_connection = True
        return True

    web.fault = only("test-00000-of-00001.parquet", fault)
    with pytest.raises(IntegrityError, match="the server has"):
        newsds.load(web.url, split="test")
    assert kept(cache) == set()


def test_a_stream_without_an_end_is_cut_off(web, cache):
    def fault(request: Handler, _: int) -> bool:
        request.send_response(200)
        request.send_header("Connection", "close")
        request.end_headers()
        request.wfile.write(request.content() + bytes(10**6))
        request.close_connection = True
        return True

    web.fault = only("test-00000-of-00001.parquet", fault)
    with pytest.raises(IntegrityError, match="the server has"):
        newsds.load(web.url, split="test")
    assert kept(cache) == set()


def test_a_tampered_mirror_is_caught(web, cache):
    def fault(request: Handler, _: int) -> bool:
        data = bytearray(request.content())
        data[len(data) // 2] ^= 1
        request.send(200, bytes(data))
        return True

    web.fault = only(".parquet", fault)
    for options in ({}, {"verify": "off"}):
        with pytest.raises(IntegrityError, match=r"sha256 is .* the manifest says") as caught:
            newsds.load(web.url, **options)
        assert caught.value.path.startswith("data/articles/")
    assert kept(cache) == set()


def test_a_compressed_answer_is_refused(web):
    import gzip

    def fault(request: Handler, _: int) -> bool:
        request.send(200, gzip.compress(bytes(10**7)), {"Content-Encoding": "gzip"})
        return True

    web.fault = only("manifest.json", fault)
    with pytest.raises(RemoteError, match="comes compressed"):
        newsds.load(web.url)


def test_a_manifest_without_end_is_refused(web, monkeypatch):
    monkeypatch.setattr("newsds.loader.remote.MAX_MANIFEST_BYTES", 1000)
    with pytest.raises(ReleaseError, match="larger than 1,000 bytes"):
        newsds.load(web.url)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x"])
def test_a_redirect_does_not_leave_the_web(web, target):
    web.fault = lambda request, _: request.refuse(302, {"Location": target})
    with pytest.raises(RemoteError):
        newsds.load(web.url)


def test_a_redirect_on_the_web_is_followed_but_not_for_ever(web):
    web.fault = only("manifest.json", lambda request, _: "moved" not in request.path and request.refuse(
        302, {"Location": f"{web.url}moved/manifest.json"}))  # fmt: skip
    with pytest.raises(ReleaseNotFoundError, match="no release"):
        newsds.load(web.url)
    web.fault = lambda request, _: request.refuse(302, {"Location": request.path})
    with pytest.raises(RemoteError):
        newsds.load(web.url)


def test_a_server_that_is_not_there_is_told(web):
    with pytest.raises(RemoteError, match="cannot be reached"):
        newsds.load("http://127.0.0.1:1/release")


def test_a_full_disk_is_told_and_leaves_nothing(web, cache, monkeypatch):
    import errno

    def full(self, path, target, *, n_bytes):
        target.write_bytes(b"some")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("newsds.loader.web.WebPlace.download", full)
    with pytest.raises(OutputError, match="the disk is full"):
        newsds.load(web.url)
    assert kept(cache) == set()


def test_a_disk_with_too_little_room_is_told_before_the_download(web, cache, monkeypatch):
    monkeypatch.setattr(
        "shutil.disk_usage", lambda _: os.terminal_size((0, 0)) and type("Usage", (), {"free": 10})
    )
    with pytest.raises(OutputError, match="has 10 free"):
        newsds.load(web.url)
    assert not [path for path in web.requests if path.endswith(".parquet")]


def test_more_than_the_cache_holds_is_refused_unless_it_is_streamed(harbour, web, monkeypatch, cache):
    largest = max(shard.n_bytes for shard in shards_of(harbour))
    monkeypatch.setenv("NEWSDS_CACHE_MAX_BYTES", str(largest))
    with pytest.raises(OutputError, match="streaming=True"):
        newsds.load(web.url)
    assert newsds.load(web.url, streaming=True).to_arrow().num_rows == 5
    assert sum(path.stat().st_size for path in (cache / "objects").rglob("*") if path.is_file()) <= largest


def test_another_release_under_the_same_version_is_refused(web, cache, copy):
    newsds.load(web.url)
    release = copy()
    manifest = json.loads((release / "manifest.json").read_text())
    (release / "manifest.json").write_text(json.dumps({**manifest, "title": "Another"}))
    web.folder = release
    with pytest.raises(IntegrityError, match="is not the release of that version which was loaded before"):
        newsds.load(web.url)
    assert newsds.load(web.url, version="1.2.0").manifest.title != "Another"
    Cache(folder=cache).unpin(web.url, "1.2.0")
    assert newsds.load(web.url).manifest.title == "Another"


def test_the_next_file_is_fetched_while_one_is_read(web):
    """The second batch of a file is what starts it: whoever takes one batch alone waits for no more."""
    batches = newsds.load(web.url, streaming=True).batches(batch_size=1)
    next(batches)
    n_fetched = [path for path in web.requests if path.endswith(".parquet")]
    assert len(n_fetched) == 1
    next(batches)
    for _ in range(500):
        if len([path for path in web.requests if path.endswith(".parquet")]) == 2:
            break
        time.sleep(0.01)
    else:
        pytest.fail("the next file was not fetched")
    assert sum(batch.num_rows for batch in batches) == 3
    assert len([path for path in web.requests if path.endswith(".parquet")]) == 4


def test_a_failure_ahead_is_told_when_its_turn_comes(web):
    web.fault = only("train-00001-of-00002.parquet", lambda request, _: request.refuse(403))
    batches = newsds.load(web.url, streaming=True).batches(batch_size=1)
    assert len([next(batches), next(batches)]) == 2
    with pytest.raises(RemoteError, match="not allowed"):
        next(batches)
