"""What becomes of rare phrases when the table in which they are counted is crowded, as it is beyond a million articles.

    python benchmarks/dedup/crowding.py [-n 10000]

Articles of one unknown publisher, a tenth of which end in one of twenty standing sentences, are counted in smaller and
smaller tables: `load` is the number of different phrases of three words for each place. Of all occurrences of phrases,
`lost` is the share of rare ones that pass for common, and `missed` the share of common ones that pass for rare, beside a
table that is large enough; `copies` is the share of planted copies (5-gram Jaccard 0.7 and above) that are
joined. `raw` is how it would be if nothing were taken off for what others add to a place.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from articles import START, batches

from newsds.dedup.candidates import Sketches
from newsds.dedup.corpus import Corpus, gather
from newsds.dedup.hashing import load_kernels
from newsds.dedup.matching import match
from newsds.dedup.parameters import Parameters
from newsds.dedup.rarity import N_SHINGLE, RARE, Rarity, count_occurrences
from newsds.dedup.tallies_numpy import are_rare
from newsds.texts import TEXTS_SCHEMA

LARGE = 27
#: Times as far apart as the articles are made: many days, and copies that are still within a week.
STRETCH = 12
SENTENCES = [
    f" Sign up for letter {n} of the evening desk and read all that matters in it." for n in range(20)
]


@dataclass(frozen=True, kw_only=True)
class Raw(Rarity):
    """Counts as they stand."""

    @cached_property
    def most(self) -> int:
        """The same for every table."""
        return RARE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("-n", type=int, default=10_000, help="articles")
    parser.add_argument("--workers", type=int, default=2, help="threads")
    arguments = parser.parse_args()
    made = list(batches(arguments.n))
    texts = pa.concat_arrays([batch.texts for batch in made]).to_pylist()
    texts = [text + SENTENCES[n // 10 % 20] * (n % 10 == 0) for n, text in enumerate(texts)]
    times = START + (np.concatenate([batch.times for batch in made]) - START) * STRETCH
    copies = _copies(made)
    phrases = _phrases(texts)
    names = ("places", "load", "most", "lost", "missed", "copies", "raw lost", "raw missed", "raw copies")
    print("".join(f"{name:>12}" for name in names))
    exact = _count(texts, times, LARGE, arguments.workers)
    is_rare = _are_rare(exact, phrases)
    size = int(np.log2(len(np.unique(phrases))))
    for bits in (LARGE, *range(size + 1, size - 6, -2)):
        counted = _count(texts, times, bits, arguments.workers)
        load = len(np.unique(phrases)) / (1 << bits)
        row = [f"2^{bits}", f"{load:.2f}", str(counted.most)]
        for rarity in (counted, Raw(words=counted.words, shingles=counted.shingles, n_texts=counted.n_texts)):
            seen = _are_rare(rarity, phrases)
            found = _share_joined(texts, times, rarity, copies, arguments.workers)
            row += [f"{share:.3f}" for share in ((~seen)[is_rare].mean(), seen[~is_rare].mean(), found)]
        print("".join(f"{cell:>12}" for cell in row), flush=True)


def _copies(made: list) -> np.ndarray:
    firsts = np.cumsum([0, *(len(batch.texts) for batch in made[:-1])])
    pairs = [batch.pairs[batch.jaccard >= 0.7] + first for batch, first in zip(made, firsts, strict=True)]
    return np.concatenate(pairs)


def _phrases(texts: list[str]) -> np.ndarray:
    with tempfile.TemporaryDirectory() as name, Sketches(Path(name)) as sketches:
        sketches.add(pa.array(texts, pa.large_string()))
        tokens = sketches.tokens.take(np.arange(len(texts)))
        return load_kernels().shingle(tokens.values, tokens.offsets, N_SHINGLE)[1]


def _are_rare(rarity: Rarity, phrases: np.ndarray) -> np.ndarray:
    return are_rare(rarity.shingles, phrases, rarity.most)


def _batches(texts: list[str], times: np.ndarray) -> Iterator[pa.RecordBatch]:
    nothing = pa.nulls(len(texts), pa.string())
    columns = {
        "id": pa.array([f"{n:09}" for n in range(len(texts))]),
        "text": pa.array(texts),
        "published_at": pa.array(times, pa.int64()).cast(TEXTS_SCHEMA.field("published_at").type),
    }
    arrays = [columns.get(name, nothing) for name in TEXTS_SCHEMA.names]
    yield pa.RecordBatch.from_arrays(arrays, schema=TEXTS_SCHEMA)


def _gather(texts: list[str], times: np.ndarray, folder: Path, sketches: Sketches) -> Corpus:
    return gather(_batches(texts, times), folder, watch=sketches.add)


def _count(texts: list[str], times: np.ndarray, bits: int, workers: int) -> Rarity:
    with tempfile.TemporaryDirectory() as name, Sketches(Path(name), workers=workers) as sketches:
        corpus = _gather(texts, times, Path(name), sketches)
        return count_occurrences(corpus, sketches, bits=(24, bits), workers=workers)


def _share_joined(
    texts: list[str], times: np.ndarray, rarity: Rarity, copies: np.ndarray, workers: int
) -> float:
    with tempfile.TemporaryDirectory() as name, Sketches(Path(name), workers=workers) as sketches:
        corpus = _gather(texts, times, Path(name), sketches)
        clusters = match(corpus, sketches, Parameters(), workers=workers, rarity=rarity).clusters
    cluster = np.array(clusters["cluster_id"].to_pylist())
    return float((cluster[copies[:, 0]] == cluster[copies[:, 1]]).mean())


if __name__ == "__main__":
    main()
