"""Raw records: every record of a file is found with its place, and every fault is named."""

import bz2
import gzip
import json
import lzma
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
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


def _compress_zstd(data):
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


COMPRESSORS = {
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".zst": _compress_zstd,
    ".bz2": lambda data: bz2.compress(data, 1),
}
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
        (b'{"x":' + b"[" * 500 + b"]" * 500 + b"}", "NDS001"),
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


@pytest.mark.parametrize("ending", [*COMPRESSORS])
def test_what_stands_behind_an_archive_and_is_none_is_damage(tmp_path, ending):
    path = tmp_path / f"feed.jsonl{ending}"
    path.write_bytes(COMPRESSORS[ending](GOOD * 3 + b"\n") + b"garbage")
    assert codes(read(path))[-1] == "NDS005"


@pytest.mark.parametrize("ending", [*COMPRESSORS])
def test_a_second_stream_that_is_damaged_is_told(tmp_path, ending):
    path = tmp_path / f"feed.jsonl{ending}"
    first, second = (COMPRESSORS[ending](GOOD + b"\n") for _ in range(2))
    path.write_bytes(first + second)
    assert codes(read(path)) == ["ok", "ok"]
    path.write_bytes(first + b"\xff" + second[1:])
    assert codes(read(path))[-1] == "NDS005"


@pytest.mark.parametrize("ending", [*COMPRESSORS])
def test_an_archive_of_no_bytes_is_none(tmp_path, ending):
    (tmp_path / f"feed.jsonl{ending}").write_bytes(b"")
    assert codes(read(tmp_path / f"feed.jsonl{ending}")) == ["NDS005"]


@pytest.mark.parametrize("ending", [".gz", ".xz", ".bz2"])
def test_zeros_behind_an_archive_are_padding(tmp_path, ending):
    path = tmp_path / f"feed.jsonl{ending}"
    packed = COMPRESSORS[ending](GOOD + b"\n")
    path.write_bytes(packed + bytes(70_000) + packed + bytes(8))
    assert codes(read(path)) == ["ok", "ok"]


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


@pytest.mark.parametrize(("data", "code"), [(b"null", "NDS006"), (b' "x"\n', "NDS006"), (b"[] x", "NDS001")])
def test_a_document_that_is_no_object_says_what_it_is(tmp_path, data, code):
    (tmp_path / "feed.json").write_bytes(data)
    assert code in codes(read(tmp_path / "feed.json"))


