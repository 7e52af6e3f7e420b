"""Splits: articles that belong together stay together, and later articles go to later splits."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newsds.dedup import dedupe
from newsds.dedup.components import components
from newsds.dedup.parameters import Parameters
from newsds.files import temporary_sibling
from newsds.project import SplitChoices

__all__ = [
    "Assignment",
    "Splits",
    "assign",
    "components",
    "find_faults",
    "instants",
    "links",
    "positions",
    "split",
    "stratum_numbers",
]

Ints = npt.NDArray[np.int64]

#: Time of what has no date: before everything, so that it is never taken for later than something.
UNDATED = np.iinfo(np.int64).min


def positions(ids: pa.Array, wanted: pa.Array | pa.ChunkedArray) -> Ints:
    """Return where each wanted identifier stands in `ids`; -1 where it does not."""
    if not len(ids):
        return np.full(len(wanted), -1, np.int64)
    found = pc.fill_null(pc.index_in(wanted, value_set=ids), pa.scalar(-1, pa.int32()))
    return np.asarray(
        found.to_numpy(zero_copy_only=False) if isinstance(found, pa.Array) else found, np.int64
    )


def links(ids: pa.Array, clusters: pa.Table, relations: pa.Table) -> tuple[Ints, Ints]:
    """Return both ends of everything that must not be parted: copies in one cluster, and related articles.

    Args:
        ids: the articles; the ends are positions in it, -1 for an article that is not in it.
        clusters: a table with `article_id` and `cluster_id`.
        relations: a table with `a` and `b`, both ids of articles.
    """
    members = positions(ids, clusters.column("article_id"))
    # The identifier of a cluster need not be that of an article: the first member stands for it.
    names = clusters.column("cluster_id").combine_chunks().dictionary_encode().indices.to_numpy()
    _, first, cluster = np.unique(names, return_index=True, return_inverse=True)
    left, right = (positions(ids, relations.column(name)) for name in ("a", "b"))
    return np.concatenate([members, left]), np.concatenate([members[first][cluster], right])


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """Which article goes to which split."""

    names: tuple[str, ...]
    #: For each article the number of its split; -1 if it is left out.
    split: Ints

    def sizes(self) -> dict[str, int]:
        """Return split to its number of articles."""
        counts = np.bincount(self.split[self.split >= 0], minlength=len(self.names))
        return dict(zip(self.names, (int(n) for n in counts), strict=True))

    @property
    def n_left_out(self) -> int:
        """The number of articles in no split."""
        return int(np.count_nonzero(self.split < 0))

    def n_crossing(self, left: Ints, right: Ints) -> int:
        """Return how many links lead from one split to another; 0 proves that none does."""
        ends = self.split[left], self.split[right]
        return int(np.count_nonzero((ends[0] != ends[1]) & (ends[0] >= 0) & (ends[1] >= 0)))


def assign(
    labels: Ints, times: Ints, choices: SplitChoices, *, ids: pa.Array, strata: Ints | None = None
) -> Assignment:
    """Return an assignment by component.

    Components are put in the order of their earliest article, or at random in that of a hash of the seed and
    their smallest id, and cut where the shares say; a component lies in the split in which its middle lies.

    Args:
        labels: the component of each article, as the position of its smallest id; see `components`.
        times: microseconds since 1970 of each article, or `UNDATED`.
        choices: how to split.
        ids: the articles, sorted.
        strata: for each article the number of its stratum; a component belongs to that of its smallest id.
    """
    members, component = np.unique(labels, return_inverse=True)
    first = np.full(len(members), np.iinfo(np.int64).max)
    np.minimum.at(first, component, times)
    sizes = np.bincount(component, minlength=len(members))
    keys = _draws(ids, members, choices.seed) if choices.by == "random" else first
    groups = np.zeros(len(members), np.int64) if strata is None else strata[members]
    split = np.empty(len(members), np.int64)
    for group in np.unique(groups):
        there = np.flatnonzero(groups == group)
        order = there[np.lexsort((members[there], keys[there]))]
        split[order] = _cut(sizes[order], list(choices.shares.values()))
    found = Assignment(names=tuple(choices.shares), split=split[component])
    return _with_embargo(found, component, times, first, choices) if choices.embargo_hours else found


def _cut(sizes: Ints, shares: list[float]) -> Ints:
    """Return the split in which the middle of each component lies, components in order."""
    middles = np.cumsum(sizes) - sizes / 2
    bounds = np.cumsum(shares)[:-1] * sizes.sum()
    return np.searchsorted(bounds, middles)


def _draws(ids: pa.Array, members: Ints, seed: int) -> Ints:
    """Return a number for each component that depends on nothing but the seed and its smallest id."""
    names = ids.take(pa.array(members)).to_pylist()
    digests = (hashlib.sha256(f"newsds-split-1\0{seed}\0{name}".encode()).digest() for name in names)
    return np.fromiter((int.from_bytes(digest[:7]) for digest in digests), np.int64, len(names))


def _with_embargo(
    found: Assignment, component: Ints, times: Ints, first: Ints, choices: SplitChoices
) -> Assignment:
    """Leave out the components that reach over a border, or into the hours after it.

    A border is the time of the first component of a split. What has no date lies on no side, and is left out too.
    """
    last = np.full(len(first), UNDATED)
    np.maximum.at(last, component, times)
    split = np.empty(len(first), np.int64)
    split[component] = found.split
    is_out = first == UNDATED
    width = int(choices.embargo_hours * 3_600_000_000)
    for number in range(1, len(found.names)):
        later = (split >= number) & (first != UNDATED)
        if later.any():
            border = first[later].min()
            is_out |= (first < border) & (last > border)
            is_out |= (first >= border) & (first < border + width)
    return Assignment(names=found.names, split=np.where(is_out[component], -1, found.split))


def find_faults(
    choices: SplitChoices, sizes: Mapping[str, int], *, n_texts: int, n_undated: int
) -> list[str]:
    """Return what makes a split another one than was wanted, a line each: it is empty, or no text has a date.

    Args:
        choices: how was split.
        sizes: split to its number of texts.
        n_texts: texts there are.
        n_undated: texts without a date among them.
    """
    found = [f"the split {name} is empty{_remedy(choices, n_texts)}" for name, n in sizes.items() if not n]
    if choices.by == "time" and n_undated and n_undated == n_texts:
        found.append("no text has a date, so that they cannot be split by time; split them at random")
    return found


def _remedy(choices: SplitChoices, n_texts: int) -> str:
    if not n_texts:
        return ": there are no texts"
    if choices.embargo_hours:
        return "; shorten the embargo"
    return ": there are too few groups of texts; change the shares"


@dataclass(frozen=True, kw_only=True, slots=True)
class Splits:
    """Texts parted so that no copies and no related texts stand in two splits."""

    #: `id`, `split` (null: left out), `group` (the smallest id of what belongs together), in the order of the ids.
    table: pa.Table
    choices: SplitChoices
    sizes: dict[str, int]
    n_left_out: int
    #: Texts without a date; by time they come before all others, or are left out where there is an embargo.
    n_undated: int
    n_groups: int
    n_relations: int
    #: Relations that lead from one split to another: counted over the result, and 0.
    n_crossing: int

    @property
    def faults(self) -> list[str]:
        """What makes the result another one than was wanted, a line each."""
        return find_faults(self.choices, self.sizes, n_texts=len(self.table), n_undated=self.n_undated)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as JSON data."""
        names = ("sizes", "n_left_out", "n_undated", "n_groups", "n_relations", "n_crossing")
        return {**self.choices.to_dict(), **{name: getattr(self, name) for name in names}}

    def write(self, folder: Path) -> None:
        """Write `splits.parquet`.

        Raises:
            OutputError: the folder does not exist.
        """
        import pyarrow.parquet as pq

        with temporary_sibling(folder / "splits.parquet") as partial:
            pq.write_table(self.table, partial, compression="zstd", compression_level=3)


