"""A folder that is a release is read as its articles, whichever command it is given to."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import newsds
from newsds.cli import main
from newsds.release.build import build
from newsds.samples import sample


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with clusters and relations beside its articles."""
    project = tmp_path_factory.mktemp("project")
    lines = "".join(json.dumps(record) + "\n" for record in sample(60))
    (project / "articles.jsonl").write_text(lines, encoding="utf-8")
    described = {
        "name": "port-news",
        "version": "1.0.0",
        "licenses": [{"name": "CC-BY-4.0"}],
        "resources": [{"name": "articles", "path": "articles.jsonl"}],
    }
    (project / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    built = build(project, tmp_path_factory.mktemp("dist"))
    assert built.path is not None
    return built.path


@pytest.fixture(scope="module")
def n_articles(release: Path) -> int:
    return sum(pq.read_metadata(path).num_rows for path in release.glob("data/articles/**/*.parquet"))


def test_the_release_has_other_tables(release: Path) -> None:
    assert list(release.glob("data/clusters/**/*.parquet"))


def test_python_reads_the_articles(release: Path, n_articles: int) -> None:
    articles = newsds.read(release)
    assert sum(batch.num_rows for batch in articles) == n_articles
    assert not articles.findings


def test_a_folder_of_releases_is_read_as_their_articles(release: Path, n_articles: int) -> None:
    assert sum(batch.num_rows for batch in newsds.read(release.parent)) == n_articles


@pytest.mark.parametrize("command", ["read", "fix", "convert --as ninjs"])
def test_records_are_those_of_the_articles(
    release: Path, n_articles: int, command: str, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    assert main([*command.split(), str(release), "-q", "-o", str(out)]) == 0
    assert len(out.read_text(encoding="utf-8").splitlines()) == n_articles


@pytest.mark.parametrize(("command", "table"), [("dedupe", "clusters.parquet"), ("split", "splits.parquet")])
def test_texts_are_those_of_the_articles(
    release: Path, n_articles: int, command: str, table: str, tmp_path: Path
) -> None:
    assert main([command, str(release), "--format", "json", "-o", str(tmp_path / "out")]) == 0
    assert pq.read_metadata(tmp_path / "out" / table).num_rows == n_articles


def test_both_sides_of_a_leak_may_be_releases(
    release: Path, n_articles: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["leak", str(release), str(release), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["n_a"], found["n_b"]) == (n_articles, n_articles)


def test_a_manifest_of_something_else_leaves_the_folder_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"headline": "Ferry late", "body": "It was late."}')
    assert [text for batch in newsds.read(tmp_path) for text in batch["headline"].to_pylist()] == [
        "Ferry late"
    ]
