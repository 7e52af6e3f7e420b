"""Candidate pairs: what must be found, what must not, and that order and threads change nothing."""

import random

import numpy as np
import pyarrow as pa
import pytest

from newsds.dedup import candidates
from newsds.dedup.candidates import NO_TIME, Recipe, Sketches
from newsds.dedup.spill import Partitions, RaggedFile
from newsds.errors import InputError

HOUR = 3_600_000_000
WORDS = [a + b + c for a in "bdfgklmnprst" for b in "aeiou" for c in ("n", "r", "s", "lo", "mi", "te")]


def story(draw: random.Random, n: int) -> list[str]:
    return [draw.choice(WORDS) for _ in range(n)]


def pairs_of(tmp_path, texts, hours=None, *, order=None, engine="numpy", workers=1, batch=7, **options):
    """Return candidate pairs as pairs of numbers of texts, whatever order they are added in."""
    order = list(range(len(texts))) if order is None else order
    times = np.array(
        [NO_TIME if hours is None or hours[at] is None else int(hours[at] * HOUR) for at in order], np.int64
    )
    folder = tmp_path / f"{random.random()}"
    folder.mkdir()
    with Sketches(folder, engine=engine, workers=workers, **options) as sketches:
        for first in range(0, len(order), batch):
            sketches.add(pa.array([texts[at] for at in order[first : first + batch]], pa.string()))
        by_time = sorted(range(len(order)), key=lambda row: (times[row], order[row]))
        ranks = np.empty(len(order), np.int64)
        ranks[by_time] = np.arange(len(order))
        found = [pair for part in sketches.find_pairs(ranks=ranks, times=times) for pair in part.tolist()]
    assert found == sorted(found)
    assert all(a < b for a, b in found)
    return {tuple(sorted((order[by_time[a]], order[by_time[b]]))) for a, b in found}


