"""Index: a census on disk, so that new records can be judged against a set without reading the set again.

One row per record: its identifier and place, and hashes; no text. Of the lines of a set only those matter that new
records share, or that stand in records which share one: whether they are kept is decided by a part of their hash,
so that each is kept with all its records or not at all, and the rules count the same as on the whole set.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsds.checks.census import CENSUS_COLUMNS, LINE_COLUMNS, TOKEN_COLUMNS, Census
from newsds.checks.ledger import Ints, Texts
from newsds.errors import InputError, UsageError
from newsds.files import temporary_sibling
from newsds.findings import Finding
from newsds.later import later_module

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
else:
    np = later_module("numpy")

__all__ = ["Index", "write_index"]

#: Changes whenever the numbers of a census mean something else.
VERSION = "2"
ROWS = 65_536
#: Bits of a line's hash by which lines are kept.
_BITS = 26
_KEY = b"newsds"
#: Rules that look at all lines of a record, and so are exact only for records of which all lines are kept.
_BY_LINES = frozenset({"NDS302", "NDS308"})
#: The rule that tells by the text of a line whether it matters; the index has no texts.
_BY_TEXT = "NDS304"


def write_index(path: Path, *, census: Census, rules: Iterable[str], findings: Iterable[Finding]) -> None:
    """Write a census, and what rules on the whole set found in it.

    Raises:
        OutputError: the folder does not exist.
    """
    import pyarrow.parquet as pq

    schema = _schema().with_metadata({_KEY: json.dumps(_about(census, rules, findings)).encode()})
    with (
        temporary_sibling(path) as partial,
        pq.ParquetWriter(partial, schema, compression="zstd", use_dictionary=["path"]) as writer,
    ):
        for start in range(0, len(census), ROWS):
            writer.write_table(_table(census, start, min(start + ROWS, len(census)), schema))


def _schema() -> "pa.Schema":
    import pyarrow as pa

    def typed(columns: dict[str, str], *, without: tuple[str, ...]) -> list[tuple[str, Any]]:
        return [
            (name, pa.from_numpy_dtype(np.dtype(code)))
            for name, code in columns.items()
            if name not in without
        ]

    line = pa.struct(typed(LINE_COLUMNS, without=("line_record",)))
    token = pa.struct(typed(TOKEN_COLUMNS, without=("token_record",)))
    numbers = typed(CENSUS_COLUMNS, without=("path", "id"))
    return pa.schema(
        [
            ("record_id", pa.string()),
            ("path", pa.string()),
            ("id", pa.uint64()),
            *numbers,
            ("lines", pa.list_(line)),
            ("tokens", pa.list_(token)),
        ]
    )


def _about(census: Census, rules: Iterable[str], findings: Iterable[Finding]) -> dict[str, Any]:
    """Return what the index says of itself; names are those of publishers and labels."""
    shown = {int(key) for column in (census.publisher, census.label) for key in np.unique(column)}
    counts = Counter(finding.fingerprint for finding in findings)
    return {
        "index_version": VERSION,
        "rules": sorted(rules),
        "task": _task(census),
        "splits": census.splits,
        "names": {f"{key:x}": name for key, name in census.names.items() if key in shown},
        "findings": dict(sorted(counts.items())),
    }


def _task(census: Census) -> list[Any]:
    task = census.choices.task
    return [] if task is None else [task.split_by, task.label]


def _table(census: Census, start: int, end: int, schema: "pa.Schema") -> "pa.Table":
    import pyarrow as pa

    texts = {
        "record_id": [census.ids[number] for number in range(start, end)],
        "path": [census.paths[number] for number in census.path[start:end]],
    }
    columns = {name: pa.array(values, pa.string()) for name, values in texts.items()}
    for name in CENSUS_COLUMNS:
        if name != "path":
            columns[name] = pa.array(np.asarray(getattr(census, name)[start:end]))
    columns["lines"] = _lists(census, "line_record", LINE_COLUMNS, start, end)
    columns["tokens"] = _lists(census, "token_record", TOKEN_COLUMNS, start, end)
    return pa.table([columns[name].cast(schema.field(name).type) for name in schema.names], schema=schema)


def _lists(census: Census, owner: str, names: Iterable[str], start: int, end: int) -> "pa.Array":
    """Return what belongs to some records as one list for each."""
    import pyarrow as pa

    owners = getattr(census, owner)
    bounds = np.searchsorted(owners, np.arange(start, end + 1))
    columns = {
        name: pa.array(np.asarray(getattr(census, name)[bounds[0] : bounds[-1]]))
        for name in names
        if name != owner
    }
    values = pa.StructArray.from_arrays(list(columns.values()), names=list(columns))
    return pa.ListArray.from_arrays(pa.array((bounds - bounds[0]).astype(np.int32)), values)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entries:
    """The records of an index that are joined to new ones, and the lines that are kept of them."""

    columns: dict[str, Ints]
    paths: tuple[str | None, ...]
    ids: Texts
    #: Whether all lines of a record are kept.
    is_whole: Ints


class Index:
    """A census on disk, for one validation: it takes account of what was found."""

    def __init__(self, path: str | Path) -> None:
        """Open an index.

        Raises:
            InputError: it cannot be read, or is no index of this version of newsds.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._path = Path(path)
        try:
            self._file: pq.ParquetFile = pq.ParquetFile(self._path)
            about = json.loads(self._file.schema_arrow.metadata[_KEY])
        except FileNotFoundError:
            raise InputError(f"{path}: no such file") from None
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
            raise InputError(f"{path}: no index; newsds validate --write-index writes one") from None
        if about.get("index_version") != VERSION:
            raise InputError(f"{path}: written by another version of newsds; write it again")
        self._about = about
        self._known: Counter[str] = Counter(about["findings"])
        self._is_whole: Ints = np.zeros(0, dtype=bool)

    @staticmethod
    def is_index(path: str | Path) -> bool:
        """Tell whether a file is an index, of whatever version."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return _KEY in (pq.read_schema(path).metadata or {})
        except (OSError, pa.ArrowException):
            return False

    def __len__(self) -> int:
        return int(self._file.metadata.num_rows)

    def join(self, census: Census) -> Census:
        """Return the census of the set and of new records, the set's first.

        Raises:
            UsageError: splits or labels are said to be elsewhere than when the index was written.
        """
        if self._about["task"] != _task(census):
            raise UsageError(f"{self._path}: written with other choices of splits and labels; write it again")
        entries = self._entries(census)
        self._is_whole = entries.is_whole
        return _joined(census, entries, self._about)

    def is_news(self, finding: Finding, number: int | None) -> bool:
        """Tell whether a finding on the joined census was not there before the new records came.

        Findings on records of the set must come before others.
        """
        is_base = number is not None and number < len(self)
        is_new = number is not None and not is_base
        if is_new and finding.group is None:
            return True
        if finding.code not in self._about["rules"]:
            return is_new
        if is_base and self._is_blind(finding, number):
            return False
        self._known[finding.fingerprint] -= 1
        return self._known[finding.fingerprint] < 0

    def _is_blind(self, finding: Finding, number: int | None) -> bool:
        """Tell whether a finding on a record of the set comes of what the index does not have."""
        if finding.code == _BY_TEXT:
            return finding.evidence is None
        return finding.code in _BY_LINES and not self._is_whole[number]

    def _entries(self, census: Census) -> _Entries:
        import pyarrow as pa

        try:
            lines, is_whole = self._lines(census)
            records, paths, ids = self._records()
            return _Entries(
                columns={**lines, **self._tokens(), **records}, paths=paths, ids=ids, is_whole=is_whole
            )
        except (OSError, pa.ArrowException, LookupError, ValueError) as error:
            raise InputError(f"{self._path}: damaged ({str(error)[:100]}); write it again") from None

    def _lines(self, census: Census) -> tuple[dict[str, Ints], Ints]:
        """Return the lines that are kept, and which records have all of theirs among them."""
        texts = self._read_lists("lines", "line_text")
        owner = np.repeat(np.arange(len(self), dtype=np.uint32), np.diff(self._bounds("lines", "line_words")))
        is_whole = np.zeros(len(self), dtype=bool)
        is_whole[owner[_are_among(texts, census.line_text)]] = True
        kept = _are_among(texts, texts[is_whole[owner]])
        lines = {"line_record": owner[kept], "line_text": texts[kept]}
        del texts, owner
        numbers = {name: self._read_lists("lines", name)[kept] for name in ("line_chars", "line_words")}
        return lines | numbers, is_whole

    def _records(self) -> tuple[dict[str, Ints], tuple[str | None, ...], Texts]:
        """Return the numbers of the records, the paths that are numbered among them, and the identifiers."""
        names = [name for name in CENSUS_COLUMNS if name != "path"]
        table = self._file.read(columns=["record_id", "path", *names])
        columns = {name: table[name].to_numpy() for name in names}
        encoded = table["path"].combine_chunks().dictionary_encode()
        paths: list[str | None] = [*encoded.dictionary.to_pylist(), None]
        columns["path"] = encoded.indices.fill_null(len(paths) - 1).to_numpy(zero_copy_only=False)
        ids = Texts()
        for chunk in table["record_id"].chunks:
            for text in chunk.to_pylist():
                ids.append(text)
        return columns, tuple(paths), ids

    def _tokens(self) -> dict[str, Ints]:
        bounds = self._bounds("tokens", "token_kind")
        owner = np.repeat(np.arange(len(self), dtype=np.uint32), np.diff(bounds))
        return {
            "token_record": owner,
            **{name: self._read_lists("tokens", name) for name in ("token_kind", "token")},
        }

    def _bounds(self, lists: str, name: str) -> Ints:
        """Return where the entries of each record begin and end."""
        lengths = [np.diff(chunk.offsets.to_numpy()) for chunk in self._chunks(lists, name)]
        return np.concatenate([[0], np.cumsum(np.concatenate(lengths or [np.zeros(0, dtype=np.int64)]))])

    def _read_lists(self, lists: str, name: str) -> Ints:
        """Return one number of each entry of the lists, one after the other."""
        parts = [chunk.flatten().field(0).to_numpy() for chunk in self._chunks(lists, name)]
        dtype = np.dtype((LINE_COLUMNS | TOKEN_COLUMNS)[name])
        return np.concatenate(parts) if parts else np.zeros(0, dtype=dtype)

    def _chunks(self, lists: str, name: str) -> "Iterator[pa.ListArray]":
        for number in range(self._file.metadata.num_row_groups):
            column = self._file.read_row_group(number, columns=[f"{lists}.list.element.{name}"])[lists]
            yield from column.chunks


def _are_among(texts: Ints, wanted: Ints) -> Ints:
    """Tell for each hash whether it is among others; those that agree in `_BITS` bits are taken for one."""
    mask = np.uint64((1 << _BITS) - 1)
    table = np.zeros(1 << _BITS, dtype=bool)
    table[wanted & mask] = True
    return table[texts & mask]


def _joined(census: Census, entries: _Entries, about: dict[str, Any]) -> Census:
    n_base, n_paths = len(entries.ids), len(entries.paths)
    splits = tuple(dict.fromkeys([*about["splits"], *census.splits]))
    numbers = np.array([splits.index(name) for name in census.splits], dtype=np.uint32)
    own = {item.name: getattr(census, item.name) for item in fields(census)}
    own["split"] = numbers[census.split]
    own["path"] = census.path + n_paths
    own["line_record"] = census.line_record + np.uint32(n_base)
    own["token_record"] = census.token_record + np.uint32(n_base)
    columns: dict[str, Any] = {
        name: np.concatenate([values, own[name]]) for name, values in entries.columns.items()
    }
    for number in range(len(census)):
        entries.ids.append(census.ids[number])
    return replace(
        census,
        **columns,
        ids=entries.ids.finish(),
        paths=(*entries.paths, *census.paths),
        path_rank=np.concatenate([_ranks(entries.paths), census.path_rank + n_paths]),
        splits=splits,
        names={**{int(key, 16): name for key, name in about["names"].items()}, **census.names},
    )


def _ranks(paths: tuple[str | None, ...]) -> Ints:
    rank = np.empty(len(paths), dtype=np.int64)
    rank[sorted(range(len(paths)), key=lambda number: paths[number] or "")] = np.arange(len(paths))
    return rank
