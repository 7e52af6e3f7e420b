"""Splits that stay: what was split before keeps its split, what belongs to it follows, and the rest is split anew.

An article that belongs to articles of two splits can be in neither, and is left out. Of articles that were in two splits
before and turn out to belong together, those of the first split stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from newsds.errors import InputError, UsageError
from newsds.files import file_sha256
from newsds.project import SplitChoices
from newsds.release.assignment import (
    UNDATED,
    Assignment,
    Bonds,
    Ints,
    assign,
    components,
    instants,
    positions,
)
from newsds.release.descriptors import ARTICLES
from newsds.release.manifest import MANIFEST, SUMS

__all__ = ["KEPT_SCHEMA", "Keeping", "Kept", "Standing", "keep", "read_kept"]

Flags = npt.NDArray[np.bool_]

#: Articles that were split; a null date is one that is not known.
KEPT_SCHEMA = pa.schema(
    [("id", pa.string()), ("split", pa.string()), ("published_at", pa.timestamp("us", tz="UTC"))]
)

#: Articles that are named one by one.
_MAX_NAMED = 20
_NONE, _MANY, _NEVER = -1, np.iinfo(np.int64).max, np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """Articles that were split before."""

    #: With `KEPT_SCHEMA`.
    table: pa.Table
    #: Where that stands, for people.
    name: str
    #: What the manifest says of it.
    origin: Mapping[str, str]

    def numbers(self, choices: SplitChoices) -> Ints:
        """Return the number of the split of each article.

        Raises:
            UsageError: a split is none of those that are chosen.
        """
        names = pa.array(list(choices.shares))
        strange = sorted(set(pc.unique(self.table["split"]).to_pylist()) - set(choices.shares))
        if strange:
            raise UsageError(
                f"{self.name}: the split {strange[0]!r} is none of {', '.join(choices.shares)}; splits that are kept "
                "keep their names"
            )
        return positions(names, self.table["split"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """An assignment in which articles kept their splits."""

    assignment: Assignment
    #: For each article the first of those it hangs together with that are in its split.
    groups: Ints
    #: Articles that had a split and have it still.
    is_kept: Flags
    #: Articles without one that took that of what they belong to.
    has_joined: Flags
    #: Articles left out because they belong to articles of two splits.
    is_torn: Flags
    #: Split to the articles that it had before.
    before: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Keeping:
    """What came of splits that were to be kept."""

    #: Where they stood.
    name: str
    n_kept: int
    n_joined: int
    #: Identifiers of what is left out because it belongs to articles of two splits, in order.
    torn: tuple[str, ...]
    #: Split to the articles that it had before.
    before: Mapping[str, int]

    @classmethod
    def of(cls, standing: Standing, ids: pa.Array, name: str) -> "Keeping":
        """Count what an assignment kept."""
        return cls(
            name=name,
            n_kept=int(standing.is_kept.sum()),
            n_joined=int(standing.has_joined.sum()),
            torn=tuple(ids.filter(pa.array(standing.is_torn)).to_pylist()),
            before=standing.before,
        )

    def to_dict(self) -> dict[str, int]:
        """Return the counts by name."""
        return {"n_kept": self.n_kept, "n_joined": self.n_joined, "n_torn": len(self.torn)}

    def notes(self, sizes: Mapping[str, int]) -> list[str]:
        """Return what people should know, a line each: splits that got nothing now, and what is left out.

        Args:
            sizes: split to its number of articles now.
        """
        found = [
            f"the split {name} has only what it had before: nothing of this is new in it"
            for name, n in sizes.items()
            if not n and self.before[name]
        ]
        if self.torn:
            n, named = len(self.torn), ", ".join(self.torn[:_MAX_NAMED])
            more = f" and {n - _MAX_NAMED:,} more" if n > _MAX_NAMED else ""
            found.append(f"left out because of belonging to articles of two splits: {named}{more}")
        return found


def read_kept(source: Path) -> Kept:
    """Return what was split, and how, in a release or in a table with the columns `id` and `split`.

    Args:
        source: folder of a release, folder with a `splits.parquet`, or a table.

    Raises:
        InputError: it cannot be read, or an article is in two splits.
        ReleaseError: the release is not what it should be.
    """
    if (source / MANIFEST).is_file():
        table, origin = _read_release(source)
    else:
        file = source / "splits.parquet" if source.is_dir() else source
        if not file.is_file():
            raise InputError(f"{source}: neither a release nor a table with the columns id and split")
        table, origin = _read_table(file), {"file": file.name, "sha256": file_sha256(file)}
    if pc.count_distinct(table["id"]).as_py() < len(table):
        raise InputError(f"{source}: an article is in two splits; an id can stand there once")
    return Kept(table=table, name=str(source), origin=origin)


def _read_release(folder: Path) -> tuple[pa.Table, dict[str, str]]:
    import pyarrow.parquet as pq

    from newsds.release.verify import check_shard, read_manifest

    manifest = read_manifest(folder)
    parts = [KEPT_SCHEMA.empty_table()]
    for shard in manifest.shards(ARTICLES):
        check_shard(folder, shard)
        read = pq.ParquetFile(folder / shard.path).read(["id", "published_at"])
        split = pa.array([shard.split] * len(read), pa.string())
        parts.append(read.append_column("split", split).select(KEPT_SCHEMA.names).cast(KEPT_SCHEMA))
    origin = {"release": f"{manifest.name}/{manifest.version}", "digest": file_sha256(folder / SUMS)}
    return pa.concat_tables(parts), origin


def _read_table(file: Path) -> pa.Table:
    from newsds.readers.columns import column_values

    found = column_values([file], id_column="id", column="split")
    columns = [
        pa.array(list(found), pa.string()),
        pa.array(list(found.values()), pa.string()),
        pa.nulls(len(found), KEPT_SCHEMA.field("published_at").type),
    ]
    return pa.Table.from_arrays(columns, schema=KEPT_SCHEMA)


def keep(
    bonds: Bonds,
    times: Ints,
    choices: SplitChoices,
    kept: Sequence[Kept],
    *,
    strata: Ints | None = None,
    is_own: Flags | None = None,
) -> Standing:
    """Return an assignment in which no article changes its split and nothing leads from one split to another.

    Args:
        bonds: the articles, and what belongs together.
        times: microseconds since 1970 of each article, or `UNDATED`.
        choices: how new articles are split: at random so that all come near the shares; by time at the borders that lie
            between what is kept.
        kept: what was split before; of an article that is in several, the first holds.
        strata: for each article the number of its stratum.
        is_own: which articles are to be split; the others lend their splits to what belongs to them.

    Raises:
        UsageError: an article was in a split that is not chosen.
    """
    wanted = np.ones(len(times), bool) if is_own is None else is_own
    held = np.full(len(times), _NONE)
    for one in kept:
        numbers, place = one.numbers(choices), positions(one.table["id"].combine_chunks(), bonds.ids)
        found = (held == _NONE) & (place >= 0)
        held[found] = numbers[place[found]]
    split, is_torn = _spread(bonds, held)
    is_open = (split == _NONE) & ~is_torn
    free = wanted & is_open
    memory = _Memory.of(kept, choices, bonds.ids, times)
    if free.any():
        labels = _hang_together(bonds, is_open)[free]
        split[free] = _split_new(bonds, times, choices, memory, labels, free=free, held=held, strata=strata)
    has_joined = wanted & (held == _NONE) & (split != _NONE) & ~free
    if choices.embargo_hours:
        outside = has_joined & memory.is_near(split, times, choices)
        split[outside], has_joined = _NONE, has_joined & ~outside
    return Standing(
        assignment=Assignment(names=tuple(choices.shares), split=split),
        groups=_first_of(bonds.components() * (len(choices.shares) + 1) + split + 1),
        is_kept=wanted & (held != _NONE) & (split != _NONE),
        has_joined=has_joined,
        is_torn=is_torn & wanted,
        before=dict(zip(choices.shares, memory.sizes.tolist(), strict=True)),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Memory:
    """What is kept, counted."""

    #: Articles in each split.
    sizes: Ints
    #: For each split when the first article of it or a later one was published, in microseconds; `_NEVER` if none was.
    starts: Ints

    @classmethod
    def of(cls, kept: Sequence[Kept], choices: SplitChoices, ids: pa.Array, times: Ints) -> "_Memory":
        n = len(choices.shares)
        sizes, firsts = np.zeros(n, np.int64), np.full(n, _NEVER)
        for one in kept:
            numbers, dates = one.numbers(choices), instants(one.table["published_at"])
            place = positions(ids, one.table["id"])
            dates = np.where((dates == UNDATED) & (place >= 0), times[place], dates)
            sizes += np.bincount(numbers, minlength=n)
            np.minimum.at(firsts, numbers[dates != UNDATED], dates[dates != UNDATED])
        return cls(sizes=sizes, starts=np.minimum.accumulate(firsts[::-1])[::-1])

    def is_near(self, split: Ints, times: Ints, choices: SplitChoices) -> Flags:
        """Tell which articles lie within the embargo of a border, on the other side of it, or have no date."""
        width = int(choices.embargo_hours * 3_600_000_000)
        near = times == UNDATED
        for number, start in enumerate(self.starts[1:].tolist(), 1):
            if start != _NEVER:
                near |= np.where(split >= number, times < start, times > start - width)
        return near


def _spread(bonds: Bonds, held: Ints) -> tuple[Ints, Flags]:
    """Return the split that each article has or that what it belongs to has, and which belong to two splits.

    Copies are taken together. Splits spread over relations step by step; a text that they reach from two sides belongs
    to neither, and they do not spread through it.
    """
    n = len(held)
    has = held != _NONE
    low, high = np.full(n, _MANY), np.full(n, _NONE)
    np.minimum.at(low, bonds.cluster[has], held[has])
    np.maximum.at(high, bonds.cluster[has], held[has])
    low[low == _MANY] = _NONE
    ends = np.concatenate((bonds.left, bonds.right)), np.concatenate((bonds.right, bonds.left))
    source, target = bonds.cluster[ends[0]], bonds.cluster[ends[1]]
    is_torn = _torn_copies(bonds, held, low, high, ends)
    out = _parted_before(bonds, np.where(held == low[bonds.cluster], held, _NONE), ends)
    is_old, lost = low != _NONE, np.zeros(n, bool)
    while True:
        reaching = ~is_old[target] & ~lost[target] & (low[target] == _NONE) & (low[source] != _NONE)
        if not reaching.any():
            break
        fewest, most = np.full(n, _MANY), np.full(n, _NONE)
        np.minimum.at(fewest, target[reaching], low[source[reaching]])
        np.maximum.at(most, target[reaching], high[source[reaching]])
        fresh = (most != _NONE) & (fewest == most)
        lost |= (most != _NONE) & ~fresh
        low[fresh] = high[fresh] = fewest[fresh]
        # Two that were reached at once from two splits: the one that comes first may stay.
        clash = fresh[source] & fresh[target] & (low[source] != low[target])
        losers = np.maximum(source[clash], target[clash])
        lost[losers] = True
        low[losers] = high[losers] = _NONE
    cluster = bonds.cluster
    is_torn |= (lost | out)[cluster] | ((low != high)[cluster] & (held != low[cluster]))
    return np.where(is_torn, _NONE, low[cluster]), is_torn


def _torn_copies(bonds: Bonds, held: Ints, low: Ints, high: Ints, ends: tuple[Ints, Ints]) -> Flags:
    """Tell which new articles are copies of what was in one split and related to what was in another."""
    others, cluster = bonds.cluster[ends[0]], bonds.cluster[ends[1]]
    is_copy = (held[ends[1]] == _NONE) & (low[cluster] != _NONE) & (low[others] != _NONE)
    differ = (low[others] != low[cluster]) | (high[others] != low[cluster])
    torn = np.zeros(len(held), bool)
    torn[ends[1][is_copy & differ]] = True
    return torn


def _parted_before(bonds: Bonds, stays: Ints, ends: tuple[Ints, Ints]) -> Flags:
    """Tell which clusters were in a later split than an article that they are related to and that stays.

    Args:
        bonds: what belongs together.
        stays: the split of each article that had the first one of its cluster.
        ends: both ends of each relation.
    """
    out = np.zeros(len(stays), bool)
    first, second = stays[ends[0]], stays[ends[1]]
    for number in range(1, int(stays.max(initial=0)) + 1):
        ahead = (second == number) & (first != _NONE) & (first < number) & ~out[bonds.cluster[ends[0]]]
        out[bonds.cluster[ends[1][ahead]]] = True
    return out


def _split_new(
    bonds: Bonds,
    times: Ints,
    choices: SplitChoices,
    memory: _Memory,
    labels: Ints,
    *,
    free: Flags,
    held: Ints,
    strata: Ints | None,
) -> Ints:
    """Return the splits of articles that belong to none that was split; `labels` tells what hangs together."""
    if choices.by == "time" and memory.sizes.any():
        return _by_borders(labels, times[free], choices, memory)
    found = assign(
        _first_of(labels),
        times[free],
        choices,
        ids=bonds.ids.filter(pa.array(free)),
        strata=None if strata is None else strata[free],
        present=_count_present(memory, held, strata),
    )
    return found.split


def _hang_together(bonds: Bonds, among: Flags) -> Ints:
    """Return for each article the first of those it hangs together with, over some articles alone."""
    left, right = bonds.links()
    inside = among[left] & among[right]
    return components(len(among), left[inside], right[inside])


def _first_of(labels: Ints) -> Ints:
    """Return where each label stands first."""
    _, first, number = np.unique(labels, return_index=True, return_inverse=True)
    return first[number]


def _count_present(memory: _Memory, held: Ints, strata: Ints | None) -> Ints:
    """Return for each stratum how many articles each split has; without strata all that are remembered count."""
    if strata is None:
        return memory.sizes[np.newaxis]
    present = np.zeros((int(strata.max(initial=0)) + 1, len(memory.sizes)), np.int64)
    has = held != _NONE
    np.add.at(present, (strata[has], held[has]), 1)
    return present


def _by_borders(labels: Ints, times: Ints, choices: SplitChoices, memory: _Memory) -> Ints:
    """Return the split between whose borders the earliest article of each component lies."""
    _, component = np.unique(labels, return_inverse=True)
    first, last = np.full(component.max() + 1, _NEVER), np.full(component.max() + 1, UNDATED)
    np.minimum.at(first, component, times)
    np.maximum.at(last, component, times)
    split = np.searchsorted(memory.starts[1:], first, side="right")
    if not choices.embargo_hours:
        return split[component]
    is_out = memory.is_near(split, first, choices) | memory.is_near(split, last, choices)
    return np.where(is_out, _NONE, split)[component]
