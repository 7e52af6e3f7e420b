"""Clusters and relations of an index: a segment holds what one update found, and overrides what earlier ones say.

Of the articles of a segment everything is known as it is since then, and all their relations to each other. What it
takes back of earlier segments it names: relations by their numbers, articles that left by theirs. So an update writes
what it found and no more; segments of like size are merged, so that there are never many.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from newsds.dedup.clusters import CLUSTERS_SCHEMA, RELATIONS_SCHEMA
from newsds.index.commonness import add_counts, no_counts, write_counts
from newsds.index.manifest import Manifest, Segment
from newsds.index.parquet import read_batches, read_rows, read_table, write_batches

__all__ = [
    "ARTICLES_SCHEMA",
    "LINKS_SCHEMA",
    "Found",
    "State",
    "first_to_merge",
    "merge_segments",
    "write_segment",
]

Ints: TypeAlias = NDArray[np.int64]
Hashes: TypeAlias = NDArray[np.uint64]

_ROW_GROUP = 1 << 14
#: A segment is merged with the next one that has more than one article for so many of its own.
_GROWTH = 4
#: Bits of a place that count rows; those above them count segments.
_ROW_BITS = 40


def _number(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


#: One row for each article that was looked at. `key_high` and `key_low` are a hash of the id, `digest` one of the
#: text, `cluster_key` one of the cluster's id; `component` is the lowest number that copies lead to; `microseconds`
#: are since 1970, `newsds.dedup.candidates.NO_TIME` if not known.
ARTICLES_SCHEMA = pa.schema(
    [
        _number("number", pa.int64()),
        _number("key_high", pa.uint64()),
        _number("key_low", pa.uint64()),
        _number("digest", pa.uint64()),
        _number("component", pa.int64()),
        _number("cluster_key", pa.uint64()),
        _number("microseconds", pa.int64()),
        *CLUSTERS_SCHEMA,
    ]
)
#: One row for each relation; `row_a` and `row_b` are the numbers of the articles.
LINKS_SCHEMA = pa.schema(
    [
        _number("number", pa.int64()),
        _number("row_a", pa.int64()),
        _number("row_b", pa.int64()),
        *RELATIONS_SCHEMA,
    ]
)
#: What is no longer in force: the table it was in, and its number there.
_WITHDRAWN_SCHEMA = pa.schema([_number("table", pa.string()), _number("number", pa.int64())])

#: The columns that are in memory while an index changes, and the fields of `Articles` and `Links` they are in.
_ARTICLES = {
    "number": "numbers", "key_high": "key_high", "key_low": "key_low", "digest": "digests",
    "component": "components", "cluster_key": "cluster_keys", "microseconds": "times",
}  # fmt: skip
_LINKS = {"number": "numbers", "row_a": "a", "row_b": "b"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Articles:
    """The articles in force, in the order of their numbers."""

    numbers: Ints
    key_high: Hashes
    key_low: Hashes
    digests: Hashes
    components: Ints
    cluster_keys: Hashes
    times: Ints
    #: Where their rows stand.
    places: Ints


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """The relations in force."""

    numbers: Ints
    a: Ints
    b: Ints
    places: Ints


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an update found, as tables with `ARTICLES_SCHEMA` and `LINKS_SCHEMA`, and what it takes back."""

    articles: pa.Table
    relations: pa.Table
    withdrawn: Ints
    gone: Ints


