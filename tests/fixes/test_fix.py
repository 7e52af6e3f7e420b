"""Fixes: what they do to a record, that they do it once, and that it can be taken back."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import newsds
from checks.records import BODY, complete
from newsds.article import Articles, Row
from newsds.checks.checker import Checker
from newsds.checks.rules import RULES
from newsds.errors import UsageError
from newsds.fixes.catalogue import FIXES, chosen
from newsds.fixes.changes import Change, ChangeError, Edit, apply_edits, undone
from newsds.fixes.repair import repair
from newsds.testing import invalid_articles
from newsds.text import text_digest

ALL = chosen(unsafe=True)
SUITE = Path(__file__).parents[1] / "suite"
#: Rules of which every fault that the suite knows has a fix.
CLEARED = (
    "NDS201",
    "NDS202",
    "NDS203",
    "NDS207",
    "NDS208",
    "NDS305",
    "NDS320",
    "NDS322",
    "NDS510",
    "NDS901",
    "NDS902",
)


def _codes(record: dict[str, Any]) -> set[str]:
    return {finding.code for finding in Checker().check(Row(record=record))}


def _fixed(**fields: Any) -> dict[str, Any]:
    record, _ = repair(complete(fields), ALL)
    return record


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("body", "It&amp;#39;s a quot;no quot; at AT&T &lt;FB.O> today.", "It's a \"no \" at AT&T <FB.O> today."),
        ("body", "Shares rose &#3;\r\nby 3 &#146;points&#x92;.", "Shares rose \nby 3 ’points’."),
        ("body", "one\x0btwo\x00\x92s", "one\ntwo’s"),
        ("body", 'First.\\nSecond \\"line\\" caf\\u00e9. TBWA\\Chiat', 'First.\nSecond "line" café. TBWA\\Chiat'),
        ("headline", "First\\nSecond", "First Second"),
        ("headline", "trans\u00adport\u200b", "transport"),
        ("body", "می\u200cخواهم", "می\u200cخواهم"),
        ("headline", "cafe\u0301", "café"),
        ("body", "  \n" + BODY + "\n\n", BODY),
        ("summary", "   ", None),
        ("body", "The cafÃ© isnâ€™t open", "The café isn’t open"),
        ("body", "One.\n\nRead more: Ferries stop\n\nTwo.", "One.\n\nTwo."),
        ("body", "One.\n\nAdvertisement", "One."),
        ("body", "Write to ana.ruiz@ledger.example.", "Write to [e-mail address]."),
        ("body", "Call Ana at +49 30 1234567.", "Call Ana at [telephone number]."),
        ("published_at", "2026-03-04T05:06:07z", "2026-03-04T05:06:07Z"),
        ("modified_at", "2026-03-04 07:06:07+02:00", "2026-03-04T05:06:07Z"),
        ("published_at", "2026-03-04T05:06:07", "2026-03-04T05:06:07"),
        ("published_at", "2026-02-30T05:06:07z", "2026-02-30T05:06:07z"),
        ("language", "PT_br", "pt-BR"),
        ("language", "zh-hans-cn", "zh-Hans-CN"),
        ("language", "english", "english"),
        ("url", "https://ledger.example/a?id=7&utm_source=x#top", "https://ledger.example/a?id=7"),
        ("url", "http://ledger.example/a", "http://ledger.example/a"),
        ("section", "null", None),
        ("tags", ["port", "None"], ["port"]),
        ("tags", ["nan"], None),
        ("publisher", {"name": "N/A"}, None),
        ("headline", "null", "null"),
    ],
)  # fmt: skip
def test_a_value_is_fixed(field: str, before: Any, after: Any) -> None:
    assert _fixed(**{field: before}).get(field) == after


def test_a_domain_is_that_of_the_address() -> None:
    url = "https://www.ledger.example/a"
    assert _fixed(url=url, domain="Coast.example")["domain"] == "ledger.example"
    assert _fixed(url=url, domain="WWW.Ledger.example.")["domain"] == "www.ledger.example"


def test_a_canonical_address_takes_the_place_of_a_poor_one_which_is_kept() -> None:
    poor, good = "https://m.ledger.example/a?utm_source=x", "https://www.ledger.example/a"
    record = _fixed(url=poor, canonical_url=good)
    assert (record["url"], record["alternate_urls"]) == (good, [poor])
    elsewhere = _fixed(url=poor, canonical_url="https://other.example/a")
    assert elsewhere["url"] == "https://m.ledger.example/a"


def test_byline_and_credit_line_move_to_their_fields() -> None:
    credit = "(Reporting by Li Wei; Editing by Ana Ruiz)"
    record = _fixed(body=f"By Ana Ruiz\n\n{BODY}\n\n{credit}")
    assert record["body"] == BODY
    assert (record["byline"], record["credit_line"]) == ("By Ana Ruiz", credit)
    assert record["contributors"] == [{"name": "Ana Ruiz", "role": "author"}]


def test_a_byline_that_the_field_contradicts_stays_where_it_is() -> None:
    body = f"By Ana Ruiz\n\n{BODY}"
    assert _fixed(body=body, byline="By Li Wei")["body"] == body


def test_a_headline_at_the_top_of_the_body_goes() -> None:
    assert _fixed(headline="Ferries stop again", body=f"Ferries stop again!\n\n{BODY}")["body"] == BODY
    assert _fixed(headline="Four ferries stop again", body=f"Four ferries stop again. {BODY}")["body"] == BODY


def test_what_follows_from_the_body_follows_it() -> None:
    body = "It&#39;s one.\n\nTwo."
    blocks = [{"kind": "paragraph", "start": 0, "end": 13}, {"kind": "paragraph", "start": 15, "end": 19}]
    record = _fixed(body=body, text_sha256=text_digest(body), word_count=9, body_blocks=blocks)
    assert [record["body"][block["start"] : block["end"]] for block in record["body_blocks"]] == [
        "It's one.",
        "Two.",
    ]
    assert record["word_count"] == 4
    assert "NDS504" not in _codes(record)
    assert record["provenance"]["transforms"] == ["newsds fix: NDS201"]


def test_flags_say_what_unsafe_fixes_did() -> None:
    record = _fixed(body=f"{BODY} Write to ana.ruiz@ledger.example, cafÃ©.", quality_flags=["truncated"])
    assert record["quality_flags"] == ["truncated", "encoding_repaired", "pii_redacted"]


def test_unsafe_fixes_are_made_only_when_asked_for() -> None:
    body = f"{BODY}\n\nRead more: Ferries stop\n\nana.ruiz@ledger.example"
    assert repair(complete({"body": body}), chosen()) == (complete({"body": body}), [])


@pytest.mark.parametrize("code", CLEARED)
def test_after_a_fix_its_rule_finds_nothing_in_any_case_of_the_suite(code: str) -> None:
    for case in json.loads((SUITE / f"{code}.json").read_text(encoding="utf-8"))["cases"]:
        for number, partial in enumerate(case["records"]):
            record = complete(partial, number)
            fixed, changes = repair(record, ALL)
            assert code not in _codes(fixed), case["description"]
            is_expected = any(place["record"] == number for place in case["expect"])
            assert any(change.rule == code for change in changes) or not is_expected


@pytest.mark.parametrize("code", sorted({fix.rule for fix in FIXES if fix.rule}))
def test_a_rule_names_its_fix_and_a_passing_record_is_left_alone(code: str) -> None:
    safeties = {fix.safety for fix in FIXES if fix.rule == code}
    assert safeties == {RULES[code].fixable}
    for case in json.loads((SUITE / f"{code}.json").read_text(encoding="utf-8"))["cases"]:
        if not case["expect"] and len(case.get("records", ())) == 1 and case.get("profile") is None:
            _, changes = repair(complete(case["records"][0]), chosen(unsafe=True, select=[code]))
            assert [change for change in changes if change.rule == code] == [], case["description"]


def test_every_rule_that_names_a_fix_has_one() -> None:
    assert {code for code, rule in RULES.items() if rule.fixable} == {fix.rule for fix in FIXES if fix.rule}


PIECES = st.sampled_from(
    ["&", "amp;", "&lt;", "&lt;b&gt;", "\\u003cp>", "<b>", "#39;", "quot;", "\\", "\\n", "\\u00e9", "\r\n", "\r", "\x92", "&#3;", "&#146;", "\u200b", "\u00ad",
     "e\u0301", "Ã©", "â€™", " ", "\n\n", "Read more", "By Ana Ruiz", "(Reporting by Li Wei)", "a@b.example", "+49 30 1234567",
     "Ferry line", "port", ".", "null", "\ufeff", "é’", "&#10;"]
)  # fmt: skip
#: What no fix may make of a record that was without it; other rules may see once a text can be read what was hidden before.
NEVER_NEW = {"NDS102", "NDS104", "NDS204", "NDS301", "NDS303", "NDS314", "NDS504", "NDS903"}
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@settings(max_examples=150)
@given(TEXTS, TEXTS, st.booleans())
def test_fixing_twice_is_fixing_once_and_can_be_taken_back(headline: str, body: str, unsafe: bool) -> None:
    record = complete(
        {"headline": headline or "x", "body": body, "summary": body[::-1] or None, "text_sha256": "0" * 64}
    )
    fixes = chosen(unsafe=unsafe)
    fixed, changes = repair(record, fixes)
    assert repair(fixed, fixes) == (fixed, [])
    assert not (_codes(fixed) - _codes(record)) & NEVER_NEW
    stored = [Change.from_dict(json.loads(json.dumps(change.to_dict()))) for change in changes]
    assert undone(fixed, stored) == record


@settings(max_examples=60)
@given(invalid_articles())
def test_what_is_broken_on_purpose_is_never_made_worse(broken: Any) -> None:
    fixed, changes = repair(broken.record, ALL)
    assert _codes(fixed) <= _codes(broken.record)
    assert undone(fixed, changes) == broken.record


@given(st.dictionaries(st.sampled_from(["body", "url", "tags", "publisher", "published_at", "agency", "syndication"]),
       st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=2)
                    | st.dictionaries(st.sampled_from(["name", "status"]), inner, max_size=2), max_leaves=4)))  # fmt: skip
def test_any_json_object_is_taken(fields: dict[str, Any]) -> None:
    for record in (fields, complete(fields)):
        fixed, changes = repair(record, ALL)
        assert undone(fixed, changes) == record


def test_a_record_that_was_changed_since_is_not_undone() -> None:
    fixed, changes = repair(complete({"body": "R&amp;D"}), ALL)
    with pytest.raises(ChangeError, match="/body"):
        undone(
            {**fixed, "body": "something else"}, [change for change in changes if change.pointer == "/body"]
        )


def test_edits_say_where_they_are_in_the_text_that_the_ones_before_left() -> None:
    text, edits = apply_edits(
        "abcdef", [Edit(0, 1, ""), Edit(2, 3, "CCC"), Edit(2, 5, "no"), Edit(5, 6, "f")]
    )
    assert text == "bCCCdef"
    assert edits == [Edit(0, 1, ""), Edit(1, 2, "CCC")]


def test_fix_is_a_stream_that_tells_its_changes() -> None:
    told: list[tuple[str, str | None]] = []
    records = [complete({"body": "R&amp;D is up."}, 1), complete({}, 2)]
    fixed = newsds.fix(records, on_change=lambda row, change: told.append((row.record["id"], change.rule)))
    assert isinstance(fixed, Articles)
    assert [row.record["body"] for row in fixed.rows()] == ["R&D is up.", BODY]
    assert told[0] == (records[0]["id"], "NDS201")


@pytest.mark.parametrize(("code", "words"), [("NDS301", "has no fix"), ("NDS999", "does not exist")])
def test_a_fix_that_is_not_there_is_refused(code: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        chosen(select=[code])


def test_what_a_corrected_body_left_behind_is_derived_again() -> None:
    blocks = [{"kind": "paragraph", "start": 0, "end": len(BODY) + 50}]
    record = complete({"text_sha256": "0" * 64, "body_blocks": blocks})
    assert "NDS504" in _codes(record)
    safe, _ = repair(record, chosen())
    assert safe == record
    fixed, changes = repair(record, chosen(unsafe=True, select=["NDS504"]))
    assert "NDS504" not in _codes(fixed)
    assert "body_blocks" not in fixed
    assert undone(fixed, changes) == record
    assert repair(fixed, chosen(unsafe=True))[1] == []
