"""What is measured of pairs of texts: how much of each the other has, and what stands in its place."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.dedup.alignment import Alignment, align, per_pair
from newsds.dedup.amounts import are_one
from newsds.dedup.features import add_up
from newsds.dedup.initials import PAIRED
from newsds.dedup.openings import compare_leads, count_other_subjects
from newsds.dedup.passages import Passages

__all__ = ["SPANS_TYPE", "Evidence", "measure"]

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

#: Words between two runs that do not end a span.
SPAN_GAP = 3
#: Words of a span that is worth showing.
SPAN_WORDS = 5

SPANS_TYPE = pa.list_(pa.struct([(name, pa.int32()) for name in ("a_start", "a_end", "b_start", "b_end")]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Measures of pairs, an element of each array for each pair; `a` is the left text, `b` the right one."""

    #: Share of the weight of each text that is aligned with the other.
    coverage_a: Floats
    coverage_b: Floats
    #: Share of the rare words of each text that stand anywhere in the other.
    words_a: Floats
    words_b: Floats
    #: Share of the lead of the longer text that is aligned.
    lead: Floats
    #: Share of the names in the lead of each text that are not aligned, the smaller of the two.
    strange: Floats
    #: Names among the first words of each text that the other has nowhere, the smaller of the two numbers.
    other_subjects: Ints
    #: What each text says of its version, a place in `newsds.dedup.revisions.MARKS`.
    mark_a: Ints
    mark_b: Ints
    #: Words of the story.
    n_a: Ints
    n_b: Ints
    #: Words that are aligned, and those of them that are alike but for one letter.
    n_aligned: Ints
    n_garbled: Ints
    #: Aligned words that stand in rare shingles.
    n_rare: Ints
    #: Words of the longest span.
    longest: Ints
    #: Different numbers of each text, and those that both have.
    numbers_a: Ints
    numbers_b: Ints
    numbers_shared: Ints
    #: Places where the aligned texts have other numbers, or other names.
    number_conflicts: Ints
    name_conflicts: Ints
    #: Words in each other's place that are different words.
    n_replaced: Ints
    #: Characters of the spans that are shared: lists of a_start, a_end, b_start, b_end.
    spans: pa.Array
    #: Words that stand in each other's place, and numbers and names that only one of the two has.
    only_a: pa.Array
    only_b: pa.Array

    def __len__(self) -> int:
        return len(self.coverage_a)

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """Return the evidence of several blocks as one."""
        joined: dict[str, Any] = {}
        for item in fields(cls):
            values = [getattr(part, item.name) for part in parts]
            is_arrow = isinstance(values[0], pa.Array)
            joined[item.name] = pa.concat_arrays(values) if is_arrow else np.concatenate(values)
        return cls(**joined)

    def take(self, rows: Ints) -> Self:
        """Return some pairs, in the order given."""
        return type(self)(
            **{
                item.name: value.take(pa.array(rows)) if isinstance(value, pa.Array) else value[rows]
                for item in fields(self)
                for value in [getattr(self, item.name)]
            }
        )

    def swap(self, turned: NDArray[np.bool_]) -> Self:
        """Return the evidence with both sides of some pairs exchanged."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        for name in [name for name in values if name.endswith("_a")]:
            a, b = values[name], values[f"{name[:-1]}b"]
            values[name], values[f"{name[:-1]}b"] = _choose(turned, b, a), _choose(turned, a, b)
        values["spans"] = _choose(turned, _swap_spans(self.spans), self.spans)
        return type(self)(**values)


def _choose(chosen: NDArray[np.bool_], yes: Any, no: Any) -> Any:
    if isinstance(yes, pa.Array):
        rows = np.arange(len(chosen)) + np.where(chosen, 0, len(chosen))
        return pa.concat_arrays([yes, no]).take(pa.array(rows))
    return np.where(chosen, yes, no)


def _swap_spans(spans: pa.Array) -> pa.Array:
    names = ("b_start", "b_end", "a_start", "a_end")
    columns = [spans.values.field(name) for name in names]
    turned = pa.StructArray.from_arrays(columns, fields=list(SPANS_TYPE.value_type))
    return pa.ListArray.from_arrays(spans.offsets, turned)


def measure(passages: Passages, pairs: Ints) -> Evidence:
    """Measure pairs of texts.

    Args:
        passages: the texts.
        pairs: two columns of text numbers.
    """
    alignment = _of_stories(passages, align(passages, pairs))
    alignment, amounts = _part_amounts(passages, alignment)
    spans = _join_runs(alignment)
    words = _shared_words(passages, pairs)
    numbers = _shared_numbers(passages, pairs)
    facing = alignment.replaced
    is_rare = _both(passages.is_rare, facing)
    is_number = np.logical_and(*passages.are_figures(facing[:, 1:].T)) & is_rare
    may_name = passages.is_name | passages.may_name
    is_name = _both(may_name, facing) & is_rare
    marks = np.array([zone.mark for zone in passages.zones], np.int64)[pairs]
    n = np.diff(passages.n_of_story[passages.offsets])
    lead, strange = compare_leads(passages, pairs, alignment)
    return Evidence(
        coverage_a=_coverage(passages, pairs, alignment, amounts, 0),
        coverage_b=_coverage(passages, pairs, alignment, amounts, 1),
        words_a=words[0],
        words_b=words[1],
        lead=lead,
        strange=strange,
        other_subjects=count_other_subjects(passages, pairs, alignment),
        mark_a=marks[:, 0],
        mark_b=marks[:, 1],
        n_a=n[pairs[:, 0]],
        n_b=n[pairs[:, 1]],
        n_aligned=_n_in_runs(len(pairs), alignment, passages.n_of_story)
        + per_pair(np.concatenate((alignment.garbled[:, 0], amounts[:, 0])), len(pairs)),
        n_garbled=per_pair(alignment.garbled[:, 0], len(pairs)),
        n_rare=_n_rare(passages, len(pairs), alignment),
        longest=_longest(spans, len(pairs), passages.n_of_story),
        numbers_a=numbers[0],
        numbers_b=numbers[1],
        numbers_shared=np.minimum(
            numbers[2] + per_pair(amounts[:, 0], len(pairs)), np.minimum(numbers[0], numbers[1])
        ),
        number_conflicts=per_pair(facing[is_number, 0], len(pairs)) + alignment.number_gaps(passages, pairs),
        name_conflicts=_n_names(passages, len(pairs), facing[is_name]),
        n_replaced=per_pair(facing[:, 0], len(pairs)),
        spans=_spans_array(passages, pairs, spans),
        only_a=_differing(passages, len(pairs), facing[is_number | is_name], 1),
        only_b=_differing(passages, len(pairs), facing[is_number | is_name], 2),
    )


def _both(flags: NDArray[np.bool_], words: Ints) -> NDArray[np.bool_]:
    """Tell of which rows of pair, left word, right word a flag is set for both words."""
    return flags[words[:, 1]] & flags[words[:, 2]]


def _of_stories(passages: Passages, alignment: Alignment) -> Alignment:
    """Return the alignment without words in each other's place of which one stands in a zone."""
    garbled, replaced = (
        words[_both(passages.is_story, words)] for words in (alignment.garbled, alignment.replaced)
    )
    return replace(alignment, garbled=garbled, replaced=replaced)


