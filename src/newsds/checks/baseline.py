"""Baseline: the findings that are known, so that only new ones count."""

import json
from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from newsds.checks.report import StaleCount
from newsds.errors import InputError
from newsds.files import atomic_write
from newsds.findings import Finding

__all__ = ["Baseline", "Known"]

VERSION = "1.0.0"


@dataclass(frozen=True, slots=True)
class Known:
    """Findings that share a fingerprint."""

    code: str
    n: int
    #: For people who read the file.
    record_id: str | None = None
    pointer: str | None = None


class Baseline:
    """Tells known findings from new ones, by their fingerprints, and keeps account of both.

    A baseline only ever shrinks: what was not found again is stale, and is left out when it is written anew. One that
    begins empty takes down everything.
    """

    def __init__(
        self, known: Mapping[str, Known] | None = None, *, looked_for: Container[str] | None = None
    ) -> None:
        """Start with known findings by fingerprint; without any everything is taken for known.

        Args:
            known: the findings that are known.
            looked_for: the rules that are applied; what is known of the others stays known. None: all.
        """
        self._known = None if known is None else dict(known)
        self._looked_for = looked_for
        self._found: dict[str, Known] = {}
        self._n_found: Counter[str] = Counter()

    @classmethod
    def read(cls, path: str | Path, *, looked_for: Container[str] | None = None) -> "Baseline":
        """Read a baseline.

        Args:
            path: the file.
            looked_for: the rules that are applied; None: all.

        Raises:
            InputError: it cannot be read, or is no baseline.
        """
        try:
            data = json.loads(Path(path).read_bytes())
            entries = {item["fingerprint"]: _entry(item) for item in data["findings"]}
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror})") from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise InputError(f"{path}: no baseline; newsds validate --write-baseline writes one") from None
        return cls(entries, looked_for=looked_for)

    def __call__(self, finding: Finding) -> str | None:
        """Return why a finding does not count, if it is known."""
        return "in the baseline" if self.knows(finding) else None

    def knows(self, finding: Finding) -> bool:
        """Take a finding down, and tell whether it was known.

        Of findings with one fingerprint as many are known as there were when the baseline was written.
        """
        key = finding.fingerprint
        self._n_found[key] += 1
        self._found.setdefault(
            key, Known(code=finding.code, n=1, record_id=finding.record_id, pointer=finding.pointer)
        )
        return self._known is None or (key in self._known and self._n_found[key] <= self._known[key].n)

    def stale(self) -> tuple[StaleCount, ...]:
        """Return how many known findings of each rule were not found again."""
        counts: Counter[str] = Counter()
        for key, known in (self._known or {}).items():
            counts[known.code] += known.n - self._n_kept(key, known)
        return tuple(StaleCount(code=code, n=n) for code, n in sorted(counts.items()) if n)

    def __len__(self) -> int:
        return sum(n for _, n in self._kept())

    def write(self, path: str | Path) -> None:
        """Write what was known and found again; what was found, if it began empty. One finding per line.

        Raises:
            OutputError: the folder does not exist.
        """
        lines = [
            json.dumps({"code": item.code, "n": n, "record_id": item.record_id, "pointer": item.pointer,
                        "fingerprint": key})
            for (key, item), n in self._kept()
        ]  # fmt: skip
        text = f'{{"baseline_version": "{VERSION}", "findings": [\n' + ",\n".join(sorted(lines)) + "\n]}\n"
        atomic_write(Path(path), text)

    def _kept(self) -> "list[tuple[tuple[str, Known], int]]":
        most = self._found if self._known is None else self._known
        numbers = {
            key: self._n_found[key] if self._known is None else self._n_kept(key, item)
            for key, item in most.items()
        }
        return [((key, item), numbers[key]) for key, item in most.items() if numbers[key]]

    def _n_kept(self, key: str, known: Known) -> int:
        """Return how many findings with a fingerprint are still known."""
        if self._looked_for is not None and known.code not in self._looked_for:
            return known.n
        return min(known.n, self._n_found[key])


def _entry(item: dict[str, Any]) -> Known:
    n = item["n"]
    if not isinstance(n, int) or not isinstance(item["code"], str):
        raise TypeError(n)
    return Known(code=item["code"], n=n, record_id=item.get("record_id"), pointer=item.get("pointer"))
