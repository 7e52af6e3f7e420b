"""Drawings of how cost grows."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

__all__ = ["draw_growth"]


def draw_growth(
    sizes: Sequence[int], seconds: Sequence[float], mebibytes: Sequence[float], *, title: str, target: Path
) -> None:
    """Draw CPU time, beside n log n through its last point, and peak memory by number of articles."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    left.loglog(sizes, seconds, "o-", label="measured")
    expected = np.array(sizes) * np.log2(sizes)
    left.loglog(sizes, expected * seconds[-1] / expected[-1], "--", color="grey", label="n log n")
    left.set(xlabel="articles", ylabel="CPU seconds", title=f"{title}: time")
    left.legend()
    right.semilogx(sizes, mebibytes, "o-")
    right.set(xlabel="articles", ylabel="peak memory, MiB", title=f"{title}: memory", ylim=(0, 2048))
    figure.savefig(target, dpi=110)
