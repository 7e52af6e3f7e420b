"""What machines read about a release: its Data Package 2 and its Croissant 1.1 descriptor."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from newsds.release.manifest import MANIFEST, Config, InputFile, Manifest, Shard
from newsds.schema_forms import croissant_fields, descriptions, plain_table, table_fields, table_schema

__all__ = ["ARTICLES", "TABLES", "bibtex", "croissant", "datapackage", "schema_path", "table_meanings"]

#: The config that holds the articles.
ARTICLES = "articles"

#: What each table of a release is, one line.
TABLES = {
    ARTICLES: "The articles: one captured copy of one article a row.",
    "clusters": "Which articles are copies of the same story: one row for each article.",
    "relations": "Pairs of related articles, each with its kind and its evidence.",
    "earlier": "Pairs of an article and a related one of an earlier release that is not in this one, with the evidence.",
}

_MEANINGS = {
    "article_id": "`id` of the article.",
    "cluster_id": "Identifier of its cluster.",
    "role": "What the copy is in its cluster: the canonical copy, or its relation to that.",
    "n_copies": "Articles in its cluster.",
    "similarity": "Likeness to the canonical copy, or of the two articles, 0 to 1.",
    "hours_after": "Hours from the canonical copy to this one. Null if a date is not known.",
    "reason": "Why the canonical copy is the canonical one. Null for other copies.",
    "supersedes": "`article_id` of the copy that this one corrects or replaces.",
    "earlier_id": "`id` of an article of an earlier release; in `clusters` the earliest of the cluster, which may be the "
    "article itself. Null if there is none.",
    "earlier_release": "Name and version of the release that had that article first. Null if there is none.",
    "a": "`id` of an article; of a directed pair, of the one that the other comes from.",
    "b": "`id` of the other article.",
    "relation": "Kind of the relation.",
    "is_directed": "Whether `b` comes from `a`.",
    "coverage_a": "Share of the text of `a` that is in `b` too.",
    "coverage_b": "Share of the text of `b` that is in `a` too.",
    "hours_apart": "Hours between the two. Null if a date is not known.",
    "rule": "Rule that decided.",
    "parameters": "Fingerprint of the parameters of deduplication.",
}

_PACKAGE_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"

_PARQUET = "application/vnd.apache.parquet"

#: mlcroissant knows Parquet by its old name only.
_CROISSANT_PARQUET = "application/x-parquet"

#: Inputs named one by one in the Croissant file; the manifest names all.
_MAX_INPUTS = 100

_CROISSANT = "http://mlcommons.org/croissant/1.1"

_SPLIT_KINDS = {"train": "cr:TrainingSplit", "validation": "cr:ValidationSplit", "test": "cr:TestSplit"}

#: The context of Croissant 1.1, key for key (clients compare), and PROV-O.
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{
        term: f"cr:{term}"
        for term in (
            "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field",
            "fileObject", "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset",
            "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated",
            "replace", "samplingRate", "separator", "source", "subField", "transform",
        )
    },
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
}  # fmt: skip


def schema_path(manifest: Manifest) -> str:
    """Return where a release keeps its copy of the article schema."""
    return f"schema/article-{manifest.schema_version}.json"


def table_meanings(config: str, schema_version: str) -> dict[str, str]:
    """Return what the columns of a table mean, by dotted name."""
    return descriptions(schema_version) if config == ARTICLES else _MEANINGS


def _present(**members: Any) -> dict[str, Any]:
    """Return the members that say something."""
    return {name: value for name, value in members.items() if value not in (None, "", [], (), {})}


def datapackage(manifest: Manifest, schemas: Mapping[str, pa.Schema]) -> dict[str, Any]:
    """Return the Data Package descriptor of a release: one table resource for each shard.

    There is no `bytes` and the hash stands for other clients: frictionless 5 finds every tabular Parquet file
    with `bytes` invalid, and does not check `hash` on one.

    Args:
        manifest: the manifest of the release.
        schemas: config to the Arrow schema of its files.
    """
    tables = {config.name: _table(config.name, schemas[config.name], manifest) for config in manifest.configs}
    return {
        "$schema": _PACKAGE_PROFILE,
        "name": manifest.name,
        **_present(
            title=manifest.title,
            description=manifest.description,
            homepage=manifest.homepage,
            version=manifest.version,
            created=_instant(manifest.created),
            licenses=list(manifest.licenses),
            contributors=list(manifest.contributors),
            sources=list(manifest.sources),
            keywords=list(manifest.keywords),
        ),
        "newsds:manifest": MANIFEST,
        "newsds:schema": schema_path(manifest),
        "resources": [_resource(shard, tables[shard.config]) for shard in manifest.files],
    }


def _instant(created: str | None) -> str | None:
    """Return a date as the date-time that a Data Package wants."""
    return f"{created}T00:00:00Z" if created and "T" not in created else created


def _table(config: str, schema: pa.Schema, manifest: Manifest) -> dict[str, Any]:
    """Return the Table Schema of a config's files."""
    if config == ARTICLES:
        return table_schema(manifest.schema_version, columns=schema)
    return plain_table(table_fields(schema, table_meanings(config, manifest.schema_version)))


