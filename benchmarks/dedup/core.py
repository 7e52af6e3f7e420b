"""CORE deduplication 2020: each document is a duplicate or not, and of which others; as text-dedup's benchmark scores it."""

import argparse

import newscopy
import running

__all__ = ["run"]


def run(arguments: argparse.Namespace) -> None:
    """Print macro-F1 over duplicates and others, and the share of documents whose duplicates are named exactly."""
    rows, truth = [], {}
    for record in newscopy.read_records(arguments.file):
        name = str(record["core_id"])
        parts = (record.get("processed_title"), record.get("processed_abstract"))
        rows.append({"id": name, "text": " ".join(part for part in parts if part)})
        truth[name] = {str(other) for other in record.get("labelled_duplicates") or []}
    print(f"{len(rows)} documents; published: text-dedup MinHash macro-F1 .9518, RETSim accuracy .928")
    for name, clusters in running.cluster_all(rows, is_alone=arguments.no_peers, pythons=arguments.peer):
        macro_f1, accuracy = score([row["id"] for row in rows], clusters, truth)
        print(f"{name:20} macro-F1 {macro_f1:.4f}, accuracy {accuracy:.4f}", flush=True)


def score(ids: list[str], clusters: list, truth: dict[str, set[str]]) -> tuple[float, float]:
    """Return macro-F1 and accuracy."""
    members: dict = {}
    for name, cluster in zip(ids, clusters, strict=True):
        members.setdefault(cluster, set()).add(name)
    others = {name: members[cluster] - {name} for name, cluster in zip(ids, clusters, strict=True)}
    scores = []
    for side in (False, True):
        said = {name for name in ids if bool(truth[name]) is side}
        found = {name for name in ids if bool(others[name]) is side}
        scores.append(2 * len(said & found) / max(len(said) + len(found), 1))
    hits = sum(others[name] == truth[name] for name in ids)
    return sum(scores) / 2, hits / max(len(ids), 1)
