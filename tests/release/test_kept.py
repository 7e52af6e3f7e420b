"""What was split before."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsds.errors import InputError, IntegrityError
from newsds.release.build import build
from newsds.release.kept import KEPT_SCHEMA, Kept, read_kept
from release.projects import make_project, records, write_lines


def kept(splits: dict[int, str]) -> Kept:
    rows = [{"id": str(number), "split": split} for number, split in splits.items()]
    return Kept(table=pa.Table.from_pylist(rows, schema=KEPT_SCHEMA), name="before", origin={})


def test_of_several_the_first_holds() -> None:
    one = Kept.joined([kept({0: "train"}), kept({0: "test", 1: "test"}), kept({1: "validation"})])
    assert one.table["split"].to_pylist() == ["train", "test"]
    assert one.name == "before, before, before"
    assert not len(Kept.joined([]).table)


def write_splits(folder: Path, rows: list[dict[str, str | None]]) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), folder / "splits.parquet")
    return folder / "splits.parquet"


def test_splits_are_read_from_a_release_a_folder_and_a_table(tmp_path: Path) -> None:
    rows = [{"id": "a", "split": "train", "group": "a"}, {"id": "b", "split": None, "group": "b"}]
    file = write_splits(tmp_path, rows)
    for source in (file, tmp_path):
        assert read_kept(source).table.to_pylist() == [{"id": "a", "split": "train", "published_at": None}]
    write_lines(tmp_path / "splits.jsonl", [{"id": 7, "split": "test"}])
    assert read_kept(tmp_path / "splits.jsonl").table["id"].to_pylist() == ["7"]
    built = build(make_project(tmp_path / "p", records(20)), tmp_path / "dist")
    assert built.path is not None
    found = read_kept(built.path)
    assert len(found.table) == 20
    assert found.table["published_at"].null_count == 0
    assert found.origin == {"release": "tiny/1.0.0", "digest": built.digest}
    shard = next(built.path.glob("data/articles/train-*"))
    shard.write_bytes(shard.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityError):
        read_kept(built.path)


@pytest.mark.parametrize("rows", [[], [{"id": "a"}]], ids=["no rows", "no column"])
def test_a_table_without_splits_is_told(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    with pytest.raises(InputError):
        read_kept(write_splits(tmp_path, rows))
    with pytest.raises(InputError, match="neither a release nor a table"):
        read_kept(tmp_path / "nothing")
