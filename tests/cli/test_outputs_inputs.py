"""No output of newsds validate replaces what it validates."""

from pathlib import Path

import pytest

from newsds.cli import main


@pytest.mark.parametrize("options", [["-o", "{}"], ["-o", "json={}"], ["--write-index", "{}"]])
def test_an_input_is_never_replaced(tmp_path: Path, options: list[str]) -> None:
    source = tmp_path / "my.jsonl"
    source.write_text('{"id": "a", "text": "Rain fell."}\n')
    before = source.read_bytes()
    status = main(["validate", str(source), *(option.format(source) for option in options)])
    assert (status, source.read_bytes()) == (2, before)
