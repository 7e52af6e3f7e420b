"""Splits that stay: what was split before keeps its split, what belongs to it follows, and the rest is split anew.

An article that belongs to articles of two splits can be in neither, and is left out. Of articles that were in two splits
before and turn out to belong together, those of the first split stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

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
from newsds.release.kept import Kept
from newsds.release.spreading import NONE, spread

__all__ = ["Keeping", "Standing", "keep"]

Flags = npt.NDArray[np.bool_]

#: Articles that are named one by one.
_MAX_NAMED = 20
_NEVER = np.iinfo(np.int64).max


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


def keep(
    bonds: Bonds,
    times: Ints,
    choices: SplitChoices,
    kept: Kept,
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
        kept: what was split before.
        strata: for each article the number of its stratum.
        is_own: which articles are to be split; the others lend their splits to what belongs to them.

    Raises:
        UsageError: an article was in a split that is not chosen.
    """
    wanted = np.ones(len(times), bool) if is_own is None else is_own
    numbers, place = kept.numbers(choices), positions(kept.table["id"].combine_chunks(), bonds.ids)
    held = np.where(place >= 0, np.append(numbers, NONE)[place], NONE)
    memory = _Memory.of(kept, numbers, choices, bonds.ids, times)
    split, is_torn = spread(bonds, held)
    is_open = (split == NONE) & ~is_torn
    is_free = wanted & is_open
    if is_free.any():
        new = _New.of(bonds, times, strata, is_open=is_open, is_free=is_free)
        present = memory.sizes[np.newaxis] if strata is None else _count_present(held, strata, choices)
        split[is_free] = new.split(choices, memory, present)
    has_joined = wanted & (held == NONE) & (split != NONE) & ~is_free
    if choices.embargo_hours:
        near = has_joined & memory.is_near(split, times, choices)
        split[near], has_joined = NONE, has_joined & ~near
    return Standing(
        assignment=Assignment(names=tuple(choices.shares), split=split),
        groups=_first_of(bonds.components() * (len(choices.shares) + 1) + split + 1),
        is_kept=wanted & (held != NONE) & (split != NONE),
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
    def of(cls, kept: Kept, numbers: Ints, choices: SplitChoices, ids: pa.Array, times: Ints) -> "_Memory":
        """Count what is kept; a date that it does not have is that of the article now."""
        dates, place = instants(kept.table["published_at"]), positions(ids, kept.table["id"])
        dates = np.where((dates == UNDATED) & (place >= 0), np.append(times, UNDATED)[place], dates)
        firsts = np.full(len(choices.shares), _NEVER)
        np.minimum.at(firsts, numbers[dates != UNDATED], dates[dates != UNDATED])
        return cls(
            sizes=np.bincount(numbers, minlength=len(choices.shares)),
            starts=np.minimum.accumulate(firsts[::-1])[::-1],
        )

    def is_near(self, split: Ints, times: Ints, choices: SplitChoices) -> Flags:
        """Tell which articles lie within the embargo of a border, on the other side of it, or have no date."""
        width = int(choices.embargo_hours * 3_600_000_000)
        near = times == UNDATED
        for number, start in enumerate(self.starts[1:].tolist(), 1):
            if start != _NEVER:
                near |= np.where(split >= number, times < start, times > start - width)
        return near


@dataclass(frozen=True, kw_only=True, slots=True)
class _New:
    """Articles that belong to none that was split."""

    ids: pa.Array
    #: For each the first of those it hangs together with, as a position among them.
    labels: Ints
    times: Ints
    strata: Ints | None

    @classmethod
    def of(cls, bonds: Bonds, times: Ints, strata: Ints | None, *, is_open: Flags, is_free: Flags) -> "_New":
        """Return the free ones; what is open, but not to be split, holds them together all the same."""
        left, right = bonds.links()
        inside = is_open[left] & is_open[right]
        labels = components(len(times), left[inside], right[inside])
        return cls(
            ids=bonds.ids.filter(pa.array(is_free)),
            labels=_first_of(labels[is_free]),
            times=times[is_free],
            strata=None if strata is None else strata[is_free],
        )

    def split(self, choices: SplitChoices, memory: _Memory, present: Ints) -> Ints:
        """Return their splits: at the borders of what is kept, or so that the shares are filled up."""
        if choices.by == "time" and memory.sizes.any():
            return self._split_at_borders(choices, memory)
        found = assign(self.labels, self.times, choices, ids=self.ids, strata=self.strata, present=present)
        return found.split

    def _split_at_borders(self, choices: SplitChoices, memory: _Memory) -> Ints:
        _, component = np.unique(self.labels, return_inverse=True)
        first, last = np.full(component.max() + 1, _NEVER), np.full(component.max() + 1, UNDATED)
        np.minimum.at(first, component, self.times)
        np.maximum.at(last, component, self.times)
        split = np.searchsorted(memory.starts[1:], first, side="right")
        if choices.embargo_hours:
            near = memory.is_near(split, first, choices) | memory.is_near(split, last, choices)
            split = np.where(near, NONE, split)
        return split[component]


def _first_of(labels: Ints) -> Ints:
    """Return where each label stands first."""
    _, first, number = np.unique(labels, return_index=True, return_inverse=True)
    return first[number]


def _count_present(held: Ints, strata: Ints, choices: SplitChoices) -> Ints:
    """Return for each stratum how many articles each split has already."""
    present = np.zeros((int(strata.max(initial=0)) + 1, len(choices.shares)), np.int64)
    has = held != NONE
    np.add.at(present, (strata[has], held[has]), 1)
    return present
