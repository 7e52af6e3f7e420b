"""Releases on the Hub: a version is a tag, read by its commit; offline it is the pinned one or nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi

import newsds
from hub.repository import RefusedError
from hub.state import WRITER, CutError, Hub, Request
from newsds.errors import (
    IntegrityError,
    NotCachedError,
    ReleaseNotFoundError,
    RemoteError,
    VersionNotFoundError,
)

WHERE = "hf://datasets/org/news"


@pytest.fixture
def api(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> HfApi:
    if not hub.has_xet:
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr("newsds.loader.web.pause", lambda _seconds: None)
    api = HfApi(endpoint=hub.address, token=WRITER)
    api.create_repo("org/news", repo_type="dataset")
    return api


def publish(api: HfApi, release: Path, version: str) -> str:
    """Send a release in one commit, and tag it; its manifest says the version."""
    operations = []
    for path in sorted(release.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if path.name == "manifest.json":
                data = json.dumps({**json.loads(data), "version": version}).encode()
            operations.append(CommitOperationAdd(path.relative_to(release).as_posix(), data))
    commit = api.create_commit("org/news", operations, commit_message=version, repo_type="dataset").oid
    api.create_tag("org/news", tag=f"v{version}", revision=commit, repo_type="dataset")
    return commit


def test_a_version_is_read_by_its_tag(harbour, api):
    publish(api, harbour.folder, "1.2.0")
    publish(api, harbour.folder, "1.10.0")
    api.create_tag("org/news", tag="nightly", repo_type="dataset")
    assert newsds.load(f"{WHERE}@1.2.0").to_arrow() == newsds.load(harbour.folder).to_arrow()
    assert newsds.load(WHERE, split="test").version == "1.10.0"
    assert newsds.load(WHERE, version="<1.10", split="test").version == "1.2.0"
    with pytest.raises(VersionNotFoundError) as caught:
        newsds.load(WHERE, version="2.0.0")
    assert caught.value.available == ("1.2.0", "1.10.0")


def test_offline_it_is_the_pinned_version_or_nothing(harbour, api, hub, monkeypatch):
    """`load_dataset(revision="v1.0.0")` gives version 2 here: https://github.com/huggingface/datasets/issues/7928."""
    publish(api, harbour.folder, "1.2.0")
    newsds.load(f"{WHERE}@1.2.0")
    publish(api, harbour.folder, "2.0.0")
    newsds.load(f"{WHERE}@2.0.0", split="test")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    n_requests = len(hub.requests)
    assert newsds.load(f"{WHERE}@1.2.0").version == "1.2.0"
    assert newsds.load(f"{WHERE}@2.0.0", split="test").version == "2.0.0"
    with pytest.raises(
        NotCachedError, match=r"1\.1\.0 was not loaded before; in the cache: 1\.2\.0, 2\.0\.0"
    ):
        newsds.load(f"{WHERE}@1.1.0")
    assert len(hub.requests) == n_requests


@pytest.mark.slow
def test_plain_datasets_gives_the_same_rows_and_features(harbour, api, hub, hub_home):
    publish(api, harbour.folder, "1.2.0")
    ours = newsds.load(f"{WHERE}@1.2.0").to_datasets()
    code = (
        "import sys, pickle, datasets\n"
        "theirs = datasets.load_dataset('org/news', 'articles', revision='v1.2.0')\n"
        "pickle.dump({name: (rows.features, rows.to_list()) for name, rows in theirs.items()}, sys.stdout.buffer)\n"
    )
    environment = {**os.environ, "HF_HOME": str(hub_home), "HF_HUB_DISABLE_XET": "" if hub.has_xet else "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True)
    import pickle

    theirs = pickle.loads(done.stdout)
    assert list(theirs) == list(ours)
    for split, (features, rows) in theirs.items():
        assert features == ours[split].features
        assert rows == ours[split].to_list()


def test_a_moved_tag_is_refused(harbour, api):
    publish(api, harbour.folder, "1.2.0")
    newsds.load(WHERE, split="test")
    data = json.loads((harbour.folder / "manifest.json").read_text()) | {"title": "Another"}
    operation = CommitOperationAdd("manifest.json", json.dumps(data).encode())
    api.create_commit("org/news", [operation], commit_message="x", repo_type="dataset")
    api.delete_tag("org/news", tag="v1.2.0", repo_type="dataset")
    api.create_tag("org/news", tag="v1.2.0", repo_type="dataset")
    with pytest.raises(IntegrityError, match="which was loaded before"):
        newsds.load(WHERE)
    assert newsds.load(f"{WHERE}@1.2.0", split="test").manifest.title != "Another"


def test_a_dataset_that_is_not_there_is_told(hub):
    with pytest.raises(ReleaseNotFoundError, match="no such dataset"):
        newsds.load("hf://datasets/org/nothing")


def test_a_dataset_without_a_version_is_no_release(api):
    api.create_commit(
        "org/news", [CommitOperationAdd("README.md", b"x")], commit_message="x", repo_type="dataset"
    )
    with pytest.raises(ReleaseNotFoundError, match="no release there"):
        newsds.load(WHERE)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_is_told_without_the_token(harbour, api, hub, status):
    publish(api, harbour.folder, "1.2.0")

    def fault(request: Request, moment: str) -> None:
        if moment == "before" and "/resolve/" in request.path:
            raise RefusedError(status, "no")

    hub.fault = fault
    with pytest.raises(RemoteError, match="not allowed") as caught:
        newsds.load(WHERE)
    assert caught.value.status == status
    assert WRITER not in str(caught.value) + repr(caught.value)


def test_a_hub_that_fails_once_at_every_request_is_waited_out(harbour, api, hub):
    publish(api, harbour.folder, "1.2.0")
    failed = set()

    def fault(request: Request, moment: str) -> None:
        key = (request.method, request.path, moment, request.headers.get("Range"))
        if "/resolve/" in request.path and key not in failed:
            failed.add(key)
            if moment == "after":
                raise CutError
            raise RefusedError(503, "later")

    hub.fault = fault
    assert newsds.load(WHERE).to_arrow().num_rows == 5
    assert len(failed) > 10


def test_the_token_goes_to_the_hub_alone(harbour, api, hub):
    publish(api, harbour.folder, "1.2.0")
    hub.requests.clear()
    newsds.load(WHERE, split="test")
    asked = [request for request in hub.requests if "/resolve/" in request.path]
    assert asked
    assert all(
        {k.lower(): v for k, v in request.headers.items()}["authorization"].endswith(WRITER)
        for request in asked
    )
