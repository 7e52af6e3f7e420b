"""A tiny release, written by hand: real Parquet shards, a manifest, and every descriptor."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsds.article import Record, article_id, to_batch
from newsds.release.build import Built, build
from newsds.release.card import card, changelog, citation
from newsds.release.descriptors import croissant, datapackage
from newsds.release.manifest import Config, InputFile, Manifest, Shard, Step
from newsds.release.statistics import Statistics
from newsds.schema import SCHEMA_VERSION, arrow_schema
from release.projects import SAMPLE

CLUSTERS = pa.schema(
    [
        ("article_id", pa.string()),
        ("cluster_id", pa.string()),
        ("role", pa.string()),
        ("n_copies", pa.int32()),
        ("similarity", pa.float64()),
        ("hours_after", pa.float64()),
    ]
)

#: A publisher whose name tries everything.
HOSTILE = "The <b>Bold</b> | [Gazette](javascript:alert) `x` *y*\n# Head\n---\nwww.example.com"


def article(number: int, **fields: Any) -> Record:
    """Return a small valid article."""
    raw = hashlib.sha256(str(number).encode()).hexdigest()
    return {
        "schema_version": SCHEMA_VERSION,
        "id": article_id("", raw),
        "headline": f"Harbour dredging enters week {number}",
        "body": f"Crews moved {number} barges of silt on Monday, the port authority said.",
        "language": "en",
        "provenance": {"input_kind": "jsonl", "raw_sha256": raw, "reader": "newsds", "reader_version": "0"},
        **fields,
    }


def articles() -> dict[str, list[Record]]:
    """Return split to articles: full ones, bare ones, and words that look like nulls."""
    rich = {
        "word_count": 12,
        "publisher": {"name": HOSTILE, "domain": "gazette.example", "country": "GB"},
        "agency": {"name": "Northwire", "code": "northwire"},
        "contributors": [
            {"name": "Ada Quill", "role": "reporter"},
            {"name": "Ben Marsh", "role": "editor", "location": "Leeds"},
        ],
        "syndication": {"status": "syndicated", "evidence": ["byline", "dateline"]},
        "body_blocks": [{"kind": "paragraph", "start": 0, "end": 10}],
        "subjects": [{"scheme": "medtop", "code": "04000000", "confidence": 0.5}],
        "rights": {"tdm_reservation": True, "robots": ["noai"]},
        "published_at": "2025-03-01T09:30:00Z",
        "published_precision": "minute",
        "tags": ["ports", "silt"],
        "status": "corrected",
    }
    train = [
        article(1, **rich),
        article(2, headline="nan", body="NaT"),
        article(3, kicker="nan", language="de-AT"),
    ]
    late = [article(4, published_at="2026-01-02T00:00:00.5Z", publisher={"domain": "coast.example"})]
    return {"train": train, "validation": late, "test": [article(5, body="")]}


@dataclass(frozen=True)
class Release:
    """A release on disk, with what it was written from."""

    folder: Path
    manifest: Manifest
    schemas: Mapping[str, pa.Schema]
    articles: Mapping[str, list[Record]]


def write_shard(
    folder: Path, table: pa.Table, *, config: str, split: str, number: int = 0, of: int = 1
) -> Shard:
    """Write a Parquet file and return its entry of the manifest."""
    path = f"data/{config}/{split}-{number:05d}-of-{of:05d}.parquet"
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / path)
    data = (folder / path).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return Shard(
        path=path,
        config=config,
        split=split,
        n_rows=table.num_rows,
        n_bytes=len(data),
        sha256=digest,
        digest=digest,
    )


def article_shards(folder: Path, split: str, records: list[Record], of: int) -> list[Shard]:
    """Write the articles of a split into a number of shards."""
    tables = [pa.Table.from_batches([to_batch(records[start::of])]) for start in range(of)]
    return [
        write_shard(folder, table, config="articles", split=split, number=number, of=of)
        for number, table in enumerate(tables)
    ]


def cluster_table(records: list[Record]) -> pa.Table:
    """Return a table in which each article is alone but the first two."""
    rows = [
        {
            "article_id": record["id"],
            "cluster_id": records[0]["id"] if number < 2 else record["id"],
            "role": "canonical",
            "n_copies": 2 if number < 2 else 1,
            "similarity": 1.0,
            "hours_after": None,
        }
        for number, record in enumerate(records)
    ]
    return pa.Table.from_pylist(rows, schema=CLUSTERS)


def statistics(records: Mapping[str, list[Record]]) -> dict[str, Any]:
    """Return the statistics of the articles."""
    counts = Statistics()
    for chunk in records.values():
        counts.add(to_batch(chunk))
    return counts.to_dict(n_clusters=1, n_copies=1)


def write_release(folder: Path) -> Release:
    """Write a release of five articles and their clusters."""
    records = articles()
    every = [record for chunk in records.values() for record in chunk]
    shards = [
        shard
        for split, chunk in records.items()
        for shard in article_shards(folder, split, chunk, of=2 if split == "train" else 1)
    ]
    shards.append(write_shard(folder, cluster_table(every), config="clusters", split="train"))
    manifest = Manifest(
        name="harbour-news",
        version="1.2.0",
        schema_version=SCHEMA_VERSION,
        profile="core",
        title="Harbour News & Notes",
        description="Invented articles about a harbour.",
        homepage="https://harbour.example/data",
        created="2026-02-03",
        licenses=(
            {
                "name": "CC-BY-4.0",
                "path": "https://creativecommons.org/licenses/by/4.0/",
                "title": "CC BY 4.0",
            },
        ),
        contributors=({"title": "The harbour desk"}, {"givenName": "Ada", "familyName": "Quill"}),
        sources=({"title": "Harbour bulletin", "path": "https://harbour.example/"},),
        keywords=("harbour", "news"),
        languages=("en", "de-AT"),
        configs=(
            Config(
                name="articles", n_rows=5, digest="a" * 64, splits={"train": 3, "validation": 1, "test": 1}
            ),
            Config(name="clusters", n_rows=5, digest="b" * 64, splits={"train": 5}),
        ),
        files=tuple(shards),
        inputs=(InputFile(path="raw/page one.jsonl", n_bytes=10, sha256="c" * 64, n_records=6),),
        parameters={"dedupe": {"threshold": 0.5}, "split": {"train": 0.6}},
        steps=(
            Step(name="read", n_in=6, n_out=6),
            Step(name="validate", n_in=6, n_out=5, note="one set aside"),
        ),
        findings=(
            {"code": "NDS101", "level": "error", "n": 1, "reason": None},
            {"code": "NDS301", "level": "waived", "n": 2, "reason": "known <script>"},
        ),
        tools={"newsds": "0.1.0", "pyarrow": pa.__version__},
        statistics=statistics(records),
    )
    release = Release(folder, manifest, {"articles": arrow_schema(), "clusters": CLUSTERS}, records)
    write_descriptors(release)
    return release


def write_descriptors(release: Release) -> None:
    """Write everything that describes a release."""
    texts = {
        "manifest.json": json.dumps(release.manifest.to_dict()),
        "datapackage.json": json.dumps(datapackage(release.manifest, release.schemas)),
        "croissant.json": json.dumps(croissant(release.manifest, release.schemas)),
        "README.md": card(release.manifest, release.schemas),
        "CITATION.cff": citation(release.manifest),
        "CHANGELOG.md": changelog(release.manifest),
    }
    for name, text in texts.items():
        (release.folder / name).write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def tiny_release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release that no test changes."""
    return write_release(tmp_path_factory.mktemp("harbour-news"))


@pytest.fixture
def bare_manifest(tiny_release: Release) -> Manifest:
    """A manifest with nothing that a maintainer may leave out."""
    return replace(
        tiny_release.manifest,
        title=None, description=None, homepage=None, created=None, licenses=(), contributors=(), sources=(),
        keywords=(), languages=(), inputs=(), steps=(), findings=(), statistics={},
    )  # fmt: skip


@pytest.fixture(scope="session")
def sample_release(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The release of the sample dataset, which no test changes."""
    built = build(SAMPLE, tmp_path_factory.mktemp("dist"))
    assert built.path is not None
    return built
