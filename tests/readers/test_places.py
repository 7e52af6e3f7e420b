"""Places: the bytes at the offset of a finding are the value; line and column say the same."""

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.records import BODY, complete
from newsds.article import Row
from newsds.checks import validate
from newsds.json_text import json_pointer
from newsds.readers import Reading, read
from newsds.readers.inputs import expand
from newsds.readers.records import iter_raw
from test_json_text import KEYS, STYLES, VALUES, pointers

RECORDS = st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=4), min_size=1, max_size=3)


def rows(path, **options):
    (item,) = expand([path])
    return [raw.to_row(item.name) for raw in iter_raw(item, **options)]


def check_place(data, place):
    """Hold line and column against the offset: only characters count, and no byte order mark."""
    before = data[: place.offset].decode("utf-8").removeprefix("\ufeff")
    assert place.line == before.count("\n") + 1
    assert place.column == len(before) - before.rfind("\n")


def check_json(path, data, records):
    path.write_bytes(data)
    found = [row for row in rows(path) if isinstance(row, Row)]
    for row, record in zip(found, records, strict=True):
        for members, expected in pointers(record):
            place = row.place(json_pointer(list(members)))
            assert json.loads(data[place.offset : place.offset + place.length]) == expected
            check_place(data, place)


def written(record, style):
    return json.dumps(record, **{**style, "indent": None}).encode("utf-8", "replace")


