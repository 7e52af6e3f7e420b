"""Foreign records: the shapes of producers, columns of tables, dates, people, and what has no place."""

import csv
import json

import pytest

from newsds.errors import UsageError
from newsds.readers import Reading, read
from newsds.schema import validator

BODY = (
    "BRENHAFEN (Reuters) - The harbour tram will run until midnight from the first of May, the council said.\n"
    "Drivers had asked for a later start on Sundays, and got it.\n"
    "The last tram used to leave at ten."
)
PRODUCERS = {
    "news-please": {
        "authors": ["Ina Holm"], "date_download": "2026-05-02 10:00:00", "date_modify": "None",
        "date_publish": "2026-05-01 08:30:00", "description": "Later trams.", "filename": "a.json",
        "image_url": "https://tram.example/a.jpg", "language": "en", "localpath": None, "maintext": BODY,
        "source_domain": "tram.example", "text": None, "title": "Trams until midnight", "title_page": None,
        "title_rss": None, "url": "https://www.tram.example/later?utm_source=x",
    },
    "realnews": {
        "title": "Trams until midnight", "text": BODY, "summary": "Later trams.", "authors": ["Ina Holm"],
        "publish_date": "05-01-2026", "domain": "tram.example", "warc_date": "20260502100000",
        "url": "https://www.tram.example/later", "status": "success", "split": "train",
    },
    "cc_news": {
        "title": "Trams until midnight", "text": BODY, "domain": "tram.example", "date": "2026-05-01 08:30:00",
        "description": "Later trams.", "url": "https://www.tram.example/later",
        "image_url": "https://tram.example/a.jpg",
    },
}  # fmt: skip


def articles(tmp_path, rows, *, name="rows.jsonl", **choices):
    path = tmp_path / name
    if name.endswith(".jsonl"):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    stream = read(path, reading=Reading(**choices))
    records = [row.record for row in stream.rows()]
    return records, stream.findings


@pytest.mark.parametrize("shape", PRODUCERS)
def test_a_producers_record_becomes_a_valid_article(tmp_path, shape):
    (record,), findings = articles(tmp_path, [PRODUCERS[shape]])
    assert not findings
    assert validator().is_valid(record)
    assert record["provenance"]["shape"] == shape
    assert record["headline"] == "Trams until midnight"
    assert record["body"].split("\n\n") == BODY.split("\n")
    assert record["published_at"].startswith("2026-05-01")
    assert record["agency"]["name"] == "Reuters"
    assert record["dateline"]["places"] == ["BRENHAFEN"]
    assert record["publisher"]["domain"] == "tram.example"
    assert record["summary"] == "Later trams."


def test_the_month_comes_first_in_realnews(tmp_path):
    (record,), _ = articles(tmp_path, [PRODUCERS["realnews"]])
    assert (record["published_at"], record["published_precision"]) == ("2026-05-01T00:00:00Z", "day")
    assert record["provenance"]["fetched_at"] == "2026-05-02T10:00:00Z"
    assert json.loads(record["extra"]) == {"split": "train", "status": "success"}


def test_a_naive_time_is_kept_and_said_to_have_no_zone(tmp_path):
    (record,), _ = articles(tmp_path, [PRODUCERS["cc_news"]])
    assert (record["published_at"], record["published_tz"]) == ("2026-05-01T08:30:00Z", "unknown")


def test_unknown_columns_go_to_extra_and_nothing_is_lost(tmp_path):
    row = {"title": "A", "text": BODY, "mood": "calm", "score": 3, "nested": {"a": [1]}}
    (record,), _ = articles(tmp_path, [row])
    assert json.loads(record["extra"]) == {"mood": "calm", "nested": {"a": [1]}, "score": 3}


def test_the_users_map_wins_over_common_names(tmp_path):
    row = {"title": "wrong", "text": "wrong", "kop": "Right", "tekst": BODY}
    (record,), _ = articles(tmp_path, [row], map={"headline": "kop", "body": "tekst"})
    assert (record["headline"], record["body"]) == ("Right", BODY)
    assert json.loads(record["extra"]) == {"text": "wrong", "title": "wrong"}


def test_a_date_that_can_be_read_two_ways_is_a_finding_until_its_order_is_named(tmp_path):
    row = {"title": "A", "text": BODY, "date": "03/04/2026"}
    (record,), (finding,) = articles(tmp_path, [row])
    assert finding.code == "NDS402"
    assert "published_at" not in record
    assert json.loads(record["extra"]) == {"date": "03/04/2026"}
    (record,), findings = articles(tmp_path, [row], date_order="dmy")
    assert record["published_at"] == "2026-04-03T00:00:00Z"
    assert not findings


@pytest.mark.parametrize(
    ("authors", "names"),
    [
        ("By Ina Holm and Ole Brandt", ["Ina Holm", "Ole Brandt"]),
        ("Ina Holm; Ole Brandt", ["Ina Holm", "Ole Brandt"]),
        ("['Ina Holm', 'Ole Brandt']", ["Ina Holm", "Ole Brandt"]),
        ("", None),
    ],
)
def test_authors_are_told_apart(tmp_path, authors, names):
    (record,), _ = articles(tmp_path, [{"title": "A", "text": BODY, "authors": authors}], name="rows.csv")
    found = record.get("contributors")
    assert (found and [person["name"].strip("'\"") for person in found]) == names


def test_the_same_record_has_the_same_id_wherever_it_lies(tmp_path):
    (one,), _ = articles(tmp_path, [PRODUCERS["cc_news"]], name="one.jsonl")
    (_, two), _ = articles(tmp_path, [{"title": "A", "text": BODY}, PRODUCERS["cc_news"]], name="two.jsonl")
    assert one["id"] == two["id"]


def test_tracking_does_not_change_whose_address_it_is(tmp_path):
    (one,), _ = articles(tmp_path, [PRODUCERS["news-please"]])
    assert one["url"] == "https://www.tram.example/later?utm_source=x"
    assert one["domain"] == "tram.example"


@pytest.mark.parametrize("choices", [{"map": {"title": "a"}}, {"defaults": {"titel": "a"}}])
def test_what_is_no_field_cannot_be_mapped(choices):
    with pytest.raises(UsageError, match="is no field"):
        Reading(**choices)


def test_whole_numbers_keep_all_their_digits(tmp_path):
    number = 123456789012345678901234567890
    rows = [
        {"title": f"Tram {n}", "text": BODY, "id": number + n, "posts": [{"id": -number}], "rate": 1e30, "views": 2**64 - 1}
        for n in range(2)
    ]  # fmt: skip
    found, _ = articles(tmp_path, rows)
    assert [record["alt_ids"][0]["value"] for record in found] == [str(number), str(number + 1)]
    assert json.loads(found[0]["extra"]) == {
        "posts": [{"id": str(-number)}],
        "rate": 1e30,
        "views": 2**64 - 1,
    }