def _resource(shard: Shard, table: dict[str, Any]) -> dict[str, Any]:
    stem = shard.path.rpartition("/")[2].removesuffix(".parquet")
    return {
        "name": f"{shard.config}-{stem}",
        "path": shard.path,
        "type": "table",
        "format": "parquet",
        "mediatype": _PARQUET,
        "hash": f"sha256:{shard.sha256}",
        "rows": shard.n_rows,
        "newsds:config": shard.config,
        "newsds:split": shard.split,
        "schema": table,
    }


def croissant(manifest: Manifest, schemas: Mapping[str, pa.Schema]) -> dict[str, Any]:
    """Return the Croissant 1.1 description of a release, to lie in its top folder.

    Args:
        manifest: the manifest of the release.
        schemas: config to the Arrow schema of its files.
    """
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [_CROISSANT, "http://mlcommons.org/croissant/RAI/1.0"],
        "name": manifest.name,
        "description": manifest.description or manifest.title or manifest.name,
        **_present(
            alternateName=manifest.title,
            url=manifest.homepage,
            datePublished=manifest.created,
            license=[item.get("path") or item.get("name") for item in manifest.licenses],
            creator=[_creator(item) for item in manifest.contributors],
            keywords=list(manifest.keywords),
            inLanguage=list(manifest.languages),
        ),
        "version": manifest.version,
        "citeAs": bibtex(manifest),
        **_responsible_ai(manifest),
        **_provenance(manifest),
        "distribution": [_file_object(shard) for shard in manifest.files]
        + [_file_set(item) for item in manifest.configs],
        "recordSet": [
            record_set
            for config in manifest.configs
            for record_set in _record_sets(config, schemas[config.name], manifest)
        ],
    }


def _creator(contributor: Mapping[str, Any]) -> dict[str, Any]:
    names = [contributor[key] for key in ("givenName", "familyName") if contributor.get(key)]
    kind = "sc:Person" if names else "sc:Organization"
    name = contributor.get("title") or " ".join(names)
    return {"@type": kind, **_present(name=name, url=contributor.get("path"), email=contributor.get("email"))}


def bibtex(manifest: Manifest) -> str:
    """Return how to cite the release, as one BibTeX entry."""
    fields = _present(
        author=" and ".join(f"{{{_tex(_creator(item).get('name', ''))}}}" for item in manifest.contributors),
        title=f"{{{_tex(manifest.title or manifest.name)}}}",
        version=manifest.version,
        year=(manifest.created or "")[:4],
        url=manifest.homepage,
    )
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items()]
    return "\n".join([f"@misc{{{manifest.name}_{manifest.version},", ",\n".join(lines), "}"])


def _tex(text: str) -> str:
    """Return text without the characters that mean something to TeX."""
    return " ".join(
        "".join(f"\\{char}" if char in "%&$#_" else char for char in text if char not in "\\{}~^").split()
    )


def _file_object(shard: Shard) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": shard.path,
        "name": shard.path.rpartition("/")[2],
        "contentUrl": shard.path,
        "contentSize": f"{shard.n_bytes} B",
        "encodingFormat": _CROISSANT_PARQUET,
        "sha256": shard.sha256,
    }


