"""What hangs together by links."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["components"]

Ints: TypeAlias = NDArray[np.int64]


def components(n: int, left: Ints, right: Ints) -> Ints:
    """Return for each of `n` things the smallest number among those it is linked to, itself included.

    Args:
        n: number of things.
        left: one end of each link.
        right: the other end.
    """
    labels = np.arange(n, dtype=np.int64)
    while True:
        smaller = np.minimum(labels[left], labels[right])
        before = labels.copy()
        np.minimum.at(labels, left, smaller)
        np.minimum.at(labels, right, smaller)
        np.minimum.at(labels, before[left], smaller)
        np.minimum.at(labels, before[right], smaller)
        labels = labels[labels]
        if np.array_equal(before, labels):
            return labels
