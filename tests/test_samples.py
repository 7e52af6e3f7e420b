"""Generated articles: valid, reproducible, and as alike as asked for."""

from datetime import UTC, datetime

import pytest

import newsds
from newsds.checks import validate
from newsds.samples import sample
from newsds.schema import PROFILES, validator


@pytest.mark.parametrize("profile", PROFILES)
def test_generated_articles_are_valid_under_every_profile(profile):
    check = validator(profile=profile)
    assert all(check.is_valid(record) for record in sample(300, seed=5, copies=0.3))


def test_the_same_seed_gives_the_same_articles_whatever_their_number():
    assert list(sample(20, seed=9)) == list(sample(40, seed=9))[:20]
    assert list(sample(5, seed=9)) != list(sample(5, seed=10))


def test_dates_end_however_many_articles_there_are(monkeypatch):
    monkeypatch.setattr("newsds.samples._YEAR", 10)
    dates = [record["published_at"] for record in sample(35)]
    assert max(dates) < "2025-01-01T01:10:00Z"
    assert dates[:10] == sorted(dates[:10])


@pytest.mark.parametrize("copies", [0, 0.25])
def test_generated_articles_are_good_under_the_usual_rules(copies):
    report = validate(sample(3000, seed=2, copies=copies), as_of=datetime(2026, 1, 2, tzinfo=UTC))
    assert report.counts == ()


def test_the_public_name_is_the_function_whatever_was_imported_before():
    assert newsds.sample is sample


def test_identifiers_are_unique():
    records = list(sample(2000, copies=0.4))
    assert len({record["id"] for record in records}) == 2000


def test_copies_are_carried_by_another_publisher_and_are_shorter():
    original, copy = sample(2, seed=1, copies=1.0)
    assert original["body"].startswith(copy["body"])
    assert original["publisher"] != copy["publisher"]
