"""`newsds convert`: articles in the vocabularies of others."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from newsds.cli.console import FINDINGS, GOOD, progress_bar, say, summarise_findings
from newsds.cli.options import add_command
from newsds.cli.outputs import keep_apart, target_of

if TYPE_CHECKING:
    from newsds.article import Articles, Record
    from newsds.findings import Finding

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "convert", run, "write articles as IPTC ninjs or schema.org JSON-LD",
        "  newsds convert articles.jsonl --as ninjs -o articles.ninjs.jsonl\n"
        "  newsds convert articles.parquet --as schema.org > newsarticles.jsonl",
    )  # fmt: skip
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="file, folder or pattern with articles; -: from standard input",
    )
    parser.add_argument(
        "--as", dest="form", required=True, choices=("ninjs", "schema.org"), help="vocabulary to write"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="JSONL file (default: standard output)")
    parser.add_argument("--force", action="store_true", help="replace the output if it exists")


def run(arguments: argparse.Namespace) -> int:
    """Run the command."""
    from newsds.interchange.files import Conversion
    from newsds.readers import read

    target = target_of(arguments)
    articles = read(*arguments.inputs, leave_out=keep_apart([arguments.output], arguments.inputs))
    conversion, findings = Conversion(form=arguments.form), list["Finding"]()
    with progress_bar(arguments, "converting") as progress:
        n_articles = conversion.write(_sound(articles, findings), target, progress=progress)
    summarise_findings(findings, is_quiet=arguments.quiet)
    if not arguments.quiet:
        say(f"{n_articles:,} articles written as {arguments.form}")
        for name, n in sorted(conversion.lost.items()):
            say(f"no place for {name}: {n:,} records")
    return FINDINGS if any(finding.level == "error" for finding in findings) else GOOD


def _sound(articles: "Articles", findings: "list[Finding]") -> "Iterator[Record]":
    """Yield the records that hold to the article schema; what is wrong with the others is added to the findings."""
    from newsds.article import Row
    from newsds.checks.checker import Checker

    checker = Checker(extent="schema")
    for item in articles.open_items():
        found = checker.check(item) if isinstance(item, Row) else [item.finding]
        findings += found
        if isinstance(item, Row) and all(finding.level != "error" for finding in found):
            yield item.record
