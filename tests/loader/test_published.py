"""What `newsds.publish` sends, loaded from each kind of target: the same rows, verified and offline."""

import shutil

import pytest

import newsds
from hub.state import Hub
from newsds.errors import IntegrityError
from targets.releases import write_release

moto_server = pytest.importorskip("moto.server")


@pytest.fixture
def release(tmp_path):
    return write_release(tmp_path / "release", n_shards=3)


@pytest.fixture
def store(monkeypatch):
    """An object store on loopback."""
    import boto3

    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket="published")
    yield "s3://published/harbour"
    server.stop()


def load_twice(place: str, release) -> None:
    """Load from a place with a network and then without one, and compare with the release itself."""
    expected = newsds.load(release).to_arrow()
    assert newsds.load(f"{place}@1.2.0").to_arrow() == expected
    assert newsds.load(f"{place}@1.2.0", offline=True).to_arrow() == expected


def test_from_a_folder(release, tmp_path):
    newsds.publish(release, tmp_path / "harbour")
    load_twice(str(tmp_path / "harbour"), release)


def test_from_s3(release, store):
    newsds.publish(release, store)
    load_twice(store, release)


def test_from_the_hub(release, hub: Hub):
    newsds.publish(release, "hf://datasets/org/harbour")
    load_twice("hf://datasets/org/harbour", release)


def test_from_a_depot_copied_to_a_web_server(release, store, web, tmp_path):
    import boto3

    newsds.publish(release, store)
    client = boto3.client("s3")
    for item in client.list_objects_v2(Bucket="published")["Contents"]:
        target = tmp_path / "site" / item["Key"]
        target.parent.mkdir(parents=True, exist_ok=True)
        client.download_file("published", item["Key"], str(target))
    web.folder = tmp_path / "site"
    load_twice(f"{web.url}harbour", release)
    for path in (web.folder / "harbour" / "objects").rglob("*"):
        if path.is_file() and path.read_bytes()[:4] == b"PAR1":
            path.write_bytes(path.read_bytes()[:-9] + b"x" + path.read_bytes()[-8:])
    shutil.rmtree(tmp_path / "cache")
    with pytest.raises(IntegrityError):
        newsds.load(f"{web.url}harbour@1.2.0")
