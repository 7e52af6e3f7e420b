"""The order of a release: a small index of the staged articles, by which they are sorted and split."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newsds.errors import ProjectError, UsageError
from newsds.readers.columns import field_texts
from newsds.release.assignment import UNDATED, instants, stratum_numbers
from newsds.release.shards import text_bytes
from newsds.release.spool import Spool

__all__ = ["Index"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Index:
    """What is known of every staged article, in the order in which they were staged."""

    ids: pa.Array
    #: Microseconds since 1970, or `UNDATED`.
    times: Ints
    sizes: Ints
    #: The number of the stratum of each; None if nothing is stratified.
    strata: Ints | None = None

    @classmethod
    def of(cls, staged: Spool, *, stratify: str | None = None) -> "Index":
        """Read the index of staged articles.

        Args:
            staged: the articles.
            stratify: dotted name of the field by which they are stratified.

        Raises:
            ProjectError: two articles have the same id, or there is no such field.
        """
        columns = [
            (batch.column("id"), instants(batch.column("published_at")), text_bytes(batch))
            for batch in staged.batches()
        ]
        ids, times, sizes = zip(*columns, strict=True)
        index = cls(
            ids=pa.concat_arrays(ids),
            times=np.concatenate(times),
            sizes=np.concatenate(sizes),
            strata=None if stratify is None else _strata(staged, stratify),
        )
        _refuse_doubles(index.ids)
        return index

    def order(self) -> Ints:
        """Return the numbers of the articles in the order of the release: by time, then by id; undated ones last."""
        key = np.where(self.times == UNDATED, np.iinfo(np.int64).max, self.times)
        return np.lexsort((self.id_ranks(), key))

    def id_ranks(self) -> Ints:
        """Return for each article its place in the order of the ids."""
        by_id = pc.sort_indices(self.ids).to_numpy()
        ranks = np.empty(len(by_id), np.int64)
        ranks[by_id] = np.arange(len(by_id))
        return ranks


def _refuse_doubles(ids: pa.Array) -> None:
    counts = pc.value_counts(ids)
    doubles = counts.filter(pc.greater(counts.field("counts"), pa.scalar(1, pa.int64())))
    if len(doubles):
        first = min(item["values"] for item in doubles.to_pylist())
        raise ProjectError(
            f"{len(doubles)} ids belong to several records ({first} is one); a release cannot hold them: "
            "do not waive NDS101 or switch it off, quarantine the records or leave them out"
        )


def _strata(staged: Spool, name: str) -> Ints:
    try:
        return stratum_numbers([value for batch in staged.batches() for value in field_texts(batch, name)])
    except UsageError as error:
        raise ProjectError(f"/newsds/split/stratify: {error}") from None
