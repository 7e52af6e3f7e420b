"""One change of an index: what is added or taken out, what that touches, and the files that say so."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsds.dedup.candidates import Recipe, Sketches
from newsds.dedup.clusters import CLUSTERS_SCHEMA, Clusters
from newsds.dedup.components import components
from newsds.dedup.corpus import Corpus, gather
from newsds.dedup.matching import match
from newsds.dedup.parameters import Parameters
from newsds.dedup.rarity import Rarity, count_occurrences
from newsds.dedup.relations import SAME_ARTICLE
from newsds.dedup.versions import Comparer
from newsds.index.arrivals import Arrivals
from newsds.index.commonness import BITS, add_counts, no_counts, write_counts
from newsds.index.manifest import Manifest
from newsds.index.names import keep_names
from newsds.index.partners import Wanted, find_partners
from newsds.index.segments import (
    ARTICLES_SCHEMA,
    LINKS_SCHEMA,
    Found,
    State,
    merge_segments,
    write_segment,
)
from newsds.index.shards import NewTexts, SketchFile, read_near, read_texts, rewrite_shards, write_shards
from newsds.memory import give_back

__all__ = ["News", "Revision", "make_cluster_keys", "subfolder"]

Hashes: TypeAlias = NDArray[np.uint64]
Ints: TypeAlias = NDArray[np.int64]

_NONE = np.empty(0, np.int64)
#: Bytes of each kind of array of sketches that stay in memory: two sets of sketches may be open at once.
_ROOM = 1 << 25
#: Of sketches from which no candidates are made.
_WORDS_ALONE = Recipe(n_bands=1, n_rows=1, anchor_every=0)
#: Pairs that are sifted together.
_SIFTED = 1 << 17


@dataclass(frozen=True, kw_only=True)
class News:
    """The texts of a release that an index does not have."""

    corpus: Corpus
    sketches: Sketches
    kept: SketchFile
    arrivals: Arrivals


@dataclass(frozen=True, kw_only=True)
class Looked:
    """Articles that are looked at: new ones, and known ones that may be in their clusters."""

    ids: pa.Array
    numbers: Ints
    keys: Hashes
    digests: Hashes
    #: Microseconds since 1970, `NO_TIME` if not known.
    times: Ints
    #: Article to the cluster it was in.
    before: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One change of an index."""

    state: State
    parameters: Parameters
    workers: int
    work: Path

    @property
    def generation(self) -> int:
        """The number of the change."""
        return self.state.manifest.generation + 1

    def add(self, new: News) -> Manifest:
        """Write the files of the index with texts added; return what is in force then."""
        folder, manifest = self.state.folder, self.state.manifest
        gone, first = new.arrivals.changed, manifest.next_article
        counted, rarity = self._count(new)
        texts = NewTexts(
            corpus=new.corpus,
            text_hashes=new.sketches.text_hashes,
            sketches=new.kept,
            recipe=new.sketches.recipe,
            first=first,
        )
        written = write_shards(folder, self.generation, texts)
        manifest = replace(
            manifest, next_article=first + len(new.corpus), shards=(*manifest.shards, *written)
        )
        give_back()
        near = self._near(new, manifest, rarity)
        looked = self._looked(new, near)
        if len(self.state.articles.numbers):
            clusters = self._match(manifest, looked.numbers, rarity)
        else:
            clusters = match(new.corpus, new.sketches, self.parameters, workers=self.workers, rarity=rarity)
        del rarity  # the tables are about to be in memory twice
        give_back()
        segment = write_segment(folder, self.generation, self._found(clusters, looked, gone))
        segment = replace(segment, **counted)
        manifest = replace(
            manifest,
            next_relation=manifest.next_relation + len(clusters.relations),
            segments=(*manifest.segments, segment),
        )
        return self._tidy(manifest)

    def remove(self, dropped: Ints) -> Manifest:
        """Write the files of the index without some articles, and without anything that was gone before."""
        manifest = self.state.manifest
        looked = self._looked(None, self._closure(_NONE, dropped))
        clusters = self._match(manifest, looked.numbers, self._with_known(no_counts()))
        segment = write_segment(self.state.folder, self.generation, self._found(clusters, looked, dropped))
        after = replace(
            manifest,
            generation=self.generation,
            next_relation=manifest.next_relation + len(clusters.relations),
            segments=(*manifest.segments, segment),
        )
        return self._tidy(after, everything=True)

    def sketch(self, name: str, kept: SketchFile | None = None, *, recipe: Recipe | None = None) -> Sketches:
        """Return a place for sketches."""
        return Sketches(
            subfolder(self.work, name),
            recipe=recipe or Recipe.for_window(self.parameters.window_hours),
            workers=self.workers,
            watch=kept.add if kept else None,
            room=_ROOM,
        )

    def _tidy(self, manifest: Manifest, *, everything: bool = False) -> Manifest:
        """Merge segments, and write shards again of which much is gone."""
        folder, after = self.state.folder, State(self.state.folder, manifest)
        shards = rewrite_shards(
            folder, self.generation, manifest.shards, after.gone, **({"waste": 0} if everything else {})
        )
        segments = merge_segments(after, self.generation, everything=everything)
        return replace(manifest, shards=tuple(shards), segments=segments)

    def _count(self, new: News) -> tuple[dict[str, Any], Rarity]:
        """Write how often words and shingles occur in new texts.

        Returns:
            What a segment says of it, and the counts of the whole index.
        """
        counts = count_occurrences(new.corpus, new.sketches, bits=BITS, workers=self.workers)
        name = f"rarity-{self.generation:06}.parquet"
        write_counts(counts, self.state.folder / name)
        return {"rarity": name, "n_texts": counts.n_texts}, self._with_known(counts)

    def _with_known(self, rarity: Rarity) -> Rarity:
        segments = self.state.manifest.segments
        return add_counts(
            rarity, ((self.state.folder / one.rarity, one.n_texts) for one in segments if one.rarity)
        )

    def _near(self, new: News, manifest: Manifest, rarity: Rarity) -> Ints:
        """Return the numbers of known articles whose clusters may change."""
        if not len(self.state.articles.numbers):
            return _NONE
        gone, pairs = new.arrivals.changed, self._pairs(new)
        give_back()
        return self._closure(self._sift(pairs, manifest, rarity), gone)

    def _pairs(self, new: News) -> Ints:
        """Return pairs worth comparing: numbers of new and of known articles."""
        corpus, gone = new.corpus, new.arrivals.changed
        arrived = np.argsort(corpus.arrivals)
        times = corpus.times[arrived]
        pairs = find_partners(
            new.sketches,
            read_near(
                self.state.folder,
                self.state.manifest.shards,
                Wanted(new.sketches, times),
                np.union1d(self.state.gone, gone),
            ),
            ids=corpus.columns["id"].combine_chunks().take(pa.array(arrived)),
            times=times,
            read_ids=self._read_ids,
        )
        return np.stack((self.state.manifest.next_article + arrived[pairs[:, 0]], pairs[:, 1]), 1)

    def _sift(self, pairs: Ints, manifest: Manifest, rarity: Rarity) -> Ints:
        """Return the known articles of those pairs that share enough of what is rare, or are equal."""
        numbers = np.unique(pairs)
        with self.sketch("near", recipe=_WORDS_ALONE) as sketches:
            texts = read_texts(self.state.folder, manifest.shards, numbers)
            corpus = gather(texts, subfolder(self.work, "texts-of-near"), watch=sketches.add)
            comparer = Comparer.over(
                corpus, sketches, self.parameters, workers=self.workers, engine="auto", rarity=rarity
            )
            # By the known one, so that each is looked at once however many new ones it meets.
            ordered = pairs[np.argsort(pairs[:, 1], kind="stable")]
            near = np.argsort(corpus.arrivals)[np.searchsorted(numbers, ordered)]
            hashes = comparer.text_hashes[near]
            parts = (near[at : at + _SIFTED] for at in range(0, len(near), _SIFTED))
            found = np.concatenate((near[hashes[:, 0] == hashes[:, 1]], *map(comparer.sift, parts)))
        known = numbers[corpus.arrivals[found]]
        return np.unique(known[known < self.state.manifest.next_article])

    def _read_ids(self, numbers: Ints) -> pa.Array:
        rows = self.state.find_numbers(numbers)
        return self.state.read_articles(rows, ["article_id"])["article_id"].combine_chunks()

    def _closure(self, partners: Ints, gone: Ints) -> Ints:
        """Return the numbers of all articles that copies link to some, over any number of steps."""
        articles = self.state.articles
        touched = self.state.find_numbers(np.concatenate((partners, gone)))
        reached = np.isin(articles.components, articles.components[touched])
        numbers = articles.numbers[np.union1d(np.flatnonzero(reached), touched)]
        return np.setdiff1d(numbers, gone)

    def _looked(self, new: News | None, near: Ints) -> Looked:
        rows = self.state.find_numbers(near)
        known = self.state.read_articles(rows, ["article_id", "cluster_id"])
        articles = self.state.articles
        looked = Looked(
            ids=known["article_id"].combine_chunks(),
            numbers=near,
            keys=np.stack((articles.key_high[rows], articles.key_low[rows]), axis=1),
            digests=articles.digests[rows],
            times=articles.times[rows],
            before=dict(zip(known["article_id"].to_pylist(), known["cluster_id"].to_pylist(), strict=True)),
        )
        if new is None:
            return looked
        arrivals, first = new.corpus.arrivals, self.state.manifest.next_article
        return replace(
            looked,
            ids=pa.concat_arrays([looked.ids, new.corpus.columns["id"].combine_chunks()]),
            numbers=np.concatenate((near, first + np.arange(len(arrivals)))),
            keys=np.concatenate((looked.keys, new.arrivals.keys[arrivals])),
            digests=np.concatenate((looked.digests, new.arrivals.digests[arrivals])),
            times=np.concatenate((looked.times, new.corpus.times)),
        )

    def _match(self, manifest: Manifest, numbers: Ints, rarity: Rarity) -> Clusters:
        """Compare articles as if they were all there is but for what is common."""
        with self.sketch("both") as sketches:
            texts = read_texts(self.state.folder, manifest.shards, numbers)
            corpus = gather(texts, subfolder(self.work, "texts-of-both"), watch=sketches.add)
            return match(corpus, sketches, self.parameters, workers=self.workers, rarity=rarity)

    def _found(self, clusters: Clusters, looked: Looked, gone: Ints) -> Found:
        relations = self._link(clusters.relations, looked)
        return Found(
            articles=self._number(clusters.clusters, relations, looked),
            relations=relations,
            withdrawn=self._withdrawn(looked.numbers),
            gone=gone,
        )

    def _link(self, relations: pa.Table, looked: Looked) -> pa.Table:
        """Return relations with their numbers and those of their articles."""
        rows = [_places(relations[side], looked.ids) for side in ("a", "b")]
        first = self.state.manifest.next_relation
        columns = [
            pa.array(first + np.arange(len(relations))),
            *(pa.array(looked.numbers[places]) for places in rows),
            *relations.columns,
        ]
        return pa.Table.from_arrays(columns, schema=LINKS_SCHEMA)

    def _number(self, clusters: pa.Table, relations: pa.Table, looked: Looked) -> pa.Table:
        """Return clusters under the ids that they had, with what an index knows of their articles, by number."""
        places = _places(clusters["article_id"], looked.ids)
        order = np.argsort(looked.numbers[places], kind="stable")
        clusters, places = clusters.take(pa.array(order)).combine_chunks(), places[order]
        numbers, keys = looked.numbers[places], looked.keys[places]
        if len(self.state.articles.numbers):
            clusters = self._rename(clusters, looked)
        names = clusters["cluster_id"].combine_chunks()
        known = (
            numbers,
            keys[:, 0],
            keys[:, 1],
            looked.digests[places],
            _components(numbers, names, relations),
            make_cluster_keys(names),
            looked.times[places],
        )
        return pa.Table.from_arrays([*map(pa.array, known), *clusters.columns], schema=ARTICLES_SCHEMA)

    def _rename(self, clusters: pa.Table, looked: Looked) -> pa.Table:
        others = ~np.isin(self.state.articles.numbers, looked.numbers)
        taken = np.sort(self.state.articles.cluster_keys[others])

        def is_free(name: str) -> bool:
            key = make_cluster_keys(pa.array([name]))
            return bool(np.searchsorted(taken, key, "left")[0] == np.searchsorted(taken, key, "right")[0])

        names = pa.array(keep_names(clusters, looked.before, is_free=is_free), pa.string())
        at = CLUSTERS_SCHEMA.get_field_index("cluster_id")
        return clusters.set_column(at, CLUSTERS_SCHEMA.field(at), names)

    def _withdrawn(self, numbers: Ints) -> Ints:
        """Return the relations between articles that were looked at again."""
        relations = self.state.relations
        again = np.isin(relations.a, numbers) & np.isin(relations.b, numbers)
        return relations.numbers[again]