@dataclass(frozen=True)
class State:
    """What holds in an index: numbers in memory, all else on disk."""

    folder: Path
    manifest: Manifest

    @cached_property
    def gone(self) -> Ints:
        """The numbers of articles that left, of which files may still hold traces, in order."""
        return np.unique(np.concatenate([np.empty(0, np.int64), *self._withdrawn("articles")]))

    @cached_property
    def articles(self) -> Articles:
        """The articles in force."""
        columns, places = self._read([segment.articles for segment in self.manifest.segments], _ARTICLES)
        # The last segment that has an article is right.
        latest = np.full(self.manifest.next_article, -1)
        latest[columns["numbers"]] = np.arange(len(places))
        latest[self.gone] = -1
        rows = latest[latest >= 0]
        return Articles(**{name: values[rows] for name, values in columns.items()}, places=places[rows])

    @cached_property
    def relations(self) -> Links:
        """The relations in force."""
        columns, places = self._read([segment.relations for segment in self.manifest.segments], _LINKS)
        withdrawn = np.concatenate([np.empty(0, np.int64), *self._withdrawn("relations")])
        kept = ~np.isin(columns["numbers"], withdrawn)
        for side in ("a", "b"):
            kept &= ~np.isin(columns[side], self.gone)
        return Links(**{name: values[kept] for name, values in columns.items()}, places=places[kept])

    @cached_property
    def _by_key(self) -> tuple[Hashes, Ints]:
        """The first halves of all keys in order, and the rows they are of."""
        order = np.argsort(self.articles.key_high, kind="stable")
        return self.articles.key_high[order], order

    def find(self, keys: Hashes) -> Ints:
        """Return the row of each key (two columns), -1 where there is none."""
        ordered, order = self._by_key
        found = np.full(len(keys), -1)
        low, high = (np.searchsorted(ordered, keys[:, 0], side=side) for side in ("left", "right"))
        for step in range(int((high - low).max(initial=0))):
            some = np.flatnonzero(low + step < high)
            rows = order[low[some] + step]
            same = self.articles.key_low[rows] == keys[some, 1]
            found[some[same]] = rows[same]
        return found

    def find_numbers(self, numbers: Ints) -> Ints:
        """Return the rows of articles in force, which they are, by their numbers."""
        return np.searchsorted(self.articles.numbers, numbers)

    def read_articles(self, rows: Ints, columns: Sequence[str] = ARTICLES_SCHEMA.names) -> pa.Table:
        """Return columns of some articles, in the order given."""
        files = [segment.articles for segment in self.manifest.segments]
        schema = pa.schema([ARTICLES_SCHEMA.field(name) for name in columns])
        return _read_places(self.folder, files, self.articles.places[rows], schema)

    def read_relations(self, rows: Ints) -> pa.Table:
        """Return some relations, in the order of both ids."""
        files = [segment.relations for segment in self.manifest.segments]
        found = _read_places(self.folder, files, self.relations.places[rows], RELATIONS_SCHEMA)
        return found.sort_by([("a", "ascending"), ("b", "ascending")])

    def _withdrawn(self, table: str) -> Iterator[Ints]:
        for segment in self.manifest.segments:
            found = read_table(self.folder / segment.withdrawn)
            yield found.filter(pc.equal(found["table"], table))["number"].to_numpy()

    def _read(self, files: Sequence[str], names: Mapping[str, str]) -> tuple[dict[str, NDArray[Any]], Ints]:
        """Return numeric columns of all rows of some files under other names, and the places of the rows."""
        schema = ARTICLES_SCHEMA if names is _ARTICLES else LINKS_SCHEMA
        tables = [pa.schema([schema.field(name) for name in names]).empty_table()]
        tables += [read_table(self.folder / file, list(names)) for file in files]
        places = [(at << _ROW_BITS) + np.arange(len(table)) for at, table in enumerate(tables[1:])]
        whole = pa.concat_tables(tables)
        columns = {to: whole[name].to_numpy() for name, to in names.items()}
        return columns, np.concatenate([np.empty(0, np.int64), *places])


def write_segment(folder: Path, generation: int, found: Found) -> Segment:
    """Write what an update found, but for its counts."""
    segment = Segment(**_names(f"{generation:06}"), n_articles=len(found.articles))
    _write(found.articles.to_batches(), ARTICLES_SCHEMA, folder / segment.articles)
    _write(found.relations.to_batches(), LINKS_SCHEMA, folder / segment.relations)
    _write(_pack_withdrawn(found.gone, found.withdrawn), _WITHDRAWN_SCHEMA, folder / segment.withdrawn)
    return segment


