"""Spans of shared text: what ends one, and which are worth showing."""

import pytest

from dedup.test_conflicts import dedupe
from dedup.test_relations import MORE, REST, STORY, compare

#: Words that two texts have in each other's place.
OURS = ["one", "amber", "heron", "drew", "slowly", "beside", "wide", "marshes"]
THEIRS = ["two", "copper", "kettles", "whistle", "loudly", "under", "thatched", "roofs"]
SHARED = ["harvest", "cooperative", "measured", "sugar", "vintage", "autumn"]


def spans_of(a, b):
    row, _ = compare(a, b)
    assert row["relation"] == "republication"
    return [a[span["a_start"] : span["a_end"]] for span in row["spans"]]


@pytest.mark.parametrize(
    ("n_left", "n_right", "n_spans"),
    [(3, 3, 1), (3, 0, 1), (4, 4, 2), (4, 3, 2), (3, 4, 2), (4, 0, 2), (0, 4, 2)],
)
def test_more_than_three_words_of_either_text_end_a_span(n_left, n_right, n_spans):
    a, b = (MORE + " ".join(words) + " " + REST for words in (OURS[:n_left], THEIRS[:n_right]))
    assert len(spans_of(a, b)) == n_spans


def inserted(left, right):
    """Return the spans after the story of two texts that have some words between words that differ."""
    a = f"{STORY}{' '.join(OURS)} {left} {' '.join(reversed(OURS))}"
    b = f"{STORY}{' '.join(THEIRS)} {right} {' '.join(reversed(THEIRS))}"
    return spans_of(a, b)[1:]


@pytest.mark.parametrize(("n", "is_shown"), [(4, False), (5, True), (6, True)])
def test_five_words_are_worth_showing(n, is_shown):
    words = " ".join(SHARED[:n])
    assert inserted(words, words) == [words] * is_shown


def test_the_shorter_side_of_a_span_counts():
    words = "harvest cooperative dull sugar vintage"
    assert inserted(words, "harvest cooperative grey sugar vintage") == [words]
    assert inserted(words, "harvest cooperative sugar vintage") == []


@pytest.mark.parametrize(
    ("left", "right", "is_shown"),
    [
        ("harvest dull cooperative amber heron sugar", "harvest grey cooperative seven dogs sugar", True),
        (
            "harvest dull odd cooperative amber heron sugar",
            "harvest grey cat cooperative seven dogs sugar",
            False,
        ),
        (
            "harvest dull cooperative amber heron sugar",
            "harvest grey cat cooperative seven dogs sugar",
            False,
        ),
    ],
)
def test_of_both_sides_of_a_span_half_of_the_words_are_shared(left, right, is_shown):
    assert inserted(left, right) == [left] * is_shown


@pytest.mark.parametrize(("first", "second"), ["ab", "ba"])
def test_spans_are_those_of_the_text_that_is_named_whichever_came_first(first, second):
    texts = {first: f"{' '.join(OURS)}. {STORY}", second: STORY}
    found = dedupe([(first, texts[first], 0), (second, texts[second], 1)])
    (row,) = found.relations.to_pylist()
    assert not row["is_directed"]
    (span,) = row["spans"]
    spans = [texts[row[side]][span[f"{side}_start"] : span[f"{side}_end"]] for side in "ab"]
    assert spans == [STORY.strip(". ")] * 2
