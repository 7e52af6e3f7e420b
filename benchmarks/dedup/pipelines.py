"""text-dedup and datatrove as their users run them: whole commands on files, by an interpreter that has them."""

import json
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

__all__ = ["PIPELINES", "Pipeline", "cluster", "find_python", "missing", "prepare"]

#: Options of text-dedup's MinHash command: those of its README, and those that its benchmark uses for NEWS-COPY.
_README = {"ngram": 5, "threshold": 0.7, "num_perm": 128}
_NEWS = {"ngram": 2, "threshold": 0.45, "num_perm": 255, "b": 51, "r": 5}

_DATATROVE = """
import sys
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

if __name__ == "__main__":
    reader = JsonlReader("in")
    for step in (
        [reader, MinhashDedupSignature("signatures")],
        [MinhashDedupBuckets("signatures", "buckets")],
        [MinhashDedupCluster("buckets", "removed", save_cluster_id=True)],
        [reader, MinhashDedupFilter("removed"), JsonlWriter("out")],
    ):
        tasks = 14 if isinstance(step[0], MinhashDedupBuckets) else 1
        LocalPipelineExecutor(step, tasks=tasks, workers=1).run()
"""
_READ_UNION_FIND = """
import json, pickle, sys
found = pickle.load(open("out/uf.pkl", "rb"))
print(json.dumps({text: found.find(text) for text in list(found.parent)}))
"""


@dataclass(frozen=True)
class Pipeline:
    """A tool with its parameters."""

    package: str
    #: Commands that are run in a folder which has the texts in `in/texts.jsonl`, given the interpreter.
    commands: Callable[[str], list[list[str]]]
    #: Number of a text to that of its cluster, of those that have copies, given the interpreter and the folder.
    read: Callable[[str, Path], Mapping[int, int]]


def _text_dedup(options: Mapping[str, float]) -> Callable[[str], list[list[str]]]:
    places = {
        "path": "json", "data_files": "in/texts.jsonl", "split": "train", "cache_dir": "cache", "output": "out",
        "column": "text", "batch_size": 10000, "num_proc": 2, **options,
    }  # fmt: skip
    words = [f"--{name}={value}" for name, value in places.items()]
    return lambda python: [[python, "-m", "text_dedup.minhash", *words, "--debug"]]


def _read_union_find(python: str, folder: Path) -> dict[int, int]:
    command = [python, "-c", _READ_UNION_FIND]
    found = subprocess.run(command, check=True, cwd=folder, stdout=subprocess.PIPE, text=True)
    return {int(text): cluster for text, cluster in json.loads(found.stdout).items()}


def _read_datatrove(_python: str, folder: Path) -> dict[int, int]:
    files = folder.glob("removed/*.clusters")
    return {text: cluster for file in files for text, cluster in struct.iter_unpack("<2I", file.read_bytes())}


PIPELINES = {
    "text-dedup README": Pipeline("text_dedup", _text_dedup(_README), _read_union_find),
    "text-dedup news": Pipeline("text_dedup", _text_dedup(_NEWS), _read_union_find),
    "datatrove default": Pipeline("datatrove", lambda python: [[python, "-c", _DATATROVE]], _read_datatrove),
}


def find_python(package: str, given: Sequence[str] = ()) -> str | None:
    """Return the interpreter that runs a package: one of those given as `name=path`, else this one if it has it."""
    paths = dict(word.split("=", 1) for word in given)
    return paths.get(package.replace("_", "-")) or (sys.executable if find_spec(package) else None)


def missing(given: Sequence[str] = ()) -> list[str]:
    """Return a line for each package that no interpreter has."""
    names = [name for name in ("text_dedup", "datatrove") if find_python(name, given) is None]
    return [
        f"{name.replace('_', '-')}: not installed (pip install 'newsds[bench]', or --peer {name.replace('_', '-')}=PYTHON)"
        for name in names
    ]


def prepare(folder: Path, texts: Sequence[str]) -> None:
    """Write the texts as the commands take them."""
    (folder / "in").mkdir(parents=True)
    lines = (json.dumps({"id": str(n), "text": text}) for n, text in enumerate(texts))
    (folder / "in" / "texts.jsonl").write_text("\n".join(lines) + "\n")


def cluster(name: str, python: str, texts: Sequence[str]) -> list[int]:
    """Return a cluster number for each text, by one of `PIPELINES`."""
    pipeline = PIPELINES[name]
    # datatrove passes over empty texts, and counts what is left.
    rows = [row for row, text in enumerate(texts) if text.strip()]
    clusters = list(range(len(texts)))
    with tempfile.TemporaryDirectory() as place:
        prepare(Path(place), [texts[row] for row in rows])
        for command in pipeline.commands(python):
            subprocess.run(command, check=True, capture_output=True, cwd=place)
        for text, found in pipeline.read(python, Path(place)).items():
            clusters[rows[text]] = len(texts) + found
    return clusters
