"""Parts: the report is the same whatever the cuts, the processes and the way of reading."""

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.records import complete
from newsds import testing
from newsds.article import Articles
from newsds.checks import judging, sharing, validate
from newsds.errors import NewsdsError
from newsds.project import RuleChoices, Waiver
from newsds.readers import read

DIRT = [b"", b"{", b'{"id": NaN}', b'{"id": "\xff"}', b"[1]", b'{"a": 1, "a": 2}', b'{"schema_version": "1.0.0"}', b'{"title": "Ferry", "text": "Late"}']  # fmt: skip
FAULTS = [
    {"headline": " "},
    {"url": "x"},
    {"tags": []},
    {"headline": None},
    {"extra_field": 1},
    {"status": "gone"},
]


def dirty_file(path, *, n_lines):
    """Write good and bad lines by turns."""
    lines = []
    for number in range(n_lines):
        record = complete({} if number % 3 else FAULTS[number % len(FAULTS)], number)
        lines += [orjson.dumps(record), *([DIRT[number % len(DIRT)]] if number % 5 == 0 else [])]
    path.write_bytes(b"\xef\xbb\xbf" + b"\n".join(lines))
    return path


def as_one_stream(articles):
    return Articles(articles.open_items)


@pytest.mark.parametrize("n_bytes", [97, 700, 5000, 10**6])
@pytest.mark.parametrize("rules", ["schema", "record"])
def test_the_report_does_not_depend_on_the_cuts(tmp_path, monkeypatch, n_bytes, rules):
    path = dirty_file(tmp_path / "a.jsonl", n_lines=60)
    monkeypatch.setattr("newsds.checks.PART_BYTES", n_bytes)
    options = {"rules": rules, "max_findings": 20}
    assert validate(read(path), **options) == validate(as_one_stream(read(path)), **options)


def test_the_report_does_not_depend_on_the_processes(tmp_path, monkeypatch):
    monkeypatch.setattr("newsds.checks.PART_BYTES", 20_000)
    for name in ("a", "b"):
        dirty_file(tmp_path / f"{name}.jsonl", n_lines=120)
    choices = RuleChoices(max_rates={"NDS102": 0.5}, waivers=(Waiver(rule="NDS006", reason="old"),))
    seen = []
    reports = [
        validate(read(tmp_path), choices=choices, rules="schema", workers=workers, progress=seen.append)
        for workers in (1, 2)
    ]
    assert (
        reports[0] == reports[1] == validate(as_one_stream(read(tmp_path)), choices=choices, rules="schema")
    )
    assert sum(seen) == 2 * reports[0].n_records


@given(testing.jsonl_bytes(dirty=True), st.sampled_from([150, 700, 4000, 10**6]))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_fast_way_finds_what_the_slow_way_finds(tmp_path, data, n_bytes):
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("newsds.checks.PART_BYTES", n_bytes)
        assert validate(read(path), rules="schema") == validate(as_one_stream(read(path)), rules="schema")


def test_small_inputs_are_read_in_one_process(tmp_path):
    path = dirty_file(tmp_path / "a.jsonl", n_lines=6)
    assert judging.usual_workers(read(path)) == 1
    assert judging.usual_workers(Articles.from_records([])) == 1


def _die(number):
    """Double a number; or end the process, if it is a worker's."""
    if number == 13 and multiprocessing.parent_process() is not None:
        os._exit(1)
    return 2 * number


def test_results_come_in_the_order_of_the_tasks():
    assert list(sharing.share(range(12), abs, workers=3)) == list(range(12))


def test_a_process_that_dies_is_told_in_a_line():
    with pytest.raises(NewsdsError, match="a process of the validation died"):
        list(sharing.share([13] * 8, _die, workers=2))


@pytest.mark.parametrize(
    ("before", "method"),
    [
        ("", "fork"),
        (
            "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start();",
            "spawn",
        ),
    ],
    ids=["one thread", "two threads"],
)
def test_a_process_is_copied_only_where_no_thread_can_hold_a_lock(before, method):
    code = f"{before}from newsds.checks import sharing; print(sharing._start_method(), sum(sharing.share(range(9), abs, workers=2)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    wanted = method if Path("/proc/self/task").is_dir() else "spawn"
    assert done.stdout.split() == [wanted, "36"]
