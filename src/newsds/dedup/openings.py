"""What two stories begin with: how much of a lead is kept, and whether the names there are the same."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.alignment import Alignment, per_pair
from newsds.dedup.facing_numpy import MAX_GAP
from newsds.dedup.features import add_up, expand
from newsds.dedup.initials import PAIRED
from newsds.dedup.passages import Passages, may_be_among

__all__ = ["compare_leads", "count_other_subjects"]

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

#: Words at the head of a text, without those that the publisher repeats, that are its lead.
LEAD_WORDS = 30
#: Names that a lead must have for itself before they count.
STRANGE_NAMES = 2
#: Words of the story that say who it is about.
SUBJECT_WORDS = 10
#: Bits of surprise of a name that says so; a form begins with capitals that are less.
SUBJECT_BITS = 6
#: Pairs of characters that weigh as much as a word, and that two names of a few characters differ in.
PAIRS_OF_A_NAME = 3


def compare_leads(passages: Passages, pairs: Ints, alignment: Alignment) -> tuple[Floats, Floats]:
    """Return the share of the lead of the longer story that is aligned, and the smaller share of names that are not.

    Args:
        passages: the texts.
        pairs: two columns of text numbers.
        alignment: of the pairs.
    """
    leads = [_find_leads(passages, pairs, side) for side in (0, 1)]
    return _lead(passages, pairs, alignment, leads), _strange_names(passages, alignment, leads)


def count_other_subjects(passages: Passages, pairs: Ints, alignment: Alignment) -> Ints:
    """Return how many names each story begins with that the other has nowhere, the smaller of the two numbers."""
    return _cased_subjects(passages, pairs, alignment) + _uncased_subjects(passages, pairs, alignment)


def _find_leads(passages: Passages, pairs: Ints, side: int) -> Ints:
    """Return the first word of the lead of one text of each pair, and the word after its last: two rows."""
    # What a publisher sets before every text is common; the lead begins with the first words that are not.
    telling = passages.telling
    rows = pairs[:, side]
    first, end = passages.offsets[rows], passages.offsets[rows + 1]
    low = np.clip(np.searchsorted(telling, telling[first], side="right") - 1, first, end)
    # A text shorter than a lead cannot keep the whole of one.
    size = np.minimum(
        np.minimum(*(telling[passages.offsets[1:]] - telling[passages.offsets[:-1]])[pairs].T), LEAD_WORDS
    )
    return np.stack((low, np.clip(np.searchsorted(telling, telling[low] + size), low, end)))


def _lead(passages: Passages, pairs: Ints, alignment: Alignment, leads: list[Ints]) -> Floats:
    """Return the share of the lead of the longer story that is aligned."""
    n = np.diff(passages.offsets)
    is_right = n[pairs[:, 1]] > n[pairs[:, 0]]
    left, right = (_of_lead(alignment, side, leads[side], passages.totals) for side in (0, 1))
    got, whole = np.where(is_right, right, left)
    return got / np.maximum(whole, 1)


def _strange_names(passages: Passages, alignment: Alignment, leads: list[Ints]) -> Floats:
    names = add_up(passages.is_name & passages.is_story)
    shares = []
    for side in (0, 1):
        got, whole = _of_lead(alignment, side, leads[side], names)
        shares.append(np.where(whole - got >= STRANGE_NAMES, (whole - got) / np.maximum(whole, 1), 0.0))
    return np.minimum(*shares)


def _of_lead(alignment: Alignment, side: int, leads: Ints, totals: Ints) -> Ints:
    """Return how much of the lead of one text of each pair is aligned, and how much there is, by running totals."""
    low, high = leads
    pair, first = alignment.pair_of_run, alignment.runs[:, side]
    start = np.maximum(first, low[pair])
    end = np.maximum(np.minimum(first + alignment.runs[:, 2], high[pair]), start)
    got = per_pair(pair, len(low), totals[end] - totals[start])
    of, word = alignment.garbled[:, 0], alignment.garbled[:, 1 + side]
    inside = (word >= low[of]) & (word < high[of])
    of, word = of[inside], word[inside]
    got += per_pair(of, len(low), totals[word + 1] - totals[word])
    return np.stack((got, totals[high] - totals[low]))


def _cased_subjects(passages: Passages, pairs: Ints, alignment: Alignment) -> Ints:
    """Return how many names each text begins with that the other has nowhere, not even misread; the smaller number."""
    n_first = np.minimum(np.diff(passages.stories, axis=1)[:, 0], SUBJECT_WORDS)
    first = expand(passages.stories[:, 0], n_first)
    first = first[
        (passages.is_name & passages.is_story)[first] & (passages.surprise[first] >= 16 * SUBJECT_BITS)
    ]
    is_subject = np.zeros(len(passages.hashes), bool)
    # A symbol is not a name: one company has several.
    is_subject[first[~passages.are_symbols(first)]] = True
    subjects = passages.pick(is_subject)
    words = passages.pick(may_be_among(passages.hashes, subjects.values))
    both = np.concatenate((subjects.values, words.values))
    offsets = np.concatenate((subjects.offsets, words.offsets[1:] + subjects.offsets[-1]))
    n, ones, garbled = np.diff(subjects.offsets), np.ones(len(both), np.uint32), alignment.garbled
    found = []
    for side in (0, 1):
        across = np.stack((pairs[:, side], pairs[:, 1 - side] + len(n)), 1)
        shared, _ = passages.kernels.tallies.share(both, offsets, ones, across)
        misread = is_subject[garbled[:, 1 + side]]
        found.append(n[pairs[:, side]] - shared - per_pair(garbled[misread, 0], len(pairs)))
    return np.minimum(*found)


def _uncased_subjects(passages: Passages, pairs: Ints, alignment: Alignment) -> Ints:
    """Return the same for words without capitals: those that may be names, in a stretch where the texts differ.

    The beginning of a story that was written anew is no such stretch: it is longer than a name, or faces nothing.
    """
    gaps = alignment.gaps
    sizes = gaps[:, 1:4:2] - gaps[:, 0:4:2]
    paired = add_up(passages.initials == PAIRED)
    n_paired = paired[gaps[:, 1:4:2]] - paired[gaps[:, 0:4:2]]
    n_words = sizes - n_paired + n_paired // PAIRS_OF_A_NAME
    gaps = gaps[(np.minimum(*sizes.T) > 0) & (np.maximum(*n_words.T) <= MAX_GAP)]
    own = [_own_words(passages, gaps[:, [4, 2 * side, 2 * side + 1]], pairs, side) for side in (0, 1)]
    return np.minimum(*own)


def _own_words(passages: Passages, stretches: Ints, pairs: Ints, side: int) -> Ints:
    """Return how many words that may be names one text of each pair has for itself in stretches at its beginning.

    Args:
        passages: the texts.
        stretches: pair, first word, word after the last.
        pairs: two columns of text numbers.
        side: 0 for the left texts, 1 for the right ones.
    """
    pair, first, end = stretches.T
    words = expand(first, end - first)
    pair = np.repeat(pair, end - first)
    is_paired = passages.initials[words] == PAIRED
    place = words - passages.stories[pairs[pair, side], 0]
    begins = (place >= 0) & (place < SUBJECT_WORDS * np.where(is_paired, 2, 1))
    chosen = begins & passages.may_name[words] & passages.is_rare[words]
    words, pair, is_paired = words[chosen], pair[chosen], is_paired[chosen]
    alone = ~_stand_in(passages, words, pairs[pair, 1 - side])
    # One other character makes two other pairs, and no other name.
    n_paired = per_pair(pair[alone & is_paired], len(pairs))
    return per_pair(pair[alone & ~is_paired], len(pairs)) + n_paired // PAIRS_OF_A_NAME


def _stand_in(passages: Passages, words: Ints, texts: Ints) -> NDArray[np.bool_]:
    """Tell which words stand anywhere in texts, one for each."""
    chosen = np.unique(texts)
    low, high = passages.offsets[chosen], passages.offsets[chosen + 1]
    inside = expand(low, high - low)
    owners = np.repeat(chosen, high - low).astype(np.uint64)
    spread = np.uint64(0x9E3779B97F4A7C15)
    known = passages.hashes[inside] ^ owners * spread
    return np.isin(passages.hashes[words] ^ texts.astype(np.uint64) * spread, known)
