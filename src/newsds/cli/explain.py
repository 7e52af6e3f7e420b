"""newsds explain."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsds.cli.console import GOOD, json_text, text_width
from newsds.cli.options import add_command, add_texts, texts_of
from newsds.errors import UsageError

if TYPE_CHECKING:
    from newsds.dedup.explanation import Explanation, Segment

__all__ = ["add"]

#: Characters of shared text that are shown at its start and at its end.
_CONTEXT = 90


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "explain", run, "show what two copies share, what differs, and why they were joined or not",
        "  newsds explain nds:1a2b... nds:3c4d... --in articles.parquet\n"
        "  newsds explain nds:1a2b... nds:3c4d... --index seen/   two articles of any releases\n"
        "  newsds explain wire.txt republished.txt\n"
        "  newsds explain 14412 14739 --in table.csv --id key --text content --time date --format json",
    )  # fmt: skip
    parser.add_argument(
        "a", metavar="A", help="id of an article with --in or --index, else a file with one article"
    )
    parser.add_argument("b", metavar="B", help="the other")
    parser.add_argument(
        "--in",
        dest="inputs",
        nargs="+",
        metavar="FILE",
        help="articles the two are among; what is common is counted over them",
    )
    parser.add_argument(
        "--index", metavar="DIR", help="index of earlier releases the two are in (newsds dedupe --index)"
    )
    add_texts(parser)
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the output (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    found = _explain(arguments)
    if arguments.format == "json":
        print(json_text(found.to_dict()))
    else:
        print("\n".join(_lines(found, is_coloured=sys.stdout.isatty())))
    return GOOD


def _explain(arguments: argparse.Namespace) -> "Explanation":
    if arguments.index:
        from newsds.index.explanation import explain_known

        if arguments.inputs or arguments.text:
            raise UsageError("--index has the articles; leave --in and --text out")
        return explain_known(Path(arguments.index), arguments.a, arguments.b)
    from newsds.dedup.explanation import explain

    return explain(*_texts(arguments))


def _texts(arguments: argparse.Namespace) -> tuple[Iterable[Any], str, str]:
    if arguments.text and not arguments.inputs:
        raise UsageError("--text: name the table with --in")
    if arguments.inputs:
        return texts_of(arguments, arguments.inputs)[0], arguments.a, arguments.b
    a, b = (_only_article(path) for path in (arguments.a, arguments.b))
    return texts_of(arguments, [arguments.a, arguments.b])[0], a, b


def _only_article(path: str) -> str:
    from newsds.readers import read

    names = [str(row.record["id"]) for row in read(path).rows()]
    if len(names) != 1:
        raise UsageError(f"{path}: has {len(names)} articles; name two of them by id with --in")
    return names[0]


def _lines(found: "Explanation", *, is_coloured: bool) -> Iterator[str]:
    verdict = "the same article" if found.is_same_article else "not the same article"
    yield f"{found.relation} ({found.rule}): {verdict}" if found.rule else "no relation: not the same article"
    yield f"a  {found.a}"
    yield f"b  {found.b}" + ("" if found.hours_apart is None else f", {found.hours_apart:.1f} hours later")
    yield ""
    for text, holds in found.conditions:
        yield f"  {'yes' if holds else 'no ':3}  {text}"
    yield ""
    for name, value in found.measures.items():
        yield f"  {name:18}{value:g}"
    for name, words in (("only in a", found.only_a), ("only in b", found.only_b)):
        if words:
            yield f"  {name:18}{', '.join(words)}"
    yield ""
    parts = (part for segment in found.segments for part in _words(segment))
    yield from _wrapped(parts, width=text_width(), is_coloured=is_coloured)


_RED, _GREEN, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[0m"


def _words(segment: "Segment") -> Iterator[tuple[str, str]]:
    """Yield the words of a segment, each with its colour."""
    from newsds.text import excerpt

    a, b = (excerpt(text, width=len(text) or 1).replace("⏎", " ").strip() for text in (segment.a, segment.b))
    if segment.kind == "shared":
        shown = a if len(a) <= 2 * _CONTEXT else f"{a[:_CONTEXT]} […] {a[-_CONTEXT:]}"
        yield from ((word, "") for word in shown.split())
        return
    if a:
        yield from ((word, _RED) for word in f"[-{a}-]".split())
    if b:
        yield from ((word, _GREEN) for word in f"{{+{b}+}}".split())


def _wrapped(words: Iterable[tuple[str, str]], *, width: int, is_coloured: bool) -> Iterator[str]:
    """Yield lines of at most `width` columns, as a terminal shows them: codes of colours take none."""
    line: list[str] = []
    n_used = 0
    for word, colour in words:
        if line and n_used + 1 + len(word) > width:
            yield " ".join(line)
            line, n_used = [], 0
        n_used += len(word) + bool(line)
        line.append(f"{colour}{word}{_PLAIN}" if colour and is_coloured else word)
    if line:
        yield " ".join(line)
