"""What takes long to make and is not always needed: patterns and modules that are made when they are first used."""

import re
from importlib import import_module
from typing import Any, cast

__all__ = ["later_module", "later_pattern"]


class _LaterPattern:
    """Stands for a pattern; what is asked of it is kept, so that only the first time costs more."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._made = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(*self._made), name)
        setattr(self, name, found)
        return found


class _LaterModule:
    """Stands for a module; what is asked of it is kept."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        found = getattr(import_module(self._name), name)
        setattr(self, name, found)
        return found


def later_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return what does as the compiled pattern does, and is compiled on first use."""
    return cast("re.Pattern[str]", _LaterPattern(pattern, flags))


def later_module(name: str) -> Any:
    """Return what does as the module does, and is imported on first use."""
    return _LaterModule(name)
