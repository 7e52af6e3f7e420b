"""newsds validate."""

import argparse
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from newsds.cli.comparison import add_comparison, comparison_of
from newsds.cli.console import FINDINGS, GOOD, progress_bar, say
from newsds.cli.options import add_command, add_reading, add_task, reading_of, with_task
from newsds.cli.outputs import keep_apart, refuse_other
from newsds.cli.reporting import add_reporting, n_needed, outlets_of, refuse_strange, write_reports
from newsds.cli.values import count, positive
from newsds.errors import UsageError
from newsds.findings import LEVELS, Level

if TYPE_CHECKING:
    from datetime import datetime

    from newsds.article import Articles
    from newsds.cli.reporting import Outlet
    from newsds.project import Project, RuleChoices
    from newsds.quarantines import Quarantine

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "validate", run, "check articles against the schema and the rules",
        "  newsds validate                       the dataset project in this folder\n"
        "  newsds validate articles.jsonl\n"
        "  newsds validate crawl.csv --format full --select NDS3,NDS4\n"
        "  newsds validate data/ --fail-on warning --format github -o sarif=newsds.sarif\n"
        "  newsds validate data/ --format json -o report.json\n"
        "  newsds validate articles.jsonl --quarantine parted/\n"
        "  newsds validate articles.jsonl --copies\n"
        "  newsds validate data/ --baseline known.json --write-baseline\n"
        "  newsds validate data/ --changed-since origin/main --format github\n"
        "  newsds validate new.jsonl --base articles.index\n"
        "  newsds validate train.parquet test.parquet --split-by file --label section\n"
        "  newsds validate releases/1.1.0 --previous releases/1.0.0",
    )  # fmt: skip
    parser.add_argument(
        "inputs",
        nargs="*",
        metavar="INPUT",
        help="file, folder or pattern; -: JSONL from standard input; nothing: the datapackage.json of this folder",
    )
    parser.add_argument(
        "--profile",
        choices=("core", "web", "wire", "release"),
        help="requirements on the records (default: core, or the project's)",
    )
    parser.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="CODES",
        help="apply these rules only: NDS301, or NDS3 for all that begin so; with commas or repeated",
    )
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="CODES", help="switch rules off; as --select"
    )
    parser.add_argument(
        "--fail-on",
        choices=(*LEVELS, "never"),
        default="error",
        help="lowest level that ends with exit status 1 (default: error)",
    )
    parser.add_argument(
        "--exit-zero",
        action="store_const",
        const="never",
        dest="fail_on",
        help="end with exit status 0 whatever is found; the same as --fail-on never",
    )
    parser.add_argument(
        "--max-findings",
        type=count,
        metavar="N",
        help="list at most N findings, of the highest levels; all are counted (default: 100 for people, "
        "what the reader takes in other forms)",
    )
    parser.add_argument(
        "--rules",
        choices=("all", "record", "schema"),
        default="all",
        help="rules to apply: all; those on one record by itself; or the schema alone (default: all)",
    )
    parser.add_argument(
        "--copies",
        action="store_true",
        help="compare the texts with each other: near copies, versions, leaks between splits "
        "(NDS603, NDS606, NDS641, NDS702)",
    )
    parser.add_argument(
        "--workers",
        type=positive,
        metavar="N",
        help="processes for large JSONL files that are not compressed (default: one per core; "
        "the report does not depend on it)",
    )
    parser.add_argument(
        "--as-of",
        metavar="DATE",
        help="the day on which a date is in the future (default: today, or the project's `created`)",
    )
    parser.add_argument(
        "--quarantine",
        metavar="DIR",
        help="part the input (JSONL or Parquet) into good and bad records, with the reasons as a table, in a new folder",
    )
    add_reporting(parser)
    parser.add_argument(
        "--previous",
        metavar="DIR",
        help="the release before this one: what vanished, moved or drifted since is a finding",
    )
    add_comparison(parser)
    add_task(parser)
    add_reading(parser)


def run(arguments: argparse.Namespace) -> int:
    from newsds.checks import validate
    from newsds.checks.judging import usual_workers

    outlets = outlets_of(arguments)
    leave_out = _own_files(arguments, outlets)
    subject = _subject(arguments, leave_out)
    comparison = comparison_of(
        arguments, project=subject.project, choices=subject.choices, leave_out=leave_out
    )
    with progress_bar(arguments, "validating") as progress, ExitStack() as resources:
        aside = _quarantine(arguments, subject.articles, resources)
        report = validate(
            comparison.watched(subject.articles),
            choices=subject.choices,
            as_of=subject.as_of,
            max_findings=n_needed(outlets, arguments.max_findings),
            set_aside=comparison.set_aside,
            index=comparison.index,
            write_index=Path(arguments.write_index) if arguments.write_index else None,
            rules=arguments.rules,
            workers=arguments.workers or usual_workers(subject.articles, arguments.rules),
            on_finding=aside.add if aside else None,
            progress=progress,
        )
        if aside:
            aside.part(report)
    report = comparison.close(report, writes=arguments.write_baseline, is_quiet=arguments.quiet)
    root = subject.project.folder if subject.project else None
    write_reports(report, outlets, n_listed=arguments.max_findings, root=root, encoding=arguments.encoding)
    if report.findings and sys.stdout.isatty() and not arguments.quiet and outlets[0].path is None:
        say(f"newsds rules {report.worst_first()[0].code} explains a rule; --format full shows the lines")
    failing = () if arguments.fail_on == "never" else LEVELS[: LEVELS.index(arguments.fail_on) + 1]
    return FINDINGS if report.worst in failing else GOOD