def _part_amounts(passages: Passages, alignment: Alignment) -> tuple[Alignment, Ints]:
    """Return the alignment without those numbers in each other's place that are one amount, and these."""
    facing, last = alignment.replaced, len(passages.hashes) - 1
    words = facing[:, 1:].T
    is_one = np.logical_or(*passages.are_ones(words)) & np.logical_or(*passages.is_number[words])
    rows = np.flatnonzero(np.logical_and(*passages.are_figures(words)) | is_one)
    words = facing[rows, 1:].T
    written = passages.written(np.concatenate((words, np.minimum(words + 1, last))).reshape(-1)).to_pylist()
    n = words.shape[1]
    a, b, after_a, after_b = (written[at * n : (at + 1) * n] for at in range(4))
    are_amounts = [are_one(*amounts) for amounts in zip(a, after_a, b, after_b, strict=True)]
    rows = rows[np.array(are_amounts, np.bool_)]
    return replace(alignment, replaced=np.delete(facing, rows, axis=0)), facing[rows]


def _coverage(passages: Passages, pairs: Ints, alignment: Alignment, amounts: Ints, side: int) -> Floats:
    first, length = alignment.runs[:, side], alignment.runs[:, 2]
    aligned = passages.totals[first + length] - passages.totals[first]
    alike = np.concatenate((alignment.garbled, amounts))
    got = per_pair(alignment.pair_of_run, len(pairs), aligned)
    words = alike[:, 1 + side]
    got += per_pair(alike[:, 0], len(pairs), passages.totals[words + 1] - passages.totals[words])
    rows = pairs[:, side]
    whole = passages.totals[passages.offsets[rows + 1]] - passages.totals[passages.offsets[rows]]
    return got / np.maximum(whole, 1)


def _n_rare(passages: Passages, n_pairs: int, alignment: Alignment) -> Ints:
    """Return how many aligned words stand in shingles that are rare in both texts."""
    garbled = alignment.garbled
    misread = _both(passages.is_rare, garbled)
    both = _n_in_runs(n_pairs, alignment, passages.telling)
    return both + per_pair(garbled[misread, 0], n_pairs)


