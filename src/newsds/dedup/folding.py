"""What each Unicode character becomes before it is hashed: its class and its folded bytes.

The two tables are made from Unicode 14.0 once and shipped, so that a hash never depends on the Python it
was computed with; `make_tables` says how (docs/reference/hashing.md is the specification).
"""

import unicodedata
import zlib
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["DENSE", "IGNORED", "SEPARATOR", "WORD", "Tables", "load_tables", "make_tables", "pack_tables"]

#: Classes of characters: between tokens; in a word; a token with its neighbour; not there at all.
SEPARATOR, WORD, DENSE, IGNORED = 0, 1, 2, 3
#: The version of Unicode of the shipped tables.
UNICODE_VERSION = "14.0.0"

_N_CODE_POINTS = 0x110000
_RESOURCE = "folding.zlib"
#: Marks that readers may leave out: accents, vowel points of Hebrew and Arabic, variation selectors.
_DROPPED = (
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05C7), (0x0610, 0x061A), (0x0640, 0x0640), (0x064B, 0x065F),
    (0x0670, 0x0670), (0x06D6, 0x06DC), (0x06DF, 0x06E8), (0x06EA, 0x06ED), (0x08CA, 0x08FF), (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xE0100, 0xE01EF),
)  # fmt: skip
#: Scripts written without spaces: Thai, Lao, Myanmar, Khmer, kana, Bopomofo, Han and its extensions.
_DENSE = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3005, 0x3007), (0x3040, 0x312F), (0x31A0, 0x31FF),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F), (0xF900, 0xFAFF), (0x16FE0, 0x18DFF),
    (0x1AFF0, 0x1B16F), (0x20000, 0x3FFFF),
)  # fmt: skip


class Tables(NamedTuple):
    """Folding of every code point, indexed by it."""

    #: One of the four classes, uint8.
    classes: NDArray[np.uint8]
    #: Up to four folded bytes, the first in the lowest byte, uint32; zero bytes are none.
    folds: NDArray[np.uint32]


@cache
def load_tables() -> Tables:
    """Return the shipped tables."""
    packed = zlib.decompress(resources.files("newsds.dedup").joinpath(_RESOURCE).read_bytes())
    classes = np.frombuffer(packed, np.uint8, _N_CODE_POINTS)
    changes = np.frombuffer(packed, "<u4", _N_CODE_POINTS, _N_CODE_POINTS)
    return Tables(classes, changes ^ _own_bytes())


def pack_tables(tables: Tables) -> bytes:
    """Return the tables as the shipped file holds them."""
    changes = tables.folds ^ _own_bytes()
    return zlib.compress(tables.classes.tobytes() + changes.astype("<u4").tobytes(), 9)


def _own_bytes() -> NDArray[np.uint32]:
    """Return the UTF-8 bytes of every code point, the first in the lowest byte."""
    bounds = (0, 0x80, 0x800, 0x10000, _N_CODE_POINTS)
    return np.concatenate(
        [
            _encode(np.arange(start, end, dtype=np.uint32), size)
            for size, (start, end) in enumerate(pairwise(bounds), 1)
        ]
    )


def _encode(codes: NDArray[np.uint32], size: int) -> NDArray[np.uint32]:
    """Return the UTF-8 bytes of code points that take so many."""
    if size == 1:
        return codes
    u32 = np.uint32
    out = codes >> u32(6 * (size - 1)) | u32(0xF00 >> size & 0xFF)
    for place in range(1, size):
        out |= (codes >> u32(6 * (size - 1 - place)) & u32(0x3F) | u32(0x80)) << u32(8 * place)
    return out


def make_tables() -> Tables:
    """Compute the tables from this Python's Unicode database; takes seconds."""
    classes = np.zeros(_N_CODE_POINTS, np.uint8)
    folds = np.zeros(_N_CODE_POINTS, np.uint32)
    for code in range(_N_CODE_POINTS):
        classes[code], folds[code] = _fold(chr(code))
    return Tables(classes, folds)


def _fold(char: str) -> tuple[int, int]:
    if "\ud800" <= char <= "\udfff":
        return SEPARATOR, int.from_bytes(char.encode("utf-8", "surrogatepass"), "little")
    if unicodedata.category(char) == "Cf" or _is_in(char, _DROPPED):
        return IGNORED, 0
    folded = _shortest(char)
    kind = DENSE if _is_in(folded[0], _DENSE) else WORD
    kind = kind if all(_is_word(part) for part in folded) else SEPARATOR
    return kind, int.from_bytes(folded.encode(), "little")


def _shortest(char: str) -> str:
    """Return the folded character in no more bytes than it has, so that a text never grows."""
    if unicodedata.category(char) == "Nd":
        return str(unicodedata.decimal(char))
    open_form = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    plain = "".join(part for part in open_form if not _is_in(part, _DROPPED))
    closed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())
    for form in (plain, closed):
        if form and len(form.encode()) <= len(char.encode()) and all(_is_word(part) for part in form):
            return form
    return char


def _is_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LNM"


def _is_in(char: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= ord(char) <= high for low, high in ranges)
