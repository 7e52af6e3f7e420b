"""Splits that stay."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsds.cli import main
from newsds.errors import UsageError
from newsds.project import SplitChoices
from newsds.release.assignment import UNDATED, Bonds
from newsds.release.keeping import Standing, keep
from newsds.release.kept import KEPT_SCHEMA, Kept
from release.projects import records, write_lines

NAMES = ("train", "validation", "test")
SHARES = {"train": 0.6, "validation": 0.2, "test": 0.2}
BY_TIME, AT_RANDOM = SplitChoices(shares=SHARES), SplitChoices(by="random", shares=SHARES, seed=3)
HOUR = 3_600_000_000


def name(number: int) -> str:
    return f"{number:05d}"


def bonds(n: int, relations: list[tuple[int, int]] = (), clusters: list[list[int]] = ()) -> Bonds:
    cluster = {number: members[0] for members in clusters for number in members}
    ends = np.array(relations, np.int64).reshape(-1, 2)
    rows = {
        "article_id": [name(number) for number in range(n)],
        "cluster_id": [f"k{cluster.get(n, n)}" for n in range(n)],
    }
    related = {"a": [name(a) for a, _ in ends.tolist()], "b": [name(b) for _, b in ends.tolist()]}
    related = pa.table(related, schema=pa.schema([("a", pa.string()), ("b", pa.string())]))
    return Bonds.of(pa.array(rows["article_id"]), pa.table(rows), related)


def known(splits: dict[int, str], times: dict[int, int] | None = None) -> Kept:
    rows = [
        {"id": name(number), "split": split, "published_at": (times or {}).get(number)}
        for number, split in splits.items()
    ]
    return Kept(table=pa.Table.from_pylist(rows, schema=KEPT_SCHEMA), name="before", origin={})


def split_of(found: Standing) -> list[str | None]:
    return [found.assignment.names[n] if n >= 0 else None for n in found.assignment.split]


def test_what_was_split_stays_and_what_belongs_to_it_follows() -> None:
    # 0 and 1 were split; 2 is a copy of 1, 3 an update of 2; 4 is new.
    before = known({0: "train", 1: "test"})
    found = keep(bonds(5, [(2, 3)], [[1, 2]]), np.arange(5), AT_RANDOM, before)
    assert split_of(found)[:4] == ["train", "test", "test", "test"]
    assert found.is_kept.tolist() == [True, True, False, False, False]
    assert found.has_joined.tolist() == [False, False, True, True, False]
    assert found.groups.tolist()[:4] == [0, 1, 1, 1]
    assert not found.is_torn.any()


def test_an_article_that_belongs_to_two_splits_is_left_out_and_nothing_spreads_through_it() -> None:
    # 2 belongs to 0 and to 1; 3 to 2 alone; 4 to 0 alone.
    before = known({0: "train", 1: "test"})
    found = keep(bonds(5, [(0, 2), (1, 2), (2, 3), (0, 4)]), np.arange(5), AT_RANDOM, before)
    assert split_of(found)[:3] == ["train", "test", None]
    assert split_of(found)[3] in NAMES
    assert split_of(found)[4] == "train"
    assert found.is_torn.tolist() == [False, False, True, False, False]


def test_of_two_that_two_splits_reach_at_once_one_is_left_out() -> None:
    found = keep(bonds(4, [(0, 2), (2, 3), (1, 3)]), np.arange(4), AT_RANDOM, known({0: "train", 1: "test"}))
    assert split_of(found) == ["train", "test", "train", None]


def test_clusters_that_grew_together_keep_what_was_in_the_first_split() -> None:
    before = known({0: "test", 1: "train", 4: "validation"})
    found = keep(bonds(5, [(3, 4)], [[0, 1, 2]]), np.arange(5), AT_RANDOM, before)
    assert split_of(found) == [None, "train", None, "validation", "validation"]
    assert found.is_torn.tolist() == [True, False, True, False, False]


def test_what_turns_out_to_be_related_to_the_first_split_leaves_a_later_one() -> None:
    before = known({0: "train", 1: "validation", 2: "test"})
    found = keep(bonds(3, [(0, 1), (1, 2)]), np.arange(3), AT_RANDOM, before)
    # The test article is related to none that is there any more.
    assert split_of(found) == ["train", None, "test"]


def test_others_lend_their_split_and_are_not_split_themselves() -> None:
    own = np.array([True, True, True, False, False])
    found = keep(bonds(5, [(0, 3)], [[1, 2, 4]]), np.arange(5), AT_RANDOM, known({3: "test"}), is_own=own)
    assert split_of(found)[0] == "test"
    # 4 was never split; what are copies of it stay together all the same.
    assert split_of(found)[1] == split_of(found)[2] is not None
    assert split_of(found)[4] is None
    assert found.has_joined.tolist() == [True, False, False, False, False]


def test_new_articles_lie_between_the_borders_of_what_is_kept() -> None:
    times = np.array([UNDATED, 5, 15, 21, 35, 90, 10, 20, 30])
    before = known({6: "train", 7: "validation", 8: "test"})
    found = keep(bonds(9), times, BY_TIME, before)
    assert split_of(found)[:6] == ["train", "train", "train", "validation", "test", "test"]


def test_borders_follow_from_dates_that_are_remembered() -> None:
    before = known({6: "train", 7: "test"}, {6: 10, 7: 20})
    assert split_of(keep(bonds(2), np.array([15, 25]), BY_TIME, before)) == ["train", "test"]


def test_new_articles_fill_up_the_shares() -> None:
    before = known(dict.fromkeys(range(100), "train"))
    found = keep(bonds(140), np.arange(140), AT_RANDOM, before)
    assert found.assignment.sizes() == {"train": 100, "validation": 20, "test": 20}
    # One at a time comes to the same as all at once.
    splits = dict.fromkeys(range(10), "train")
    for number in range(10, 60):
        grown = bonds(number + 1)
        splits[number] = split_of(keep(grown, np.arange(number + 1), AT_RANDOM, known(splits)))[number]
    sizes = [sum(split == wanted for split in splits.values()) for wanted in NAMES]
    assert all(abs(size - wanted) <= 1 for size, wanted in zip(sizes, (36, 12, 12), strict=True))


def test_new_articles_fill_up_the_shares_of_each_stratum() -> None:
    strata = np.repeat([0, 1, 0, 1], [50, 10, 50, 10])
    before = known({**dict.fromkeys(range(50), "train"), **dict.fromkeys(range(50, 60), "test")})
    halves = SplitChoices(by="random", shares={"train": 0.5, "test": 0.5})
    found = keep(bonds(120), np.arange(120), halves, before, strata=strata).assignment.split
    assert [np.bincount(found[strata == n], minlength=2).tolist() for n in (0, 1)] == [[50, 50], [10, 10]]


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.sampled_from(["new", *NAMES]), st.integers(0, 15)), max_size=25
    ),
    st.integers(1, 40),
)
def test_an_embargo_lies_between_the_kept_and_the_new(
    articles: list[tuple[int, str, int]], hours: int
) -> None:
    # What is kept lies apart, as an embargo left it: a hundred hours each, with gaps between.
    n, bounds = len(articles), {"train": 0, "validation": 150, "test": 300}
    times = np.array(
        [(time if split == "new" else bounds[split] + time % 100) * HOUR for time, split, _ in articles],
        np.int64,
    )
    splits = {at: split for at, (_, split, _) in enumerate(articles) if split != "new"}
    grouped = bonds(n, [(at, min(n - 1, other)) for at, (_, _, other) in enumerate(articles)])
    choices = SplitChoices(shares=SHARES, embargo_hours=hours)
    found = keep(grouped, times, choices, known(splits))
    split = found.assignment.split
    for earlier in range(2):
        before, after = times[split == earlier], times[split > earlier]
        if splits and len(before) and len(after):
            assert after.min() - before.max() >= hours * HOUR
    assert all(split_of(found)[at] in (splits[at], None) for at in splits)


@given(
    st.integers(2, 18).flatmap(
        lambda n: st.tuples(
            st.lists(st.tuples(*[st.integers(0, n - 1)] * 2), max_size=30),
            st.lists(st.integers(0, 6), min_size=n, max_size=n),
            st.lists(st.sampled_from([None, *NAMES]), min_size=n, max_size=n),
            st.lists(st.booleans(), min_size=n, max_size=n),
        )
    ),
    st.sampled_from([BY_TIME, AT_RANDOM]),
)
def test_no_article_changes_its_split_and_nothing_leads_from_one_to_another(case, choices) -> None:
    relations, clusters, held, own = case
    n, before = len(held), {at: split for at, split in enumerate(held) if split}
    groups = [[at for at in range(n) if clusters[at] == number] for number in range(7)]
    graph = bonds(n, relations, [members for members in groups if members])
    found = keep(graph, np.arange(n) * HOUR, choices, known(before), is_own=np.array(own))
    split = split_of(found)
    assert found.assignment.n_crossing(*graph.links()) == 0
    for at in range(n):
        assert split[at] in ((held[at], None) if held[at] else (*NAMES, None))
        assert held[at] != "train" or split[at] == "train"
        if own[at] and split[at] is None:
            assert found.is_torn[at]
    for members in groups:
        assert len({split[at] for at in members} - {None}) <= 1
    for a, b in relations:
        # Nothing new is related to what was in another split before, even if that is left out now.
        for new, old in ((a, b), (b, a)):
            if own[new] and not held[new] and held[old] and split[new]:
                assert split[new] == held[old]


def test_a_split_that_is_kept_keeps_its_name() -> None:
    with pytest.raises(UsageError, match="the split 'dev' is none of train, validation, test"):
        keep(bonds(2), np.arange(2), BY_TIME, known({0: "dev"}))


def test_the_command_keeps_splits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given_first, given_then = records(60, seed=4)[:40], records(60, seed=4)
    write_lines(tmp_path / "first.jsonl", given_first)
    write_lines(tmp_path / "then.jsonl", given_then)
    options = ["-q", "--by", "random", "--shares", "train=0.6,test=0.4"]
    assert main(["split", str(tmp_path / "first.jsonl"), *options, "-o", str(tmp_path / "one")]) == 0
    keeping = ["--keep", str(tmp_path / "one"), "-o", str(tmp_path / "two"), "--format", "json"]
    assert main(["split", str(tmp_path / "then.jsonl"), *options, *keeping]) == 0
    assert '"n_kept": 40' in capsys.readouterr().out
    before, after = (
        {
            row["id"]: row["split"]
            for row in pq.ParquetFile(tmp_path / folder / "splits.parquet").read().to_pylist()
        }
        for folder in ("one", "two")
    )
    assert len(after) == 60
    assert before.items() <= after.items()
    strangers = ["--keep", str(tmp_path / "one"), "-o", str(tmp_path / "three")]
    write_lines(tmp_path / "others.jsonl", records(30, seed=9))
    assert main(["split", str(tmp_path / "others.jsonl"), *options, *strangers]) == 1
    assert "so that no split was kept" in capsys.readouterr().err
