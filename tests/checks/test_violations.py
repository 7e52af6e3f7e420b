from typing import Any

import pytest

from checks.records import complete
from newsds.checks.rule import Hit
from newsds.checks.violations import violations
from newsds.json_text import json_pointer
from newsds.schema import validator


def _messages(partial: dict[str, Any]) -> list[str]:
    return [hit.message for _, hit in violations(complete(partial), validator("article"))]


@pytest.mark.parametrize(
    ("path", "expected"),
    [([], ""), (["tags", 0], "/tags/0"), (["a/b", "m~n", ""], "/a~1b/m~0n/"), (["~1"], "/~01")],
)
def test_a_pointer_is_escaped(path: list[str | int], expected: str) -> None:
    assert json_pointer(path) == expected


@pytest.mark.parametrize(
    ("partial", "message"),
    [
        ({"headline": None}, "required field `headline` is null"),
        ({"tags": [None]}, "an item of `tags` is null"),
        ({"headline": ["A"]}, "must be string, is an array"),
        ({"url": 5}, "must be string or null, is a number"),
        ({"status": "gone"}, "must be one of usable, corrected, withheld, withdrawn"),
        ({"published_at": "today"}, "must be a UTC timestamp such as 2026-03-04T05:06:07Z"),
        ({"url": "coast.example"}, "must be an absolute http or https address without white space"),
        ({"headline": "a" * 2001}, "is 2,001 characters long; at most 2,000 are allowed"),
        ({"tags": []}, "is empty; leave it out or write null"),
        ({"title": "A"}, "unknown field `title`; put what has no field into `extra`"),
        ({"supersedes": ["x"]}, "must be `nds:` and 32 hexadecimal digits"),
        ({"publisher": {"country": "uk"}}, "must be two capital letters (ISO 3166-1)"),
        ({"word_count": -1}, "-1 is less than the minimum of 0"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_message_says_what_is_asked_for(partial: dict[str, Any], message: str) -> None:
    assert _messages(partial) == [message]


@pytest.mark.parametrize(
    "value", [{"a": "x" * 10_000}, ["x" * 10_000], 10**5000], ids=["object", "array", "number"]
)
def test_a_message_never_holds_a_whole_value(value: Any) -> None:
    ((_, hit),) = violations(complete({"body": value}), validator("article"))
    assert len(hit.message) < 200
    assert len(hit.evidence or "") <= 160


def test_what_is_beyond_the_cap_is_counted() -> None:
    found = violations(complete({"tags": [5] * 150}), validator("article"))
    assert len(found) == 101
    assert found[-1][1] == Hit("", "50 more violations of the schema in this record")
    found = violations(complete({"tags": [5] * 1500}), validator("article"))
    assert found[-1][1].message.startswith("at least 900 more")
