"""Synthetic articles for timing: invented words in phrases that recur, and a share of edited copies.

Texts are made batch by batch with numpy, so that a million of them cost less time than they cost to compare.
Every batch has its own random stream: the same batch number gives the same texts.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from newsds.texts import TEXTS_SCHEMA

BATCH = 10_000
#: Words of a text: the median; lengths are log-normal.
WORDS = 380
VOCABULARY = 40_000
#: Words that phrases are cut from; so many that real news and these texts have about as many phrases in common.
PHRASES = 4_000_000
#: Publishers that the texts of a file are dealt to.
PUBLISHERS = 400
START = 1_735_689_600_000_000
HOUR = 3_600_000_000


class Batch(NamedTuple):
    """One batch of texts."""

    texts: pa.Array
    #: Microseconds since 1970.
    times: np.ndarray
    #: Pairs of copies by number of the text within the batch, and the exact 5-gram Jaccard of each.
    pairs: np.ndarray
    jaccard: np.ndarray


def batches(n: int, *, first: int = 0, seed: int = 20240, copies: float = 0.25) -> Iterator[Batch]:
    """Yield `n` texts in batches, without the batches before that of text `first`.

    Copies follow their original within a batch.
    """
    words, phrases = _language(np.random.default_rng(seed))
    for number in range(first // BATCH, -(-n // BATCH)):
        start = number * BATCH
        draw = np.random.default_rng((seed, number))
        stories, parents = _tell(min(BATCH, n - start), draw, phrases, copies)
        yield _batch(stories, parents, start, draw, words)


def write_texts(path: Path, low: int, high: int, *, undated: bool = False) -> None:
    """Write the articles from one number to another as an Arrow stream with `newsds.texts.TEXTS_SCHEMA`.

    They have an identifier and a publisher besides, and a date unless they are `undated`.
    """
    first = low - low % BATCH
    with pa.ipc.new_stream(str(path), TEXTS_SCHEMA) as writer:
        for batch in batches(high, first=first):
            writer.write_batch(_name(batch, first, undated=undated))
            first += len(batch.texts)


def _name(batch: Batch, first: int, *, undated: bool) -> pa.RecordBatch:
    numbers = range(first, first + len(batch.texts))
    times = pa.nulls(len(numbers), pa.int64()) if undated else pa.array(batch.times, pa.int64())
    columns = {
        "id": pa.array([f"nds:{number:032x}" for number in numbers]),
        "text": batch.texts.cast(pa.string()),
        "published_at": times.cast(TEXTS_SCHEMA.field("published_at").type),
        "publisher": pa.array([f"publisher {number * 7919 % PUBLISHERS}" for number in numbers]),
    }
    arrays = [columns.get(name, pa.nulls(len(numbers), pa.string())) for name in TEXTS_SCHEMA.names]
    return pa.RecordBatch.from_arrays(arrays, schema=TEXTS_SCHEMA)


def _language(draw: np.random.Generator) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Return words as bytes with their offsets, and the stream of words that phrases are cut from."""
    onsets = [*"bcdfghjklmnprstvw", "br", "st", "tr"]
    syllables = [onset + vowel for onset in onsets for vowel in ("a", "e", "i", "o", "u", "ai", "ou")]
    drawn = zip(draw.integers(1, 5, 2 * VOCABULARY), draw.choice(syllables, (2 * VOCABULARY, 4)), strict=True)
    names = {"".join(parts[:size]) for size, parts in drawn}
    listed = sorted(sorted(names), key=len)[:VOCABULARY]
    encoded = [f"{name} ".encode() for name in draw.permutation(listed)]
    offsets = np.concatenate(([0], np.cumsum([len(word) for word in encoded])))
    ranks = np.minimum((len(encoded) ** draw.random(PHRASES)).astype(np.int64), len(encoded) - 1)
    return (np.frombuffer(b"".join(encoded), np.uint8), offsets), ranks


def _tell(n: int, draw: np.random.Generator, phrases: np.ndarray, copies: float):
    """Return stories, and of each the number of the one it copies or -1."""
    numbers = np.arange(n)
    parents = np.where(draw.random(n) < copies, draw.integers(np.maximum(numbers - 400, 0), numbers + 1), -1)
    parents[parents == numbers] = -1
    stories = _compose(n, draw, phrases)
    for at in np.flatnonzero(parents >= 0).tolist():
        stories[at] = _edit(stories[parents[at]], draw)
    return stories, parents


def _batch(stories, parents, first, draw, words) -> Batch:
    n = len(stories)
    texts = _spell(stories, words)
    times = START + (np.arange(first, first + n) * 2 + draw.integers(0, 30, n)) * (HOUR // 60)
    pairs = np.stack((parents[parents >= 0], np.flatnonzero(parents >= 0)), axis=1)
    jaccard = np.array([_jaccard(stories[a], stories[b]) for a, b in pairs.tolist()])
    return Batch(texts, times, pairs, jaccard)


def _compose(n: int, draw: np.random.Generator, phrases: np.ndarray) -> list[np.ndarray]:
    """Return the words of stories: phrases of seven words on average, cut anywhere."""
    sizes = np.clip(draw.lognormal(np.log(WORDS), 0.5, n), 40, 4000).astype(np.int64)
    runs = 1 + draw.geometric(1 / 6, int(sizes.sum()) // 6 + 64)
    ends = np.cumsum(runs)
    starts = draw.integers(0, len(phrases) - 64, len(runs))
    places = np.minimum(np.arange(ends[-1]) + np.repeat(starts - ends + runs, runs), len(phrases) - 1)
    return np.split(np.resize(phrases[places], int(sizes.sum())), np.cumsum(sizes)[:-1])


def _edit(story: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Return a copy with a publisher's words round it, a part cut and some words changed."""
    cut = int(len(story) * draw.choice([0, 0.08, 0.2, 0.35]))
    copy = np.concatenate(
        (story[:-cut] if cut else story, draw.integers(0, VOCABULARY // 2, draw.integers(0, 12)))
    )
    changed = np.flatnonzero(draw.random(len(copy)) < draw.choice([0, 0.01, 0.03, 0.08]))
    copy[changed] = draw.integers(0, VOCABULARY // 2, len(changed))
    return copy


def _spell(stories: list[np.ndarray], words: tuple[np.ndarray, np.ndarray]) -> pa.Array:
    data, offsets = words
    stream = np.concatenate(stories)
    sizes = offsets[stream + 1] - offsets[stream]
    ends = np.cumsum(sizes)
    text = data[np.arange(ends[-1]) + np.repeat(offsets[stream] - ends + sizes, sizes)]
    bounds = np.concatenate(([0], ends[np.cumsum([len(story) for story in stories]) - 1]))
    buffers = [None, pa.py_buffer(bounds.astype(np.int64)), pa.py_buffer(text)]
    return pa.Array.from_buffers(pa.large_string(), len(stories), buffers)


def _jaccard(a: np.ndarray, b: np.ndarray) -> float:
    left, right = _grams(a), _grams(b)
    shared = len(np.intersect1d(left, right, assume_unique=True))
    return shared / (len(left) + len(right) - shared)


def _grams(story: np.ndarray) -> np.ndarray:
    grams = np.zeros(len(story) - 4, np.uint64)
    for k in range(5):
        grams = grams * np.uint64(0x9E3779B97F4A7C15) + story[k : len(story) - 4 + k].astype(np.uint64)
    grams.sort()
    return grams[np.concatenate(([True], grams[1:] != grams[:-1]))]
