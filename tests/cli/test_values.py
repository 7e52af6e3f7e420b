"""Numbers on the command line: what is out of range is one line and exit status 2, before anything is read."""

import argparse

import pytest

from newsds.cli import main
from newsds.cli.values import rate, shares


def _status(arguments: list[str]) -> int:
    try:
        return main(arguments)
    except SystemExit as stop:
        return int(str(stop.code))


@pytest.mark.parametrize(
    "arguments",
    [
        ["leak", "a", "b", "--max-rate", "5"],
        ["leak", "a", "b", "--max-rate", "nan"],
        ["leak", "a", "b", "--max-rate", "-0.1"],
        ["leak", "a", "b", "--max-rate", "101%"],
        ["dedupe", "a", "-o", "b", "--workers", "0"],
        ["dedupe", "a", "-o", "b", "--workers", "-2"],
        ["dedupe", "a", "-o", "b", "--workers", "many"],
        ["validate", "a", "--workers", "0"],
        ["validate", "a", "--max-findings", "-1"],
        ["split", "a", "-o", "b", "--embargo", "-3h"],
        ["split", "a", "-o", "b", "--embargo", "99999999999999h"],
        ["split", "a", "-o", "b", "--embargo", "nan"],
        ["split", "a", "-o", "b", "--shares", "train=nan,test=0.5"],
        ["split", "a", "-o", "b", "--shares", "train=1.5,test=-0.5"],
        ["split", "a", "-o", "b", "--shares", "train=0.5,test=0.4"],
        ["split", "a", "-o", "b", "--shares", "train=0.5,train=0.5"],
        ["split", "a", "-o", "b", "--shares", "train=1,test"],
        ["split", "a", "-o", "b", "--seed", "-1"],
        ["sample", "-n", "-1"],
        ["sample", "-n", "1e3"],
        ["sample", "--copies", "0.6"],
        ["sample", "--copies", "nan"],
        ["sample", "--seed", "-1"],
        ["load", "a", "-n", "-1"],
    ],
    ids=" ".join,
)
def test_what_is_out_of_range_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _status(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert arguments[-2] in line


def test_a_share_may_be_per_cent() -> None:
    assert [rate("5%"), rate("0.05"), rate("100%"), rate("0")] == [0.05, 0.05, 1, 0]
    assert shares("train=80%, test=20%") == {"train": 0.8, "test": 0.2}
    with pytest.raises(argparse.ArgumentTypeError, match="between 0 and 1"):
        rate("1.01")
