"""The pre-commit hooks, run by prek on a repository made for the test."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.records import complete

ROOT = Path(__file__).parents[2]
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
_ENVIRONMENT = {
    **os.environ,
    **{f"GIT_{who}_{what}": "t@t.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
}


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, env=_ENVIRONMENT, check=True, capture_output=True)


def _commit(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    _git(folder, "init", "-q")
    _git(folder, "add", ".")
    _git(folder, "commit", "-qm", "x")


def _without_installation(hook: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in hook.items() if name != "additional_dependencies"}
    return {**kept, "language": "system"}


@pytest.fixture
def hooks(tmp_path: Path) -> Path:
    """A repository with our hooks; they call the newsds of this environment, so that nothing is installed."""
    folder = tmp_path / "hooks"
    folder.mkdir()
    (folder / ".pre-commit-hooks.yaml").write_text(
        yaml.safe_dump([_without_installation(hook) for hook in HOOKS])
    )
    _commit(folder)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "good.jsonl").write_text(json.dumps(complete({}, 1)) + "\n")
    (folder / "notes.md").write_text("not a table\n")
    descriptor = {"name": "x", "version": "1.0.0", "created": "2026-07-01", "licenses": [{"name": "CC0-1.0"}],
                  "resources": [{"name": "a", "path": "*.jsonl"}]}  # fmt: skip
    (folder / "datapackage.json").write_text(json.dumps(descriptor))
    _commit(folder)
    return folder


def _try(hooks: Path, data: Path, hook: str, home: Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("prek", path=_ENVIRONMENT["PATH"])
    if program is None:
        pytest.skip("prek is not installed")
    command = [program, "try-repo", str(hooks), hook, "--all-files"]
    environment = {**_ENVIRONMENT, "PREK_HOME": str(home / "prek"), "HOME": str(home)}
    return subprocess.run(command, cwd=data, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("hook", [item["id"] for item in HOOKS])
def test_a_hook_lets_good_files_pass_and_stops_bad_ones(
    hook: str, hooks: Path, data: Path, tmp_path: Path
) -> None:
    passed = _try(hooks, data, hook, tmp_path)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    (data / "bad.jsonl").write_text(json.dumps(complete({"body": ""}, 2)) + "\n{broken\n")
    _git(data, "add", ".")
    failed = _try(hooks, data, hook, tmp_path)
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "bad.jsonl:1:" in failed.stdout
    assert "NDS301" in failed.stdout
    assert "notes.md" not in failed.stdout


def test_a_copy_in_another_file_is_seen(hooks: Path, data: Path, tmp_path: Path) -> None:
    (data / "copy.jsonl").write_text(json.dumps(complete({}, 1)) + "\n")
    _git(data, "add", ".")
    failed = _try(hooks, data, "newsds-validate", tmp_path)
    assert failed.returncode == 1
    assert "NDS101" in failed.stdout


def test_the_hooks_install_this_package() -> None:
    assert {hook["language"] for hook in HOOKS} == {"python"}
    assert all(hook["additional_dependencies"] == [".[read]"] for hook in HOOKS)
    assert all(hook["entry"].split()[0] == "newsds" for hook in HOOKS)
