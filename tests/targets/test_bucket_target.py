import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import newsds
from newsds.depot import POINTER, Inventory, Pointer, object_key
from newsds.errors import IntegrityError, OutputError, RemoteError, TargetMovedError, VersionExistsError
from newsds.targets import objects
from targets.command import run_loudly
from targets.releases import files_of

boto3 = pytest.importorskip("boto3")

TARGET = "s3://harbour/data/news"
PREFIX = "data/news/"
SECRET = "wJalrXUtnFEMI-test-secret"

# The server's own code, not that of newsds.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:moto", "ignore::ResourceWarning")


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """An S3 server on the loopback."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(
        ip_address="127.0.0.1", port=0, verbose=False
    )
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a client once for each address and key: making one takes longer than publishing."""
    real = objects.ObjectStore.open

    def open_store(bucket: str, prefix: str) -> objects.ObjectStore:
        key = tuple(os.environ.get(name) for name in ("AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID"))
        if key not in CLIENTS:
            CLIENTS[key] = real(bucket, prefix)
        return replace(CLIENTS[key], bucket=bucket, prefix=prefix)

    monkeypatch.setattr(objects.ObjectStore, "open", open_store)


CLIENTS: dict[tuple[str | None, ...], objects.ObjectStore] = {}


@pytest.fixture
def s3(s3_address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """An empty bucket, and an environment in which clients find it."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIATEST",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_S3": s3_address,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }.items():
        monkeypatch.setenv(name, value)
    client = objects.ObjectStore.open("harbour", "").client
    client.create_bucket(Bucket="harbour")
    yield client
    for item in client.list_objects_v2(Bucket="harbour").get("Contents", ()):
        client.delete_object(Bucket="harbour", Key=item["Key"])
    for upload in client.list_multipart_uploads(Bucket="harbour").get("Uploads", ()):
        client.abort_multipart_upload(Bucket="harbour", Key=upload["Key"], UploadId=upload["UploadId"])
    client.delete_bucket(Bucket="harbour")


def read(s3: Any, key: str) -> bytes:
    return s3.get_object(Bucket="harbour", Key=PREFIX + key)["Body"].read()


def contents(s3: Any, version: str) -> dict[str, bytes]:
    """Return path to content of a release, as a reader finds it by the layout."""
    pointer = Pointer.from_bytes(read(s3, POINTER), where="pointer")
    found = pointer.release(version)
    assert found is not None
    inventory = read(s3, object_key(found.inventory))
    assert len(inventory) == found.n_bytes
    listed = Inventory.from_bytes(inventory, where="inventory")
    return {item.path: read(s3, object_key(item.sha256)) for item in listed.files}


def keys(s3: Any) -> set[str]:
    return {item["Key"] for item in s3.list_objects_v2(Bucket="harbour").get("Contents", ())}


@pytest.fixture
def calls(s3: Any) -> Iterator[list[str]]:
    """The calls that newsds makes, by name."""
    made: list[str] = []

    def note(model: Any, **_: Any) -> None:
        made.append(model.name)

    events = objects.ObjectStore.open("harbour", "").client.meta.events
    events.register("before-call.s3", note)
    yield made
    events.unregister("before-call.s3", note)


def step_in(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Have something happen just before newsds writes the pointer."""
    real = objects.ObjectStore.put_if

    def put_if(store: objects.ObjectStore, key: str, data: bytes, *, etag: str | None) -> bool:
        act()
        return real(store, key, data, etag=etag)

    monkeypatch.setattr(objects.ObjectStore, "put_if", put_if)


def test_content_lies_under_its_digest_and_one_pointer_shows_it(s3: Any, releases: Path) -> None:
    published = newsds.publish(releases / "1.2.0", TARGET)
    assert contents(s3, "1.2.0") == files_of(releases / "1.2.0")
    named = {key.removeprefix(PREFIX) for key in keys(s3)} - {POINTER}
    assert named == {object_key(hashlib.sha256(read(s3, key)).hexdigest()) for key in named}
    assert published.revision in {key.rsplit("/", 1)[1] for key in named}


def test_the_next_version_stands_beside_the_last_and_shares_its_content(s3: Any, releases: Path) -> None:
    newsds.publish(releases / "1.2.0", TARGET)
    second = newsds.publish(releases / "1.3.0", TARGET)
    assert contents(s3, "1.2.0") == files_of(releases / "1.2.0")
    assert contents(s3, "1.3.0") == files_of(releases / "1.3.0")
    assert second.n_bytes_sent < second.n_bytes


def test_the_same_release_may_be_published_again(s3: Any, releases: Path, calls: list[str]) -> None:
    newsds.publish(releases / "1.2.0", TARGET)
    calls.clear()
    assert newsds.publish(releases / "1.2.0", TARGET).plan.is_published
    assert "PutObject" not in calls


def test_another_release_of_the_version_is_refused(s3: Any, releases: Path) -> None:
    newsds.publish(releases / "1.2.0", TARGET)
    with pytest.raises(VersionExistsError, match=r"1\.2\.0 is there and is another release"):
        newsds.publish(releases / "other-1.2.0", TARGET)
    assert contents(s3, "1.2.0") == files_of(releases / "1.2.0")


def test_another_dataset_is_refused(s3: Any, releases: Path) -> None:
    newsds.publish(releases / "1.2.0", TARGET)
    with pytest.raises(OutputError, match="holds the dataset harbour-news"):
        newsds.publish(releases / "coast-1.4.0", TARGET)


def test_a_dry_run_writes_nothing(s3: Any, releases: Path) -> None:
    looked = newsds.publish(releases / "1.2.0", TARGET, dry_run=True)
    assert looked.n_bytes_sent == looked.n_bytes
    assert keys(s3) == set()


def test_of_two_publishers_at_once_one_is_told(
    s3: Any, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def come_first() -> None:
        if not done:
            done.append("1.3.0")
            newsds.publish(releases / "1.3.0", TARGET)

    step_in(monkeypatch, come_first)
    with pytest.raises(TargetMovedError, match="Run the same command again"):
        newsds.publish(releases / "1.2.0", TARGET)
    assert contents(s3, "1.3.0") == files_of(releases / "1.3.0")
    again = newsds.publish(releases / "1.2.0", TARGET)
    assert again.n_bytes_sent == 0
    assert contents(s3, "1.2.0") == files_of(releases / "1.2.0")


def test_of_two_publishers_of_one_release_both_are_content(
    s3: Any, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is one whose write came about although the answer was lost."""
    done: list[str] = []

    def come_first() -> None:
        if not done:
            done.append("1.2.0")
            newsds.publish(releases / "1.2.0", TARGET)

    step_in(monkeypatch, come_first)
    newsds.publish(releases / "1.2.0", TARGET)
    pointer = Pointer.from_bytes(read(s3, POINTER), where="pointer")
    assert [item.version for item in pointer.releases] == ["1.2.0"]


def test_what_was_sent_is_not_sent_again(
    s3: Any, releases: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[bool] = []

    def stop_once() -> None:
        if not stopped:
            stopped.append(True)
            raise KeyboardInterrupt

    step_in(monkeypatch, stop_once)
    with pytest.raises(KeyboardInterrupt):
        newsds.publish(releases / "1.2.0", TARGET)
    assert PREFIX + POINTER not in keys(s3)
    calls.clear()
    newsds.publish(releases / "1.2.0", TARGET)
    assert calls.count("PutObject") == 1  # the pointer
    assert contents(s3, "1.2.0") == files_of(releases / "1.2.0")


def test_large_files_go_in_parts_and_only_missing_parts_go_again(
    s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "PART_BYTES", 5 * 2**20)
    large = tmp_path / "large.bin"
    large.write_bytes(b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(400_000)))
    sha256 = hashlib.sha256(large.read_bytes()).hexdigest()
    store = objects.ObjectStore.open("harbour", "data/news")
    sent: list[int] = []

    def watch(params: dict[str, Any], **_: Any) -> None:
        if len(sent) == 2:
            raise KeyboardInterrupt
        sent.append(params["PartNumber"])

    store.client.meta.events.register("provide-client-params.s3.UploadPart", watch)
    with pytest.raises(KeyboardInterrupt):
        store.put_file(object_key(sha256), large, sha256)
    store.client.meta.events.unregister("provide-client-params.s3.UploadPart", watch)
    store.client.meta.events.register(
        "provide-client-params.s3.UploadPart", lambda params, **_: sent.append(params["PartNumber"])
    )
    store.put_file(object_key(sha256), large, sha256)
    assert sent == [1, 2, 3]
    assert store.hash(object_key(sha256)) == sha256


def test_content_that_is_not_what_its_name_says_is_never_pointed_at(s3: Any, releases: Path) -> None:
    shard = next((releases / "1.2.0").rglob("*.parquet")).read_bytes()
    key = PREFIX + object_key(hashlib.sha256(shard).hexdigest())
    s3.put_object(Bucket="harbour", Key=key, Body=shard[::-1])
    with pytest.raises(IntegrityError, match=r"nothing was published\. Delete that object"):
        newsds.publish(releases / "1.2.0", TARGET)
    assert PREFIX + POINTER not in keys(s3)
    s3.delete_object(Bucket="harbour", Key=key)
    newsds.publish(releases / "1.2.0", TARGET)


def test_content_of_another_size_is_sent_anew(s3: Any, releases: Path) -> None:
    shard = next((releases / "1.2.0").rglob("*.parquet")).read_bytes()
    s3.put_object(
        Bucket="harbour", Key=PREFIX + object_key(hashlib.sha256(shard).hexdigest()), Body=shard[:-1]
    )
    newsds.publish(releases / "1.2.0", TARGET)
    assert contents(s3, "1.2.0") == files_of(releases / "1.2.0")


def test_a_bucket_that_is_not_there_is_told(s3: Any, releases: Path) -> None:
    with pytest.raises(RemoteError, match=r"no such bucket; make it first \(404\)"):
        newsds.publish(releases / "1.2.0", "s3://nowhere-to-be-found/data")


def test_missing_credentials_are_told(s3: Any, releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(RemoteError, match="set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret"):
        newsds.publish(releases / "1.2.0", TARGET)


@pytest.mark.slow
@pytest.mark.parametrize("place", ["s3://harbour/data/news", "s3://nowhere-to-be-found/data"])
def test_the_secret_key_is_nowhere(s3: Any, releases: Path, tmp_path: Path, place: str) -> None:
    done = run_loudly(tmp_path / "user", str(releases / "1.2.0"), place, level="DEBUG")
    assert (done.returncode == 0) == (place == TARGET), done.stderr[-2000:]
    assert "DEBUG:botocore" in done.stderr
    stored = {key: s3.get_object(Bucket="harbour", Key=key)["Body"].read() for key in keys(s3)}
    written = {
        **files_of(tmp_path / "user"),
        **stored,
        "output": done.stdout.encode(),
        "errors": done.stderr.encode(),
    }
    assert [name for name, data in written.items() if SECRET.encode() in data] == []


# ---- a store that fails ----


class Failing(BaseHTTPRequestHandler):
    """Answers everything with one error of S3, or not at all."""

    protocol_version = "HTTP/1.1"
    status = 500
    code = "InternalError"
    n_requests = 0

    def answer(self) -> None:
        type(self).n_requests += 1
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.status == 0:
            self.close_connection = True
            return
        body = f"<Error><Code>{self.code}</Code><Message>{self.headers['Authorization']}</Message></Error>".encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    do_GET = do_HEAD = do_PUT = do_POST = answer  # noqa: N815 # names that http.server calls

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("status", "code", "words", "most"),
    [
        (403, "AccessDenied", "access is denied", 1),
        (403, "SignatureDoesNotMatch", "secret key does not fit", 1),
        (429, "SlowDown", "asks to slow down", 5),
        (503, "SlowDown", "asks to slow down", 5),
        (500, "InternalError", "the store failed, 5 times", 5),
        (0, "", "the connection failed, 5 times", 5),
    ],
)
def test_a_store_that_fails_is_asked_a_few_times_and_then_told(
    s3: Any, releases: Path, monkeypatch: pytest.MonkeyPatch, *, status: int, code: str, words: str, most: int
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    handler = type("Handler", (Failing,), {"status": status, "code": code, "n_requests": 0})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{server.server_address[1]}")
    try:
        with pytest.raises(RemoteError, match=words) as told:
            newsds.publish(releases / "1.2.0", TARGET)
    finally:
        server.shutdown()
        server.server_close()
    assert handler.n_requests <= most
    assert SECRET not in str(told.value)
    assert "AKIA" not in str(told.value)
    assert "\n" not in str(told.value)
