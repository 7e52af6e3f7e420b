"""What people read about a release: the dataset card `README.md`, `CITATION.cff` and `CHANGELOG.md`."""

import re
import string
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from newsds.release.descriptors import ARTICLES, TABLES, bibtex, schema_path, table_meanings
from newsds.release.manifest import MANIFEST, SUMS, Config, Manifest
from newsds.schema_forms import features_yaml

__all__ = ["card", "changelog", "citation", "plain"]

#: SPDX identifiers that the Hugging Face Hub knows under the same name in lower case.
_SPDX = (
    "AFL-3.0", "AGPL-3.0", "Apache-2.0", "Artistic-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0",
    "CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-NC-2.0", "CC-BY-NC-3.0", "CC-BY-NC-4.0",
    "CC-BY-NC-ND-3.0", "CC-BY-NC-ND-4.0", "CC-BY-NC-SA-2.0", "CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC0-1.0", "CDLA-Permissive-1.0", "CDLA-Sharing-1.0",
    "ECL-2.0", "EPL-1.0", "EPL-2.0", "EUPL-1.1", "EUPL-1.2", "GPL-2.0", "GPL-3.0", "ISC", "LGPL-2.1",
    "LGPL-3.0", "MIT", "MPL-2.0", "OFL-1.1", "OSL-3.0", "Unlicense", "WTFPL", "Zlib",
)  # fmt: skip

#: SPDX identifier to the Hub's name.
_HUB_LICENSES = {name: name.lower() for name in _SPDX} | {
    "ODC-By-1.0": "odc-by",
    "ODbL-1.0": "odbl",
    "PDDL-1.0": "pddl",
}

#: Upper bounds of the Hub's size categories.
_SIZES = (
    (10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"), (10**8, "10M<n<100M"), (10**9, "100M<n<1B"), (10**10, "1B<n<10B"),
)  # fmt: skip

#: Punctuation that means something to Markdown or HTML.
_MARKUP = set(string.punctuation) - set(",'()-.;/:%")

#: Heading of a ranking to its name in the statistics.
_RANKINGS = {
    "Languages": "languages",
    "Publishers": "publishers",
    "Agencies": "agencies",
    "Statuses": "statuses",
}

#: Values of a ranking that the card shows.
_TOP = 10


def _yaml(data: Any) -> str:
    import yaml

    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=10**6))


def plain(text: object) -> str:
    """Return text that Markdown shows as it is, on one line, whatever it holds."""
    shown = "".join(char if char.isprintable() else " " for char in str(text))
    marked = "".join(f"&#{ord(char)};" if char in _MARKUP else char for char in " ".join(shown.split()))
    # Bare addresses become links without any mark-up.
    return marked.replace("://", "&#58;//").replace("www.", "www&#46;").replace("WWW.", "WWW&#46;")


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return a Markdown table; the cells are Markdown. Columns of numbers are not told apart."""
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines] + [""]


def card(manifest: Manifest, schemas: Mapping[str, pa.Schema]) -> str:
    """Return the dataset card: YAML front matter for the Hugging Face Hub and `datasets`, then text.

    Args:
        manifest: the manifest of the release.
        schemas: config to the Arrow schema of its files.
    """
    sections = (
        _introduction(manifest),
        _loading(manifest),
        _tables(manifest, schemas),
        _numbers(manifest),
        _validation(manifest),
        _making(manifest),
        _origin(manifest),
        _licence(manifest),
        _verifying(),
        _citing(manifest),
    )
    text = "\n".join(line for section in sections for line in section)
    return f"---\n{_yaml(_front_matter(manifest, schemas))}---\n\n{text.rstrip()}\n"


def _front_matter(manifest: Manifest, schemas: Mapping[str, pa.Schema]) -> dict[str, Any]:
    n_articles = sum(config.n_rows for config in manifest.configs if config.name == ARTICLES)
    return {
        "pretty_name": manifest.title or manifest.name,
        **_hub_license(manifest),
        "language": _primary_languages(manifest.languages),
        "size_categories": [next((name for bound, name in _SIZES if n_articles < bound), "10B<n<100B")],
        "tags": list(dict.fromkeys(["news", *manifest.keywords])),
        "configs": [_config_yaml(config, manifest) for config in manifest.configs],
        "dataset_info": [_info_yaml(config, schemas[config.name], manifest) for config in manifest.configs],
    }


def _hub_license(manifest: Manifest) -> dict[str, Any]:
    """Return the licence in the Hub's words; one that the Hub does not know goes by its name and address."""
    if not manifest.licenses:
        return {"license": "unknown"}
    known = [hub for item in manifest.licenses if (hub := _HUB_LICENSES.get(item.get("name", "")))]
    if len(known) == len(manifest.licenses):
        return {"license": known[0] if len(known) == 1 else known}
    first = next(item for item in manifest.licenses if item.get("name") not in _HUB_LICENSES)
    name = re.sub(r"[^a-z0-9.]+", "-", (first.get("name") or first.get("title") or "").lower()).strip("-")
    named = {"license_name": name, "license_link": first.get("path")}
    return {"license": "other", **{key: value for key, value in named.items() if value}}


