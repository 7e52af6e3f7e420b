"""What is rare, in a table that is crowded too."""

import numpy as np
import pytest

from newsds.dedup.rarity import RARE, Rarity


def rarity(shingles):
    return Rarity(words=np.zeros(4, np.uint32), shingles=np.array(shingles, np.uint8), n_texts=1)


@pytest.mark.parametrize(
    ("shingles", "most"),
    [
        ([0, 0, 0, 0], RARE),
        ([0, 0, 0, 200], RARE),
        ([1, 1, 1, 200], RARE),
        ([0, 1, 3, 4], RARE + 2),
        ([6, 6, 6, 0], RARE + 5),
        ([255, 255, 255, 0], 254),
    ],
)
def test_what_others_add_to_a_place_is_taken_off(shingles, most):
    assert rarity(shingles).most == most


def test_all_places_of_a_large_table_are_looked_at():
    shingles = np.full(1 << 21, 3, np.uint8)
    shingles[: 1 << 19] = 0
    assert rarity(shingles).most == RARE + 2
    shingles[: 5 << 18] = 0
    assert rarity(shingles).most == RARE
