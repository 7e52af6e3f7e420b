"""How fast copies are found: newsds beside its peers, on the same texts, side by side in one process tree.

    python benchmarks/dedup/speed.py -n 20000                         newsds, rensa, datasketch
    python benchmarks/dedup/speed.py -n 200000 --tools bands rensa    two of them on more texts
    python benchmarks/dedup/speed.py -n 20000 --commands              whole commands, text-dedup's and datatrove's too
    python benchmarks/dedup/speed.py --curve 1000000                  time and memory of newsds as the corpus grows

Every tool runs in a process of its own, the tools in turn, `--rounds` times; the figures are medians. `steady`
is the time from texts in memory to pairs (or clusters), `cpu` the CPU time of all threads in it; `started` and
`st. cpu` add the start of the process: interpreter, imports, compiled kernels, and four hundred texts to warm them.
Ratios are against rensa's documented pipeline: word 5-grams, 128 permutations, 16 bands. Recall is that of planted
copies with an exact 5-gram Jaccard of 0.7 and above.

`bands` is what can be compared with the peers: the pairs that share a band of their sketches. `candidates` finds
the pairs that share two rare runs of words besides, so that abridgements are not missed: it is what `newsds dedupe`
does. `job` is all of `newsds dedupe`, to relations and clusters on disk. `-numpy` is without compiled kernels, `-auto`
with them once so much text has come by that they pay; nothing warms it, so that its start is in all its figures.
"""

import time

BEGAN = time.perf_counter()

import argparse  # noqa: E402 # the clock starts before the imports
import json  # noqa: E402
import re  # noqa: E402
import resource  # noqa: E402
import statistics  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
from collections.abc import Callable  # noqa: E402
from importlib.util import find_spec  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import NamedTuple  # noqa: E402

import numpy as np  # noqa: E402
import pipelines  # noqa: E402
import pyarrow as pa  # noqa: E402
from articles import Batch, batches  # noqa: E402
from curves import draw_growth  # noqa: E402

HOME = Path(__file__).resolve()
JACCARD = 0.7
WORD = re.compile(r"\w+")
BANDS, PERMUTATIONS = 16, 128
COLUMNS = (
    ("steady", "steady s", "10.2f"), ("started", "started s", "10.2f"), ("cpu", "cpu s", "10.2f"),
    ("started_cpu", "st. cpu s", "10.2f"),
    ("peak_mib", "peak MiB", "10.0f"), ("recall", "recall", "10.3f"), ("pairs", "pairs", "10.0f"),
)  # fmt: skip
COLUMNS_OF_TIME = [(key, title) for key, title, _ in COLUMNS[:4]]


class Corpus(NamedTuple):
    """Texts in memory."""

    texts: pa.ChunkedArray
    times: np.ndarray
    workers: int


#: A tool takes a corpus and returns pairs; it is made (imported, warmed up) before the clock of `steady` starts.
Tool = Callable[[Corpus], np.ndarray]


