"""build(): a dataset project in, a release out."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from newsds.checks.report import Report
from newsds.errors import ProjectError
from newsds.extras import require_reading
from newsds.files import atomic_write
from newsds.findings import Finding
from newsds.project import Project
from newsds.release.account import account
from newsds.release.assignment import Assignment
from newsds.release.attestation import ATTESTATIONS, PROVENANCE, statement
from newsds.release.copies import Copies, check_index, find_copies, parameters_of
from newsds.release.descriptors import ARTICLES
from newsds.release.digests import file_sha256
from newsds.release.documents import documents, licence_files, sums, to_json
from newsds.release.intake import Intake, Progress, take_in
from newsds.release.inventory import read_sums
from newsds.release.kept import Kept, read_kept
from newsds.release.manifest import SUMS, Manifest, Shard
from newsds.release.order import Index
from newsds.release.parting import Parting, part
from newsds.release.shards import lay_out, plain_schema, write_spooled, write_table
from newsds.release.signing import read_private_key, sign
from newsds.release.splits import find_faults
from newsds.release.spool import Spool
from newsds.release.statistics import Statistics
from newsds.release.withdrawal import without_withdrawn
from newsds.release.workplace import Workplace, abandoned, workplace

__all__ = ["Built", "build"]


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
    index: str | Path | None = None,
    keep_splits: str | Path | None = None,
    key: str | Path | None = None,
    password: bytes | None = None,
    progress: Progress | None = None,
) -> Built:
    """Read, validate, dedupe and split the inputs of a project, and write its release.

    The release appears at `output/NAME/VERSION` all at once, or not at all.

    Args:
        project: a dataset project, or its folder.
        output: folder of releases; made if it is not there.
        index: folder of the index of earlier releases, made if it is not there; that of the project unless said.
        keep_splits: a release, or a table with `id` and `split`: what was split there keeps its split; what the project
            says unless said. With an index the splits of all its releases are kept.
        key: private key in PEM to sign the release with; see `newsds.release.signing`.
        password: of the key, if it is encrypted.
        progress: is called with the number of records done since the last call.

    Raises:
        ProjectError: the project is not one, or cannot be built as it stands.
        UsageError: the index was made with other choices, or has this version without some of the articles.
        InputError: an input does not exist, cannot be opened, or changes while it is read.
        OutputError: there is a release of this version, the output cannot be written, or another build uses the index.
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
    past = _Past.of(chosen, index, keep_splits)
    with workplace(target) as place:
        intake = take_in(chosen, place.scratch, leave_out=past.files(), progress=progress)
        notes += _lost_inputs(intake)
        staged = _staying(chosen, intake, place)
        if staged is None:
            return Built(
                path=None,
                report=intake.report,
                errors=intake.errors,
                notes=notes,
                is_patient=chosen.quarantine,
            )
        order = Index.of(staged, stratify=chosen.split.stratify)
        with find_copies(chosen, staged, place.scratch, index=past.index, progress=progress) as copies:
            copies = replace(copies, kept=(*copies.kept, *past.kept))  # noqa: PLW2901 # with what is kept besides
            parting = part(chosen, order, copies)
            manifest = _assemble(
                chosen, intake, place, staged=staged, order=order, copies=copies, parting=parting
            )
            digest = _attest(manifest, place.release)
            if key is not None:
                sign(place.release, key=key, password=password)
            quarantine = _keep_quarantine(intake, target)
            copies.deliver(place, digest, parting.fresh)
    faults = tuple(_faults(chosen, manifest, parting))
    return Built(
        path=target,
        report=intake.report,
        digest=digest,
        manifest=manifest,
        quarantine=quarantine,
        errors=intake.errors,
        faults=faults,
        notes=(*notes, *copies.notes(target, is_faulty=bool(faults)), *_kept_notes(manifest, parting)),
        is_patient=chosen.quarantine,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Past:
    """What a build knows of earlier releases."""

    #: Folder of their index.
    index: Path | None
    #: Splits that are kept besides those of the index.
    kept: tuple[Kept, ...]

    @classmethod
    def of(cls, project: Project, index: str | Path | None, keep_splits: str | Path | None) -> "_Past":
        """Return what the call says, else what the project says; what cannot be used is refused."""
        folder = project.index if index is None else Path(index)
        kept = project.kept_splits if keep_splits is None else Path(keep_splits)
        if folder is not None:
            check_index(project, folder)
        return cls(index=folder, kept=() if kept is None else (read_kept(kept),))

    def files(self) -> frozenset[Path]:
        """Return the files of the index, which are no inputs."""
        return (
            frozenset() if self.index is None else frozenset(path.resolve() for path in self.index.glob("*"))
        )


def _kept_notes(manifest: Manifest, parting: Parting) -> list[str]:
    return parting.keeping.notes(manifest.config(ARTICLES).splits) if parting.keeping else []


def _staying(project: Project, intake: Intake, place: Workplace) -> Spool | None:
    """Return the good records without those that are withdrawn; None if there is none."""
    if intake.staged is None:
        return None
    staged = without_withdrawn(intake.staged, project.withdrawn, place.scratch / "staying.arrows")
    return staged if staged.n_rows else None


def _faults(project: Project, manifest: Manifest, parting: Parting) -> list[str]:
    """Return what makes the splits of a release other ones than were wanted."""
    counts = manifest.statistics
    return find_faults(
        project.split,
        manifest.config(ARTICLES).splits,
        n_texts=counts["n_articles"],
        n_undated=counts["published"]["n_missing"],
        keeping=parting.keeping,
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
    project: Project,
    intake: Intake,
    place: Workplace,
    *,
    staged: Spool,
    order: Index,
    copies: Copies,
    parting: Parting,
) -> Manifest:
    """Write everything into the place, and return the manifest."""
    assignment = parting.assignment
    if assignment.n_left_out:
        copies = copies.without(
            order.ids.filter(pa.array(assignment.split < 0)),
            staged,
            parameters=parameters_of(project),
            scratch=place.scratch,
        )
    published = _published(project, order, copies, assignment)
    statistics = Statistics()
    written = {ARTICLES: _write_articles(place, staged, order, published, statistics.add)}
    schemas = {ARTICLES: staged.schema}
    for name, table in _tables(copies).items():
        written[name] = write_table(place.release, name, "train", table)
        schemas[name] = table.schema
    manifest = account(
        project,
        intake=intake,
        copies=copies,
        parting=parting,
        published=published,
        statistics=statistics,
        written=written,
    )
    _write_documents(project, manifest, schemas, place.release)
    return manifest


def _published(project: Project, order: Index, copies: Copies, assignment: Assignment) -> Assignment:
    """Return the assignment of the articles whose text is published."""
    if project.copies == "all":
        return assignment
    table = copies.clusters.clusters
    canonical = table.filter(pc.equal(table.column("role"), pa.scalar("canonical"))).column("article_id")
    is_kept = pc.is_in(order.ids, value_set=canonical.combine_chunks()).to_numpy(zero_copy_only=False)
    return Assignment(names=assignment.names, split=np.where(is_kept, assignment.split, -1))


def _tables(copies: Copies) -> dict[str, pa.Table]:
    """Return the tables beside the articles, each in its total order.

    A table without rows is left out: `datasets` cannot load one.
    """
    by_pair = [("a", "ascending"), ("b", "ascending"), ("relation", "ascending")]
    tables = {
        "clusters": copies.clusters.clusters.sort_by("article_id"),
        "relations": copies.clusters.relations.sort_by(by_pair),
    }
    if copies.earlier is not None:
        tables["earlier"] = copies.earlier.relations
    return {name: table.cast(plain_schema(table.schema)) for name, table in tables.items() if len(table)}


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
