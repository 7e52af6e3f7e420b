"""The public strategies: what they call valid, broken, dirty or a copy is so."""

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsds import testing
from newsds.article import Row
from newsds.checks import validate
from newsds.checks.checker import Checker
from newsds.errors import UsageError
from newsds.project import RuleChoices
from newsds.readers import read
from newsds.schema import PROFILES, validator


def found(record, profile="core"):
    """Return code and pointer of every error and warning."""
    checker = Checker(RuleChoices(profile=profile))
    findings = [*checker.check(Row(record=record)), *checker.finish()]
    return {(finding.code, finding.pointer) for finding in findings if finding.level != "info"}


@pytest.mark.parametrize("profile", [profile for profile in PROFILES if profile != "release"])
def test_articles_are_valid_and_clean(profile):
    @given(testing.articles(profile=profile))
    @settings(max_examples=60)
    def check(record):
        assert validator("article", profile=profile).is_valid(record)
        assert found(record, profile) == set()

    check()


@given(testing.articles(headline="Mine", section=None))
@settings(max_examples=10)
def test_fields_can_be_set_and_left_out(record):
    assert record["headline"] == "Mine"
    assert "section" not in record


@pytest.mark.parametrize("rule", testing.BROKEN_RULES)
def test_exactly_one_rule_is_broken_and_where(rule):
    @given(testing.invalid_articles(rule))
    @settings(max_examples=8)
    def check(broken):
        assert broken.rule == rule
        assert found(broken.record) == {(rule, broken.pointer)}

    check()


@given(testing.jsonl_bytes())
@settings(max_examples=20)
def test_clean_files_hold_their_articles(data):
    lines = data.splitlines()
    assert all(validator().is_valid(orjson.loads(line)) for line in lines)


@given(testing.jsonl_bytes(dirty=True))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_dirty_files_are_read_to_their_end(tmp_path, data):
    path = tmp_path / "dirty.jsonl"
    path.write_bytes(data)
    report = validate(read(path))
    n_lines = sum(1 for line in data.split(b"\n") if line.strip(b" \t\r"))
    assert report.n_records <= max(n_lines, 1)


@given(st.integers(1, 5).flatmap(testing.wire_copies))
@settings(max_examples=40)
def test_copies_come_with_the_truth_about_them(copies):
    original, *others = copies.records
    assert [record["id"] for record in others] == list(copies.kinds)
    assert len({record["id"] for record in copies.records}) == len(copies.records)
    for record in others:
        assert validator().is_valid(record)
        assert (record["body"] == original["body"]) == (copies.kinds[record["id"]] == "exact")


@pytest.mark.parametrize(
    "strategy",
    [testing.articles(profile="best"), testing.invalid_articles("NDS999"), testing.wire_copies(0)],
    ids=["profile", "rule", "number"],
)
@given(st.data())
@settings(max_examples=1)
def test_what_cannot_be_drawn_is_refused(strategy, data):
    with pytest.raises(UsageError):
        data.draw(strategy)
