"""Standard input as a file: it is read more than once, and from any place."""

import atexit
import shutil
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

from newsds.errors import InputError

__all__ = ["spooled"]


@lru_cache(maxsize=1)
def spooled() -> Path:
    """Return a temporary file with what standard input holds, which vanishes when the process ends.

    Raises:
        InputError: there is no standard input.
    """
    if sys.stdin is None:
        raise InputError("-: standard input is closed")
    with tempfile.NamedTemporaryFile(prefix="newsds-", suffix=".jsonl", delete=False) as stream:
        atexit.register(Path(stream.name).unlink, missing_ok=True)
        shutil.copyfileobj(sys.stdin.buffer, stream)
    return Path(stream.name)
