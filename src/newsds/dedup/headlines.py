"""Whether two headlines speak of the same."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.dedup.passages import Passages

__all__ = ["Headlines", "compare_headlines"]

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

#: Bits of surprise from which a word of a headline says what it is about.
_TELLING_BITS = 6


class Headlines(NamedTuple):
    """What the headlines of pairs have in common; an element for each pair."""

    #: Share of the telling words and numbers that both have, of the one that has more of its own; NaN where one has none.
    share: Floats
    #: Whether both have words of their own, telling or not, and no symbol of a share in common.
    differ: Flags


def compare_headlines(
    headlines: Sequence[str | None], read: Callable[[pa.Array], Passages], pairs: Ints
) -> Headlines:
    """Compare headlines, read as texts are; pairs are two columns of places in them.

    That one of them says more is no contradiction; other numbers in each are. Headlines that name the same share by its
    symbol say the same.
    """
    passages = read(pa.array(headlines, pa.string()))
    n, shared = _count(passages, passages.is_number | (passages.surprise >= 16 * _TELLING_BITS), pairs)
    n_numbers, shared_numbers = _count(passages, passages.is_number, pairs)
    n_words, shared_words = _count(passages, np.ones_like(passages.is_number), pairs)
    _, symbols = _count(passages, passages.are_symbols(np.arange(len(passages.hashes))), pairs)
    contradict = (n_numbers > shared_numbers[:, None]).all(1)
    fewer = n.min(1)
    alike = np.where(contradict, 0, np.where(symbols > 0, fewer, shared))
    return Headlines(
        share=np.where(fewer > 0, alike / np.maximum(fewer, 1), np.nan),
        differ=(n_words > shared_words[:, None]).all(1) & (symbols == 0),
    )


def _count(passages: Passages, keep: Flags, pairs: Ints) -> tuple[Ints, Ints]:
    """Return how many different words of a kind both headlines of each pair have (two columns), and share."""
    words = passages.pick(keep)
    ones = np.ones(len(words.values), np.uint32)
    shared, _ = passages.kernels.tallies.share(words.values, words.offsets, ones, pairs)
    return np.diff(words.offsets)[pairs], shared
