"""Splits by cluster and time."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from newsds.release.splits import UNDATED, assign, components, links, positions

SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}


def numbers(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_what_is_linked_over_several_steps_is_one_component() -> None:
    labels = components(6, numbers(5, 3, 1), numbers(3, 1, 2))
    assert labels.tolist() == [0, 1, 1, 1, 4, 1]


@given(
    st.integers(1, 30).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))
    )
)
def test_components_are_those_of_a_walk(case: tuple[int, list[tuple[int, int]]]) -> None:
    n, pairs = case
    expected = list(range(n))
    for _ in range(n):
        for a, b in pairs:
            expected[a] = expected[b] = min(expected[a], expected[b])
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    assert components(n, ends[:, 0], ends[:, 1]).tolist() == expected


def test_later_articles_go_to_later_splits() -> None:
    split = assign(np.arange(10), np.arange(10)[::-1].copy(), SHARES)
    assert split.split.tolist() == [2, 2, 1, 1, 0, 0, 0, 0, 0, 0]
    assert split.sizes() == {"train": 6, "validation": 2, "test": 2}


def test_copies_go_where_the_first_of_them_goes() -> None:
    labels = numbers(0, 1, 2, 3, 4, 5, 6, 7, 8, 0)
    split = assign(labels, np.arange(10), SHARES)
    assert split.split[9] == split.split[0] == 0
    assert split.n_crossing(numbers(0), numbers(9)) == 0
    assert split.n_crossing(numbers(0, 0), numbers(9, 8)) == 1


def test_articles_without_a_date_are_never_taken_for_later_ones() -> None:
    times = np.arange(10)
    times[9] = UNDATED
    assert assign(np.arange(10), times, SHARES).split[9] == 0


def test_one_split_takes_everything() -> None:
    assert assign(np.arange(3), np.arange(3), {"train": 1.0}).sizes() == {"train": 3}


def test_links_join_members_and_relations() -> None:
    ids = pa.array(["a", "b", "c", "d"])
    clusters = pa.table({"article_id": ["c", "a", "b", "d"], "cluster_id": ["k1", "k1", "k2", "k3"]})
    relations = pa.table({"a": ["b"], "b": ["d"]})
    assert components(4, *links(ids, clusters, relations)).tolist() == [0, 1, 0, 1]


def test_positions_of_strangers_are_minus_one() -> None:
    assert positions(pa.array(["a", "b"]), pa.chunked_array([["b"], ["z"]])).tolist() == [1, -1]
