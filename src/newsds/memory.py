"""Memory that was freed, given back to the system: allocators keep it for later."""

import ctypes
import mmap
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pyarrow as pa

__all__ = ["give_back"]

#: Resident bytes under which a process is small.
_SMALL = 640 << 20


def give_back() -> None:
    """Give back to the system what this process has freed, where the C library can (glibc).

    What stages of a job leave in the heap is of little use to the stages after them, and adds up: half of the resident
    memory of a job on a million articles was free. It is for the ends of stages. While the process is small nothing
    happens: memory that is asked for again costs the system as much as some stages cost.
    """
    if _resident_bytes() < _SMALL:
        return
    pa.default_memory_pool().release_unused()
    if trim := _trim():
        trim(0)


def _resident_bytes() -> int:
    """Return the resident memory of this process; where the system does not say, more than any."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE
    except OSError:
        return sys.maxsize


@cache
def _trim() -> Callable[[int], int] | None:
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # musl, macOS; Windows, which has no library without a name
        return None
    return trim
