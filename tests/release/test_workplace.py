"""Building beside the target."""

import subprocess
import sys
from pathlib import Path

import pytest

from newsds.errors import OutputError
from newsds.release.workplace import abandoned, workplace


def test_a_release_appears_all_at_once(tmp_path: Path) -> None:
    target = tmp_path / "name" / "1.0.0"
    with workplace(target) as place:
        (place.release / "a.txt").write_text("a")
        assert not target.exists()
        place.deliver()
    assert [path.name for path in (tmp_path / "name").iterdir()] == ["1.0.0"]
    assert (target / "a.txt").read_text() == "a"


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), workplace(tmp_path / "1.0.0"):
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "1.0.0"
    target.mkdir()
    with pytest.raises(OutputError, match="exists already"), workplace(target):
        pass


def test_of_two_builds_at_once_the_second_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "1.0.0"
    with workplace(target) as first, workplace(target) as second:
        (first.release / "a").write_text("first")
        (second.release / "a").write_text("second")
        first.deliver()
        with pytest.raises(OutputError, match="exists already"):
            second.deliver()
    assert (target / "a").read_text() == "first"


def test_a_killed_build_is_recognised_and_a_living_one_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "1.0.0"
    code = (
        "import os, pathlib, sys; from newsds.release.workplace import workplace\n"
        "with workplace(pathlib.Path(sys.argv[1])) as place:\n    os._exit(9)"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(target)], check=False)
    assert killed.returncode == 9
    (left,) = abandoned(target)
    assert not target.exists()
    with workplace(target):
        assert abandoned(target) == [left]
    assert left.is_dir()