def corpus(seed=3, n=60):
    """Return texts with copies: pairs (original, copy) that must be found."""
    draw = random.Random(seed)
    texts, planted = [], []
    for _ in range(n):
        original = story(draw, draw.randint(60, 300))
        kind = draw.choice(["none", "exact", "edited", "abridged", "excerpt"])
        texts.append(" ".join(original))
        if kind == "none":
            continue
        copy = list(original)
        if kind == "edited":
            copy = [
                "reported",
                "here",
                *(draw.choice(WORDS) if draw.random() < 0.05 else word for word in copy),
            ]
        if kind == "abridged":
            copy = copy[: len(copy) // 2]
        if kind == "excerpt":
            copy = [*story(draw, 80), *copy[20:60]]
        planted.append((len(texts) - 1, len(texts)))
        texts.append(" ".join(copy).upper() if kind == "exact" else " ".join(copy))
    return texts, planted


def test_copies_abridgements_and_excerpts_are_candidates(tmp_path):
    texts, planted = corpus()
    found = pairs_of(tmp_path, texts)
    assert set(planted) <= found
    assert len(found) < 4 * len(planted)


@pytest.mark.parametrize(("engine", "workers"), [("numpy", 1), ("numpy", 2), ("numba", 2), ("numba", 8)])
def test_order_threads_and_engine_change_nothing(tmp_path, engine, workers):
    if engine == "numba":
        pytest.importorskip("numba")
    texts, _ = corpus(n=25)
    hours = [5 * (at % 9) for at in range(len(texts))]
    expected = pairs_of(tmp_path, texts, hours)
    order = random.Random(workers).sample(range(len(texts)), len(texts))
    assert pairs_of(tmp_path, texts, hours, order=order, engine=engine, workers=workers, batch=11) == expected


@pytest.mark.parametrize("room", [0, 2000])
def test_what_does_not_fit_into_memory_is_found_all_the_same(tmp_path, room):
    texts, _ = corpus(n=25)
    assert pairs_of(tmp_path, texts, room=room) == pairs_of(tmp_path, texts)


def test_more_texts_than_there_are_numbers_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(candidates, "MAX_TEXTS", 12)
    with Sketches(tmp_path, engine="numpy") as sketches:
        sketches.add(pa.array(["one text"] * 12))
        with pytest.raises(InputError, match="more than 12 texts"):
            sketches.add(pa.array(["one more"]))


def test_without_anchors_only_near_copies_meet(tmp_path):
    texts, _ = corpus()
    found = pairs_of(tmp_path, texts, recipe=Recipe(anchor_every=0))
    assert 0 < len(found) < len(pairs_of(tmp_path, texts))


def test_undated_texts_are_near_every_other(tmp_path):
    draw = random.Random(6)
    text = " ".join(story(draw, 150))
    texts = [f"{text} {word}" for word in draw.sample(WORDS, 24)]
    with_dates = pairs_of(tmp_path, texts, [None, None, *(24 * 30 * at for at in range(22))])
    assert {(a, b) for a in (0, 1) for b in range(a + 1, a + 9)} <= with_dates
    assert all(a in {0, 1} for a, b in with_dates)


def test_texts_without_tokens_meet_nobody(tmp_path):
    assert pairs_of(tmp_path, ["", None, " ", "…", "", "\u0301"]) == set()


def test_short_texts_meet_only_their_equals(tmp_path):
    texts = ["Fog.", "fog", "Rain", "株価", "株価", "株式"]
    assert pairs_of(tmp_path, texts) == {(0, 1), (3, 4)}


def test_equal_texts_meet_over_any_distance_and_others_within_the_window(tmp_path):
    draw = random.Random(1)
    text = story(draw, 120)
    near = " ".join([*text[:-5], "seen", "again"])
    texts = [" ".join(text), " ".join(text), near]
    assert pairs_of(tmp_path, texts, [0, 24 * 400, 24 * 3]) == {(0, 1), (0, 2)}
    assert pairs_of(tmp_path, texts, [0, 24 * 400, 24 * 30]) == {(0, 1)}


def test_four_hundred_copies_make_few_pairs_and_all_meet_the_first(tmp_path):
    draw = random.Random(2)
    text = story(draw, 150)
    texts = [" ".join([*text, *story(draw, 6)]) for _ in range(400)]
    found = pairs_of(tmp_path, texts, [at / 10 for at in range(400)])
    assert {(0, at) for at in range(1, 400)} <= found
    assert len(found) <= 2 * 400 * (Recipe().n_neighbours + 1)


def test_late_copies_of_a_long_series_meet_the_first_within_the_window(tmp_path):
    draw = random.Random(4)
    text = story(draw, 150)
    texts = [" ".join([*text, *story(draw, 6)]) for _ in range(60)]
    found = pairs_of(tmp_path, texts, [12 * at for at in range(60)])
    assert (45, 59) in found
    assert not any(b - a > 14 for a, b in found)


def test_anchors_in_too_many_cells_say_nothing(tmp_path):
    draw = random.Random(5)
    template = " ".join(story(draw, 90))
    texts = [f"{' '.join(story(draw, 200))} {template}" for _ in range(30)]
    hours = [24 * at for at in range(30)]
    assert len(pairs_of(tmp_path, texts, hours)) > 100
    assert len(pairs_of(tmp_path, texts, hours, recipe=Recipe(max_cells=20))) < 5


@pytest.mark.parametrize("room", [0, 5, 1 << 20], ids=["on disk", "in turns", "in memory"])
def test_what_was_put_aside_comes_back(tmp_path, room):
    partitions = Partitions(tmp_path / "p", np.uint32, 3, room=room)
    partitions.append(np.array([1, 2, 9], np.uint32), np.array([0, 2, 2, 3]))
    partitions.append(np.array([3], np.uint32), np.array([0, 1, 1, 1]))
    assert partitions.read(0).tolist() == [1, 2, 3]
    partitions.append(np.array([4, 7], np.uint32), np.array([0, 1, 2, 2]))
    assert [partitions.read(at).tolist() for at in range(3)] == [[1, 2, 3, 4], [7], [9]]
    assert (tmp_path / "p").exists() == (room < 100)
    partitions.clear()
    assert partitions.read(0).tolist() == []
    partitions.close()


@pytest.mark.parametrize("room", [0, 1 << 20], ids=["on disk", "in memory"])
def test_rows_put_aside_come_back_in_any_order(tmp_path, room):
    rows = RaggedFile(tmp_path / "r", room=room)
    rows.append(np.array([5, 6], np.uint64), np.array([2, 0]))
    assert rows.take(np.array([0])).row(0).tolist() == [5, 6]
    rows.append(np.array([7, 8, 9], np.uint64), np.array([3]))
    taken = rows.take(np.array([2, 0, 1, 2]))
    assert [taken.row(at).tolist() for at in range(4)] == [[7, 8, 9], [5, 6], [], [7, 8, 9]]
    assert rows.counts().tolist() == [2, 0, 3]
    assert len(rows.take(np.array([], np.int64))) == 0
    rows.close()
