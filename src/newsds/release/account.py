"""The account that a build gives of itself: its manifest, from what each stage says it did."""

import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version as version_of
from typing import Any

from newsds.checks.report import Report
from newsds.project import Project
from newsds.release.assignment import Assignment
from newsds.release.copies import Copies, Earlier, parameters_of
from newsds.release.descriptors import ARTICLES
from newsds.release.digests import table_root
from newsds.release.intake import Intake
from newsds.release.manifest import Config, Manifest, Shard, Step
from newsds.release.parting import Parting
from newsds.release.references import count_copies
from newsds.release.shards import WRITER
from newsds.release.statistics import Statistics
from newsds.version import VERSION

__all__ = ["account"]

#: Packages whose version can change the bytes of a release.
_PACKAGES = ("pyarrow", "numpy", "orjson", "jsonschema-rs", "ftfy", "publicsuffixlist", "py3langid", "pyyaml")


def account(
    project: Project,
    *,
    intake: Intake,
    copies: Copies,
    parting: Parting,
    published: Assignment,
    statistics: Statistics,
    written: Mapping[str, tuple[list[Shard], list[bytes]]],
) -> Manifest:
    """Return the manifest of a release.

    Args:
        project: the dataset project.
        intake: what came of the inputs.
        copies: what deduplication found.
        parting: the splits of all articles.
        published: the splits of those whose text is published.
        statistics: of the released articles.
        written: config to its shards and the digests of its rows.
    """
    given = project.descriptor
    counts = statistics.to_dict(**count_copies(copies.clusters.clusters))
    sizes = published.sizes()
    return Manifest(
        name=project.name,
        version=project.version,
        schema_version=project.schema_version,
        profile=project.rules.profile,
        title=given.get("title"),
        description=given.get("description"),
        homepage=given.get("homepage"),
        created=given.get("created"),
        licenses=tuple(given.get("licenses", ())),
        contributors=tuple(given.get("contributors", ())),
        sources=tuple(given.get("sources", ())),
        keywords=tuple(given.get("keywords", ())),
        languages=tuple(item["value"] for item in counts["languages"]["top"]),
        configs=tuple(_config(name, leaves, sizes) for name, (_, leaves) in written.items()),
        files=tuple(shard for shards, _ in written.values() for shard in shards),
        inputs=intake.inputs,
        parameters=_parameters(project, copies),
        steps=tuple(_steps(project, intake, copies, parting, published)),
        findings=_findings(intake.report),
        tools=_tools(),
        statistics=counts,
    )


def _config(name: str, leaves: list[bytes], sizes: dict[str, int]) -> Config:
    splits = sizes if name == ARTICLES else {"train": len(leaves)}
    return Config(name=name, n_rows=len(leaves), digest=table_root(leaves), splits=splits)


def _parameters(project: Project, copies: Copies) -> dict[str, Any]:
    rules = project.descriptor.get("newsds", {})
    kept = {"kept": [dict(one.origin) for one in copies.kept]} if copies.kept else {}
    index = {} if copies.earlier is None else {"index": copies.earlier.to_dict()}
    return {
        "rules": rules.get("rules", {}),
        "waivers": rules.get("waivers", []),
        "quarantine": project.quarantine,
        "dedupe": parameters_of(project).to_dict(),
        **index,
        "copies": project.copies,
        "split": project.split.to_dict() | kept,
        "writer": dict(WRITER),
    }


def _steps(
    project: Project, intake: Intake, copies: Copies, parting: Parting, published: Assignment
) -> Iterator[Step]:
    assignment = parting.assignment
    n_staged = 0 if intake.staged is None else intake.staged.n_rows
    n, n_split = len(assignment.split), len(assignment.split) - assignment.n_left_out
    found = count_copies(copies.clusters.clusters)
    grouped = f"{found['n_clusters']} clusters of two copies or more, {found['n_copies']} copies beside the canonical ones"
    refused = f"{intake.n_refused} set aside" if intake.n_refused else None
    yield Step(name="read and validate", n_in=intake.n_read, n_out=n_staged, note=refused)
    if n < n_staged:
        yield Step(name="withdraw", n_in=n_staged, n_out=n, note="articles that no release has any more")
    yield Step(name="dedupe", n_in=n, n_out=n, note=grouped)
    if copies.earlier is not None:
        yield Step(name="compare with earlier releases", n_in=n, n_out=n, note=_compared(copies.earlier))
    yield Step(name="split", n_in=n, n_out=n_split, note=_parted(parting))
    if project.copies == "canonical":
        note = f"canonical copies only ({parameters_of(project).keep}); the others are named in clusters"
        n_published = len(published.split) - published.n_left_out
        yield Step(name="keep", n_in=n_split, n_out=n_published, note=note)


def _compared(earlier: Earlier) -> str:
    if not earlier.before:
        return "there is none before"
    return (
        f"{len(earlier.before)} before, the last {earlier.before[-1]}: {earlier.n_known} articles are theirs, "
        f"{earlier.n_copies} are copies of theirs; pairs with theirs that are not in this one: {len(earlier.relations)}"
    )


def _parted(parting: Parting) -> str:
    """Return what a split came to, in words."""
    sizes = ", ".join(f"{name} {size}" for name, size in parting.assignment.sizes().items())
    parts = [sizes, "no copies or related articles in two splits"]
    if keeping := parting.keeping:
        parts.append(
            f"{keeping.n_kept} kept their split, {keeping.n_joined} took that of what they belong to"
        )
    if n_near := parting.assignment.n_left_out - parting.n_torn:
        parts.append(f"{n_near} left out by the embargo")
    if parting.n_torn:
        parts.append(f"{parting.n_torn} left out because they belong to articles of two splits")
    return "; ".join(parts)


def _findings(report: Report) -> tuple[dict[str, Any], ...]:
    counted = [
        {"code": item.code, "level": item.level, "n": item.n, "reason": None} for item in report.counts
    ]
    waived = [
        {"code": item.code, "level": "waived", "n": item.n, "reason": item.reason}
        for item in report.waived
        if item.n
    ]
    return (*counted, *waived)


def _tools() -> dict[str, str]:
    return {
        "newsds": VERSION,
        "python": platform.python_version(),
        **{name: version_of(name) for name in _PACKAGES},
    }
