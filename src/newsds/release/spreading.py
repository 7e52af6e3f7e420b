"""How splits that articles have spread to what belongs to them, and where two of them meet."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from newsds.release.assignment import Bonds, Ints

__all__ = ["NONE", "spread"]

Flags = npt.NDArray[np.bool_]

#: The number of no split.
NONE = -1

_MANY = np.iinfo(np.int64).max


def spread(bonds: Bonds, held: Ints) -> tuple[Ints, Flags]:
    """Return the split that each article has or that what it belongs to has, and which belong to two splits.

    Copies are taken together. Splits spread over relations step by step; a text that they reach from two sides belongs
    to neither, and they do not spread through it. Of copies that had several splits, those of the first stay; so do, of
    related articles, those of the first.

    Args:
        bonds: the articles, and what belongs together.
        held: the split of each article, or `NONE`.
    """
    clusters = _Clusters.of(bonds, held)
    is_torn = clusters.torn_copies(bonds, held) | clusters.parted(bonds, held)[bonds.cluster]
    while clusters.reach():
        pass
    own = clusters.low[bonds.cluster]
    is_torn |= clusters.is_lost[bonds.cluster] | ((own != clusters.high[bonds.cluster]) & (held != own))
    return np.where(is_torn, NONE, own), is_torn


@dataclass(frozen=True, kw_only=True, slots=True)
class _Clusters:
    """Copies taken together, each cluster at the place of its first article; the arrays change as splits spread."""

    #: The first and the last split of the articles of each, or `NONE`.
    low: Ints
    high: Ints
    #: Which had a split from the start, and which two splits have reached.
    is_old: Flags
    is_lost: Flags
    #: Both ends of each relation, both ways.
    near: Ints
    far: Ints

    @classmethod
    def of(cls, bonds: Bonds, held: Ints) -> "_Clusters":
        n, has = len(held), held != NONE
        low, high = np.full(n, _MANY), np.full(n, NONE)
        np.minimum.at(low, bonds.cluster[has], held[has])
        np.maximum.at(high, bonds.cluster[has], held[has])
        low[low == _MANY] = NONE
        near, far = _ends(bonds)
        return cls(
            low=low,
            high=high,
            is_old=low != NONE,
            is_lost=np.zeros(n, bool),
            near=bonds.cluster[near],
            far=bonds.cluster[far],
        )

    def torn_copies(self, bonds: Bonds, held: Ints) -> Flags:
        """Tell which new articles are copies of what was in one split and related to what was in another."""
        _, articles = _ends(bonds)
        is_copy = (held[articles] == NONE) & self.is_old[self.far] & self.is_old[self.near]
        differ = (self.low[self.near] != self.low[self.far]) | (self.high[self.near] != self.low[self.far])
        torn = np.zeros(len(held), bool)
        torn[articles[is_copy & differ]] = True
        return torn

    def parted(self, bonds: Bonds, held: Ints) -> Flags:
        """Tell which clusters were in a later split than an article that they are related to and that stays."""
        near, far = _ends(bonds)
        stays = np.where(held == self.low[bonds.cluster], held, NONE)
        out = np.zeros(len(held), bool)
        for number in range(1, int(stays.max(initial=0)) + 1):
            before = (stays[near] != NONE) & (stays[near] < number) & ~out[self.near]
            out[self.far[before & (stays[far] == number)]] = True
        return out

    def reach(self) -> bool:
        """Let splits spread one step further; False if they reach nothing more."""
        low, high, near, far = self.low, self.high, self.near, self.far
        is_reached = ~self.is_lost[far] & (low[far] == NONE) & (low[near] != NONE)
        if not is_reached.any():
            return False
        fewest, most = np.full(len(low), _MANY), np.full(len(low), NONE)
        np.minimum.at(fewest, far[is_reached], low[near[is_reached]])
        np.maximum.at(most, far[is_reached], high[near[is_reached]])
        fresh = (most != NONE) & (fewest == most)
        self.is_lost[:] |= (most != NONE) & ~fresh
        low[fresh] = high[fresh] = fewest[fresh]
        # Of two that were reached at once from two splits, the one that comes first may stay.
        clash = fresh[near] & fresh[far] & (low[near] != low[far])
        losers = np.maximum(near[clash], far[clash])
        self.is_lost[losers], low[losers], high[losers] = True, NONE, NONE
        return True


def _ends(bonds: Bonds) -> tuple[Ints, Ints]:
    """Return both ends of each relation, both ways."""
    return np.concatenate((bonds.left, bonds.right)), np.concatenate((bonds.right, bonds.left))
