"""What a new release costs beside an index of earlier ones.

    python benchmarks/dedup/increments.py --known 1000000 --new 10000

Prints seconds and peak memory of making the index, of adding articles of the days after, and of adding nothing new;
each in a process of its own, which reads the articles from a file. `--undated` adds articles without a date, which are
near all others. `--index DIR` keeps the index: a second run adds to what is there.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
from articles import BATCH, write_texts

from newsds import update_index

COLUMNS = ("texts", "wall_s", "cpu_s", "peak_MiB", "new", "known", "of_earlier", "index_MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--known", type=int, default=100_000)
    parser.add_argument("--new", type=int, default=BATCH)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--undated", action="store_true", help="the new articles have no date")
    parser.add_argument("--index", type=Path, help="where the index is made, and stays")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--articles", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        print(json.dumps(_write(arguments) if arguments.step == "write" else _measure(arguments)))
        return
    print(f"{'':12}" + "".join(f"{name:>11}" for name in COLUMNS))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        index = arguments.index or folder / "index"
        new, known = folder / "new", folder / "known"
        first, last = arguments.known, arguments.known + arguments.new
        _run("write", new, "--known", first, "--new", last)
        if not (index / "index.json").exists():
            _run("write", known, "--known", 0, "--new", first)
            _print("make", _run("make", known, "--index", index))
        for step in ("add", "again"):
            _print(step, _run(step, new, "--index", index))


def _print(step: str, found: dict[str, float]) -> None:
    print(f"{step:12}" + "".join(f"{found[name]:11}" for name in COLUMNS), flush=True)


def _run(step: str, articles: Path, *more: object) -> dict[str, float]:
    options = [*sys.argv[1:], "--step", step, "--articles", articles, *more]
    command = [sys.executable, __file__, *map(str, options)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def _measure(arguments: argparse.Namespace) -> dict[str, float]:
    """Run one step in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    update = update_index(
        pa.ipc.open_stream(pa.OSFile(str(arguments.articles))),
        arguments.index,
        release=f"{arguments.step} {time.time_ns()}",
        workers=arguments.workers,
    )
    return {
        "texts": len(update.clusters.clusters),
        "wall_s": round(time.perf_counter() - wall, 1),
        "cpu_s": round(time.process_time() - cpu, 1),
        "peak_MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "new": update.n_new,
        "known": update.n_known,
        "of_earlier": update.earlier.num_rows,
        "index_MiB": sum(path.stat().st_size for path in arguments.index.iterdir()) >> 20,
    }


def _write(arguments: argparse.Namespace) -> dict[str, float]:
    low, high = arguments.known, arguments.new
    write_texts(arguments.articles, low, high, undated=arguments.undated and low > 0)
    return {}


if __name__ == "__main__":
    main()
