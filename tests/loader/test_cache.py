"""The cache: whole objects only, bounded, and shared by processes."""

import hashlib
import json
import multiprocessing
import os
import subprocess
import sys
import time

import pytest

import newsds
from newsds.errors import IntegrityError, OutputError, UsageError
from newsds.loader.cache import Cache, Pin, cache_folder


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(cache: Cache, data: bytes):
    return cache.add(digest(data), len(data), lambda path: path.write_bytes(data), name="x")


@pytest.fixture
def small(tmp_path) -> Cache:
    return Cache(folder=tmp_path / "cache", max_bytes=100)


def test_an_object_is_downloaded_once(small):
    path = put(small, b"harbour")
    assert path.read_bytes() == b"harbour"
    assert small.add(digest(b"harbour"), 7, lambda _: pytest.fail("downloaded again"), name="x") == path
    assert (small.folder / "CACHEDIR.TAG").exists()


@pytest.mark.parametrize("data", [b"", b"harbou", b"harbour!", b"HARBOUR"])
def test_other_content_is_refused_and_not_kept(small, data):
    with pytest.raises(IntegrityError):
        small.add(digest(b"harbour"), 7, lambda path: path.write_bytes(data), name="x")
    assert not small.objects()
    assert not list((small.folder / "partial").iterdir())


def test_a_failed_download_leaves_nothing(small):
    def fail(path):
        path.write_bytes(b"har")
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError):
        small.add(digest(b"harbour"), 7, fail, name="x")
    assert not list((small.folder / "partial").iterdir())


def test_an_object_somebody_touched_is_hashed_again(small):
    path = put(small, b"harbour")
    os.utime(path)
    assert small.find(digest(b"harbour"), 7) == path
    path.chmod(0o644)
    path.write_bytes(b"HARBOUR")
    assert small.find(digest(b"harbour"), 7) is None
    assert put(small, b"harbour").read_bytes() == b"harbour"


def test_the_least_recently_used_go_first(small):
    data = [bytes([number]) * 40 for number in range(3)]
    for item in data[:2]:
        put(small, item)
        time.sleep(0.01)
    small.find(digest(data[0]), 40)
    put(small, data[2])
    assert {item.sha256 for item in small.objects()} == {digest(data[0]), digest(data[2])}


def test_what_is_in_use_stays(small):
    data = [bytes([number]) * 40 for number in range(3)]
    small.lease(digest(data[0]))
    for item in data:
        put(small, item)
    assert digest(data[0]) in {item.sha256 for item in small.objects()}
    small.release(digest(data[0]))
    assert small.clean() == 80
    assert not small.objects()


def test_what_another_process_uses_stays_until_it_ends(small):
    put(small, b"harbour")
    code = (
        "import sys; from pathlib import Path; from newsds.loader.cache import Cache\n"
        "Cache(folder=Path(sys.argv[1])).lease(sys.argv[2]); print('leased', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(small.folder), digest(b"harbour")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "leased\n"
        assert small.clean() == 0
        process.kill()
    assert small.clean() == 7
    assert not [
        path for path in (small.folder / "leases").iterdir() if not path.name.startswith(f"{os.getpid()}-")
    ]


def test_more_than_fits_is_refused(small):
    with pytest.raises(OutputError, match="NEWSDS_CACHE_MAX_BYTES"):
        put(small, bytes(101))


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be kept in the cache"):
        put(Cache(folder=tmp_path / "file"), b"harbour")


def test_damaged_objects_are_found_and_dropped(small):
    put(small, b"harbour")
    path = put(small, b"quay")
    path.chmod(0o644)
    path.write_bytes(b"QUAY")
    assert [item.sha256 for item in small.damaged()] == [digest(b"quay")]
    assert [item.sha256 for item in small.objects()] == [digest(b"harbour")]


def test_pins_are_kept_and_damaged_ones_passed_over(small):
    pin = Pin(place="https://x.example/", version="1.2.0", revision="", manifest="{}")
    small.pin(pin)
    small.pin(Pin(place="https://y.example/", version="1.2.0", revision="", manifest="{}"))
    assert small.pins("https://x.example/") == [pin]
    assert len(small.pins()) == 2
    for path in (small.folder / "pins").rglob("*.json"):
        path.write_text(json.dumps({"place": "x"}))
    assert small.pins() == []


def test_the_environment_says_where_and_how_much():
    assert str(cache_folder({"NEWSDS_CACHE": "/x"})) == "/x"
    assert str(cache_folder({"XDG_CACHE_HOME": "/y"})) == "/y/newsds"
    assert Cache.of({"NEWSDS_CACHE_MAX_BYTES": "7"}, "/z") == Cache(
        folder=cache_folder({"NEWSDS_CACHE": "/z"}), max_bytes=7
    )
    with pytest.raises(UsageError, match="not a number"):
        Cache.of({"NEWSDS_CACHE_MAX_BYTES": "10GB"})


def load_in_process(url: str, folder: str, results) -> None:
    try:
        results.put(newsds.load(url, cache=folder).to_arrow().num_rows)
    except newsds.NewsdsError as error:
        results.put(repr(error))


def test_processes_that_load_at_once_fetch_each_file_once(web, cache):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    processes = [
        context.Process(target=load_in_process, args=(web.url, str(cache), results)) for _ in range(3)
    ]
    for process in processes:
        process.start()
    assert [results.get(timeout=60) for _ in processes] == [5, 5, 5]
    for process in processes:
        process.join()
    shards = [path for path in web.requests if path.endswith(".parquet")]
    assert len(shards) == len(set(shards)) == 4


def test_a_killed_download_is_started_anew(web, cache):
    """A process dies with a download half-way; what it left is no harm and goes with the next one."""
    first = "/data/articles/test-00000-of-00001.parquet"
    code = (
        "import os, sys, newsds\n"
        "from newsds.loader.web import WebPlace\n"
        "def die(self, path, target, *, n_bytes):\n"
        "    target.write_bytes(b'half'); os._exit(9)\n"
        "WebPlace.download = die\n"
        "newsds.load(sys.argv[1], split='test')"
    )
    environment = {**os.environ, "NEWSDS_CACHE": str(cache)}
    assert subprocess.run([sys.executable, "-c", code, web.url], env=environment, check=False).returncode == 9
    assert len(list((cache / "partial").iterdir())) == 1
    assert newsds.load(web.url, split="test").to_arrow().num_rows == 1
    assert first in web.requests
    assert not list((cache / "partial").iterdir())
