"""Planted faults: every one is found at its place, and nothing is said against good records."""

import importlib.util
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from faults.corpus import AS_OF, FAULTS, good, write_fault
from newsds.checks import validate
from newsds.checks.judging import Terms, judge
from newsds.project import RuleChoices
from newsds.readers import read
from newsds.samples import sample

ROOT = Path(__file__).parents[2]
NOW = datetime.fromisoformat(AS_OF).replace(tzinfo=UTC)


def load_script(path):
    """Return a script of the benchmarks as a module, which finds its neighbours."""
    folder = str((ROOT / path).parent)
    spec = importlib.util.spec_from_file_location("script", ROOT / path)
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(folder)
    return module


def test_the_corpus_is_large_and_its_faults_differ():
    names = [(fault["group"], fault["name"]) for fault in FAULTS]
    assert len(set(names)) == len(names) >= 60
    assert {group for group, _ in names} == {
        "JSON grammar",
        "Encoding",
        "Structure",
        "Types",
        "Formats",
        "Meaning",
        "Set",
    }


def test_the_records_round_the_faults_are_good(tmp_path):
    path = tmp_path / "good.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(good(number)) for number in range(3)))
    report = validate(read(path), as_of=NOW)
    assert not report.has("warning"), report.findings


@pytest.mark.parametrize("fault", FAULTS, ids=[fault["name"] for fault in FAULTS])
def test_every_fault_is_found_at_its_place(tmp_path, fault):
    report = validate(read(write_fault(fault, tmp_path / "a.jsonl")), as_of=NOW)
    found = [(finding.code, finding.pointer) for finding in report.findings if finding.level != "info"]
    assert (fault["code"], fault.get("pointer")) in found
    lines = {finding.line for finding in report.findings if finding.code == fault["code"]}
    if "standing" not in fault:
        assert 2 in lines
    if fault["group"] not in {"Meaning", "Set"} and "\n" not in str(fault.get("edit")):
        assert {code for code, _ in found} == {fault["code"]}


@pytest.mark.slow
def test_ten_thousand_good_records_raise_no_alarm():
    terms = Terms(choices=RuleChoices(), as_of=None, extent="all", max_findings=20)
    from newsds.article import Row

    checker, tally = terms.checker(), terms.tally()
    for _ in judge(
        (Row(record=record, row=row) for row, record in enumerate(sample(10_000, seed=3))), checker, tally
    ):
        pass
    tally.add_all(checker.finish())
    report = tally.report()
    assert report.n_records == 10_000
    assert not report.has("warning"), report.counts


def test_the_page_is_made_from_the_verdicts():
    script = load_script("benchmarks/validate/planted_faults.py")
    verdicts = json.loads((ROOT / "tests/faults/verdicts.json").read_text(encoding="ascii"))
    assert (ROOT / "docs/reference/faults.md").read_text(encoding="utf-8") == script.page(verdicts)
    assert set(verdicts["newsds"].values()) == {"found"}


@pytest.mark.parametrize("name", ["jsonschema", "jsonschema-rs"])
def test_the_verdicts_are_those_of_today(tmp_path, name):
    script = load_script("benchmarks/validate/planted_faults.py")
    verdicts = json.loads((ROOT / "tests/faults/verdicts.json").read_text(encoding="ascii"))
    today = {
        fault["name"]: script.verdict(name, write_fault(fault, tmp_path / "a.jsonl")) for fault in FAULTS
    }
    assert today == verdicts[name]
