"""The texts of a block of pairs as arrays: words in order, their places, weights and kinds."""

from dataclasses import dataclass
from functools import cache, cached_property
from types import ModuleType
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.dedup.amounts import SPELLED
from newsds.dedup.features import Features, Ragged, extract_features
from newsds.dedup.hashing import Buffer, Engine, load_kernels, pack_texts
from newsds.dedup.rarity import COMMON_SHARE, N_SHINGLE, Rarity
from newsds.dedup.zones import Zones, find_zones

__all__ = ["Passages", "expand", "read_passages", "select"]

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Passages:
    """Texts with their words end to end; a word is a number into all words."""

    kernels: ModuleType
    buffer: Buffer
    features: Features
    texts: pa.Array
    rarity: Rarity

    @cached_property
    def zones(self) -> tuple[Zones, ...]:
        """The zones of each text."""
        return tuple(find_zones(text or "") for text in self.texts.to_pylist())

    @property
    def offsets(self) -> Ints:
        """Where the words of each text begin, and the end of the last."""
        return self.features.tokens.offsets

    @property
    def hashes(self) -> NDArray[np.uint64]:
        """The hash of each word."""
        return self.features.tokens.values

    @cached_property
    def owners(self) -> Ints:
        """The text of each word."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @cached_property
    def places(self) -> Ints:
        """The first byte of each word in the buffer."""
        return self.buffer.offsets[self.owners] + self.features.starts

    @cached_property
    def sizes(self) -> Ints:
        """Bytes of each word."""
        return (self.features.ends - self.features.starts).astype(np.int64)

    @cached_property
    def is_number(self) -> Flags:
        """Whether a word begins with an ASCII digit."""
        return self._first - np.uint8(0x30) < 10

    @cached_property
    def is_figure(self) -> Flags:
        """Whether a word is a number, in digits or spelled out."""
        return self.is_number | np.isin(self.hashes, _spelled())

    @cached_property
    def is_name(self) -> Flags:
        """Whether a word begins with an ASCII capital and is rare enough to name something."""
        return (self._first - np.uint8(0x41) < 26) & (self.surprise >= 16 * _NAME_BITS)

    @cached_property
    def is_symbol(self) -> Flags:
        """Whether a word stands alone, or before a point, in angle brackets: the symbol of a share, as wires write it."""
        padded = np.concatenate((self.buffer.data, np.zeros(1, np.uint8)))
        after = padded[np.minimum(self.places + self.sizes, len(self.buffer.data))]
        return (padded[self.places - 1] == ord("<")) & np.isin(after, (ord(">"), ord(".")))

    @cached_property
    def is_story(self) -> Flags:
        """Whether a word stands in the story itself, not in its zones."""
        starts = np.array([zone.start for zone in self.zones], np.int64)
        ends = np.array([zone.end for zone in self.zones], np.int64)
        letters = self.letter_of(self.places) - self.letter_of(self.buffer.offsets[:-1])[self.owners]
        return (letters >= starts[self.owners]) & (letters < ends[self.owners])

    @cached_property
    def surprise(self) -> Ints:
        """The weight of each word by how often it occurs."""
        return self.rarity.weigh(self.hashes).astype(np.int64)

    @cached_property
    def weights(self) -> Ints:
        """The weight of each word: of its surprise, a tenth where it stands in no rare shingle, nothing in zones."""
        weights = np.where(self.is_rare, self.surprise, np.rint(self.surprise * COMMON_SHARE))
        return np.where(self.is_story, np.maximum(weights, 1), 0).astype(np.int64)

    @cached_property
    def totals(self) -> Ints:
        """Sum of the weights before each word, and after the last."""
        return np.concatenate(([0], np.cumsum(self.weights)))

    def letter_of(self, places: Ints) -> Ints:
        """Return how many characters of the buffer begin before some bytes."""
        return self._letters[places]

    @cached_property
    def _letters(self) -> Ints:
        first, last = self.buffer.offsets[0], self.buffer.offsets[-1]
        begins = (self.buffer.data[:last] & 0xC0) != 0x80
        begins[:first] = False
        return np.concatenate(([0], np.cumsum(begins)))

    @cached_property
    def _first(self) -> NDArray[np.uint8]:
        return self.buffer.data[self.places]

    @cached_property
    def is_rare(self) -> Flags:
        """Whether a word stands in a rare shingle."""
        offsets, shingles = self.kernels.shingle(self.hashes, self.offsets, N_SHINGLE)
        counts = np.diff(offsets)
        first = expand(self.offsets[:-1], counts)[self.rarity.is_rare(shingles)]
        ends = self.offsets[self.owners + 1]
        found = np.zeros(len(self.hashes), bool)
        for step in range(N_SHINGLE):
            words = first + step
            found[words[words < ends[first]]] = True
        return found

    def letters(self, words: Ints, width: int, *, at_end: bool = False) -> NDArray[np.uint8]:
        """Return the bytes of words as rows, ASCII letters in lower case, padded with zeros.

        Args:
            words: numbers of words.
            width: bytes of a row; longer words are cut.
            at_end: count from the last byte backwards.
        """
        column = np.arange(width)
        sizes = self.sizes[words][:, None]
        place = self.places[words][:, None] + (sizes - 1 - column if at_end else column)
        data = self.buffer.data[np.clip(place, 0, max(len(self.buffer.data) - 1, 0))]
        small = data + np.where(data - np.uint8(0x41) < 26, np.uint8(0x20), np.uint8(0))
        return np.where(column < sizes, small, np.uint8(0)).astype(np.uint8)

    def written(self, words: Ints) -> pa.Array:
        """Return words as the texts write them."""
        data = self.buffer.data.tobytes()
        pieces = zip(self.places[words].tolist(), self.sizes[words].tolist(), strict=True)
        return pa.array([data[at : at + size].decode("utf-8", "replace") for at, size in pieces], pa.string())


#: Bits of surprise from which a capitalised word names something.
_NAME_BITS = 4


def read_passages(texts: pa.Array, rarity: Rarity, *, engine: Engine = "auto", n_bytes: int = 0) -> Passages:
    """Return texts as passages."""
    return Passages(
        kernels=load_kernels(engine, n_bytes=n_bytes),
        buffer=pack_texts(texts),
        features=extract_features(texts, n_shingle=N_SHINGLE, engine=engine, n_bytes=n_bytes),
        texts=texts,
        rarity=rarity,
    )


@cache
def _spelled() -> NDArray[np.uint64]:
    return extract_features(sorted(SPELLED), n_shingle=1, engine="numpy").tokens.values


def expand(starts: Ints, counts: Ints) -> Ints:
    """Return start, start + 1, ... of each row, end to end."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + counts, counts)


def select(rows: Ragged, keep: Flags) -> Ragged:
    """Return the rows with some of their values only."""
    kept = np.concatenate(([0], np.cumsum(keep)))
    return Ragged(offsets=kept[rows.offsets], values=rows.values[keep])
