"""Both engines pair the same texts, and those that the rules say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsds.dedup import joins_numpy
from newsds.dedup.joins_numpy import OWNER_BITS, Order, pair_equals
from newsds.dedup.joins_of_some import keep_meant, keep_near

joins_numba = pytest.importorskip("newsds.dedup.joins_numba", exc_type=ImportError)
ENGINES = [joins_numpy, joins_numba]

BITS = 6


@st.composite
def corpora(draw):
    """Return keys with the place in time of who has them, and the order of the texts."""
    n = draw(st.integers(1, 40))
    times = np.sort(draw(st.lists(st.integers(0, 60), min_size=n, max_size=n)))
    n_undated = draw(st.integers(0, n))
    earliest = np.zeros(n, np.uint32)
    earliest[n_undated:] = n_undated + np.searchsorted(times[n_undated:], times[n_undated:] - 10)
    cells = np.array(draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)), np.int64)
    drawn = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, n - 1)), max_size=120))
    packed = np.array(sorted(key << BITS | place for key, place in drawn), np.uint64)
    return packed, Order(earliest, n_undated, cells, 6)


def pair_plainly(packed, order, n_neighbours, max_cells):
    found = []
    for key in {value >> BITS for value in packed.tolist()}:
        group = sorted({value & 63 for value in packed.tolist() if value >> BITS == key})
        if max_cells and len({int(order.cells[place]) for place in group}) > max_cells:
            continue
        for at, b in enumerate(group):
            first = next(place for place in group if place >= order.earliest[b])
            before = group[max(0, at - n_neighbours) : at]
            near = [a for a in before if a >= order.earliest[b] or a < order.n_undated]
            far = [first] if at - group.index(first) > n_neighbours else []
            found += [a << 32 | b for a in near + far]
    return sorted(found)


@given(corpora(), st.integers(1, 9), st.integers(0, 6))
@settings(deadline=None, max_examples=150)
def test_texts_meet_their_neighbours_and_the_first_within_the_window(corpus, n_neighbours, max_cells):
    packed, order = corpus
    expected = pair_plainly(packed, order, n_neighbours, max_cells)
    for joins in ENGINES:
        assert (
            np.sort(joins.pair_up(packed.copy(), BITS, order, n_neighbours, max_cells)).tolist() == expected
        )


@given(corpora(), st.integers(1, 9), st.integers(0, 6), st.data())
@settings(deadline=None, max_examples=150)
def test_no_pair_of_a_text_that_is_meant_is_lost_where_the_others_are_left_out(
    corpus, n_neighbours, max_cells, data
):
    packed, order = corpus
    n = len(order.cells)
    is_meant = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)), bool)
    expected = {
        pair
        for pair in pair_plainly(packed, order, n_neighbours, max_cells)
        if is_meant[pair >> 32] or is_meant[pair & 0xFFFFFFFF]
    }
    near = keep_near(packed, BITS, order, is_meant, n_neighbours=n_neighbours, max_cells=max_cells)
    for joins in ENGINES:
        found = keep_meant(joins.pair_up(near.copy(), BITS, order, n_neighbours, 0), is_meant)
        assert expected <= set(found.tolist())


def test_of_a_key_that_many_have_only_the_neighbours_of_those_meant_are_kept():
    n = 40
    packed = np.arange(n, dtype=np.uint64) | np.uint64(7 << BITS)
    order = Order(np.zeros(n, np.uint32), 0, np.arange(n), n)
    is_meant = np.arange(n) == 20
    near = keep_near(packed, BITS, order, is_meant, n_neighbours=2, max_cells=0)
    assert (near & np.uint64(63)).tolist() == [0, 18, 19, 20, 21, 22]
    assert len(keep_near(packed, BITS, order, is_meant, n_neighbours=2, max_cells=n - 1)) == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=60), st.data())
@settings(deadline=None, max_examples=60)
def test_pairs_that_met_often_enough_are_kept(drawn, data):
    meetings = np.array(sorted(a << 32 | b for a, b in drawn), np.uint64)
    n_anchors = np.array(data.draw(st.lists(st.integers(0, 9), min_size=6, max_size=6)), np.int64)
    expected = sorted(
        a << 32 | b for a, b in set(drawn) if drawn.count((a, b)) >= 2 or min(n_anchors[a], n_anchors[b]) <= 4
    )
    for joins in ENGINES:
        assert joins.find_often_met(meetings, n_anchors, 2, 4).tolist() == expected


@given(st.lists(st.lists(st.integers(0, (1 << 64) - 1), max_size=9), max_size=9))
@settings(deadline=None, max_examples=60)
def test_anchors_are_parted_with_who_has_them(rows):
    anchors = np.array([value for row in rows for value in row], np.uint64)
    counts = np.array([len(row) for row in rows], np.int64)
    owned = sorted(
        ((value >> 61, value << 3 & (1 << 64) - 1, at) for at, row in enumerate(rows, 7) for value in row),
        key=lambda owner: owner[0],
    )
    places = np.arange(20, 0, -1)
    for joins in ENGINES:
        found, bounds = joins.scatter_anchors(anchors, counts, 7, 3)
        assert bounds.tolist() == [sum(part < at for part, _, _ in owned) for at in range(9)]
        assert found.tolist() == [value >> OWNER_BITS << OWNER_BITS | at for _, value, at in owned]
        joins.place_anchors(found, places)
        assert found.tolist() == [value >> OWNER_BITS << OWNER_BITS | 20 - at for _, value, at in owned]


@given(st.lists(st.integers(0, (1 << 64) - 1), max_size=30))
@settings(deadline=None, max_examples=60)
def test_values_are_parted_in_the_order_they_came(drawn):
    values = np.array(drawn, np.uint64)
    for joins in ENGINES:
        found, bounds = joins.scatter(values, 61, 8)
        assert found.tolist() == sorted(drawn, key=lambda value: value >> 61)
        assert bounds.tolist() == [sum(value >> 61 < at for value in drawn) for at in range(9)]


@pytest.mark.parametrize("joins", ENGINES)
def test_a_key_loses_the_bits_that_a_place_takes(joins):
    packed = joins.pack(
        np.array([0xFFFF, 0x1FF], np.uint64), np.array([3, 1]), np.array([1, 0], np.uint32), 8
    )
    assert packed.tolist() == [0xFF01, 0x103]


def test_equal_texts_meet_the_one_before_and_the_first():
    packed = np.array(
        [key << 8 | place for key, place in [(1, 4), (2, 0), (2, 3), (2, 9), (5, 1)]], np.uint64
    )
    assert sorted(pair_equals(packed, 8).tolist()) == [3, 3, 9, 3 << 32 | 9]
    assert pair_equals(packed[:0], 8).tolist() == []
