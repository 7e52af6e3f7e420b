"""Clients from the npm registry: run where node and the packages are, skipped in sight where they are not."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

#: Names the `node_modules` folder into which `.ci/run` installs `tests/node/package.json`.
VARIABLE = "NEWSDS_NODE_MODULES"


def node_modules(package: str) -> Path:
    """Return the folder that holds an npm package; skip the test if there is none."""
    folder = Path(os.environ.get(VARIABLE, ""))
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not os.environ.get(VARIABLE) or not (folder / package).is_dir():
        pytest.skip(f"{VARIABLE} names no folder with {package}; .ci/run installs it")
    return folder


def run_node(script: str, *arguments: str) -> Any:
    """Run a script of this folder and return the JSON it prints."""
    command = ["node", str(Path(__file__).with_name(script)), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
