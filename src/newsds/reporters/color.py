"""Colours of the levels on a terminal."""

from newsds.findings import Level

__all__ = ["painted"]

_CODES: dict[Level, str] = {"error": "1;31", "warning": "33", "info": "36"}


def painted(text: str, level: Level, *, color: bool) -> str:
    """Return text in the colour of a level, or as it is."""
    return f"\x1b[{_CODES[level]}m{text}\x1b[0m" if color else text
