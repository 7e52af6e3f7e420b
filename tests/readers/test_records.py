"""Raw records: every record of a file is found with its place, and every fault is named."""

import gzip
import json
from io import BufferedReader, BytesIO

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsds.article import Rejected
from newsds.readers import records
from newsds.readers.cursor import Cursor
from newsds.readers.inputs import expand
from newsds.readers.json_records import iter_jsonl
from newsds.readers.records import Raw, iter_raw

GOOD = b'{"headline":"Ferry late"}'


def read(path, **options):
    (item,) = expand([path])
    return list(iter_raw(item, **options))


def codes(items):
    return [item.finding.code if isinstance(item, Rejected) else "ok" for item in items]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"headline": }', "NDS001"),
        (b'{"headline": "a"} {"headline": "b"}', "NDS001"),
        (b"{'headline': 'a'}", "NDS001"),
        (b'{"headline": "\xff"}', "NDS002"),
        (b'{"headline": "caf\xe9"}', "NDS002"),
        (b'{"score": NaN}', "NDS003"),
        (b'{"score": [1, -Infinity]}', "NDS003"),
        (b'{"headline": "a", "headline": "b"}', "NDS004"),
        (b'{"headline": "a" , "x" : 1, "headline" : "b"}', "NDS004"),
        (b'{"rights": {"access": "full", "access": "teaser"}}', "NDS004"),
        (b'{"a\\u0022:": 1, "b": 2, "b": 3}', "NDS004"),
        (b'{"a\\u0061": 1, "aa": 3}', "NDS004"),
        (b"[1, 2]", "NDS006"),
        (b'"text"', "NDS006"),
        (b"null", "NDS006"),
        (b'{"headline": "\\ud800"}', "NDS001"),
        (b"[" * 5000 + b"]" * 5000, "NDS001"),
        (b"   ", "NDS009"),
    ],
)
def test_a_bad_line_is_a_finding_with_its_place_and_the_next_line_is_read(tmp_path, line, code):
    path = tmp_path / "feed.jsonl"
    path.write_bytes(GOOD + b"\n" + line + b"\n" + GOOD + b"\n")
    items = read(path)
    assert codes(items) == ["ok", code, "ok"]
    assert items[1].finding.line == 2
    assert items[1].finding.record_offset == len(GOOD) + 1
    assert items[2].line == 3
    if code != "NDS009":
        assert items[1].raw == line


@pytest.mark.parametrize(
    "line",
    [
        b'{"a": "x\\": y", "b": 1}',
        b'{"a":"\\u0022:"}',
        b'{"a": {"b": 1}, "b": 2}',
        b'{"a": [{"b": 1}, {"b": 1}]}',
    ],
)
def test_keys_that_only_look_repeated_are_no_finding(tmp_path, line):
    path = tmp_path / "feed.jsonl"
    path.write_bytes(line)
    assert codes(read(path)) == ["ok"]


def test_a_truncated_last_line_says_so(tmp_path):
    path = tmp_path / "feed.jsonl"
    path.write_bytes(GOOD + b'\n{"headline": "cut o')
    items = read(path)
    assert codes(items) == ["ok", "NDS005"]
    assert items[1].raw == b'{"headline": "cut o'


def test_a_truncated_archive_keeps_what_was_read(tmp_path):
    path = tmp_path / "feed.jsonl.gz"
    lines = b"".join(b'{"n":"%d-%d"}\n' % (n, n * 2654435761 % 2**32) for n in range(50_000))
    path.write_bytes(gzip.compress(lines)[:-2000])
    items = read(path)
    assert isinstance(items[0], Raw)
    assert items[-1].finding.code == "NDS005"


def test_a_byte_order_mark_is_noted_and_taken_off(tmp_path):
    path = tmp_path / "feed.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD + b"\r\n")
    items = read(path)
    assert codes(items) == ["NDS010", "ok"]
    assert items[1].raw == GOOD


