"""The texts of a block of pairs as arrays: words in order, their places, weights and kinds."""

from dataclasses import dataclass
from functools import cache, cached_property
from types import ModuleType
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.dedup.amounts import ONE, SPELLED
from newsds.dedup.commonwords import expect
from newsds.dedup.features import Ragged, add_up, expand, extract_features
from newsds.dedup.hashing import Buffer, Engine, Hashes, load_kernels, pack_texts
from newsds.dedup.initials import CAPITAL, DIGIT, SMALL, UNCASED, classify_initials
from newsds.dedup.rarity import COMMON_SHARE, N_SHINGLE, PRIOR_TEXTS, Rarity
from newsds.dedup.zones import Zones, find_zones

__all__ = ["Passages", "may_be_among", "read_passages"]

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Passages:
    """Texts with their words end to end; a word is a number into all words."""

    kernels: ModuleType
    buffer: Buffer
    #: The hash of each word.
    tokens: Ragged
    #: Of each word, the byte of its text where it begins, and the byte after its last.
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    texts: pa.Array
    rarity: Rarity

    @cached_property
    def zones(self) -> tuple[Zones, ...]:
        """The zones of each text."""
        return tuple(find_zones(text or "") for text in self.texts.to_pylist())

    @property
    def offsets(self) -> Ints:
        """Where the words of each text begin, and the end of the last."""
        return self.tokens.offsets

    @property
    def hashes(self) -> Hashes:
        """The hash of each word."""
        return self.tokens.values

    @cached_property
    def places(self) -> Ints:
        """The first byte of each word in the buffer."""
        return np.repeat(self.buffer.offsets[:-1], np.diff(self.offsets)) + self.starts

    @cached_property
    def sizes(self) -> Ints:
        """Bytes of each word."""
        return np.subtract(self.ends, self.starts, dtype=np.int64)

    @cached_property
    def initials(self) -> NDArray[np.uint8]:
        """The kind of the first character of each word."""
        return classify_initials(self.buffer.data, self.places)

    @cached_property
    def is_number(self) -> Flags:
        """Whether a word begins with a digit."""
        return self.initials == DIGIT

    def are_figures(self, words: Ints) -> Flags:
        """Tell which words are numbers, in digits or spelled out."""
        return self.is_number[words] | are_among(self.hashes[words], _hashes_of(tuple(SPELLED)))

    def are_ones(self, words: Ints) -> Flags:
        """Tell which words are one, spelled out, or an article."""
        return are_among(self.hashes[words], _hashes_of(ONE))

    @cached_property
    def is_name(self) -> Flags:
        """Whether a word begins with a capital and is rare enough to name something."""
        is_capital, is_small = self.initials == CAPITAL, self.initials == SMALL
        n_capital, n_small = (np.diff(add_up(flags)[self.offsets]) for flags in (is_capital, is_small))
        # Where everything is in capitals, they say nothing.
        bits = np.where(n_small * _CASED < n_capital, _SHOUTED_BITS, _NAME_BITS)
        return is_capital & (self.surprise >= 16 * np.repeat(bits, np.diff(self.offsets)))

    @cached_property
    def may_name(self) -> Flags:
        """Whether a word of a script without capitals is so rare that it may name something."""
        return (self.initials >= UNCASED) & (self.surprise >= 16 * _UNCASED_NAME_BITS)

    def are_symbols(self, words: Ints) -> Flags:
        """Tell which words stand alone, or before a point, in angle brackets: the symbol of a share, as wires write it."""
        before, after = self._byte(self.places[words] - 1), self._byte(self.places[words] + self.sizes[words])
        return (before == ord("<")) & ((after == ord(">")) | (after == ord(".")))

    def _byte(self, places: Ints) -> NDArray[np.uint8]:
        """Return bytes of the buffer, 0 outside of it."""
        data = self.buffer.data
        inside = (places >= 0) & (places < len(data))
        return np.where(inside, data[np.clip(places, 0, len(data) - 1)], np.uint8(0))

    @cached_property
    def stories(self) -> Ints:
        """The first word of the story of each text, and the word after its last, without zones: two columns."""
        bounds = np.array([zone.bounds for zone in self.zones], np.int64).reshape(-1, 2)
        return np.searchsorted(self.places, self.buffer.offsets[:-1, None] + bounds)

    @cached_property
    def is_story(self) -> Flags:
        """Whether a word stands in the story itself, not in its zones or a tag."""
        runs = np.diff(np.concatenate(([0], self.stories.reshape(-1), [len(self.places)])))
        is_story = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
        for text, zone in enumerate(self.zones):
            if zone.markup:
                tags = self.buffer.offsets[text] + np.array(zone.markup, np.int64)
                is_story[_within(self.places, tags)] = False
        return is_story

    @cached_property
    def surprise(self) -> NDArray[np.uint32]:
        """The weight of each word by how often it occurs."""
        return self.weigh(self.hashes)

    @cached_property
    def totals(self) -> Ints:
        """Sum of the weights before each word, and after the last.

        A word weighs as much as it surprises, a tenth of that where it stands in no rare shingle, nothing in zones.
        """
        lessened = np.rint(np.arange(self.rarity.weights[0] + 1) * COMMON_SHARE).astype(np.uint32)
        return self.kernels.tallies.add_weights(self.surprise, self.is_rare, self.is_story, lessened)

    @cached_property
    def n_of_story(self) -> Ints:
        """Number of words of stories before each word and after the last."""
        return add_up(self.is_story)

    @cached_property
    def telling(self) -> Ints:
        """Number of words of stories, in rare shingles, before each word and after the last."""
        return add_up(self.is_story & self.is_rare)

    def letter_of(self, places: Ints) -> Ints:
        """Return how many characters of the buffer begin before some bytes."""
        return places - np.searchsorted(self._continuations, places)

    @cached_property
    def _continuations(self) -> Ints:
        """The bytes that do not begin a character."""
        return np.flatnonzero((self.buffer.data & 0xC0) == 0x80)

    @cached_property
    def is_rare(self) -> Flags:
        """Whether a word stands in a rare shingle."""
        return self.kernels.mark_rare(
            self.hashes, self.offsets, N_SHINGLE, self.rarity.shingles, self.rarity.most
        )

    def weigh(self, words: Hashes) -> NDArray[np.uint32]:
        """Return the weight of words: sixteenths of a bit of surprise, at least 1."""
        rarity = self.rarity
        return self.kernels.tallies.weigh(words, rarity.words, expect(PRIOR_TEXTS), rarity.weights)

    def pick(self, keep: Flags) -> Ragged:
        """Return the different ones of some words of each text, in any order."""
        offsets, values = self.kernels.tallies.pick(self.hashes, self.offsets, keep)
        return Ragged(offsets=offsets, values=values)

    def written(self, words: Ints) -> pa.Array:
        """Return words as the texts write them."""
        data = self.buffer.data.data
        pieces = zip(self.places[words].tolist(), self.sizes[words].tolist(), strict=True)
        return pa.array([str(data[at : at + size], "utf-8", "replace") for at, size in pieces], pa.string())


