"""The wheel, in an environment that has nothing else: what a base install can do, and what it says of the rest."""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from newsds.version import VERSION
from release.conftest import write_release

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]

PROJECT = {
    "name": "harbour-news",
    "version": "1.2.0",
    "licenses": [{"name": "CC-BY-4.0"}],
    "resources": [{"name": "articles", "path": "articles.jsonl"}],
    "newsds": {"schema_version": "1.0.0", "split": {"by": "none"}},
}

LOADING = """
import sys, newsds
loaded = newsds.load(sys.argv[1], split="train", columns=["headline"], canonical_only=True)
print(loaded.name, loaded.version, loaded.to_arrow().num_rows)
try:
    loaded.to_pandas()
except newsds.NewsdsError as error:
    print(error)
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(target.glob("*.whl"))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """The interpreter of an environment with the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    found = folder / "bin" / "python"
    install(found, str(wheel))
    return found


def install(python: Path, what: str) -> None:
    done = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", what],
        check=False, capture_output=True, text=True, env=clean(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


@pytest.fixture(scope="module")
def run(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A function that runs the environment's Python in a folder of its own."""
    folder = tmp_path_factory.mktemp("work")

    def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**clean(), "NEWSDS_CACHE": str(folder / "cache")}
        return subprocess.run(
            [str(python), *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=folder,
            env=environment,
        )

    return run_python


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "datapackage.json").write_text(json.dumps(PROJECT))
    articles = (
        {
            "headline": f"Harbour crane {number} is moved",
            "body": f"The port moved crane number {number} to the north quay on Monday, the harbour office said.",
            "published_at": f"2026-01-{number:02d}T08:00:00Z",
            "url": f"https://ledger.example.org/harbour/{number}",
        }
        for number in range(1, 10)
    )
    (folder / "articles.jsonl").write_text("".join(json.dumps(article) + "\n" for article in articles))
    return folder


def test_the_wheel_says_its_version(run: Run) -> None:
    assert run("-m", "newsds", "--version").stdout == f"newsds {VERSION}\n"


def test_a_base_install_has_what_loading_needs_and_no_more(run: Run) -> None:
    names = json.loads(run("-m", "pip", "list", "--format", "json").stdout)
    installed = {item["name"].lower().replace("_", "-") for item in names}
    assert installed - {"pip", "setuptools"} == {
        "newsds", "jsonschema-rs", "numpy", "orjson", "pyarrow", "pyyaml", "tqdm",
    }  # fmt: skip


def test_a_base_install_loads_and_verifies(run: Run, tmp_path: Path) -> None:
    release = write_release(tmp_path).folder
    done = run("-c", LOADING, str(release))
    assert done.stdout.splitlines()[0] == "harbour-news 1.2.0 3", done.stderr
    assert "pip install 'newsds[pandas]'" in done.stdout
    done = run("-m", "newsds", "load", str(release), "--columns", "id", "-o", "-")
    assert len(done.stdout.splitlines()) == 5, done.stderr


def test_a_base_install_names_what_building_needs(run: Run, project: Path) -> None:
    done = run("-m", "newsds", "build", str(project), "-o", "dist")
    assert done.returncode == 2
    assert done.stderr == "newsds: building a release needs ftfy: pip install 'newsds[read]'\n"


def test_a_maintainers_install_builds_verifies_and_loads(
    run: Run, python: Path, wheel: Path, project: Path
) -> None:
    install(python, f"{wheel}[read]")
    done = run("-m", "newsds", "build", str(project), "-o", "dist")
    assert done.returncode == 0, done.stdout + done.stderr
    done = run("-m", "newsds", "verify", "dist/harbour-news/1.2.0")
    assert done.returncode == 0, done.stderr
    done = run("-m", "newsds", "load", "dist/harbour-news", "--format", "json")
    assert json.loads(done.stdout)["splits"] == {"train": 9}, done.stderr
    assert run("-c", LOADING, "dist/harbour-news").stdout.startswith("harbour-news 1.2.0 ")
