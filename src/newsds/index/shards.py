"""Texts and sketches of an index: pairs of files with as many articles each, in the order of time within a release.

Rows are found by the numbers of their articles, and by time: of texts that lie too far from the new ones to be
near copies, only the hash of the whole text is read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from newsds.dedup.candidates import NO_TIME, Recipe, Sketch
from newsds.dedup.corpus import Corpus
from newsds.dedup.spill import RaggedFile
from newsds.index.manifest import Shard
from newsds.index.parquet import read_batches, read_rows, write_batches
from newsds.index.partners import Known, Wanted
from newsds.texts import TEXTS_SCHEMA

__all__ = ["NewTexts", "SketchFile", "read_near", "read_texts", "rewrite_shards", "write_shards"]

Ints: TypeAlias = NDArray[np.int64]

#: Articles of a shard: what is written again when one of them is taken out.
_SHARD = 1 << 16
#: Rows that are read together, and bytes of text from which fewer are.
_TEXTS, _SKETCHES = 1 << 11, 1 << 12
_BYTES = 1 << 26
#: Bytes of keys, and of anchors, that stay in memory while a release is read.
_ROOM = 1 << 25
#: Share of a shard's articles out of force from which it is written again without them.
_WASTE = 0.25

_NUMBER = pa.field("number", pa.int64(), nullable=False)
_TEXTS_SCHEMA = pa.schema([_NUMBER, *TEXTS_SCHEMA])


def _sketches_schema(recipe: Recipe) -> pa.Schema:
    """Return the columns of sketches: `keys` and `anchors` are little-endian numbers of eight bytes, end to end."""
    return pa.schema(
        [
            _NUMBER,
            pa.field("microseconds", pa.int64()),
            pa.field("text_hash", pa.uint64(), nullable=False),
            pa.field("keys", pa.binary(8 * recipe.n_bands), nullable=False),
            pa.field("anchors", pa.large_binary(), nullable=False),
        ]
    )


class SketchFile:
    """The sketches of a release while it is read, in the order of arrival."""

    def __init__(self, folder: Path) -> None:
        """Begin files in a folder that the caller removes."""
        self._keys = RaggedFile(folder / "kept-keys", room=_ROOM)
        self._anchors = RaggedFile(folder / "kept-anchors", room=_ROOM)

    def add(self, sketch: Sketch) -> None:
        """Keep what is asked of known texts."""
        n, n_bands = sketch.keys.shape
        self._keys.append(sketch.keys.reshape(-1), np.full(n, n_bands))
        self._anchors.append(sketch.anchors, sketch.n_anchors)

    def take(self, rows: Ints) -> list[pa.Array]:
        """Return the columns `keys` and `anchors` of some rows."""
        keys, anchors = self._keys.take(rows), self._anchors.take(rows)
        width = 8 * len(keys.values) // len(rows)
        packed = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(width), len(rows), [None, pa.py_buffer(np.ascontiguousarray(keys.values))]
        )
        ends = pa.py_buffer(8 * anchors.offsets)
        values = pa.py_buffer(np.ascontiguousarray(anchors.values))
        return [packed, pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(rows), [None, ends, values])]

    def close(self) -> None:
        """Let the files go."""
        self._keys.close()
        self._anchors.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTexts:
    """Texts that are to be written, numbered from `first` in the order of the corpus."""

    corpus: Corpus
    #: One hash of each, in the order of arrival.
    text_hashes: NDArray[np.uint64]
    sketches: SketchFile
    recipe: Recipe
    first: int


def write_shards(folder: Path, generation: int, new: NewTexts) -> Iterator[Shard]:
    """Write the texts of a release."""
    schema = _sketches_schema(new.recipe)
    for place, low in enumerate(range(0, len(new.corpus), _SHARD)):
        rows = np.arange(low, min(low + _SHARD, len(new.corpus)))
        first, last = new.first + low, new.first + int(rows[-1])
        shard = Shard(**_names(f"{generation:06}-{place:04}"), first=first, last=last)
        texts = (_text_batch(new, some) for some in _cut_texts(new.corpus, rows))
        _write(texts, _TEXTS_SCHEMA, folder / shard.texts)
        sketches = (_sketch_batch(new, schema, some) for some in _cut(rows, _SKETCHES))
        _write(sketches, schema, folder / shard.sketches)
        yield shard


def read_texts(folder: Path, shards: Sequence[Shard], numbers: Ints) -> Iterator[pa.RecordBatch]:
    """Yield the texts of articles, in the ascending order of their numbers; those that are not there are left out."""
    for shard in shards:
        wanted = numbers[(numbers >= shard.first) & (numbers <= shard.last)]
        if len(wanted):
            path = folder / shard.texts
            rows = np.flatnonzero(np.isin(_column(path, "number"), wanted))
            for batch in read_rows(path, rows, TEXTS_SCHEMA.names):
                yield batch.select(TEXTS_SCHEMA.names)


def read_near(folder: Path, shards: Sequence[Shard], wanted: Wanted, gone: Ints) -> Iterator[Known]:
    """Yield the texts that may meet one of those that are wanted, but for those that are gone."""
    for shard in shards:
        path = folder / shard.sketches
        with pq.ParquetFile(path) as source:
            for group in range(source.num_row_groups):
                is_near = _may_be_near(source.metadata.row_group(group), wanted.window)
                read = _read_all if is_near else _read_equal
                known = read(source, group, wanted)
                kept = ~np.isin(known.numbers, gone)
                if kept.any():
                    yield known.take(kept)


def rewrite_shards(
    folder: Path, generation: int, shards: Sequence[Shard], gone: Ints, *, waste: float = _WASTE
) -> Iterator[Shard]:
    """Yield shards, written again without what is gone if that is more than a share of what they hold.

    Args:
        folder: the index.
        generation: of the new files.
        shards: to look at.
        gone: numbers of articles.
        waste: the share; 0 leaves nothing that is gone.
    """
    for place, shard in enumerate(shards):
        lost = gone[(gone >= shard.first) & (gone <= shard.last)]
        numbers = _column(folder / shard.sketches, "number") if len(lost) else lost
        n_lost = int(np.isin(numbers, lost).sum())
        if n_lost <= waste * len(numbers):
            yield shard
        elif n_lost < len(numbers):
            after = replace(shard, **_names(f"{generation:06}-again-{place:04}"))
            _rewrite(folder / shard.texts, folder / after.texts, lost)
            _rewrite(folder / shard.sketches, folder / after.sketches, lost)
            yield after


def _names(suffix: str) -> dict[str, Any]:
    return {kind: f"{kind}-{suffix}.parquet" for kind in ("texts", "sketches")}


def _cut(rows: Ints, size: int) -> list[Ints]:
    return [rows[at : at + size] for at in range(0, len(rows), size)]


def _cut_texts(corpus: Corpus, rows: Ints) -> Iterator[Ints]:
    """Yield rows to be read together, fewer where texts are long."""
    sizes = np.diff(corpus.file.bounds)[corpus.arrivals[rows]]
    for some in _cut(np.arange(len(rows)), _TEXTS):
        bins = np.cumsum(sizes[some]) // _BYTES
        yield from np.split(rows[some], np.flatnonzero(np.diff(bins)) + 1)


def _text_batch(new: NewTexts, rows: Ints) -> pa.RecordBatch:
    columns = new.corpus.columns.slice(int(rows[0]), len(rows))
    known = {name: columns[name].combine_chunks() for name in columns.column_names}
    known |= {"number": pa.array(new.first + rows), "text": new.corpus.texts(rows).cast(pa.string())}
    return pa.RecordBatch.from_arrays([known[name] for name in _TEXTS_SCHEMA.names], schema=_TEXTS_SCHEMA)


def _sketch_batch(new: NewTexts, schema: pa.Schema, rows: Ints) -> pa.RecordBatch:
    arrivals, times = new.corpus.arrivals[rows], new.corpus.times[rows]
    columns = [
        pa.array(new.first + rows),
        pa.array(times, mask=times == NO_TIME),
        pa.array(new.text_hashes[arrivals]),
        *new.sketches.take(arrivals),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _may_be_near(group: pq.RowGroupMetaData, window: tuple[int, int] | None) -> bool:
    """Tell whether a text of a group of rows may lie within a window; what has no date lies anywhere."""
    found = group.column(1).statistics
    if window is None or found is None or not found.has_min_max or found.null_count:
        return True
    return bool(found.max >= window[0] and found.min <= window[1])


def _read_all(source: pq.ParquetFile, group: int, wanted: Wanted) -> Known:
    table = source.read_row_group(group).combine_chunks()
    n, n_bands = len(table), wanted.recipe.n_bands
    keys, anchors = (table[name].combine_chunks() for name in ("keys", "anchors"))
    ends = np.frombuffer(anchors.buffers()[1], np.int64)[anchors.offset : anchors.offset + n + 1] // 8
    sketch = Sketch(
        tokens=np.empty(0, np.uint64),
        n_tokens=np.zeros(n, np.int64),
        text_hashes=table["text_hash"].to_numpy(),
        keys=_numbers(keys.buffers()[1])[keys.offset * n_bands :][: n * n_bands].reshape(n, n_bands),
        anchors=_numbers(anchors.buffers()[2])[ends[0] : ends[-1]],
        n_anchors=np.diff(ends),
    )
    return wanted.pick(Known(table["number"].to_numpy(), _times(table), sketch, sketch.n_anchors))


def _read_equal(source: pq.ParquetFile, group: int, wanted: Wanted) -> Known:
    """Return the texts of a group that are equal to one that is wanted, with sketches that nothing else shares."""
    table = source.read_row_group(group, ["number", "microseconds", "text_hash"])
    hashes = table["text_hash"].to_numpy()
    rows = np.flatnonzero(wanted.has_text(hashes))
    numbers = table["number"].to_numpy()[rows]
    bands = np.arange(wanted.recipe.n_bands, dtype=np.uint64)
    # Far apart, texts are paired by their hash alone: keys that differ in their high bits pair nothing.
    keys = (numbers.astype(np.uint64)[:, None] * np.uint64(len(bands)) + bands) * np.uint64(
        0x9E3779B97F4A7C15
    )
    nothing = np.zeros(len(rows), np.int64)
    sketch = Sketch(np.empty(0, np.uint64), nothing, hashes[rows], keys, np.empty(0, np.uint64), nothing)
    return Known(numbers, _times(table)[rows], sketch, nothing)


def _times(table: pa.Table) -> Ints:
    return table["microseconds"].combine_chunks().fill_null(int(NO_TIME)).to_numpy(zero_copy_only=False)


def _numbers(buffer: pa.Buffer | None) -> NDArray[np.uint64]:
    return np.frombuffer(buffer or b"", np.uint8, len(buffer or b"") // 8 * 8).view(np.uint64)


def _column(path: Path, name: str) -> Ints:
    return np.concatenate(
        [np.empty(0, np.int64), *(batch[name].to_numpy() for batch in read_batches(path, [name]))]
    )


def _rewrite(source: Path, target: Path, gone: Ints) -> None:
    batches = (
        batch.filter(pa.array(~np.isin(batch["number"].to_numpy(), gone))) for batch in read_batches(source)
    )
    _write(batches, pq.read_schema(source), target)


def _write(batches: Iterator[pa.RecordBatch], schema: pa.Schema, target: Path) -> None:
    is_random = "keys" in schema.names
    write_batches(
        batches, schema, target, row_group=_SKETCHES if is_random else _TEXTS,
        repetitive=[] if is_random else ["agency", "publisher"], is_random=is_random,
    )  # fmt: skip
