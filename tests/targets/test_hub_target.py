import hashlib
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from huggingface_hub import CommitOperationAdd, HfApi, constants

import newsds
from hub.repository import RefusedError
from hub.state import READER, WRITER, CutError, Hub, Request
from newsds.errors import IntegrityError, OutputError, RemoteError, TargetMovedError, VersionExistsError
from newsds.targets import hub_errors
from newsds.targets.plan import Publication
from node.client import node_modules, run_node
from targets.releases import files_of, write_release

TARGET = "hf://datasets/org/news"


def contents(hub: Hub, revision: str = "main") -> dict[str, bytes]:
    """Return what a revision holds beside the Hub's own file."""
    files = hub.repository("org/news").resolve(revision).files
    return {path: hub.content(entry) for path, entry in files.items() if path != ".gitattributes"}


def n_puts(hub: Hub) -> int:
    return sum(item.method == "PUT" for item in hub.requests)


def test_one_commit_and_one_tag(hub: Hub, releases: Path) -> None:
    published = newsds.publish(releases / "1.2.0", TARGET)
    repository = hub.repository("org/news")
    assert [item.title for item in repository.history("main")] == ["harbour-news 1.2.0", "initial commit"]
    assert repository.tags == {"v1.2.0": published.revision}
    assert contents(hub, "v1.2.0") == files_of(releases / "1.2.0")
    assert published.digest in repository.resolve("main").message


def test_the_next_version_replaces_the_last_and_sends_what_is_new(hub: Hub, releases: Path) -> None:
    newsds.publish(releases / "1.2.0", TARGET)
    second = newsds.publish(releases / "1.3.0", TARGET)
    assert contents(hub) == files_of(releases / "1.3.0")
    assert contents(hub, "v1.2.0") == files_of(releases / "1.2.0")
    assert set(second.plan.to_remove) == set(files_of(releases / "1.2.0")) - set(files_of(releases / "1.3.0"))
    assert "schema/article-1.0.0.json" not in {item.path for item in second.plan.to_send}


def test_large_files_go_by_xet_where_there_is_xet_and_by_lfs_where_not(hub: Hub, releases: Path) -> None:
    newsds.publish(releases / "1.2.0", TARGET)
    assert (n_puts(hub) == 0) == hub.has_xet
    assert constants.HF_HUB_DISABLE_XET is False


def test_the_same_release_may_be_published_again(hub: Hub, releases: Path) -> None:
    newsds.publish(releases / "1.2.0", TARGET)
    n_written = len(hub.written())
    again = newsds.publish(releases / "1.2.0", TARGET)
    assert again.plan.is_published
    assert len(hub.written()) == n_written


def test_another_release_of_the_version_is_refused(lfs_hub: Hub, releases: Path) -> None:
    newsds.publish(releases / "1.2.0", TARGET)
    with pytest.raises(VersionExistsError, match=r"v1\.2\.0 is there and holds another release"):
        newsds.publish(releases / "other-1.2.0", TARGET)
    assert contents(lfs_hub) == files_of(releases / "1.2.0")


def test_readers_are_not_taken_back_to_an_earlier_version(lfs_hub: Hub, releases: Path) -> None:
    newsds.publish(releases / "1.3.0", TARGET)
    with pytest.raises(OutputError, match=r"main holds 1\.3\.0"):
        newsds.publish(releases / "1.2.0", TARGET)


def test_another_dataset_is_refused(lfs_hub: Hub, releases: Path) -> None:
    newsds.publish(releases / "1.2.0", TARGET)
    with pytest.raises(OutputError, match="holds the dataset harbour-news"):
        newsds.publish(releases / "coast-1.4.0", TARGET)


def test_a_dry_run_writes_nothing(lfs_hub: Hub, releases: Path) -> None:
    looked = newsds.publish(releases / "1.2.0", TARGET, dry_run=True)
    assert looked.n_bytes_sent == looked.n_bytes
    assert lfs_hub.repositories == {}
    newsds.publish(releases / "1.2.0", TARGET)
    n_written = len(lfs_hub.written())
    looked = newsds.publish(releases / "1.3.0", TARGET, dry_run=True)
    assert 0 < looked.n_bytes_sent < looked.n_bytes
    assert "- data/articles/train-00000-of-00004.parquet" in looked.to_text()
    assert len(lfs_hub.written()) == n_written


