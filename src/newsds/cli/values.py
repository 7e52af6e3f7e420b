"""Types of values on the command line; what is out of range is refused before anything is read."""

import argparse
import math
import re

__all__ = ["copy_rate", "count", "hours", "positive", "rate", "shares"]

_HOURS = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,6})?)([hd])")


def count(text: str) -> int:
    """Return a whole number, not below 0."""
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return value


def positive(text: str) -> int:
    """Return a whole number, not below 1."""
    value = count(text)
    if not value:
        raise argparse.ArgumentTypeError("it is at least 1")
    return value


def rate(text: str) -> float:
    """Return a share from 0 to 1, written as such or in per cent: 0.05 or 5%."""
    number = text.removesuffix("%")
    try:
        value = float(number) / (1 if number == text else 100)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no share; write 0.05 or 5%") from None
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1; write 0.05 or 5%")
    return value


def copy_rate(text: str) -> float:
    """Return a share from 0 to 0.5: a generated copy follows a story that is none."""
    value = rate(text)
    if value > 0.5:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 0.5")
    return value


def hours(text: str) -> float:
    """Return a span of time in hours, written as 72h or 3d."""
    match = _HOURS.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text}: write it as 72h or 3d")
    return float(match[1]) * (24 if match[2] == "d" else 1)


def shares(text: str) -> dict[str, float]:
    """Return splits and their shares, written as train=0.8,test=0.2 or train=80%,test=20%."""
    pairs = [tuple(part.strip() for part in item.split("=")) for item in text.split(",")]
    if not all(len(pair) == 2 and all(pair) for pair in pairs):
        raise argparse.ArgumentTypeError(f"{text}: write it as train=0.8,test=0.2")
    found = {name: rate(share) for name, share in pairs}
    if len(found) < len(pairs):
        raise argparse.ArgumentTypeError(f"{text}: a split is named twice")
    if not math.isclose(sum(found.values()), 1, abs_tol=1e-9):
        raise argparse.ArgumentTypeError(f"{text}: the shares add up to {sum(found.values()):g}, not to 1")
    return found