def main() -> None:
    arguments = _arguments()
    if arguments.child:
        print(json.dumps(_measure(arguments.child, arguments.corpus, arguments.workers)))
    elif arguments.commands:
        _print_peers(arguments)
    elif arguments.curve:
        _print_curve(arguments)
    else:
        _print_table(arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("-n", type=int, default=20_000, help="texts")
    parser.add_argument("--tools", nargs="+", default=DEFAULT, choices=sorted(TOOLS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2, help="threads of newsds")
    parser.add_argument(
        "--commands", action="store_true", help="measure whole commands: newsds, rensa, text-dedup, datatrove"
    )
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        metavar="NAME=PYTHON",
        help="text-dedup or datatrove, and the interpreter of the environment it is installed in",
    )
    parser.add_argument("--curve", type=int, help="measure newsds alone up to so many texts")
    parser.add_argument("--plot", type=Path, help="draw the curve (needs matplotlib)")
    parser.add_argument("--child", choices=[*sorted(TOOLS), "stream"], help=argparse.SUPPRESS)
    parser.add_argument("--corpus", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _print_table(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.arrow"
        _write_corpus(corpus, arguments.n)
        runs: dict[str, list[dict[str, float]]] = {tool: [] for tool in arguments.tools}
        for _ in range(arguments.rounds):
            for tool in arguments.tools:
                runs[tool].append(_run(tool, corpus, arguments.workers))
    rows = {
        tool: {key: statistics.median(run[key] for run in found) for key in found[0]}
        for tool, found in runs.items()
    }
    print(
        f"{arguments.n} texts, medians of {arguments.rounds} rounds, newsds with {arguments.workers} threads"
    )
    ratios = dict(COLUMNS_OF_TIME) if "rensa" in rows else {}
    print(
        " " * 16,
        *(f"{title:>10}" for _, title, _ in COLUMNS),
        *(f"{'x ' + title.removesuffix(' s'):>10}" for title in ratios.values()),
    )
    for tool, row in rows.items():
        cells = [format(row[key], form) for key, _, form in COLUMNS]
        print(f"{tool:16}", *cells, *(f"{rows['rensa'][key] / row[key]:10.1f}" for key in ratios))


def _print_curve(arguments: argparse.Namespace) -> None:
    sizes = [size for size in (10_000, 31_600, 100_000, 316_000, 1_000_000) if size <= arguments.curve]
    points = []
    print(
        f"{'texts':>10}{'MB':>8}{'cpu s':>10}{'us/text':>10}{'peak MiB':>10}{'recall':>8}{'pairs/text':>12}"
    )
    for size in sizes:
        point = _run("stream", Path(str(size)), arguments.workers)
        points.append((size, point))
        print(
            f"{size:10}{point['mb']:8.0f}{point['cpu']:10.1f}{1e6 * point['cpu'] / size:10.1f}"
            f"{point['peak_mib']:10.0f}{point['recall']:8.3f}{point['pairs'] / size:12.1f}",
            flush=True,
        )
    if arguments.plot:
        seconds, mebibytes = ([point[name] for _, point in points] for name in ("cpu", "peak_mib"))
        draw_growth(
            [size for size, _ in points], seconds, mebibytes, title="Candidates", target=arguments.plot
        )


def _run(tool: str, corpus: Path, workers: int) -> dict[str, float]:
    done = subprocess.run(_command(tool, corpus, workers), check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _command(tool: str, corpus: Path, workers: int) -> list[str]:
    words = ["--child", tool, "--corpus", str(corpus), "--workers", str(workers)]
    return [sys.executable, str(HOME), *words]


def _write_corpus(path: Path, n: int) -> None:
    schema = pa.schema([("text", pa.large_string()), ("time", pa.int64())])
    planted, first = [], 0
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in batches(n):
            writer.write(pa.record_batch([batch.texts, pa.array(batch.times, pa.int64())], schema=schema))
            planted.append(_planted(batch, first))
            first += len(batch.texts)
    np.save(path.with_suffix(".npy"), np.concatenate(planted))


def _planted(batch: Batch, first: int) -> np.ndarray:
    return batch.pairs[batch.jaccard >= JACCARD] + first


def _measure(tool: str, source: Path, workers: int) -> dict[str, float]:
    if tool == "stream":
        return _stream(int(str(source)), workers)
    reading, reading_cpu = time.perf_counter(), time.process_time()
    with pa.OSFile(str(source)) as stream:
        table = pa.ipc.open_file(stream).read_all()
    corpus = Corpus(table["text"], table["time"].to_numpy(), workers)
    read, read_cpu = time.perf_counter() - reading, time.process_time() - reading_cpu
    search = TOOLS[tool]()
    started, cpu = time.perf_counter(), time.process_time()
    found = search(corpus)
    ended, ended_cpu = time.perf_counter(), time.process_time()
    return {
        "steady": ended - started,
        "started": ended - BEGAN - read,
        "cpu": ended_cpu - cpu,
        "started_cpu": ended_cpu - read_cpu,
        "peak_mib": _peak_mib(),
        "recall": _recall(np.load(source.with_suffix(".npy")), found),
        "pairs": len(found),
    }


def _stream(n: int, workers: int) -> dict[str, float]:
    """Feed newsds batch by batch, so that only what it keeps is in memory; time the whole without the making."""
    from newsds.dedup.candidates import Sketches

    planted, times, first, n_bytes, making = [], [], 0, 0, 0.0
    with (
        tempfile.TemporaryDirectory() as folder,
        Sketches(Path(folder), workers=workers, n_bytes=3000 * n) as sketches,
    ):
        stream = batches(n)
        while True:
            before = time.process_time()
            batch = next(stream, None)
            making += time.process_time() - before
            if batch is None:
                break
            sketches.add(batch.texts)
            planted.append(_planted(batch, first))
            times.append(batch.times)
            first += len(batch.texts)
            n_bytes += batch.texts.nbytes
        found = _join(sketches, np.concatenate(times).astype(np.int64))
    cpu = time.process_time() - making
    recall = _recall(np.concatenate(planted), found)
    return {"cpu": cpu, "mb": n_bytes / 1e6, "peak_mib": _peak_mib(), "recall": recall, "pairs": len(found)}


def _peak_mib() -> float:
    """Return the largest resident memory of this process alone: `ru_maxrss` begins with that of its parent."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) / 1024


def _recall(wanted: np.ndarray, found: np.ndarray) -> float:
    return float(np.isin(_code(wanted), _code(found)).mean()) if len(wanted) else 1.0


def _code(pairs: np.ndarray) -> np.ndarray:
    pairs = np.sort(pairs.astype(np.int64), axis=1)
    return pairs[:, 0] << 32 | pairs[:, 1]


def _newsds(engine: str, **choices: int) -> Tool:
    from newsds.dedup.candidates import Recipe, Sketches

    recipe = Recipe(**choices)

    def search(corpus: Corpus) -> np.ndarray:
        options = {"recipe": recipe, "engine": engine, "workers": corpus.workers, "keep_tokens": False}
        with tempfile.TemporaryDirectory() as folder, Sketches(Path(folder), **options) as sketches:
            for chunk in corpus.texts.iterchunks():
                sketches.add(chunk)
            return _join(sketches, corpus.times)

    if engine != "auto":
        search(_warming_up())
    return search


def _warming_up() -> Corpus:
    """Return texts in pairs that differ in one word in the middle, so that every step has something to do."""
    words = [[f"w{n // 2}x{k}" for k in range(300)] for n in range(400)]
    texts = [" ".join([*line[:150], f"y{n}", *line[150:]]) for n, line in enumerate(words)]
    return Corpus(pa.chunked_array([pa.array(texts, pa.large_string())]), np.zeros(400, np.int64), 1)


def _join(sketches, times: np.ndarray) -> np.ndarray:
    """Return pairs of rows: the corpus is in the order of its identifiers."""
    by_time = np.argsort(times, kind="stable")
    ranks = np.empty(len(times), np.int64)
    ranks[by_time] = np.arange(len(times))
    return by_time[
        np.concatenate([np.empty((0, 2), np.int64), *sketches.find_pairs(ranks=ranks, times=times)])
    ]


def _shingles(text: str) -> list[str]:
    words = WORD.findall(text.lower())
    return [" ".join(words[k : k + 5]) for k in range(max(1, len(words) - 4))]


def _rensa() -> Tool:
    """The README's way: shingles as strings, sketches in a batch, the index, a query for each."""
    from rensa import RMinHash, RMinHashLSH

    def search(corpus: Corpus) -> np.ndarray:
        texts = (text for chunk in corpus.texts.iterchunks() for text in chunk.to_pylist())
        sketches = RMinHash.from_token_sets(
            [_shingles(text) for text in texts], num_perm=PERMUTATIONS, seed=42
        )
        index = RMinHashLSH(threshold=JACCARD, num_perm=PERMUTATIONS, num_bands=BANDS)
        index.insert_many(sketches)
        return _check(index.query_all(sketches), sketches)

    return search


def _datasketch() -> Tool:
    from datasketch import MinHash, MinHashLSH

    def search(corpus: Corpus) -> np.ndarray:
        texts = (text for chunk in corpus.texts.iterchunks() for text in chunk.to_pylist())
        sketches = []
        for text in texts:
            sketch = MinHash(num_perm=PERMUTATIONS)
            sketch.update_batch([shingle.encode() for shingle in _shingles(text)])
            sketches.append(sketch)
        index = MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, PERMUTATIONS // BANDS))
        for key, sketch in enumerate(sketches):
            index.insert(key, sketch)
        return _check([index.query(sketch) for sketch in sketches], sketches)

    return search


def _check(answers: list[list[int]], sketches: list) -> np.ndarray:
    """Keep the candidates whose estimated Jaccard is high enough, as the users of these libraries do."""
    pairs = [
        (a, b)
        for a, others in enumerate(answers)
        for b in others
        if a < b and sketches[a].jaccard(sketches[b]) >= JACCARD - 0.1
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _job() -> Tool:
    """The whole of `newsds dedupe`: texts to relations and clusters on disk."""
    from newsds.dedup import dedupe
    from newsds.texts import TEXTS_SCHEMA

    def search(corpus: Corpus) -> np.ndarray:
        ids = pa.array([f"{n:09}" for n in range(len(corpus.texts))])
        times = pa.array(corpus.times, pa.int64()).cast(TEXTS_SCHEMA.field("published_at").type)
        columns = {"id": ids, "text": corpus.texts.cast(pa.string()), "published_at": times}
        nothing = pa.nulls(len(ids), pa.string())
        table = pa.table([columns.get(name, nothing) for name in TEXTS_SCHEMA.names], schema=TEXTS_SCHEMA)
        with tempfile.TemporaryDirectory() as folder:
            found = dedupe(table.to_batches(max_chunksize=8192), workers=corpus.workers)
            found.write(folder)
        relations = found.relations
        return np.stack([relations[side].cast(pa.int64()).to_numpy() for side in ("a", "b")], axis=1)

    if find_spec("numba"):
        _newsds("numba")
    search(_warming_up())
    return search


def _print_peers(arguments: argparse.Namespace) -> None:
    """Run whole commands on the same texts: newsds and rensa here, and peers by the interpreters that have them."""
    with tempfile.TemporaryDirectory() as name:
        corpus, folder = Path(name) / "corpus.arrow", Path(name)
        _write_corpus(corpus, arguments.n)
        texts = pa.ipc.open_file(pa.memory_map(str(corpus))).read_all()["text"].to_pylist()
        runs = {"newsds": [_dedupe_command(arguments.workers)], "rensa": [_command("rensa", corpus, 1)]}
        for tool in ("text-dedup README", "datatrove default"):
            pipeline = pipelines.PIPELINES[tool]
            if python := pipelines.find_python(pipeline.package, arguments.peer):
                runs[tool] = pipeline.commands(python)
        print(
            f"{arguments.n} texts, whole commands, seconds of all their processes, and times those of newsds"
        )
        print(f"{'':20}{'wall s':>10}{'cpu s':>10}{'us/text':>10}{'x wall':>8}{'x cpu':>8}")
        # What numba compiles stays on disk: the first run on a machine is not counted.
        pipelines.prepare(folder / "first", texts)
        _time_commands(runs["newsds"], folder / "first")
        costs: dict[str, tuple[float, float]] = {}
        for tool, commands in runs.items():
            pipelines.prepare(folder / tool, texts)
            wall, cpu = costs[tool] = _time_commands(commands, folder / tool)
            ratios = (wall / costs["newsds"][0], cpu / costs["newsds"][1])
            print(f"{tool:20}{wall:10.1f}{cpu:10.1f}{1e6 * cpu / arguments.n:10.0f}", end="")
            print("".join(f"{ratio:8.1f}" for ratio in ratios), flush=True)
        print(*pipelines.missing(arguments.peer), sep="\n")


def _dedupe_command(workers: int) -> list[str]:
    words = ["in/texts.jsonl", "--id", "id", "--text", "text", "-o", "out", "-q", "--workers", str(workers)]
    return [sys.executable, "-m", "newsds", "dedupe", *words]


def _time_commands(commands: list[list[str]], folder: Path) -> tuple[float, float]:
    """Return the seconds by the clock and of the processor that commands take, one after the other."""
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    for command in commands:
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


DEFAULT = [
    "bands", "candidates", "bands-numpy", "candidates-numpy", "candidates-auto", "job", "rensa", "datasketch",
]  # fmt: skip
TOOLS: dict[str, Callable[[], Tool]] = {
    "job": _job,
    "bands": lambda: _newsds("numba", anchor_every=0),
    "candidates": lambda: _newsds("numba"),
    "bands-numpy": lambda: _newsds("numpy", anchor_every=0),
    "candidates-numpy": lambda: _newsds("numpy"),
    "candidates-auto": lambda: _newsds("auto"),
    "rensa": _rensa,
    "datasketch": _datasketch,
}

if __name__ == "__main__":
    main()
