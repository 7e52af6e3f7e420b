"""What a new release costs beside an index of earlier ones: python benchmarks/dedup/increments.py --known 100000 --new 10000

Prints seconds and peak memory of making the index, of adding articles of the days after, and of adding nothing new.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from articles import BATCH, batches

from newsds.dedup.index import update_index
from newsds.texts import TEXTS_SCHEMA


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--known", type=int, default=100_000)
    parser.add_argument("--new", type=int, default=BATCH)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    steps = (
        ("make", 0, arguments.known),
        ("add", arguments.known, arguments.known + arguments.new),
        ("add again", arguments.known, arguments.known + arguments.new),
    )
    print(
        f"{'':12}{'texts':>10}{'wall s':>10}{'cpu s':>10}{'peak MiB':>10}{'new':>9}{'known':>9}{'of earlier':>12}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, low, high in steps:
            texts = list(_texts(low, high)) if name != "make" else _texts(low, high)
            wall, cpu = time.perf_counter(), time.process_time()
            update = update_index(texts, Path(folder) / "seen", release=name, workers=arguments.workers)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{name:12}{high - low:10}{wall:10.1f}{cpu:10.1f}{peak:10.0f}{update.n_new:9}{update.n_known:9}"
                f"{update.earlier.num_rows:12}",
                flush=True,
            )


def _texts(low: int, high: int):
    """Yield the articles from one number to another; the time of making them counts while the index is made."""
    first = 0
    for batch in batches(high):
        if first >= low:
            n = len(batch.texts)
            ids = pa.array([f"{first + at:09}" for at in range(n)])
            times = pa.array(batch.times.astype(np.int64), pa.int64()).cast(
                TEXTS_SCHEMA.field("published_at").type
            )
            columns = {"id": ids, "text": batch.texts.cast(pa.string()), "published_at": times}
            arrays = [columns.get(name, pa.nulls(n, pa.string())) for name in TEXTS_SCHEMA.names]
            yield pa.RecordBatch.from_arrays(arrays, schema=TEXTS_SCHEMA)
        first += len(batch.texts)


if __name__ == "__main__":
    main()
