"""Which articles of a release are copies, found among themselves alone or with an index of earlier releases."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from newsds.dedup import Clusters, dedupe
from newsds.dedup.parameters import Parameters
from newsds.dedup.regrouping import restrict
from newsds.errors import ProjectError, UsageError
from newsds.index.holdings import Holdings, read_holdings
from newsds.index.manifest import load
from newsds.index.removal import remove_articles
from newsds.index.update import Addition, adding
from newsds.project import Project
from newsds.readers.columns import texts
from newsds.release.kept import KEPT_SCHEMA, Kept
from newsds.release.manifest import SUMS
from newsds.release.spool import Spool
from newsds.release.workplace import Workplace

__all__ = ["Copies", "Earlier", "check_index", "find_copies", "parameters_of"]


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What earlier releases have of the articles of a release."""

    #: The name of the release, and those of the releases before it.
    release: str
    before: tuple[str, ...]
    #: A table with `newsds.index.holdings.EARLIER_RELATIONS_SCHEMA`.
    relations: pa.Table
    #: `article_id`, `cluster_id` and `published_at` of their articles that articles of the release belong to.
    around: pa.Table
    #: Articles that they have too, and copies of articles that they have.
    n_known: int
    n_copies: int

    @classmethod
    def of(cls, addition: Addition, found: Holdings) -> "Earlier":
        """Return what an index holds."""
        before = tuple(release.name for release in addition.earlier)
        return cls(
            release=addition.release,
            before=before,
            relations=found.earlier,
            around=found.around,
            n_known=found.n_known,
            n_copies=len(found.own.clusters) - found.own.clusters["earlier_id"].null_count - found.n_known,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return what the manifest says of the index."""
        return {"release": self.release, "earlier": list(self.before)}


@dataclass(frozen=True, kw_only=True)
class Copies:
    """Clusters and relations of the articles of a release."""

    clusters: Clusters
    #: Null: nothing is known of earlier releases.
    earlier: Earlier | None = None
    #: What earlier releases split.
    kept: tuple[Kept, ...] = ()
    addition: Addition | None = None

    def notes(self, target: Path, *, is_faulty: bool) -> list[str]:
        """Return what the maintainer should know of the index.

        Args:
            target: where the release is.
            is_faulty: whether its splits are other ones than were wanted.
        """
        if self.addition is None:
            return []
        release, folder = self.addition.release, self.addition.folder
        if not self.addition.is_last:
            later = f"the index has releases after {release}"
            return [
                f"{later}: measures of pairs that were looked at since may differ from those of its first build"
            ]
        undo = f"delete {target}, and run newsds forget {folder} --release {release}"
        return (
            [f"these splits stay from now on; to build it again with other choices, {undo}"]
            if is_faulty
            else []
        )

    def without(
        self, left_out: pa.Array, staged: Spool, *, parameters: Parameters, scratch: Path
    ) -> "Copies":
        """Return the copies without articles that are in no split, as if these were not.

        Args:
            left_out: their ids.
            staged: all articles.
            parameters: choices of deduplication.
            scratch: folder for temporary files.
        """

        def kept(table: pa.Table, *columns: str) -> pa.Table:
            for column in columns:
                table = table.filter(pc.invert(pc.is_in(table.column(column), value_set=left_out)))
            return table

        def read(ids: pa.Array) -> Iterator[pa.RecordBatch]:
            for batch in texts(staged.batches()):
                yield batch.filter(pc.is_in(batch["id"], value_set=ids))

        relations = kept(self.clusters.relations, "a", "b")
        clusters = _replacing_none(kept(self.clusters.clusters, "article_id"), left_out)
        clusters = restrict(clusters, relations, read, parameters=parameters, spill=scratch)
        earlier = self.earlier
        if earlier is not None:
            earlier = replace(earlier, relations=kept(earlier.relations, "article_id"))
        return replace(self, clusters=Clusters(clusters=clusters, relations=relations), earlier=earlier)

    def deliver(self, place: Workplace, digest: str, splits: pa.Table) -> None:
        """Move the release to its place, and put it in force in the index.

        A build that dies in between is finished by the next one that changes the index.

        Args:
            place: where the release is.
            digest: of the release.
            splits: a table with `KEPT_SCHEMA`: what was split that was not before.
        """
        if self.addition is None:
            place.deliver()
            return
        addition = self.addition.with_splits(splits)
        addition.announce(proof=place.target / SUMS, sha256=digest)
        place.deliver()
        addition.commit()


def _replacing_none(clusters: pa.Table, left_out: pa.Array) -> pa.Table:
    """Return clusters whose articles replace none of those that are left out."""
    named = clusters["supersedes"]
    kept = pc.if_else(pc.is_in(named, value_set=left_out), pa.scalar(None, pa.string()), named)
    at = clusters.schema.get_field_index("supersedes")
    return clusters.set_column(at, clusters.schema.field(at), kept)


def parameters_of(project: Project) -> Parameters:
    """Return the choices of deduplication of a project.

    Raises:
        ProjectError: one is impossible.
    """
    try:
        return Parameters.from_dict(project.dedupe)
    except (UsageError, TypeError) as error:
        raise ProjectError(f"/newsds/dedupe: {error}") from None


def check_index(project: Project, index: Path) -> None:
    """Refuse an index that cannot be used, before anything is read.

    Raises:
        UsageError: it was made with other choices.
        InputError: the folder holds something else.
    """
    load(index, parameters_of(project))


@contextmanager
def find_copies(
    project: Project,
    staged: Spool,
    scratch: Path,
    *,
    index: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Copies]:
    """Give the copies among staged articles; with an index nobody else changes it meanwhile.

    Articles that are withdrawn leave the index at once.

    Args:
        project: the dataset project.
        staged: its articles.
        scratch: folder for temporary files.
        index: of earlier releases; made if it is not there.
        progress: is called with the number of articles done since the last call.
    """
    parameters, batches = parameters_of(project), texts(staged.batches())
    if index is None:
        yield Copies(clusters=dedupe(batches, parameters=parameters, progress=progress, spill=scratch))
        return
    if project.withdrawn and load(index).releases:
        remove_articles(project.withdrawn, index, parameters=parameters, spill=scratch)
    name = f"{project.name}/{project.version}"
    with adding(
        batches, index, release=name, parameters=parameters, spill=scratch, progress=progress
    ) as addition:
        found = read_holdings(addition, parameters=parameters, spill=scratch)
        yield Copies(
            clusters=found.own,
            earlier=Earlier.of(addition, found),
            kept=_kept(addition, index),
            addition=addition,
        )


def _kept(addition: Addition, index: Path) -> tuple[Kept, ...]:
    """Return what was split before, if anything was."""
    table = addition.kept_splits().cast(KEPT_SCHEMA)
    names = ", ".join(release.name for release in addition.earlier if release.splits)
    return (Kept(table=table, name=str(index), origin={"index": names}),) if len(table) else ()
