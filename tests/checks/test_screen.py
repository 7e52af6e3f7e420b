"""The screen: what it lets through beside the rules that have a hit costs time, what it keeps back would be lost."""

import itertools
import json
import sys
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest
from ftfy.badness import BADNESS_RE
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.records import complete
from newsds.article import Row
from newsds.checks import validate
from newsds.checks.checker import Checker
from newsds.checks.rules import RULES
from newsds.checks.screen import UNSCREENED, _patterns, is_screened
from newsds.readers import read
from newsds.samples import sample
from newsds.schema import SPACE

SUITE = Path(__file__).parent.parent / "suite"
FAULTS = Path(__file__).parent.parent / "faults"
ON_RECORDS = [rule for rule in RULES.values() if rule.check is not None]

#: What rules look for, near misses, and characters that lower case, folding and white space treat in ways of their own.
PIECES = (
    "&amp;", ";", "&#3;", "#39;", "\x03", "\x85", "\x1c", "\\n", "<p>", "gtag(", "{", "é", "Ã©", "â€™", "œ ", "Â ", "£", "\ufffd", "\u200b",
    "\u0301", "\u212a", "ſ", "İ", "ẞ", "@ @", "@\x1c@", "[MASK]", "-LRB-", "██", "٣", "555-123-4567", "+49 30 1234567", "call 12 34",
    "tel: 030/1234", "mobıle 12 34", "phone: desk (12) 34", "fax.  at\n12/34", "mit Abo weiterlesen, mit x weiterlesen", "il vous reste 80% à lire", "said.The", "read more", "Read more: x", "\nAdvertisement\n", "© 2024 x", "\nPhoto: x\n", "All rights reserved",
    "By Ana Ruiz\n", "\nVon Ana Ruiz\n", "(Reporting by Ana Ruiz; Editing by Li Wei)", "\nRedaktion: Ana Ruiz\n",
    "Ana Ruiz contributed to this report.", "...", "…", "[+12 chars]", "Read the full story", "subscribe to continue", "mit Abo weiterlesen",
    "we use cookies", "enable javascript", "null", "N/A", "['a', 'b']", "A | B", "a@b.example", "The council of Port Halden will let the hall.",
    ". . ", "\n\n", " ", "\u3000", "\t", "WITHDRAWN", "KILL: x", "?utm_source=x", "#a", "/amp", "m.", "www.", "bit.ly", "2026/03/04", "-31", "1969",
    "der die und das ", "the and of to in ", "word ", "A", "a", "É",
)  # fmt: skip


def suite_records() -> list[dict[str, Any]]:
    cases = (json.loads(path.read_text("utf-8"))["cases"] for path in sorted(SUITE.glob("*.json")))
    partial = [record for case in itertools.chain(*cases) for record in case.get("records", ())]
    return [complete(record, number) for number, record in enumerate(partial)]


RECORDS = [*suite_records(), *sample(30, seed=3)]


class _Open:
    """A screen that lets everything through."""

    @staticmethod
    def is_plain(_record: Any) -> bool:
        return False

    @staticmethod
    def suspects(_record: Any, *, is_plain: bool) -> frozenset[str]:
        assert not is_plain
        return frozenset(RULES)


@cache
def _checkers() -> tuple[Checker, Checker]:
    screened, unscreened = Checker(extent="record"), Checker(extent="record")
    screened._screen._patterns.n_waiting = 0
    unscreened._screen = _Open()  # type: ignore[assignment]
    return screened, unscreened


def assert_nothing_is_kept_back(record: dict[str, Any]) -> None:
    screened, unscreened = _checkers()
    wanted = unscreened.check(Row(record=record, row=0, raw=b""))
    assert screened.check(Row(record=record, row=0, raw=b"")) == wanted
    good = screened.good()
    assert good is not None
    try:
        text = orjson.dumps(record)
    except (TypeError, ValueError):
        return
    assert not (wanted and good.record(orjson.loads(text)))


def test_no_hit_of_the_suite_is_kept_back() -> None:
    for record in RECORDS:
        assert_nothing_is_kept_back(record)


def _changed(value: Any, draw: Any) -> Any:
    """Return JSON data with pieces in one of its texts, or without one of its parts."""
    if isinstance(value, dict) and value:
        name = draw(st.sampled_from(sorted(value)))
        if draw(st.integers(0, 9)) == 0:
            return {key: item for key, item in value.items() if key != name}
        return {**value, name: _changed(value[name], draw)}
    if isinstance(value, list) and value:
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], _changed(value[place], draw), *value[place + 1 :]]
    return _changed_text(value, draw) if isinstance(value, str) else value


