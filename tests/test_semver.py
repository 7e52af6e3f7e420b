"""Versions and ranges."""

import pytest

from newsds.errors import UsageError
from newsds.semver import Range, Version, newest


def test_versions_are_ordered_as_the_standard_says():
    # The example of https://semver.org section 11, and numbers beyond one digit.
    texts = [
        "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
        "1.0.0-rc.1", "1.0.0", "1.2.0", "1.10.0", "2.0.0",
    ]  # fmt: skip
    versions = [Version.parse(text) for text in texts]
    assert sorted(versions[1::2] + versions[::2]) == versions
    assert [str(version) for version in versions] == texts


@pytest.mark.parametrize(
    "text", ["1.2", "01.2.3", "1.2.3.4", "latest", "", "1.2.3-", "١.٢.٣", "1" * 40 + ".0.0"]
)
def test_what_is_no_version_is_refused(text):
    with pytest.raises(UsageError, match="not of the form"):
        Version.parse(text)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("1.2.0", ["1.2.0"], ["1.2.1", "1.2.0-rc.1"]),
        ("v1.2.0", ["1.2.0"], ["1.2.1"]),
        (">=1.1,<2", ["1.1.0", "1.9.3"], ["1.0.9", "2.0.0", "2.0.0-rc.1", "1.5.0-beta"]),
        (">1.1", ["1.1.1"], ["1.1.0"]),
        (" >= 1 , != 1.3.0 ", ["1.0.0", "1.3.1"], ["1.3.0", "0.9.0"]),
        (">=2.0.0-rc.1", ["2.0.0-rc.1", "2.0.0-rc.2", "2.0.0", "2.1.0"], ["2.0.0-beta", "2.1.0-beta"]),
        ("<=1.2.0", ["1.2.0", "0.1.0"], ["1.2.1"]),
    ],
)
def test_a_range_holds_the_versions_it_means(text, inside, outside):
    wanted = Range.parse(text)
    assert [item for item in [*inside, *outside] if Version.parse(item) in wanted] == inside


@pytest.mark.parametrize("text", ["1.2", "~1.2", ">=1.1 <2", ">=", "main", ">=x", ""])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(UsageError):
        Range.parse(text)


def test_the_newest_is_a_finished_one_where_there_is_one():
    versions = [Version.parse(text) for text in ("1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1")]
    assert str(newest(versions)) == "1.10.0"
    assert str(newest(versions, Range.parse("<1.10"))) == "1.9.0"
    assert str(newest(versions[3:])) == "2.0.0-rc.1"
    assert newest(versions, Range.parse(">=3")) is None
