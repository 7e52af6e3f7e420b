import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import newsds
from newsds.errors import (
    IntegrityError,
    OutputError,
    ReleaseNotFoundError,
    TargetMovedError,
    UsageError,
    VersionExistsError,
)
from targets.releases import files_of


def test_a_release_is_copied_as_it_is(releases: Path, tmp_path: Path) -> None:
    published = newsds.publish(releases / "1.2.0", tmp_path / "harbour")
    assert files_of(tmp_path / "harbour/1.2.0") == files_of(releases / "1.2.0")
    assert [path.name for path in (tmp_path / "harbour").iterdir()] == ["1.2.0"]
    assert published.revision == str(tmp_path / "harbour/1.2.0")
    assert published.n_bytes_sent == published.n_bytes
    assert newsds.verify(tmp_path / "harbour/1.2.0").digest == published.digest


def test_versions_lie_side_by_side_and_load_by_their_numbers(releases: Path, tmp_path: Path) -> None:
    for version in ("1.2.0", "1.3.0"):
        newsds.publish(releases / version, f"file://{tmp_path}/harbour")
    for version, n_rows in (("1.2.0", 4), ("1.3.0", 3)):
        loaded = newsds.load(tmp_path / "harbour", version=version, cache=tmp_path / "cache")
        assert loaded.to_arrow().num_rows == n_rows


def test_the_same_release_may_be_published_again(releases: Path, tmp_path: Path) -> None:
    newsds.publish(releases / "1.2.0", tmp_path / "harbour")
    again = newsds.publish(releases / "1.2.0", tmp_path / "harbour")
    assert again.plan.is_published
    assert again.n_bytes_sent == 0
    assert "published already" in again.to_text()


def test_another_release_of_the_version_is_refused(releases: Path, tmp_path: Path) -> None:
    newsds.publish(releases / "1.2.0", tmp_path / "harbour")
    with pytest.raises(VersionExistsError, match="publish a new version"):
        newsds.publish(releases / "other-1.2.0", tmp_path / "harbour")
    assert files_of(tmp_path / "harbour/1.2.0") == files_of(releases / "1.2.0")


def test_another_dataset_is_refused(releases: Path, tmp_path: Path) -> None:
    newsds.publish(releases / "1.2.0", tmp_path / "harbour")
    with pytest.raises(OutputError, match="release of harbour-news"):
        newsds.publish(releases / "coast-1.4.0", tmp_path / "harbour")


def test_a_dry_run_lists_files_and_bytes_and_writes_nothing(releases: Path, tmp_path: Path) -> None:
    looked = newsds.publish(releases / "1.2.0", tmp_path / "harbour", dry_run=True)
    assert not (tmp_path / "harbour").exists()
    assert looked.n_bytes_sent == sum(len(data) for data in files_of(releases / "1.2.0").values())
    assert looked.to_text().count("\n+ ") == looked.n_files - 1
    assert looked.to_dict()["dry_run"] is True


def test_a_release_that_is_not_what_it_says_is_not_published(releases: Path, tmp_path: Path) -> None:
    spoilt = shutil.copytree(releases / "1.2.0", tmp_path / "spoilt")
    shard = next(spoilt.rglob("*.parquet"))
    shard.write_bytes(shard.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityError):
        newsds.publish(spoilt, tmp_path / "harbour")
    assert not (tmp_path / "harbour").exists()
    with pytest.raises(ReleaseNotFoundError):
        newsds.publish(tmp_path, tmp_path / "harbour")


def test_what_was_staged_is_not_copied_again(
    releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    real = shutil.copyfile

    def copy_some(origin: Path, target: Path) -> Path:
        if len(copied) == 5:
            raise OSError(28, "No space left on device", str(target))
        copied.append(target.name)
        return real(origin, target)

    monkeypatch.setattr(shutil, "copyfile", copy_some)
    with pytest.raises(OutputError, match="No space left on device; nothing was published"):
        newsds.publish(releases / "1.2.0", tmp_path / "harbour")
    assert all(path.name.startswith(".") for path in (tmp_path / "harbour").iterdir())
    first = copied.copy()
    copied.clear()
    monkeypatch.setattr(
        shutil, "copyfile", lambda origin, target: copied.append(target.name) or real(origin, target)
    )
    newsds.publish(releases / "1.2.0", tmp_path / "harbour")
    assert not set(first) & set(copied)
    assert files_of(tmp_path / "harbour/1.2.0") == files_of(releases / "1.2.0")


def test_a_copy_that_went_wrong_is_not_made_visible(
    releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.copyfile

    def flip(origin: Path, target: Path) -> None:
        real(origin, target)
        if target.suffix == ".parquet":
            target.write_bytes(target.read_bytes()[::-1])

    monkeypatch.setattr(shutil, "copyfile", flip)
    with pytest.raises(IntegrityError, match="nothing was published"):
        newsds.publish(releases / "1.2.0", tmp_path / "harbour")
    assert not (tmp_path / "harbour/1.2.0").exists()


def test_of_two_publishers_at_once_one_is_told(releases: Path, tmp_path: Path) -> None:
    (tmp_path / "harbour").mkdir()
    with (tmp_path / "harbour/.1.2.0.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(TargetMovedError, match="somebody else is publishing"):
            newsds.publish(releases / "1.2.0", tmp_path / "harbour")
    newsds.publish(releases / "1.2.0", tmp_path / "harbour")


RACE = "import newsds, sys; newsds.publish(sys.argv[1], sys.argv[2])"


@pytest.mark.slow
def test_a_race_of_different_releases_ends_with_one_whole_release(releases: Path, tmp_path: Path) -> None:
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, releases / name, tmp_path / "harbour"], stderr=subprocess.PIPE
        )
        for name in ("1.2.0", "other-1.2.0")
    ]
    losers = [racer for racer in racers if racer.communicate(timeout=60) and racer.returncode]
    assert len(losers) == 1
    newsds.verify(tmp_path / "harbour/1.2.0")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("ftp://host/x", "not to ftp"),
        ("", "empty"),
        ("file://host/x", "no folder on host"),
        ("hf://org/news", "datasets/ORG/NAME"),
        ("hf://datasets/news", "datasets/ORG/NAME"),
        ("s3://B/x", "BUCKET/PREFIX"),
        ("s3://bucket/a/../b", "BUCKET/PREFIX"),
    ],
)
def test_a_target_of_no_known_kind_is_refused(releases: Path, target: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        newsds.publish(releases / "1.2.0", target)


@pytest.mark.parametrize(
    "target", ["hf://hf_secret@datasets/org/news", "s3://KEY:SECRET@bucket/x", "s3://bucket/x?key=SECRET"]
)
def test_credentials_in_a_target_are_refused_and_not_repeated(releases: Path, target: str) -> None:
    with pytest.raises(UsageError) as refused:
        newsds.publish(releases / "1.2.0", target)
    assert "SECRET" not in str(refused.value).upper().replace("CREDENTIALS", "")


def test_a_release_is_no_folder_of_releases(releases: Path) -> None:
    with pytest.raises(UsageError, match="is a release itself"):
        newsds.publish(releases / "1.2.0", releases / "1.3.0")


def test_the_folder_above_must_exist(releases: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="above it does not exist"):
        newsds.publish(releases / "1.2.0", tmp_path / "none/harbour")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is no folder"):
        newsds.publish(releases / "1.2.0", tmp_path / "file")
