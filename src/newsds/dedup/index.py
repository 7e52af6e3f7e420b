"""What earlier releases held, so that the next one pays only for what is new: a folder of Parquet files.

`index.json` names the files in force; it is replaced last, so that a run that is cut short changes nothing.
docs/howto/compare-releases.md says how an index is used, and what of it is kept where.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from newsds.dedup.candidates import NO_TIME, Recipe, Sketches
from newsds.dedup.clusters import CLUSTERS_SCHEMA, RELATIONS_SCHEMA, Clusters, cluster_id
from newsds.dedup.corpus import Corpus, gather
from newsds.dedup.folding import UNICODE_VERSION
from newsds.dedup.hashing import HASH_VERSION
from newsds.dedup.matching import match
from newsds.dedup.parameters import Parameters
from newsds.dedup.partners import SKETCHES_SCHEMA, find_partners, pack_sketch
from newsds.dedup.rarity import Rarity, count_occurrences
from newsds.dedup.relations import SAME_ARTICLE
from newsds.errors import InputError, OutputError, UsageError
from newsds.files import atomic_write, temporary_sibling
from newsds.texts import TEXTS_SCHEMA

__all__ = ["EARLIER_SCHEMA", "Update", "remove_articles", "update_index"]

Rows = NDArray[np.int64]
Progress = Callable[[int], None]

FORMAT = "newsds-index"
FORMAT_VERSION = 1
_NAME = "index.json"
#: Bits of the tables of words and shingles: fixed, so that counts of releases can be added.
_RARITY_BITS = (24, 26)
_ROW_GROUP = 8192

#: One row for each article, in the order of the texts and sketches; the columns of clusters, and what is asked of it.
_ARTICLES_SCHEMA = pa.schema(
    [
        *CLUSTERS_SCHEMA,
        pa.field("release", pa.string(), nullable=False),
        pa.field("published_at", TEXTS_SCHEMA.field("published_at").type),
        pa.field("digest", pa.binary(8), nullable=False),
    ]
)

#: One row for each article of a release whose cluster holds articles of earlier releases; the earliest of them.
EARLIER_SCHEMA = pa.schema(
    [
        pa.field("article_id", pa.string(), nullable=False),
        pa.field("cluster_id", pa.string(), nullable=False),
        pa.field("earlier_id", pa.string(), nullable=False),
        pa.field("earlier_release", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True, kw_only=True)
class Update:
    """What adding a release, or removing articles, changed.

    Attributes:
        clusters: of the articles that were given: their clusters in the whole index, and the relations that touch them.
        earlier: a table with `EARLIER_SCHEMA`: which of them are copies of articles of earlier releases.
        n_new: articles that the index did not have.
        n_changed: articles that it had with another text.
        n_known: articles that it had.
        n_removed: articles that left.
    """

    clusters: Clusters
    earlier: pa.Table
    n_new: int = 0
    n_changed: int = 0
    n_known: int = 0
    n_removed: int = 0

    def write(self, folder: Path) -> None:
        """Write `clusters.parquet`, `relations.parquet` and `earlier.parquet`.

        Raises:
            OutputError: the folder cannot be made.
        """
        self.clusters.write(folder)
        _write(self.earlier, folder / "earlier.parquet")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """The texts that one release added."""

    release: str
    texts: str
    sketches: str
    n_articles: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Manifest:
    """`index.json`."""

    format: str = FORMAT
    version: int = FORMAT_VERSION
    fingerprint: dict[str, Any] = field(default_factory=dict)
    generation: int = 0
    parts: tuple[_Part, ...] = ()
    articles: str | None = None
    relations: str | None = None
    rarity: str | None = None

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """Return what a file holds."""
        return cls(**{**found, "parts": tuple(_Part(**part) for part in found["parts"])})

    @property
    def files(self) -> set[str]:
        """The files in force."""
        names = {name for part in self.parts for name in (part.texts, part.sketches)}
        return names | {name for name in (self.articles, self.relations, self.rarity) if name}


def update_index(
    batches: Iterable[pa.RecordBatch],
    folder: Path,
    *,
    release: str,
    parameters: Parameters | None = None,
    workers: int = 1,
    spill: Path | None = None,
    progress: Progress | None = None,
) -> Update:
    """Add a release to an index, made if there is none, and return what is known of its articles.

    Articles whose text the index has under the same id cost nothing; a text that changed takes the place of the
    one before. Articles of earlier releases stay, whether or not the release holds them. Clusters keep their ids.

    Args:
        batches: texts with the schema `newsds.texts.TEXTS_SCHEMA`.
        folder: the index.
        release: its name, which the index must not have.
        parameters: choices; those the index was made with.
        workers: threads.
        spill: folder for temporary files.
        progress: is called with the number of texts read since the last call.

    Raises:
        UsageError: the index was made with other parameters or another version of the hashes, or has the release.
        InputError: an identifier is null or occurs twice, or the folder holds something else.
        OutputError: the folder cannot be made.
    """
    chosen = parameters or Parameters()
    manifest = _load(folder, chosen)
    if release in {part.release for part in manifest.parts}:
        raise UsageError(f"{folder}: release {release!r} is in the index; give the new one another name")
    _make(folder)
    known = _read_articles(folder, manifest)
    names = (f"texts-{manifest.generation + 1:06}.parquet", f"sketches-{manifest.generation + 1:06}.parquet")
    with TemporaryDirectory(dir=spill, prefix="newsds-index-") as name, ExitStack() as files:
        work = Path(name)
        sketches = files.enter_context(Sketches(
            _subfolder(work, "new"), recipe=Recipe.for_window(chosen.window_hours), workers=workers,
            watch=lambda sketch: writers[1].write_batch(pack_sketch(sketch), row_group_size=_ROW_GROUP),
        ))  # fmt: skip
        with ExitStack() as stack:
            writers = [
                stack.enter_context(
                    pq.ParquetWriter(stack.enter_context(temporary_sibling(folder / target)), schema)
                )
                for target, schema in zip(names, (TEXTS_SCHEMA, SKETCHES_SCHEMA), strict=True)
            ]
            news = _News(batches, known, writers[0], progress)
            corpus = gather(news, _subfolder(work, "texts"), watch=sketches.add)
        part = _Part(release=release, texts=names[0], sketches=names[1], n_articles=len(corpus))
        added = _Added(part=part, corpus=corpus, sketches=sketches, digests=news.digests)
        state = _State(folder, manifest, known, chosen, workers, work)
        after = state.revise(added, dropped=np.array(sorted(news.changed), np.int64))
        _commit(folder, after)
    return _report(folder, after, news, release)


def remove_articles(
    ids: Iterable[str],
    folder: Path,
    *,
    parameters: Parameters | None = None,
    workers: int = 1,
    spill: Path | None = None,
) -> Update:
    """Take articles out of an index: their texts, sketches and relations go, the clusters they leave keep their ids.

    Identifiers the index does not have are passed over.

    Raises:
        UsageError: the index was made with other parameters or another version of the hashes.
        InputError: there is no index.
    """
    chosen = parameters or Parameters()
    manifest = _load(folder, chosen)
    if not manifest.articles:
        raise InputError(f"{folder}: no index there")
    known = _read_articles(folder, manifest)
    rows = pc.index_in(pa.array(sorted(set(ids)), pa.string()), known["article_id"].combine_chunks())
    dropped = np.sort(rows.drop_null().to_numpy(zero_copy_only=False).astype(np.int64))
    if len(dropped):
        with TemporaryDirectory(dir=spill, prefix="newsds-index-") as name:
            state = _State(folder, manifest, known, chosen, workers, Path(name))
            _commit(folder, state.revise(None, dropped=dropped))
    nothing = Clusters(clusters=CLUSTERS_SCHEMA.empty_table(), relations=RELATIONS_SCHEMA.empty_table())
    return Update(clusters=nothing, earlier=EARLIER_SCHEMA.empty_table(), n_removed=len(dropped))


class _News:
    """The batches of a release without the articles that are known, written down as they pass."""

    def __init__(
        self,
        batches: Iterable[pa.RecordBatch],
        known: pa.Table,
        writer: pq.ParquetWriter,
        progress: Progress | None,
    ) -> None:
        self._batches, self._writer, self._progress = batches, writer, progress
        self._ids = known["article_id"].combine_chunks()
        self._digests = known["digest"].combine_chunks()
        #: Rows of the index whose texts changed.
        self.changed: set[int] = set()
        self.given: list[pa.Array] = []
        self.digests: list[bytes] = []
        self.n_known = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            self.given.append(batch["id"])
            fresh = batch.filter(self._is_news(batch))
            if self._progress:
                self._progress(batch.num_rows)
            if len(fresh):
                self._writer.write_batch(fresh, row_group_size=_ROW_GROUP)
                yield fresh

    def _is_news(self, batch: pa.RecordBatch) -> pa.BooleanArray:
        rows = pc.index_in(batch["id"], self._ids).to_pylist()
        digests = [_digest(text) for text in batch["text"].to_pylist()]
        news = []
        for row, digest in zip(rows, digests, strict=True):
            same = row is not None and self._digests[row].as_py() == digest
            if row is not None and not same:
                self.changed.add(row)
            if not same:
                self.digests.append(digest)
            self.n_known += same
            news.append(not same)
        return pa.array(news, pa.bool_())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Added:
    """The new texts of a release."""

    part: _Part
    corpus: Corpus
    sketches: Sketches
    #: In the order of arrival.
    digests: list[bytes]


@dataclass(frozen=True, slots=True)
class _State:
    """An index in memory but for its texts and sketches."""

    folder: Path
    manifest: _Manifest
    articles: pa.Table
    parameters: Parameters
    workers: int
    work: Path

    def revise(self, added: _Added | None, *, dropped: Rows) -> _Manifest:
        """Write the files of the index with some texts added and some rows dropped; return what is in force then."""
        manifest = replace(self.manifest, generation=self.manifest.generation + 1)
        rarity = self._rarity(added)
        relations = self._relations()
        near = self._closure(self._partners(added), dropped, relations)
        found = self._match(added, near, rarity)
        articles = _rename(self._articles(added, dropped), found.clusters, self.articles)
        relations = _replace_relations(relations, found, self._ids(dropped))
        files = {"articles": articles, "relations": relations, "rarity": _pack_rarity(rarity)}
        names = {kind: f"{kind}-{manifest.generation:06}.parquet" for kind in files}
        for kind, table in files.items():
            _write(table, self.folder / names[kind])
        parts = [*self._kept_parts(dropped, manifest.generation), *([added.part] if added else [])]
        return replace(
            manifest,
            parts=tuple(parts),
            fingerprint=_fingerprint(self.parameters),
            articles=names["articles"],
            relations=names["relations"],
            rarity=names["rarity"],
        )

    def _rarity(self, added: _Added | None) -> Rarity:
        rarity = _no_rarity()
        if added is not None:
            rarity = count_occurrences(added.corpus, added.sketches, bits=_RARITY_BITS)
        return _add_known(rarity, self.folder / self.manifest.rarity) if self.manifest.rarity else rarity

    def _relations(self) -> pa.Table:
        if not self.manifest.relations:
            return RELATIONS_SCHEMA.empty_table()
        return _read(self.folder / self.manifest.relations)

    def _ids(self, rows: Rows) -> pa.Array:
        return self.articles["article_id"].combine_chunks().take(pa.array(rows))

    def _partners(self, added: _Added | None) -> Rows:
        if added is None or not len(self.articles):
            return np.empty(0, np.int64)
        corpus = added.corpus
        arrived = np.empty(len(corpus), np.int64)
        arrived[corpus.arrivals] = np.arange(len(corpus))
        known = self.articles["published_at"].cast(pa.int64()).combine_chunks().fill_null(int(NO_TIME))
        ids = [
            corpus.columns["id"].combine_chunks().take(pa.array(arrived)),
            self.articles["article_id"].combine_chunks(),
        ]
        return find_partners(
            added.sketches,
            (batch for part in self.manifest.parts for batch in _batches(self.folder / part.sketches)),
            ids=pa.concat_arrays(ids),
            times=np.concatenate((corpus.times[arrived], known.to_numpy(zero_copy_only=False))),
        )

    def _closure(self, partners: Rows, dropped: Rows, relations: pa.Table) -> Rows:
        """Return the rows whose clusters may change: all that are linked, over any number of steps, with some."""
        n = len(self.articles)
        reached = np.zeros(n, bool)
        reached[partners] = reached[dropped] = True
        if not reached.any():
            return np.empty(0, np.int64)
        ids = self.articles["article_id"].combine_chunks()
        same = relations.filter(pc.is_in(relations["relation"], pa.array(sorted(SAME_ARTICLE))))
        a, b = (
            pc.index_in(same[side].combine_chunks(), ids).to_numpy(zero_copy_only=False).astype(np.int64)
            for side in ("a", "b")
        )
        clusters = (
            self.articles["cluster_id"]
            .combine_chunks()
            .dictionary_encode()
            .indices.to_numpy(zero_copy_only=False)
        )
        n_reached = 0
        while n_reached < (n_reached := int(reached.sum())):
            touched = np.zeros(n, bool)
            touched[clusters[reached]] = True
            reached |= touched[clusters]
            links = reached[a] | reached[b]
            reached[a[links]] = reached[b[links]] = True
        reached[dropped] = False
        return np.flatnonzero(reached)

    def _match(self, added: _Added | None, near: Rows, rarity: Rarity) -> Clusters:
        """Compare the new texts and the rows near them, as if they were all there is but for what is common."""
        if added and not len(self.articles):
            return match(added.corpus, added.sketches, self.parameters, workers=self.workers, rarity=rarity)
        with Sketches(
            _subfolder(self.work, "near"),
            recipe=Recipe.for_window(self.parameters.window_hours),
            workers=self.workers,
        ) as sketches:
            corpus = gather(self._texts(added, near), _subfolder(self.work, "both"), watch=sketches.add)
            return match(corpus, sketches, self.parameters, workers=self.workers, rarity=rarity)

    def _texts(self, added: _Added | None, near: Rows) -> Iterator[pa.RecordBatch]:
        if added is not None:
            yield from _batches(self.folder / added.part.texts)
        first = 0
        for part in self.manifest.parts:
            yield from _read_rows(
                self.folder / part.texts, near[(near >= first) & (near < first + part.n_articles)] - first
            )
            first += part.n_articles

    def _articles(self, added: _Added | None, dropped: Rows) -> pa.Table:
        """Return the articles that stay, then the new ones, of which only id, release, date and digest are known."""
        kept = np.ones(len(self.articles), bool)
        kept[dropped] = False
        articles = self.articles.filter(pa.array(kept))
        if added is None:
            return articles
        corpus = added.corpus
        arrived = np.empty(len(corpus), np.int64)
        arrived[corpus.arrivals] = np.arange(len(corpus))
        columns = corpus.columns.take(pa.array(arrived))
        n = len(corpus)
        values = {
            "article_id": columns["id"].combine_chunks(),
            "published_at": columns["published_at"].combine_chunks(),
            "release": pa.repeat(added.part.release, n),
            "digest": pa.array(added.digests, pa.binary(8)),
        }
        fresh = pa.Table.from_arrays(
            [values.get(item.name, pa.nulls(n, item.type)) for item in _ARTICLES_SCHEMA],
            schema=_ARTICLES_SCHEMA,
        )
        return pa.concat_tables([articles, fresh])

    def _kept_parts(self, dropped: Rows, generation: int) -> Iterator[_Part]:
        first = 0
        for number, part in enumerate(self.manifest.parts):
            rows = dropped[(dropped >= first) & (dropped < first + part.n_articles)] - first
            first += part.n_articles
            yield _without(self.folder, part, rows, f"{generation:06}-{number:04}") if len(rows) else part


def _fingerprint(parameters: Parameters) -> dict[str, Any]:
    """Return everything on which the contents of an index depend."""
    return {
        "hashes": HASH_VERSION,
        "unicode": UNICODE_VERSION,
        "candidates": asdict(Recipe.for_window(parameters.window_hours)),
        "parameters": parameters.to_dict(),
    }


def _load(folder: Path, parameters: Parameters) -> _Manifest:
    path = folder / _NAME
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return _Manifest()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT or found.get("version") != FORMAT_VERSION:
        raise InputError(f"{path}: not an index of this version of newsds (format {FORMAT} {FORMAT_VERSION})")
    manifest = _Manifest.from_dict(found)
    wanted = json.loads(json.dumps(_fingerprint(parameters)))
    if manifest.fingerprint != wanted:
        raise UsageError(f"{path}: made with other choices ({_differences(manifest.fingerprint, wanted)}); "
                         "use those, or make a new index")  # fmt: skip
    return manifest


def _differences(made: Mapping[str, Any], wanted: Mapping[str, Any], prefix: str = "") -> str:
    found = []
    for name in sorted(made.keys() | wanted.keys()):
        old, new = made.get(name), wanted.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            found.append(_differences(old, new, f"{prefix}{name}."))
        elif old != new:
            found.append(f"{prefix}{name} {old!r}, now {new!r}")
    return ", ".join(filter(None, found))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror})") from None


def _commit(folder: Path, after: _Manifest) -> None:
    """Put the new files in force, then remove those that are not: of the time before, or of a run that died."""
    atomic_write(folder / _NAME, json.dumps(asdict(after), indent=1) + "\n")
    for kind in ("texts", "sketches", "articles", "relations", "rarity"):
        for path in folder.glob(f"{kind}-*.parquet"):
            if path.name not in after.files:
                path.unlink()


def _subfolder(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir()
    return place


def _digest(text: str | None) -> bytes:
    return hashlib.blake2b((text or "").encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _read(path: Path) -> pa.Table:
    try:
        return pq.ParquetFile(path).read()
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as source:
        for group in range(source.num_row_groups):
            yield from source.read_row_group(group).to_batches()


def _read_rows(path: Path, rows: Rows) -> Iterator[pa.RecordBatch]:
    """Yield some rows of a file, of which only the groups that hold one are read."""
    with pq.ParquetFile(path) as source:
        first = 0
        for group in range(source.num_row_groups):
            n = source.metadata.row_group(group).num_rows
            inside = rows[(rows >= first) & (rows < first + n)] - first
            first += n
            if len(inside):
                yield from source.read_row_group(group).take(pa.array(inside)).to_batches()


def _write(table: pa.Table, target: Path) -> None:
    with temporary_sibling(target) as partial:
        pq.write_table(table, partial, compression="zstd", compression_level=1, row_group_size=1 << 16)


def _without(folder: Path, part: _Part, rows: Rows, suffix: str) -> _Part:
    """Write the files of a part again without some rows."""
    names = (f"texts-{suffix}.parquet", f"sketches-{suffix}.parquet")
    for source, target, schema in zip(
        (part.texts, part.sketches), names, (TEXTS_SCHEMA, SKETCHES_SCHEMA), strict=True
    ):
        with temporary_sibling(folder / target) as partial, pq.ParquetWriter(partial, schema) as writer:
            first = 0
            for batch in _batches(folder / source):
                kept = np.ones(len(batch), bool)
                kept[rows[(rows >= first) & (rows < first + len(batch))] - first] = False
                first += len(batch)
                writer.write_batch(batch.filter(pa.array(kept)), row_group_size=_ROW_GROUP)
    return replace(part, texts=names[0], sketches=names[1], n_articles=part.n_articles - len(rows))


def _read_articles(folder: Path, manifest: _Manifest) -> pa.Table:
    return _read(folder / manifest.articles) if manifest.articles else _ARTICLES_SCHEMA.empty_table()


def _no_rarity() -> Rarity:
    words, shingles = (1 << bits for bits in _RARITY_BITS)
    return Rarity(words=np.zeros(words, np.uint32), shingles=np.zeros(shingles, np.uint8), n_texts=0)


def _add_known(rarity: Rarity, path: Path) -> Rarity:
    """Return counts with those of a file added, in place; a shingle's days in different releases are added up."""
    for batch in _batches(path):
        for name, table in (("words", rarity.words), ("shingles", rarity.shingles)):
            rows = batch.filter(pc.equal(batch["table"], name))
            places = rows["place"].to_numpy(zero_copy_only=False)
            total = rows["count"].to_numpy(zero_copy_only=False).astype(np.int64) + table[places]
            table[places] = np.minimum(total, np.iinfo(table.dtype).max)
        texts = batch.filter(pc.equal(batch["table"], "texts"))
        rarity = replace(rarity, n_texts=rarity.n_texts + sum(texts["count"].to_pylist()))
    return rarity


