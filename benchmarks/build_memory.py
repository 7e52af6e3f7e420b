"""Memory and time of `newsds build` on generated records, each stage of the command in one process.

    python benchmarks/build_memory.py [-n 200000] [--copies 0.25]

Prints the greatest resident set of the build, and that of `newsds verify` on the result.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_MIB = 1536


def measured(*command: str) -> tuple[float, float]:
    """Run a command and return its wall time in seconds and its greatest resident set in MiB."""
    start = time.perf_counter()
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True, text=True)
    return time.perf_counter() - start, int(done.stdout) / (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=200_000)
    parser.add_argument("--copies", type=float, default=0.25)
    arguments = parser.parse_args()
    newsds = (sys.executable, "-m", "newsds")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = str(folder / "articles.jsonl")
        subprocess.run(
            [*newsds, "sample", "-n", str(arguments.n), "--copies", str(arguments.copies), "-o", lines],
            check=True,
        )
        # Generated headlines and bodies share few words: a few records look like foreign stories.
        choices = {"rules": {"NDS303": {"level": "info"}}}
        descriptor = {
            "name": "big",
            "version": "1.0.0",
            "resources": [{"path": "articles.jsonl"}],
            "newsds": choices,
        }
        (folder / "datapackage.json").write_text(json.dumps(descriptor))
        n_bytes = (folder / "articles.jsonl").stat().st_size
        print(f"{arguments.n:,} records, {n_bytes / 2**20:,.0f} MiB of JSONL, {arguments.copies:.0%} copies")
        for label, command in (
            ("build", ("build", name, "-o", f"{name}/dist", "-q")),
            ("verify", ("verify", f"{name}/dist/big/1.0.0", "-q")),
        ):
            seconds, mib = measured(*newsds, *command)
            print(f"{label:7} {mib:8,.0f} MiB (limit {LIMIT_MIB:,})  {seconds:6.1f} s")


if __name__ == "__main__":
    main()
