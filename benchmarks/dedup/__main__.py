"""How well copies are found: newsds with its defaults beside its peers, on the same texts.

python benchmarks/dedup invented [--seeds 101 102]       stories invented here: scans and pages, held-out seeds
python benchmarks/dedup reuters FOLDER [--pairs TSV]     Reuters-21578, and pairs labelled by hand
python benchmarks/dedup newscopy FILE                     NEWS-COPY: adjusted Rand index, all ids with singletons
python benchmarks/dedup core FILE                        CORE deduplication 2020: macro-F1 and accuracy
"""

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import measures
import peers
import pyarrow as pa
import reuters
import stories

import newsds
from newsds.dedup.candidates import Sketches
from newsds.texts import TEXTS_SCHEMA


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    tasks = parser.add_subparsers(required=True, dest="task")
    invented = tasks.add_parser("invented")
    invented.add_argument("--seeds", nargs="+", type=int, default=[101, 102, 103])
    wire = tasks.add_parser("reuters")
    wire.add_argument("folder", type=Path)
    wire.add_argument("--pairs", type=Path, help="newid_a, newid_b, label, separated by tabs")
    news = tasks.add_parser("newscopy")
    news.add_argument(
        "file", type=Path, help="JSONL or JSON of articles with id, text (or article) and cluster"
    )
    core = tasks.add_parser("core")
    core.add_argument(
        "file",
        type=Path,
        help="JSONL with core_id, processed_title, processed_abstract, cat, labelled_duplicates",
    )
    for task in (invented, wire, news, core):
        task.add_argument("--no-peers", action="store_true")
    arguments = parser.parse_args()
    {"invented": run_invented, "reuters": run_reuters, "newscopy": run_newscopy, "core": run_core}[
        arguments.task
    ](arguments)
    if not arguments.no_peers:
        print(*peers.missing(), sep="\n")


def find(rows: list[dict]) -> list[str]:
    """Run newsds with its defaults."""
    result = newsds.dedupe(
        pa.Table.from_pylist(rows, schema=TEXTS_SCHEMA).to_batches(max_chunksize=2048), workers=2
    )
    cluster_of = dict(
        zip(result.clusters["article_id"].to_pylist(), result.clusters["cluster_id"].to_pylist(), strict=True)
    )
    return [cluster_of[row["id"]] for row in rows]


def candidate_recall(rows: list[dict], stories_of: list[int]) -> float:
    """Return the share of copies that are paired with another copy of their story before anything is compared."""
    from datetime import UTC, datetime

    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    times = pa.array([round((row["published_at"] - epoch).total_seconds() * 1e6) for row in rows], pa.int64())
    order = sorted(range(len(rows)), key=lambda at: (times[at].as_py(), rows[at]["id"]))
    ranks = pa.array(sorted(range(len(rows)), key=order.__getitem__)).to_numpy()
    met = set()
    with tempfile.TemporaryDirectory() as folder, Sketches(Path(folder)) as sketches:
        sketches.add(pa.array([row["text"] for row in rows], pa.large_string()))
        for pairs in sketches.find_pairs(ranks=ranks, times=times.to_numpy()):
            for a, b in pairs.tolist():
                if stories_of[order[a]] == stories_of[order[b]]:
                    met |= {order[a], order[b]}
    sizes: dict[int, int] = {}
    for story in stories_of:
        sizes[story] = sizes.get(story, 0) + 1
    return len(met) / sum(size for size in sizes.values() if size > 1)


def run_invented(arguments: argparse.Namespace) -> None:
    for kind in (stories.scans, stories.pages):
        for seed in arguments.seeds:
            copies = kind(seed)
            rows = [
                {
                    "id": copy.id,
                    "text": copy.text,
                    "headline": copy.headline,
                    "published_at": copy.published_at,
                    "publisher": copy.publisher,
                }
                for copy in copies
            ]
            truth = [copy.story for copy in copies]
            print(f"\n{kind.__name__}, seed {seed}: {len(copies)} texts, {len(set(truth))} stories")
            print(f"  candidates: {candidate_recall(rows, truth):.4f} of the copies meet another one")
            for name, clusters in clusterings(rows, is_alone=arguments.no_peers):
                ari, b_cubed = measures.adjusted_rand(clusters, truth), measures.b_cubed(clusters, truth)
                impure = measures.largest_impure(clusters, truth)
                print(
                    f"  {name:20} ARI {ari:.3f}  B-cubed F1 {b_cubed:.3f}  largest impure {impure}",
                    flush=True,
                )


