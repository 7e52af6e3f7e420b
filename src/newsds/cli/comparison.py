"""With what the findings are compared, so that only new ones count: a baseline, a base, a revision."""

import argparse
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from newsds.cli.console import progress_bar, say
from newsds.cli.options import reading_of
from newsds.errors import InputError, UsageError

if TYPE_CHECKING:
    from newsds.article import Articles
    from newsds.checks.baseline import Baseline
    from newsds.checks.changes import Changes
    from newsds.checks.index import Index
    from newsds.checks.report import Report
    from newsds.checks.tally import SetAside
    from newsds.project import Project, RuleChoices

__all__ = ["Comparison", "add_comparison", "comparison_of"]


def add_comparison(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what is known already."""
    group = parser.add_argument_group("only what is new counts")
    group.add_argument(
        "--baseline", metavar="FILE", help="findings in this file are known; told are those that are gone"
    )
    group.add_argument(
        "--write-baseline",
        action="store_true",
        help="write the file: at first all findings, later without those that are gone; it never grows",
    )
    group.add_argument(
        "--changed-since",
        metavar="REV",
        help="only records that are new or different since a git revision, such as origin/main",
    )
    group.add_argument(
        "--base",
        metavar="BASE",
        help="a saved index, a release or files to which the inputs are added: rules on the whole set look at both",
    )
    group.add_argument(
        "--write-index",
        metavar="FILE",
        help="save what --base needs to know of these inputs: hashes, no text",
    )


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What the findings are compared with."""

    baseline: "Baseline | None" = None
    baseline_path: Path | None = None
    changes: "Changes | None" = None
    index: "Index | None" = None

    @property
    def set_aside(self) -> "list[SetAside]":
        """What says that a finding does not count."""
        return [ask for ask in (self.changes, self.baseline) if ask is not None]

    def watched(self, articles: "Articles") -> "Articles":
        """Return the articles, watched for changes."""
        from newsds.article import Articles

        changes = self.changes
        if changes is None:
            return articles
        return Articles(lambda: changes.watch(articles.open_items()), pinpoint=articles.pinpoint)

    def close(self, report: "Report", *, writes: bool, is_quiet: bool) -> "Report":
        """Return the report with what the baseline has too much, and write the baseline."""
        if self.baseline is None or self.baseline_path is None:
            return report
        if writes:
            self.baseline.write(self.baseline_path)
            if not is_quiet:
                say(f"newsds: {self.baseline_path}: {len(self.baseline):,} known findings written")
        return replace(report, stale=self.baseline.stale())


def comparison_of(
    arguments: argparse.Namespace,
    *,
    project: "Project | None",
    choices: "RuleChoices",
    leave_out: Collection[Path] = (),
) -> Comparison:
    """Return what the options say.

    Raises:
        UsageError: options do not go together.
        InputError: a file they name cannot be read.
    """
    _refuse_contradictions(arguments)
    path = Path(arguments.baseline) if arguments.baseline else None
    return Comparison(
        baseline=None if path is None else _baseline(path, arguments, choices),
        baseline_path=path,
        changes=_changes(arguments, project, choices, leave_out) if arguments.changed_since else None,
        index=_index(arguments, choices) if arguments.base else None,
    )


def _refuse_contradictions(arguments: argparse.Namespace) -> None:
    if arguments.write_baseline and not arguments.baseline:
        raise UsageError("--write-baseline: name the file with --baseline FILE")
    if arguments.write_baseline and (arguments.changed_since or arguments.base):
        raise UsageError(
            "--write-baseline: a baseline is of all records; leave out --changed-since and --base"
        )
    if arguments.base and arguments.write_index:
        raise UsageError("--write-index: an index is of all records; leave out --base")


def _baseline(path: Path, arguments: argparse.Namespace, choices: "RuleChoices") -> "Baseline":
    from newsds.checks.baseline import Baseline

    if arguments.write_baseline and not path.exists():
        return Baseline()
    return Baseline.read(path, looked_for=_looked_for(arguments, choices))


#: Scopes of the rules that are applied, by the option --rules.
_SCOPES = {
    "schema": {"reading", "schema"},
    "record": {"reading", "schema", "record"},
    "all": {"reading", "schema", "record", "source", "set", "release"},
}


def _looked_for(arguments: argparse.Namespace, choices: "RuleChoices") -> frozenset[str]:
    """Return the rules that are applied."""
    from newsds.checks.rules import RULES

    scopes = _SCOPES[arguments.rules] | ({"copies"} if arguments.copies else set())
    return frozenset(
        code for code, rule in RULES.items() if rule.scope in scopes and choices.levels.get(code) != "off"
    )


def _changes(
    arguments: argparse.Namespace,
    project: "Project | None",
    choices: "RuleChoices",
    leave_out: Collection[Path],
) -> "Changes":
    """Return what tells old from new: the inputs are read, and judged as a set, as they were."""
    from newsds.article import Articles
    from newsds.checks import validate
    from newsds.checks.changes import Changes
    from newsds.cli.revision import items_before
    from newsds.readers import plan
    from newsds.readers.inputs import expand

    if project is not None:
        planned = list(plan(project, leave_out=leave_out))
    else:
        reading = reading_of(arguments)
        planned = [(item, reading) for item in expand(arguments.inputs, leave_out=leave_out)]
    before = Articles(lambda: items_before(planned, arguments.changed_since))
    if arguments.copies:
        from newsds.copies import with_copies

        before = with_copies(before, choices)
    changes = Changes(since=arguments.changed_since)
    validate(
        changes.remembered(before.open_items()),
        choices=_on_sets(choices),
        rules=arguments.rules,
        max_findings=0,
        on_finding=changes.know,
    )
    return changes


def _on_sets(choices: "RuleChoices") -> "RuleChoices":
    """Return choices by which only the rules on the whole set are applied."""
    from newsds.checks.rules import RULES

    off = {code: "off" for code, rule in RULES.items() if rule.check_set is None}
    return replace(choices, levels={**choices.levels, **off})


def _index(arguments: argparse.Namespace, choices: "RuleChoices") -> "Index":
    """Return the index of a base; if it is none, make one of its records."""
    from newsds.checks.index import Index
    from newsds.checks.releases import article_shards, is_release
    from newsds.readers import read

    base = Path(arguments.base)
    if not base.exists():
        raise InputError(f"{base}: no such file or folder")
    if base.is_file() and Index.is_index(base):
        return Index(base)
    files = article_shards(base) if base.is_dir() and is_release(base) else [base]
    with (
        tempfile.TemporaryDirectory(prefix="newsds-") as folder,
        progress_bar(arguments, "the base") as progress,
    ):
        path = Path(folder) / "index"
        _write_index(read(*files, reading=reading_of(arguments)), choices, path, progress)
        return Index(path)


def _write_index(
    articles: "Articles", choices: "RuleChoices", path: Path, progress: Callable[[int], None] | None
) -> None:
    from newsds.checks import validate

    validate(
        articles,
        choices=_on_sets(choices),
        max_findings=0,
        write_index=path,
        progress=progress,
    )