def make_cluster_keys(names: pa.Array) -> Hashes:
    """Return the first sixteen digits of the ids of clusters."""
    digits = pc.utf8_slice_codeunits(names, 4, 20).to_pylist()
    return np.fromiter((int(text, 16) for text in digits), np.uint64, len(digits))


def subfolder(folder: Path, name: str) -> Path:
    """Return a folder that is made."""
    place = folder / name
    place.mkdir()
    return place


def _places(names: pa.ChunkedArray, among: pa.Array) -> Ints:
    found = pc.index_in(names.combine_chunks(), among)
    return found.to_numpy(zero_copy_only=False).astype(np.int64)


def _components(numbers: Ints, clusters: pa.Array, relations: pa.Table) -> Ints:
    """Return the lowest number that each article is linked to by copies and by its cluster.

    Args:
        numbers: of articles, in order.
        clusters: their clusters.
        relations: a table with `LINKS_SCHEMA`.
    """
    same = relations.filter(pc.is_in(relations["relation"], pa.array(sorted(SAME_ARTICLE))))
    ends = [np.searchsorted(numbers, same[side].to_numpy()) for side in ("row_a", "row_b")]
    cluster = clusters.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    _, first = np.unique(cluster, return_index=True)
    left = np.concatenate((np.arange(len(numbers)), ends[0]))
    right = np.concatenate((first[cluster], ends[1]))
    return numbers[components(len(numbers), left, right)]