def _file_set(config: Config) -> dict[str, Any]:
    """Return the set of a config's shards; a record set can draw on several files only through one."""
    return {
        "@type": "cr:FileSet",
        "@id": f"{config.name}-files",
        "name": f"{config.name}-files",
        "description": f"The Parquet files of {config.name}.",
        "encodingFormat": _CROISSANT_PARQUET,
        "includes": f"data/{config.name}/*.parquet",
    }


def _record_sets(
    config: Config, schema: pa.Schema, manifest: Manifest
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the record set of a config's splits, and that of its rows."""
    origin = {"fileSet": {"@id": f"{config.name}-files"}}
    meanings = table_meanings(config.name, manifest.schema_version)
    fields = croissant_fields(schema, config=config.name, origin=origin, meanings=meanings)
    key = {"key": {"@id": f"{config.name}/id"}} if "id" in schema.names else {}
    rows = {
        "@type": "cr:RecordSet",
        "@id": config.name,
        "name": config.name,
        **_present(description=TABLES.get(config.name)),
        **key,
        "field": [_split_field(config, origin), *fields],
    }
    return _splits(config), rows


def _splits(config: Config) -> dict[str, Any]:
    name, kind = f"{config.name}-splits/name", f"{config.name}-splits/url"
    return {
        "@type": "cr:RecordSet",
        "@id": f"{config.name}-splits",
        "name": f"{config.name}-splits",
        "description": f"The splits of {config.name}.",
        "dataType": "cr:Split",
        "key": {"@id": name},
        "field": [
            {"@type": "cr:Field", "@id": name, "name": "name", "dataType": "sc:Text"},
            {"@type": "cr:Field", "@id": kind, "name": "url", "dataType": ["sc:URL", "cr:Split"]},
        ],
        "data": [{name: split, kind: _SPLIT_KINDS.get(split)} for split in config.splits],
    }


def _split_field(config: Config, origin: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{config.name}/split",
        "name": "split",
        "description": "Split to which the record belongs; it is in the name of the file.",
        "dataType": "sc:Text",
        "source": {
            **origin,
            "extract": {"fileProperty": "fullpath"},
            # It must match its own result too: mlcroissant applies it once in the join and once again after.
            "transform": {"regex": f"(?:data/{config.name}/)?({'|'.join(config.splits)})(?:-.+\\.parquet)?$"},
        },
        "references": {"field": {"@id": f"{config.name}-splits/name"}},
    }


def _responsible_ai(manifest: Manifest) -> dict[str, Any]:
    """Return what the build knows that belongs to the RAI vocabulary; the maintainer's judgement is not invented."""
    n_records = sum(item.n_records for item in manifest.inputs)
    open_findings = [item for item in manifest.findings if item["level"] != "waived"]
    return {
        "rai:dataCollection": f"{n_records} records read from {len(manifest.inputs)} files by newsds.",
        "rai:dataPreprocessingProtocol": [
            f"{step.name}: {step.n_in} records in, {step.n_out} out"
            + (f" ({step.note})" if step.note else "")
            for step in manifest.steps
        ],
        "rai:dataLimitations": [
            f"{item['code']} ({item['level']}): {item['n']} findings" for item in open_findings
        ]
        or ["Validation found nothing."],
        "rai:personalSensitiveInformation": [
            "News articles name people. Personal information is not removed."
        ],
        "rai:dataReleaseMaintenancePlan": "A correction or a takedown is a new version of the dataset.",
    }


def _provenance(manifest: Manifest) -> dict[str, Any]:
    tools = [
        {"@type": "prov:SoftwareAgent", "prov:label": f"{name} {version}"}
        for name, version in manifest.tools.items()
    ]
    derived = [_entity(item) for item in manifest.inputs[:_MAX_INPUTS]]
    if more := manifest.inputs[_MAX_INPUTS:]:
        derived.append({"@type": "prov:Entity", "prov:label": f"{len(more)} more files, see {MANIFEST}"})
    return {
        **({"prov:wasDerivedFrom": derived} if derived else {}),
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "prov:label": "newsds build",
            "prov:wasAssociatedWith": tools,
        },
    }


def _entity(item: InputFile) -> dict[str, Any]:
    return {"@type": "prov:Entity", "@id": f"urn:sha256:{item.sha256}", "prov:label": item.path}
