"""Groups of texts: every member is linked to the representative, and in conflict with no other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsds.dedup.grouping import Links, group, missing_pairs


def links(*pairs, conflicts=()):
    """Return links from (a, b, weight)."""
    a, b, weights = np.array(pairs, np.int64).reshape(-1, 3).T
    return Links(a=a, b=b, weights=weights, conflicts=np.array(conflicts, np.int64).reshape(-1, 2))


def grouped(found, lengths):
    return group(found, np.array(lengths)).tolist()


def test_a_chain_of_likenesses_is_cut():
    chain = links(*((n, n + 1, 900) for n in range(6)))
    assert len(set(grouped(chain, [100] * 7))) == 3


@pytest.mark.parametrize(("lengths", "head"), [([90, 100], 1), ([100, 90], 0), ([100, 100], 0)])
def test_of_two_texts_the_longer_represents_and_then_the_earlier(lengths, head):
    assert grouped(links((0, 1, 900)), lengths) == [head, head]


@pytest.mark.parametrize(("lengths", "head"), [([90, 100, 90], 1), ([90, 90, 100], 2), ([90, 90, 90], 0)])
def test_of_three_texts_that_are_all_alike_the_longest_represents(lengths, head):
    assert grouped(links((0, 1, 900), (1, 2, 900), (0, 2, 900)), lengths) == [head] * 3


def test_the_text_with_the_heaviest_links_represents_whatever_its_length():
    assert grouped(links((0, 1, 900), (0, 2, 900)), [10, 100, 100]) == [0, 0, 0]


@pytest.mark.parametrize(
    ("weights", "owner"), [((900, 800), [1, 1, 2]), ((800, 900), [0, 1, 1]), ((900, 900), [1, 1, 2])]
)
def test_of_two_texts_in_conflict_the_one_that_is_more_alike_comes_in(weights, owner):
    both = links((0, 1, weights[0]), (1, 2, weights[1]), conflicts=[(0, 2)])
    assert grouped(both, [50, 50, 50]) == owner


def test_texts_of_two_groups_that_hang_together_and_were_not_compared_are_paired():
    chain = links((0, 1, 900), (1, 2, 900), (2, 3, 900), (3, 4, 900))
    owner = group(chain, np.full(5, 50))
    compared = np.stack((chain.a, chain.b), 1)
    missing = missing_pairs(chain, owner, compared)
    assert {tuple(pair) for pair in missing.tolist()} >= {(1, 3), (1, 4)}
    assert not {tuple(pair) for pair in missing.tolist()} & {tuple(pair) for pair in compared.tolist()}


PAIR = st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(1, 1000)).filter(
    lambda pair: pair[0] < pair[1]
)


@given(
    st.lists(PAIR, unique_by=lambda pair: pair[:2]),
    st.lists(PAIR, unique_by=lambda pair: pair[:2]),
    st.lists(st.integers(1, 99), min_size=12, max_size=12),
)
def test_members_are_linked_to_their_representative_and_in_no_conflict(pairs, others, lengths):
    known = {pair[:2] for pair in pairs}
    conflicts = [pair[:2] for pair in others if pair[:2] not in known]
    owner = grouped(links(*pairs, conflicts=conflicts), lengths)
    for text, head in enumerate(owner):
        assert owner[head] == head
        assert text == head or (min(text, head), max(text, head)) in known
    assert not any(owner[a] == owner[b] for a, b in conflicts)
