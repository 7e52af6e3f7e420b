"""The account that a build gives of itself: its manifest, from what each stage says it did."""

import platform
from collections.abc import Mapping
from importlib.metadata import version as version_of
from typing import Any

from newsds.checks.report import Report
from newsds.dedup import Clusters
from newsds.dedup.parameters import Parameters
from newsds.project import Project
from newsds.release.assignment import Assignment
from newsds.release.descriptors import ARTICLES
from newsds.release.digests import table_root
from newsds.release.intake import Intake
from newsds.release.manifest import Config, Manifest, Shard, Step
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
    clusters: Clusters,
    assignment: Assignment,
    published: Assignment,
    statistics: Statistics,
    written: Mapping[str, tuple[list[Shard], list[bytes]]],
) -> Manifest:
    """Return the manifest of a release.

    Args:
        project: the dataset project.
        intake: what came of the inputs.
        clusters: what deduplication found.
        assignment: the splits of all articles.
        published: the splits of those whose text is published.
        statistics: of the released articles.
        written: config to its shards and the digests of its rows.
    """
    given = project.descriptor
    counts = statistics.to_dict(**count_copies(clusters.clusters))
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
        parameters=_parameters(project),
        steps=_steps(project, intake, clusters, assignment, published),
        findings=_findings(intake.report),
        tools=_tools(),
        statistics=counts,
    )


def _config(name: str, leaves: list[bytes], sizes: dict[str, int]) -> Config:
    splits = sizes if name == ARTICLES else {"train": len(leaves)}
    return Config(name=name, n_rows=len(leaves), digest=table_root(leaves), splits=splits)


def _parameters(project: Project) -> dict[str, Any]:
    rules = project.descriptor.get("newsds", {})
    return {
        "rules": rules.get("rules", {}),
        "waivers": rules.get("waivers", []),
        "quarantine": project.quarantine,
        "dedupe": Parameters.from_dict(project.dedupe).to_dict(),
        "copies": project.copies,
        "split": project.split.to_dict(),
        "writer": dict(WRITER),
    }


def _steps(
    project: Project, intake: Intake, clusters: Clusters, assignment: Assignment, published: Assignment
) -> tuple[Step, ...]:
    n, n_split, n_published = (
        len(assignment.split),
        len(assignment.split) - assignment.n_left_out,
        len(published.split) - published.n_left_out,
    )
    found = count_copies(clusters.clusters)
    grouped = f"{found['n_clusters']} clusters of two copies or more, {found['n_copies']} copies beside the canonical ones"
    parted = ", ".join(f"{name} {size}" for name, size in assignment.sizes().items())
    refused = f"{intake.n_refused} set aside" if intake.n_refused else None
    embargo = f"; {n - n_split} left out by the embargo" if n != n_split else ""
    steps = (
        Step(name="read and validate", n_in=intake.n_read, n_out=n, note=refused),
        Step(name="dedupe", n_in=n, n_out=n, note=grouped),
        Step(
            name="split",
            n_in=n,
            n_out=n_split,
            note=f"{parted}; no copies or related articles in two splits{embargo}",
        ),
    )
    if project.copies == "all":
        return steps
    note = f"canonical copies only ({Parameters.from_dict(project.dedupe).keep}); the others are named in clusters"
    return (*steps, Step(name="keep", n_in=n_split, n_out=n_published, note=note))


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
