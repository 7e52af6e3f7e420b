"""Generated articles: valid, reproducible, and as alike as asked for."""

import pytest

from newsds.sample import sample
from newsds.schema import PROFILES, validator


@pytest.mark.parametrize("profile", PROFILES)
def test_generated_articles_are_valid_under_every_profile(profile):
    check = validator(profile=profile)
    assert all(check.is_valid(record) for record in sample(300, seed=5, copies=0.3))


def test_the_same_seed_gives_the_same_articles_whatever_their_number():
    assert list(sample(20, seed=9)) == list(sample(40, seed=9))[:20]
    assert list(sample(5, seed=9)) != list(sample(5, seed=10))


def test_identifiers_are_unique():
    records = list(sample(2000, copies=0.4))
    assert len({record["id"] for record in records}) == 2000


def test_copies_are_carried_by_another_publisher_and_are_shorter():
    original, copy = sample(2, seed=1, copies=1.0)
    assert original["body"].startswith(copy["body"])
    assert original["publisher"] != copy["publisher"]
