"""Memory that was freed, given back to the system: allocators keep it for later."""

import ctypes
from collections.abc import Callable
from functools import cache

import pyarrow as pa

__all__ = ["give_back"]


def give_back() -> None:
    """Give back to the system what this process has freed, where the C library can (glibc).

    What stages of a job leave in the heap is of little use to the stages after them, and adds up: half of the resident
    memory of a job on a million articles was free. It takes milliseconds, and is for the ends of stages.
    """
    pa.default_memory_pool().release_unused()
    if trim := _trim():
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # musl, macOS; Windows, which has no library without a name
        return None
    return trim
