"""newsds validate."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsds.cli.console import FINDINGS, GOOD, progress_bar
from newsds.cli.options import add_command, add_reading, add_task, count, reading_of, with_task
from newsds.errors import UsageError
from newsds.findings import LEVELS

if TYPE_CHECKING:
    from newsds.article import Articles
    from newsds.checks.report import Report

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "validate", run, "check articles against the schema and the rules",
        "  newsds validate                       the dataset project in this folder\n"
        "  newsds validate articles.jsonl\n"
        "  newsds validate crawl.csv --format json -o report.json\n"
        "  newsds validate data/ --fail-on warning --format github\n"
        "  newsds validate train.parquet test.parquet --split-by file --label section",
    )  # fmt: skip
    parser.add_argument(
        "inputs",
        nargs="*",
        metavar="INPUT",
        help="file, folder or pattern; nothing: the datapackage.json of this folder",
    )
    parser.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="form of the report (default: text)",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write the report to a file")
    parser.add_argument(
        "--profile",
        choices=("core", "web", "wire", "release"),
        help="requirements on the records (default: core, or the project's)",
    )
    parser.add_argument(
        "--fail-on",
        choices=(*LEVELS, "never"),
        default="error",
        help="lowest level that ends with exit status 1 (default: error)",
    )
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="CODE", help="switch a rule off; may be repeated"
    )
    parser.add_argument(
        "--max-findings",
        type=count,
        default=1000,
        metavar="N",
        help="list at most N findings; all are counted (default: 1000)",
    )
    parser.add_argument(
        "--as-of",
        metavar="DATE",
        help="the day on which a date is in the future (default: today, or the project's `created`)",
    )
    add_task(parser)
    add_reading(parser)


def run(arguments: argparse.Namespace) -> int:
    from newsds.checks import validate

    articles, choices, as_of = _what_to_validate(arguments)
    with progress_bar(arguments, "validating") as progress:
        report = validate(
            articles, choices=choices, as_of=as_of, max_findings=arguments.max_findings, progress=progress
        )
    text = _report_text(report, arguments.format)
    if arguments.output:
        from newsds.files import atomic_write

        atomic_write(Path(arguments.output), text + "\n")
    else:
        print(text)
    failing = () if arguments.fail_on == "never" else LEVELS[: LEVELS.index(arguments.fail_on) + 1]
    return FINDINGS if any(report.has(level) for level in failing) else GOOD


def _report_text(report: "Report", form: str) -> str:
    from newsds.checks.report import to_github, to_json, to_text

    return {"text": to_text, "json": to_json, "github": to_github}[form](report).rstrip("\n")


def _what_to_validate(arguments: argparse.Namespace) -> "tuple[Articles, Any, Any]":
    from dataclasses import replace

    from newsds.project import Project, RuleChoices
    from newsds.readers import read, read_project

    project = None if arguments.inputs else Project.from_folder(".")
    articles = read_project(project) if project else read(*arguments.inputs, reading=reading_of(arguments))
    choices = project.rules if project else RuleChoices()
    off = {code.upper(): "off" for code in arguments.ignore}
    choices = replace(choices, profile=arguments.profile or choices.profile, levels={**choices.levels, **off})
    choices = with_task(choices, arguments)
    return articles, choices, _as_of(arguments.as_of, project.created if project else None)


def _as_of(given: str | None, created: Any) -> Any:
    from datetime import UTC, datetime

    if given is None:
        return created or datetime.now(UTC)
    from newsds.dates import parse_date

    parsed = parse_date(given)
    if parsed is None:
        raise UsageError(f"--as-of {given}: no date; write it as 2026-07-01")
    return datetime.fromisoformat(parsed.at)
