import json
from pathlib import Path

import pytest

from hub.repository import RefusedError
from hub.state import READER, WRITER, Hub, Request
from newsds.cli import main
from targets.command import run_loudly
from targets.releases import files_of

TARGET = "hf://datasets/org/news"


def test_the_command_says_what_it_did(
    lfs_hub: Hub, releases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["publish", str(releases / "1.2.0"), TARGET]) == 0
    shown = capsys.readouterr()
    assert "harbour-news 1.2.0 is published" in shown.out
    assert shown.err == ""
    assert main(["publish", str(releases / "1.2.0"), TARGET, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["already_published"] is True
    assert told["revision"] == lfs_hub.repository("org/news").tags["v1.2.0"]
    assert main(["publish", "-q", str(releases / "1.2.0"), TARGET]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_dry_run_lists_what_would_be_sent(
    releases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["publish", "-q", "-n", str(releases / "1.2.0"), str(tmp_path / "harbour")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines[:-1]] == sorted(files_of(releases / "1.2.0"))
    assert "to send: 12 of 12 files" in lines[-1]


@pytest.mark.parametrize(
    ("release", "target", "status", "words"),
    [
        ("1.2.0", "ftp://x", 2, "newsds: ftp://x: "),
        ("none", "target", 3, "no release is there"),
        ("1.2.0", "no/such/folder", 3, "does not exist"),
    ],
)
def test_errors_are_one_line_and_a_status(
    releases: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    release: str,
    target: str,
    status: int,
    words: str,
) -> None:
    place = target if "://" in target else str(tmp_path / target)
    assert main(["publish", str(releases / release), place]) == status
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("case", ["published", "refused", "echoed", "wrong"])
def test_the_token_is_nowhere(hub: Hub, releases: Path, tmp_path: Path, case: str) -> None:
    token = {"refused": READER, "wrong": "hf_wrong_9876543210"}.get(case, WRITER)

    def echo(request: Request, moment: str) -> None:
        if case == "echoed" and "/commit/" in request.path:
            raise RefusedError(400, f"bad token {request.headers['authorization']}")

    hub.fault = echo
    # At level DEBUG the client's own log repeats what the server says, token and all.
    level = "INFO" if case == "echoed" else "DEBUG"
    done = run_loudly(tmp_path / "user", str(releases / "1.2.0"), TARGET, level=level, HF_TOKEN=token)
    assert (done.returncode == 0) == (case == "published"), done.stderr[-2000:]
    assert level in done.stderr
    assert case == "published" or "\nnewsds: hf://datasets/org/news: " in done.stderr
    written = {**files_of(tmp_path / "user"), "output": done.stdout.encode(), "errors": done.stderr.encode()}
    assert [name for name, data in written.items() if token.encode() in data] == []
    for entry in (
        hub.repositories.get("org/news", None).resolve("main").files.values() if hub.repositories else ()
    ):
        assert token.encode() not in hub.content(entry)