def _pack_rarity(rarity: Rarity) -> pa.Table:
    """Return the counts that are not 0."""
    tables: list[tuple[str, NDArray[Any]]] = [
        ("words", rarity.words),
        ("shingles", rarity.shingles),
        ("texts", np.array([rarity.n_texts])),
    ]
    places = [np.flatnonzero(table) for _, table in tables]
    counts = [table[at].astype(np.uint32) for (_, table), at in zip(tables, places, strict=True)]
    names = [pa.repeat(name, len(at)) for (name, _), at in zip(tables, places, strict=True)]
    return pa.table(
        {
            "table": pa.concat_arrays(names).dictionary_encode(),
            "place": pa.array(np.concatenate(places), pa.int64()),
            "count": pa.array(np.concatenate(counts), pa.uint32()),
        }
    )


def _rename(articles: pa.Table, found: pa.Table, before: pa.Table) -> pa.Table:
    """Return the articles with what was found of some, under the ids that their clusters had."""
    rows = pc.index_in(articles["article_id"].combine_chunks(), found["article_id"].combine_chunks())
    names = _keep_names(
        found, dict(zip(before["article_id"].to_pylist(), before["cluster_id"].to_pylist(), strict=True))
    )
    found = found.set_column(1, CLUSTERS_SCHEMA.field("cluster_id"), pa.array(names, pa.string()))
    is_found = rows.is_valid()
    columns = [
        pc.if_else(
            is_found, found[item.name].combine_chunks().take(rows), articles[item.name].combine_chunks()
        )
        if item.name in CLUSTERS_SCHEMA.names
        else articles[item.name].combine_chunks()
        for item in _ARTICLES_SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=_ARTICLES_SCHEMA)


