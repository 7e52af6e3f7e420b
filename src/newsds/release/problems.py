"""Problems: in what a release is not what it says, gathered so that all are told at once."""

from dataclasses import dataclass, field
from pathlib import Path

from newsds.errors import IntegrityError

__all__ = ["Findings", "Problem"]

#: Problems that are listed one by one.
MAX_PROBLEMS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing in which a release is not what it says."""

    path: str
    message: str
    expected: str | None = None
    found: str | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass
class Findings:
    """What was found so far."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, path: str, message: str, *, expected: str | None = None, found: str | None = None) -> None:
        """Note a problem."""
        self.problems.append(Problem(path=path, message=message, expected=expected, found=found))

    def differs(self, path: str, what: str, found: object, expected: object) -> bool:
        """Note it if something is not what the manifest says."""
        if found == expected:
            return False
        message = f"{what} is {found}, the manifest says {expected}"
        self.add(path, message, expected=str(expected), found=str(found))
        return True

    def raise_any(self, folder: Path) -> None:
        """Raise what was noted, if anything was.

        Raises:
            IntegrityError: something was.
        """
        if not self.problems:
            return
        lines = [str(problem) for problem in self.problems[:MAX_PROBLEMS]]
        if len(self.problems) > MAX_PROBLEMS:
            lines.append(f"... and {len(self.problems) - MAX_PROBLEMS:,} more")
        first = self.problems[0]
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        raise IntegrityError(
            f"{folder}: {first}{more}; build or download it again",
            path=first.path,
            expected=first.expected,
            found=first.found,
            problems=tuple(lines),
        )
