"""What is counted over texts is the same in both engines, and what a slow count of sets says."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsds.dedup import tallies_numpy

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
def test_the_different_rare_hashes_of_each_row_are_picked(rows, most):
    table = np.arange(1 << BITS, dtype=np.uint8) % 4
    for tallies in ENGINES:
        hashes, offsets = ragged(rows)
        offsets, values = tallies.pick(hashes, offsets, tallies.are_rare(table, hashes, most))
        picked = [values[a:b] >> np.uint64(57) for a, b in pairwise(offsets)]
        assert [sorted(row.tolist()) for row in picked] == [
            sorted(value for value in set(row) if table[value >> 1] <= most) for row in rows
        ]


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


def test_many_pairs_are_counted_in_turns(monkeypatch):
    monkeypatch.setattr(tallies_numpy, "_AT_A_TIME", 7)
    rows = [[1, 2, 3], [2, 3, 4], [9], [3]]
    pairs = np.array([(a, b) for a in range(4) for b in range(4) if a != b])
    counts, _ = tallies_numpy.share(*ragged(rows), np.ones(8, np.uint32), pairs)
    assert counts.tolist() == [len({*rows[a]} & {*rows[b]}) for a, b in pairs.tolist()]