@given(
    RECORDS,
    STYLES,
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.tuples(st.sampled_from(["", "  ", "\t"]), st.sampled_from(["\n", "\r\n"])),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_in_json_lines_the_bytes_at_the_offset_are_the_value(tmp_path, records, style, mark, frame):
    indent, end = frame
    records = [json.loads(written(record, style)) for record in records]
    lines = [indent.encode() + written(record, style) + end.encode() for record in records]
    path = tmp_path / "feed.jsonl"
    path.write_bytes(data := mark + b"".join(lines))
    found = [raw.to_row("feed") for raw in iter_raw(expand([path])[0]) if hasattr(raw, "record")]
    for row, record in zip(found, records, strict=True):
        for members, expected in pointers(record):
            place = row.place(json_pointer(list(members)))
            assert json.loads(data[place.offset : place.offset + place.length]) == expected
            check_place(data, place)


@given(RECORDS, STYLES, st.sampled_from([b"", b"\xef\xbb\xbf"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_in_json_documents_the_bytes_at_the_offset_are_the_value(tmp_path, records, style, mark):
    data = mark + json.dumps(records, **style).encode("utf-8", "replace")
    check_json(tmp_path / "feed.json", data, json.loads(data.decode("utf-8-sig")))


@given(
    st.lists(
        st.lists(st.text("aé\"',;\n\r \u2028", max_size=6), min_size=2, max_size=2), min_size=1, max_size=4
    ),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_in_csv_the_bytes_at_the_offset_are_the_cell(tmp_path, cells, quoting):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting).writerows([["title", "text"], *cells])
    path = tmp_path / "feed.csv"
    path.write_bytes(data := text.getvalue().encode())
    found = [row for row in rows(path) if row.record]
    for row, values in zip(found, cells, strict=True):
        for name, value in zip(("title", "text"), values, strict=True):
            place = row.place(f"/{name}")
            cell = data[place.offset : place.offset + place.length].decode()
            assert next(csv.reader(io.StringIO(cell, newline="")), [""]) == [value]
            assert place.line == data[: place.offset].count(b"\n") + 1


def findings(path, code, **reading):
    report = validate(read(path, reading=Reading(**reading)))
    return [finding for finding in report.findings if finding.code == code]


def test_a_finding_names_line_column_offset_pointer_and_record(tmp_path):
    record = complete({"headline": "Fähre", "url": "coast.example"})
    path = tmp_path / "a.jsonl"
    path.write_bytes(data := (json.dumps(record, ensure_ascii=False) + "\n").encode() * 2)
    _, finding = findings(path, "NDS104")
    assert data[finding.offset : finding.offset + finding.length] == b'"coast.example"'
    assert (finding.line, finding.pointer, finding.record_id) == (2, "/url", record["id"])
    assert finding.column == json.dumps(record, ensure_ascii=False).index('"coast.example"') + 1
    assert finding.record_offset == len(data) // 2


def test_a_missing_field_has_the_place_of_the_object_that_lacks_it(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(
        json.dumps(complete({"agency": {"code": "x"}, "rights": {}, "contributors": [{"name": "A"}]}))
    )
    (finding,) = findings(path, "NDS102")
    assert finding.pointer == "/contributors/0/role"
    assert path.read_bytes()[finding.offset :][: finding.length] == b'{"name": "A"}'


def test_a_foreign_record_is_told_by_its_own_column(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(data := f'title,text,date\r\n"Ferry, late","{BODY}",03/04/2026\r\n'.encode())
    (finding,) = findings(path, "NDS402")
    assert data[finding.offset : finding.offset + finding.length] == b"03/04/2026"
    assert (finding.line, finding.row) == (2, 0)


@pytest.mark.parametrize(
    ("partial", "code", "column"),
    [
        ({"url": "coast.example"}, "NDS104", "url"),
        ({"contributors": [{"name": "A", "role": "author"}, {"name": "B", "role": "x"}]}, "NDS104", "contributors.list.element.role"),
        ({"provenance": None}, "NDS102", "provenance"),
    ],
)  # fmt: skip
def test_in_parquet_row_group_and_column_path_are_named(tmp_path, partial, code, column):
    records = [complete({}), complete({}, 1), complete(partial, 2), complete({}, 3)]
    path = tmp_path / "a.parquet"
    schema = pa.Table.from_pylist([*records[2:], records[0]]).schema
    pq.write_table(pa.Table.from_pylist(records, schema=schema), path, row_group_size=2)
    finding = findings(path, code)[0]
    assert (finding.row, finding.row_group, finding.column_path) == (2, 1, column)
    assert finding.line is None


def test_on_a_page_the_line_is_named(tmp_path):
    path = tmp_path / "a.txt"
    paragraphs = [
        *BODY.split(". "),
        "The ferry &quot;stays open&quot;, the board told the town council on Tuesday evening.",
    ]
    path.write_text(
        "Ferry line closed for three weeks\n\n" + "\n\n".join(paragraphs) + "\n", encoding="utf-8"
    )
    (finding,) = findings(path, "NDS201")
    shown = path.read_text(encoding="utf-8").split("\n")[finding.line - 1]
    assert "&quot;" in shown


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("fault", "code"), [("&amp;", "NDS201"), ("\x01", "NDS202"), ("\ufffd", "NDS206"), ("<b>x</b>", "NDS204")]
)
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_on_a_page_the_line_of_a_fault_is_named_and_no_column_is_invented(tmp_path, number, fault, code, end):
    lines = [
        "Ferry line closed for three weeks",
        "The ferry line across the bay was closed on Monday, the harbour office of Lowport told its guests.",
        "Repairs take three weeks.",
        "Until then buses run every half an hour between the two piers, and tickets for the ferry are valid.",
        "The operator hopes that the line opens again before the summer festival, which brings its most guests.",
    ]
    lines[number] = f"{lines[number][:12]}{fault}{lines[number][12:]}"
    (tmp_path / "a.txt").write_text((end + end).join(lines) + end, encoding="utf-8", newline="")
    (finding,) = findings(tmp_path / "a.txt", code)
    assert (finding.line, finding.column) == (2 * number + 1, None)


@pytest.mark.parametrize("name", ["list", "item", "element"])
def test_a_column_named_like_a_level_is_found(tmp_path, name):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({name: [["a"]]}), path)
    (row,) = rows(path)
    assert row.place(f"/{name}/0").column_path == f"{name}.list.element"


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_a_finding_on_the_whole_set_has_the_place_of_the_value(tmp_path, name):
    records = [complete({"url": "https://coast.example/fähre"}, number) for number in range(2)]
    path = tmp_path / name
    if name == "a.parquet":
        pq.write_table(pa.Table.from_pylist(records), path, row_group_size=1)
    else:
        path.write_bytes(
            b"\xef\xbb\xbf"
            + "\n  ".join(json.dumps(record, ensure_ascii=False) for record in records).encode()
        )
    finding = findings(path, "NDS602")[-1]
    if name == "a.parquet":
        assert (finding.row, finding.row_group, finding.column_path) == (1, 1, "url")
        return
    data = path.read_bytes()
    assert data[finding.offset : finding.offset + finding.length].decode() == '"https://coast.example/fähre"'
    check_place(data, finding)
