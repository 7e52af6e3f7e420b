"""Taking articles out of an index, or the last release back."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.dedup.clusters import CLUSTERS_SCHEMA, RELATIONS_SCHEMA, Clusters
from newsds.dedup.parameters import Parameters
from newsds.errors import UsageError
from newsds.index.arrivals import make_keys
from newsds.index.manifest import Manifest, commit, load, load_made, locked
from newsds.index.revision import Revision
from newsds.index.segments import State
from newsds.index.splits import forget_splits
from newsds.index.update import EARLIER_SCHEMA, Update

__all__ = ["remove_articles", "remove_release"]

Ints: TypeAlias = NDArray[np.int64]


def remove_articles(
    ids: Iterable[str],
    folder: Path,
    *,
    parameters: Parameters | None = None,
    workers: int = 1,
    spill: Path | None = None,
) -> Update:
    """Take articles out of an index: their texts, sketches and relations go, the clusters they leave keep their ids.

    Identifiers the index does not have are passed over.

    Args:
        ids: of the articles.
        folder: the index.
        parameters: choices; those the index was made with unless they are given.
        workers: threads.
        spill: folder for temporary files.

    Raises:
        UsageError: the index was made with other parameters or another version of the hashes.
        InputError: there is no index.
        OutputError: another process is writing to the index.
    """
    with _revising(folder, parameters, workers=workers, spill=spill) as revision:
        rows = revision.state.find(make_keys(pa.array(sorted(set(ids)), pa.string())))
        rows = np.unique(rows[rows >= 0])
        if len(rows):
            commit(folder, _without(revision, rows))
    return _removed(len(rows))


def remove_release(
    release: str,
    folder: Path,
    *,
    parameters: Parameters | None = None,
    workers: int = 1,
    spill: Path | None = None,
) -> Update:
    """Take the last release of an index back: the articles that it added go, and its name may be given again.

    Texts of earlier releases that it changed went when it was added, and do not come back.

    Args:
        release: its name.
        folder: the index.
        parameters: choices; those the index was made with unless they are given.
        workers: threads.
        spill: folder for temporary files.

    Raises:
        UsageError: it is not the last release, or the index was made with other parameters.
        InputError: there is no index.
        OutputError: another process is writing to the index.
    """
    with _revising(folder, parameters, workers=workers, spill=spill) as revision:
        *earlier, last = revision.state.manifest.releases
        if last.name != release:
            raise UsageError(
                f"{folder}: {release!r} is not the last release, which alone can be taken back: that is {last.name!r}"
            )
        rows = np.flatnonzero(revision.state.articles.numbers >= last.first)
        after = replace(revision.state.manifest, generation=revision.generation)
        commit(folder, replace(_without(revision, rows) if len(rows) else after, releases=tuple(earlier)))
    return _removed(len(rows))


@contextmanager
def _revising(
    folder: Path, parameters: Parameters | None, *, workers: int, spill: Path | None
) -> Iterator[Revision]:
    """Give a change of an index that has been made; nobody else writes meanwhile."""
    made = load_made(folder).fingerprint["parameters"]
    chosen = parameters or Parameters.from_dict(made)
    with locked(folder), TemporaryDirectory(dir=spill, prefix="newsds-index-") as name:
        state = State(folder, load(folder, chosen))
        yield Revision(state=state, parameters=chosen, workers=workers, work=Path(name))


def _without(revision: Revision, rows: Ints) -> Manifest:
    """Return what is in force without some articles."""
    state = revision.state
    names = state.read_articles(rows, ["article_id"])["article_id"]
    after = revision.remove(np.sort(state.articles.numbers[rows]))
    return replace(after, releases=forget_splits(state.folder, after.releases, names, after.generation))


def _removed(n: int) -> Update:
    nothing = Clusters(clusters=CLUSTERS_SCHEMA.empty_table(), relations=RELATIONS_SCHEMA.empty_table())
    return Update(clusters=nothing, earlier=EARLIER_SCHEMA.empty_table(), n_removed=n)
