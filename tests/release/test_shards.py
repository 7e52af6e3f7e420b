"""Shards and their boundaries."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsds.article import to_batch
from newsds.release import shards
from newsds.release.shards import lay_out, write_spooled
from newsds.release.spool import Spool
from newsds.samples import sample


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "SHARD_ROWS", 40)
    monkeypatch.setattr(shards, "GROUP_ROWS", 15)


def write(folder: Path, order: np.ndarray, batch_rows: int) -> tuple[list[shards.Shard], list[bytes]]:
    batch = to_batch(sample(100)).take(pa.array(np.argsort(order)))
    folder.mkdir()
    spool = Spool(folder / "spool", batch.schema)
    for start in range(0, 100, batch_rows):
        spool.write(batch.slice(start, batch_rows))
    spool.close()
    layout = lay_out("articles", "train", order, np.full(100, 1000))
    return write_spooled(folder, spool, [layout], folder, watch=lambda _batch: None)


def test_bytes_do_not_depend_on_the_order_in_which_rows_were_staged(tmp_path: Path) -> None:
    straight, leaves = write(tmp_path / "a", np.arange(100), 100)
    shuffled, other = write(tmp_path / "b", np.random.default_rng(1).permutation(100), 7)
    assert straight == shuffled
    assert leaves == other
    assert [shard.n_rows for shard in straight] == [40, 40, 20]


def test_row_groups_have_fixed_bounds_a_page_index_and_no_foreign_metadata(tmp_path: Path) -> None:
    written, _ = write(tmp_path / "a", np.arange(100), 100)
    with pq.ParquetFile(tmp_path / "a" / written[0].path) as file:
        meta = file.metadata
        assert [meta.row_group(number).num_rows for number in range(meta.num_row_groups)] == [15, 15, 10]
        column = meta.row_group(0).column(0)
        assert column.has_offset_index
        assert column.compression == "ZSTD"
        assert file.schema_arrow.metadata is None


def test_long_texts_end_a_row_group_early() -> None:
    assert shards._cut(np.array([5, 5, 5, 20, 1, 1]), 10, 10) == [0, 2, 3, 4]


def test_rows_in_no_layout_are_left_out(tmp_path: Path) -> None:
    batch = to_batch(sample(10))
    spool = Spool(tmp_path / "spool", batch.schema)
    spool.write(batch)
    spool.close()
    layout = lay_out("articles", "test", np.array([7, 2]), np.array([1, 1]))
    (shard,), _ = write_spooled(tmp_path, spool, [layout], tmp_path, watch=lambda _batch: None)
    kept = pq.read_table(tmp_path / shard.path, columns=["id"]).column("id").to_pylist()
    assert kept == batch.column("id").take([7, 2]).to_pylist()
