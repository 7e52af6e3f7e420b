"""newsds load."""

import argparse
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, BinaryIO

from newsds.cli.console import GOOD, harmless, json_text, progress_bar, say, text_width
from newsds.cli.options import add_command
from newsds.cli.outputs import target_of
from newsds.cli.values import count
from newsds.errors import UsageError

if TYPE_CHECKING:
    from newsds.article import Record
    from newsds.loader.dataset import Dataset

__all__ = ["add"]

#: Rows that are shown where nothing says how many.
_N_SHOWN = 5
_SIGNS = (" not in ", " in ", "==", "!=", ">=", "<=", ">", "<")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "load", run, "fetch a release, verify it, and show what it has or write its rows",
        "  newsds load dist/newsds-sample\n"
        "  newsds load dist/newsds-sample --columns headline,published_at -n 3   the first rows, for people\n"
        "  newsds load hf://datasets/org/news@1.2.0 --split train -o train.parquet\n"
        "  newsds load https://example.org/news '--version=>=1.1,<2' --filter 'language == en' -o en.jsonl\n"
        "  newsds load s3://bucket/news@1.2.0 --columns id,headline --canonical-only -n 10 -o -",
    )  # fmt: skip
    parser.add_argument(
        "where",
        metavar="WHERE",
        help="folder, https://..., s3://... or hf://datasets/...; at its end @VERSION if not the newest",
    )
    parser.add_argument("--version", metavar="VERSION", help="version, or a range such as '>=1.1,<2'")
    parser.add_argument("--config", default="articles", metavar="NAME", help="table (default: articles)")
    parser.add_argument("--split", metavar="NAME", help="split (default: all)")
    parser.add_argument("--columns", metavar="A,B,C", help="columns, in the order wanted (default: all)")
    parser.add_argument(
        "--filter",
        action="append",
        default=[],
        metavar="CONDITION",
        help="such as 'language == en' or 'published_at >= 2026-01-01'; all that are given must hold",
    )
    parser.add_argument("--canonical-only", action="store_true", help="leave out copies of articles")
    parser.add_argument("-n", "--rows", type=count, metavar="N", help="no more rows than that (shown: 5)")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="write the rows: rows.jsonl or rows.parquet; - for JSONL on standard output; without it, what "
        "chooses rows or columns shows the first of them",
    )
    parser.add_argument("--force", action="store_true", help="replace the output if it exists")
    parser.add_argument(
        "--verify",
        choices=("full", "manifest", "off"),
        default="full",
        help="full: every hash, once; manifest: sizes and numbers of rows; off: nothing (default: full)",
    )
    parser.add_argument("--key", metavar="PEM", help="public key with which the release must be signed")
    parser.add_argument("--offline", action="store_true", default=None, help="read from the cache alone")
    parser.add_argument("--cache", metavar="DIR", help="folder of the cache (default: that of the user)")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the summary (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    from newsds.loader import load

    target = target_of(arguments) if arguments.output else None
    with progress_bar(arguments, "loading", "B") as progress:
        loaded = load(
            arguments.where, version=arguments.version, config=arguments.config, split=arguments.split,
            columns=arguments.columns.split(",") if arguments.columns else None,
            filters=[_condition(text) for text in arguments.filter] or None,
            canonical_only=arguments.canonical_only, verify=arguments.verify, key=arguments.key, offline=arguments.offline,
            cache=arguments.cache, streaming=arguments.rows is not None, progress=progress,
        )  # fmt: skip
    if target is None:
        _show(loaded.verify(), arguments)
        return GOOD
    with progress_bar(arguments, "writing", " rows") as progress:
        n_rows = _write(loaded, target, arguments.rows, progress or (lambda _: None))
    if not arguments.quiet and isinstance(target, Path):
        say(f"{n_rows:,} rows of {loaded.name} {loaded.version} written to {target}")
    return GOOD


def _show(loaded: "Dataset", arguments: argparse.Namespace) -> None:
    """Print what a release has, and the first rows if the options choose some."""
    from newsds.text import excerpt

    chooses = arguments.rows is not None or arguments.filter or arguments.columns or arguments.canonical_only
    n_shown = _N_SHOWN if arguments.rows is None else arguments.rows
    rows = list(islice(_records(loaded), n_shown)) if chooses else None
    if arguments.format == "json":
        print(json_text(_summary(loaded) | ({} if rows is None else {"rows": rows})))
        return
    print(harmless(_text(loaded)))
    for number, row in enumerate(rows or (), start=1):
        print(f"  row {number}")
        for name, value in row.items():
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            print(f"    {name:19} {excerpt(shown, width=max(20, text_width() - 24))}")
    if rows == [] and n_shown:
        print("  no row is like this")


def _condition(text: str) -> tuple[str, str, Any]:
    """Return the condition that an option says; its value is JSON where it can be read as such."""
    for sign in _SIGNS:
        column, found, value = text.partition(sign)
        if found and column.strip():
            return column.strip(), sign.strip(), _value(value.strip())
    raise UsageError(f"--filter {text!r}: write 'language == en'")


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _summary(loaded: "Dataset") -> dict[str, Any]:
    return {
        "name": loaded.name,
        "version": loaded.version,
        "title": loaded.manifest.title,
        "schema_version": loaded.manifest.schema_version,
        "configs": [config.name for config in loaded.manifest.configs],
        "config": loaded.selection.config,
        "splits": loaded.splits,
        "columns": loaded.schema.names,
        "n_files": len(loaded.shards),
        "n_bytes": sum(shard.n_bytes for shard in loaded.shards),
        "verified": loaded.files.verify,
    }


def _text(loaded: "Dataset") -> str:
    summary = _summary(loaded)
    splits = ", ".join(f"{name} {n:,}" for name, n in loaded.splits.items())
    return (
        f"{loaded.name} {loaded.version}: {loaded.manifest.title or loaded.name}\n"
        f"  tables     {', '.join(summary['configs'])}\n"
        f"  {loaded.selection.config:10} {splits}; {summary['n_files']} files, {summary['n_bytes']:,} bytes\n"
        + fill(
            ", ".join(summary["columns"]),
            text_width(),
            initial_indent="  columns    ",
            subsequent_indent=" " * 13,
        )
    )


def _write(loaded: "Dataset", target: "Path | BinaryIO", limit: int | None, progress: Any) -> int:
    """Write rows to a file that is complete or not there, and return their number."""
    from newsds.files import temporary_sibling

    if not isinstance(target, Path):
        return _write_jsonl(loaded, target, limit, progress)
    if target.suffix not in (".jsonl", ".ndjson", ".parquet"):
        raise UsageError(f"{target}: write to a file ending in .jsonl, .ndjson or .parquet")
    with temporary_sibling(target) as partial:
        if target.suffix == ".parquet":
            return _write_parquet(loaded, partial, limit, progress)
        with partial.open("wb") as stream:
            return _write_jsonl(loaded, stream, limit, progress)


def _write_jsonl(loaded: "Dataset", stream: BinaryIO, limit: int | None, progress: Any) -> int:
    import orjson

    n_rows = 0
    for record in islice(_records(loaded), limit):
        stream.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        n_rows += 1
        progress(1)
    return n_rows


def _records(loaded: "Dataset") -> Iterator["Record"]:
    from newsds.article import to_records

    for batch in loaded:
        yield from to_records(batch)


def _write_parquet(loaded: "Dataset", path: Path, limit: int | None, progress: Any) -> int:
    import pyarrow.parquet as pq

    n_rows = 0
    with pq.ParquetWriter(path, loaded.schema, compression="zstd", compression_level=3) as writer:
        for batch in loaded:
            kept = batch if limit is None else batch.slice(0, limit - n_rows)
            if not kept.num_rows:
                break
            writer.write_batch(kept)
            n_rows += kept.num_rows
            progress(kept.num_rows)
    return n_rows
