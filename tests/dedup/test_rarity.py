"""What is rare, in a table that is crowded too."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from newsds.dedup.candidates import Recipe, Sketches
from newsds.dedup.corpus import gather
from newsds.dedup.rarity import Rarity, count_occurrences
from newsds.texts import TEXTS_SCHEMA

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TEXT = "Two tugs pulled the carrier Osprey Dawn off a sand bank. "


def rarity(shingles):
    return Rarity(words=np.zeros(4, np.uint32), shingles=np.array(shingles, np.uint8), n_texts=1)


@pytest.mark.parametrize(
    ("shingles", "most"),
    [
        ([0, 0, 0, 0], 8),
        ([0, 0, 0, 200], 8),
        ([1, 1, 1, 200], 8),
        ([0, 1, 3, 4], 10),
        ([6, 6, 6, 0], 13),
        ([255, 255, 255, 0], 254),
    ],
)
def test_what_others_add_to_a_place_is_taken_off(shingles, most):
    assert rarity(shingles).most == most


def test_all_places_of_a_large_table_are_looked_at():
    shingles = np.full(1 << 21, 3, np.uint8)
    shingles[: 1 << 19] = 0
    assert rarity(shingles).most == 10
    shingles[: 5 << 18] = 0
    assert rarity(shingles).most == 8


def test_a_word_weighs_sixteenths_of_a_bit_of_surprise_among_a_thousand_texts_more():
    words = Rarity(words=np.array([0, 3000], np.uint32), shingles=np.zeros(4, np.uint8), n_texts=1000)
    # log2(1 + 2000 / n) for n of 1, 2, 2000 and 4000; a word that was never seen weighs as one seen once.
    assert words.weights[[0, 1, 2, 2000, 4000]].tolist() == [175, 175, 159, 16, 9]


def counted(folder, rows, **choices):
    """Return the counts of rows (text, publisher, day since 1970 or None)."""
    folder.mkdir()
    records = [
        {
            "id": f"{number:03}",
            "text": text,
            "publisher": publisher,
            "published_at": None if day is None else EPOCH + timedelta(days=day),
        }
        for number, (text, publisher, day) in enumerate(rows)
    ]
    batch = pa.RecordBatch.from_pylist(records, schema=TEXTS_SCHEMA)
    with Sketches(folder, recipe=Recipe.for_window(168)) as sketches:
        return count_occurrences(gather([batch], folder, watch=sketches.add), sketches, **choices)


@pytest.mark.parametrize(
    ("rows", "days", "n_texts"),
    [
        pytest.param([("", "p", 5), (TEXT, "p", 5)], 1, 1, id="no words are no text"),
        pytest.param([(TEXT, "p", 5), (TEXT, "p", 5)], 1, 1, id="once a day"),
        pytest.param([(TEXT, "p", 5), (TEXT, "p", 6)], 2, 2, id="two days"),
        pytest.param([(TEXT, "p", 5), (TEXT, "q", 5)], 1, 2, id="two publishers on a day"),
        pytest.param([(TEXT, "p", 5), (TEXT, "q", 6)], 1, 2, id="two publishers on two days"),
        pytest.param([(TEXT, "p", None), (TEXT, "p", 0)], 2, 2, id="no date is no day"),
    ],
)
def test_a_shingle_counts_the_days_of_the_publisher_who_repeats_it_most(tmp_path, rows, days, n_texts):
    found = counted(tmp_path / "all", rows)
    assert (found.shingles.max(), found.n_texts) == (days, n_texts)


@pytest.mark.parametrize("texts", [1, 2, 3, 4, 7])
def test_counts_are_the_same_however_few_texts_are_counted_at_a_time(tmp_path, monkeypatch, texts):
    rows = [
        (f"{TEXT}No {number % 5} of {publisher}.", publisher, number // 2)
        for publisher, n in (("p", 9), ("q", 4), ("r", 4), ("s", 1))
        for number in range(n)
    ]
    whole = counted(tmp_path / "all", rows, bits=(12, 12))
    monkeypatch.setattr("newsds.dedup.rarity._TEXTS_AT_A_TIME", texts)
    parts = counted(tmp_path / "parts", rows, bits=(12, 12))
    assert parts.n_texts == whole.n_texts
    assert (parts.words == whole.words).all()
    assert (parts.shingles == whole.shingles).all()


@pytest.mark.parametrize(("n", "days"), [(4, 1), (5, 2)])
def test_a_day_of_too_many_texts_is_parted_and_counts_as_two(tmp_path, monkeypatch, n, days):
    monkeypatch.setattr("newsds.dedup.rarity._TEXTS_AT_A_TIME", 2)
    monkeypatch.setattr("newsds.dedup.rarity._TEXTS_OF_A_DAY", 4)
    rows = [(f"{TEXT}No {number}.", "p", 5) for number in range(n)]
    assert counted(tmp_path / "all", rows).shingles.max() == days


def test_a_day_is_not_parted_for_what_stands_before_it(tmp_path, monkeypatch):
    monkeypatch.setattr("newsds.dedup.rarity._TEXTS_AT_A_TIME", 3)
    monkeypatch.setattr("newsds.dedup.rarity._TEXTS_OF_A_DAY", 4)
    rows = [(f"{TEXT}No {number}.", "p", 5 + (number > 1)) for number in range(6)]
    assert counted(tmp_path / "all", rows).shingles.max() == 2
