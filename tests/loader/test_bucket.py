"""Releases in S3, by moto's server on loopback."""

from pathlib import Path

import pytest

import newsds
from loader.depots import fill_depot
from newsds.errors import IntegrityError, ReleaseNotFoundError, RemoteError, VersionNotFoundError

moto_server = pytest.importorskip("moto.server")
boto3 = pytest.importorskip("boto3")


@pytest.fixture(scope="module")
def endpoint():
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint, monkeypatch, request):
    """An empty bucket, and a function that puts objects into it."""
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"news-{abs(hash(request.node.nodeid))}"
    client = boto3.client("s3")
    client.create_bucket(Bucket=name)
    return name, lambda key, data: client.put_object(Bucket=name, Key=key, Body=data)


def put_folder(folder: Path, prefix: str, put) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            put(f"{prefix}/{path.relative_to(folder).as_posix()}", path.read_bytes())


def test_a_depot_is_loaded_and_read_offline(harbour, bucket):
    name, put = bucket
    fill_depot([harbour.folder], lambda key, data: put(f"harbour/{key}", data))
    expected = newsds.load(harbour.folder).to_arrow()
    assert newsds.load(f"s3://{name}/harbour@1.2.0").to_arrow() == expected
    assert newsds.load(f"s3://{name}/harbour", version=">=1", offline=True).to_arrow() == expected
    with pytest.raises(VersionNotFoundError):
        newsds.load(f"s3://{name}/harbour@2.0.0")


def test_folders_named_by_version_and_a_release_alone_are_loaded_too(harbour, bucket):
    name, put = bucket
    put_folder(harbour.folder, "folders/1.2.0", put)
    put_folder(harbour.folder, "alone", put)
    assert newsds.load(f"s3://{name}/folders", split="test").version == "1.2.0"
    assert newsds.load(f"s3://{name}/alone", split="test").to_arrow().num_rows == 1
    streamed = newsds.load(f"s3://{name}/alone", streaming=True, verify="manifest", columns=["id"])
    assert streamed.to_arrow().num_rows == 5


def test_what_is_not_there_is_told(bucket):
    name, put = bucket
    put("other/readme", b"x")
    for where in (f"s3://{name}/nothing", f"s3://{name}/other", "s3://no-such-bucket-here/x"):
        with pytest.raises(ReleaseNotFoundError):
            newsds.load(where)


def test_other_content_is_refused(harbour, bucket, cache):
    name, put = bucket
    put_folder(harbour.folder, "spoilt", put)
    shard = newsds.load(harbour.folder, split="test").shards[0]
    data = (harbour.folder / shard.path).read_bytes()
    for spoilt in (data[:-1], data + b"x", data[:-9] + b"x" + data[-8:]):
        put(f"spoilt/{shard.path}", spoilt)
        with pytest.raises(IntegrityError):
            newsds.load(f"s3://{name}/spoilt", split="test")
    assert not list((cache / "partial").iterdir())


@pytest.mark.slow
def test_a_server_that_is_not_there_is_told(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(RemoteError):
        newsds.load("s3://bucket/harbour")
