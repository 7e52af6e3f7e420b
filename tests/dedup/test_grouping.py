"""Groups of texts: every member is linked to the representative, and in conflict with no other."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsds.dedup.grouping import Links, find_links, group, missing_pairs


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
    assert grouped(links((0, 1, 900)), lengths) == grouped(links((1, 0, 900)), lengths) == [head, head]


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


def test_links_to_texts_that_have_a_group_already_count_no_more():
    # Without those that 0 takes, 4 has but a light link to 5.
    hub, rest = ((0, 1, 900), (0, 2, 900), (0, 3, 900)), ((4, 1, 900), (4, 2, 900), (4, 5, 100), (5, 6, 900))
    assert grouped(links(*hub, *rest), [50] * 7) == [0, 0, 0, 0, 5, 5, 5]


def paired(found, owner, compared):
    return {tuple(pair) for pair in missing_pairs(found, np.array(owner), compared).tolist()}


def test_pairs_that_were_compared_are_known_whichever_side_is_named_first():
    chain = links((0, 1, 900), (1, 2, 900), (2, 3, 900))
    compared = np.array([(1, 0), (2, 1), (3, 2), (2, 0)])
    assert paired(chain, [0, 0, 2, 2], compared) == {(0, 3)}


def test_texts_of_one_group_are_not_paired():
    star = links((0, 1, 900), (0, 2, 900))
    assert paired(star, [0, 0, 0], np.empty((0, 2), np.int64)) == set()


def test_the_heads_of_the_eight_largest_groups_are_paired_with_the_texts_of_others():
    # Ten groups of two texts, and of three the last.
    owner = [2 * (text // 2) for text in range(20)] + [18]
    chain = links(*((text, text + 1, 900) for text in range(20)))
    heads = [18, 0, 2, 4, 6, 8, 10, 12]
    expected = {
        (min(head, text), max(head, text)) for head in heads for text in range(21) if owner[text] != head
    }
    assert paired(chain, owner, np.empty((0, 2), np.int64)) == expected


def test_the_first_head_is_paired_with_all_texts_and_others_with_four_hundred():
    owner = [0] * 500 + [500] * 450
    found = links(*((owner[text], text, 900) for text in range(950) if owner[text] != text), (1, 501, 900))
    wanted = paired(found, owner, np.empty((0, 2), np.int64))
    assert wanted == {(0, text) for text in range(500, 950)} | {(text, 500) for text in range(400)}


def test_links_weigh_the_nearest_thousandth_of_the_similarity():
    versions = SimpleNamespace(
        a=np.array([0, 0, 1]),
        b=np.array([1, 2, 2]),
        similarity=np.array([0.8994, 0.8996, 0.7]),
        is_same_article=np.array([True, True, False]),
        is_conflict=np.array([False, False, True]),
    )
    found = find_links(versions)
    assert found.weights.tolist() == [899, 900]
    assert (found.a.tolist(), found.b.tolist(), found.conflicts.tolist()) == ([0, 0], [1, 2], [[1, 2]])


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
