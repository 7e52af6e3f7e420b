"""Splits by cluster and time."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsds.errors import UsageError
from newsds.project import SplitChoices
from newsds.release.assignment import UNDATED, assign, components, links, positions
from newsds.release.splits import split
from newsds.texts import TEXTS_SCHEMA

SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}
BY_TIME = SplitChoices(shares=SHARES)
HOUR = 3_600_000_000


def names(n: int) -> pa.Array:
    return pa.array([f"{number:05d}" for number in range(n)])


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
    split = assign(np.arange(10), np.arange(10)[::-1].copy(), BY_TIME, ids=names(10))
    assert split.split.tolist() == [2, 2, 1, 1, 0, 0, 0, 0, 0, 0]
    assert split.sizes() == {"train": 6, "validation": 2, "test": 2}


def test_copies_go_where_the_first_of_them_goes() -> None:
    labels = numbers(0, 1, 2, 3, 4, 5, 6, 7, 8, 0)
    split = assign(labels, np.arange(10), BY_TIME, ids=names(10))
    assert split.split[9] == split.split[0] == 0
    assert split.n_crossing(numbers(0), numbers(9)) == 0
    assert split.n_crossing(numbers(0, 0), numbers(9, 8)) == 1


def test_articles_without_a_date_are_never_taken_for_later_ones() -> None:
    times = np.arange(10)
    times[9] = UNDATED
    assert assign(np.arange(10), times, BY_TIME, ids=names(10)).split[9] == 0


def test_one_split_takes_everything() -> None:
    assert assign(
        np.arange(3), np.arange(3), SplitChoices.from_dict({"by": "none"}), ids=names(3)
    ).sizes() == {"train": 3}


def test_links_join_members_and_relations() -> None:
    ids = pa.array(["a", "b", "c", "d"])
    clusters = pa.table({"article_id": ["c", "a", "b", "d"], "cluster_id": ["k1", "k1", "k2", "k3"]})
    relations = pa.table({"a": ["b"], "b": ["d"]})
    assert components(4, *links(ids, clusters, relations)).tolist() == [0, 1, 0, 1]


def test_positions_of_strangers_are_minus_one() -> None:
    assert positions(pa.array(["a", "b"]), pa.chunked_array([["b"], ["z"]])).tolist() == [1, -1]


def test_a_random_split_depends_on_the_seed_and_the_ids_alone() -> None:
    ids = names(2000)
    times = np.arange(2000)
    first, again, other = (
        assign(np.arange(2000), when, SplitChoices(by="random", shares=SHARES, seed=seed), ids=ids)
        for seed, when in ((3, times), (3, times[::-1]), (4, times))
    )
    assert np.array_equal(first.split, again.split)
    assert not np.array_equal(first.split, other.split)
    assert first.sizes() == {"train": 1200, "validation": 400, "test": 400}
    # It is no split by time.
    assert 900 < times[first.split == 2].mean() < 1100


def test_a_stratified_split_has_the_same_shares_in_each_stratum() -> None:
    strata = np.repeat([0, 1], [900, 100])
    choices = SplitChoices(by="random", shares=SHARES)
    found = assign(np.arange(1000), np.arange(1000), choices, ids=names(1000), strata=strata)
    assert np.bincount(found.split[strata == 1]).tolist() == [60, 20, 20]
    assert np.bincount(found.split[strata == 0]).tolist() == [540, 180, 180]


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 12)), min_size=1, max_size=40),
    st.integers(1, 48),
)
def test_an_embargo_lies_between_all_articles_of_two_splits(
    articles: list[tuple[int, int]], hours: int
) -> None:
    n = len(articles)
    times = np.array([UNDATED if time == 0 else time * HOUR for time, _ in articles])
    links_to = np.array([min(n - 1, other) for _, other in articles])
    labels = components(n, np.arange(n), links_to)
    choices = SplitChoices(shares={"train": 0.5, "test": 0.5}, embargo_hours=hours)
    found = assign(labels, times, choices, ids=names(n))
    train, test = times[found.split == 0], times[found.split == 1]
    assert UNDATED not in train
    if len(train) and len(test):
        assert test.min() - train.max() >= hours * HOUR
    assert found.n_left_out == n - len(train) - len(test)
    assert found.n_crossing(np.arange(n), links_to) == 0


@pytest.mark.parametrize(
    "choices",
    [
        {"shares": {"train": 0.5, "test": 0.4}},
        {"shares": {}},
        {"by": "random", "embargo_hours": 2},
        {"by": "time", "stratify": "section"},
        {"by": "moon"},
        {"embargo_hours": -1},
        {"embargo_hours": float("nan")},
        {"embargo_hours": float("inf")},
        {"shares": {"train": float("nan"), "test": 0.5}},
    ],
)
def test_choices_that_do_not_go_together_are_refused(choices: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        SplitChoices.from_dict(choices)


def test_texts_are_split_with_their_copies() -> None:
    word = "the ferry to Skerry Point was late again and the harbour master said number {} would follow soon after that"
    rows = [
        {"id": f"t{number}", "text": word.format(number // 2) + f" {number // 2} " * 9, "published_at": None}
        for number in range(20)
    ]
    batch = pa.RecordBatch.from_pylist(rows, schema=TEXTS_SCHEMA)
    found = split([batch], choices=SplitChoices(by="random", shares={"train": 0.5, "test": 0.5}))
    assert found.n_crossing == 0
    assert found.n_relations >= 10
    assert sum(found.sizes.values()) == 20
    split_of = dict(zip(found.table["id"].to_pylist(), found.table["split"].to_pylist(), strict=True))
    assert all(split_of[f"t{number}"] == split_of[f"t{number + 1}"] for number in range(0, 20, 2))
