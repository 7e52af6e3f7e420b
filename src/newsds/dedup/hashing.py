"""What the hash specification is computed on and gives, and the choice of the engine that computes it.

docs/reference/hashing.md is the specification. Two modules compute it with the same functions and the same
bits: `kernels_numpy` anywhere, `kernels_numba` where numba is installed and the work pays for its start.
"""

import os
import sys
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from sys import version_info
from types import ModuleType
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.errors import MissingExtraError

__all__ = [
    "Buffer",
    "Bytes",
    "Engine",
    "Hashes",
    "Places",
    "Sketch",
    "Spans",
    "load_kernels",
    "pack_texts",
]

Bytes: TypeAlias = NDArray[np.uint8]
Hashes: TypeAlias = NDArray[np.uint64]
Places: TypeAlias = NDArray[np.int64]
Spans: TypeAlias = NDArray[np.int32]

#: Bytes of text from which the start of numba (0.3 to 0.4 seconds, half of it its import) is earned back in a whole run:
#: measured on 1,000 to 8,000 articles, of which 2,200 took as long without it.
NUMBA_BYTES = 8_000_000
#: The same where nothing is compiled yet, which takes some ten seconds, once.
COMPILED_BYTES = 32_000_000

Engine = Literal["auto", "numpy", "numba"]


class Buffer(NamedTuple):
    """Texts end to end."""

    #: UTF-8, not necessarily valid, uint8.
    data: Bytes
    #: Where each text begins, and the end of the last, int64.
    offsets: Places


class Sketch(NamedTuple):
    """What is kept of some texts; `n_tokens` and `n_anchors` say how many each has."""

    tokens: Hashes
    n_tokens: Places
    text_hashes: Hashes
    #: One row a text, one column a band.
    keys: Hashes
    anchors: Hashes
    n_anchors: Places


def pack_texts(texts: pa.Array | Sequence[str]) -> Buffer:
    """Return texts as one buffer, without a copy where Arrow has it so; null is the empty text."""
    column = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.large_string())
    if not pa.types.is_large_string(column.type):
        column = column.cast(pa.large_string())
    if column.null_count:
        column = column.fill_null("")
    offsets = np.frombuffer(column.buffers()[1], np.int64, len(column) + 1, 8 * column.offset)
    data = column.buffers()[2]
    return Buffer(np.frombuffer(data if data is not None else b"", np.uint8), offsets)


def load_kernels(engine: Engine = "auto", *, n_bytes: int = 0) -> ModuleType:
    """Return the module that computes: numba's where it is installed and its start is paid for.

    It is by `n_bytes` of text (by more of them if all is still to be compiled), or by whoever started it before in this
    process.

    Raises:
        MissingExtraError: numba is demanded and not installed.
    """
    if engine == "numba" and not _has_numba():
        raise MissingExtraError("numba", extra="fast", purpose="the compiled engine")
    if engine == "numba" or (engine == "auto" and _has_numba() and _pays(n_bytes)):
        from newsds.dedup import kernels_numba

        return kernels_numba
    from newsds.dedup import kernels_numpy

    return kernels_numpy


def _pays(n_bytes: int) -> bool:
    """Tell whether numba's start is paid for."""
    if "newsds.dedup.kernels_numba" in sys.modules or n_bytes >= COMPILED_BYTES:
        return True
    return n_bytes >= NUMBA_BYTES and _is_compiled()


def _is_compiled() -> bool:
    """Tell whether there is compiled code of these kernels beside them, where numba keeps it unless it is told otherwise."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return False
    source = Path(__file__).with_name("kernels_numba.py")
    kept = source.parent.glob(f"__pycache__/{source.stem}._sketch-*.py{version_info[0]}{version_info[1]}.nbi")
    return any(index.stat().st_mtime >= source.stat().st_mtime for index in kept)


@cache
def _has_numba() -> bool:
    return find_spec("numba") is not None
