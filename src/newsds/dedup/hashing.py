"""The constants of the hash specification, the text buffer, and the choice of the engine that computes it.

docs/reference/hashing.md is the specification. Two modules compute it with the same functions and the same
bits: `kernels_numpy` anywhere, `kernels_numba` where numba is installed and the work pays for its start.
"""

import sys
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.errors import MissingExtraError

__all__ = [
    "HASH_VERSION",
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

#: Changes with every change of a hash value; part of the fingerprint of an index.
HASH_VERSION = 2

#: Odd constants of the mixing steps.
WORD = np.uint64(0xD6E8FEB86659FD93)
STEP = np.uint64(0xA0761D6478BD642F)
SHINGLE = np.uint64(0x9E3779B97F4A7C15)
BAND = np.uint64(0xE7037ED1A0B428DB)
GAP = np.uint64(0x8EBC6AF09C88C6E3)
#: Folded bytes of a token that are hashed; the length of a longer one is hashed too.
TOKEN_BYTES = 64
#: An empty bin of a signature before it is filled.
EMPTY = 0xFFFFFFFF
#: Bits of the number of a text beside what is left of an anchor.
OWNER_BITS = 28
#: Tokens of one side that are aligned at most, after a common beginning and end are set aside.
ALIGNED_TOKENS = 16_384

#: Bytes of text from which the start of numba (a second and a half, mostly its import) is earned back in a whole run:
#: measured on 10,000 articles, benchmarks/dedup/speed.py.
NUMBA_BYTES = 32_000_000

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

    It is by `n_bytes` of text, or by whoever started it before in this process.

    Raises:
        MissingExtraError: numba is demanded and not installed.
    """
    if engine == "numba" and not _has_numba():
        raise MissingExtraError("numba", extra="fast", purpose="the compiled engine")
    pays = n_bytes >= NUMBA_BYTES or "newsds.dedup.kernels_numba" in sys.modules
    if engine == "numba" or (engine == "auto" and pays and _has_numba()):
        from newsds.dedup import kernels_numba

        return kernels_numba
    from newsds.dedup import kernels_numpy

    return kernels_numpy


@cache
def _has_numba() -> bool:
    return find_spec("numba") is not None
