"""Pipes, odd names and streams that are closed: the commands as parts of a shell line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from newsds.samples import sample

pytestmark = pytest.mark.skipif(os.name != "posix", reason="shells of POSIX")


@pytest.fixture(scope="module")
def lines() -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in sample(30, copies=0.3))


def _shell(
    line: str, folder: Path, data: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    newsds = f"'{sys.executable}' -m newsds"
    variables = {**os.environ, **environment}
    variables.pop("GITHUB_STEP_SUMMARY", None)
    return subprocess.run(
        ["bash", "-c", line.replace("newsds ", f"{newsds} ")], cwd=folder, input=data, env=variables,
        capture_output=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("newsds validate -", "30 records: nothing found"),
        ("newsds read - -o out.jsonl", "30 articles written to out.jsonl"),
        ("newsds fix - --check", "0 of 30 records would change"),
        ("newsds dedupe - --id id --text body -o out --format json", '"articles": 30'),
        ("newsds read - --map headline=title -o out.jsonl", "no record has a column 'title'"),
    ],
)
def test_a_dash_is_standard_input(line: str, said: str, tmp_path: Path, lines: bytes) -> None:
    done = _shell(line, tmp_path, lines)
    assert said in (done.stdout + done.stderr).decode()
    assert b"Traceback" not in done.stderr


def test_a_report_on_standard_input_shows_its_lines(tmp_path: Path) -> None:
    done = _shell("newsds validate - --format full", tmp_path, b'{"title": "A", "text": ""}\n')
    assert b"--> -:1:" in done.stdout
    assert b'1 | {"title": "A", "text": ""}' in done.stdout


@pytest.mark.parametrize("end", ["| head -c 10 >head; exit ${PIPESTATUS[0]}", ">&-"])
@pytest.mark.parametrize("command", ["rules", "sample -n 500", "schema show", "--help"])
def test_who_stops_listening_is_no_error(command: str, end: str, tmp_path: Path) -> None:
    done = _shell(f"newsds {command} {end}", tmp_path)
    assert b"Traceback" not in done.stderr
    assert done.returncode in {0, 3}


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    done = _shell("newsds sample -n 500 >/dev/full", tmp_path)
    assert (done.returncode, done.stderr) == (3, b"newsds: No space left on device\n")


@pytest.mark.skipif(sys.platform == "darwin", reason="file names are Unicode there")
def test_names_that_are_not_utf_8_are_shown_with_escapes(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.jsonl"
    record: dict[str, Any] = {"title": "A&amp;B", "text": "R&amp;D it is"}
    with open(name, "wb") as stream:  # noqa: PTH123 # a name of bytes
        stream.write(json.dumps(record).encode() + b"\n")
    for command in (
        "read caf* -o a.jsonl",
        "read caf* -o a.parquet",
        "fix caf* -o b.jsonl --changes c.jsonl",
        "dedupe caf* --text text -o out",
        "validate caf* --format full",
        "validate caf* --format sarif",
        "validate . --format json",
    ):
        done = _shell(f"newsds {command}", tmp_path)
        assert b"Traceback" not in done.stderr
        assert done.returncode in {0, 1}
    (article,) = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(article)["provenance"]["input_path"] == "caf\\xe9.jsonl"


@pytest.mark.parametrize("environment", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_a_plain_locale_changes_no_output(environment: dict[str, str], tmp_path: Path, lines: bytes) -> None:
    (tmp_path / "ä.jsonl").write_bytes(lines.replace(b'"section"', '"ü": 1, "section"'.encode()))
    for command in ("validate *.jsonl --format json", "read *.jsonl", "schema show --as markdown"):
        plain, usual = (
            _shell(f"newsds {command} >{number}.txt", tmp_path, **variables)
            for number, variables in enumerate((environment, {"TZ": "Pacific/Kiritimati"}))
        )
        assert plain.returncode == usual.returncode in {0, 1}
        assert (tmp_path / "0.txt").read_bytes() == (tmp_path / "1.txt").read_bytes()


def test_stopping_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "newsds", "sample", "-n", "10000000", "-o", "out.jsonl"]
    running = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
    while not any(path.stat().st_size for path in tmp_path.iterdir()) and running.poll() is None:
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert (running.returncode, said) == (130, b"newsds: stopped\n")
    assert list(tmp_path.iterdir()) == []
