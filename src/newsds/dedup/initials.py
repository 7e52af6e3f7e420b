"""What the first character of a word says of it: a digit, a capital, a letter of a script without capitals."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.folding import DENSE, WORD, load_tables
from newsds.dedup.hashing import Bytes, Places

__all__ = ["CAPITAL", "DIGIT", "PAIRED", "SMALL", "UNCASED", "classify_initials"]

#: Small letters, and what is no letter; digits of any script; capitals; letters of scripts that have none; characters of
#: which two make a word.
SMALL, DIGIT, CAPITAL, UNCASED, PAIRED = 0, 1, 2, 3, 4

#: Where capitals stand: Latin, Greek, Cyrillic, Armenian; then their additions; then full width.
_CASED = ((0x0000, 0x058F), (0x1C80, 0x1CBF), (0x1D00, 0x1FFF), (0x2100, 0x214F), (0x2C00, 0x2DFF),
          (0xA640, 0xA7FF), (0xAB30, 0xABBF), (0xFB00, 0xFB17), (0xFF21, 0xFF5A), (0x10400, 0x104FF))  # fmt: skip


def classify_initials(data: Bytes, places: Places) -> NDArray[np.uint8]:
    """Return the kind of the character that begins at each of some bytes of UTF-8."""
    kinds = _kinds()
    lead = data[places]
    found = kinds[lead & 0x7F]
    rows = np.flatnonzero(lead >= 0x80)
    if len(rows):
        found[rows] = kinds[_decode(data, places[rows])]
    return found


def _decode(data: Bytes, places: Places) -> NDArray[np.int64]:
    """Return the code points of characters of two to four bytes."""
    lead = data[places].astype(np.int64)
    n = 2 + (lead >= 0xE0) + (lead >= 0xF0)
    code = lead & (0x7F >> n)
    for at in (1, 2, 3):
        more = at < n
        code[more] = code[more] << 6 | data[places[more] + at] & 0x3F
    return code


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return the kind of every code point."""
    tables = load_tables()
    first = tables.folds & 0xFF
    kinds = np.full(len(tables.classes), SMALL, np.uint8)
    kinds[tables.classes == WORD] = UNCASED
    for low, high in _CASED:
        kinds[low : high + 1] = [CAPITAL if chr(code).isupper() else SMALL for code in range(low, high + 1)]
    kinds[tables.classes == DENSE] = PAIRED
    kinds[(first >= ord("0")) & (first <= ord("9")) & (tables.classes == WORD)] = DIGIT
    return kinds