def _primary_languages(tags: Iterable[str]) -> list[str]:
    """Return the ISO 639 part of language tags, without `und`."""
    return [tag for tag in dict.fromkeys(tag.split("-")[0].lower() for tag in tags) if tag != "und"]


def _sizes(config: Config, manifest: Manifest) -> dict[str, tuple[int, int]]:
    """Return split to rows and bytes of its shards; a split without shards cannot be loaded, so is left out."""
    shards = {split: manifest.shards(config.name, split) for split in config.splits}
    return {
        split: (sum(shard.n_rows for shard in found), sum(shard.n_bytes for shard in found))
        for split, found in shards.items()
        if found
    }


def _config_yaml(config: Config, manifest: Manifest) -> dict[str, Any]:
    """Return a config with its files named: else `datasets` makes one table of all Parquet files it finds."""
    pattern = f"data/{config.name}/{{}}-*.parquet"
    files = [{"split": split, "path": pattern.format(split)} for split in _sizes(config, manifest)]
    default = {"default": True} if config.name == ARTICLES else {}
    return {"config_name": config.name, **default, "data_files": files}


def _info_yaml(config: Config, schema: pa.Schema, manifest: Manifest) -> dict[str, Any]:
    """Return a config's `dataset_info`; bytes are those of the files."""
    sizes = _sizes(config, manifest)
    n_bytes = sum(size for _, size in sizes.values())
    return {
        "config_name": config.name,
        "features": features_yaml(schema),
        "splits": [
            {"name": split, "num_bytes": size, "num_examples": rows} for split, (rows, size) in sizes.items()
        ],
        "download_size": n_bytes,
        "dataset_size": n_bytes,
    }


def _introduction(manifest: Manifest) -> list[str]:
    title = plain(manifest.title or manifest.name)
    date = f", {plain(manifest.created[:10])}" if manifest.created else ""
    return [
        f"# {title}",
        "",
        *([manifest.description, ""] if manifest.description else []),
        f"Version {plain(manifest.version)}{date}. Built and checked by newsds.",
        f"This page is written from [`{MANIFEST}`]({MANIFEST}).",
        "",
    ]


def _loading(manifest: Manifest) -> list[str]:
    """Return one line of code for each client; the folder is the release."""
    split = next(iter(manifest.config(ARTICLES).splits))
    return [
        "## Load it",
        "",
        "`FOLDER` is the folder of this page.",
        "",
        "```python",
        f'newsds.load("FOLDER", split="{split}")',
        f'datasets.load_dataset("FOLDER", "{ARTICLES}", split="{split}")',
        f'polars.scan_parquet("FOLDER/data/{ARTICLES}/*.parquet")',
        f'duckdb.read_parquet("FOLDER/data/{ARTICLES}/*.parquet")',
        "```",
        "",
    ]


