"""ninjs and schema.org: what has a place comes back as it was, what has none is named."""

import json

import pytest

from newsds.cli import main
from newsds.interchange import field_names
from newsds.interchange.jsonld import from_jsonld, is_jsonld, to_jsonld
from newsds.interchange.ninjs import from_ninjs, is_ninjs, to_ninjs
from newsds.readers import read
from newsds.samples import sample
from newsds.schema import validator

FULL = {
    **next(iter(sample(1))),
    "alt_ids": [{"scheme": "usn", "value": "NW-1"}],
    "url": "https://www.tram.example/later",
    "canonical_url": "https://tram.example/later",
    "alternate_urls": [{"rel": "amp", "url": "https://amp.tram.example/later"}],
    "headline": "Trams until midnight",
    "alternative_headline": "Late trams",
    "kicker": "Harbour",
    "summary": "The tram runs later.",
    "slugline": "TRAMS/",
    "publisher": {"name": "The Tram Post", "domain": "tram.example", "uri": "https://tram.example/"},
    "agency": {"name": "Northwire", "code": "northwire", "uri": "https://northwire.example/"},
    "contributors": [
        {"name": "Ina Holm", "role": "author"},
        {"name": "Ole Brandt", "role": "editor", "organisation": "Northwire"},
        {"name": "Mina Calloway", "role": "additional_reporting"},
    ],
    "byline": "By Ina Holm",
    "credit_line": "(Reporting by Ina Holm)",
    "dateline": {"raw": "BRENHAFEN (Northwire) -", "places": ["BRENHAFEN"], "agency": "Northwire"},
    "instruments": [{"symbol": "TRAM.B", "scheme": "ric"}],
    "published_at": "2026-05-01T00:00:00Z",
    "published_precision": "day",
    "published_tz": None,
    "modified_at": "2026-05-02T10:00:00Z",
    "embargoed_until": "2026-05-01T06:00:00Z",
    "expires_at": "2027-05-01T00:00:00Z",
    "version": "2",
    "status": "usable",
    "correction_note": "An earlier version named the wrong line.",
    "supersedes": ["nds:" + "0" * 32],
    "genre": "analysis",
    "section": "City",
    "tags": ["trams", "night, late"],
    "subjects": [{"scheme": "medtop", "code": "04000000", "name": "transport", "confidence": 0.5, "creator": "desk"}],
    "media": [{"kind": "image", "url": "https://tram.example/a.jpg", "caption": "A tram", "credit": "Ole Brandt"}],
    "rights": {
        "license": "CC0-1.0", "copyright_holder": "Northwire", "copyright_notice": "(c) 2026 Northwire",
        "usage_terms": "Credit the agency.", "access": "full",
    },
    "syndication": {"status": "syndicated", "evidence": ["dateline"], "origin_url": "https://northwire.example/1"},
}  # fmt: skip

VOCABULARIES = {"ninjs": (to_ninjs, from_ninjs, is_ninjs), "schema.org": (to_jsonld, from_jsonld, is_jsonld)}

#: Members that come back under another name, or that a reader derives.
_ELSEWHERE = {
    "id",
    "alt_ids.scheme",
    "alt_ids.value",
    "provenance.fetched_at",
    "dateline.raw",
    "published_precision",
}


def _value(record, name):
    """Return the values under a dotted name, in order."""
    head, _, rest = name.partition(".")
    value = record.get(head)
    if not rest:
        return value
    items = value if isinstance(value, list) else [value or {}]
    return [item.get(rest) for item in items]


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_what_has_a_place_comes_back_as_it_was(vocabulary):
    write, parse, recognised = VOCABULARIES[vocabulary]
    exported = write(FULL)
    assert recognised(exported.data)
    back = parse(json.loads(json.dumps(exported.data)))
    placed = field_names(FULL) - set(exported.lost) - _ELSEWHERE
    differing = {}
    for name in placed:
        value = _value(FULL, name)
        expected = value[:10] if name == "published_at" and vocabulary == "schema.org" else value
        found = _value(back, name)
        if name.startswith("contributors."):
            expected, found = sorted(map(str, expected)), sorted(map(str, found))
        if expected != found:
            differing[name] = (expected, found)
    assert differing == {}


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_what_has_no_place_is_named(vocabulary):
    write, parse, _ = VOCABULARIES[vocabulary]
    exported = write(FULL)
    back = field_names(parse(exported.data))
    missing = field_names(FULL) - back - _ELSEWHERE
    assert missing <= set(exported.lost)
    assert "provenance.raw_sha256" in exported.lost


def test_a_status_that_ninjs_does_not_know_is_named():
    assert "status" not in to_ninjs({**FULL, "status": "withdrawn"}).lost
    assert to_ninjs({**FULL, "status": "withdrawn"}).data["pubStatus"] == "canceled"
    assert "status" in to_ninjs({**FULL, "status": "corrected"}).lost


def test_a_date_of_a_day_stays_a_day_in_json_ld():
    assert to_jsonld(FULL).data["datePublished"] == "2026-05-01"
    assert (
        to_jsonld({**FULL, "published_precision": "minute"}).data["datePublished"] == "2026-05-01T00:00:00Z"
    )


@pytest.mark.parametrize(
    "page",
    [
        {"@type": "NewsArticle", "headline": "A", "author": "Ina Holm", "publisher": "Tram Post", "keywords": "a, b"},
        {"@type": ["NewsArticle"], "headline": "A", "author": [{"@type": "Person", "name": "Ina Holm"}],
         "publisher": {"name": "Tram Post"}, "keywords": ["a", "b"]},
    ],
    ids=["texts", "objects"],
)  # fmt: skip
def test_the_forms_that_sites_write_are_understood(page):
    found = from_jsonld({**page, "articleBody": "Body.", "image": ["https://tram.example/a.jpg"]})
    assert found["contributors"] == [{"name": "Ina Holm", "role": "author"}]
    assert found["publisher"] == {"name": "Tram Post"}
    assert found["tags"] == ["a", "b"]
    assert found["media"] == [{"kind": "image", "url": "https://tram.example/a.jpg"}]


@pytest.mark.parametrize("parse", [from_ninjs, from_jsonld])
@pytest.mark.parametrize(
    "junk", [5, "text", None, [], [1, "a", None], {"a": 1}, [[]], [{"name": 5, "rel": [], "value": {}}]]
)
def test_members_of_the_wrong_type_are_passed_over(parse, junk):
    exported = {**to_ninjs(FULL).data, **to_jsonld(FULL).data}
    for name in exported:
        parse({**exported, name: junk})


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_files_go_there_and_back(tmp_path, vocabulary):
    articles, there = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    articles.write_text("".join(json.dumps(record) + "\n" for record in [FULL, *sample(20, seed=2)]))
    assert main(["convert", str(articles), "--as", vocabulary, "-o", str(there)]) == 0
    stream = read(there)
    records = [row.record for row in stream.rows()]
    assert not stream.findings
    assert len(records) == 21
    assert all(validator().is_valid(record) for record in records)
    assert records[0]["provenance"]["shape"] == vocabulary
    assert (records[0]["published_at"], records[0]["headline"]) == (FULL["published_at"], FULL["headline"])
    assert main(["convert", str(articles), "--as", vocabulary, "-o", str(there)]) == 3
