"""build(): a dataset project in, a release out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newsds.checks.report import Report
from newsds.dedup import Clusters, dedupe
from newsds.dedup.parameters import Parameters
from newsds.errors import ProjectError, UsageError
from newsds.extras import require_reading
from newsds.files import atomic_write
from newsds.findings import Finding
from newsds.project import Project
from newsds.readers.columns import texts
from newsds.release.account import account
from newsds.release.assignment import Assignment, Bonds, assign
from newsds.release.attestation import ATTESTATIONS, PROVENANCE, statement
from newsds.release.descriptors import ARTICLES
from newsds.release.digests import file_sha256
from newsds.release.documents import documents, licence_files, sums, to_json
from newsds.release.intake import Intake, Progress, take_in
from newsds.release.inventory import read_sums
from newsds.release.manifest import SUMS, Manifest, Shard
from newsds.release.order import Index
from newsds.release.shards import lay_out, plain_schema, write_spooled, write_table
from newsds.release.signing import read_private_key, sign
from newsds.release.splits import find_faults
from newsds.release.spool import Spool
from newsds.release.statistics import Statistics
from newsds.release.workplace import Workplace, abandoned, workplace

__all__ = ["Built", "build"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Built:
    """What a build made, or why it made nothing."""

    #: The release; None if errors stopped the build.
    path: Path | None
    report: Report
    #: SHA-256 of the list of checksums: names the release and all its bytes.
    digest: str | None = None
    manifest: Manifest | None = None
    quarantine: Path | None = None
    #: The errors that stopped the build, or sent records to the quarantine.
    errors: tuple[Finding, ...] = ()
    #: What makes the splits of the release other ones than were wanted.
    faults: tuple[str, ...] = ()
    #: What the maintainer should know besides.
    notes: tuple[str, ...] = field(default=())
    #: Whether records with errors are set aside instead of stopping the build.
    is_patient: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as JSON data."""
        return {
            "path": None if self.path is None else self.path.as_posix(),
            "digest": self.digest,
            "manifest": None if self.manifest is None else self.manifest.to_dict(),
            "quarantine": None if self.quarantine is None else self.quarantine.as_posix(),
            "report": self.report.to_dict(),
            "faults": list(self.faults),
            "notes": list(self.notes),
        }

    def to_text(self) -> str:
        """Return the summary for people."""
        from newsds.release.summary import summary

        return summary(self)


def build(
    project: Project | str | Path,
    output: str | Path = "dist",
    *,
    key: str | Path | None = None,
    password: bytes | None = None,
    progress: Progress | None = None,
) -> Built:
    """Read, validate, dedupe and split the inputs of a project, and write its release.

    The release appears at `output/NAME/VERSION` all at once, or not at all.

    Args:
        project: a dataset project, or its folder.
        output: folder of releases; made if it is not there.
        key: private key in PEM to sign the release with; see `newsds.release.signing`.
        password: of the key, if it is encrypted.
        progress: is called with the number of records done since the last call.

    Raises:
        ProjectError: the project is not one, or cannot be built as it stands.
        InputError: an input does not exist, cannot be opened, or changes while it is read.
        OutputError: there is a release of this version, or the output cannot be written.
        MissingExtraError: there is a key, and model-signing is not installed.
    """
    require_reading("building a release")
    chosen = project if isinstance(project, Project) else Project.from_folder(project)
    target = Path(output) / chosen.name / chosen.version
    if key is not None:
        read_private_key(key, password=password)
    notes = tuple(
        f"{path}: left behind by a build that was interrupted; it can be deleted"
        for path in abandoned(target)
    )
    with workplace(target) as place:
        intake = take_in(chosen, place.scratch, progress=progress)
        notes += _lost_inputs(intake)
        if intake.staged is None or not intake.staged.n_rows:
            return Built(
                path=None,
                report=intake.report,
                errors=intake.errors,
                notes=notes,
                is_patient=chosen.quarantine,
            )
        manifest = _assemble(chosen, intake, intake.staged, place, progress)
        digest = _attest(manifest, place.release)
        if key is not None:
            sign(place.release, key=key, password=password)
        quarantine = _keep_quarantine(intake, target)
        place.deliver()
    return Built(
        path=target,
        report=intake.report,
        digest=digest,
        manifest=manifest,
        quarantine=quarantine,
        errors=intake.errors,
        faults=tuple(_faults(chosen, manifest)),
        notes=notes,
        is_patient=chosen.quarantine,
    )


def _faults(project: Project, manifest: Manifest) -> list[str]:
    """Return what makes the splits of a release other ones than were wanted."""
    counts = manifest.statistics
    return find_faults(
        project.split,
        manifest.config(ARTICLES).splits,
        n_texts=counts["n_articles"],
        n_undated=counts["published"]["n_missing"],
    )


def _attest(manifest: Manifest, folder: Path) -> str:
    """Write the statement about the build, and return the release digest."""
    digest = file_sha256(folder / SUMS)
    listed, _ = read_sums((folder / SUMS).read_bytes())
    (folder / PROVENANCE).parent.mkdir()
    atomic_write(folder / PROVENANCE, to_json(statement(manifest, listed, digest)))
    return digest


def _lost_inputs(intake: Intake) -> tuple[str, ...]:
    """Say so where records were set aside and an input is gone with them."""
    if intake.staged is None or not intake.lost:
        return ()
    more = f" and of {len(intake.lost) - 1:,} more inputs" if len(intake.lost) > 1 else ""
    return (f"{intake.lost[0]}: no record is left of it{more}; what was set aside says why",)


