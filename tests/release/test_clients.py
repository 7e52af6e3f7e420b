"""The sample release, opened by the programs of others."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsds.release.build import Built

CONFIGS = ("articles", "clusters", "relations")

#: What the libraries of others warn about is theirs.
pytestmark = [pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def folder(sample_release: Built) -> Path:
    assert sample_release.path is not None
    return sample_release.path


def table(folder: Path, config: str, split: str) -> pa.Table:
    files = sorted((folder / "data" / config).glob(f"{split}-*.parquet"))
    return pa.concat_tables([pq.ParquetFile(file).read() for file in files])


@pytest.fixture(scope="module")
def rows(folder: Path, sample_release: Built) -> dict[tuple[str, str], list[dict[str, Any]]]:
    assert sample_release.manifest is not None
    return {
        (config.name, split): table(folder, config.name, split).to_pylist()
        for config in sample_release.manifest.configs
        for split in config.splits
    }


def test_sha256sum_finds_every_file_good(folder: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--strict", "-c", "manifest-sha256.txt"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    n_files = sum(path.is_file() for path in folder.rglob("*") if path.parent.name != "attestations")
    assert done.stdout.count(": OK\n") == n_files - 1


@pytest.mark.slow
def test_datasets_loads_each_config_and_split(
    folder: Path,
    rows: dict[tuple[str, str], list[dict[str, Any]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    features = {}
    for config in CONFIGS:
        loaded = datasets.load_dataset(str(folder), config, cache_dir=str(tmp_path))
        assert {(config, split): found.to_list() for split, found in loaded.items()} == {
            key: found for key, found in rows.items() if key[0] == config
        }
        features[config] = next(iter(loaded.values())).features
        for split, found in loaded.items():
            assert found.features == features[config]
            # The files say the same as the card.
            plain = datasets.Features.from_arrow_schema(table(folder, config, split).schema)
            assert found.features == plain
            streamed = datasets.load_dataset(str(folder), config, split=split, streaming=True)
            assert list(streamed) == rows[config, split]
            assert streamed.features == features[config]
    assert datasets.load_dataset(str(folder), split="test", cache_dir=str(tmp_path)).num_rows == len(
        rows["articles", "test"]
    )


@pytest.mark.slow
def test_frictionless_finds_it_valid(folder: Path) -> None:
    import frictionless

    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["message"])
    assert len(report.tasks) == len(list(folder.rglob("*.parquet")))


@pytest.mark.slow
def test_mlcroissant_reads_its_records(
    folder: Path, rows: dict[tuple[str, str], list[dict[str, Any]]]
) -> None:
    import mlcroissant

    dataset = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    for config, key in (("articles", "id"), ("clusters", "article_id"), ("relations", "a")):
        read = sorted(
            (record[f"{config}/split"].decode(), record[f"{config}/{key}"].decode())
            for record in dataset.records(config)
        )
        assert read == sorted(
            (split, row[key]) for (name, split), some in rows.items() if name == config for row in some
        )


def test_duckdb_reads_it(folder: Path, rows: dict[tuple[str, str], list[dict[str, Any]]]) -> None:
    import duckdb

    query = (
        f"select a.headline, a.publisher.name, c.n_copies from '{folder}/data/articles/train-*.parquet' a "
        f"join '{folder}/data/clusters/*.parquet' c on a.id = c.article_id order by a.id"
    )
    copies = {row["article_id"]: row["n_copies"] for row in rows["clusters", "train"]}
    expected = sorted(rows["articles", "train"], key=lambda row: row["id"])
    with duckdb.connect() as connection:
        assert connection.sql(query).fetchall() == [
            (row["headline"], (row["publisher"] or {}).get("name"), copies[row["id"]]) for row in expected
        ]


def test_polars_reads_it(folder: Path, rows: dict[tuple[str, str], list[dict[str, Any]]]) -> None:
    import polars as pl

    for (config, split), expected in rows.items():
        frame = pl.scan_parquet(f"{folder}/data/{config}/{split}-*.parquet").collect()
        assert frame.height == len(expected)
    found = pl.read_parquet(f"{folder}/data/articles/*.parquet")
    assert found["id"].n_unique() == found.height


def test_the_descriptors_name_every_shard_with_its_hash(folder: Path, sample_release: Built) -> None:
    assert sample_release.manifest is not None
    package = json.loads((folder / "datapackage.json").read_text())
    assert {item["path"]: item["hash"] for item in package["resources"]} == {
        shard.path: f"sha256:{shard.sha256}" for shard in sample_release.manifest.files
    }


@pytest.mark.slow
def test_the_lines_that_a_build_prints_open_the_release(
    sample_release: Built,
    rows: dict[tuple[str, str], list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    import datasets
    import duckdb

    import newsds

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    text = sample_release.to_text()
    assert "NDS302 waived" in text
    assert "14 clusters of two copies or more" in text
    lines = text.partition("open it:\n")[2].splitlines()
    loaded, table, relation = (
        eval(line, {"newsds": newsds, "datasets": datasets, "duckdb": duckdb}) for line in lines
    )
    expected = [row["id"] for row in rows["articles", "train"]]
    assert loaded.to_arrow().column("id").to_pylist() == expected
    assert table["id"] == expected
    assert sorted(row[0] for row in relation.select("id").fetchall()) == sorted(expected)
