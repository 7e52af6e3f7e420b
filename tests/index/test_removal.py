"""Releases that are taken back, and changes that wait for something."""

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsds.cli import main
from newsds.dedup.parameters import Parameters
from newsds.errors import InputError, UsageError
from newsds.index.manifest import load, locked
from newsds.index.removal import remove_articles, remove_release
from newsds.index.splits import SPLITS_SCHEMA
from newsds.index.update import adding, read_index, update_index
from newsds.samples import sample
from newsds.texts import TEXTS_SCHEMA


def batch(*rows: tuple[str, str]) -> list[pa.RecordBatch]:
    return [
        pa.RecordBatch.from_pylist([{"id": name, "text": text} for name, text in rows], schema=TEXTS_SCHEMA)
    ]


STORIES = [record["body"] for record in sample(6, seed=3, copies=0)]
FIRST = batch(("a", STORIES[0]), ("b", STORIES[1]))
SECOND = batch(("c", STORIES[0]), ("d", STORIES[2]))


def ids(folder: Path) -> list[str]:
    return read_index(folder).clusters["article_id"].to_pylist()


def split(*rows: tuple[str, str]) -> pa.Table:
    return pa.Table.from_pylist([{"id": name, "split": where} for name, where in rows], schema=SPLITS_SCHEMA)


def add_split(folder: Path, batches: list[pa.RecordBatch], release: str, splits: pa.Table) -> None:
    with adding(batches, folder, release=release) as addition:
        addition.with_splits(splits).commit()


def test_the_last_release_is_taken_back_and_can_be_given_again(tmp_path: Path) -> None:
    update_index(FIRST, tmp_path, release="1")
    before = read_index(tmp_path)
    update_index(SECOND, tmp_path, release="2")
    with pytest.raises(UsageError, match="'1' is not the last release"):
        remove_release("1", tmp_path)
    assert remove_release("2", tmp_path).n_removed == 2
    assert read_index(tmp_path).clusters.equals(before.clusters)
    assert read_index(tmp_path).relations.equals(before.relations)
    again = update_index(batch(("e", STORIES[0])), tmp_path, release="2")
    assert again.earlier["earlier_id"].to_pylist() == ["a"]
    assert ids(tmp_path) == ["a", "b", "e"]


def test_the_only_release_is_taken_back(tmp_path: Path) -> None:
    update_index(FIRST, tmp_path, release="1")
    remove_release("1", tmp_path)
    with pytest.raises(InputError, match="no index there"):
        read_index(tmp_path)
    update_index(SECOND, tmp_path, release="1")
    assert ids(tmp_path) == ["c", "d"]


def test_the_choices_of_an_index_need_not_be_repeated_to_take_something_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    update_index(FIRST, tmp_path, release="1", parameters=Parameters(keep="longest"))
    with pytest.raises(UsageError, match="made with other choices"):
        remove_articles(["a"], tmp_path, parameters=Parameters())
    assert main(["forget", str(tmp_path), "a", "nobody"]) == 0
    assert main(["forget", str(tmp_path), "--release", "1"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.partition(" articles")[0] for line in said] == ["1 of 2", "1 of 1"]
    assert main(["forget", str(tmp_path), "a", "--release", "1"]) == 2


def test_each_release_remembers_what_it_split_first(tmp_path: Path) -> None:
    add_split(tmp_path, FIRST, "1", split(("a", "train"), ("b", "test")))
    with adding(SECOND, tmp_path, release="2") as addition:
        assert addition.kept_splits().to_pylist() == [
            {"id": "a", "split": "train", "published_at": None},
            {"id": "b", "split": "test", "published_at": None},
        ]
        addition.with_splits(split(("d", "train"))).commit()
    with adding(batch(("f", STORIES[3])), tmp_path, release="3") as addition:
        assert addition.kept_splits()["id"].to_pylist() == ["a", "b", "d"]
    # It was not put in force.
    assert [release.name for release in load(tmp_path).releases] == ["1", "2"]


@pytest.mark.slow
def test_splits_leave_with_their_articles_and_releases(tmp_path: Path) -> None:
    add_split(tmp_path, FIRST, "1", split(("a", "train"), ("b", "test")))
    add_split(tmp_path, SECOND, "2", split(("c", "train"), ("d", "test")))
    remove_articles(["a", "d"], tmp_path)
    files = [pq.ParquetFile(path).read()["id"].to_pylist() for path in sorted(tmp_path.glob("splits-*"))]
    assert sorted(files) == [["b"], ["c"]]
    remove_release("2", tmp_path)
    (file,) = tmp_path.glob("splits-*")
    assert pq.ParquetFile(file).read()["id"].to_pylist() == ["b"]


def announced(folder: Path, proof: Path, said: bytes) -> Path:
    """Leave behind what a run leaves that died after it announced a release."""
    update_index(FIRST, folder, release="1")
    with adding(SECOND, folder, release="2") as addition:
        addition.announce(proof=proof, sha256=hashlib.sha256(said).hexdigest())
    return folder / "pending.json"


@pytest.mark.parametrize(
    ("there", "releases"), [(b"it is", ["1", "2", "3"]), (b"other", ["1", "3"]), (None, ["1", "3"])]
)
def test_a_change_that_was_announced_is_finished_if_what_it_waited_for_is_there(
    tmp_path: Path, there: bytes | None, releases: list[str]
) -> None:
    folder, proof = tmp_path / "seen", tmp_path / "dist" / "sums"
    pending = announced(folder, proof, b"it is")
    assert [release.name for release in load(folder).releases] == ["1"]
    if there is not None:
        proof.parent.mkdir()
        proof.write_bytes(there)
    update_index(batch(("f", STORIES[3])), folder, release="3")
    assert [release.name for release in load(folder).releases] == releases
    assert ("c" in ids(folder)) == ("2" in releases)
    assert not pending.exists()


def test_a_change_is_found_where_both_were_moved_to(tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / "dist").mkdir(parents=True)
    announced(work / "seen", work / "dist" / "sums", b"it is")
    (work / "dist" / "sums").write_bytes(b"it is")
    work.rename(tmp_path / "moved")
    with locked(tmp_path / "moved" / "seen"):
        assert len(load(tmp_path / "moved" / "seen").releases) == 2


def test_a_stale_announcement_is_dropped_and_a_broken_one_told(tmp_path: Path) -> None:
    folder, proof = tmp_path / "seen", tmp_path / "sums"
    pending = announced(folder, proof, b"it is")
    said = pending.read_text()
    update_index(batch(("f", STORIES[3])), folder, release="3")
    proof.write_bytes(b"it is")
    pending.write_text(said)
    with locked(folder):
        assert [release.name for release in load(folder).releases] == ["1", "3"]
    pending.write_text(json.dumps({"proof": "sums"}))
    with pytest.raises(InputError, match=r"pending\.json: broken"):
        remove_articles(["a"], folder)
