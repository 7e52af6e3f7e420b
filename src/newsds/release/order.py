"""The order of a release: a small index of the staged articles, by which they are sorted and split."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newsds.errors import ProjectError
from newsds.release.shards import text_bytes
from newsds.release.splits import UNDATED
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

    @classmethod
    def of(cls, staged: Spool) -> "Index":
        """Read the index of staged articles.

        Raises:
            ProjectError: two articles have the same id.
        """
        columns = [(batch.column("id"), _times(batch), text_bytes(batch)) for batch in staged.batches()]
        ids, times, sizes = zip(*columns, strict=True)
        index = cls(ids=pa.concat_arrays(ids), times=np.concatenate(times), sizes=np.concatenate(sizes))
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


def _times(batch: pa.RecordBatch) -> Ints:
    dates = batch.column("published_at").view(pa.int64())
    return np.asarray(pc.fill_null(dates, pa.scalar(UNDATED, pa.int64())).to_numpy(), np.int64)
