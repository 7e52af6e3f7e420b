"""What a release costs with an index of those before it, beside builds without one: CPU seconds of the command.

    python benchmarks/growing.py [-n 11000] [--new 1000] [--copies 0.3]

The index holds `n` articles; then come `new` ones, the same again, and everything at once.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from newsds.samples import sample


def write_project(folder: Path, version: str, records: Iterable[Any]) -> str:
    folder.mkdir()
    (folder / "articles.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    descriptor = {
        "name": "growing",
        "version": version,
        "created": "2027-01-01",
        "resources": [{"path": "articles.jsonl"}],
        "newsds": {"split": {"by": "random"}},
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor))
    return str(folder)


def cost(*arguments: str) -> float:
    """Build, and return the CPU seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "newsds", "build", "-q", *arguments], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=11_000)
    parser.add_argument("--new", type=int, default=1_000)
    parser.add_argument("--copies", type=float, default=0.3)
    arguments = parser.parse_args()
    n, new = arguments.n, arguments.new
    records = sorted(sample(n + new, seed=11, copies=arguments.copies), key=lambda one: one["published_at"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = write_project(folder / "first", "1.0.0", records[:n])
        second = write_project(folder / "second", "1.1.0", records[n:])
        whole = write_project(folder / "whole", "1.2.0", records)
        plain, grown, again = (["-o", str(folder / place)] for place in ("plain", "grown", "again"))
        index = ["--index", str(folder / "seen")]
        costs = {
            f"{new:,} alone, without an index": cost(second, *plain),
            f"all {n + new:,}, without an index": cost(whole, *plain),
            f"the first {n:,}, index made": cost(first, *grown, *index),
            f"{new:,} more, with the index": cost(second, *grown, *index),
            f"the same {new:,} again": cost(second, *again, *index),
            f"all {n + new:,} again, all known": cost(whole, *grown, *index),
        }
    print("CPU seconds of newsds build")
    for title, seconds in costs.items():
        print(f"  {title:36} {seconds:6.1f}")


if __name__ == "__main__":
    main()