def test_a_private_repository_is_asked_for(lfs_hub: Hub, releases: Path) -> None:
    newsds.publish(releases / "1.2.0", TARGET, private=True)
    made = next(item for item in lfs_hub.requests if item.path == "/api/repos/create")
    assert made.json["visibility"] == "private"


def test_progress_adds_up(lfs_hub: Hub, releases: Path) -> None:
    seen: dict[str, int] = {}
    totals: dict[str, int] = {}

    def watch(step: str, n_bytes: int, total: int) -> None:
        seen[step] = seen.get(step, 0) + n_bytes
        totals[step] = total

    published = newsds.publish(releases / "1.2.0", TARGET, progress=watch)
    # The list of checksums is not one of the files that it lists.
    assert seen.pop("verifying") == published.n_files - 1
    assert totals.pop("verifying") == 0
    assert seen == totals == {"sending": published.n_bytes, "reading back": published.n_bytes}


# ---- somebody else ----


def test_a_moved_parent_is_told_and_nothing_is_visible(hub: Hub, releases: Path) -> None:
    newsds.publish(releases / "1.2.0", TARGET)

    def come_first(request: Request, moment: str) -> None:
        if "/commit/" in request.path and moment == "before":
            hub.fault = None
            operation = CommitOperationAdd("notes.txt", b"first")
            HfApi(token=WRITER).create_commit(
                "org/news", [operation], commit_message="notes", repo_type="dataset"
            )

    hub.fault = come_first
    with pytest.raises(TargetMovedError, match="Look at what came first, then run the same command again"):
        newsds.publish(releases / "1.3.0", TARGET)
    assert contents(hub) == {**files_of(releases / "1.2.0"), "notes.txt": b"first"}
    assert set(hub.repository("org/news").tags) == {"v1.2.0"}
    newsds.publish(releases / "1.3.0", TARGET)
    assert contents(hub) == files_of(releases / "1.3.0")


def test_a_tag_that_somebody_else_made_is_told(lfs_hub: Hub, releases: Path) -> None:
    newsds.publish(releases / "1.2.0", TARGET)

    def come_first(request: Request, moment: str) -> None:
        if "/tag/" in request.path and moment == "before":
            repository = lfs_hub.repository("org/news")
            repository.tags.setdefault("v1.3.0", repository.tags["v1.2.0"])

    lfs_hub.fault = come_first
    with pytest.raises(TargetMovedError, match=r"v1\.3\.0 was made by somebody else"):
        newsds.publish(releases / "1.3.0", TARGET)


def test_a_gitignore_on_the_hub_is_told(lfs_hub: Hub, releases: Path) -> None:
    api = HfApi(token=WRITER)
    api.create_repo("org/news", repo_type="dataset")
    api.upload_file(
        path_or_fileobj=b"*.parquet\n", path_in_repo=".gitignore", repo_id="org/news", repo_type="dataset"
    )
    with pytest.raises(OutputError, match=r"\.gitignore"):
        newsds.publish(releases / "1.2.0", TARGET)


# ---- trouble ----


