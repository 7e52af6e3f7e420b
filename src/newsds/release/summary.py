"""What a build or a verification says to people."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from newsds.findings import Finding
from newsds.release.descriptors import ARTICLES
from newsds.release.manifest import Manifest
from newsds.reporters.wording import summary_lines

if TYPE_CHECKING:
    from newsds.release.build import Built

__all__ = ["summary"]

#: Errors that are shown one by one.
_MAX_SHOWN = 20


def summary(built: "Built") -> str:
    """Return what a build made, what it found, and how to open it."""
    lines = [*built.notes, *_errors(built), *summary_lines(built.report)]
    if built.manifest is not None:
        lines += ["", *_made(built, built.manifest), "", *_openings(built, built.manifest)]
    else:
        lines += ["", _advice(built)]
    return "\n".join(lines)


def _errors(built: "Built") -> Iterator[str]:
    yield from map(_line, built.errors[:_MAX_SHOWN])
    if len(built.errors) > _MAX_SHOWN:
        yield f"... and {len(built.errors) - _MAX_SHOWN:,} more records with errors; newsds validate lists them"
    if built.errors:
        yield ""


def _line(finding: Finding) -> str:
    place = finding.path or "all records"
    number = finding.line if finding.line is not None else finding.row
    return f"{place}{'' if number is None else f':{number}'}: {finding.code} {finding.message[:200]}"


def _advice(built: "Built") -> str:
    if not built.errors:
        return "nothing was built: there is no article"
    if built.is_patient:
        return "nothing was built: no record is without errors"
    return (
        "nothing was built: mend the records, waive a rule with a reason, "
        'or set "quarantine": true under "newsds" in datapackage.json'
    )


def _made(built: "Built", manifest: Manifest) -> Iterator[str]:
    yield f"built {manifest.name} {manifest.version} in {built.path}"
    for config in manifest.configs:
        splits = ", ".join(f"{name} {n:,}" for name, n in config.splits.items())
        yield f"  {config.name:10} {config.n_rows:>9,} rows  ({splits})"
    for step in manifest.steps:
        yield f"  {step.name}: {step.n_in:,} in, {step.n_out:,} out" + (f"; {step.note}" if step.note else "")
    n_bytes = sum(shard.n_bytes for shard in manifest.files)
    yield f"  {len(manifest.files):,} shards, {n_bytes:,} bytes, release digest {built.digest}"
    if built.quarantine is not None:
        yield f"  set aside, with reasons: {built.quarantine}"


def _openings(built: "Built", manifest: Manifest) -> Iterator[str]:
    split = next(name for name, n in manifest.config(ARTICLES).splits.items() if n)
    yield "open it:"
    yield f'  newsds.load("{built.path}", split="{split}")'
    yield f'  datasets.load_dataset("{built.path}", "{ARTICLES}", split="{split}")'
    yield f"  duckdb.sql(\"from '{built.path}/data/{ARTICLES}/{split}-*.parquet'\")"
