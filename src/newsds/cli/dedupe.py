"""newsds dedupe."""

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsds.cli.console import (
    FINDINGS,
    GOOD,
    flat,
    json_text,
    progress_bar,
    refuse_existing,
    summarise_findings,
)
from newsds.cli.options import add_command, count
from newsds.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from newsds.dedup import Clusters

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "dedupe", run, "find copies of the same article; nothing is deleted",
        "  newsds dedupe articles.parquet -o dedup/\n"
        "  newsds dedupe table.csv --id key --text content --time date --headline title -o dedup/\n"
        "  newsds dedupe april.parquet --index seen/ --release 2026-04 -o dedup/   also copies of earlier releases",
    )  # fmt: skip
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="file, folder or pattern")
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="DIR",
        help="folder for clusters.parquet and relations.parquet",
    )
    parser.add_argument(
        "--id",
        metavar="COLUMN",
        help="identifier of any table (with --text); without it the inputs are read as articles",
    )
    parser.add_argument("--text", metavar="COLUMN", help="text column (with --id)")
    parser.add_argument("--time", metavar="COLUMN", help="column with the date of publication (with --id)")
    parser.add_argument(
        "--headline",
        metavar="COLUMN",
        help="column with the headline (with --id); it tells short notices apart",
    )
    parser.add_argument(
        "--index",
        metavar="DIR",
        help="what earlier releases held: the inputs are compared with it and added to it",
    )
    parser.add_argument("--release", metavar="NAME", help="name of the inputs in the index (with --index)")
    parser.add_argument("--workers", type=count, default=1, metavar="N", help="threads (default: 1)")
    parser.add_argument("--force", action="store_true", help="replace the tables if they exist")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the summary (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    from newsds.readers import read
    from newsds.readers.columns import table_texts, texts

    if bool(arguments.id) != bool(arguments.text) or (
        (arguments.time or arguments.headline) and not arguments.id
    ):
        raise UsageError("--id and --text go together, and --time and --headline with them")
    if bool(arguments.index) != bool(arguments.release):
        raise UsageError("--index and --release go together")
    folder = Path(arguments.output)
    for name in ("clusters.parquet", "relations.parquet", *(["earlier.parquet"] if arguments.index else [])):
        refuse_existing(folder / name, force=arguments.force)
    if arguments.id:
        batches, findings = table_texts(
            arguments.inputs,
            id_column=arguments.id,
            text_column=arguments.text,
            time_column=arguments.time,
            headline_column=arguments.headline,
        )
    else:
        articles = read(*arguments.inputs)
        batches, findings = texts(articles), articles.findings
    with progress_bar(arguments, "deduplicating") as progress:
        found, more = _find(arguments, batches, folder, progress)
    findings = findings if arguments.id else articles.findings
    summarise_findings(findings, is_quiet=arguments.quiet)
    summary = {**found.summary(), **more}
    if arguments.format == "json":
        print(json_text({"output": folder.as_posix(), **summary}))
    elif not arguments.quiet:
        print("\n".join(f"{name.replace('_', ' '):22} {value}" for name, value in flat(summary)))
    return FINDINGS if any(finding.level == "error" for finding in findings) else GOOD


def _find(
    arguments: argparse.Namespace,
    batches: "Iterable[pa.RecordBatch]",
    folder: Path,
    progress: Callable[[int], None] | None,
) -> "tuple[Clusters, dict[str, int]]":
    """Write what is found; return it, and what is to be said besides of an index."""
    if not arguments.index:
        from newsds.dedup import dedupe

        found = dedupe(batches, workers=arguments.workers, progress=progress)
        found.write(folder)
        return found, {}
    from newsds.dedup.index import update_index

    update = update_index(
        batches,
        Path(arguments.index),
        release=arguments.release,
        workers=arguments.workers,
        progress=progress,
    )
    update.write(folder)
    counts = {"new": update.n_new, "changed": update.n_changed, "known": update.n_known}
    return update.clusters, {**counts, "copies_of_earlier": update.earlier.num_rows}