def _tables(manifest: Manifest, schemas: Mapping[str, pa.Schema]) -> list[str]:
    lines = ["## Tables", ""]
    for config in manifest.configs:
        meanings = table_meanings(config.name, manifest.schema_version)
        lines += [f"### `{config.name}`", ""]
        lines += [TABLES[config.name], ""] if config.name in TABLES else []
        lines += _table(["Split", "Rows"], [[f"`{split}`", n] for split, n in config.splits.items()])
        columns = schemas[config.name]
        lines += _table(["Column", "Type", "Meaning"], [_column_row(column, meanings) for column in columns])
    return lines


def _column_row(column: pa.Field, meanings: Mapping[str, str]) -> list[str]:
    return [f"`{column.name}`", _type_words(column.type), meanings.get(column.name, "")]


def _type_words(dtype: pa.DataType) -> str:
    if pa.types.is_list(dtype):
        return f"list of {_type_words(dtype.value_type)}"
    return "struct" if pa.types.is_struct(dtype) else f"`{dtype}`"


def _numbers(manifest: Manifest) -> list[str]:
    found = manifest.statistics
    published = found.get("published", {})
    facts = {
        "Articles": found.get("n_articles"),
        "Words": found.get("n_words"),
        "First published": published.get("first"),
        "Last published": published.get("last"),
        "Without a date": published.get("n_missing"),
        "Clusters of copies": found.get("n_clusters"),
        "Copies in them": found.get("n_copies"),
        "In earlier releases, or copies of articles there": found.get("n_earlier"),
    }
    lengths = {f"Characters of the body, {name}": n for name, n in found.get("body_characters", {}).items()}
    rows = [[name, plain(value)] for name, value in (facts | lengths).items() if value is not None]
    years = [[year["year"], year["n"]] for year in published.get("years", [])]
    return [
        "## Numbers",
        "",
        "Computed from the released articles.",
        "",
        *_table(["Of the articles", "Number"], rows),
        *(line for name, key in _RANKINGS.items() if key in found for line in _ranking(name, found[key])),
        *(["### Years", "", *_table(["Year", "Articles"], years)] if years else []),
    ]


def _ranking(name: str, ranking: Mapping[str, Any]) -> list[str]:
    shown, hidden = ranking["top"][:_TOP], ranking["top"][_TOP:]
    rows: list[list[object]] = [[plain(item["value"]), item["n"]] for item in shown]
    n_others = ranking["n_distinct"] - len(shown)
    if n_others:
        rows.append([f"*{n_others} others*", ranking["n_other"] + sum(item["n"] for item in hidden)])
    if ranking["n_missing"]:
        rows.append(["*not known*", ranking["n_missing"]])
    return [f"### {name}", "", *_table([name, "Articles"], rows)] if rows else []


def _validation(manifest: Manifest) -> list[str]:
    profile = f"The inputs were checked against the profile `{manifest.profile}`."
    lines = ["## What validation found", "", profile, ""]
    if not manifest.findings:
        return [*lines, "Nothing was found.", ""]
    found = manifest.findings
    rows = [
        [f"`{item['code']}`", item["level"], item["n"], plain(item.get("reason") or "")] for item in found
    ]
    return [*lines, *_table(["Rule", "Level", "Findings", "Reason of the waiver"], rows)]


def _making(manifest: Manifest) -> list[str]:
    rows = [[plain(step.name), step.n_in, step.n_out, plain(step.note or "")] for step in manifest.steps]
    programs = ", ".join(f"{plain(name)} {plain(version)}" for name, version in manifest.tools.items())
    return [
        "## How it was made",
        "",
        *_table(["Step", "Records in", "Records out", "Note"], rows),
        "Parameters:",
        "",
        *("    " + line for line in _yaml(manifest.parameters).splitlines()),
        "",
        f"Programs: {programs}.",
        "",
    ]


