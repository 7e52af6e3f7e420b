"""Rules on a release (8xx): a folder of Parquet files with its manifest and card, and the release before it."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from newsds.checks.census import hash_of, split_of
from newsds.checks.ledger import Ints, Ledger, iter_parts
from newsds.checks.rule import Rule
from newsds.findings import Finding, Level
from newsds.later import later_module
from newsds.release_folders import MANIFEST, holds_articles, is_release_manifest
from newsds.text import excerpt

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
else:
    np = later_module("numpy")

__all__ = ["RULES", "article_shards", "check_release", "is_release"]

CARD = "README.md"
#: Bytes of a row group, before compression, that viewers still open.
MAX_GROUP_BYTES = 100 << 20
#: Points and standard deviations by which a share must move to count.
JUMP, SIGMAS = 0.05, 3
#: Cards and scripts that are larger are not read.
MAX_TEXT_BYTES = 16 << 20

_LOADING = re.compile(rb"\b(?:GeneratorBasedBuilder|ArrowBasedBuilder|BeamBasedBuilder|DatasetBuilder)\b")
_ID = re.compile(r"nds:[0-9a-f]{32}")


def is_release(folder: Path) -> bool:
    """Tell whether a folder is a release: Parquet files below it, and a manifest or a card."""
    has_papers = (folder / MANIFEST).is_file() or (folder / CARD).is_file()
    return has_papers and next(_shards(folder), None) is not None


def _shards(folder: Path) -> Iterator[Path]:
    """Yield the Parquet files of a release in the order of their names."""
    yield from sorted(path for path in folder.rglob("*.parquet") if path.is_file())


def article_shards(folder: Path) -> list[Path]:
    """Return the Parquet files of a release that hold articles: those with `id` and `body`.

    Of a release of newsds they lie in `data/articles`, which is where all commands look for them.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = []
    is_ours = is_release_manifest(folder / MANIFEST)
    for path in _shards(folder):
        if is_ours and not holds_articles(path, folder):
            continue
        try:
            names = pq.read_schema(path).names
        except (OSError, pa.ArrowInvalid):
            continue
        if {"id", "body"} <= set(names):
            found.append(path)
    return found


def check_release(
    folder: Path, *, previous: Path | None = None, label: str | None = None
) -> Iterator[Finding]:
    """Yield what is wrong with a release as a whole; its records are another matter.

    Args:
        folder: the release.
        previous: the release before it, to see what has changed without a word.
        label: a column whose values must stay as they were.
    """
    for path in _shards(folder):
        yield from _row_groups(path)
    yield from _schemas(folder)
    yield from _manifest(folder)
    yield from _card(folder)
    yield from _scripts(folder)
    if previous is not None:
        yield from _null_rates(folder, previous)
        yield from _publishers(folder, previous)
        yield from _identities(folder, previous, label)


def _finding(code: str, message: str, path: Path, **more: Any) -> Finding:
    level: Level = _LEVELS[code]
    return Finding(code=code, level=level, message=message, path=path.as_posix(), **more)


