"""One verdict: the fast way, the slow way and Python's `jsonschema` agree on whatever is put before them."""

import json
import math

import jsonschema
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.records import complete
from newsds import testing
from newsds.article import Articles
from newsds.checks import validate
from newsds.project import RuleChoices
from newsds.readers import read
from newsds.schema import PROFILES, load_schema, profile_schema

ORACLES = {profile: jsonschema.Draft202012Validator(profile_schema(profile)) for profile in PROFILES}
PROPERTIES = sorted(load_schema()["properties"])

#: Values at the edges of what the schema, parsers and languages understand each other about.
ODD = st.sampled_from([
    0, 1, -1, 1.0, 1.5, -0.0, 2**31, 2**53 + 1, 2**63, 2**64, 10**30, -(10**30), 1e308, 5e-324, True, False, None, "", " ", "\u00a0",
    "\u2028", "\n", "en\n", "GB\n", "1.0.0\n", "\ud800", "e\u0301", "\U0001f6a2" * 3, [], {}, [None], [[]], [{}], {"name": None}, {"x": 1},
    "2026-02-30T00:00:00Z", "2026-01-01T00:00:00z", "2026-01-01T24:00:00Z", "2016-12-31T23:59:60Z", "2026-01-01T00:00:00.123456789Z",
    "https://a.example/\u3000", "https://a.example/\x0b", "https://a.example/\x1c", "http://", "HTTP://a.example", "nds:" + "0" * 32, "nds:" + "A" * 32,
])  # fmt: skip


@st.composite
def odd_records(draw):
    """Draw a record with odd values in some fields, at the top or one level down."""
    record = draw(testing.articles())
    for name in draw(st.lists(st.sampled_from([*PROPERTIES, "other"]), min_size=1, max_size=3)):
        value = draw(ODD)
        inner = record.get(name)
        if isinstance(inner, dict) and draw(st.booleans()):
            record[name] = {**inner, draw(st.sampled_from([*inner, "other"])): value}
        else:
            record[name] = value
    return record


def verdict_of(tmp_path, line, profile="core"):
    """Return whether newsds finds nothing wrong with a line under the schema, the same in both ways."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(line + b"\n")
    articles, choices = read(path), RuleChoices(profile=profile)
    report = validate(articles, choices=choices, rules="schema")
    assert report == validate(Articles(articles.open_items), choices=choices, rules="schema")
    return report


def oracle(line, profile="core"):
    """Return whether a strict parser and `jsonschema` accept a line; None for what is no newsds record."""
    try:
        record = json.loads(line.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_once)
        json.dumps(record, ensure_ascii=False).encode("utf-8")
        if any(math.isinf(number) for number in _floats(record)):
            return False
    except (ValueError, RecursionError):
        return False
    if not isinstance(record, dict):
        return False
    blank = isinstance(record.get("headline"), str) and not record["headline"].strip()
    return ORACLES[profile].is_valid(record) and not blank


def _refuse(name):
    raise ValueError(name)


def _once(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key twice")
    return dict(pairs)


def _floats(value):
    if isinstance(value, float):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _floats(item)


@pytest.mark.parametrize("profile", PROFILES)
def test_on_odd_records_all_agree(tmp_path, profile):
    @given(odd_records(), st.booleans())
    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def check(record, is_ascii):
        line = json.dumps(record, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
        assert (not verdict_of(tmp_path, line, profile).has("error")) == oracle(line, profile)

    check()


@given(testing.invalid_articles("NDS104") | testing.invalid_articles("NDS102"))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_on_broken_articles_all_agree(tmp_path, broken):
    line = orjson.dumps(broken.record)
    report = verdict_of(tmp_path, line)
    assert {(finding.code, finding.pointer) for finding in report.findings} == {(broken.rule, broken.pointer)}
    assert not oracle(line)


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_on_damaged_lines_all_agree(tmp_path, data):
    line = bytearray(orjson.dumps(complete({"word_count": 7, "tags": ["a", "\u00e9"]})))
    for _ in range(data.draw(st.integers(1, 2))):
        at = data.draw(st.integers(0, len(line) - 1))
        new = data.draw(
            st.sampled_from(
                [b"", b"\xff", b'"', b",", b"}", b" ", b"0", b"\\", b"NaN", b"\xc3", b"\t", b"1.0"]
            )
        )
        line[at : at + 1] = new
    text = bytes(line)
    # What does not claim to be an article is read as a foreign record, which the schema does not judge.
    if b'"schema_version"' in text and b"\n" not in text:
        assert (not verdict_of(tmp_path, text).has("error")) == oracle(text)


@pytest.mark.parametrize(
    ("old", "new", "is_good"),
    [
        (b'"word_count": 7', b'"word_count": 7.0', True),
        (b'"word_count": 7', b'"word_count": 70e-1', True),
        (b'"word_count": 7', b'"word_count": 7.5', False),
        (b'"word_count": 7', b'"word_count": 123456789012345678901', False),
        (b'"word_count": 7', b'"word_count": 1e400', False),
        (b'"word_count": 7', b'"word_count": -0', True),
        (b'"word_count": 7', b'"word_count" : 7, "word_count" : 7', False),
        (b'"word_count": 7', b'"word_count": 7, "w\\u006frd_count": 7', False),
        (b'"word_count": 7', b'"word_count": 7, "slugline": "\\ud83d\\udea2"', True),
        (b'"word_count": 7', b'"word_count": 7, "slugline": "\\ud83d"', False),
        (b'"word_count": 7', b'"word_count": 7, "slugline": "a\\u0022: b"', True),
        (b'"word_count": 7', b'"word_count": 7, "slugline": "\xed\xa0\xbd"', False),
    ],
)
def test_where_parsers_differ_the_verdict_is_settled(tmp_path, old, new, is_good):
    line = json.dumps(complete({"word_count": 7})).encode().replace(old, new)
    assert verdict_of(tmp_path, line).has("error") != is_good
    assert oracle(line) == is_good
