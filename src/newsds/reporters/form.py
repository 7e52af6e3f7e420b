"""What every form of a report has: a writer, and how many findings its reader bears."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from newsds.checks.report import Report
from newsds.findings import Finding
from newsds.reporters.source_lines import SourceLine

__all__ = ["Form", "Setting"]


def _no_lines(_findings: Iterable[Finding]) -> Callable[[Finding], SourceLine | None]:
    return lambda _finding: None


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """Where a report for people is shown."""

    #: Whether the terminal shows colours.
    color: bool = False
    #: Columns of the terminal.
    width: int = 80
    #: Takes findings, and gives what gives the line of the input on which one of them is.
    source_lines: Callable[[Iterable[Finding]], Callable[[Finding], SourceLine | None]] = _no_lines


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a report."""

    #: The report's text, with a line end at its end.
    to_text: Callable[[Report, Setting], str]
    #: Findings listed unless somebody asks for another number.
    n_listed: int
    #: Findings the reader takes at most; null: any number.
    limit: int | None = None

    def write(self, report: Report, setting: Setting | None = None, *, n_listed: int | None = None) -> str:
        """Return the report in this form.

        Args:
            report: what was found.
            setting: of the terminal.
            n_listed: most findings to list, of the highest levels; the number of the others is told.
        """
        wanted = self.n_listed if n_listed is None else n_listed
        most = wanted if self.limit is None else min(wanted, self.limit)
        return self.to_text(report.limited(most), setting or Setting())
