"""The thresholds of the rules, set to other values for a while."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from newsds.dedup import relations

__all__ = ["GRID", "defaults", "setting"]

#: Threshold to the values that are tried, the default among them.
GRID: dict[str, tuple[float, ...]] = {
    "PART": (0.80, 0.85, 0.90),
    "SAME": (0.60, 0.65, 0.70, 0.75),
    "SAME_LESS": (0.45, 0.50, 0.55, 0.60),
    "WHOLE": (0.75, 0.80, 0.85),
    "LEAD": (0.50, 0.60, 0.70),
    "ANEW": (0.55, 0.60, 0.65),
    "ANEW_LESS": (0.40, 0.45, 0.50),
    "HEADLINES_AGREE": (0.7, 0.8, 0.9),
    "STRANGE": (0.30, 0.36, 0.42),
    "RARE_SHARE": (0.1, 0.2, 0.3),
    "NUMBERS_DIFFER": (0.1, 0.2, 0.3),
    "NUMBERS_SHARED": (0.65, 0.75, 0.85),
    "WORDS_PER_NAME": (15, 25, 40),
    "BRIEF": (15, 20, 25),
    "HEADLINED": (30, 40, 50),
}


def defaults() -> dict[str, float]:
    """Return the thresholds as they are."""
    return {name: getattr(relations, name) for name in GRID}


@contextmanager
def setting(values: Mapping[str, float]) -> Iterator[None]:
    """Let the rules use other thresholds inside the block."""
    before = {name: getattr(relations, name) for name in values}
    try:
        for name, value in values.items():
            setattr(relations, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(relations, name, value)