def _keep_quarantine(intake: Intake, target: Path) -> Path | None:
    if intake.quarantine is None:
        return None
    kept = target.parent / f"{target.name}.quarantine.jsonl"
    return intake.quarantine.replace(kept)


def _assemble(
    project: Project, intake: Intake, staged: Spool, place: Workplace, progress: Progress | None
) -> Manifest:
    """Write everything into the place, and return the manifest."""
    index = Index.of(staged, stratify=project.split.stratify)
    clusters = _find_clusters(project, staged, place.scratch, progress)
    assignment = _split(project, index, clusters)
    if assignment.n_left_out:
        clusters = _without(clusters, index.ids.filter(pa.array(assignment.split < 0)))
    published = _published(project, index, clusters, assignment)
    statistics = Statistics()
    written = {ARTICLES: _write_articles(place, staged, index, published, statistics.add)}
    schemas = {ARTICLES: staged.schema}
    for name, table in _tables(clusters).items():
        written[name] = write_table(place.release, name, "train", table)
        schemas[name] = table.schema
    manifest = account(
        project,
        intake=intake,
        clusters=clusters,
        assignment=assignment,
        published=published,
        statistics=statistics,
        written=written,
    )
    _write_documents(project, manifest, schemas, place.release)
    return manifest


def _without(clusters: Clusters, left_out: pa.Array) -> Clusters:
    """Return the clusters without articles that are in no split; what they are related to is not in any either."""

    def kept(table: pa.Table, column: str) -> pa.Table:
        return table.filter(pc.invert(pc.is_in(table.column(column), value_set=left_out)))

    return Clusters(clusters=kept(clusters.clusters, "article_id"), relations=kept(clusters.relations, "a"))


def _published(project: Project, index: Index, clusters: Clusters, assignment: Assignment) -> Assignment:
    """Return the assignment of the articles whose text is published."""
    if project.copies == "all":
        return assignment
    table = clusters.clusters
    canonical = table.filter(pc.equal(table.column("role"), pa.scalar("canonical"))).column("article_id")
    is_kept = pc.is_in(index.ids, value_set=canonical.combine_chunks()).to_numpy(zero_copy_only=False)
    return Assignment(names=assignment.names, split=np.where(is_kept, assignment.split, -1))


def _find_clusters(project: Project, staged: Spool, scratch: Path, progress: Progress | None) -> Clusters:
    try:
        parameters = Parameters.from_dict(project.dedupe)
    except (UsageError, TypeError) as error:
        raise ProjectError(f"/newsds/dedupe: {error}") from None
    return dedupe(texts(staged.batches()), parameters=parameters, progress=progress, spill=scratch)


def _tables(clusters: Clusters) -> dict[str, pa.Table]:
    """Return the tables beside the articles, each in its total order.

    A table without rows is left out: `datasets` cannot load one.
    """
    by_pair = [("a", "ascending"), ("b", "ascending"), ("relation", "ascending")]
    tables = {
        "clusters": clusters.clusters.sort_by("article_id"),
        "relations": clusters.relations.sort_by(by_pair),
    }
    return {name: table.cast(plain_schema(table.schema)) for name, table in tables.items() if len(table)}


def _split(project: Project, index: Index, clusters: Clusters) -> Assignment:
    by_id = pc.sort_indices(index.ids)
    ids, ranks = index.ids.take(by_id), index.id_ranks()
    bonds = Bonds.of(ids, clusters.clusters, clusters.relations)
    ranked = assign(
        bonds.components(),
        index.times[by_id.to_numpy()],
        project.split,
        ids=ids,
        strata=None if index.strata is None else index.strata[by_id.to_numpy()],
    )
    assert ranked.n_crossing(*bonds.links()) == 0
    if ranked.n_left_out == len(ids):
        raise ProjectError(
            "/newsds/split/embargo_hours: every article lies near a border or has no date, and is left out; "
            "shorten the embargo, or split at random"
        )
    return Assignment(names=ranked.names, split=ranked.split[ranks])


def _write_articles(
    place: Workplace,
    staged: Spool,
    index: Index,
    assignment: Assignment,
    watch: Callable[[pa.RecordBatch], None],
) -> tuple[list[Shard], list[bytes]]:
    order = index.order()
    layouts = []
    for number, name in enumerate(assignment.names):
        rows = order[assignment.split[order] == number]
        layouts.append(lay_out(ARTICLES, name, rows, index.sizes[rows]))
    return write_spooled(place.release, staged, layouts, place.scratch, watch=watch)


def _write_documents(
    project: Project, manifest: Manifest, schemas: dict[str, pa.Schema], folder: Path
) -> None:
    licences = licence_files(manifest.licenses, project.folder)
    texts = documents(manifest, schemas)
    if clash := sorted(licences.keys() & {*texts, SUMS, "data", "schema", ATTESTATIONS}):
        raise ProjectError(f"/licenses: {clash[0]}: a release has a file of that name; rename yours")
    for path, data in (texts | licences).items():
        (folder / path).parent.mkdir(exist_ok=True)
        atomic_write(folder / path, data)
    paths = [*texts, *licences, *(shard.path for shard in manifest.files)]
    atomic_write(folder / SUMS, sums(folder, paths))
