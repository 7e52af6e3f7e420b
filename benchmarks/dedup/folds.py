"""How far thresholds chosen on some labelled pairs carry to others: cross-validation and bootstrap."""

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import measures
import numpy as np
import running
import thresholds

from newsds.dedup.candidates import Sketches
from newsds.dedup.corpus import gather
from newsds.dedup.evidence import Evidence
from newsds.dedup.parameters import Parameters
from newsds.dedup.relations import KINDS, SAME_ARTICLE, Circumstances, decide
from newsds.dedup.versions import Comparer

__all__ = ["Judged", "bootstrap", "compare", "cross_validate"]

SEED = 20


@dataclass(frozen=True)
class Judged:
    """Labelled pairs with what was measured of them."""

    evidence: Evidence
    circumstances: Circumstances
    is_copy: np.ndarray

    def __len__(self) -> int:
        return len(self.is_copy)

    def said(self) -> np.ndarray:
        """Tell which pairs the rules, with the thresholds that are set, take for copies of the same article."""
        kinds, _ = decide(self.evidence, self.circumstances)
        return np.isin(kinds, [KINDS.index(kind) for kind in SAME_ARTICLE])


def compare(rows: Sequence[dict], labels: Sequence[dict]) -> Judged:
    """Measure labelled pairs among all texts."""
    with tempfile.TemporaryDirectory() as folder, Sketches(Path(folder)) as sketches:
        corpus = gather(running.to_batches(rows), Path(folder), watch=sketches.add)
        comparer = Comparer.over(corpus, sketches, Parameters(), workers=1, engine="auto")
        position = {name: at for at, name in enumerate(corpus.ids)}
        is_copy = {
            tuple(sorted((position[row["newid_a"]], position[row["newid_b"]]))): row["label"] == "1"
            for row in labels
        }
        found = comparer.compare(np.array(sorted(is_copy), np.int64))
        said = [is_copy[tuple(sorted(pair))] for pair in found.pairs]
        circumstances = comparer.circumstances(found.a, found.b, found.evidence)
    return Judged(found.evidence, circumstances, np.array(said))


def bootstrap(found: np.ndarray, truth: np.ndarray, *, rounds: int = 2000) -> dict[str, tuple[float, float]]:
    """Return the interval that holds 95 % of the scores of pairs drawn with replacement."""
    draw = np.random.default_rng(SEED)
    scores = []
    for _ in range(rounds):
        rows = draw.integers(0, len(truth), len(truth))
        scores.append(measures.flag_scores(found[rows], truth[rows]))
    return {name: _interval([score[at] for score in scores]) for at, name in enumerate(measures.NAMES)}


def cross_validate(judged: Judged, *, folds: int, repeats: int = 10) -> dict[str, tuple[float, float, float]]:
    """Return mean and interval over repeats of scores of pairs whose thresholds were chosen on the other folds."""
    draw = random.Random(SEED)
    decisions = _Decisions(judged)
    scores = []
    for _ in range(repeats):
        order = list(range(len(judged)))
        draw.shuffle(order)
        found = np.zeros(len(judged), bool)
        for fold in range(folds):
            held_out = np.array(order[fold::folds])
            chosen = decisions.choose(np.setdiff1d(np.arange(len(judged)), held_out))
            found[held_out] = decisions.said(chosen)[held_out]
        scores.append(measures.flag_scores(found, judged.is_copy))
    means = np.mean(scores, axis=0)
    return {
        name: (float(means[at]), *_interval([score[at] for score in scores]))
        for at, name in enumerate(measures.NAMES)
    }


class _Decisions:
    """What the rules say of all pairs with any thresholds; each choice is computed once."""

    def __init__(self, judged: Judged) -> None:
        self._judged = judged
        self._known: dict[tuple, np.ndarray] = {}

    def said(self, values: dict[str, float]) -> np.ndarray:
        key = tuple(values.items())
        if key not in self._known:
            with thresholds.setting(values):
                self._known[key] = self._judged.said()
        return self._known[key]

    def choose(self, rows: np.ndarray) -> dict[str, float]:
        """Return the thresholds that score best on some pairs, found one after the other; of equals the default."""
        values = thresholds.defaults()
        for name, choices in thresholds.GRID.items():
            ranks = [
                (self._score({**values, name: choice}, rows), choice == values[name]) for choice in choices
            ]
            values = {**values, name: choices[max(range(len(choices)), key=ranks.__getitem__)]}
        return values

    def _score(self, values: dict[str, float], rows: np.ndarray) -> float:
        return measures.flag_scores(self.said(values)[rows], self._judged.is_copy[rows])[2]


def _interval(values: Sequence[float]) -> tuple[float, float]:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
