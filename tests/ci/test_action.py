"""The GitHub action: its shell steps run here as a runner would run them, without a network."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.records import complete

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}


def _filled(text: str, inputs: dict[str, str]) -> str:
    """Fill in the expressions of a workflow that the action uses."""
    return re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda match: inputs[match[1]], text)


def _run(folder: Path, **given: str) -> tuple[int, str, dict[str, str]]:
    """Run the step that validates; return status, log, and outputs."""
    inputs = {name: spec["default"] for name, spec in ACTION["inputs"].items()}
    inputs |= {name.replace("_", "-"): value for name, value in given.items()}
    step = STEPS["Validate"]
    output, summary = folder / "output", folder / "summary"
    output.touch()
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_OUTPUT": str(output),
        "GITHUB_STEP_SUMMARY": str(summary),
        **{name: _filled(value, inputs) for name, value in step["env"].items()},
    }
    script = folder / "script.sh"
    script.write_text(step["run"])
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    place = folder / _filled(step["working-directory"], inputs)
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    outputs = dict(line.partition("=")[::2] for line in output.read_text().splitlines())
    return done.returncode, done.stdout + done.stderr, outputs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    records: list[dict[str, Any]] = [complete({}, 1), complete({"body": ""}, 2)]
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a b.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (tmp_path / "good.jsonl").write_text(json.dumps(records[0]) + "\n")
    return tmp_path


def test_findings_become_annotations_a_summary_and_sarif(folder: Path) -> None:
    status, log, outputs = _run(folder, paths="data/a b.jsonl\ngood.jsonl\n", sarif_file="newsds.sarif")
    assert status == 1
    assert "::error file=data/a b.jsonl,line=2,col=" in log
    assert outputs == {"status": "1", "sarif-file": "newsds.sarif"}
    assert "| 1 | NDS301 | error | empty-body |" in (folder / "summary").read_text()
    (run,) = json.loads((folder / "newsds.sarif").read_text())["runs"]
    assert "NDS301" in {result["ruleId"] for result in run["results"]}


@pytest.mark.slow
def test_options_reach_newsds(folder: Path) -> None:
    assert _run(folder, paths="data", ignore="NDS301", select="NDS3")[0] == 0
    assert _run(folder, paths="data", fail_on="never")[::2] == (0, {"status": "0"})
    assert _run(folder, paths="data", fail_on="nothing")[0] == 2
    assert _run(folder, paths="a b.jsonl", working_directory="data")[0] == 1
    assert _run(folder, paths="missing")[0] == 3


def test_inputs_are_no_code(folder: Path) -> None:
    status, _, _ = _run(folder, paths='$(touch "$PWD/owned")\n; touch owned', select='"; touch owned #')
    assert status != 0
    assert not (folder / "owned").exists()
    assert not any("${{" in step.get("run", "") for step in STEPS.values())


def test_the_project_of_a_folder_needs_no_path(folder: Path) -> None:
    descriptor = {"name": "x", "version": "1.0.0", "created": "2026-07-01", "licenses": [{"name": "CC0-1.0"}],
                  "resources": [{"name": "a", "path": "data"}]}  # fmt: skip
    (folder / "datapackage.json").write_text(json.dumps(descriptor))
    status, log, _ = _run(folder)
    assert status == 1
    assert "file=data/a b.jsonl" in log


def test_newsds_is_installed_from_the_action_with_what_reading_needs(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\nmkdir -p "$RUNNER_TEMP/newsds/bin"\n'
                      f'cp "$0" "$RUNNER_TEMP/newsds/bin/python" 2>/dev/null || true\n')  # fmt: skip
    python.chmod(0o755)
    environment = {
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_PATH": str(tmp_path / "path"),
        "NEWSDS_SOURCE": "/actions/news ds",
    }
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", STEPS["Install newsds"]["run"]], env=environment, check=True
    )
    venv, pip = (tmp_path / "calls").read_text().splitlines()[:2]
    assert venv == f"-m venv {tmp_path}/temp/newsds"
    assert pip.endswith(" /actions/news ds[read]")
    assert (tmp_path / "path").read_text() == f"{tmp_path}/temp/newsds/bin\n"


def test_other_actions_are_pinned_by_commit() -> None:
    used = [step["uses"] for step in STEPS.values() if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", name) for name in used)


def test_every_input_is_used_and_explained() -> None:
    text = (ROOT / "action.yml").read_text()
    for name, spec in ACTION["inputs"].items():
        assert spec["description"]
        assert f"${{{{ inputs.{name} }}}}" in text
