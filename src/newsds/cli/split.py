"""newsds split."""

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsds.cli.console import (
    FINDINGS,
    GOOD,
    flat,
    json_text,
    progress_bar,
    say,
    summarise_findings,
)
from newsds.cli.options import add_command, add_texts, texts_of
from newsds.cli.outputs import keep_apart, refuse_existing
from newsds.cli.values import count, hours, shares
from newsds.errors import OutputError, UsageError

if TYPE_CHECKING:
    from newsds.project import SplitChoices
    from newsds.release.splits import Splits

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "split", run, "split texts so that no copies stand in two splits",
        "  newsds split articles.parquet -o splits/ --embargo 72h\n"
        "  newsds split table.csv --id key --text content --by random --seed 7 --stratify label -o splits/\n"
        "  newsds split articles.jsonl --shares train=0.9,test=0.1 -o splits/\n"
        "  newsds split more.jsonl --keep splits/splits.parquet -o splits-2/   the splits of before, and what is new",
    )  # fmt: skip
    parser.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="file, folder or pattern; -: JSONL from standard input"
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="DIR", help="folder for splits.parquet (id, split, group)"
    )
    add_texts(parser)
    parser.add_argument("--by", choices=("time", "random"), default="time", help="(default: time)")
    parser.add_argument(
        "--shares",
        type=shares,
        default="train=0.8,validation=0.1,test=0.1",
        metavar="SPLIT=SHARE,...",
        help="splits and their shares, in order of time (default: train=0.8,validation=0.1,test=0.1)",
    )
    parser.add_argument(
        "--embargo",
        type=hours,
        default=0.0,
        metavar="TIME",
        help="leave out what lies so near to the border of two splits, such as 72h or 3d (with --by time)",
    )
    parser.add_argument("--seed", type=count, default=0, metavar="S", help="of a random split (default: 0)")
    parser.add_argument(
        "--stratify",
        metavar="COLUMN",
        help="column whose values each split has in the same shares (with --by random); of articles a field, "
        "such as publisher.name",
    )
    parser.add_argument(
        "--keep",
        metavar="FILE|RELEASE",
        help="what was split before keeps its split: a splits.parquet, any table with id and split, or a release",
    )
    parser.add_argument("--force", action="store_true", help="replace splits.parquet if it exists")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the summary (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    from newsds.release.kept import read_kept
    from newsds.release.splits import split

    if arguments.by == "time" and arguments.text and not arguments.time:
        raise UsageError("--by time: name the column with the dates with --time, or split with --by random")
    choices = _choices(arguments)
    folder = Path(arguments.output)
    target = folder / "splits.parquet"
    refuse_existing(target, force=arguments.force)
    kept = read_kept(Path(arguments.keep)) if arguments.keep else None
    leave_out = keep_apart([target], arguments.inputs)
    batches, findings = texts_of(arguments, arguments.inputs, leave_out=leave_out)
    with progress_bar(arguments, "splitting") as progress:
        found = split(
            batches, choices=choices, strata=_strata(arguments, leave_out), kept=kept, progress=progress
        )
    if not found.faults:
        _write(found, folder)
    summarise_findings(findings(), is_quiet=arguments.quiet)
    if arguments.format == "json":
        print(json_text({"output": None if found.faults else folder.as_posix(), **found.to_dict()}))
    elif not arguments.quiet:
        print("\n".join(f"{name.replace('_', ' '):22} {value}" for name, value in flat(found.to_dict())))
    for note in found.keeping.notes(found.sizes) if found.keeping else ():
        say(f"newsds: {note}")
    for fault in found.faults:
        say(f"newsds: {fault}")
    if found.faults:
        say(f"newsds: {target} is not written")
    is_faulty = found.faults or found.n_crossing or any(item.level == "error" for item in findings())
    return FINDINGS if is_faulty else GOOD


def _write(found: "Splits", folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror})") from None
    found.write(folder)


def _choices(arguments: argparse.Namespace) -> "SplitChoices":
    from newsds.project import SplitChoices

    return SplitChoices(
        by=arguments.by,
        shares=arguments.shares,
        embargo_hours=arguments.embargo,
        seed=arguments.seed,
        stratify=arguments.stratify,
    )


def _strata(arguments: argparse.Namespace, leave_out: Collection[Path]) -> dict[str, str] | None:
    from newsds.readers import read
    from newsds.readers.columns import column_values, field_values

    column, inputs = arguments.stratify, arguments.inputs
    if column is None:
        return None
    if arguments.text:
        return column_values(inputs, id_column=arguments.id, column=column, leave_out=leave_out)
    return field_values(read(*inputs, leave_out=leave_out), column)