def _keep_names(found: pa.Table, before: Mapping[str, str]) -> list[str]:
    """Return the id of each article's cluster: the one that most of its members had, or that of the founder.

    No two clusters get one id: of the parts of a cluster that broke, the largest keeps it.
    """
    ids, fresh = found["article_id"].to_pylist(), found["cluster_id"].to_pylist()
    members: dict[str, list[str]] = {}
    for name, cluster in zip(ids, fresh, strict=True):
        members.setdefault(cluster, []).append(name)
    votes = []
    for cluster, names in members.items():
        had: dict[str, int] = {}
        for name in names:
            if name in before:
                had[before[name]] = had.get(before[name], 0) + 1
        votes += [(-count, old != cluster, old, cluster) for old, count in had.items()]
    chosen: dict[str, str] = {}
    taken: set[str] = set()
    for _, _, old, cluster in sorted(votes):
        if cluster not in chosen and old not in taken:
            chosen[cluster] = old
            taken.add(old)
    for cluster in sorted(members.keys() - chosen.keys()):
        free = cluster
        while free in taken:
            free = cluster_id(free)
        chosen[cluster] = free
        taken.add(free)
    return [chosen[cluster] for cluster in fresh]


def _replace_relations(relations: pa.Table, found: Clusters, dropped: pa.Array) -> pa.Table:
    """Return the relations without those that were looked at again or lost an end, and with what was found."""
    again = found.clusters["article_id"].combine_chunks()
    is_again = pc.and_(pc.is_in(relations["a"], again), pc.is_in(relations["b"], again))
    is_lost = pc.or_(pc.is_in(relations["a"], dropped), pc.is_in(relations["b"], dropped))
    kept = relations.filter(pc.invert(pc.or_(is_again, is_lost)))
    return pa.concat_tables([kept, found.relations]).sort_by([("a", "ascending"), ("b", "ascending")])


