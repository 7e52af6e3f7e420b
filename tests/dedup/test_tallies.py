"""What is counted over texts is the same in both engines, and what a slow count of sets says."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsds.dedup import tallies_numpy
from newsds.dedup.tallies_numpy import Common

tallies_numba = pytest.importorskip("newsds.dedup.tallies_numba", exc_type=ImportError)
ENGINES = [tallies_numpy, tallies_numba]
BITS = 6

#: Rows of a few different hashes, spread over the places of a table, two hashes to a place.
ROWS = st.lists(st.lists(st.integers(0, 127), max_size=30), max_size=9)


def ragged(rows):
    hashes = np.array([value << 57 for row in rows for value in row], np.uint64)
    return hashes, np.concatenate(([0], np.cumsum([len(row) for row in rows]))).astype(np.int64)


def places(row) -> set[int]:
    return {value >> (7 - BITS) for value in row}


@settings(deadline=None, max_examples=60)
@given(ROWS)
def test_a_word_counts_once_in_each_text(rows):
    expected = [sum(place in places(row) for row in rows) for place in range(1 << BITS)]
    for tallies in ENGINES:
        table = np.ones(1 << BITS, np.uint32)
        tallies.count_words(table, *ragged(rows))
        assert (table - 1).tolist() == expected


@settings(deadline=None, max_examples=100)
@given(ROWS, st.data())
def test_the_most_cells_of_one_group_are_counted(rows, data):
    labels = data.draw(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2)), min_size=9, max_size=9))
    labels = sorted(labels[: len(rows)])
    groups, cells = np.array(labels, np.int64).reshape(-1, 2).T.copy()
    before = np.arange(1 << BITS, dtype=np.uint8) % 3
    met = [
        {label for label, row in zip(labels, rows, strict=True) if place in places(row)}
        for place in range(64)
    ]
    most = [max((sum(group == of for of, _ in labels) for group in range(3)), default=0) for labels in met]
    for tallies in ENGINES:
        table = before.copy()
        tallies.count_cells(table, *ragged(rows), groups, cells, False)
        assert table.tolist() == np.maximum(before, most).tolist()
        table = before.copy()
        tallies.count_cells(table, *ragged(rows), np.zeros_like(groups), cells, True)
        alone = [len({cell for _, cell in found}) for found in met]
        if cells.tolist() == sorted(cells.tolist()):
            assert table.tolist() == (before + alone).tolist()


@pytest.mark.parametrize("tallies", ENGINES)
@pytest.mark.parametrize("bits", [1, 6, 17, 20])
def test_counts_do_not_pass_the_most_that_a_table_holds(tallies, bits):
    rows = ragged([[1, 1, 9, 127]] * 300)
    each = np.arange(300)
    table = np.zeros(1 << bits, np.uint8)
    tallies.count_cells(table, *rows, np.zeros_like(each), each, True)
    tallies.count_cells(table, *rows, np.zeros_like(each), each, True)
    counted = {value << 57 >> (64 - bits) for value in (1, 9, 127)}
    assert np.flatnonzero(table).tolist() == sorted(counted)
    assert set(table[table > 0].tolist()) == {255}


@settings(deadline=None, max_examples=60)
@given(ROWS, st.integers(0, 3))
def test_the_different_hashes_to_keep_of_each_row_are_picked(rows, most):
    table = np.arange(1 << BITS, dtype=np.uint8) % 4
    for tallies in ENGINES:
        hashes, offsets = ragged(rows)
        offsets, values = tallies.pick(hashes, offsets, tallies_numpy.are_rare(table, hashes, most))
        picked = [values[a:b] >> np.uint64(57) for a, b in pairwise(offsets)]
        assert [sorted(row.tolist()) for row in picked] == [
            sorted(value for value in set(row) if table[value >> 1] <= most) for row in rows
        ]


@settings(deadline=None, max_examples=60)
@given(ROWS, st.sets(st.integers(0, 127), max_size=40))
def test_words_weigh_by_the_table_and_by_what_is_common_anywhere(rows, known):
    known = sorted({value << 57 | extra for value in known for extra in (0, value % 3)})
    words, counts = np.array(known, np.uint64), np.arange(len(known)) % 5 + 1
    leading = (words >> np.uint64(48)).astype(np.int64)
    first = np.full(1 << 16, -1, np.int16)
    first[leading[::-1]] = np.arange(len(words))[::-1]
    common = Common(words, counts, first)
    table, weights = np.arange(1 << BITS, dtype=np.uint32) % 7, np.arange(20, dtype=np.uint32) * 3
    hashes = np.concatenate((ragged(rows)[0], words))
    expected = [
        3 * (int(table[value >> 58]) + dict(zip(known, counts.tolist(), strict=True)).get(value, 0))
        for value in hashes.tolist()
    ]
    for tallies in ENGINES:
        assert tallies.weigh(hashes, table, common, weights).tolist() == expected


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 30), st.booleans(), st.booleans())))
def test_weights_are_added_up(words):
    surprise, is_rare, counts = (
        np.array(column) for column in zip(*[(0, False, False), *words], strict=True)
    )
    lessened = np.arange(31, dtype=np.uint32) // 10
    weights = [max(s if rare else s // 10, 1) if counted else 0 for s, rare, counted in [(0, 0, 0), *words]]
    expected = [sum(weights[:at]) for at in range(len(weights) + 1)]
    for tallies in ENGINES:
        totals = tallies.add_weights(surprise.astype(np.uint32), is_rare, counts, lessened)
        assert totals.tolist() == expected


@settings(deadline=None, max_examples=60)
@given(ROWS, st.randoms(use_true_random=False))
def test_what_two_rows_share_is_counted(rows, random):
    rows = [list(dict.fromkeys(row)) for row in rows]
    pairs = [(a, b) for a in range(len(rows)) for b in range(len(rows)) if a != b]
    random.shuffle(pairs)
    for tallies in ENGINES:
        hashes, offsets = ragged(rows)
        weights = (hashes >> np.uint64(57)).astype(np.uint32)
        counts, sums = tallies.share(hashes, offsets, weights, np.array(pairs, np.int64).reshape(-1, 2))
        assert counts.tolist() == [len({*rows[a]} & {*rows[b]}) for a, b in pairs]
        assert sums.tolist() == [sum({*rows[a]} & {*rows[b]}) for a, b in pairs]


@settings(deadline=None, max_examples=100)
@given(ROWS, st.integers(0, 12), st.randoms(use_true_random=False))
def test_pairs_that_share_enough_are_told_as_a_count_tells_them(rows, spread, random):
    # The fewer leading bits tell hashes apart, the more of them have the same mark.
    rows = [list(dict.fromkeys(row)) for row in rows]
    pairs = [(a, b, random.randrange(1, 12)) for a in range(len(rows)) for b in range(len(rows)) if a != b]
    hashes, offsets = ragged(rows)
    hashes = hashes >> np.uint64(spread) | hashes >> np.uint64(57)
    sides, least = np.split(np.array(pairs, np.int64).reshape(-1, 3), [2], axis=1)
    sides, least = sides.copy(), least[:, 0].copy()
    for tallies in ENGINES:
        enough = tallies.share_enough(hashes, offsets, sides, least)
        assert enough.tolist() == [len({*rows[a]} & {*rows[b]}) >= wanted for a, b, wanted in pairs]


def test_many_pairs_are_counted_in_turns(monkeypatch):
    monkeypatch.setattr(tallies_numpy, "_AT_A_TIME", 7)
    rows = [[1, 2, 3], [2, 3, 4], [9], [3]]
    pairs = np.array([(a, b) for a in range(4) for b in range(4) if a != b])
    counts, _ = tallies_numpy.share(*ragged(rows), np.ones(8, np.uint32), pairs)
    assert counts.tolist() == [len({*rows[a]} & {*rows[b]}) for a, b in pairs.tolist()]