def _changed_text(text: str, draw: Any) -> str:
    place = draw(st.sampled_from([0, len(text), len(text) // 2]) | st.integers(0, len(text)))
    pieces = "".join(draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3)))
    kept = text[place:] if draw(st.booleans()) else ""
    return draw(st.sampled_from([str, str.upper, str.lower]))(text[:place] + pieces + kept)


@st.composite
def changed_records(draw: Any) -> dict[str, Any]:
    record: Any = draw(st.sampled_from(RECORDS))
    for field in draw(st.lists(st.sampled_from(["", "body", "headline"]), min_size=1, max_size=4)):
        if field and isinstance(record.get(field), str):
            record = {**record, field: _changed_text(record[field], draw)}
        else:
            record = _changed(record, draw)
    return dict(record)


@settings(max_examples=300, deadline=None)
@given(changed_records())
def test_no_hit_is_kept_back(record: dict[str, Any]) -> None:
    assert_nothing_is_kept_back(record)


@pytest.mark.slow
@settings(max_examples=2_000, deadline=None)
@given(changed_records())
def test_no_hit_of_many_is_kept_back(record: dict[str, Any]) -> None:
    assert_nothing_is_kept_back(record)


@pytest.mark.parametrize("extra", ['{"a":"\ud800"}', '{"a":"\u00e9"}'])
def test_what_cannot_be_written_as_json_is_no_plain_record(extra: str) -> None:
    screened, unscreened = _checkers()
    row = Row(record={**next(iter(sample(1, seed=2))), "extra": extra}, row=0)
    found = screened.check(row)
    assert found == unscreened.check(row)
    assert [finding.code for finding in found] == (["NDS104"] if "\ud800" in extra else [])


def test_every_rule_says_where_it_may_have_a_hit() -> None:
    assert [rule.code for rule in ON_RECORDS if not is_screened(rule) and not rule.is_chosen] == []


def test_most_generated_articles_are_clean_at_a_glance() -> None:
    screen = _checkers()[0]._screen
    assert sum(map(screen.is_clean, sample(200, seed=9))) >= 190


def test_a_report_is_the_same_when_the_screen_begins_to_work(tmp_path: Path) -> None:
    faulty = {"body": "It&amp;#39;s over", "text_sha256": None}
    records = [
        record | (faulty if number % 50 == 0 else {}) for number, record in enumerate(sample(3 * UNSCREENED))
    ]
    path = tmp_path / "articles.jsonl"
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    _patterns.cache_clear()
    first = validate(read(path), rules="record")
    second = validate(read(path), rules="record")
    rows = (Row(record=record, path=str(path)) for record in records)
    by_row = validate(rows, rules="record")
    assert first == second
    assert first.counts == by_row.counts
    assert {count.code for count in first.counts} >= {"NDS201"}


def _accepts(pattern: str, text: str) -> bool:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid(text)


ALL_CHARACTERS = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]


def test_white_space_is_that_of_python() -> None:
    spaces = "".join(filter(str.isspace, ALL_CHARACTERS))
    others = "".join(char for char in ALL_CHARACTERS if not char.isspace())
    assert _accepts(f"^[{SPACE}]+$", spaces)
    assert not _accepts(f"[{SPACE}]", others)


def test_all_that_may_not_be_normal_is_a_sign() -> None:
    safe = {
        char for char in ALL_CHARACTERS if not _accepts_cached(RULES["NDS208"].signs["body"]).is_valid(char)
    }
    assert all(unicodedata.normalize("NFC", char) == char for char in safe)
    assert not any(map(unicodedata.combining, safe))
    # What is put together with the character before it.
    composed = {unicodedata.normalize("NFD", char)[1:] for char in ALL_CHARACTERS}
    assert safe.isdisjoint(char for rest in composed for char in rest)


@cache
def _accepts_cached(pattern: str) -> Any:
    return jsonschema_rs.Draft202012Validator({"pattern": pattern})


def test_what_looks_bad_between_ascii_is_a_sign_of_mojibake() -> None:
    sign = _accepts_cached(RULES["NDS205"].signs["body"])
    around = [
        (a, b) for a in ("", "a", "A", " ", "\n", "-", ".") for b in ("", "a", "A", " ", "\n", "-", ".")
    ]
    for char in map(chr, range(0x80, 0x2700)):
        if not sign.is_valid(char):
            assert not any(BADNESS_RE.search(a + char + b) for a, b in around), char
            assert not any(
                BADNESS_RE.search(char + between + other)
                for between in " -."
                for other in ("‘", "”", "–", char, "é")
                if not sign.is_valid(char + between + other)
            ), char