def _report(folder: Path, manifest: _Manifest, news: _News, release: str) -> Update:
    articles, relations = _read_articles(folder, manifest), _read(folder / str(manifest.relations))
    given = pa.chunked_array(news.given, pa.string()).combine_chunks()
    mine = articles.filter(pc.is_in(articles["article_id"], given)).sort_by("article_id")
    touching = pc.or_(pc.is_in(relations["a"], given), pc.is_in(relations["b"], given))
    clusters = Clusters(clusters=mine.select(CLUSTERS_SCHEMA.names), relations=relations.filter(touching))
    return Update(
        clusters=clusters,
        earlier=_earlier(articles, mine, release),
        n_new=len(news.digests) - len(news.changed),
        n_changed=len(news.changed),
        n_known=news.n_known,
    )


def _earlier(articles: pa.Table, mine: pa.Table, release: str) -> pa.Table:
    """Return the articles that this release added to clusters with articles of earlier ones."""
    before = articles.filter(pc.not_equal(articles["release"], release))
    added = mine.filter(pc.equal(mine["release"], release))
    before = before.filter(pc.is_in(before["cluster_id"], added["cluster_id"].combine_chunks()))
    before = before.sort_by([("published_at", "ascending"), ("article_id", "ascending")])
    first = pc.index_in(added["cluster_id"].combine_chunks(), before["cluster_id"].combine_chunks())
    added, first = added.filter(first.is_valid()), first.drop_null()
    columns = [
        added["article_id"],
        added["cluster_id"],
        *(before[name].take(first) for name in ("article_id", "release")),
    ]
    return pa.Table.from_arrays(columns, schema=EARLIER_SCHEMA)
