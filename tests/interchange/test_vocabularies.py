"""ninjs and schema.org: what has a place comes back as it was, what has none is named."""

import json
from itertools import combinations, product

import pytest

from newsds.cli import main
from newsds.interchange import field_names
from newsds.interchange.jsonld import from_jsonld, is_jsonld, to_jsonld
from newsds.interchange.ninjs import from_ninjs, is_ninjs, to_ninjs
from newsds.readers import read
from newsds.samples import sample
from newsds.schema import load_schema, validator

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
    "language_source",
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


#: What every reader writes itself, and what it finds in the text.
_OF_THE_READER = {"id", "alt_ids", "extra", "provenance", "published_raw", "syndication"}


def _thinned():
    """Yield the full article without one or two of its fields, and with no more than one or two."""
    said = {"published_precision": "second", "published_tz": "explicit", "language_source": "detected"}
    full = {**FULL, **said, "body": "The tram runs later, and nobody on the wire says so."}
    required = set(load_schema()["required"])
    optional = [name for name in full if name not in required]
    for chosen in (set(names) for n in (0, 1, 2) for names in combinations(optional, n)):
        yield {name: value for name, value in full.items() if name not in chosen}
        yield {name: value for name, value in full.items() if name in required | chosen}


def _qualified():
    """Yield the full article with everything that can be said of its dates and of its language."""
    fields = load_schema()["properties"]
    names = ("published_precision", "published_tz", "language_source", "status")
    for values in product(*(fields[name]["enum"] for name in names)):
        said = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        rest = {name: value for name, value in FULL.items() if name not in names}
        yield {**rest, **said}
        yield {name: value for name, value in {**rest, **said}.items() if name != "published_at"}


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.parametrize("articles", [_thinned, _qualified])
def test_what_is_not_named_as_lost_comes_back_and_nothing_is_invented(tmp_path, vocabulary, articles):
    write, _, _ = VOCABULARIES[vocabulary]
    records = list(articles())
    exported = [write(record) for record in records]
    there = tmp_path / "there.jsonl"
    there.write_text("".join(json.dumps(item.data) + "\n" for item in exported))
    stream = read(there)
    back = [row.record for row in stream.rows()]
    assert not stream.findings
    differing = {}
    for record, item, found in zip(records, exported, back, strict=True):
        names = {name for name in field_names(record) | field_names(found) if _is_ours(name)}
        for name in names - set(item.lost):
            before, after = _plain(record, name), _plain(found, name)
            if before != after:
                differing.setdefault(name, (before, after))
    assert differing == {}


def _is_ours(name):
    return name.partition(".")[0] not in _OF_THE_READER


def _plain(record, name):
    """Return the values under a name; those of people without their order, which the vocabularies do not keep."""
    value = _value(record, name)
    return sorted(map(str, value)) if name.startswith("contributors.") else value


def test_an_article_without_a_date_of_publication_gets_none_from_its_revision(tmp_path):
    record = {name: value for name, value in FULL.items() if not name.startswith("published_")}
    articles, there = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    articles.write_text(json.dumps(record) + "\n")
    for vocabulary in VOCABULARIES:
        assert main(["convert", str(articles), "--as", vocabulary, "-o", str(there), "--force"]) == 0
        (back,) = (row.record for row in read(there).rows())
        assert back["modified_at"] == record["modified_at"]
        assert not [name for name in back if name.startswith("published_")]


