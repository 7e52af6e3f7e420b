"""The forms made from the master schema, each held against the client that reads it."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from newsds.article import to_batch, to_records
from newsds.errors import UsageError
from newsds.samples import sample
from newsds.schema import arrow_schema, load_schema
from newsds.schema_forms import (
    FORMS,
    croissant_fields,
    descriptions,
    features_yaml,
    hf_features,
    schema_form,
    table_schema,
)

RECORDS = list(sample(40, seed=11, copies=0.25))


@pytest.fixture(scope="module")
def shard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("forms") / "articles.parquet"
    pq.write_table(pa.Table.from_batches([to_batch(RECORDS)]), path)
    return path


def test_arrow_holds_every_field_in_the_order_of_the_master():
    assert arrow_schema().names == list(load_schema()["properties"])


def test_records_come_back_from_arrow_as_they_were():
    assert to_records(to_batch(RECORDS)) == RECORDS


def test_datasets_sees_the_features_that_are_stated(shard):
    import datasets

    loaded = datasets.Dataset.from_parquet(str(shard), cache_dir=str(shard.parent / "cache"))
    assert loaded.features == hf_features()
    stated = datasets.Features._from_yaml_list(features_yaml(arrow_schema()))
    assert stated == hf_features()


def test_frictionless_accepts_a_shard_under_the_table_schema(shard):
    from frictionless import Resource, Schema

    resource = Resource(
        path=shard.name, basepath=str(shard.parent), schema=Schema.from_descriptor(table_schema())
    )
    report = resource.validate()
    assert report.valid, report.flatten(["fieldName", "message"])[:3]
    assert report.tasks[0].stats["rows"] == len(RECORDS)


def test_frictionless_finds_a_missing_headline(shard, tmp_path):
    from frictionless import Resource, Schema

    table = pq.read_table(shard, columns=None)
    nothing = pa.nulls(len(table), pa.string())
    pq.write_table(
        table.set_column(table.schema.get_field_index("headline"), "headline", nothing),
        tmp_path / "a.parquet",
    )
    schema = Schema.from_descriptor(table_schema())
    assert not Resource(path="a.parquet", basepath=str(tmp_path), schema=schema).validate().valid


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_mlcroissant_reads_the_records_of_the_record_set(shard):
    import hashlib

    import mlcroissant as mlc

    context = mlc.Context(conforms_to="http://mlcommons.org/croissant/1.1")
    from mlcroissant._src.core.rdf import make_context

    origin = {"fileObject": {"@id": "shard"}}
    fields = croissant_fields(arrow_schema(), config="articles", origin=origin, meanings=descriptions())
    metadata = {
        "@context": make_context(context),
        "@type": "sc:Dataset",
        "name": "forms",
        "description": "A shard.",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "url": "https://newsds.invalid/",
        "citeAs": "newsds",
        "datePublished": "2026-01-01",
        "version": "1.0.0",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "shard",
                "name": "shard",
                "contentUrl": shard.name,
                "encodingFormat": "application/x-parquet",
                "sha256": hashlib.sha256(shard.read_bytes()).hexdigest(),
            }
        ],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "articles", "name": "articles", "field": fields}],
    }
    descriptor = shard.parent / "croissant.json"
    descriptor.write_text(json.dumps(metadata))
    dataset = mlc.Dataset(jsonld=descriptor)
    assert not dataset.metadata.ctx.issues.errors
    rows = list(dataset.records("articles"))
    assert [row["articles/headline"].decode() for row in rows] == [record["headline"] for record in RECORDS]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_printed_and_the_same_each_time(form):
    assert schema_form(form) == schema_form(form)
    assert schema_form(form).endswith("\n")


def test_the_features_form_is_yaml_of_a_card():
    assert yaml.safe_load(schema_form("features")) == {"features": features_yaml(arrow_schema())}


def test_the_reference_names_every_field():
    page = schema_form("markdown")
    assert [name for name in load_schema()["properties"] if f"| `{name}` |" not in page] == []


def test_the_page_of_the_docs_is_the_schemas():
    page = Path(__file__).parents[1] / "docs/reference/schema.md"
    assert page.read_text("utf-8") == schema_form("markdown"), "write the pages anew: make docs"


def test_an_unknown_form_is_refused():
    with pytest.raises(UsageError, match="no such form"):
        schema_form("xml")  # type: ignore[arg-type]