@pytest.mark.parametrize("name", ["answer.json", "answer.jsonl"])
@pytest.mark.parametrize("outer", [("articles",), ("results",), ("response", "docs"), ("data",)])
def test_an_answer_that_holds_articles_is_read_as_these(tmp_path, name, outer):
    wanted = [{"title": "Ä", "content": "One"}, {"title": "B", "content": 'Two "articles": [{}]'}]
    answer = {outer[-1]: wanted, "status": "ok"}
    answer = {outer[0]: answer} if len(outer) > 1 else answer
    text = json.dumps(answer, ensure_ascii=False, indent=None if name.endswith("l") else 1)
    (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    items = read(tmp_path / name)
    assert [item.record for item in items] == wanted
    data = (tmp_path / name).read_bytes()
    for number, item in enumerate(items):
        assert data[item.offset :].startswith(item.raw)
        assert json.loads(item.raw) == wanted[number]
        assert item.line == data[: item.offset].count(b"\n") + 1
        line = data[: item.offset].rpartition(b"\n")[2].decode()
        assert item.column == len(line) + 1
        assert item.row == (number if name == "answer.json" else None)


@pytest.mark.parametrize(
    "record",
    [
        {"title": "A", "text": "B", "items": [{"a": 1}]},
        {"schema_version": "1.0.0", "articles": [{"a": 1}]},
        {"wording": "A story of its own. " * 20, "items": [{"a": 1}]},
        {"articles": ["a"]},
        {"articles": {"a": 1}},
    ],
)
def test_what_only_looks_like_an_answer_is_a_record(tmp_path, record):
    (tmp_path / "a.jsonl").write_text(json.dumps(record))
    assert [item.record for item in read(tmp_path / "a.jsonl")] == [record]


def test_an_answer_without_an_article_holds_nothing(tmp_path):
    (tmp_path / "a.json").write_text('{"status": "ok", "articles": []}')
    assert read(tmp_path / "a.json") == []


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


@pytest.mark.parametrize(
    "column",
    [
        pa.array([2**62, 0]).cast(pa.timestamp("us", "UTC")),
        pa.array([2**31 - 1, 0], pa.int32()).cast(pa.date32()),
        pa.array([2**62, 0]).cast(pa.duration("s")),
        pa.array([{"fetched_at": 2**62}, None], pa.struct({"fetched_at": pa.timestamp("us", "UTC")})),
    ],
    ids=["instant", "day", "duration", "inside"],
)
def test_an_instant_beyond_all_range_costs_its_row_and_no_other(tmp_path, column):
    pq.write_table(pa.table({"headline": ["a", "b"], "when": column}), tmp_path / "feed.parquet")
    lost, kept = read(tmp_path / "feed.parquet")
    assert (lost.finding.code, lost.finding.row) == ("NDS402", 0)
    assert lost.finding.column_path.startswith("when")
    assert kept.record["headline"] == "b"


def test_a_zone_that_nobody_knows_costs_the_rows_that_name_it(tmp_path):
    column = pa.array([1, None]).cast(pa.timestamp("s", "Mars/Phobos"))
    pq.write_table(pa.table({"headline": ["a", "b"], "when": column}), tmp_path / "feed.parquet")
    assert codes(read(tmp_path / "feed.parquet")) == ["NDS402", "ok"]


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


TABLE = 'title,text,date\n"Ferry late","It was late, said ""Ole"".\nVery late.",2026-03-04\nTram,It runs now.,2026-03-05\n'
ROWS = [
    {"title": "Ferry late", "text": 'It was late, said "Ole".\nVery late.', "date": "2026-03-04"},
    {"title": "Tram", "text": "It runs now.", "date": "2026-03-05"},
]


def _with_mark(mark):
    return TABLE.replace(",", mark).replace(f"late{mark} said", "late, said")


@pytest.mark.parametrize(
    "data",
    [
        *(_with_mark(mark).encode() for mark in ",;\t|"),
        ("sep=;\r\n" + _with_mark(";").replace("\n", "\r\n")).encode(),
        TABLE.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + TABLE.encode(),
    ],
    ids=["comma", "semicolon", "tab", "bar", "excel", "windows", "mark"],
)
def test_tables_are_read_whatever_stands_between_their_cells(tmp_path, data):
    (tmp_path / "table.csv").write_bytes(data)
    items = read(tmp_path / "table.csv")
    rows = [item for item in items if isinstance(item, Raw)]
    found = [{key: value.replace("\r\n", "\n") for key, value in row.record.items()} for row in rows]
    assert found == ROWS
    for row in rows:
        assert data[row.offset : row.offset + len(row.raw)] == row.raw
        assert row.line == data[: row.offset].count(b"\n") + 1
    assert codes(items) == ["ok", "ok"]


def test_what_stands_between_cells_can_be_said(tmp_path):
    (tmp_path / "table.csv").write_bytes(b"title;text,x\nA;B,C\n")
    (item,) = read(tmp_path / "table.csv", delimiter=",")
    assert item.record == {"title;text": "A;B", "x": "C"}


def test_a_table_of_another_encoding_is_read_where_it_is_named(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes("Überschrift;text\nFähre zu spät;„Nie wieder“ – sagte Ole.\n".encode("cp1252"))
    (item,) = read(path, encoding="cp1252")
    assert item.record == {"Überschrift": "Fähre zu spät", "text": "„Nie wieder“ – sagte Ole."}
    assert codes(read(path)) == ["NDS002", "NDS002"]


def test_columns_with_one_name_are_both_kept_and_told(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"title,text,text,,\nA,one,two,three,four\n")
    fault, row = read(path)
    assert (fault.finding.code, fault.finding.line) == ("NDS004", 1)
    assert row.record == {
        "title": "A",
        "text": "one",
        "text (3)": "two",
        "column 4": "three",
        "column 5": "four",
    }
    pq.write_table(
        pa.table([["A"], ["one"], ["two"]], names=["title", "text", "text"]), tmp_path / "t.parquet"
    )
    fault, row = read(tmp_path / "t.parquet")
    assert fault.finding.code == "NDS004"
    assert row.record == {"title": "A", "text": "one", "text (3)": "two"}


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.json", "t.parquet"])
def test_empty_files_and_tables_without_rows_hold_nothing(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    assert codes(read(tmp_path / name)) == (["NDS005"] if name == "t.parquet" else [])
    (tmp_path / "header.csv").write_bytes(b"title,text\n")
    pq.write_table(pa.table({"title": pa.array([], pa.string())}), tmp_path / "rows.parquet")
    assert read(tmp_path / "header.csv") == read(tmp_path / "rows.parquet") == []


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.json"])
def test_a_file_of_utf16_is_one_finding(tmp_path, name):
    (tmp_path / name).write_bytes(TABLE.encode("utf-16"))
    assert codes(read(tmp_path / name)) == ["NDS002"]


def test_every_type_of_parquet_becomes_json(tmp_path):
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    table = pa.table(
        {
            "title": pa.array(["A"]).dictionary_encode(),
            "text": pa.array(["one"], pa.large_string()),
            "at": pa.array([noon], pa.timestamp("us", "Europe/Berlin")),
            "ns": pa.array([1], pa.timestamp("ns")),
            "day": pa.array([noon.date()]),
            "pairs": pa.array([[("k", "v")]], pa.map_(pa.string(), pa.string())),
            "nested": pa.array([{"a": [1, 2], "b": {"c": "x"}}]),
            "decimal": pa.array([Decimal("1.50")]),
            "bytes": pa.array([b"\xff"]),
            "infinite": pa.array([float("inf")]),
            "nan": pa.array([float("nan")]),
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    (row,) = read(tmp_path / "t.parquet")
    assert row.record == {
        "title": "A",
        "text": "one",
        "at": "2026-03-04T13:00:00+01:00",
        "ns": "1970-01-01T00:00:00.000000001",
        "day": "2026-03-04",
        "pairs": [["k", "v"]],
        "nested": {"a": [1, 2], "b": {"c": "x"}},
        "decimal": "1.50",
        "bytes": "\\xff",
        "infinite": "inf",
        "nan": None,
    }


@pytest.mark.parametrize("name", ["cut.csv", "cut.jsonl", "cut.json"])
@pytest.mark.parametrize("ending", [".gz", ".xz", ".zst", ".bz2"])
def test_records_before_the_cut_of_an_archive_are_kept_and_its_end_is_told(tmp_path, name, ending):
    lines = [b'{"text":"%s"}' % sha256(b"%d" % number).hexdigest().encode() for number in range(8000)]
    data = {
        "cut.csv": b"text\n" + b"".join(line[9:-2] + b"\n" for line in lines),
        "cut.jsonl": b"\n".join(lines),
        "cut.json": b"[" + b",".join(lines) + b"]",
    }[name]
    whole = COMPRESSORS[ending](data)
    (tmp_path / f"{name}{ending}").write_bytes(whole[: len(whole) * 2 // 3])
    *items, last = read(tmp_path / f"{name}{ending}")
    assert set(codes(items)) == {"ok"}
    assert [item.record["text"] for item in items] == [
        sha256(b"%d" % number).hexdigest() for number in range(len(items))
    ]
    assert last.finding.code == "NDS005"
    assert last.finding.offset >= items[-1].offset + len(items[-1].raw)
    assert len(items) > (3000 if ending != ".bz2" else -1)
