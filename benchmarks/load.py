"""Loading a release: first batch, full scan, two columns, memory; beside pyarrow alone and `datasets`, in one run.

    python benchmarks/load.py                  a million rows; some 2 GB in a temporary folder
    python benchmarks/load.py --rows 100000    smaller
    python benchmarks/load.py --release DIR    a release that is there

Every figure is the best of several fresh processes, which take turns; imports are not counted, in memory neither. CPU
time tells more than time on a machine that has other things to do. The rows of the large
release are 50,000 generated articles, repeated under other ids.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SHARD_ROWS = 50_000

#: What is measured, each in a process of its own; `root` is the release, `first()` stops the clock of the first batch.
READERS = {
    "newsds, never seen before": "rows = newsds.load(root, cache=fresh, columns=columns)",
    "newsds, seen before": "rows = newsds.load(root, cache=kept, columns=columns)",
    "newsds, verify=off": "rows = newsds.load(root, cache=kept, columns=columns, verify='off')",
    "pyarrow": (
        "rows = (batch for path in sorted(glob.glob(root + '/data/articles/*.parquet'))\n"
        "        for batch in pq.ParquetFile(path).iter_batches(4096, columns=columns))"
    ),
    "datasets, streaming": (
        "rows = datasets.load_dataset(root, 'articles', split='train', streaming=True, columns=columns)\n"
        "rows = (batch for batch in rows.with_format('arrow').iter(4096))"
    ),
    "datasets, prepared before": (
        "rows = datasets.load_dataset(root, 'articles', split='train', columns=columns, cache_dir=hf)\n"
        "rows = rows.with_format('arrow').iter(4096)"
    ),
}

IMPORTS = {
    "newsds": "import newsds, pyarrow.parquet, newsds.loader",
    "pyarrow": "import glob, pyarrow.parquet as pq",
    "datasets": "import datasets; datasets.disable_progress_bars()",
}

PROCESS = """
import json, re, sys, time
root, fresh, kept, hf, columns = json.loads(sys.argv[1])
{imports}
def peak():  # ru_maxrss would count the process that started this one
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
before = peak()
start, start_cpu = time.perf_counter(), time.process_time()
{reader}
n_rows = 0
for batch in rows:
    if not n_rows:
        first, first_cpu = time.perf_counter() - start, time.process_time() - start_cpu
    n_rows += batch.num_rows
done = time.perf_counter() - start
cpu = time.process_time() - start_cpu
found = {{"first": first, "first_cpu": first_cpu, "scan": done, "scan_cpu": cpu}}
print(json.dumps({{**found, "rows": n_rows, "memory": peak() - before}}))
"""


def make_release(folder: Path, n_rows: int) -> Path:
    """Write a release of so many rows in shards of 50,000."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from newsds.article import Articles
    from newsds.release.manifest import Config, Manifest, Shard
    from newsds.samples import sample
    from newsds.schema import SCHEMA_VERSION

    table = Articles.from_records(sample(min(n_rows, SHARD_ROWS))).to_table().combine_chunks()
    n_shards = -(-n_rows // SHARD_ROWS)
    shards = []
    (folder / "data/articles").mkdir(parents=True)
    for number in range(n_shards):
        path = f"data/articles/train-{number:05d}-of-{n_shards:05d}.parquet"
        ids = pc.binary_join_element_wise(table["id"], pa.scalar(f"{number:04d}"), "")
        part = table.set_column(table.schema.get_field_index("id"), "id", ids)
        pq.write_table(part, folder / path, compression="zstd", compression_level=3, row_group_size=5000)
        data = (folder / path).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        shards.append(Shard(
            path=path, config="articles", split="train", n_rows=len(part), n_bytes=len(data), sha256=digest, digest=digest
        ))  # fmt: skip
        del part, data
    total = sum(shard.n_rows for shard in shards)
    manifest = Manifest(
        name="benchmark", version="1.0.0", schema_version=SCHEMA_VERSION, profile="core",
        configs=(Config(name="articles", n_rows=total, digest="0" * 64, splits={"train": total}),),
        files=tuple(shards), inputs=(), parameters={}, steps=(), findings=(), tools={}, statistics={},
    )  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest.to_dict()))
    (folder / "README.md").write_text(
        "---\nconfigs:\n- config_name: articles\n  data_files:\n"
        "  - split: train\n    path: data/articles/train-*.parquet\n---\n"
    )
    return folder


def measure(name: str, root: Path, scratch: Path, columns: list[str] | None) -> dict[str, float]:
    fresh = tempfile.mkdtemp(dir=scratch)
    arguments = json.dumps([str(root), fresh, str(scratch / "kept"), str(scratch / "hf"), columns])
    code = PROCESS.format(imports=IMPORTS[name.split(",", maxsplit=1)[0]], reader=READERS[name])
    environment = {**os.environ, "HF_HOME": str(scratch / "hf"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code, arguments], check=True, capture_output=True, text=True, env=environment
    )
    return json.loads(done.stdout.splitlines()[-1])


def compare(root: Path, scratch: Path, columns: list[str] | None, repeat: int) -> None:
    best: dict[str, dict[str, float]] = {}
    for turn in range(repeat + 1):
        for name in READERS:
            found = measure(name, root, scratch, columns)
            if turn:  # the first turn fills the caches, of the disk too
                known = best.setdefault(name, found)
                best[name] = {key: min(found[key], known[key]) for key in found}
    peer = best["pyarrow"]
    print(f"\n{'all columns' if columns is None else ', '.join(columns)}; {peer['rows']:,} rows")
    titles = {"first": "first batch", "first_cpu": "its CPU", "scan": "full scan", "scan_cpu": "its CPU"}
    print(" " * 26 + "".join(f"{title:>18}" for title in titles.values()) + f"{'memory':>22}")
    for name, found in best.items():
        assert found["rows"] == peer["rows"], (name, found["rows"])
        times = "".join(f"{found[key]:9.3f} s {found[key] / peer[key]:6.2f}x" for key in titles)
        print(f"{name:26}{times}{found['memory']:10.0f} MiB {found['memory'] / peer['memory']:6.2f}x")


def time_imports(repeat: int) -> None:
    """Print how long the interpreter takes with an import more than without, best of several."""
    print("\nstart of the interpreter and")
    for code in (
        "pass",
        "import newsds",
        "import newsds; newsds.load",
        "import pyarrow.parquet",
        "import datasets",
    ):
        command = [sys.executable, "-c", code]
        times = []
        for _ in range(repeat + 1):
            start = time.perf_counter()
            subprocess.run(command, check=True)
            times.append(time.perf_counter() - start)
        print(f"  {code:28}{min(times) * 1000:8.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--release", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="newsds-benchmark-"))
    try:
        root = options.release or make_release(scratch / "release", options.rows)
        n_bytes = sum(path.stat().st_size for path in root.glob("data/articles/*"))
        print(
            f"{n_bytes / 2**20:,.0f} MiB in {len(list(root.glob('data/articles/*')))} files; x: times pyarrow"
        )
        time_imports(options.repeat)
        compare(root, scratch, None, options.repeat)
        compare(root, scratch, ["id", "headline"], options.repeat)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