def _row_groups(path: Path) -> Iterator[Finding]:
    """Row groups are small enough for viewers, and have a page index."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(path)
    except (OSError, pa.ArrowInvalid) as error:
        yield _finding("NDS802", f"cannot be read ({excerpt(str(error), width=100)})", path)
        return
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    large = [number for number, group in enumerate(groups) if group.total_byte_size > MAX_GROUP_BYTES]
    if large:
        size = groups[large[0]].total_byte_size >> 20
        message = (
            f"row groups larger than {MAX_GROUP_BYTES >> 20} MiB: {len(large):,}, the first of {size:,} MiB"
        )
        yield _finding("NDS810", message, path)
    if any(group.num_columns and not group.column(0).has_offset_index for group in groups):
        yield _finding("NDS810", "no page index: a reader has to read whole row groups", path)


def _schemas(folder: Path) -> Iterator[Finding]:
    """The shards of a table have one schema."""
    first: dict[Path, tuple[Path, Any]] = {}
    for path, schema in _read_schemas(folder):
        known = first.setdefault(path.parent, (path, schema))
        changed = _differences(known[1], schema)
        if changed:
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            message = f"the schema is not that of {known[0].name}: {changed[0]}{more}"
            yield _finding("NDS801", message, path)


def _read_schemas(folder: Path) -> "Iterator[tuple[Path, pa.Schema]]":
    import pyarrow as pa
    import pyarrow.parquet as pq

    for path in _shards(folder):
        try:
            yield path, pq.read_schema(path)
        except (OSError, pa.ArrowInvalid):
            continue


def _differences(one: "pa.Schema", two: "pa.Schema") -> list[str]:
    types = [{field.name: str(field.type) for field in schema} for schema in (one, two)]
    names = dict.fromkeys([*types[0], *types[1]])
    return [
        f"{name} is {types[1].get(name, 'missing')}, there {types[0].get(name, 'missing')}"
        for name in names
        if types[0].get(name) != types[1].get(name)
    ]


def _load_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    data = orjson.loads(path.read_bytes())
    return data if isinstance(data, dict) else {}


def _manifest(folder: Path) -> Iterator[Finding]:
    """Rows and hashes are those of the manifest."""
    try:
        files = _load_manifest(folder).get("files", [])
        stated = {str(item["path"]): item for item in files}
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        yield _finding("NDS802", f"the manifest cannot be read ({error})", folder / MANIFEST)
        return
    present = {path.relative_to(folder).as_posix(): path for path in _shards(folder)} if stated else {}
    for name in sorted(stated.keys() - present.keys()):
        yield _finding("NDS802", "is missing; the manifest lists it", folder / name)
    for name in sorted(present.keys() - stated.keys()):
        yield _finding("NDS802", "the manifest does not list it", folder / name)
    for name in sorted(stated.keys() & present.keys()):
        yield from _compare(present[name], stated[name])


def _compare(path: Path, stated: dict[str, Any]) -> Iterator[Finding]:
    n_rows = _n_rows(path)
    if n_rows is not None and n_rows != stated.get("n_rows", n_rows):
        yield _finding("NDS802", f"{n_rows:,} rows, the manifest says {stated['n_rows']:,}", path)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != stated.get("sha256", digest):
        yield _finding(
            "NDS802", f"sha256 is {digest[:12]}…, the manifest says {str(stated['sha256'])[:12]}…", path
        )


def _n_rows(path: Path) -> int | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowInvalid):
        return None


def _card(folder: Path) -> Iterator[Finding]:
    """The numbers of the card are those of the data."""
    card = folder / CARD
    if not card.is_file() or card.stat().st_size > MAX_TEXT_BYTES:
        return
    counts: Counter[tuple[str, str]] = Counter()
    for path in _shards(folder):
        split = split_of({}, path.name, split_by="file") or ""
        counts[path.parent.relative_to(folder).as_posix(), split] += _n_rows(path) or 0
    for config, split, stated in _stated_counts(card):
        of_config = {
            key: n for key, n in counts.items() if config in (None, "default", key[0].rpartition("/")[2])
        }
        found = sum(n for (_, name), n in of_config.items() if name == split)
        if of_config and found != stated:
            named = f"{config}/{split}" if config else split
            message = f"the card says {stated:,} examples in {named}, the data has {found:,}"
            yield _finding("NDS811", message, card)


def _stated_counts(card: Path) -> Iterator[tuple[str | None, str, int]]:
    import yaml

    parts = card.read_text(encoding="utf-8", errors="replace").split("\n---", 1)
    if not parts[0].startswith("---"):
        return
    try:
        data = yaml.safe_load(parts[0].removeprefix("---"))
    except yaml.YAMLError:
        return
    infos = data.get("dataset_info") if isinstance(data, dict) else None
    for info in infos if isinstance(infos, list) else [infos]:
        splits = info.get("splits") if isinstance(info, dict) else None
        for split in splits or ():
            if isinstance(split, dict) and isinstance(split.get("num_examples"), int):
                yield (info or {}).get("config_name"), str(split.get("name")), split["num_examples"]


def _scripts(folder: Path) -> Iterator[Finding]:
    """No program is needed to load the data."""
    for path in sorted(folder.rglob("*.py")):
        if path.stat().st_size <= MAX_TEXT_BYTES and _LOADING.search(path.read_bytes()):
            yield _finding(
                "NDS812", "a loading script; the datasets library refuses them since version 4", path
            )


def _has_moved(old: float, new: float, n_old: int, n_new: int, *, only_up: bool) -> bool:
    """Tell whether a share moved by five points, and by more than three standard deviations."""
    moved = new - old if only_up else abs(new - old)
    pooled = (old * n_old + new * n_new) / (n_old + n_new)
    deviation = float(np.sqrt(pooled * (1 - pooled) * (1 / n_old + 1 / n_new)))
    return moved > JUMP and moved > SIGMAS * deviation


def _null_counts(folder: Path) -> tuple[Counter[str], int]:
    """Return the nulls of every column that is no list, and the number of rows, from the footers of the files."""
    import pyarrow.parquet as pq

    nulls: Counter[str] = Counter()
    n_rows = 0
    for path in article_shards(folder):
        file = pq.ParquetFile(path)
        n_rows += file.metadata.num_rows
        plain = [number for number, column in enumerate(file.schema) if column.max_repetition_level == 0]
        for group in map(file.metadata.row_group, range(file.metadata.num_row_groups)):
            for number in plain:
                column = group.column(number)
                if column.statistics is not None and column.statistics.has_null_count:
                    nulls[column.path_in_schema] += column.statistics.null_count
    return nulls, n_rows


def _null_rates(folder: Path, previous: Path) -> Iterator[Finding]:
    """No column became emptier without a word."""
    (old, n_old), (new, n_new) = _null_counts(previous), _null_counts(folder)
    if not n_old or not n_new:
        return
    for name in sorted(old.keys() & new.keys()):
        before, after = old[name] / n_old, new[name] / n_new
        if _has_moved(before, after, n_old, n_new, only_up=True):
            message = f"{name} is null in {after:.1%} of the records, it was in {before:.1%}"
            yield _finding("NDS805", message, folder, pointer="/" + name.replace(".", "/"))


def _rows(folder: Path, columns: Iterable[str]) -> Iterator[tuple[Path, int, dict[str, Any]]]:
    """Yield file, number and some columns of every article; one batch is in memory."""
    import pyarrow.parquet as pq

    for path in article_shards(folder):
        file = pq.ParquetFile(path)
        known = [name for name in columns if name.split(".")[0] in file.schema_arrow.names]
        number = 0
        for batch in file.iter_batches(batch_size=8192, columns=known):
            for row in batch.to_pylist():
                yield path, number, row
                number += 1


def _publishers(folder: Path, previous: Path) -> Iterator[Finding]:
    """No publisher's share moved without a word."""
    old, new = (Counter(_publisher(row) for _, _, row in _rows(place, ("publisher.name", "domain")))
                for place in (previous, folder))  # fmt: skip
    n_old, n_new = old.total(), new.total()
    for name in sorted(old.keys() | new.keys()) if n_old and n_new else ():
        before, after = old[name] / n_old, new[name] / n_new
        if _has_moved(before, after, n_old, n_new, only_up=False):
            message = (
                f"{name or 'records without a publisher'}: {after:.1%} of the records, {before:.1%} before"
            )
            yield _finding(
                "NDS806", message, folder, pointer="/publisher", evidence=excerpt(name, width=80) or None
            )


