"""Parts: the report is the same whatever the cuts, the processes and the way of reading."""

import gzip
import multiprocessing
import os
import pickle
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.records import complete
from newsds import testing
from newsds.article import Articles, Row
from newsds.checks import judging, sharing, validate
from newsds.checks.census import CensusTaker
from newsds.checks.index import Index
from newsds.checks.ledger import FinishedTexts
from newsds.checks.sharing import share
from newsds.errors import NewsdsError
from newsds.project import RuleChoices, Task, Waiver
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
    monkeypatch.setattr("newsds.checks.part_bytes", lambda _extent: n_bytes)
    options = {"rules": rules, "max_findings": 20}
    assert validate(read(path), **options) == validate(as_one_stream(read(path)), **options)


def test_the_report_does_not_depend_on_the_processes(tmp_path, monkeypatch):
    monkeypatch.setattr("newsds.checks.part_bytes", lambda _extent: 20_000)
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
        patch.setattr("newsds.checks.part_bytes", lambda _extent: n_bytes)
        assert validate(read(path), rules="schema") == validate(as_one_stream(read(path)), rules="schema")


#: Paragraphs of which records are made that have some in common; one is too long to be evidence.
PARAGRAPHS = st.sampled_from([
    "The board met on Monday.", "Sign up for our newsletter, and never miss a story from the harbour again, day or night.",
    "Rain.", "A long tale of the sea. " * 20, "The ferry line to the northern shore stays closed for three weeks, the board said.",
    *(f"Paragraph {number} of the day, which speaks of the landing stage and of its {number} cracks." for number in range(9)),
])  # fmt: skip
RECORDS = st.builds(
    lambda number, paragraphs, more: complete({"body": "\n\n".join(paragraphs), **more}, number),
    st.integers(0, 30),
    st.lists(PARAGRAPHS, max_size=5),
    st.fixed_dictionaries(
        {},
        optional={
            "publisher": st.sampled_from(
                [{"name": "Halden Post"}, {"name": "HALDEN POST"}, {"name": "Fjord"}]
            ),
            "section": st.sampled_from(["Sea", "Land"]),
            "url": st.sampled_from(
                ["https://a.example/1", "https://a.example/1?utm_source=x", "https://b.example/"]
            ),
        },
    ),
)


def _census(items):
    """Return a census as plain data."""
    data = {field.name: getattr(items, field.name) for field in fields(items) if field.name != "choices"}
    return {
        name: [value[number] for number in range(len(value))] if isinstance(value, FinishedTexts)
        else value.tolist() if hasattr(value, "tolist") else value
        for name, value in data.items()
    } | {"names": list(items.names.items())}  # fmt: skip


@given(
    st.lists(st.lists(RECORDS | st.none(), max_size=8), min_size=1, max_size=2),
    st.sampled_from([600, 3000]),
    st.booleans(),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_census_of_parts_is_that_of_the_whole(tmp_path, files, n_bytes, shows_all):
    choices = RuleChoices(task=Task(split_by="file", label="section"))
    for name, records in zip(("train", "test"), files, strict=False):
        lines = (b"{" if record is None else orjson.dumps(record) for record in records)
        (tmp_path / f"{name}.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    articles = read(*(tmp_path / f"{name}.jsonl" for name, _ in zip(("train", "test"), files, strict=False)))
    terms = judging.Terms(choices=choices, as_of=None, extent="all", max_findings=9)
    whole, absorbing = (CensusTaker(choices, shows_all=shows_all, max_bytes=900) for _ in range(2))
    for row in articles.open_items():
        if isinstance(row, Row):
            whole.add(row.record, row)
    for judged, line_shift in judging.judge_parts(articles.parts(n_bytes), terms):
        absorbing.absorb(pickle.loads(pickle.dumps(judged.taker)), line_shift=line_shift)
    assert _census(absorbing.census()) == _census(whole.census())


@pytest.mark.parametrize("kind", ["jsonl", "jsonl.gz"])
def test_rules_on_the_whole_set_find_the_same_in_several_processes(tmp_path, monkeypatch, kind):
    monkeypatch.setattr("newsds.checks.part_bytes", lambda _extent: 20_000)
    shared = []
    monkeypatch.setattr("newsds.checks.sharing.share", lambda *a, **k: shared.append(1) or share(*a, **k))
    for name in ("a", "b"):
        path = dirty_file(tmp_path / f"{name}.jsonl", n_lines=120)
        if kind != "jsonl":
            path.with_suffix(".jsonl.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
    one, two = (validate(read(tmp_path), workers=workers) for workers in (1, 2))
    assert one == two
    assert {"NDS101", "NDS601"} <= {finding.code for finding in one.findings}
    # What is not cut is not held in memory as a whole.
    assert bool(shared) == (kind == "jsonl")


def test_an_index_does_not_depend_on_the_processes(tmp_path, monkeypatch):
    monkeypatch.setattr("newsds.checks.part_bytes", lambda _extent: 20_000)
    path = dirty_file(tmp_path / "a.jsonl", n_lines=120)
    for workers in (1, 2):
        validate(read(path), workers=workers, write_index=tmp_path / f"{workers}.index")
    assert (tmp_path / "1.index").read_bytes() == (tmp_path / "2.index").read_bytes()
    more = dirty_file(tmp_path / "b.jsonl", n_lines=90)
    reports = [validate(read(more), workers=workers, index=Index(tmp_path / "1.index")) for workers in (1, 2)]
    assert reports[0] == reports[1]


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


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="asks the kernel for processes")
@pytest.mark.parametrize(
    "before",
    ["", "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start();"],
    ids=["copied", "started"],
)
def test_no_process_outlives_the_one_that_started_it(before):
    code = f"{before}import itertools, time; from newsds.checks import sharing; list(sharing.share(itertools.repeat(0.05), time.sleep, workers=3))"
    parent = subprocess.Popen([sys.executable, "-c", code])
    try:
        wait_until(lambda: len(children_of(parent.pid)) >= 2)
        others = children_of(parent.pid)
    finally:
        parent.kill()
        parent.wait()
    wait_until(lambda: not any(map(is_running, others)))


def children_of(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def wait_until(is_so):
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


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
