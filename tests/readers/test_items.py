"""Pages as items: what is read of files that are cut, strange, or hold little."""

import gzip

import pytest

from newsds.article import Rejected
from newsds.readers.inputs import expand
from newsds.readers.items import iter_items
from newsds.readers.mapping import Reading

PARAGRAPH = "The harbour tram will run until midnight from the first of May, said Óle Brandt of the council on Monday."
PAGE = "Harbour tram to run until midnight\n\nBy Jane Roe\n\n3 May 2026\n\n" + f"{PARAGRAPH}\n\n" * 3


def read(path, data):
    path.write_bytes(data)
    (item,) = expand([path])
    return list(iter_items(item, Reading()))


def codes(items):
    return [item.finding.code if isinstance(item, Rejected) else "ok" for item in items]


def test_of_a_page_in_a_cut_archive_everything_before_the_cut_is_read(tmp_path):
    text = "".join(f"{PARAGRAPH[:-1]} ({number}).\n\n" for number in range(2000))
    whole = gzip.compress(PAGE.encode() + text.encode())
    cut, row = read(tmp_path / "a.txt.gz", whole[: len(whole) // 2])
    assert cut.finding.code == "NDS005"
    assert row.record["headline"] == "Harbour tram to run until midnight"
    assert row.record["body"].count("harbour tram") > 500
    assert "truncated" in row.record["quality_flags"]
    assert f"first {len(row.raw)} bytes" in cut.finding.message


@pytest.mark.parametrize("at", range(4))
def test_a_cut_in_the_middle_of_a_character_loses_no_page(tmp_path, monkeypatch, at):
    data = (PAGE + "Ó").encode()
    cut = data[: data.rindex("Óle".encode()) + at]
    monkeypatch.setattr("newsds.readers.items._page_bytes", lambda _item: (cut, "cut"))
    assert codes(read(tmp_path / "a.txt", data)) == ["NDS005", "ok"]


def test_a_page_of_utf16_is_a_finding_that_says_so(tmp_path):
    (item,) = read(tmp_path / "a.txt", PAGE.encode("utf-16"))
    assert item.finding.code == "NDS002"
    assert "UTF-16" in item.finding.message


def test_a_page_that_holds_little_is_kept_with_a_finding_about_its_record(tmp_path):
    doubt, row = read(tmp_path / "a.txt", f"Home\nNews\nHarbour tram to stop\n{PARAGRAPH}\nShare\n".encode())
    assert (doubt.finding.code, doubt.finding.level) == ("NDS013", "warning")
    assert (doubt.finding.record_id, doubt.finding.line) == (row.record["id"], 4)
    assert row.record["body"] == PARAGRAPH


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b"Home\nNews\nSport\n"])
def test_a_page_without_a_sentence_is_a_finding_with_its_bytes(tmp_path, data):
    (item,) = read(tmp_path / "a.txt", data)
    assert (item.finding.code, item.raw) == ("NDS008", data)
