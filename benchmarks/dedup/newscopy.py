"""NEWS-COPY: adjusted Rand index over all ids, singletons included; thresholds tuned on 1955, the test touched once.

The folder holds the files of the authors (`1955_inf_data.json`, `1955_gt.json`, `test_inf_data.json`, `full_test_gt.json`:
id to article, and pairs of ids) or one file for each part (`val.*`, `test.*`; JSON, JSON lines or Parquet with `article` and
`cluster`).
"""

import argparse
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import measures
import running
import thresholds

__all__ = ["run"]

PUBLISHED = "MinHash .73-.78, RETSim .83, bi-encoder .915, re-rank .937"
#: The thresholds that are tuned: how much two texts must share.
TUNED = {"PART": (0.75, 0.80, 0.85), "SAME": (0.50, 0.60, 0.70), "SAME_LESS": (0.35, 0.45, 0.55)}


def run(arguments: argparse.Namespace) -> None:
    """Tune on the validation part if there is one, then run the test part once."""
    validation, test = read_parts(arguments.path)
    values = tune(*validation) if validation else {}
    print(f"test: {len(test[0])} articles, {len(set(test[1]))} clusters; published: {PUBLISHED}")
    with thresholds.setting(values):
        for name, clusters in running.cluster_all(
            test[0], is_alone=arguments.no_peers, pythons=arguments.peer
        ):
            print(f"{name:20} ARI {measures.adjusted_rand(clusters, test[1]):.4f}", flush=True)


def tune(rows: list[dict], truth: list) -> dict[str, float]:
    """Return the thresholds with the best adjusted Rand index; of equals the defaults, or those nearest to them."""
    usual = thresholds.defaults()
    scored = []
    for choice in product(*TUNED.values()):
        values = dict(zip(TUNED, choice, strict=True))
        with thresholds.setting(values):
            score = measures.adjusted_rand(running.find(rows), truth)
        distance = sum(abs(values[name] - usual[name]) for name in values)
        scored.append((score, -distance, choice))
        print(f"validation: {_say(values)}: ARI {score:.4f}", flush=True)
    best = dict(zip(TUNED, max(scored)[2], strict=True))
    print(f"chosen on {len(rows)} articles, {len(set(truth))} clusters: {_say(best)}")
    return best


def _say(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def read_parts(path: Path) -> tuple[tuple[list[dict], list] | None, tuple[list[dict], list]]:
    """Return the validation part, None of a single file, and the test part: texts, and the cluster of each."""
    if path.is_file():
        return None, _read_clusters(path)
    if (path / "test_inf_data.json").exists():
        return (
            _read_edges(path / "1955_inf_data.json", path / "1955_gt.json"),
            _read_edges(path / "test_inf_data.json", path / "full_test_gt.json"),
        )
    validation, test = (next(iter(sorted(path.glob(f"{part}*")))) for part in ("val", "test"))
    return _read_clusters(validation), _read_clusters(test)


def _read_edges(articles: Path, edges: Path) -> tuple[list[dict], list]:
    """Read the authors' files: the articles of a part by id, and the pairs of those that are copies."""
    texts = {name: record["article"] for name, record in json.loads(articles.read_text("utf-8")).items()}
    head = {name: name for name in texts}

    def root(name: str) -> str:
        while head[name] != name:
            name = head[name] = head[head[name]]
        return name

    for a, b in json.loads(edges.read_text("utf-8")):
        head[root(a)] = root(b)
    return [{"id": name, "text": text} for name, text in texts.items()], [root(name) for name in texts]


def _read_clusters(path: Path) -> tuple[list[dict], list]:
    """Read records with the number of their cluster; one without is alone."""
    rows, truth = [], []
    for number, record in enumerate(read_records(path)):
        rows.append({"id": f"{number:06}", "text": record.get("article") or record.get("text") or ""})
        cluster = record.get("cluster", record.get("cluster_id"))
        truth.append(f"alone {number}" if cluster in (None, "", -1) else cluster)
    return rows, truth


def read_records(path: Path) -> Iterator[dict]:
    """Yield the records of a file of JSON, JSON lines or Parquet."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        yield from pq.read_table(path).to_pylist()
        return
    text = path.read_text("utf-8")
    yield from (
        json.loads(text)
        if text.lstrip().startswith("[")
        else map(json.loads, filter(None, text.splitlines()))
    )