def clusterings(rows: list[dict], *, is_alone: bool) -> Iterator[tuple[str, list]]:
    yield "newsds", find(rows)
    for name in () if is_alone else peers.PEERS:
        try:
            yield name, peers.cluster(name, [row["text"] for row in rows])
        except ImportError as error:
            print(f"  {name:20} not run: {error}")


def run_reuters(arguments: argparse.Namespace) -> None:
    takes = reuters.read_takes(arguments.folder)
    rows = [
        {"id": take.id, "text": take.text, "headline": take.headline, "published_at": take.published_at}
        for take in takes
    ]
    labels = list(csv.DictReader(arguments.pairs.open(), delimiter="\t")) if arguments.pairs else []
    print(f"{len(takes)} takes")
    for name, clusters in clusterings(rows, is_alone=arguments.no_peers):
        sizes: dict = {}
        for cluster in clusters:
            sizes[cluster] = sizes.get(cluster, 0) + 1
        print(f"{name:20} {len(sizes)} distinct, largest cluster {max(sizes.values())}")
        for family, (n, merged) in reuters.sibling_counts(takes, clusters).items():
            print(
                f"{'':20} {family}: {merged} of {n} takes share a cluster with a sibling ({merged / max(n, 1):.2%})"
            )
        if labels:
            cluster_of = dict(zip((take.id for take in takes), clusters, strict=True))
            print(f"{'':20} labelled pairs: {_score_labels(labels, cluster_of)}", flush=True)


def _score_labels(labels: list[dict], cluster_of: dict) -> str:
    said = {(row["newid_a"], row["newid_b"]): row["label"] == "1" for row in labels}
    found = {pair for pair in said if cluster_of[pair[0]] == cluster_of[pair[1]]}
    precision, recall, f1 = measures.pair_scores(found, {pair for pair, is_copy in said.items() if is_copy})
    return f"precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}"


def _records(path: Path) -> Iterable[dict]:
    text = path.read_text("utf-8")
    return (
        json.loads(text)
        if text.lstrip().startswith("[")
        else map(json.loads, filter(None, text.splitlines()))
    )


def run_newscopy(arguments: argparse.Namespace) -> None:
    """All ids, singletons included, adjusted Rand index. Nothing is tuned here: the defaults are run once."""
    rows, truth = [], []
    for number, record in enumerate(_records(arguments.file)):
        name = str(record.get("id", number))
        rows.append({"id": f"{number:06}", "text": record.get("text") or record.get("article") or ""})
        cluster = record.get("cluster", record.get("cluster_id"))
        truth.append(f"alone {name}" if cluster in (None, "", -1) else cluster)
    print(f"{len(rows)} articles, {len(set(truth))} clusters")
    print("published: MinHash .73-.78, RETSim .83, bi-encoder .915, re-rank .937")
    for name, clusters in clusterings(rows, is_alone=arguments.no_peers):
        print(f"{name:20} ARI {measures.adjusted_rand(clusters, truth):.4f}", flush=True)


def run_core(arguments: argparse.Namespace) -> None:
    """Each document is a duplicate or not; macro-F1 and accuracy as text-dedup's benchmark computes them."""
    rows, truth = [], {}
    for record in _records(arguments.file):
        name = str(record["core_id"])
        rows.append(
            {
                "id": name,
                "text": f"{record.get('processed_title') or ''} {record.get('processed_abstract') or ''}",
            }
        )
        truth[name] = {str(other) for other in record.get("labelled_duplicates", [])}
    print(f"{len(rows)} documents; published: text-dedup MinHash macro-F1 .9518, RETSim accuracy .928")
    for name, clusters in clusterings(rows, is_alone=arguments.no_peers):
        print(f"{name:20} {_score_core([row['id'] for row in rows], clusters, truth)}", flush=True)


def _score_core(ids: list[str], clusters: list, truth: dict[str, set[str]]) -> str:
    members: dict = {}
    for name, cluster in zip(ids, clusters, strict=True):
        members.setdefault(cluster, set()).add(name)
    counts = {(said, found): 0 for said in (False, True) for found in (False, True)}
    hits = 0
    for name, cluster in zip(ids, clusters, strict=True):
        found = members[cluster] - {name}
        counts[bool(truth[name]), bool(found)] += 1
        hits += found == truth[name]
    scores = []
    for side in (False, True):
        right, said, seen = (
            counts[side, side],
            counts[side, False] + counts[side, True],
            counts[False, side] + counts[True, side],
        )
        scores.append(2 * right / max(said + seen, 1))
    return f"macro-F1 {sum(scores) / 2:.4f}, accuracy {hits / len(ids):.4f}"


if __name__ == "__main__":
    main()
