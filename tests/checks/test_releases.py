from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsds.checks import releases
from newsds.checks.releases import article_shards, check_release, is_release


def _write(folder: Path, name: str, **columns: list[object]) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path, write_page_index=True)


def test_a_row_group_that_is_too_large_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, "data/train.parquet", id=["a"], body=["x" * 5000])
    monkeypatch.setattr(releases, "MAX_GROUP_BYTES", 1000)
    (finding,) = check_release(tmp_path)
    assert (finding.code, finding.path) == ("NDS810", (tmp_path / "data/train.parquet").as_posix())


def test_a_folder_with_parquet_and_a_card_is_a_release(tmp_path: Path) -> None:
    assert not is_release(tmp_path)
    _write(tmp_path, "train.parquet", id=["a"], body=["b"])
    assert not is_release(tmp_path)
    (tmp_path / "README.md").write_text("# Port news\n")
    assert is_release(tmp_path)


def test_only_tables_of_articles_are_read_as_articles(tmp_path: Path) -> None:
    _write(tmp_path, "articles/train.parquet", id=["a"], body=["b"])
    _write(tmp_path, "clusters/train.parquet", article_id=["a"])
    assert article_shards(tmp_path) == [tmp_path / "articles/train.parquet"]


def test_what_vanished_is_named_with_its_place_in_the_last_release(tmp_path: Path) -> None:
    _write(tmp_path / "old", "train.parquet", id=["a", "b", "c"], body=["1", "2", "3"])
    _write(tmp_path / "new", "train.parquet", id=["b"], body=["2"])
    found = [
        item for item in check_release(tmp_path / "new", previous=tmp_path / "old") if item.code == "NDS803"
    ]
    assert [(item.record_id, item.row) for item in found] == [("a", 0), ("c", 2)]
