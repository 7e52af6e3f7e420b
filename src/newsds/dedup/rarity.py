"""How often words and shingles occur, so that what is common proves nothing.

Shingles are not counted over texts: four hundred copies of a story would look like a template. On each day a
shingle counts once, and once more for every further text of the same publisher. A story that many publishers carry
for two days counts two; a publisher's standing paragraph counts its days, a template every notice made from it.
A text whose publisher is not known is taken to have one of its own. Words are counted over different texts.
"""

import itertools
from dataclasses import dataclass
from types import ModuleType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.candidates import NO_TIME, Sketches
from newsds.dedup.corpus import Corpus
from newsds.dedup.features import Ragged

__all__ = ["COMMON_SHARE", "N_SHINGLE", "Rarity", "count_occurrences"]

Ints: TypeAlias = NDArray[np.int64]
Hashes: TypeAlias = NDArray[np.uint64]

#: Words of a shingle.
N_SHINGLE = 3
#: Occurrences up to which a shingle says that two texts belong together.
RARE = 8
#: Weight of a word that stands in no rare shingle, as a share of what it would have.
COMMON_SHARE = 0.1

#: Texts that are counted at a time, at least; a day is not parted.
_TEXTS_AT_A_TIME = 4096
#: Texts of a day beyond which it is parted all the same.
_TEXTS_OF_A_DAY = 65_536
_MICROSECONDS_PER_DAY = 86_400_000_000
#: Texts that every corpus is taken to have besides its own, so that in a small one no word weighs nothing.
_PRIOR_TEXTS = 1000
_TABLE_BITS = (20, 27)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rarity:
    """Counts in tables indexed by the leading bits of a hash; two hashes in one place look more common."""

    words: NDArray[np.uint32]
    shingles: NDArray[np.uint8]
    n_texts: int

    def weigh(self, words: Hashes) -> NDArray[np.uint32]:
        """Return the weight of words: sixteenths of a bit of surprise, at least 1."""
        counts = self.words[_slots(words, len(self.words))]
        surprise = np.log2(1 + (self.n_texts + _PRIOR_TEXTS) / np.maximum(counts, 1))
        return np.maximum(np.rint(16 * surprise), 1).astype(np.uint32)

    def is_rare(self, shingles: Hashes) -> NDArray[np.bool_]:
        """Tell which shingles are rare."""
        return self.shingles[_slots(shingles, len(self.shingles))] <= RARE


def count_occurrences(corpus: Corpus, sketches: Sketches, *, kernels: ModuleType) -> Rarity:
    """Count the words and shingles of a corpus."""
    bits = int(np.clip(np.ceil(np.log2(max(corpus.n_bytes / 3, 1))), *_TABLE_BITS))
    words = np.zeros(1 << min(bits, 24), np.uint32)
    shingles = np.zeros(1 << bits, np.uint8)
    days = np.where(corpus.times == NO_TIME, -1, corpus.times // _MICROSECONDS_PER_DAY)
    publishers = np.where(corpus.publishers < 0, -1 - np.arange(len(corpus)), corpus.publishers)
    hashes = sketches.text_hashes[corpus.arrivals]
    n_texts = 0
    for rows in _parts(np.lexsort((publishers, days)), days):
        rows = rows[_first_of_equals(hashes[rows], publishers[rows], days[rows])]  # noqa: PLW2901
        n_texts += len(rows)
        tokens = sketches.tokens.take(corpus.arrivals[rows])
        each = np.stack((np.arange(len(rows)), np.zeros(len(rows), np.int64)), 1)
        _add(words, tokens, each, np.iinfo(np.uint32).max)
        offsets, values = kernels.shingle(tokens.values, tokens.offsets, N_SHINGLE)
        cells = np.stack((days[rows], publishers[rows]), 1)
        _add(shingles, Ragged(offsets=offsets, values=values), cells, 255)
    return Rarity(words=words, shingles=shingles, n_texts=n_texts)


def _slots(hashes: Hashes, size: int) -> Ints:
    return (hashes >> np.uint64(64 - (size.bit_length() - 1))).astype(np.int64)


def _parts(order: Ints, days: Ints) -> list[Ints]:
    """Cut the texts at the ends of days, and within days that are too long."""
    cuts = [0]
    ends = np.flatnonzero(np.diff(days[order], append=days[order][-1:] + 1)) + 1
    for end in ends.tolist():
        while end - cuts[-1] > _TEXTS_OF_A_DAY:
            cuts.append(cuts[-1] + _TEXTS_OF_A_DAY)
        if end - cuts[-1] >= _TEXTS_AT_A_TIME or end == len(order):
            cuts.append(end)
    return [order[low:high] for low, high in itertools.pairwise(cuts) if high > low]


def _first_of_equals(text_hashes: Hashes, publishers: Ints, days: Ints) -> Ints:
    """Return the texts that differ from those before them of the same publisher and day; none without a word."""
    order = np.lexsort((np.arange(len(days)), text_hashes, publishers, days))
    keys = np.stack((text_hashes.view(np.int64), publishers, days), 1)[order]
    is_new = np.append(True, (keys[1:] != keys[:-1]).any(1))
    return np.sort(order[is_new & (text_hashes[order] != 0)])


def _add(table: NDArray[np.uint32] | NDArray[np.uint8], rows: Ragged, cells: Ints, most: int) -> None:
    """Add what each hash counts for in texts that lie in the order of their cells (day, publisher)."""
    owners = np.repeat(np.arange(len(rows)), np.diff(rows.offsets)).astype(np.uint64)
    slots = _slots(rows.values, len(table)).astype(np.uint64)
    packed = np.sort(slots << np.uint64(32) | owners)
    if not len(packed):
        return
    packed = packed[np.append(True, packed[1:] != packed[:-1])]
    slot, owner = (
        (packed >> np.uint64(32)).astype(np.int64),
        (packed & np.uint64(0xFFFFFFFF)).astype(np.int64),
    )
    is_slot = np.append(True, slot[1:] != slot[:-1])
    is_day = is_slot | np.append(True, np.diff(cells[owner, 0]) != 0)
    is_cell = is_day | np.append(True, np.diff(cells[owner, 1]) != 0)
    starts = np.flatnonzero(is_slot)
    counts = np.add.reduceat(1 - is_cell.astype(np.int64) + is_day, starts)
    places = slot[starts]
    table[places] = np.minimum(table[places] + counts, most).astype(table.dtype)
