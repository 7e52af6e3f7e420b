"""Two texts side by side: what they share, what differs, and why they are copies or not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa

from newsds.dedup.alignment import Alignment, align
from newsds.dedup.candidates import Sketches
from newsds.dedup.corpus import Corpus, gather
from newsds.dedup.parameters import Parameters
from newsds.dedup.passages import Passages
from newsds.dedup.rarity import Rarity
from newsds.dedup.relations import CONDITIONS, KINDS, RULES, SAME_ARTICLE, View
from newsds.dedup.versions import Comparer, Versions
from newsds.errors import UsageError

__all__ = ["Explanation", "Segment", "explain"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A stretch of both texts: equal words, or what one or each of them has in its place."""

    #: `shared` or `differs`.
    kind: str
    a: str
    b: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Why two texts are copies of the same article, or are not; `a` is the earlier one."""

    a: str
    b: str
    #: One of the relations, or `none`.
    relation: str
    #: The rule that decided; None if none holds.
    rule: str | None
    is_same_article: bool
    hours_apart: float | None
    measures: Mapping[str, float]
    #: Conditions of copies in words, and whether each holds.
    conditions: tuple[tuple[str, bool], ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    segments: tuple[Segment, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as JSON data."""
        conditions = [{"condition": text, "holds": holds} for text, holds in self.conditions]
        segments = [asdict(segment) for segment in self.segments]
        data = {name: getattr(self, name) for name in self.__slots__}
        return {**data, "measures": dict(self.measures), "conditions": conditions, "segments": segments}


_MEASURES = (
    "coverage_a", "coverage_b", "words_a", "words_b", "lead", "n_a", "n_b", "n_aligned", "n_garbled", "n_rare",
    "numbers_a", "numbers_b", "numbers_shared", "number_conflicts", "name_conflicts",
)  # fmt: skip


def explain(
    batches: Iterable[pa.RecordBatch],
    a: str,
    b: str,
    *,
    parameters: Parameters | Mapping[str, Any] | None = None,
    rarity: Rarity | None = None,
) -> Explanation:
    """Compare two texts, with what is common counted over all texts unless `rarity` says it.

    Args:
        batches: texts with the schema `newsds.texts.TEXTS_SCHEMA`, the two among them.
        a: id of a text.
        b: id of another.
        parameters: choices that differ from the defaults of `Parameters`.
        rarity: what is common.

    Raises:
        UsageError: there is no text of that id, or both are the same.
    """
    chosen = parameters if isinstance(parameters, Parameters) else Parameters.from_dict(parameters or {})
    if a == b:
        raise UsageError(f"{a!r} is one text; explain compares two")
    with TemporaryDirectory(prefix="newsds-explain-") as name, Sketches(Path(name)) as sketches:
        corpus = gather(batches, Path(name), watch=sketches.add)
        pair = np.array([[_find(corpus, a), _find(corpus, b)]])
        comparer = Comparer.over(corpus, sketches, chosen, workers=1, engine="numpy", rarity=rarity)
        return _explain(comparer, comparer.compare(pair))


def _find(corpus: Corpus, name: str) -> int:
    if name not in corpus.ids:
        raise UsageError(f"no article has the id {name!r}")
    return corpus.ids.index(name)


def _explain(comparer: Comparer, versions: Versions) -> Explanation:
    evidence, kind = versions.evidence, KINDS[versions.kinds[0]]
    circumstances = comparer.circumstances(versions.a, versions.b, evidence)
    view = View(e=evidence, c=circumstances)
    passages = comparer.read(np.concatenate((versions.a, versions.b)))
    hours = float(versions.hours[0])
    return Explanation(
        a=comparer.corpus.ids[int(versions.a[0])],
        b=comparer.corpus.ids[int(versions.b[0])],
        relation=kind,
        rule=RULES[versions.rules[0]].name if versions.rules[0] >= 0 else None,
        is_same_article=kind in SAME_ARTICLE,
        hours_apart=None if np.isnan(hours) else hours,
        measures={name: round(float(getattr(evidence, name)[0]), 4) for name in _MEASURES},
        conditions=tuple((text, bool(holds(view)[0])) for text, holds in CONDITIONS),
        only_a=tuple(evidence.only_a[0].as_py()),
        only_b=tuple(evidence.only_b[0].as_py()),
        segments=tuple(_segments(passages, align(passages, np.array([[0, 1]])))),
    )


def _segments(passages: Passages, alignment: Alignment) -> Iterator[Segment]:
    """Yield the texts from start to end, in turns what they share and what they do not."""
    texts = [passages.buffer.data[slice(*passages.buffer.offsets[at : at + 2])].tobytes() for at in (0, 1)]
    done = [0, 0]
    for *firsts, length in alignment.runs.tolist():
        bounds = [_bytes_of(passages, side, firsts[side], length) for side in (0, 1)]
        between = [texts[side][done[side] : bounds[side][0]].decode("utf-8", "replace") for side in (0, 1)]
        if any(part.strip() for part in between):
            yield Segment(kind="differs", a=between[0], b=between[1])
        shared = [texts[side][slice(*bounds[side])].decode("utf-8", "replace") for side in (0, 1)]
        yield Segment(kind="shared", a=shared[0], b=shared[1])
        done = [bounds[0][1], bounds[1][1]]
    rest = [texts[side][done[side] :].decode("utf-8", "replace") for side in (0, 1)]
    if any(part.strip() for part in rest):
        yield Segment(kind="differs", a=rest[0], b=rest[1])


def _bytes_of(passages: Passages, side: int, first: int, length: int) -> tuple[int, int]:
    last = first + length - 1
    origin = passages.buffer.offsets[side]
    return int(passages.places[first] - origin), int(passages.places[last] + passages.sizes[last] - origin)
