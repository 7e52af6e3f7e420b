"""Optional packages: asked for by name, with the command that installs them where they are missing."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from newsds.errors import MissingExtraError

__all__ = ["require", "require_reading"]

#: What turns inputs into releases; whoever loads releases does without.
_READING = ("ftfy", "publicsuffixlist", "py3langid")


def require(package: str, *, extra: str, purpose: str) -> Any:
    """Return an optional package.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise MissingExtraError(package, extra=extra, purpose=purpose) from None


def require_reading(purpose: str) -> None:
    """Look for the packages that reading and checking need, before work begins that would fail half-way.

    Raises:
        MissingExtraError: one is not installed.
    """
    for package in _READING:
        if find_spec(package) is None:
            raise MissingExtraError(package, extra="read", purpose=purpose)
