"""Locks between processes."""

from pathlib import Path

import pytest

from newsds import locks
from newsds.locks import attempt, is_taken


def test_of_two_attempts_the_second_has_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_taken(path)
    with attempt(path) as first:
        assert first
        assert is_taken(path)
        with attempt(path) as second:
            assert not second
        assert is_taken(path)
    assert path.exists()
    assert not is_taken(path)


def test_a_brief_lock_vanishes_and_one_who_waited_for_it_has_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with attempt(path, is_brief=True) as first:
        assert first
        with attempt(path, is_brief=True) as second:
            assert not second
        assert path.exists()
    assert not path.exists()


def test_the_lock_of_a_file_that_lost_its_name_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lock"

    def let_go(_descriptor: int) -> bool:
        # The one who held it removes it between our opening and our locking.
        path.unlink()
        return True

    monkeypatch.setattr(locks, "_is_free", let_go)
    with attempt(path) as is_ours:
        assert not is_ours