def _quarantine(
    arguments: argparse.Namespace, articles: "Articles", resources: ExitStack
) -> "Quarantine | None":
    if arguments.quarantine is None:
        return None
    from newsds.quarantines import Quarantine

    level: Level = "error" if arguments.fail_on == "never" else arguments.fail_on
    return resources.enter_context(Quarantine(articles, Path(arguments.quarantine), level=level))


class _Subject(NamedTuple):
    """What is to be validated, and by which choices."""

    articles: "Articles"
    choices: "RuleChoices"
    as_of: "datetime"
    project: "Project | None"


def _own_files(arguments: argparse.Namespace, outlets: "list[Outlet]") -> frozenset[Path]:
    """Return the files that belong to this command and are no inputs; refuse to replace what is not its own."""
    from newsds.checks.index import Index

    reports = [outlet.path for outlet in outlets if not outlet.appends]
    leave_out = keep_apart([*reports, arguments.write_index, arguments.baseline], arguments.inputs)
    refuse_strange(reports, force=arguments.force)
    refuse_other(arguments.write_index, Index.is_index, force=arguments.force, what="an index")
    return leave_out


def _subject(arguments: argparse.Namespace, leave_out: frozenset[Path]) -> _Subject:
    from newsds.project import Project, RuleChoices
    from newsds.readers import read_project

    project = None if arguments.inputs else Project.from_folder(".")
    articles = read_project(project, leave_out=leave_out) if project else _articles(arguments, leave_out)
    choices = project.rules if project else RuleChoices()
    choices = replace(
        choices,
        profile=arguments.profile or choices.profile,
        levels=_levels(choices.levels, select=arguments.select, ignore=arguments.ignore),
    )
    choices = with_task(choices, arguments)
    if arguments.copies:
        from newsds.copies import with_copies

        articles = with_copies(articles, choices)
    as_of = _as_of(arguments.as_of, project.created if project else None)
    return _Subject(articles, choices, as_of, project)


def _articles(arguments: argparse.Namespace, leave_out: frozenset[Path]) -> "Articles":
    """Return the articles of the inputs; of a release, after what is wrong with it as a whole."""
    from newsds.article import Articles, Rejected
    from newsds.checks.releases import article_shards, check_release, is_release
    from newsds.readers import read

    releases = [Path(name) for name in arguments.inputs if Path(name).is_dir() and is_release(Path(name))]
    previous = Path(arguments.previous) if arguments.previous else None
    if previous is not None and (len(releases) != 1 or not is_release(previous)):
        raise UsageError(f"--previous {previous}: name one release before and one after it")
    others = [name for name in arguments.inputs if Path(name) not in releases]
    files = [path for folder in releases for path in article_shards(folder)]
    articles = read(*others, *files, reading=reading_of(arguments), leave_out=leave_out)
    if not releases:
        return articles
    return Articles(
        lambda: chain(
            (
                Rejected(finding=finding)
                for folder in releases
                for finding in check_release(folder, previous=previous, label=arguments.label)
            ),
            articles.open_items(),
        )
    )


def _levels(levels: "Mapping[str, str]", *, select: list[str], ignore: list[str]) -> dict[str, str]:
    """Return the levels of a project as the options change them."""
    from newsds.checks.rules import RULES

    chosen, off = _codes(select, "--select"), _codes(ignore, "--ignore")
    kept = {code: level for code, level in levels.items() if not (code in chosen and level == "off")}
    others = {code for code in RULES if code not in chosen} if select else set()
    return {**kept, **dict.fromkeys(sorted(off | others), "off")}


def _codes(texts: list[str], option: str) -> set[str]:
    """Return the rules that codes and beginnings of codes stand for."""
    from newsds.checks.rules import RULES

    found = set()
    for prefix in (part.strip().upper() for text in texts for part in text.split(",")):
        codes = {code for code in RULES if prefix and code.startswith(prefix)}
        if not codes:
            raise UsageError(f"{option} {prefix or texts[0]}: no such rule; newsds rules lists them")
        found |= codes
    return found


def _as_of(given: str | None, created: "datetime | None") -> "datetime":
    from datetime import UTC, datetime

    if given is None:
        return created or datetime.now(UTC)
    from newsds.dates import parse_date

    parsed = parse_date(given)
    if parsed is None:
        raise UsageError(f"--as-of {given}: no date; write it as 2026-07-01")
    return datetime.fromisoformat(parsed.at)