def _origin(manifest: Manifest) -> list[str]:
    n_records = sum(item.n_records for item in manifest.inputs)
    return [
        "## Where it comes from",
        "",
        f"Records read: {n_records}. Files: {len(manifest.inputs)}.",
        f"`{MANIFEST}` names each file with its SHA-256; the column `provenance` leads back to the place in it.",
        "",
        *(f"- {_named(item)}" for item in manifest.sources),
        *([""] if manifest.sources else []),
    ]


def _licence(manifest: Manifest) -> list[str]:
    names = [f"- {_named(item)}" for item in manifest.licenses] or ["- No licence is declared."]
    return [
        "## Licence",
        "",
        *names,
        "",
        "Rights in single articles may differ: what was seen of them is in the column `rights`.",
        "",
    ]


def _named(item: Mapping[str, Any]) -> str:
    """Return a licence or an origin as a Data Package describes it: its title or name, and its address."""
    title = plain(item.get("title") or item.get("name") or "")
    return ", ".join(part for part in (title, plain(item.get("path") or "")) if part)


def _verifying() -> list[str]:
    return [
        "## Verify it",
        "",
        "```sh",
        f"sha256sum -c {SUMS}",
        "newsds verify .",
        "```",
        "",
    ]


def _citing(manifest: Manifest) -> list[str]:
    fence = "````"
    return ["## Cite it", "", f"{fence}bibtex", bibtex(manifest).replace(fence, ""), fence, ""]


def citation(manifest: Manifest) -> str:
    """Return `CITATION.cff`, version 1.2.0."""
    title = manifest.title or manifest.name
    licenses = [item["name"] for item in manifest.licenses if item.get("name") in _HUB_LICENSES]
    web = {"url": manifest.homepage} if (manifest.homepage or "").startswith(("http://", "https://")) else {}
    return _yaml(
        {
            "cff-version": "1.2.0",
            "message": "If you use this dataset, please cite it.",
            "type": "dataset",
            "title": title,
            **({"abstract": manifest.description} if manifest.description else {}),
            "authors": [_author(item) for item in manifest.contributors] or [{"name": f"Makers of {title}"}],
            "version": manifest.version,
            **({"date-released": manifest.created[:10]} if manifest.created else {}),
            **({"license": licenses[0] if len(licenses) == 1 else licenses} if licenses else {}),
            **web,
            **({"keywords": list(dict.fromkeys(manifest.keywords))} if manifest.keywords else {}),
        }
    )


def _author(contributor: Mapping[str, Any]) -> dict[str, str]:
    """Return a contributor as a person if the parts of the name are known, else as an entity."""
    person = {"given-names": contributor.get("givenName"), "family-names": contributor.get("familyName")}
    if any(person.values()):
        return {key: value for key, value in person.items() if value}
    names = (contributor.get(key) for key in ("title", "organization", "email", "path"))
    return {"name": next((name for name in names if name), "unknown")}


def changelog(manifest: Manifest) -> str:
    """Return `CHANGELOG.md` of the release: what this version holds and which steps led to it."""
    date = f" ({plain(manifest.created[:10])})" if manifest.created else ""
    configs = manifest.configs
    tables = [f"- `{config.name}`: {config.n_rows} rows, digest `{config.digest}`" for config in configs]
    steps = [f"- {plain(step.name)}: {step.n_in} records in, {step.n_out} out" for step in manifest.steps]
    return "\n".join(
        [
            f"# Changelog of {plain(manifest.title or manifest.name)}",
            "",
            f"## {plain(manifest.version)}{date}",
            "",
            *tables,
            *steps,
            f"- article schema {plain(manifest.schema_version)}: `{schema_path(manifest)}`",
            "",
        ]
    )