def _publisher(row: dict[str, Any]) -> str:
    return (row.get("publisher") or {}).get("name") or row.get("domain") or ""


def _identities(folder: Path, previous: Path, label: str | None) -> Iterator[Finding]:
    """Records that were there are there, in their split and with their label."""
    ledger = Ledger({"id": "Q", "side": "B", "split": "Q", "label": "Q", "place": "q"})
    explained: set[int] = set(map(hash_of, _explained(folder)))
    columns = ("id", "supersedes", *((label,) if label else ()))
    for side, place in enumerate((previous, folder)):
        for number, (path, _, row) in enumerate(_rows(place, columns)):
            explained.update(map(hash_of, row.get("supersedes") or ()) if side else ())
            value = row.get(label) if label else None
            split = hash_of(split_of({}, path.name, split_by="file") or "")
            ledger.append((hash_of(row["id"] or ""), side, split, hash_of(repr(value)), number))
    gone, moved, changed = (
        np.concatenate([np.empty(0, np.int64), *parts]) for parts in _compared(ledger, explained)
    )
    yield from _named(previous, gone, "NDS803", "was in the last release; nothing says why it is gone")
    yield from _named(folder, moved, "NDS804", "is in another split than in the last release")
    yield from _named(folder, changed, "NDS804", f"has another {label} than in the last release")


def _compared(ledger: Ledger, explained: set[int]) -> tuple[list[Ints], list[Ints], list[Ints]]:
    """Return the places of records that are gone (in the old), that moved, and whose label changed (in the new)."""
    columns = ledger.columns()
    ids, side = columns["id"], columns["side"]
    found: tuple[list[Ints], list[Ints], list[Ints]] = ([], [], [])
    told = np.array(sorted(explained), dtype=np.uint64)
    for part in iter_parts(ids):
        old, new = part[side[part] == 0], part[side[part] == 1]
        is_gone = ~np.isin(ids[old], ids[new]) & ~np.isin(ids[old], told)
        found[0].append(columns["place"][old[is_gone]])
        _, at_old, at_new = np.intersect1d(ids[old], ids[new], return_indices=True)
        for result, name in zip(found[1:], ("split", "label"), strict=True):
            differs = columns[name][old[at_old]] != columns[name][new[at_new]]
            result.append(columns["place"][new[at_new[differs]]])
    return found