def are_among(hashes: Hashes, some: Hashes) -> Flags:
    """Tell which hashes are among some few."""
    found = may_be_among(hashes, some)
    found[found] = np.isin(hashes[found], some)
    return found


def may_be_among(hashes: Hashes, some: Hashes) -> Flags:
    """Tell which hashes may be among some, by their leading bits: a few that are not pass too."""
    known = np.zeros(1 << 16, bool)
    known[some >> np.uint64(48)] = True
    return known[hashes >> np.uint64(48)]


def _within(places: Ints, bounds: Ints) -> Ints:
    """Return which places, in order, lie between bounds, of which a row has the first and the one after the last."""
    starts, ends = np.searchsorted(places, bounds).T
    return expand(starts, ends - starts)


#: Bits of surprise from which a capitalised word names something.
_NAME_BITS = 4
#: The same where a text has less than one small word to so many capitalised ones.
_SHOUTED_BITS, _CASED = 10.5, 10
#: Bits from which a word of a script without capitals may.
_UNCASED_NAME_BITS = 7


def read_passages(texts: pa.Array, rarity: Rarity, *, engine: Engine = "auto", n_bytes: int = 0) -> Passages:
    """Return texts as passages."""
    kernels, buffer = load_kernels(engine, n_bytes=n_bytes), pack_texts(texts)
    offsets, hashes, starts, ends = kernels.tokenise(*buffer)
    tokens = Ragged(offsets=offsets, values=hashes)
    return Passages(
        kernels=kernels, buffer=buffer, tokens=tokens, starts=starts, ends=ends, texts=texts, rarity=rarity
    )


@cache
def _hashes_of(words: tuple[str, ...]) -> Hashes:
    """Return the hashes of words."""
    return extract_features(words, n_shingle=1, engine="numpy").tokens.values
