"""Pairs that were compared: oriented in time, with their evidence and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.dedup.candidates import NO_TIME, Sketches, map_in_order
from newsds.dedup.corpus import Corpus
from newsds.dedup.evidence import Evidence, measure
from newsds.dedup.features import Ragged
from newsds.dedup.hashing import Engine, load_kernels
from newsds.dedup.headlines import compare_headlines
from newsds.dedup.parameters import Parameters
from newsds.dedup.passages import Passages, read_passages
from newsds.dedup.rarity import N_SHINGLE, Rarity, count_occurrences
from newsds.dedup.relations import BRIEF, BULLETIN, KINDS, SAME_ARTICLE, Circumstances, decide
from newsds.dedup.revisions import find_headline_mark, find_headline_number
from newsds.dedup.zones import EDGE, find_headline
from newsds.text import normalise_text

__all__ = ["Comparer", "Versions"]

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
#: Headlines that texts begin with, None of a text that begins with none; or None if they are not known.
Titles: TypeAlias = Sequence[str | None] | None

#: Share of the aligned words that differ by a letter from which a text is misread.
MISREAD = 0.05
#: Pairs that are compared at a time.
_BLOCK = 1024
#: Pairs that are sifted at a time: the shingles of their texts are in memory.
_SIFTED = 1 << 17
#: Words from which texts are sifted by a sample of their shingles, one in so many.
_LONG, _EVERY = 240, 4
#: Rare shingles that two texts must share to be aligned, and their share of those of the text with fewer.
_MIN_SHARED, _MIN_SHARE = 3, 0.2


@dataclass(frozen=True, kw_only=True)
class Versions:
    """Compared pairs: `a` is the earlier text."""

    a: Ints
    b: Ints
    evidence: Evidence
    kinds: Ints
    rules: Ints
    #: What both say of their version, places in `newsds.dedup.revisions.MARKS`.
    marks: Ints
    #: The numbers of both versions, 0 if none.
    numbers: Ints
    hours: Floats

    def __len__(self) -> int:
        return len(self.a)

    @classmethod
    def concat(cls, parts: Sequence["Versions"]) -> "Versions":
        """Return several sets of pairs as one."""
        arrays = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in ("a", "b", "kinds", "rules", "marks", "numbers", "hours")
        }
        return cls(evidence=Evidence.concat([part.evidence for part in parts]), **arrays)

    def take(self, rows: Ints) -> "Versions":
        """Return some pairs, in the order given."""
        return Versions(
            a=self.a[rows],
            b=self.b[rows],
            evidence=self.evidence.take(rows),
            kinds=self.kinds[rows],
            rules=self.rules[rows],
            marks=self.marks[rows],
            numbers=self.numbers[rows],
            hours=self.hours[rows],
        )

    @property
    def pairs(self) -> Ints:
        """The positions of both texts of each pair: two columns."""
        return np.stack((self.a, self.b), 1)

    @property
    def is_same_article(self) -> Flags:
        """Whether the two are copies of the same article."""
        same = [KINDS.index(kind) for kind in sorted(SAME_ARTICLE)]
        return np.isin(self.kinds, same)

    @property
    def is_conflict(self) -> Flags:
        """Whether the two are related and no copies of each other.

        Texts of one number may both be copies of a third, though they are too unlike, or too late, for copies of each
        other: longer ones that differ in no fact, and those that are misread, of which nobody knows the facts.
        """
        evidence = self.evidence
        kinds = [KINDS.index(kind) for kind in ("update", "template_sibling", "digest")]
        may_be_open = np.isin(self.kinds, kinds) & (self.numbers[:, 0] == self.numbers[:, 1])
        differ = evidence.number_conflicts + evidence.name_conflicts + evidence.other_subjects > 0
        is_long = np.minimum(evidence.n_a, evidence.n_b) >= BULLETIN
        is_open = ~differ & is_long & (self.kinds != KINDS.index("digest"))
        is_open |= evidence.n_garbled >= MISREAD * evidence.n_aligned
        return (self.kinds > 0) & ~self.is_same_article & ~(may_be_open & is_open)

    @property
    def similarity(self) -> Floats:
        """The better of the two coverages, 0 to 1."""
        return np.maximum(self.evidence.coverage_a, self.evidence.coverage_b)


def _find_stages(headlines: Sequence[str | None]) -> tuple[Ints, Ints]:
    """Return the marks and the numbers of versions."""
    marks = [find_headline_mark(text) if text else 0 for text in headlines]
    numbers = [find_headline_number(text) if text else 0 for text in headlines]
    return np.array(marks, np.int64), np.array(numbers, np.int64)


def _cut(rows: Ints, size: int) -> list[Ints]:
    return [rows[at : at + size] for at in range(0, len(rows), size)] or [rows]


def _number(pairs: Ints, n: int) -> tuple[Ints, Ints]:
    """Return the positions in pairs, of `n` there are, each once in order, and the pairs as places in those."""
    is_in = np.zeros(n, bool)
    is_in[pairs.reshape(-1)] = True
    return np.flatnonzero(is_in), (np.cumsum(is_in) - 1)[pairs]


@dataclass(frozen=True, kw_only=True)
class Comparer:
    """Compares pairs of texts of a corpus, block by block."""

    corpus: Corpus
    sketches: Sketches
    rarity: Rarity
    text_hashes: NDArray[np.uint64]
    window_hours: float
    workers: int
    engine: Engine

    @classmethod
    def over(
        cls,
        corpus: Corpus,
        sketches: Sketches,
        parameters: Parameters,
        *,
        workers: int,
        engine: Engine,
        rarity: Rarity | None = None,
    ) -> "Comparer":
        """Return the comparer of a corpus: its words and shingles are counted first, unless `rarity` is given."""
        return cls(
            corpus=corpus,
            sketches=sketches,
            rarity=rarity or count_occurrences(corpus, sketches, engine=engine, workers=workers),
            text_hashes=sketches.text_hashes[corpus.arrivals],
            window_hours=parameters.window_hours,
            workers=workers,
            engine=engine,
        )

    def compare(self, pairs: Ints) -> Versions:
        """Return the pairs of positions with all that is known of them."""
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
        # Judged block by block: evidence of all pairs at once, turned round and put in order, would be in memory four times.
        parts = map_in_order(self._compare, _cut(pairs, _BLOCK), workers=self.workers)
        return Versions.concat(list(parts))

    def _compare(self, pairs: Ints) -> Versions:
        rows, local = _number(pairs, len(self.corpus))
        passages = self.read(rows)
        titles = [zone.headline for zone in passages.zones]
        return self._judge(pairs, measure(passages, local), titles)

    def sift(self, pairs: Ints) -> Ints:
        """Return the pairs that share enough rare shingles to be aligned."""
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
        n_words = self.sketches.tokens.counts()[self.corpus.arrivals]
        is_long = np.minimum(*n_words[pairs].T) >= _LONG
        kept = [
            part[self._share_enough(part, n_words, every=every)]
            for chosen, every in ((is_long, _EVERY), (~is_long, 1))
            for part in _cut(pairs[chosen], _SIFTED)
        ]
        return np.concatenate(kept)

    def _share_enough(self, pairs: Ints, n_words: Ints, *, every: int) -> Flags:
        """Tell which pairs share enough of one rare shingle in so many, chosen by its hash."""
        # By arrival, not by position: texts that came together are read at once.
        rows, local = _number(self.corpus.arrivals[pairs], len(n_words))
        tallies = load_kernels(self.engine, n_bytes=self.corpus.n_bytes).tallies
        picked = list(
            map_in_order(partial(self._pick, every=every), _cut(rows, _BLOCK), workers=self.workers)
        )
        values = np.concatenate([part.values for part in picked])
        sizes = np.concatenate([np.diff(part.offsets) for part in picked])
        del picked  # as much again
        offsets = np.concatenate(([0], np.cumsum(sizes)))
        least = np.ceil(_MIN_SHARE * np.minimum(*sizes[local].T)).astype(np.int64)
        least = np.maximum(least, np.where(np.minimum(*n_words[pairs].T) < BRIEF, 1, _MIN_SHARED))
        share_enough = partial(tallies.share_enough, values, offsets)
        parts = (_cut(of_pairs, 64 * _BLOCK) for of_pairs in (local, least))
        return np.concatenate(list(map_in_order(share_enough, *parts, workers=self.workers)))

    def _pick(self, rows: Ints, *, every: int) -> Ragged:
        """Return the different rare shingles of texts, given by their places of arrival, one in so many."""
        kernels = load_kernels(self.engine, n_bytes=self.corpus.n_bytes)
        tokens = self.sketches.tokens.take(rows)
        offsets, values = kernels.pick_rare(
            tokens.values, tokens.offsets, N_SHINGLE, every, self.rarity.shingles, self.rarity.most
        )
        return Ragged(offsets=offsets, values=values)

    def share(self, versions: Versions, pairs: Ints, rows: Ints) -> Versions:
        """Return pairs of other texts with the evidence of pairs whose texts are equal to theirs.

        Args:
            versions: compared pairs.
            pairs: positions of texts, the left equal to `a` and the right to `b` of the pair in `rows`.
            rows: places in `versions`.
        """
        return self._judge(pairs, versions.evidence.take(rows))

    def read(self, positions: Ints) -> Passages:
        """Return the texts at some positions."""
        return self._as_passages(self.corpus.texts(positions))

    def _as_passages(self, texts: pa.Array) -> Passages:
        return read_passages(texts, self.rarity, engine=self.engine, n_bytes=self.corpus.n_bytes)

    def _judge(self, pairs: Ints, evidence: Evidence, titles: Titles = None) -> Versions:
        rows, local = _number(pairs, len(self.corpus))
        headlines = self.read_headlines(rows, titles)
        turned = self._is_turned(pairs, evidence, [headlines[at] for at in local.reshape(-1)])
        evidence = evidence.swap(turned)
        a, b = np.where(turned, pairs[:, 1], pairs[:, 0]), np.where(turned, pairs[:, 0], pairs[:, 1])
        circumstances = self.circumstances(a, b, evidence, headlines)
        kinds, rules = decide(evidence, circumstances)
        equal = (self.text_hashes[a] == self.text_hashes[b]) & (self.text_hashes[a] != 0)
        is_exact = equal & np.isin(kinds, [KINDS.index("republication"), KINDS.index("correction")])
        is_exact[is_exact] = self._are_identical(np.stack((a, b), 1)[is_exact])
        return Versions(
            a=a,
            b=b,
            evidence=evidence,
            kinds=np.where(is_exact, KINDS.index("exact"), kinds),
            rules=rules,
            marks=np.stack((circumstances.mark_a, circumstances.mark_b), 1),
            numbers=np.stack((circumstances.number_a, circumstances.number_b), 1),
            hours=circumstances.hours,
        )

    def circumstances(self, a: Ints, b: Ints, evidence: Evidence, headlines: Titles = None) -> Circumstances:
        """Return what is known of pairs besides their texts.

        Args:
            a: positions of the earlier texts.
            b: positions of the later texts.
            evidence: of their pairs.
            headlines: of each of the texts, in the order of their positions; they are read if they are not given.
        """
        rows, local = _number(np.stack((a, b), 1), len(self.corpus))
        is_title = self.corpus.columns["headline"].take(pa.array(rows)).is_null().to_numpy()[local]
        headlines = self.read_headlines(rows) if headlines is None else headlines
        marks, numbers = (stages[local] for stages in _find_stages(headlines))
        alike = compare_headlines(headlines, self._as_passages, local)
        return Circumstances(
            hours=self._hours(a, b),
            mark_a=np.maximum(marks[:, 0], evidence.mark_a),
            mark_b=np.maximum(marks[:, 1], evidence.mark_b),
            number_a=numbers[:, 0],
            number_b=numbers[:, 1],
            headline=alike.share,
            titles_differ=alike.differ & is_title.all(1),
            window_hours=self.window_hours,
        )

    def _are_identical(self, pairs: Ints) -> Flags:
        """Tell which texts are the same but for white space and the form of their characters."""
        rows, local = np.unique(pairs, return_inverse=True)
        texts = [" ".join(normalise_text(text).split()) for text in self.corpus.texts(rows).to_pylist()]
        local = local.reshape(pairs.shape)
        return np.fromiter((texts[a] == texts[b] for a, b in local), np.bool_, len(pairs))

    def _is_turned(self, pairs: Ints, evidence: Evidence, headlines: Sequence[str | None]) -> Flags:
        """Tell where the right text comes first: earlier; or without a mark, or from the agency itself, or longer.

        Positions break the tie.

        Args:
            pairs: two columns of positions.
            evidence: of the pairs.
            headlines: of both texts of each pair in turn.
        """
        left, right = self.corpus.times[pairs[:, 0]], self.corpus.times[pairs[:, 1]]
        dated = (left != NO_TIME) & (right != NO_TIME)
        marks, numbers = (stages.reshape(-1, 2) for stages in _find_stages(headlines))
        marks = np.maximum(marks, np.stack((evidence.mark_a, evidence.mark_b), 1))
        n_words = np.stack((evidence.n_a, evidence.n_b), 1)
        turned = np.zeros(len(pairs), bool)
        for key in (-n_words, ~self.corpus.is_original[pairs], numbers, marks):
            turned = np.where(key[:, 0] == key[:, 1], turned, key[:, 0] > key[:, 1])
        return np.where(dated & (left != right), left > right, turned)

    def _hours(self, a: Ints, b: Ints) -> Floats:
        start, end = self.corpus.times[a], self.corpus.times[b]
        dated = (start != NO_TIME) & (end != NO_TIME)
        return np.where(dated, np.where(dated, end - start, 0) / 3.6e9, np.nan)

    def read_headlines(self, positions: Ints, titles: Titles = None) -> list[str | None]:
        """Return the headlines at some positions; where none is given, the line a text begins with if it is one.

        Args:
            positions: of the texts.
            titles: the lines they begin with, if these are known.
        """
        headlines: list[str | None] = self.corpus.columns["headline"].take(pa.array(positions)).to_pylist()
        if titles is not None:
            return [
                title if headline is None else headline
                for headline, title in zip(headlines, titles, strict=True)
            ]
        unknown = [at for at, headline in enumerate(headlines) if headline is None]
        heads = self.corpus.heads(positions[np.array(unknown, np.int64)], EDGE)
        for at, text in zip(unknown, heads, strict=True):
            headlines[at] = find_headline(text)
        return headlines
