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
    summarise_findings,
)
from newsds.cli.options import add_command, add_texts, texts_of
from newsds.cli.outputs import keep_apart, refuse_existing
from newsds.cli.values import positive
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
    parser.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="file, folder or pattern; -: JSONL from standard input"
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="DIR",
        help="folder for clusters.parquet and relations.parquet",
    )
    add_texts(parser)
    parser.add_argument(
        "--index",
        metavar="DIR",
        help="what earlier releases held: the inputs are compared with it and added to it",
    )
    parser.add_argument("--release", metavar="NAME", help="name of the inputs in the index (with --index)")
    parser.add_argument("--workers", type=positive, default=1, metavar="N", help="threads (default: 1)")
    parser.add_argument("--force", action="store_true", help="replace the tables if they exist")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the summary (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    if bool(arguments.index) != bool(arguments.release):
        raise UsageError("--index and --release go together")
    folder = Path(arguments.output)
    names = ("clusters.parquet", "relations.parquet", *(["earlier.parquet"] if arguments.index else []))
    for name in names:
        refuse_existing(folder / name, force=arguments.force)
    held = Path(arguments.index).rglob("*") if arguments.index else ()
    leave_out = keep_apart([*(folder / name for name in names), *held], arguments.inputs)
    batches, findings_of = texts_of(arguments, arguments.inputs, leave_out=leave_out)
    with progress_bar(arguments, "deduplicating") as progress:
        found, more = _find(arguments, batches, folder, progress)
    findings = findings_of()
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
    from newsds.index.update import update_index

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
