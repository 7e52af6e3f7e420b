"""Where the forms of a report go: standard output, files, and the summary of a workflow's step."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newsds.cli.console import say, text_width
from newsds.cli.outputs import refuse_other

if TYPE_CHECKING:
    from newsds.checks.report import Report

__all__ = [
    "FORM_NAMES",
    "Outlet",
    "add_reporting",
    "has_colors",
    "n_needed",
    "outlets_of",
    "refuse_strange",
    "write_reports",
]

#: The names of `newsds.reporters.FORMS`, which takes longer to import.
FORM_NAMES = ("concise", "full", "json", "jsonl", "sarif", "junit", "github", "gitlab", "markdown")
#: The file to which a step of a GitHub workflow may append Markdown.
STEP_SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, slots=True)
class Outlet:
    """One form of the report and where it goes."""

    form: str
    #: Null is standard output.
    path: Path | None = None
    #: Whether the file is appended to instead of replaced.
    appends: bool = False


def add_reporting(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how the report is written."""
    group = parser.add_argument_group("the report")
    group.add_argument(
        "--format",
        choices=FORM_NAMES,
        default="concise",
        metavar="FORMAT",
        help=f"{', '.join(FORM_NAMES[:-1])} or {FORM_NAMES[-1]} (default: concise)",
    )
    group.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="[FORMAT=]FILE",
        help="write the report to a file (- is standard output); with FORMAT= in that form, beside what goes "
        "elsewhere; may be repeated; replaces an earlier report",
    )
    group.add_argument(
        "--force", action="store_true", help="replace files that are no report, or no index, of newsds"
    )


def outlets_of(arguments: argparse.Namespace) -> list[Outlet]:
    """Return where the report goes: what the options say, and the step's summary where there is one."""
    outlets = [_outlet(text, arguments.format) for text in arguments.output]
    if not any("=" not in text or text.partition("=")[0] not in FORM_NAMES for text in arguments.output):
        outlets.insert(0, Outlet(arguments.format))
    if os.environ.get(STEP_SUMMARY):
        outlets.append(Outlet("markdown", Path(os.environ[STEP_SUMMARY]), appends=True))
    return outlets


def _outlet(text: str, form: str) -> Outlet:
    name, sign, path = text.partition("=")
    if not sign or name not in FORM_NAMES:
        name, path = form, text
    return Outlet(name, None if path == "-" else Path(path))


def refuse_strange(paths: Sequence[Path | None], *, force: bool) -> None:
    """Refuse to replace what is no report of newsds.

    Raises:
        OutputError: another file is there, and `force` is not set.
    """
    if all(path is None for path in paths):
        return
    from newsds.reporters.earlier import is_report

    for path in paths:
        refuse_other(path, is_report, force=force, what="a report of newsds")


def n_needed(outlets: list[Outlet], wanted: int | None) -> int:
    """Return how many findings a report must list for all its forms."""
    from newsds.reporters import FORMS

    return max(FORMS[outlet.form].n_listed for outlet in outlets) if wanted is None else wanted


def write_reports(
    report: "Report", outlets: list[Outlet], *, n_listed: int | None, root: Path | None, encoding: str
) -> None:
    """Write the report in each form to its place."""
    from newsds.reporters import FORMS, Setting
    from newsds.reporters.source_lines import SourceLines

    for outlet in outlets:
        setting = Setting(
            color=outlet.path is None and has_colors(),
            width=text_width() if outlet.path is None else 100,
            source_lines=lambda findings: SourceLines(findings, root=root, encoding=encoding),
        )
        text = FORMS[outlet.form].write(report, setting, n_listed=n_listed)
        _write(outlet, text)


def has_colors() -> bool:
    """Tell whether standard output shows colours, and whoever looks at it wants them."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _write(outlet: Outlet, text: str) -> None:
    from newsds.files import atomic_write

    if outlet.path is None:
        print(text, end="")
    elif not outlet.appends:
        atomic_write(outlet.path, text)
    else:
        try:
            with outlet.path.open("a", encoding="utf-8") as stream:
                stream.write(text)
        except OSError as error:
            say(f"newsds: {outlet.path}: the summary of the step is not written ({error.strerror})")