def refusing(status: int, n_times: int, path: str = "", message: str = "no") -> tuple[list[Request], object]:
    refused: list[Request] = []

    def refuse(request: Request, moment: str) -> None:
        if moment == "before" and path in request.path and len(refused) < n_times:
            refused.append(request)
            raise RefusedError(status, message)

    return refused, refuse


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/refs", 429),
        ("/repos/create", 500),
        ("/preupload/", 503),
        ("/objects/batch", 429),
        ("/lfs/", 500),
        ("/commit/", 429),
        ("/commit/", 503),
        ("/tag/", 500),
        ("/resolve/", 429),
    ],
)
def test_trouble_that_passes_is_waited_for(
    lfs_hub: Hub, releases: Path, no_waiting: list[float], path: str, status: int
) -> None:
    refused, lfs_hub.fault = refusing(status, 2, path)
    newsds.publish(releases / "1.2.0", TARGET)
    assert len(refused) == 2
    assert contents(lfs_hub, "v1.2.0") == files_of(releases / "1.2.0")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/preupload/", 401, r"run `hf auth login`, or set HF_TOKEN \(401\)"),
        ("/lfs/", 403, r"no write access.* \(403\)"),
        ("/preupload/", 404, r"no such dataset repository.* \(404\)"),
        ("/commit/", 409, r"the Hub refused: .*no.* \(409\)"),
        ("/commit/", 413, r"build larger shards \(413\)"),
        ("/lfs/", 429, r"slow down; run the same command later.* \(429\)"),
        ("/commit/", 500, r"the Hub failed \(500\).*run the same command later"),
    ],
)
def test_trouble_that_stays_is_told_in_one_line(
    lfs_hub: Hub, releases: Path, no_waiting: list[float], *, path: str, status: int, words: str
) -> None:
    _, lfs_hub.fault = refusing(status, 10**6, path)
    with pytest.raises(RemoteError, match=words) as told:
        newsds.publish(releases / "1.2.0", TARGET)
    assert told.value.status == status
    assert str(told.value).startswith(f"{TARGET}: ")
    assert "\n" not in str(told.value)
    assert len(lfs_hub.repository("org/news").commits) == 1


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("hf_wrong_000", "the token is not accepted"),
        (READER, "no write access"),
        (None, "the token is not accepted, or there is none"),
    ],
)
def test_a_token_that_does_not_do_is_told(
    lfs_hub: Hub, releases: Path, monkeypatch: pytest.MonkeyPatch, token: str | None, words: str
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(RemoteError, match=words):
        newsds.publish(releases / "1.2.0", TARGET)


def test_the_token_of_the_hub_s_own_login_is_used(
    lfs_hub: Hub, releases: Path, hub_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    (hub_home / "token").write_text(WRITER)
    newsds.publish(releases / "1.2.0", TARGET)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_connection_that_is_cut_once_is_made_anew(
    hub: Hub, releases: Path, no_waiting: list[float], moment: str
) -> None:
    """At every request in turn: the publication comes about all the same, as one commit."""
    n_cut = 0

    def cut(request: Request, now: str) -> None:
        nonlocal n_cut
        key = (request.method, request.path)
        if now == moment and key not in seen:
            seen.add(key)
            n_cut += 1
            raise CutError

    seen: set[tuple[str, str]] = set()
    hub.fault = cut
    newsds.publish(releases / "1.2.0", TARGET)
    assert n_cut > 10
    assert contents(hub, "v1.2.0") == files_of(releases / "1.2.0")
    assert len(hub.repository("org/news").commits) == 2


def test_a_connection_that_stays_cut_is_told(lfs_hub: Hub, releases: Path, no_waiting: list[float]) -> None:
    def cut(request: Request, moment: str) -> None:
        raise CutError

    lfs_hub.fault = cut
    with pytest.raises(RemoteError, match="the connection failed, and again when tried anew"):
        newsds.publish(releases / "1.2.0", TARGET)
    assert len(lfs_hub.requests) < 20


def test_the_hub_says_how_long_to_wait_within_bounds(no_waiting: list[float]) -> None:
    class SlowError(Exception):
        response = SimpleNamespace(status_code=429, headers={"Retry-After": "3600"})

    def fail() -> None:
        raise SlowError

    with pytest.raises(SlowError):
        hub_errors.patiently(fail)
    assert no_waiting == [32.0] * 4


def test_what_the_hub_s_client_does_not_understand_is_told(lfs_hub: Hub, releases: Path) -> None:
    def answer_nonsense(request: Request, moment: str) -> None:
        if "/preupload/" in request.path:
            raise RefusedError(200, "not what was asked for")

    lfs_hub.fault = answer_nonsense
    with pytest.raises(RemoteError, match="improperly formatted"):
        newsds.publish(releases / "1.2.0", TARGET)


def test_an_error_of_newsds_itself_is_not_put_on_the_hub(
    lfs_hub: Hub, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsds.targets.hub._batches", lambda additions: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        newsds.publish(releases / "1.2.0", TARGET)


def test_what_was_sent_is_not_sent_again(lfs_hub: Hub, releases: Path, no_waiting: list[float]) -> None:
    _, lfs_hub.fault = refusing(403, 10**6, "/commit/")
    with pytest.raises(RemoteError):
        newsds.publish(releases / "1.2.0", TARGET)
    n_sent = n_puts(lfs_hub)
    assert n_sent == 4
    lfs_hub.fault = None
    newsds.publish(releases / "1.2.0", TARGET)
    assert n_puts(lfs_hub) == n_sent


def test_what_comes_back_is_hashed(lfs_hub: Hub, releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Hub.content
    lie = lambda hub, entry: honest(hub, entry)[::-1] if entry.sha256 else honest(hub, entry)  # noqa: E731
    monkeypatch.setattr(Hub, "content", lie)
    with pytest.raises(IntegrityError, match="the version got no tag"):
        newsds.publish(releases / "1.2.0", TARGET)
    assert lfs_hub.repository("org/news").tags == {}
    monkeypatch.setattr(Hub, "content", honest)
    newsds.publish(releases / "1.2.0", TARGET)
    assert set(lfs_hub.repository("org/news").tags) == {"v1.2.0"}


@pytest.mark.parametrize("suffix", [".parquet", ".cff"])
def test_a_file_that_changes_on_the_way_is_not_published(
    hub: Hub, releases: Path, tmp_path: Path, suffix: str
) -> None:
    mine = shutil.copytree(releases / "1.2.0", tmp_path / "mine")
    changed = next(path for path in sorted(mine.rglob("*")) if path.suffix == suffix)

    def change(request: Request, moment: str) -> None:
        if "/preupload/" in request.path and moment == "before":
            changed.write_bytes(changed.read_bytes()[::-1])
            hub.fault = None

    hub.fault = change
    with pytest.raises(IntegrityError, match=r"changed while it was sent.*nothing was published"):
        newsds.publish(mine, TARGET)
    assert len(hub.repository("org/news").commits) == 1


# ---- the card and the viewer ----


def test_a_card_without_tables_is_refused_before_anything_is_sent(
    lfs_hub: Hub, releases: Path, tmp_path: Path
) -> None:
    mine = shutil.copytree(releases / "1.2.0", tmp_path / "mine")
    card = mine / "README.md"
    before = hashlib.sha256(card.read_bytes()).hexdigest()
    card.write_text("---\nlicense: mit\n---\n\n# Harbour\n")
    sums = mine / "manifest-sha256.txt"
    sums.write_text(sums.read_text().replace(before, hashlib.sha256(card.read_bytes()).hexdigest()))
    with pytest.raises(OutputError, match=r"README\.md: does not name the files"):
        newsds.publish(mine, TARGET)
    assert lfs_hub.requests == []


def test_row_groups_that_the_viewer_cannot_open_are_refused(
    lfs_hub: Hub, releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsds.targets.viewer.MAX_SCAN_BYTES", 100)
    newsds.publish(releases / "1.2.0", TARGET, dry_run=True)
    monkeypatch.setattr("newsds.targets.viewer._has_page_index", lambda group: False)
    with pytest.raises(OutputError, match="smaller row groups"):
        newsds.publish(releases / "1.2.0", TARGET)


@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_FOLDER_ENTRIES", 3), ("MAX_COMMIT_FILES", 5), ("MAX_FILE_BYTES", 5_000)]
)
def test_a_release_beyond_the_hub_s_limits_is_refused(
    lfs_hub: Hub, releases: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(f"newsds.targets.viewer.{limit}", value)
    with pytest.raises(OutputError):
        newsds.publish(releases / "1.2.0", TARGET)
    assert lfs_hub.requests == []


# ---- other clients ----


def test_newsds_loads_what_it_published(hub: Hub, releases: Path, tmp_path: Path) -> None:
    for version in ("1.2.0", "1.3.0"):
        newsds.publish(releases / version, TARGET)
    for wanted, n_rows in (("1.2.0", 4), (">=1.2", 3)):
        loaded = newsds.load(f"{TARGET}@{wanted}", cache=tmp_path / f"cache-{n_rows}")
        assert loaded.to_arrow().num_rows == n_rows


def test_the_npm_client_reads_the_same_bytes(lfs_hub: Hub, releases: Path) -> None:
    modules = node_modules("@huggingface/hub")
    newsds.publish(releases / "1.2.0", TARGET)
    seen = run_node("hub_read.mjs", str(modules), lfs_hub.address, "org/news", "v1.2.0")
    seen.pop(".gitattributes")
    assert seen == {
        path: hashlib.sha256(data).hexdigest() for path, data in files_of(releases / "1.2.0").items()
    }


def test_files_go_ahead_in_batches(lfs_hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsds.targets.hub._BATCH_FILES", 5)
    release = write_release(tmp_path / "release", n_shards=12)
    published: Publication = newsds.publish(release, TARGET)
    assert sum("/preupload/" in item.path for item in lfs_hub.requests) == -(-published.n_files // 5)
    assert len(lfs_hub.repository("org/news").commits) == 2


# ---- whole processes ----


def start_publisher(release: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "newsds", "publish", str(release), TARGET]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_of_two_publishers_at_once_one_wins_and_the_other_is_told(hub: Hub, releases: Path) -> None:
    """Both are held until each has asked for its commit; a local Xet store admits one process at a time."""
    newsds.publish(releases / "1.2.0", TARGET)
    has_sent = threading.Event()
    gate = threading.Barrier(2, timeout=60)

    def hold(request: Request, moment: str) -> None:
        if "/commit/" in request.path and moment == "before":
            has_sent.set()
            gate.wait()

    hub.fault = hold
    first = start_publisher(releases / "1.3.0")
    assert has_sent.wait(timeout=60)
    rivals = [first, start_publisher(releases / "1.4.0")]
    told = [(*rival.communicate(timeout=120), rival.returncode) for rival in rivals]
    assert sorted(status for *_, status in told) == [0, 3]
    loser = next(item for item in told if item[2] == 3)
    assert "Look at what came first, then run the same command again" in loser[1]
    assert loser[1].count("\n") == 1
    winner = "1.3.0" if told[0][2] == 0 else "1.4.0"
    assert contents(hub) == files_of(releases / winner)
    assert set(hub.repository("org/news").tags) == {"v1.2.0", f"v{winner}"}


DATASETS = """
import datasets
assert datasets.get_dataset_config_names("org/news", revision="v1.2.0") == ["articles"]
builder = datasets.load_dataset_builder("org/news", "articles", revision="v1.2.0")
assert "headline" in builder.info.features, builder.info
assert {name: split.num_examples for name, split in builder.info.splits.items()} == {"train": 4}
rows = datasets.load_dataset("org/news", revision="v1.2.0", split="train")
assert rows.features == builder.info.features
assert datasets.load_dataset("org/news", split="train").num_rows == 3
print(rows.num_rows)
"""


@pytest.mark.slow
def test_the_card_tells_datasets_configs_features_and_sizes(hub: Hub, releases: Path) -> None:
    for version in ("1.2.0", "1.3.0"):
        newsds.publish(releases / version, TARGET)
    done = subprocess.run(
        [sys.executable, "-c", DATASETS], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.stdout.strip() == "4", done.stderr


def test_a_xet_store_that_cannot_be_written_is_told(xet_hub: Hub, releases: Path) -> None:
    xet_hub.xet.folder.rmdir()
    xet_hub.xet.folder.write_text("no folder")
    with pytest.raises((RemoteError, OutputError)) as told:
        newsds.publish(releases / "1.2.0", TARGET)
    assert "\n" not in str(told.value)
    assert len(xet_hub.repository("org/news").commits) == 1


def test_a_user_may_switch_xet_off(xet_hub: Hub, releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    newsds.publish(releases / "1.2.0", TARGET)
    assert n_puts(xet_hub) == 4
    assert constants.HF_HUB_DISABLE_XET is True
