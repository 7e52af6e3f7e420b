"""Adding a release to an index."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsds.dedup.clusters import CLUSTERS_SCHEMA, Clusters
from newsds.dedup.corpus import gather
from newsds.dedup.parameters import Parameters
from newsds.errors import UsageError
from newsds.index.arrivals import Arrivals
from newsds.index.manifest import Manifest, Release, announce, commit, load, load_made, locked
from newsds.index.parquet import write_batches
from newsds.index.revision import News, Revision, subfolder
from newsds.index.segments import State
from newsds.index.shards import SketchFile
from newsds.index.splits import read_splits, write_splits

__all__ = ["EARLIER_SCHEMA", "Addition", "Update", "adding", "read_index", "update_index"]

Ints: TypeAlias = NDArray[np.int64]
Progress: TypeAlias = Callable[[int], None]

#: One row for each article of a release whose cluster holds articles of earlier releases; the earliest of them.
EARLIER_SCHEMA = pa.schema(
    [
        pa.field("article_id", pa.string(), nullable=False),
        pa.field("cluster_id", pa.string(), nullable=False),
        pa.field("earlier_id", pa.string(), nullable=False),
        pa.field("earlier_release", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Update:
    """What adding a release, or removing articles, changed.

    Attributes:
        clusters: of the articles that were given: their clusters in the whole index, and the relations that touch them.
        earlier: a table with `EARLIER_SCHEMA`: which of them are copies of articles of earlier releases.
        n_new: articles that the index did not have.
        n_changed: articles that it had with another text.
        n_known: articles that it had.
        n_removed: articles that left.
    """

    clusters: Clusters
    earlier: pa.Table
    n_new: int = 0
    n_changed: int = 0
    n_known: int = 0
    n_removed: int = 0

    def write(self, folder: Path) -> None:
        """Write `clusters.parquet`, `relations.parquet` and `earlier.parquet`.

        Raises:
            OutputError: the folder cannot be made.
        """
        self.clusters.write(folder)
        write_batches(
            self.earlier.to_batches(), EARLIER_SCHEMA, folder / "earlier.parquet", row_group=1 << 16
        )


@dataclass(frozen=True, kw_only=True)
class Addition:
    """A release that is added: its files are written, and not in force."""

    folder: Path
    before: Manifest
    #: What holds once it is in force; the same if the index had the release.
    after: Manifest
    release: str
    arrivals: Arrivals

    @property
    def is_new(self) -> bool:
        """Whether the index did not have the release."""
        return self.after is not self.before

    @property
    def is_last(self) -> bool:
        """Whether no release was added after it."""
        return self.after.releases[-1].name == self.release

    @property
    def state(self) -> State:
        """What holds in the index once the release is in force."""
        return State(self.folder, self.after)

    @property
    def earlier(self) -> tuple[Release, ...]:
        """The releases before it."""
        names = [one.name for one in self.after.releases]
        return self.after.releases[: names.index(self.release)]

    @property
    def start(self) -> int:
        """The number from which the release added articles."""
        return self.after.releases[len(self.earlier)].first

    @property
    def own(self) -> Ints:
        """The numbers of the articles of the release, those included that the index had, in order."""
        if not self.is_new:
            return np.unique(self.arrivals.known)
        added = np.arange(self.start, self.after.next_article)
        return np.union1d(self.arrivals.known, added)

    def report(self) -> Update:
        """Return what the index knows of the articles that came."""
        return _report(self.state, self.arrivals, self.release)

    def kept_splits(self) -> pa.Table:
        """Return what releases before this one split, as a table with `newsds.index.splits.SPLITS_SCHEMA`."""
        return read_splits(self.folder, self.earlier)

    def with_splits(self, splits: pa.Table) -> "Addition":
        """Return the addition with the splits of articles that no earlier release had split."""
        if not self.is_new or not len(splits):
            return self
        file = write_splits(splits, self.folder, self.after.generation)
        *earlier, last = self.after.releases
        return replace(self, after=replace(self.after, releases=(*earlier, replace(last, splits=file))))

    def announce(self, *, proof: Path, sha256: str) -> None:
        """Write down that the release is in force once a file is there, should this run die before it says so."""
        if self.is_new:
            announce(self.folder, self.after, proof=proof, sha256=sha256)

    def commit(self) -> None:
        """Put the release in force."""
        if self.is_new:
            commit(self.folder, self.after)


def update_index(
    batches: Iterable[pa.RecordBatch],
    folder: Path,
    *,
    release: str,
    parameters: Parameters | None = None,
    workers: int = 1,
    spill: Path | None = None,
    progress: Progress | None = None,
) -> Update:
    """Add a release to an index, made if there is none, and return what is known of its articles.

    Articles whose text the index has under the same id cost a look-up; a text that changed takes the place of the
    one before. Articles of earlier releases stay, whether or not the release holds them. Clusters keep their ids.
    A release that the index has is answered again, if nothing in it is new.

    Args:
        batches: texts with the schema `newsds.texts.TEXTS_SCHEMA`.
        folder: the index.
        release: its name.
        parameters: choices; those the index was made with.
        workers: threads.
        spill: folder for temporary files.
        progress: is called with the number of texts read since the last call.

    Raises:
        UsageError: the index was made with other parameters or another version of the hashes, or has a release of
            that name without some of the articles.
        InputError: an identifier is null or occurs twice, or the folder holds something else.
        OutputError: the folder cannot be made, or another process is writing to the index.
    """
    with adding(
        batches,
        folder,
        release=release,
        parameters=parameters,
        workers=workers,
        spill=spill,
        progress=progress,
    ) as addition:
        addition.commit()
        return addition.report()


@contextmanager
def adding(
    batches: Iterable[pa.RecordBatch],
    folder: Path,
    *,
    release: str,
    parameters: Parameters | None = None,
    workers: int = 1,
    spill: Path | None = None,
    progress: Progress | None = None,
) -> Iterator[Addition]:
    """Add a release as `update_index` does, and leave it to the caller to put it in force; nobody else writes meanwhile."""
    chosen = parameters or Parameters()
    load(folder, chosen)
    with locked(folder), TemporaryDirectory(dir=spill, prefix="newsds-index-") as name:
        manifest = load(folder, chosen)
        state, work = State(folder, manifest), Path(name)
        arrivals = Arrivals(batches, state, progress)
        if release in {one.name for one in manifest.releases}:
            if any(True for _ in arrivals):
                raise UsageError(
                    f"{folder}: release {release!r} is in the index without some of these articles; "
                    "give the new one another name (of a build: raise the version), or take it back with newsds forget"
                )
            yield Addition(folder=folder, before=manifest, after=manifest, release=release, arrivals=arrivals)
            return
        revision = Revision(state=state, parameters=chosen, workers=workers, work=work)
        with closing(SketchFile(subfolder(work, "kept"))) as kept, revision.sketch("new", kept) as sketches:
            corpus = gather(arrivals, subfolder(work, "texts"), watch=sketches.add)
            new = News(corpus=corpus, sketches=sketches, kept=kept, arrivals=arrivals)
            after = revision.add(new) if len(corpus) else manifest
        first = Release(name=release, first=manifest.next_article)
        after = replace(after, generation=revision.generation, releases=(*manifest.releases, first))
        yield Addition(folder=folder, before=manifest, after=after, release=release, arrivals=arrivals)


def read_index(folder: Path) -> Clusters:
    """Return the clusters and relations of all articles of an index.

    Raises:
        InputError: there is no index.
    """
    state = State(folder, load_made(folder))
    return _read_clusters(state, state.articles.numbers)


def _report(state: State, arrivals: Arrivals, release: str) -> Update:
    """Return what an index says of the articles that came."""
    firsts = [one.first for one in state.manifest.releases] + [state.manifest.next_article]
    at = [one.name for one in state.manifest.releases].index(release)
    added = np.arange(firsts[at], firsts[at + 1])
    n_new, n_changed = len(arrivals.digests), len(arrivals.changed)
    given = np.union1d(arrivals.known, added) if n_new else arrivals.known
    return Update(
        clusters=_read_clusters(state, given),
        earlier=_find_earlier(state, np.intersect1d(added, given), firsts[at]),
        n_new=n_new - n_changed,
        n_changed=n_changed,
        n_known=len(arrivals.known),
    )


def _read_clusters(state: State, numbers: Ints) -> Clusters:
    """Return the clusters of articles and the relations that touch them."""
    clusters = state.read_articles(state.find_numbers(numbers), CLUSTERS_SCHEMA.names)
    relations = state.relations
    touching = np.isin(relations.a, numbers) | np.isin(relations.b, numbers)
    return Clusters(
        clusters=clusters.sort_by("article_id").combine_chunks(),
        relations=state.read_relations(np.flatnonzero(touching)),
    )


def _find_earlier(state: State, new: Ints, start: int) -> pa.Table:
    """Return the new articles that came into clusters with articles of earlier releases, with the earliest of those.

    Args:
        state: the index.
        new: numbers of articles of one release.
        start: the number from which the release added articles.
    """
    articles = state.articles
    is_new = np.isin(articles.numbers, new)
    is_earlier = articles.numbers < start
    rows = np.flatnonzero(is_earlier & np.isin(articles.cluster_keys, articles.cluster_keys[is_new]))
    before = state.read_articles(rows, ["article_id", "cluster_id"])
    before = before.append_column("release", _releases(state.manifest, articles.numbers[rows]))
    before = before.append_column("time", pa.array(articles.times[rows]))
    before = before.sort_by([("time", "ascending"), ("article_id", "ascending")])
    added = state.read_articles(np.flatnonzero(is_new), ["article_id", "cluster_id"]).sort_by("article_id")
    first = pc.index_in(added["cluster_id"].combine_chunks(), before["cluster_id"].combine_chunks())
    added, first = added.filter(first.is_valid()), first.drop_null()
    columns = [*added.columns, *(before[name].take(first) for name in ("article_id", "release"))]
    return pa.Table.from_arrays(columns, schema=EARLIER_SCHEMA)


def _releases(manifest: Manifest, numbers: Ints) -> pa.Array:
    """Return the names of the releases that added articles."""
    firsts = [release.first for release in manifest.releases]
    places = np.searchsorted(firsts, numbers, side="right") - 1
    return pa.array([release.name for release in manifest.releases], pa.string()).take(pa.array(places))
