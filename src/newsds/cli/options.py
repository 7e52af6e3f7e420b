"""What commands share on the command line: their frame, how to read inputs, and types of values."""

import argparse
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsds.cli.console import say
from newsds.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from newsds.findings import Finding
    from newsds.project import RuleChoices
    from newsds.readers import Reading

__all__ = [
    "EPILOG",
    "add_command",
    "add_reading",
    "add_task",
    "add_texts",
    "reading_of",
    "texts_of",
    "with_task",
]

EPILOG = "exit status: 0 all good, 1 findings, 2 bad usage, 3 cannot read or write"


def add_command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], summary: str, examples: str
) -> argparse.ArgumentParser:
    """Add the parser of one command, with its examples and the options every command has."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=f"examples:\n{examples}\n\n{EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but results and errors")
    return parser


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how inputs are to be read."""
    group = parser.add_argument_group("how to read the inputs")
    group.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="the column that holds a field; may be repeated",
    )
    group.add_argument(
        "--columns", metavar="A,B,C", help="names of the columns of a CSV file without a header"
    )
    group.add_argument(
        "--default",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="a field for records without it (text or JSON); may be repeated",
    )
    group.add_argument("--date-order", choices=("mdy", "dmy"), help="how 03/04/2026 is meant")
    group.add_argument(
        "--encoding",
        default="utf-8",
        help="encoding of text pages and CSV files; JSON is UTF-8 (default: utf-8)",
    )
    group.add_argument("--delimiter", metavar="CHAR", help="of CSV files (default: found in the first line)")
    group.add_argument(
        "--nan-as-null", action="store_true", help="read NaN and Infinity, which JSON does not have, as null"
    )


def add_texts(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which columns of a table hold texts; without them the inputs are articles."""
    parser.add_argument(
        "--id", metavar="COLUMN", help="identifier (default with --text: the place of the record)"
    )
    parser.add_argument(
        "--text",
        metavar="COLUMN",
        help="text column of any table; without it the inputs are read as articles",
    )
    parser.add_argument("--time", metavar="COLUMN", help="column with the date of publication (with --text)")
    parser.add_argument(
        "--headline",
        metavar="COLUMN",
        help="column with the headline (with --text); it tells short notices apart",
    )


def texts_of(
    arguments: argparse.Namespace, inputs: "Sequence[str | Path]", *, leave_out: "Collection[Path]" = ()
) -> "tuple[Iterable[pa.RecordBatch], Callable[[], Sequence[Finding]]]":
    """Return the texts of inputs as the options say, and what tells afterwards what could not be read."""
    from newsds.readers import read
    from newsds.readers.columns import table_texts, texts

    others = {name: getattr(arguments, name) for name in ("id", "time", "headline")}
    alone = next((name for name, column in others.items() if column and not arguments.text), None)
    if alone:
        raise UsageError(f"--{alone}: name the column with the texts, too, with --text")
    if arguments.text:
        batches, found = table_texts(
            inputs,
            text_column=arguments.text,
            leave_out=leave_out,
            **{f"{name}_column": column for name, column in others.items()},
        )
        return _once(arguments, batches, lambda: found)
    articles = read(*inputs, leave_out=leave_out)
    return _once(arguments, texts(articles), lambda: articles.findings)


def _once(
    arguments: argparse.Namespace,
    batches: "Iterable[pa.RecordBatch]",
    findings_of: "Callable[[], Sequence[Finding]]",
) -> "tuple[Iterable[pa.RecordBatch], Callable[[], Sequence[Finding]]]":
    """Leave out rows that are given twice, and say so with the findings."""
    from newsds.dedup.repeats import Once

    once = Once(batches)

    def findings() -> "Sequence[Finding]":
        if once.n_left_out and not arguments.quiet:
            say(
                f"newsds: texts given again with the id and content they have, and left out: {once.n_left_out:,}"
            )
        return findings_of()

    return once, findings


def reading_of(arguments: argparse.Namespace) -> "Reading":
    """Return what the options say about reading."""
    from newsds.readers import Reading

    return Reading(
        map=_pairs(arguments.map, "--map"),
        columns=tuple(name.strip() for name in arguments.columns.split(",")) if arguments.columns else (),
        defaults={name: _value(text) for name, text in _pairs(arguments.default, "--default").items()},
        date_order=arguments.date_order,
        encoding=arguments.encoding,
        delimiter=arguments.delimiter,
        nan_as_null=arguments.nan_as_null,
    )


def add_task(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how a set is split and labelled, and what must not be in it."""
    group = parser.add_argument_group("splits, labels and rights (also in datapackage.json, under newsds)")
    group.add_argument(
        "--split-by",
        metavar="FIELD",
        help="field or column that holds the split; file: the name of the file or folder is the split",
    )
    group.add_argument("--label", metavar="FIELD", help="field or column that holds the label")
    group.add_argument("--labels", metavar="A,B,C", help="the labels that there are")
    group.add_argument(
        "--in-time",
        metavar="A,B,C",
        help="splits in order of time: a later one begins after an earlier one ends",
    )
    group.add_argument(
        "--opted-out", metavar="FILE", help="domains and SHA-256 of texts that must not be there, one a line"
    )


def with_task(choices: "RuleChoices", arguments: argparse.Namespace) -> "RuleChoices":
    """Return the choices with what the options of `add_task` say.

    Raises:
        UsageError: labels or an order are named, but not where they are.
        OSError: the list of those who opted out cannot be read.
    """
    from dataclasses import replace
    from pathlib import Path

    from newsds.project import Task

    given = {
        "split_by": arguments.split_by,
        "label": arguments.label,
        "labels": _names(arguments.labels),
        "in_time": _names(arguments.in_time),
    }
    if given["labels"] and not given["label"]:
        raise UsageError("--labels: name the field that holds them with --label")
    if given["in_time"] and not given["split_by"]:
        raise UsageError("--in-time: say where the splits are with --split-by")
    if any(given.values()):
        choices = replace(choices, task=Task(**given))
    if arguments.opted_out:
        lines = Path(arguments.opted_out).read_text(encoding="utf-8").lower().split()
        choices = replace(choices, opted_out=choices.opted_out | frozenset(lines))
    return choices


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",")) if text else ()


def _pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    pairs = dict(_pair(text, option) for text in texts)
    if len(pairs) < len(texts):
        raise UsageError(f"{option}: a field is named twice")
    return pairs


def _pair(text: str, option: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name or not value:
        raise UsageError(f"{option} {text}: write it as NAME=VALUE")
    return name, value


def _value(text: str) -> Any:
    """Return JSON where the text is a JSON object or array, else the text."""
    import orjson

    if text[:1] not in "{[":
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"--default: {text[:60]!r} is not JSON ({error})") from None
