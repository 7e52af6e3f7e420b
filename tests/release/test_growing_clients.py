"""A release that was built with an index, opened by the programs of others."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import newsds
from newsds.release.build import build
from release.projects import make_project, records

#: What the libraries of others warn about is theirs.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]

CONFIGS = ("articles", "clusters", "relations", "earlier")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return two releases, of which the second has copies of articles of the first."""
    place = tmp_path_factory.mktemp("grown")
    given = sorted(records(120, seed=5), key=lambda record: record["published_at"])
    found = []
    for version, month in (("1.0.0", given[:70]), ("1.1.0", given[70:])):
        descriptor = {"version": version, "licenses": [{"name": "CC0-1.0", "path": "https://example.org/"}]}
        project = make_project(place / version, month, descriptor=descriptor, split={"by": "random"})
        built = build(project, place / "dist", index=place / "seen")
        assert built.path is not None
        found.append(built.path)
    return found


def rows(folder: Path, config: str) -> list[dict[str, object]]:
    files = sorted((folder / "data" / config).glob("*.parquet"))
    return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]


def test_datasets_loads_every_table(
    folders: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    for folder, configs in zip(folders, (CONFIGS[:3], CONFIGS), strict=True):
        for config in configs:
            loaded = datasets.load_dataset(str(folder), config, cache_dir=str(tmp_path))
            assert [row for split in sorted(loaded) for row in loaded[split]] == rows(folder, config)
    # The tables of clusters have the same columns, though those of the first name nothing earlier.
    first, second = (
        datasets.load_dataset(str(folder), "clusters", split="train", cache_dir=str(tmp_path)).features
        for folder in folders
    )
    assert first == second


def test_duckdb_joins_copies_over_releases(folders: list[Path]) -> None:
    import duckdb

    query = (
        "select c.article_id, c.earlier_release, b.headline from "
        f"'{folders[1]}/data/clusters/*.parquet' c join '{folders[0]}/data/articles/*.parquet' b on c.earlier_id = b.id"
    )
    with duckdb.connect() as connection:
        found = connection.sql(query).fetchall()
    assert len(found) == sum(row["earlier_id"] is not None for row in rows(folders[1], "clusters")) > 0
    assert {release for _, release, _ in found} == {"tiny/1.0.0"}


def test_frictionless_and_mlcroissant_find_it_valid(folders: list[Path]) -> None:
    import frictionless
    import mlcroissant

    report = frictionless.validate(str(folders[1] / "datapackage.json"))
    assert report.valid, report.flatten(["message"])
    dataset = mlcroissant.Dataset(jsonld=str(folders[1] / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    read = sorted(record["earlier/earlier_id"].decode() for record in dataset.records("earlier"))
    assert read == sorted(str(row["earlier_id"]) for row in rows(folders[1], "earlier"))


def test_it_is_published_and_loaded(folders: list[Path], tmp_path: Path) -> None:
    for folder in folders:
        newsds.publish(folder, tmp_path / "tiny")
    loaded = newsds.load(str(tmp_path / "tiny"), config="earlier")
    assert loaded.to_arrow().to_pylist() == rows(folders[1], "earlier")
    assert json.loads((tmp_path / "tiny" / "1.1.0" / "manifest.json").read_text())["parameters"]["index"]