def merge_segments(state: State, generation: int, *, everything: bool = False) -> tuple[Segment, ...]:
    """Return the segments with those at the end merged that have grown, or with all merged.

    Merging all forgets what is gone: no file of them has a trace of it any more.
    """
    segments = state.manifest.segments
    first = 0 if everything else first_to_merge([segment.n_articles for segment in segments])
    if len(segments) - first < 2 and not everything:
        return segments
    merged = segments[first:]
    names = _names(f"{generation:06}-merged")
    kept = {name: _kept(state, name, first) for name in ("articles", "relations")}
    for name, schema in (("articles", ARTICLES_SCHEMA), ("relations", LINKS_SCHEMA)):
        files = [getattr(segment, name) for segment in merged]
        _write(_rows_of(state.folder, files, kept[name]), schema, state.folder / names[name])
    gone = np.empty(0, np.int64) if everything else _all_of(state, merged, "articles")
    withdrawn = np.empty(0, np.int64) if everything else _all_of(state, merged, "relations")
    _write(_pack_withdrawn(gone, withdrawn), _WITHDRAWN_SCHEMA, state.folder / names["withdrawn"])
    n_articles = sum(int(flags.sum()) for flags in kept["articles"])
    return *segments[:first], _with_counts(state.folder, Segment(**names, n_articles=n_articles), merged)


def _with_counts(folder: Path, segment: Segment, merged: Sequence[Segment]) -> Segment:
    """Return a segment with the counts of those that were merged into it added up."""
    parts = [(folder / one.rarity, one.n_texts) for one in merged if one.rarity]
    if not parts:
        return segment
    rarity = add_counts(no_counts(), parts)
    name = segment.articles.replace("articles-", "rarity-")
    write_counts(rarity, folder / name)
    return replace(segment, rarity=name, n_texts=rarity.n_texts)


def first_to_merge(sizes: Sequence[int]) -> int:
    """Return the place from which segments are merged: none is less than some times as large as all after it."""
    first = max(0, len(sizes) - 1)
    tail = sum(sizes[first:])
    for place in range(len(sizes) - 2, -1, -1):
        if sizes[place] < _GROWTH * tail:
            first = place
        tail += sizes[place]
    return first


def _kept(state: State, table: str, first: int) -> list[NDArray[np.bool_]]:
    """Return for each segment from the first merged one which rows of a table are in force."""
    place = (state.articles if table == "articles" else state.relations).places
    kept = []
    for at, segment in enumerate(state.manifest.segments[first:], first):
        name = getattr(segment, table)
        flags = np.zeros(sum(len(batch) for batch in read_batches(state.folder / name, ["number"])), bool)
        flags[place[place >> _ROW_BITS == at] & ((1 << _ROW_BITS) - 1)] = True
        kept.append(flags)
    return kept


def _rows_of(
    folder: Path, files: Sequence[str], kept: Sequence[NDArray[np.bool_]]
) -> Iterator[pa.RecordBatch]:
    for file, flags in zip(files, kept, strict=True):
        first = 0
        for batch in read_batches(folder / file):
            yield batch.filter(pa.array(flags[first : first + len(batch)]))
            first += len(batch)


def _all_of(state: State, segments: Sequence[Segment], table: str) -> Ints:
    found = [read_table(state.folder / segment.withdrawn) for segment in segments]
    return np.unique(
        np.concatenate([one.filter(pc.equal(one["table"], table))["number"].to_numpy() for one in found])
    )


def _read_places(folder: Path, files: Sequence[str], places: Ints, schema: pa.Schema) -> pa.Table:
    """Return rows of several files, in the order given."""
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    batches: list[pa.RecordBatch] = []
    for at in np.unique(ordered >> _ROW_BITS).tolist():
        rows = ordered[ordered >> _ROW_BITS == at] & ((1 << _ROW_BITS) - 1)
        batches += read_rows(folder / files[at], rows, schema.names)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    found = pa.Table.from_batches([batch.select(schema.names) for batch in batches], schema=schema)
    return found.take(pa.array(back)).combine_chunks()


def _names(suffix: str) -> dict[str, Any]:
    return {kind: f"{kind}-{suffix}.parquet" for kind in ("articles", "relations", "withdrawn")}


def _pack_withdrawn(gone: Ints, withdrawn: Ints) -> list[pa.RecordBatch]:
    tables = pa.array(["articles"] * len(gone) + ["relations"] * len(withdrawn), pa.string())
    numbers = pa.array(np.concatenate((gone, withdrawn)), pa.int64())
    return [pa.RecordBatch.from_arrays([tables, numbers], schema=_WITHDRAWN_SCHEMA)]


def _write(batches: Iterator[pa.RecordBatch] | list[pa.RecordBatch], schema: pa.Schema, target: Path) -> None:
    write_batches(
        batches, schema, target, row_group=_ROW_GROUP,
        repetitive=["table", "role", "reason", "relation", "rule", "parameters"],
    )  # fmt: skip