@pytest.mark.parametrize("source", ["detected", "assumed", None])
@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_a_language_that_nobody_declared_is_named(vocabulary, source):
    write, _, _ = VOCABULARIES[vocabulary]
    assert "language_source" in write({**FULL, "language_source": source}).lost
    assert "language_source" not in write({**FULL, "language_source": "declared"}).lost


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_a_language_that_is_not_known_is_declared_by_nobody(tmp_path, vocabulary):
    write, _, _ = VOCABULARIES[vocabulary]
    record = {name: value for name, value in FULL.items() if name != "language_source"} | {"language": "und"}
    assert "language_source" not in write(record).lost
    (tmp_path / "there.jsonl").write_text(json.dumps(write(record).data))
    (back,) = (row.record for row in read(tmp_path / "there.jsonl").rows())
    assert (back["language"], back.get("language_source")) == ("und", None)


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_what_was_not_known_of_a_date_is_named(vocabulary):
    write, _, _ = VOCABULARIES[vocabulary]
    dated = {**FULL, "published_precision": "second", "published_tz": "explicit"}
    assert not {"published_precision", "published_tz"} & set(write(dated).lost)
    assert "published_precision" in write({**dated, "published_precision": "minute"}).lost
    assert "published_tz" in write({**dated, "published_tz": "unknown"}).lost
    assert "published_tz" in write({**dated, "published_tz": None}).lost


def test_the_part_of_a_date_that_its_precision_leaves_out_is_named():
    assert "published_at" not in to_jsonld(FULL).lost
    assert "published_at" in to_jsonld({**FULL, "published_at": "2026-05-01T06:30:00Z"}).lost
    assert "published_at" in to_jsonld({**FULL, "published_precision": "year"}).lost


@pytest.mark.parametrize(
    ("dates", "published_at"),
    [
        ({"versionCreated": "2026-05-02T10:00:00Z"}, None),
        (
            {"versionCreated": "2026-05-02T10:00:00Z", "firstCreated": "2026-05-01T10:00:00Z"},
            "2026-05-01T10:00:00Z",
        ),
        (
            {"firstCreated": "2026-05-02T10:00:00Z", "contentCreated": "2026-05-01T10:00:00Z"},
            "2026-05-01T10:00:00Z",
        ),
    ],
)
def test_the_date_of_a_version_is_no_date_of_publication(dates, published_at):
    found = from_ninjs({"uri": "urn:a", "headlines": [{"value": "A"}], **dates})
    assert (found.get("published_at"), found.get("modified_at")) == (
        published_at,
        dates.get("versionCreated"),
    )


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"schema_version": "1.0.0", "headline": "Ferry", "body": "A ferry sank near the coast."}, "NDS102"),
        ({**FULL, "headline": None}, "NDS102"),
        ({**FULL, "headline": " "}, "NDS102"),
        ({**FULL, "contributors": [{"name": "Ina Holm"}]}, "NDS102"),
        ({**FULL, "media": [5]}, "NDS104"),
        ({**FULL, "instruments": {"symbol": "TRAM.B"}}, "NDS104"),
        ({**FULL, "published_at": 5}, "NDS104"),
        ({**FULL, "rights": "all"}, "NDS104"),
        ({**FULL, "unknown": 1}, "NDS104"),
    ],
)
def test_a_bad_record_is_a_finding_and_left_out(tmp_path, capsys, vocabulary, bad, told):
    articles, there = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    articles.write_text("".join(json.dumps(record) + "\n" for record in [FULL, bad, *sample(1)]))
    assert main(["convert", str(articles), "--as", vocabulary, "-o", str(there)]) == 1
    said = capsys.readouterr().err
    assert f"{articles}:2: {told} " in said
    assert "2 articles written" in said
    assert [VOCABULARIES[vocabulary][2](json.loads(line)) for line in there.read_text().splitlines()] == [
        True,
        True,
    ]


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_a_manifest_is_no_article(tmp_path, capsys, vocabulary):
    manifest = tmp_path / "manifest.json"
    manifest.write_text(
        json.dumps({"schema_version": "1.0.0", "name": "trams", "version": "1.0.0", "shards": []})
    )
    assert main(["convert", str(manifest), "--as", vocabulary, "-o", str(tmp_path / "b.jsonl")]) == 1
    said = capsys.readouterr().err
    assert "NDS102 required field `id` is missing" in said
    assert "0 articles written" in said


def test_a_record_of_a_later_minor_version_is_converted(tmp_path):
    articles, there = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    articles.write_text(json.dumps({**FULL, "schema_version": "1.9.0", "mood": "calm"}) + "\n")
    assert main(["convert", str(articles), "--as", "ninjs", "-o", str(there)]) == 0
    assert len(there.read_text().splitlines()) == 1


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
