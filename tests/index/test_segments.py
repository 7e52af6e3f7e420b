"""Segments: how many there are, and that merging them loses nothing."""

import numpy as np
import pytest

from newsds.index.commonness import BITS, add_counts, no_counts, write_counts
from newsds.index.names import keep_names
from newsds.index.segments import first_to_merge

RNG = np.random.default_rng(7)


def test_segments_stay_few_and_large_ones_are_seldom_written_again():
    sizes, written = [], 0
    for _ in range(2000):
        sizes.append(10)
        first = first_to_merge(sizes)
        if first < len(sizes) - 1:
            written += sum(sizes[first:])
            sizes = [*sizes[:first], sum(sizes[first:])]
        assert len(sizes) <= 8
    assert sum(sizes) == 20_000
    assert written < 20 * 20_000


@pytest.mark.parametrize(
    ("sizes", "first"), [([], 0), ([5], 0), ([100, 5], 1), ([100, 5, 5], 1), ([19, 5], 0), ([0], 0)]
)
def test_a_segment_is_merged_with_what_has_grown_behind_it(sizes, first):
    assert first_to_merge(sizes) == first


def test_counts_are_added_up_and_never_run_over(tmp_path):
    places = {"words": RNG.integers(0, 1 << BITS[0], 500), "shingles": RNG.integers(0, 1 << BITS[1], 500)}
    counts = no_counts()
    for name, at in places.items():
        getattr(counts, name)[at] = 200
    write_counts(counts, tmp_path / "rarity.parquet")
    both = add_counts(counts, [(tmp_path / "rarity.parquet", 3)])
    assert both.n_texts == 3
    assert set(both.words[places["words"]]) == {400}
    assert set(both.shingles[places["shingles"]]) == {255}
    assert both.words.sum() == 400 * len(np.unique(places["words"]))


def test_a_name_that_another_cluster_has_is_not_given_again():
    import pyarrow as pa

    found = pa.table({"article_id": ["a", "b"], "cluster_id": ["ndc:1", "ndc:2"]})
    names = keep_names(found, {}, is_free=lambda name: name != "ndc:1")
    assert names[0] not in {"ndc:1", "ndc:2"}
    assert names[1] == "ndc:2"