def split(
    batches: Iterable[pa.RecordBatch],
    *,
    choices: SplitChoices | None = None,
    strata: Mapping[str, str] | None = None,
    parameters: Parameters | Mapping[str, Any] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Splits:
    """Part texts so that copies and related texts stay together.

    Args:
        batches: texts with the schema `newsds.texts.TEXTS_SCHEMA`.
        choices: how to split; by time into 80, 10 and 10 % without them.
        strata: id to the value by which a random split is stratified; an id without one is a stratum of its own.
        parameters: of deduplication.
        progress: is called with the number of texts read since the last call.

    Raises:
        InputError: an identifier is null or occurs twice.
    """
    chosen = choices or SplitChoices()
    dates: list[pa.Table] = []
    clusters = dedupe(_noting_dates(batches, dates), parameters=parameters, progress=progress)
    dated = pa.concat_tables(dates).sort_by("id") if dates else pa.table({"id": [], "published_at": []})
    ids = dated.column("id").combine_chunks()
    left, right = links(ids, clusters.clusters, clusters.relations)
    labels = components(len(ids), left, right)
    numbers = None if strata is None else stratum_numbers([strata.get(name) for name in ids.to_pylist()])
    times = instants(dated.column("published_at"))
    found = assign(labels, times, chosen, ids=ids, strata=numbers)
    table = pa.table(
        {
            "id": ids,
            "split": pa.array([found.names[n] if n >= 0 else None for n in found.split], pa.string()),
            "group": ids.take(pa.array(labels)),
        }
    )
    return Splits(
        table=table,
        choices=chosen,
        sizes=found.sizes(),
        n_left_out=found.n_left_out,
        n_undated=int(np.count_nonzero(times == UNDATED)),
        n_groups=len(np.unique(labels)),
        n_relations=len(clusters.relations),
        n_crossing=found.n_crossing(left, right),
    )


def _noting_dates(batches: Iterable[pa.RecordBatch], noted: list[pa.Table]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        noted.append(pa.Table.from_batches([batch.select(["id", "published_at"])]))
        yield batch


def stratum_numbers(values: list[str | None]) -> Ints:
    """Return the number of each value in the order of the values; none comes first."""
    known = {
        value: number
        for number, value in enumerate(sorted({value for value in values if value is not None}), 1)
    }
    return np.array([0 if value is None else known[value] for value in values], np.int64)


def instants(dates: pa.Array | pa.ChunkedArray) -> Ints:
    """Return microseconds since 1970, `UNDATED` for null."""
    plain = dates.combine_chunks() if isinstance(dates, pa.ChunkedArray) else dates
    numbers = plain.cast(pa.timestamp("us", tz="UTC")).view(pa.int64())
    return np.asarray(pc.fill_null(numbers, pa.scalar(UNDATED, pa.int64())).to_numpy(), np.int64)
