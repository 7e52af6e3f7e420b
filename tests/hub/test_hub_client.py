"""The test Hub, driven by the released `huggingface_hub` and `datasets`: what newsds is tried on must be like the real one."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, HfFileSystem, constants
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from hub.repository import RefusedError
from hub.state import READER, WRITER, CutError, Hub, Request

REPOSITORY = "org/news"


@pytest.fixture
def api(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> HfApi:
    if not hub.has_xet:
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    api = HfApi(endpoint=hub.address, token=WRITER)
    api.create_repo(REPOSITORY, repo_type="dataset")
    return api


def send(api: HfApi, files: dict[str, bytes], **options: Any) -> str:
    operations = [CommitOperationAdd(path, content) for path, content in files.items()]
    return api.create_commit(
        REPOSITORY, operations, commit_message="send", repo_type="dataset", **options
    ).oid


def head_of(api: HfApi) -> str | None:
    return api.repo_info(REPOSITORY, repo_type="dataset").sha


def paths_of(api: HfApi, revision: str = "main") -> list[str]:
    return api.list_repo_files(REPOSITORY, repo_type="dataset", revision=revision)


def test_a_repository_is_made_once(api: HfApi) -> None:
    with pytest.raises(HfHubHTTPError, match="409"):
        api.create_repo(REPOSITORY, repo_type="dataset")
    assert api.create_repo(REPOSITORY, repo_type="dataset", exist_ok=True).repo_id == REPOSITORY
    api.delete_repo(REPOSITORY, repo_type="dataset")
    with pytest.raises(RepositoryNotFoundError):
        head_of(api)


def test_files_come_back_as_they_were_sent(api: HfApi) -> None:
    files = {
        "README.md": b"---\nlicense: mit\n---\n",
        "data/a.bin": os.urandom(70_000),
        "data/b.bin": b"",
        "c.txt": b"c",
    }
    oid = send(api, files)
    assert head_of(api) == oid
    assert set(paths_of(api)) == {".gitattributes", *files}
    for path, content in files.items():
        assert Path(api.hf_hub_download(REPOSITORY, path, repo_type="dataset")).read_bytes() == content


def test_the_tree_names_large_files_by_their_sha256(api: HfApi) -> None:
    import hashlib

    content = os.urandom(50_000)
    send(api, {"data/a.bin": content, "data/deep/b.txt": b"b"})
    tree = {item.path: item for item in api.list_repo_tree(REPOSITORY, repo_type="dataset", recursive=True)}
    assert tree["data/a.bin"].lfs.sha256 == hashlib.sha256(content).hexdigest()
    assert tree["data/a.bin"].size == 50_000
    assert tree["data/deep/b.txt"].lfs is None
    flat = {item.path for item in api.list_repo_tree(REPOSITORY, repo_type="dataset")}
    assert flat == {".gitattributes", "data"}
    found = api.get_paths_info(REPOSITORY, ["data/a.bin", "none"], repo_type="dataset", expand=True)
    assert [item.path for item in found] == ["data/a.bin"]


def test_long_listings_come_in_pages(api: HfApi, hub: Hub) -> None:
    send(api, {f"many/{number:04d}.txt": b"x" for number in range(1_100)})
    assert len(paths_of(api)) == 1_101
    n_pages = sum("/tree/" in item.path for item in hub.requests)
    assert n_pages >= 3


def test_a_stale_parent_is_refused(api: HfApi) -> None:
    parent = head_of(api)
    send(api, {"a.txt": b"1"}, parent_commit=parent)
    with pytest.raises(HfHubHTTPError, match="412"):
        send(api, {"a.txt": b"2"}, parent_commit=parent)
    assert Path(api.hf_hub_download(REPOSITORY, "a.txt", repo_type="dataset")).read_bytes() == b"1"


def test_a_tag_stands_still_while_main_moves(api: HfApi) -> None:
    first = send(api, {"a.txt": b"1"})
    api.create_tag(REPOSITORY, tag="v1.0.0", revision=first, repo_type="dataset")
    send(api, {"a.txt": b"2"})
    with pytest.raises(HfHubHTTPError, match="409"):
        api.create_tag(REPOSITORY, tag="v1.0.0", repo_type="dataset")
    old = api.hf_hub_download(REPOSITORY, "a.txt", repo_type="dataset", revision="v1.0.0")
    assert Path(old).read_bytes() == b"1"
    assert [
        (item.name, item.target_commit) for item in api.list_repo_refs(REPOSITORY, repo_type="dataset").tags
    ] == [("v1.0.0", first)]
    assert len(api.list_repo_commits(REPOSITORY, repo_type="dataset")) == 3
    api.delete_tag(REPOSITORY, tag="v1.0.0", repo_type="dataset")
    with pytest.raises(RevisionNotFoundError):
        paths_of(api, "v1.0.0")


def test_branches(api: HfApi) -> None:
    api.create_branch(REPOSITORY, branch="draft", repo_type="dataset")
    send(api, {"a.txt": b"1"}, revision="draft")
    assert "a.txt" in paths_of(api, "draft")
    assert "a.txt" not in paths_of(api)
    api.delete_branch(REPOSITORY, branch="draft", repo_type="dataset")


def test_files_and_folders_can_go_in_the_commit_that_brings_others(api: HfApi) -> None:
    send(api, {"old/a.txt": b"1", "old/b.txt": b"2", "c.txt": b"3"})
    operations = [
        CommitOperationDelete("old/"),
        CommitOperationDelete("c.txt"),
        CommitOperationAdd("new/a.txt", b"4"),
    ]
    api.create_commit(REPOSITORY, operations, commit_message="swap", repo_type="dataset")
    assert set(paths_of(api)) == {".gitattributes", "new/a.txt"}


def test_content_that_is_there_is_not_sent_again(api: HfApi, hub: Hub) -> None:
    files = {f"data/{number}.bin": os.urandom(2_000) for number in range(20)}
    send(api, files)
    n_before = len([item for item in hub.requests if item.method == "PUT"])
    send(api, {f"moved/{path}": content for path, content in files.items()})
    assert len([item for item in hub.requests if item.method == "PUT"]) == n_before


def test_large_files_can_go_in_parts(lfs_hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    lfs_hub.part_bytes = 30_000
    api = HfApi(endpoint=lfs_hub.address, token=WRITER)
    api.create_repo(REPOSITORY, repo_type="dataset")
    content = os.urandom(100_000)
    (tmp_path / "large.bin").write_bytes(content)
    api.upload_file(
        path_or_fileobj=tmp_path / "large.bin",
        path_in_repo="large.bin",
        repo_id=REPOSITORY,
        repo_type="dataset",
    )
    assert sum(item.method == "PUT" for item in lfs_hub.requests) == 4
    assert Path(api.hf_hub_download(REPOSITORY, "large.bin", repo_type="dataset")).read_bytes() == content


def test_a_whole_folder_goes_up_and_its_checksums_agree(api: HfApi, tmp_path: Path) -> None:
    (tmp_path / "folder/data").mkdir(parents=True)
    for number in range(8):
        (tmp_path / f"folder/data/{number}.bin").write_bytes(os.urandom(9_000))
    api.upload_folder(repo_id=REPOSITORY, repo_type="dataset", folder_path=tmp_path / "folder")
    local = api.snapshot_download(REPOSITORY, repo_type="dataset", local_dir=tmp_path / "back")
    for path in (tmp_path / "folder").rglob("*.bin"):
        assert Path(local, path.relative_to(tmp_path / "folder")).read_bytes() == path.read_bytes()


def test_ranges_of_a_file(api: HfApi, hub: Hub) -> None:
    content = os.urandom(10_000)
    send(api, {"a.bin": content})
    for wanted, expected in (
        ("bytes=10-19", content[10:20]),
        ("bytes=9990-", content[9990:]),
        ("bytes=-5", content[-5:]),
    ):
        request = urllib.request.Request(
            f"{hub.address}/datasets/{REPOSITORY}/resolve/main/a.bin", headers={"Range": wanted}
        )
        with urllib.request.urlopen(request) as answer:
            assert (answer.status, answer.read()) == (206, expected)
    filesystem = HfFileSystem(endpoint=hub.address, token=WRITER)
    with filesystem.open(f"datasets/{REPOSITORY}/a.bin", "rb", block_size=1_000) as stream:
        stream.seek(5_000)
        assert stream.read(100) == content[5_000:5_100]


@pytest.mark.parametrize(("token", "status"), [("hf_wrong", "401"), (READER, "403"), (False, "401")])
def test_only_a_token_with_write_access_writes(lfs_hub: Hub, token: str | bool, status: str) -> None:
    HfApi(endpoint=lfs_hub.address, token=WRITER).create_repo(REPOSITORY, repo_type="dataset")
    with pytest.raises(HfHubHTTPError, match=status):
        send(HfApi(endpoint=lfs_hub.address, token=token), {"a.txt": b"1"})


def test_errors_have_the_names_that_clients_know(api: HfApi) -> None:
    with pytest.raises(RepositoryNotFoundError):
        api.repo_info("org/none", repo_type="dataset")
    with pytest.raises(RevisionNotFoundError):
        paths_of(api, "v9")
    with pytest.raises(EntryNotFoundError):
        api.hf_hub_download(REPOSITORY, "none.txt", repo_type="dataset")


def test_a_cut_connection_leaves_no_commit(api: HfApi, hub: Hub) -> None:
    def cut(request: Request, moment: str) -> None:
        if "/commit/" in request.path and moment == "before":
            raise CutError

    hub.fault = cut
    with pytest.raises(Exception, match=r"(?i)disconnect|reset|closed"):
        send(api, {"a.txt": b"1"})
    hub.fault = None
    assert len(hub.repository(REPOSITORY).commits) == 1


def test_a_busy_hub_is_asked_again(api: HfApi, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    refused = []

    def refuse(request: Request, moment: str) -> None:
        if "/preupload/" in request.path and moment == "before" and len(refused) < 2:
            refused.append(request)
            raise RefusedError(429, "slow down")

    hub.fault = refuse
    send(api, {"a.txt": b"1"})
    assert len(refused) == 2
    assert "a.txt" in paths_of(api)


LOADING = """
import datasets, sys
rows = datasets.load_dataset("org/news", revision=sys.argv[1], split="train")
lazy = datasets.load_dataset("org/news", revision=sys.argv[1], split="train", streaming=True)
assert [row["n"] for row in lazy] == rows["n"]
print(sum(rows["n"]), len(rows))
"""


@pytest.mark.slow
def test_datasets_loads_the_revision_it_is_asked_for(api: HfApi, tmp_path: Path) -> None:
    for version, numbers in (("v1.0.0", range(30)), ("v2.0.0", range(50))):
        pq.write_table(pa.table({"n": list(numbers)}), tmp_path / "train.parquet")
        oid = send(api, {"data/train-00000-of-00001.parquet": (tmp_path / "train.parquet").read_bytes()})
        api.create_tag(REPOSITORY, tag=version, revision=oid, repo_type="dataset")
    for version, n in (("v1.0.0", 30), ("v2.0.0", 50)):
        done = subprocess.run(
            [sys.executable, "-c", LOADING, version], capture_output=True, text=True, check=True, timeout=300
        )
        assert done.stdout.split() == [str(sum(range(n))), str(n)]
