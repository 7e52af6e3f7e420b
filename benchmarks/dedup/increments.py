"""What a new release costs beside an index of earlier ones.

    python benchmarks/dedup/increments.py --known 1000000 --new 10000

Prints seconds and peak memory of making the index, of adding articles of the days after, and of adding nothing new;
each in a process of its own. Making the articles counts while the index is made. `--undated` adds articles without a
date, which are near all others. `--index DIR` keeps the index: a second run adds to what is there.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from articles import BATCH, batches

from newsds import update_index
from newsds.texts import TEXTS_SCHEMA

COLUMNS = ("texts", "wall_s", "cpu_s", "peak_MiB", "new", "known", "of_earlier", "index_MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--known", type=int, default=100_000)
    parser.add_argument("--new", type=int, default=BATCH)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--undated", action="store_true", help="the new articles have no date")
    parser.add_argument("--index", type=Path, help="where the index is made, and stays")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        print(json.dumps(_measure(arguments)))
        return
    print(f"{'':12}" + "".join(f"{name:>11}" for name in COLUMNS))
    with tempfile.TemporaryDirectory() as folder:
        index = arguments.index or Path(folder) / "index"
        again = (index / "index.json").exists()
        for step in ("add", "again") if again else ("make", "add", "again"):
            found = _run(step, index)
            print(f"{step:12}" + "".join(f"{found[name]:11}" for name in COLUMNS), flush=True)


def _run(step: str, index: Path) -> dict[str, float]:
    command = [sys.executable, __file__, *sys.argv[1:], "--step", step, "--index", str(index)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _measure(arguments: argparse.Namespace) -> dict[str, float]:
    """Run one step in this process."""
    low, high = arguments.known, arguments.known + arguments.new
    texts = (
        _texts(0, low, undated=False)
        if arguments.step == "make"
        else list(_texts(low, high, undated=arguments.undated))
    )
    wall, cpu = time.perf_counter(), time.process_time()
    name = f"{arguments.step} {time.time_ns()}"
    update = update_index(texts, arguments.index, release=name, workers=arguments.workers)
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


def _texts(low: int, high: int, *, undated: bool = False) -> Iterator[pa.RecordBatch]:
    """Yield the articles from one number to another."""
    first = low - low % BATCH
    for batch in batches(high, first=low):
        n = len(batch.texts)
        times = pa.nulls(n, pa.int64()) if undated else pa.array(batch.times.astype(np.int64), pa.int64())
        columns = {
            "id": pa.array([f"{first + at:09}" for at in range(n)]),
            "text": batch.texts.cast(pa.string()),
            "published_at": times.cast(TEXTS_SCHEMA.field("published_at").type),
        }
        arrays = [columns.get(name, pa.nulls(n, pa.string())) for name in TEXTS_SCHEMA.names]
        yield pa.RecordBatch.from_arrays(arrays, schema=TEXTS_SCHEMA)
        first += n


if __name__ == "__main__":
    main()
