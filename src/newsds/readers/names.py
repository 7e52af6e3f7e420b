"""Names of the columns of a table, each once."""

from collections.abc import Iterable, Sequence

__all__ = ["REPEATED_NAMES", "distinct_names", "repeated_name"]

#: What becomes of a column whose name another one has.
REPEATED_NAMES = "the first keeps its name, the others get a number and go to `extra`"


def repeated_name(names: Iterable[str]) -> str | None:
    """Return the first name that occurs a second time; blank names do not count."""
    seen: set[str] = set()
    for name in names:
        if name and name in seen:
            return name
        seen.add(name)
    return None


def distinct_names(names: Sequence[str]) -> list[str]:
    """Return names of which none is blank and none occurs twice.

    >>> distinct_names(["text", "", "text"])
    ['text', 'column 2', 'text (3)']
    """
    taken = set(names)
    seen: set[str] = set()
    found = []
    for number, name in enumerate(names, 1):
        fresh = name if name and name not in seen else f"{name} ({number})" if name else f"column {number}"
        while fresh != name and fresh in taken:
            fresh += "_"
        seen.add(fresh)
        taken.add(fresh)
        found.append(fresh)
    return found