def _n_in_runs(n_pairs: int, alignment: Alignment, totals: Ints) -> Ints:
    """Return how many words of a kind, in both texts, are aligned, by running totals."""
    first, length = alignment.runs[:, :2], alignment.runs[:, 2]
    both = np.minimum(*(totals[first + length[:, None]] - totals[first]).T)
    return per_pair(alignment.pair_of_run, n_pairs, both)


def _n_names(passages: Passages, n_pairs: int, facing: Ints) -> Ints:
    """Return how many names stand in each other's place; of words made of pairs of characters, two are one."""
    is_paired = _both(passages.initials == PAIRED, facing)
    paired = per_pair(facing[is_paired, 0], n_pairs)
    return per_pair(facing[:, 0], n_pairs) - paired // 2


def _shared_words(passages: Passages, pairs: Ints) -> tuple[Floats, Floats]:
    """Return the share of the weight of the rare words of each text that the other has anywhere."""
    rows = passages.pick(passages.is_story & (passages.surprise >= 16 * _RARE_WORD_BITS))
    weights = passages.weigh(rows.values)
    _, shared = passages.kernels.tallies.share(rows.values, rows.offsets, weights, pairs)
    totals = add_up(weights)
    whole = totals[rows.offsets[1:]] - totals[rows.offsets[:-1]]
    left, right = (shared / np.maximum(whole[pairs[:, side]], 1) for side in (0, 1))
    return left, right


#: Bits of surprise from which a word is rare.
_RARE_WORD_BITS = 7


def _shared_numbers(passages: Passages, pairs: Ints) -> tuple[Ints, Ints, Ints]:
    rows = passages.pick(passages.is_story & passages.is_number & passages.is_rare)
    ones = np.ones(len(rows.values), np.uint32)
    shared, _ = passages.kernels.tallies.share(rows.values, rows.offsets, ones, pairs)
    n = np.diff(rows.offsets)
    return n[pairs[:, 0]], n[pairs[:, 1]], shared


def _join_runs(alignment: Alignment) -> Ints:
    """Return pair, first word left and right, words left and right of runs with little between them."""
    runs, pair = alignment.runs, alignment.pair_of_run
    if not len(runs):
        return np.empty((0, 5), np.int64)
    ends = runs[:, :2] + runs[:, 2:]
    is_far = np.logical_or(*((runs[1:, :2] - ends[:-1]) > SPAN_GAP).T)
    is_new = np.append(True, (pair[1:] != pair[:-1]) | is_far)
    starts = np.flatnonzero(is_new)
    lasts = np.append(starts[1:], len(runs)) - 1
    spans = np.column_stack((pair[starts], runs[starts, :2], ends[lasts] - runs[starts, :2]))
    n_left, n_right = spans[:, 3:].T
    # Of a span that is shared, half of the words at least are.
    is_shared = 2 * np.add.reduceat(runs[:, 2], starts) >= np.maximum(n_left, n_right)
    return spans[is_shared & (np.minimum(n_left, n_right) >= SPAN_WORDS)]


def _longest(spans: Ints, n_pairs: int, of_story: Ints) -> Ints:
    longest = np.zeros(n_pairs, np.int64)
    words = of_story[spans[:, 1:3] + spans[:, 3:]] - of_story[spans[:, 1:3]]
    np.maximum.at(longest, spans[:, 0], np.minimum(*words.T))
    return longest


def _spans_array(passages: Passages, pairs: Ints, spans: Ints) -> pa.Array:
    columns = []
    for side in (0, 1):
        first, last = spans[:, 1 + side], spans[:, 1 + side] + spans[:, 3 + side] - 1
        origin = passages.letter_of(passages.buffer.offsets[pairs[spans[:, 0], side]])
        columns.append(passages.letter_of(passages.places[first]) - origin)
        columns.append(passages.letter_of(passages.places[last] + passages.sizes[last]) - origin)
    struct = pa.StructArray.from_arrays(
        [pa.array(column, pa.int32()) for column in columns], fields=list(SPANS_TYPE.value_type)
    )
    return _lists(spans[:, 0], len(pairs), struct)


def _differing(passages: Passages, n_pairs: int, facing: Ints, column: int) -> pa.Array:
    order = np.lexsort((facing[:, column], facing[:, 0]))
    return _lists(facing[order, 0], n_pairs, passages.written(facing[order, column]))


def _lists(pair: Ints, n_pairs: int, values: pa.Array) -> pa.Array:
    offsets = np.searchsorted(pair, np.arange(n_pairs + 1))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)
