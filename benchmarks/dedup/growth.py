"""How the whole job grows: time and memory of `newsds.dedupe`, from texts in a file to clusters and relations on disk.

    python benchmarks/dedup/growth.py                                 10,000, 100,000 and 1,000,000 articles
    python benchmarks/dedup/growth.py --sizes 31600 316000 --workers 1
    python benchmarks/dedup/growth.py --plot growth.png               draw the curve beside n log n

The articles are generated into a file, a quarter of them edited copies, and read from it as a stream. Each size runs in
a process of its own. `MB` is the text; `peak MiB` is the largest resident memory of that process, which does all the
work in threads; `growth` is the exponent of CPU time between two sizes: n log n would be 1.07 to 1.09.
"""

import argparse
import json
import math
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = [10_000, 100_000, 1_000_000]
COLUMNS = ("texts", "MB", "wall s", "cpu s", "cpu us/text", "peak MiB", "growth", "distinct", "relations")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--workers", type=int, default=2, help="threads")
    parser.add_argument("--folder", type=Path, help="where the articles are written; they stay there")
    parser.add_argument("--plot", type=Path, help="draw the curve (needs matplotlib)")
    parser.add_argument("--step", choices=("write", "run"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        step = _write if arguments.step == "write" else _run
        print(json.dumps(step(arguments.folder, arguments.sizes[0], arguments.workers)))
        return
    print("".join(f"{name:>12}" for name in COLUMNS))
    with tempfile.TemporaryDirectory() as name:
        points: list[dict[str, float]] = []
        for size in arguments.sizes:
            found = _measure(arguments.folder or Path(name), size, arguments.workers)
            found["growth"] = _exponent(points[-1], found) if points else 0
            print("".join(f"{found[column]:12,}" for column in COLUMNS), flush=True)
            points.append(found)
    if arguments.plot:
        from curves import draw_growth

        curves = ([point[name] for point in points] for name in ("texts", "cpu s", "peak MiB"))
        draw_growth(*curves, title="The whole job", target=arguments.plot)


def _measure(folder: Path, size: int, workers: int) -> dict[str, float]:
    if not _file(folder, size).exists():
        _start("write", folder, size, workers)
    return _start("run", folder, size, workers)


def _start(step: str, folder: Path, size: int, workers: int) -> dict[str, float]:
    options = {"--step": step, "--folder": folder, "--sizes": size, "--workers": workers}
    command = [sys.executable, __file__, *(str(word) for option in options.items() for word in option)]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))


def _exponent(before: dict[str, float], after: dict[str, float]) -> float:
    size, cost = (after[name] / before[name] for name in ("texts", "cpu s"))
    return round(math.log(cost) / math.log(size), 2)


def _file(folder: Path, size: int) -> Path:
    return folder / f"articles-{size}.arrows"


def _write(folder: Path, size: int, _: int) -> dict[str, float]:
    from articles import write_texts

    partial = folder / "articles.partial"
    write_texts(partial, 0, size)
    partial.rename(_file(folder, size))
    return {}


def _run(folder: Path, size: int, workers: int) -> dict[str, float]:
    """Run the job in this process; its start and imports count."""
    import pyarrow as pa

    import newsds

    path = _file(folder, size)
    with tempfile.TemporaryDirectory() as target, pa.OSFile(str(path)) as stream:
        found = newsds.dedupe(pa.ipc.open_stream(stream), workers=workers)
        found.write(target)
    summary, wall, cpu = found.summary(), time.perf_counter() - BEGAN, time.process_time()
    return {
        "texts": summary["articles"],
        "MB": path.stat().st_size // 1_000_000,
        "wall s": round(wall, 1),
        "cpu s": round(cpu, 1),
        "cpu us/text": round(1e6 * cpu / summary["articles"]),
        "peak MiB": _peak_mib(),
        "distinct": summary["distinct"],
        "relations": sum(summary["relations"].values()),
    }


def _peak_mib() -> int:
    """Return the largest resident memory of this process alone: `ru_maxrss` begins with that of its parent."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) // 1024


BEGAN = time.perf_counter()

if __name__ == "__main__":
    main()