def test_an_oversized_line_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "MAX_RECORD_BYTES", 1000)
    path = tmp_path / "feed.jsonl"
    path.write_bytes(GOOD + b'\n{"body":"' + b"x" * 5000 + b'"}\n' + GOOD + b"\n")
    items = read(path)
    assert codes(items) == ["ok", "NDS011", "ok"]
    assert items[2].line == 3


@pytest.mark.parametrize(
    ("line", "column", "offset", "length"),
    [
        (b'{"headline": }', 14, 13, 0),
        ('{"é": "ü", "n": }'.encode(), 17, 18, 0),
        (b'{"headline": "caf\xe9"}', 18, 17, 1),
        ('{"é": NaN}'.encode(), 7, 7, 3),
        (b'{"a": "NaN", "b": [1, -Infinity]}', 23, 22, 9),
        ('{"é": 1, "\\u00e9": 2}'.encode(), 10, 10, 8),
        (b"[1, 2]", 1, 0, 6),
        (b"   [1, 2]", 4, 3, 6),
    ],
)
def test_the_place_of_a_fault_is_its_first_byte(tmp_path, line, column, offset, length):
    path = tmp_path / "feed.jsonl"
    path.write_bytes(GOOD + b"\n" + line + b"\n")
    finding = read(path)[1].finding
    assert (finding.line, finding.column, finding.length) == (2, column, length)
    assert finding.offset == len(GOOD) + 1 + offset


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'[{"a": 1}', ["ok", "NDS005"]),
        (b'[{"a": 1},]', ["ok", "NDS001"]),
        (b'[{"a": 1} {"b": 2}]', ["ok", "NDS001", "ok"]),
        (b'[{"a": 1},,{"b": 2}]', ["ok", "NDS001", "ok"]),
        (b'[{"a": 1}]]', ["ok", "NDS001"]),
        (b'{"a": 1}{"b": 2}\n', ["ok", "ok"]),
        (b'{"a": 1},{"b": 2}', ["ok", "NDS001", "ok"]),
        (b",", ["NDS001"]),
        (b"[]", []),
        (b"[", ["NDS001"]),
        (b"", []),
        (b"\xef\xbb\xbf[]", []),
    ],
)
def test_what_stands_between_the_records_of_a_document_is_checked(tmp_path, data, expected):
    path = tmp_path / "feed.json"
    path.write_bytes(data)
    assert codes(read(path)) == expected


@pytest.mark.parametrize("form", ["array", "pretty array", "one after the other", "single object"])
def test_json_documents_give_their_objects_with_lines(tmp_path, form):
    wanted = [{"headline": 'a ] } " ,', "n": 1}, {"headline": "b", "tags": ["{", {"x": "\\"}]}]
    text = {
        "array": json.dumps(wanted),
        "pretty array": json.dumps(wanted, indent=4),
        "one after the other": "\n".join(json.dumps(item, indent=1) for item in wanted),
        "single object": json.dumps(wanted[0]),
    }[form]
    path = tmp_path / "feed.json"
    path.write_text(text)
    found = read(path)
    assert [item.record for item in found] == (wanted if form != "single object" else wanted[:1])
    data = text.encode()
    for item in found:
        assert data[item.offset : item.offset + len(item.raw)] == item.raw
        assert data[: item.offset].count(b"\n") == item.line - 1


def test_a_cut_array_keeps_the_whole_objects(tmp_path):
    path = tmp_path / "feed.json"
    path.write_bytes(b'[{"a": 1}, {"b": NaN}, 7, {"c": "never clos')
    assert codes(read(path)) == ["ok", "NDS003", "NDS006", "NDS005"]


@given(
    st.lists(
        st.dictionaries(
            st.text(), st.recursive(st.text() | st.integers(-9, 9) | st.none(), st.lists), max_size=4
        ),
        max_size=6,
    )
)
def test_any_array_comes_back_whole(tmp_path_factory, wanted):
    path = tmp_path_factory.mktemp("json") / "feed.json"
    path.write_bytes(orjson.dumps(wanted, option=orjson.OPT_INDENT_2))
    assert [item.record for item in read(path)] == wanted


