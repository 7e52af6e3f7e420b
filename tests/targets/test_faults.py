"""Publishers killed at every request, and at every step on a disk: readers see the old release or the new one.

`benchmarks/publish_faults.py` does the same with a release of 600 files.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import newsds
from targets.fault_runs import kill_on_hub, kill_on_s3
from targets.faults import Report
from targets.releases import files_of, write_release

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("pair")
    old = write_release(folder / "old", n_shards=2)
    return old, write_release(folder / "new", version="1.3.0", n_shards=3, words=" It was corrected.")


def check(report: Report, n_kills: int) -> None:
    print(report.to_text())
    assert report.torn == []
    assert report.n_sent_twice == 0
    assert report.is_complete
    assert report.kills.total() > n_kills
    assert report.reads["1.3.0"] > 0
    assert report.reads.total() >= report.kills.total()


def test_killed_on_the_hub_while_a_first_version_is_published(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    report = kill_on_hub(tmp_path, None, pair[1], spare=["tree", "refs"])
    check(report, 35)
    assert {
        "create",
        "preupload",
        "batch",
        "object",
        "verify",
        "commit",
        "resolve",
        "tag",
    } <= report.kinds.keys()
    assert report.reads["nothing there"] > 0


def test_killed_on_a_hub_with_xet_while_a_second_version_is_published(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    pytest.importorskip("hf_xet")
    report = kill_on_hub(tmp_path, *pair, has_xet=True, spare=["tree", "refs", "resolve"])
    check(report, 10)
    assert {"preupload", "xet-write-token", "commit", "tag"} <= report.kinds.keys()
    assert report.reads["1.2.0"] > 0


def test_killed_on_s3_while_a_second_version_is_published(pair: tuple[Path, Path], tmp_path: Path) -> None:
    pytest.importorskip("moto.server")
    report = kill_on_s3(tmp_path, *pair, spare=["HEAD object", "GET object"])
    check(report, 25)
    assert {"PUT object", "GET pointer", "PUT pointer"} == report.kinds.keys()
    assert report.reads["1.2.0"] > 0


#: Publishes, and kills itself at the step of the given number: anything that opens, copies, moves or removes files.
STEPS = """
import os, signal, sys
release, target, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
import newsds, newsds.targets.folder, newsds.release.verify
n = 0
def count(event, arguments):
    global n
    if event in ("shutil.copyfile", "os.rename", "os.mkdir", "os.remove", "fcntl.flock") or (
        event == "open" and str(arguments[0]).startswith(target)
    ):
        n += 1
        if n == number:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
newsds.publish(release, target)
"""


def test_killed_at_every_step_on_a_disk(pair: tuple[Path, Path], tmp_path: Path) -> None:
    """Each publisher gets one step further than the last; what a reader finds between is one whole release."""
    target = tmp_path / "harbour"
    newsds.publish(pair[0], target)
    wanted = files_of(pair[1])
    n_killed = 0
    for number in (1, 2, 4, 8, 13, 19, 26, 34, 43, 53, 64, 76, 89, 103, 118, 134, 151, 400):
        done = subprocess.run(
            [sys.executable, "-c", STEPS, pair[1], target, str(number)],
            capture_output=True,
            text=True,
            check=False,
        )
        n_killed += done.returncode == -9
        visible = sorted(name for name in os.listdir(target) if not name.startswith("."))  # noqa: PTH208
        assert visible in (["1.2.0"], ["1.2.0", "1.3.0"])
        assert files_of(target / "1.2.0") == files_of(pair[0])
        if "1.3.0" in visible:
            assert files_of(target / "1.3.0") == wanted
        if done.returncode == 0:
            break
        assert done.returncode == -9, done.stderr
    assert files_of(target / "1.3.0") == wanted
    assert n_killed > 6
    assert not list(target.glob("*.partial"))
