"""Quarantine: good and bad together are the input, the good have no finding, and the reasons lead to the bad."""

import gzip

import duckdb
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings

import newsds
from checks.records import complete
from newsds import testing
from newsds.cli import main
from newsds.errors import OutputError, UsageError
from newsds.project import RuleChoices

FAULTS = [{"headline": " "}, {"url": "x"}, {"tags": []}, {"headline": None}]
BROKEN = [b"{", b'{"id": "\xff"}', b"", b"   [1]", b'{"a": 1, "a": 2}']


def mixed(n):
    """Return lines of good, faulty and broken records, the last without an end."""
    lines = []
    for number in range(n):
        fault = FAULTS[number // 3 % len(FAULTS)] if number % 3 == 0 else {}
        lines.append(
            orjson.dumps(
                complete({"body": complete({})["body"] + f" Number {number} of the list.", **fault}, number)
            )
        )
        lines += [BROKEN[number // 4 % len(BROKEN)]] if number % 4 == 0 else []
    return b"\xef\xbb\xbf" + b"\r\n".join(lines)


def merged(folder, name="jsonl"):
    """Return the two files put together again, by the offsets in the reasons."""
    reasons = pq.read_table(folder / "reasons.parquet").to_pylist()
    offsets = {reason["line_offset"] for reason in reasons}
    good, bad = (
        (folder / f"{side}.{name}").read_bytes().splitlines(keepends=True) for side in ("good", "bad")
    )
    data = b""
    while good or bad:
        is_bad = len(data) in offsets
        data += (bad if is_bad else good).pop(0)
    return data


def lines_of(path):
    return path.read_bytes().splitlines(keepends=True)


def test_good_and_bad_are_the_input_and_the_good_are_good(tmp_path, capsys):
    source, folder = tmp_path / "a.jsonl", tmp_path / "parted"
    source.write_bytes(data := mixed(40))
    assert main(["validate", str(source), "--quarantine", str(folder)]) == 1
    good, bad = folder / "good.jsonl", folder / "bad.jsonl"
    assert sorted(lines_of(good) + lines_of(bad)) == sorted(data.splitlines(keepends=True))
    assert merged(folder) == data
    assert main(["validate", str(good)]) == 0
    assert main(["validate", str(bad)]) == 1
    capsys.readouterr()
    report = newsds.validate(newsds.read(bad))
    assert report.n_at("error") == newsds.validate(newsds.read(source)).n_at("error")


def test_duckdb_joins_the_reasons(tmp_path):
    source, folder = tmp_path / "a.jsonl", tmp_path / "parted"
    source.write_bytes(mixed(12))
    newsds.quarantine(newsds.read(source), folder)
    rows = duckdb.sql(f"""
        WITH bad AS (SELECT row_number() OVER () - 1 AS bad_row, text
                     FROM read_csv('{folder}/bad.jsonl', columns = {{'text': 'VARCHAR'}}, delim = '\x1f', quote = '',
                                   header = false, ignore_errors = true, strict_mode = false))
        SELECT code, pointer, text FROM '{folder}/reasons.parquet' JOIN bad USING (bad_row)
        WHERE pointer = '/url'
    """).fetchall()
    assert [(code, orjson.loads(text)["url"]) for code, _, text in rows] == [("NDS104", "x")]
    ((n,),) = duckdb.sql(f"""
        SELECT count(DISTINCT record_id) FROM '{folder}/reasons.parquet'
        JOIN read_json('{folder}/bad.jsonl', format = 'newline_delimited', ignore_errors = true) bad ON bad.id = record_id
    """).fetchall()
    assert n == 4


@given(testing.jsonl_bytes(dirty=True))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_dirty_bytes_come_back(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("dirty")
    (folder / "a.jsonl").write_bytes(data)
    newsds.quarantine(newsds.read(folder / "a.jsonl"), folder / "parted", rules="record")
    parted = folder / "parted"
    assert merged(parted) == data
    good = newsds.validate(newsds.read(parted / "good.jsonl"), rules="record")
    assert {count.code for count in good.counts if count.level == "error"} <= {"NDS014"}


def test_rows_of_parquet_are_parted(tmp_path):
    source, folder = tmp_path / "a.parquet", tmp_path / "parted"
    records = [complete({"url": "x"} if number % 5 == 3 else {}, number) for number in range(23)]
    table = pa.Table.from_pylist([{**record, "url": record.get("url")} for record in records])
    pq.write_table(table, source, row_group_size=7)
    newsds.quarantine(newsds.read(source), folder, rules="schema")
    good, bad = pq.read_table(folder / "good.parquet"), pq.read_table(folder / "bad.parquet")
    assert pa.concat_tables([good, bad]).sort_by("id") == table.sort_by("id")
    assert bad.column("url").to_pylist() == ["x"] * 4
    reasons = pq.read_table(folder / "reasons.parquet").to_pylist()
    assert [(reason["bad_row"], reason["row"], reason["column_path"]) for reason in reasons] == [
        (0, 3, "url"), (1, 8, "url"), (2, 13, "url"), (3, 18, "url"),
    ]  # fmt: skip


def test_several_inputs_keep_their_names(tmp_path):
    for name in ("a.jsonl", "b.jsonl.gz"):
        data = mixed(8)
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    newsds.quarantine(newsds.read(tmp_path), tmp_path / "parted", rules="record")
    for name in ("a.jsonl", "b.jsonl"):
        parts = [lines_of(tmp_path / "parted" / side / name) for side in ("good", "bad")]
        assert sorted([*parts[0], *parts[1]]) == sorted(mixed(8).splitlines(keepends=True))


def test_a_rule_within_its_budget_is_no_reason(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(mixed(12))
    choices = RuleChoices(max_rates={"NDS102": 1.0})
    newsds.quarantine(newsds.read(tmp_path / "a.jsonl"), tmp_path / "parted", choices=choices, rules="record")
    codes = pq.read_table(tmp_path / "parted" / "reasons.parquet").column("code").to_pylist()
    assert "NDS104" in codes
    assert "NDS102" not in codes


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.json"])
def test_what_cannot_be_parted_is_refused_before_the_work(tmp_path, name):
    (tmp_path / name).write_text("[]")
    with pytest.raises(UsageError, match="only JSONL and Parquet"):
        newsds.quarantine(newsds.read(tmp_path / name), tmp_path / "parted")
    with pytest.raises(UsageError):
        newsds.quarantine(newsds.Articles.from_records([]), tmp_path / "parted")


def test_nothing_is_replaced(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(mixed(4))
    with pytest.raises(OutputError):
        newsds.quarantine(newsds.read(tmp_path / "a.jsonl"), tmp_path)