def test_csv_rows_have_lines_offsets_and_raw_bytes(tmp_path):
    data = b'title,text\r\n"Ferry, late","It was\nlate."\r\nBridge,Open\r\n'
    path = tmp_path / "feed.csv"
    path.write_bytes(data)
    first, second = read(path)
    assert first.record == {"title": "Ferry, late", "text": "It was\nlate."}
    assert (first.line, second.line) == (2, 4)
    assert data[second.offset :] == second.raw == b"Bridge,Open\r\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"title,text\nA,B,C\nD,E\n", ["NDS007", "ok"]),
        (b"title,text\nA\nD,E\n", ["NDS007", "ok"]),
        (b"title,text\ncaf\xe9,B\nD,E\n", ["NDS002", "ok"]),
        (b'title,text\nA,"never closed\nD,E\n', ["NDS007"]),
        (b"title,text\n\nD,E\n", ["NDS009", "ok"]),
        (b"\xef\xbb\xbftitle,text\nD,E\n", ["ok"]),
    ],
)
def test_csv_faults_are_findings(tmp_path, data, expected):
    path = tmp_path / "feed.csv"
    path.write_bytes(data)
    assert codes(read(path)) == expected


def test_csv_without_header_takes_the_given_columns(tmp_path):
    path = tmp_path / "feed.tsv"
    path.write_bytes("3\tcaf\u00e9\n".encode("cp1252"))
    (item,) = read(path, columns=("label", "headline"), encoding="cp1252")
    assert item.record == {"label": "3", "headline": "caf\u00e9"}


def test_parquet_rows_are_numbered(tmp_path):
    path = tmp_path / "feed.parquet"
    pq.write_table(
        pa.table({"title": ["a", None], "at": pa.array([0, None], pa.timestamp("us", tz="UTC"))}), path
    )
    first, second = read(path)
    assert first.record == {"title": "a", "at": "1970-01-01T00:00:00Z"}
    assert (first.row, second.row, second.record) == (0, 1, {"title": None, "at": None})


def test_a_broken_parquet_file_is_a_finding(tmp_path):
    path = tmp_path / "feed.parquet"
    path.write_bytes(b"PAR1 this is not Parquet PAR1")
    assert codes(read(path)) == ["NDS005"]


PAIRS = st.lists(
    st.tuples(
        st.sampled_from([b'"body"', b'"b\\u006fdy"', b'"headline"', b'"n"', b'"n\\"body"', b'"a\\u0022:"']),
        st.sampled_from([b":", b": ", b" :"]),
        st.sampled_from([
            b'""', b'"a"', b'"\\\\"', b'"a\\""', b'"\\"\\\\\\" b"', b'"x\\",\\"body\\":\\""', b'"body\\":\\"\\""', b'"\\":"', b"1",
            b"1.0", b'{"body":""}', b'{"body":"a"}', b'{"body":"\\":\\":"}', b'{"body": "a", "body": "\\":"}', b'[{"n":1,"n":2}]',
        ]),
    ),
    max_size=5,
)  # fmt: skip


@given(PAIRS, st.sampled_from([b",", b", "]), st.sampled_from([b"\n", b"", b" \n", b"\r\n"]))
@settings(max_examples=500)
def test_a_key_that_stands_twice_is_found_whether_good_records_are_passed_over_or_not(pairs, comma, end):
    line = b"{" + comma.join(key + colon + value for key, colon, value in pairs) + b"}" + end
    names = [orjson.loads(key) for key, _, _ in pairs]
    is_double = len(set(names)) < len(names) or any(
        value.count(b'"body":') == 2 or value.startswith(b"[") for *_, value in pairs
    )
    for is_good in (None, lambda _record: True):
        cursor = Cursor("feed.jsonl")
        items = list(iter_jsonl(BufferedReader(BytesIO(line)), cursor, max_bytes=2**20, is_good=is_good))
        assert [code for code in codes(items) if code != "ok"] == ["NDS004"] * is_double
        assert cursor.offset == len(line)
        assert len(items) + cursor.n_good == 1
