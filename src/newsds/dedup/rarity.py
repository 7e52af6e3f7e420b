"""How often words and shingles occur, so that what is common proves nothing.

Shingles are not counted over texts: four hundred copies of a story would look like a template. What counts are cells
of publisher and day: a shingle is as common as the number of days on which the publisher who repeats it most has it.
A table has 2^27 places at most; where a corpus has many times as many shingles, what the others in a place add is taken
off as a rule (`Rarity.most`).
A story that many publishers carry for two days counts two; a standing paragraph and a template count their days.
Texts whose publisher is not known are taken to be of one. Words are counted over different texts.
"""

from collections import deque
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from types import ModuleType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.candidates import NO_TIME, Sketches, map_in_order
from newsds.dedup.corpus import Corpus
from newsds.dedup.features import Ragged
from newsds.dedup.hashing import Engine, load_kernels

__all__ = ["COMMON_SHARE", "N_SHINGLE", "PRIOR_TEXTS", "RARE", "Rarity", "count_occurrences"]

Ints: TypeAlias = NDArray[np.int64]
Hashes: TypeAlias = NDArray[np.uint64]

#: Words of a shingle.
N_SHINGLE = 3
#: Occurrences up to which a shingle says that two texts belong together.
RARE = 8
#: Weight of a word that stands in no rare shingle, as a share of what it would have.
COMMON_SHARE = 0.1
#: Texts of common words that every corpus is taken to have besides its own, so that a small one can be weighed.
PRIOR_TEXTS = 1000

#: Texts that are counted at a time, at least; a day is not parted.
_TEXTS_AT_A_TIME = 8192
#: Texts of a day beyond which it is parted all the same.
_TEXTS_OF_A_DAY = 65_536
_MICROSECONDS_PER_DAY = 86_400_000_000
_TABLE_BITS = (20, 27)
#: Places of a table that are looked at together.
_PLACES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Rarity:
    """Counts in tables indexed by the leading bits of a hash; two hashes in one place look more common."""

    words: NDArray[np.uint32]
    shingles: NDArray[np.uint8]
    n_texts: int

    @cached_property
    def most(self) -> int:
        """Count up to which a shingle is rare: `RARE`, and what others add to its place if the table is crowded.

        It is the median of all places, as a shingle may fall on any; where it is 1, nothing was added.
        """
        return min(RARE + max(0, _median(self.shingles) - 1), np.iinfo(np.uint8).max - 1)

    @cached_property
    def weights(self) -> NDArray[np.uint32]:
        """The weight of a word by its count: sixteenths of a bit of surprise, at least 1."""
        counts = np.arange(int(self.words.max(initial=0)) + PRIOR_TEXTS + 1)
        surprise = np.log2(1 + (self.n_texts + PRIOR_TEXTS) / np.maximum(counts, 1))
        return np.maximum(np.rint(16 * surprise), 1).astype(np.uint32)


def _median(counts: NDArray[np.uint8]) -> int:
    pieces = (counts[at : at + _PLACES] for at in range(0, len(counts), _PLACES))
    n_places = sum(np.bincount(piece, minlength=256) for piece in pieces)
    return int(np.searchsorted(np.cumsum(n_places), len(counts) // 2, side="right"))


def count_occurrences(
    corpus: Corpus,
    sketches: Sketches,
    *,
    engine: Engine = "auto",
    bits: tuple[int, int] | None = None,
    workers: int = 1,
) -> Rarity:
    """Count the words and shingles of a corpus, in tables of as many bits as its size asks for if none are given."""
    kernels = load_kernels(engine, n_bytes=corpus.n_bytes)
    size = int(np.clip(np.ceil(np.log2(max(corpus.n_bytes / 3, 1))), *_TABLE_BITS))
    bits = bits or (min(size, 24), size)
    words, shingles = np.zeros(1 << bits[0], np.uint32), np.zeros(1 << bits[1], np.uint8)
    days = np.where(corpus.times == NO_TIME, -1, corpus.times // _MICROSECONDS_PER_DAY)
    hashes = sketches.text_hashes[corpus.arrivals]
    publishers = corpus.publishers
    n_texts = 0
    for number, parts in enumerate(_batches(np.lexsort((days, publishers)), publishers, days)):
        # The days of a publisher who fills several parts are added up before they are compared with others'.
        adds = len(parts) > 1
        sums = np.zeros_like(shingles) if adds and number else shingles
        for part in parts:
            rows = part[_first_of_equals(hashes[part], publishers[part], days[part])]
            # In a cell the order is free: texts that came together are read at once.
            rows = rows[np.lexsort((corpus.arrivals[rows], days[rows], publishers[rows]))]
            n_texts += len(rows)
            tokens = sketches.tokens.take(corpus.arrivals[rows])
            counts = (
                partial(kernels.tallies.count_words, words, tokens.values, tokens.offsets),
                partial(_count_cells, kernels, sums, tokens, publishers[rows], days[rows], adds),
            )
            deque(map_in_order(lambda count: count(), counts, workers=workers), maxlen=0)
        if sums is not shingles:
            np.maximum(shingles, sums, out=shingles)
    return Rarity(words=words, shingles=shingles, n_texts=n_texts)


def _count_cells(  # noqa: PLR0917 # for partial
    kernels: ModuleType,
    table: NDArray[np.uint8],
    tokens: Ragged,
    publishers: Ints,
    days: Ints,
    adds: bool,  # noqa: FBT001
) -> None:
    offsets, values = kernels.shingle(tokens.values, tokens.offsets, N_SHINGLE)
    kernels.tallies.count_cells(table, values, offsets, publishers, days, adds)


def _batches(order: Ints, publishers: Ints, days: Ints) -> list[list[Ints]]:
    """Cut the texts into batches of some publishers with all their texts, and those into parts of whole days."""
    batches: list[list[Ints]] = [[]]
    for rows in np.split(order, np.flatnonzero(np.diff(publishers[order])) + 1):
        if len(rows) > _TEXTS_AT_A_TIME:
            batches += [_parts(rows, days[rows]), []]
        else:
            batches[-1].append(rows)
            if sum(map(len, batches[-1])) > _TEXTS_AT_A_TIME:
                batches[-1] = [np.concatenate(batches[-1])]
                batches.append([])
    if batches[-1]:
        batches[-1] = [np.concatenate(batches[-1])]
    return [batch for batch in batches if batch and len(batch[0])]


def _parts(rows: Ints, days: Ints) -> list[Ints]:
    """Cut the texts of a publisher at the ends of days, and within days that are too long."""
    cuts = [0]
    ends = (np.flatnonzero(np.diff(days, append=days[-1:] + 1)) + 1).tolist()
    for start, end in pairwise([0, *ends]):
        while end - max(start, cuts[-1]) > _TEXTS_OF_A_DAY:
            cuts.append(max(start, cuts[-1]) + _TEXTS_OF_A_DAY)
        if end - cuts[-1] >= _TEXTS_AT_A_TIME or end == len(rows):
            cuts.append(end)
    return [rows[low:high] for low, high in pairwise(cuts) if high > low]


def _first_of_equals(text_hashes: Hashes, publishers: Ints, days: Ints) -> Ints:
    """Return the texts that differ from those before them of the same publisher and day; none without a word."""
    order = np.lexsort((np.arange(len(days)), text_hashes, publishers, days))
    keys = np.stack((text_hashes.view(np.int64), publishers, days), 1)[order]
    is_new = np.append(True, (keys[1:] != keys[:-1]).any(1))
    return np.sort(order[is_new & (text_hashes[order] != 0)])
