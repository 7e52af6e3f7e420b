"""The master schemas: frozen, valid as schemas, and the same for every validator."""

import hashlib

import jsonschema
import pytest

from newsds.errors import UsageError
from newsds.samples import sample
from newsds.schema import PROFILES, load_schema, profile_schema, schema_bytes, validator, versions

#: A released schema is never edited: a change is a new version. Until newsds 1.0.0 these may still change, with
#: the digest here and a line in the changelog.
DIGESTS = {
    ("article", "1.0.0"): "147ba7e36d258911d03a1b8c2d9abff60a1d26610b1c9248567e9b285467efe6",
    ("project", "1.0.0"): "9dcf9884b4a3dac5aaccfdee18c42a86f4269ab8346d348e3a378acec93554d0",
    ("release", "1.0.0"): "0d20f070974c7042cbfd1745d4e5412c656db2fae4deac9bf41d0a8aeef4e281",
    ("report", "1.0.0"): "baa00298f0f3c7f31b17a5bbea66fe3dea2a3c3af78c5d0a1d4e2bc42872e37c",
}


def test_every_schema_is_the_one_that_was_frozen():
    kinds = ("article", "project", "release", "report")
    found = {
        (kind, version): hashlib.sha256(schema_bytes(kind, version)).hexdigest()
        for kind in kinds
        for version in versions(kind)
    }
    assert found == DIGESTS


@pytest.mark.parametrize("kind", ["article", "project", "release", "report"])
def test_every_schema_is_a_schema_of_its_draft(kind):
    jsonschema.Draft202012Validator.check_schema(load_schema(kind))


@pytest.mark.parametrize("kind", ["article", "project", "release", "report"])
def test_nothing_has_to_be_fetched(kind):
    assert b'"$ref": "http' not in schema_bytes(kind)


def test_every_field_says_what_it_means():
    assert [name for name, field in load_schema()["properties"].items() if not field.get("description")] == []


@pytest.mark.parametrize("profile", PROFILES)
def test_both_validators_agree_on_generated_articles(profile):
    oracle = jsonschema.Draft202012Validator(profile_schema(profile))
    fast = validator("article", profile=profile)
    for record in sample(50, seed=3):
        assert fast.is_valid(record) == oracle.is_valid(record)
        broken = {**record, "headline": 5, "published_at": "yesterday"}
        assert len(list(fast.iter_errors(broken))) == len(list(oracle.iter_errors(broken)))


@pytest.mark.parametrize(
    "text",
    ["yesterday", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00z", "2026-01-01 00:00:00Z",
     "2026-01-01T00:00:00.1234567Z", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00+00:00", "2026-13-01T00:00:00Z"],
)  # fmt: skip
def test_a_timestamp_has_one_form(text):
    (record,) = sample(1)
    assert validator().is_valid({**record, "published_at": "2026-01-01T00:00:00.5Z"})
    assert not validator().is_valid({**record, "published_at": text})


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: schema_bytes("article", "9.9.9"), "no such version"),
        (lambda: profile_schema("best"), "no such profile"),
    ],
)
def test_what_does_not_exist_is_refused(call, words):
    with pytest.raises(UsageError, match=words):
        call()


def test_the_strict_validator_refuses_required_texts_that_are_blank_in_any_white_space():
    record = next(iter(sample(1, seed=1)))
    strict, plain = validator(is_strict=True), validator()
    blank = [
        char
        for char in map(chr, range(0x3100))
        if strict.is_valid({**record, "headline": f"{char}"}) is False
    ]
    assert blank == [char for char in map(chr, range(0x3100)) if char.isspace()]
    assert plain.is_valid({**record, "headline": "\u2003"})
    assert strict.is_valid({**record, "headline": "\u2003a"})
    assert strict.is_valid({**record, "body": "\u2003"})


@pytest.mark.parametrize(
    ("name", "value"),
    [("url", "https://a.example/b"), ("language", "en"), ("published_at", "2025-01-01T00:03:00Z"), ("schema_version", "1.0.0")],
)  # fmt: skip
def test_no_validator_takes_a_line_feed_after_a_value_with_a_form(name, value):
    record = next(iter(sample(1, seed=1)))
    assert validator().is_valid({**record, name: value})
    assert not validator().is_valid({**record, name: value + "\n"})
    assert not jsonschema.Draft202012Validator(load_schema()).is_valid({**record, name: value + "\n"})
