"""How well copies are found: newsds with its defaults beside its peers, on the same texts.

python benchmarks/dedup invented [--seeds 101 102]       stories invented here: scans and pages, held-out seeds
python benchmarks/dedup reuters FOLDER [--pairs TSV]     Reuters-21578: families of notices, pairs labelled by hand
python benchmarks/dedup newscopy PATH                    NEWS-COPY: adjusted Rand index, all ids with singletons
python benchmarks/dedup core FILE                        CORE deduplication 2020: macro-F1 and accuracy
"""

import argparse
import csv
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import core
import folds
import measures
import newscopy
import numpy as np
import peers
import pipelines
import pyarrow as pa
import reuters
import running
import stories
import variants

from newsds.dedup.candidates import Sketches

#: Pairs of Reuters-21578 that were labelled for this benchmark; docs/explanation/deduplication.md says how.
PAIRS = Path(__file__).parent / "reuters_pairs.tsv"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    tasks = parser.add_subparsers(required=True, dest="task")
    invented = tasks.add_parser("invented")
    invented.add_argument("--seeds", nargs="+", type=int, default=[101, 102, 103])
    invented.add_argument(
        "--hide",
        nargs="+",
        choices=["headline", "time", "publisher"],
        default=[],
        help="what newsds is not told",
    )
    wire = tasks.add_parser("reuters")
    wire.add_argument("folder", type=Path)
    wire.add_argument("--pairs", type=Path, help="more pairs: newid_a, newid_b, label, separated by tabs")
    wire.add_argument(
        "--hide", nargs="+", choices=["headline", "time"], default=[], help="what newsds is not told"
    )
    wire.add_argument(
        "--inside", action="store_true", help="put the headline into the text, before an empty line"
    )
    wire.add_argument("--alone", action="store_true", help="only the texts of labelled pairs: a small corpus")
    wire.add_argument(
        "--folds", type=int, help="choose the thresholds on so many folds but one, judge the last; repeat"
    )
    wire.add_argument(
        "--variants", action="store_true", help="score the pairs as the takes are given in other ways"
    )
    wire.add_argument("--only-given", action="store_true", help="leave out the pairs of this benchmark")
    news = tasks.add_parser("newscopy")
    news.add_argument(
        "path", type=Path, help="folder of the validation and the test part, or the file of one part"
    )
    documents = tasks.add_parser("core")
    documents.add_argument(
        "file",
        type=Path,
        help="records with core_id, processed_title, processed_abstract, labelled_duplicates",
    )
    for task in (invented, wire, news, documents):
        task.add_argument("--no-peers", action="store_true")
        task.add_argument(
            "--peer",
            action="append",
            default=[],
            metavar="NAME=PYTHON",
            help="text-dedup or datatrove, and the interpreter of the environment it is installed in",
        )
    arguments = parser.parse_args()
    runs = {"invented": run_invented, "reuters": run_reuters, "newscopy": newscopy.run, "core": core.run}
    runs[arguments.task](arguments)
    if not arguments.no_peers:
        print(*peers.missing(), *pipelines.missing(arguments.peer), sep="\n")


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
            rows = [copy.to_row() for copy in copies]
            truth = [copy.story for copy in copies]
            print(f"\n{kind.__name__}, seed {seed}: {len(copies)} texts, {len(set(truth))} stories")
            print(f"  candidates: {candidate_recall(rows, truth):.4f} of the copies meet another one")
            told = [copy.to_row(hide=arguments.hide) for copy in copies]
            for name, clusters in running.cluster_all(
                told, is_alone=arguments.no_peers, pythons=arguments.peer
            ):
                ari, b_cubed = measures.adjusted_rand(clusters, truth), measures.b_cubed(clusters, truth)
                impure = measures.largest_impure(clusters, truth)
                print(
                    f"  {name:20} ARI {ari:.3f}  B-cubed F1 {b_cubed:.3f}  largest impure {impure}",
                    flush=True,
                )


def run_reuters(arguments: argparse.Namespace) -> None:
    takes = reuters.read_takes(arguments.folder)
    samples = dict(_read_labels(arguments))
    if arguments.alone:
        wanted = {row[key] for labels in samples.values() for row in labels for key in ("newid_a", "newid_b")}
        takes = [take for take in takes if take.id in wanted]
    print(f"{len(takes)} takes")
    if arguments.variants:
        _print_variants(takes, samples)
        return
    rows = [take.to_row(hide=arguments.hide, inside=arguments.inside) for take in takes]
    for name, clusters in running.cluster_all(rows, is_alone=arguments.no_peers, pythons=arguments.peer):
        sizes = Counter(clusters)
        print(f"{name:20} {len(sizes)} distinct, largest cluster {max(sizes.values())}")
        for family, (n, merged) in reuters.sibling_counts(takes, clusters).items():
            share = merged / max(n, 1)
            print(f"{'':20} {family}: {merged} of {n} takes share a cluster with a sibling ({share:.2%})")
        cluster_of = dict(zip((take.id for take in takes), clusters, strict=True))
        for sample, labels in samples.items():
            print(f"{'':20} pairs, {sample}: {_score(labels, cluster_of)}", flush=True)
    everything = {"all": [row for labels in samples.values() for row in labels]}
    for sample, labels in {**samples, **everything}.items() if arguments.folds else ():
        judged = folds.compare(rows, labels)
        found = folds.cross_validate(judged, folds=arguments.folds)
        scores = ", ".join(
            f"{name} {mean:.3f} ({low:.3f}-{high:.3f})" for name, (mean, low, high) in found.items()
        )
        print(
            f"{arguments.folds} folds, thresholds chosen on the others, 10 times; pairs, {sample}: {scores}"
        )


def _print_variants(takes: list[reuters.Take], samples: dict[str, list[dict]]) -> None:
    print("precision, recall, F1 of all pairs | without pairs that are equal word for word and no copies")
    groups = {**samples, "all": [row for labels in samples.values() for row in labels]}
    for name, scores in variants.score_variants(takes, groups):
        print(name)
        for sample, both in scores.items():
            shown = (", ".join(f"{score:.3f}" for score in scores) for scores in both)
            print(f"    {sample:8}", *shown, sep=" | ", flush=True)


def _read_labels(arguments: argparse.Namespace) -> Iterator[tuple[str, list[dict]]]:
    """Yield the samples of labelled pairs: those given, and those of this benchmark."""
    if arguments.pairs:
        yield "given", _read_table(arguments.pairs)
    rows = [] if arguments.only_given else _read_table(PAIRS)
    for sample in sorted({row["sample"] for row in rows}):
        yield sample, [row for row in rows if row["sample"] == sample]


def _read_table(path: Path) -> list[dict]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines(), delimiter="\t"))


def _score(labels: list[dict], cluster_of: dict) -> str:
    found = np.array([cluster_of[row["newid_a"]] == cluster_of[row["newid_b"]] for row in labels])
    truth = np.array([row["label"] == "1" for row in labels])
    spread = folds.bootstrap(found, truth)
    scores = zip(measures.NAMES, measures.flag_scores(found, truth), strict=True)
    said = ", ".join(
        f"{name} {score:.3f} ({spread[name][0]:.3f}-{spread[name][1]:.3f})" for name, score in scores
    )
    return f"{len(labels)}, {truth.sum()} of them copies: {said}"


if __name__ == "__main__":
    main()