def _named(folder: Path, places: Ints, code: str, message: str) -> Iterator[Finding]:
    """Yield a finding for each of these records, with its id and row."""
    wanted = np.sort(places)
    for number, (path, row, record) in enumerate(_rows(folder, ("id",)) if len(wanted) else ()):
        at = int(np.searchsorted(wanted, number))
        if at < len(wanted) and wanted[at] == number:
            yield _finding(code, message, path, row=row, record_id=record["id"], pointer="/id")


def _explained(folder: Path) -> Iterator[str]:
    """Yield the identifiers of records that a tombstone or the changelog says are gone."""
    import pyarrow.parquet as pq

    tables = [path for path in _shards(folder) if "tombstone" in path.relative_to(folder).as_posix()]
    for batch in chain.from_iterable(pq.ParquetFile(path).iter_batches() for path in tables):
        for row in batch.to_pylist():
            yield from (str(row[name]) for name in ("id", "article_id") if row.get(name))
    for path in [*sorted(folder.rglob("*tombstone*.jsonl")), *sorted(folder.glob("CHANGELOG*"))]:
        with path.open(encoding="utf-8", errors="replace") as lines:
            yield from chain.from_iterable(map(_ID.findall, lines))


RULES = (
    Rule(
        code="NDS801",
        name="schema-drift",
        level="error",
        scope="release",
        summary="The shards of one table have different schemas.",
        why="Loading stops at the second shard, or turns text to null. Names and types of the columns are compared.",
        bad="section is string in train-00000, null in train-00001",
        good="one schema in all shards",
        fix="write all shards with the article schema: newsds build",
    ),
    Rule(
        code="NDS802",
        name="not-the-manifest",
        level="error",
        scope="release",
        summary="A file is missing, or its rows or hash are not those of the manifest.",
        why="The release was changed, or broke on its way, after it was built.",
        bad="980 rows, the manifest says 1,000",
        good="what the manifest says",
        fix="get the release again, or build it anew; newsds verify looks at everything else as well",
    ),
    Rule(
        code="NDS803",
        name="vanished",
        level="error",
        scope="release",
        summary="A record of the last release is gone, and nothing says why.",
        why="Results can then not be repeated, and nobody knows whether it was taken down or lost. What a tombstone, the "
        "changelog (by its id) or supersedes of a newer record names is explained.",
        bad="an id of 1.0.0 that 1.1.0 does not have",
        good="its tombstone, or its id in CHANGELOG.md",
        fix="bring it back, or say why it is gone",
    ),
    Rule(
        code="NDS804",
        name="moved",
        level="error",
        scope="release",
        summary="A record is in another split than in the last release, or has another label.",
        why="Scores of the two releases cannot be compared, and what was learned is tested.",
        bad="in test of 1.0.0 and in train of 1.1.0",
        good="in test of both",
        fix="keep the split of records that were there; a change of labels is a major version",
    ),
    Rule(
        code="NDS805",
        name="null-rate-jump",
        level="warning",
        scope="release",
        summary="A column is null much more often than in the last release.",
        why="An extractor stopped finding it. More than five points and three standard deviations.",
        bad="byline is null in 40 % of the records, it was in 12 %",
        good="12 % again",
        fix="look at the records of the new inputs",
    ),
    Rule(
        code="NDS806",
        name="share-drift",
        level="warning",
        scope="release",
        summary="The share of a publisher moved much since the last release.",
        why="A trend that somebody measures may be nothing but this. More than five points and three standard deviations.",
        bad="Coast Courier: 31 % of the records, 12 % before",
        good="12 % of both",
        fix="say so in the changelog, or even it out",
    ),
    Rule(
        code="NDS810",
        name="row-groups",
        level="warning",
        scope="release",
        summary="Row groups are larger than 100 MiB, or there is no page index.",
        why="Viewers refuse such files, and every reader has to read all of a group for one row.",
        bad="one row group of 700 MiB",
        good="row groups of a few ten MiB, with a page index",
        fix="newsds build writes both",
    ),
    Rule(
        code="NDS811",
        name="wrong-card",
        level="error",
        scope="release",
        summary="The card disagrees with the data.",
        why="People choose and cite by the card. The numbers of examples per split in dataset_info are compared.",
        bad="num_examples: 1000 over a split of 980",
        good="num_examples: 980",
        fix="make the card from the data: newsds build",
    ),
    Rule(
        code="NDS812",
        name="loading-script",
        level="error",
        scope="release",
        summary="A program has to be run to load the data.",
        why="The datasets library refuses such scripts since version 4, and nobody should run them.",
        bad="ledger.py with a GeneratorBasedBuilder",
        good="Parquet files, and their paths in the card",
        fix="write the data as Parquet and remove the script",
    ),
)

_LEVELS: dict[str, Level] = {rule.code: rule.level for rule in RULES}
