"""How well clusters agree with the truth."""

from collections import Counter
from math import comb

__all__ = ["NAMES", "adjusted_rand", "b_cubed", "flag_scores", "largest_impure"]


def _table(found: list, truth: list) -> tuple[Counter, Counter, Counter]:
    return Counter(zip(found, truth, strict=True)), Counter(found), Counter(truth)


def adjusted_rand(found: list, truth: list) -> float:
    """Return the adjusted Rand index, singletons included."""
    both, left, right = _table(found, truth)
    same = sum(comb(n, 2) for n in both.values())
    a, b = sum(comb(n, 2) for n in left.values()), sum(comb(n, 2) for n in right.values())
    expected = a * b / max(comb(len(found), 2), 1)
    return 1.0 if a == b == same else (same - expected) / ((a + b) / 2 - expected)


def b_cubed(found: list, truth: list) -> float:
    """Return the B-cubed F1."""
    both, left, right = _table(found, truth)
    precision = sum(n * n / left[cluster] for (cluster, _), n in both.items()) / len(found)
    recall = sum(n * n / right[story] for (_, story), n in both.items()) / len(found)
    return 2 * precision * recall / (precision + recall)


def largest_impure(found: list, truth: list) -> int:
    """Return the size of the largest cluster that holds more than one story."""
    stories: dict = {}
    for cluster, story in zip(found, truth, strict=True):
        stories.setdefault(cluster, []).append(story)
    return max((len(held) for held in stories.values() if len(set(held)) > 1), default=0)


#: What `flag_scores` returns.
NAMES = ("precision", "recall", "F1")


def flag_scores(found, truth) -> tuple[float, float, float]:
    """Return precision, recall and F1 of what is said of pairs, two arrays of flags."""
    hits = int((found & truth).sum())
    n_found, n_true = int(found.sum()), int(truth.sum())
    return (hits / n_found if n_found else 1.0), hits / max(n_true, 1), 2 * hits / max(n_found + n_true, 1)
