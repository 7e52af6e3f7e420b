"""A dataset that grows: releases built with an index of those before."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import newsds
from newsds.article import to_batch
from newsds.cli import main
from newsds.dedup import dedupe
from newsds.errors import IntegrityError, OutputError, ProjectError, UsageError
from newsds.index.manifest import load, locked
from newsds.index.removal import remove_articles
from newsds.index.update import read_index
from newsds.readers.columns import texts
from newsds.release.build import Built, build
from newsds.release.verify import verify
from newsds.samples import sample
from release.projects import make_project, records

VERSIONS = ("1.0.0", "1.1.0", "1.2.0")
AT_RANDOM = {"by": "random", "seed": 3, "shares": {"train": 0.6, "test": 0.4}}


def project(folder: Path, lines: Any, version: str, **choices: Any) -> Path:
    return make_project(
        folder / f"p-{version}", lines, descriptor={"version": version}, **{"split": AT_RANDOM, **choices}
    )


def rows(built: Built | Path, config: str) -> list[dict[str, Any]]:
    folder = built.path if isinstance(built, Built) else built
    assert folder is not None
    files = sorted((folder / "data" / config).glob("*.parquet"))
    return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]


def split_of(built: Built) -> dict[str, str]:
    assert built.path is not None
    files = (built.path / "data" / "articles").glob("*.parquet")
    return {
        name: file.name.partition("-")[0]
        for file in files
        for name in pq.ParquetFile(file).read(["id"])["id"].to_pylist()
    }


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@dataclass(frozen=True)
class Grown:
    """Three months of articles and their releases."""

    folder: Path
    months: list[list[dict[str, Any]]]
    releases: list[Built]

    @property
    def index(self) -> Path:
        return self.folder / "seen"


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    folder = tmp_path_factory.mktemp("grown")
    given = sorted(records(150, seed=5), key=lambda record: record["published_at"])
    months = [given[:80], given[80:115], given[115:]]
    releases = [
        build(project(folder, month, version), folder / "dist", index=folder / "seen")
        for version, month in zip(VERSIONS, months, strict=True)
    ]
    return Grown(folder, months, releases)


def test_copies_of_earlier_articles_name_them_and_their_release(grown: Grown) -> None:
    whole = dedupe(texts([to_batch([record for month in grown.months for record in month])]))
    cluster_of = dict(
        zip(*(whole.clusters[name].to_pylist() for name in ("article_id", "cluster_id")), strict=True)
    )
    order = [record["id"] for month in grown.months for record in month]
    month_of = {record["id"]: at for at, month in enumerate(grown.months) for record in month}
    n_found = 0
    for at, built in enumerate(grown.releases):
        for row in rows(built, "clusters"):
            name = row["article_id"]
            before = [
                other for other in order if month_of[other] < at and cluster_of[other] == cluster_of[name]
            ]
            assert row["earlier_id"] == (before[0] if before else None)
            assert row["earlier_release"] == (f"tiny/{VERSIONS[month_of[before[0]]]}" if before else None)
            n_found += bool(before)
        assert built.manifest is not None
        assert built.manifest.statistics["n_earlier"] == sum(
            row["earlier_id"] is not None for row in rows(built, "clusters")
        )
    assert n_found >= 6


def test_clusters_keep_their_ids_and_roles_are_those_among_the_release(grown: Grown) -> None:
    seen: dict[str, str] = {}
    for built in grown.releases:
        clusters: dict[str, list[dict[str, Any]]] = {}
        for row in rows(built, "clusters"):
            clusters.setdefault(row["cluster_id"], []).append(row)
            assert row["earlier_id"] is None or seen[row["earlier_id"]] == row["cluster_id"]
        for members in clusters.values():
            assert {row["n_copies"] for row in members} == {len(members)}
            assert [row["role"] for row in members].count("canonical") == 1
        seen |= {row["article_id"]: row["cluster_id"] for row in rows(built, "clusters")}


def test_pairs_inside_and_pairs_to_earlier_releases_are_all_there_are(grown: Grown) -> None:
    known = read_index(grown.index).relations
    found = set()
    for built in grown.releases:
        own = {row["id"] for row in rows(built, "articles")}
        for row in rows(built, "relations"):
            assert {row["a"], row["b"]} <= own
        for row in rows(built, "earlier"):
            assert {row["article_id"], row["earlier_id"]} == {row["a"], row["b"]}
            assert row["article_id"] in own
            assert row["earlier_id"] not in own
        pairs = [*rows(built, "relations"), *rows(built, "earlier")]
        found |= {frozenset((row["a"], row["b"])) for row in pairs}
    # What is common changes with the index, and with it what some pairs are called.
    assert found == set(map(frozenset, zip(known["a"].to_pylist(), known["b"].to_pylist(), strict=True)))


def test_nothing_leads_from_one_split_to_another_over_all_releases(grown: Grown) -> None:
    splits: dict[str, str] = {}
    for built in grown.releases:
        splits |= split_of(built)
        assert all(splits[row["a"]] == splits[row["b"]] for row in rows(built, "relations"))
        assert all(splits[row["a"]] == splits[row["b"]] for row in rows(built, "earlier"))
    assert len(splits) == 150
    assert set(splits.values()) == {"train", "test"}


def test_the_card_and_the_manifest_tell_of_earlier_releases(grown: Grown) -> None:
    built = grown.releases[1]
    assert built.path is not None
    assert built.manifest is not None
    n_copies = built.manifest.statistics["n_earlier"]
    card = (built.path / "README.md").read_text()
    assert f"| In earlier releases, or copies of articles there | {n_copies} |" in card
    assert "### `earlier`" in card
    assert f"1 before, the last tiny/1.0.0: 0 articles are theirs, {n_copies} are copies of theirs" in card
    assert built.manifest.parameters["index"] == {"release": "tiny/1.1.0", "earlier": ["tiny/1.0.0"]}
    assert built.manifest.parameters["split"]["kept"] == [{"index": "tiny/1.0.0"}]
    name = next(row["article_id"] for row in rows(built, "clusters") if row["earlier_id"])
    assert "of release tiny/1.0.0" in newsds.trace(built.path, name).to_text()


def test_each_release_is_what_it_says(grown: Grown) -> None:
    for built in grown.releases:
        assert built.path is not None
        assert verify(built.path).digest == built.digest


def test_building_the_last_release_again_gives_the_same_bytes(grown: Grown, tmp_path: Path) -> None:
    before = tree(grown.index)
    again = build(grown.folder / "p-1.2.0", tmp_path / "again", index=grown.index)
    assert again.path is not None
    assert grown.releases[2].path is not None
    assert tree(again.path) == tree(grown.releases[2].path)
    assert tree(grown.index) == before


def test_the_first_release_is_split_and_clustered_as_without_an_index(grown: Grown, tmp_path: Path) -> None:
    alone = build(grown.folder / "p-1.0.0", tmp_path / "dist")
    assert split_of(alone) == split_of(grown.releases[0])
    held = [
        {name: value for name, value in row.items() if not name.startswith("earlier_")}
        for row in rows(grown.releases[0], "clusters")
    ]
    assert [row["cluster_id"] for row in held] == [row["cluster_id"] for row in rows(alone, "clusters")]
    assert [row["role"] for row in held] == [row["role"] for row in rows(alone, "clusters")]


def test_the_order_of_the_records_is_of_no_consequence(grown: Grown, tmp_path: Path) -> None:
    shuffled = random.Random(3).sample(grown.months[1], len(grown.months[1]))
    index = tmp_path / "seen"
    build(grown.folder / "p-1.0.0", tmp_path / "dist", index=index)
    first = build(project(tmp_path, shuffled, "1.1.0"), tmp_path / "dist", index=index)
    again = build(grown.folder / "p-1.1.0", tmp_path / "again", index=index)
    for built in (first, again):
        assert built.manifest is not None
        assert grown.releases[1].manifest is not None
        assert built.manifest.files == grown.releases[1].manifest.files


def test_an_earlier_release_built_again_has_the_same_articles_clusters_and_splits(
    grown: Grown, tmp_path: Path
) -> None:
    again = build(grown.folder / "p-1.1.0", tmp_path / "again", index=grown.index)
    assert any("the index has releases after tiny/1.1.0" in note for note in again.notes)
    assert split_of(again) == split_of(grown.releases[1])
    for config, columns in (
        ("clusters", ["article_id", "cluster_id", "earlier_id"]),
        ("earlier", ["a", "b"]),
    ):
        before, after = (
            [[row[name] for name in columns] for row in rows(built, config)]
            for built in (grown.releases[1], again)
        )
        assert before == after


@pytest.mark.slow
def test_a_release_without_anything_new_for_a_split_is_good(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = sorted(sample(60, seed=4, copies=0), key=lambda record: record["published_at"])
    by_time = {"split": {"by": "time", "shares": {"train": 0.6, "test": 0.4}}}
    command = ["-o", str(tmp_path / "dist"), "--index", str(tmp_path / "seen")]
    for version, month in (("1.0.0", given[:40]), ("1.1.0", given[40:])):
        assert main(["build", str(project(tmp_path, month, version, **by_time)), *command]) == 0
    assert "the split train has only what it had before" in capsys.readouterr().out
    assert verify(tmp_path / "dist" / "tiny" / "1.1.0").manifest.config("articles").splits == {
        "train": 0,
        "test": 20,
    }


@pytest.mark.parametrize("change", ["inside", "strange"])
def test_earlier_articles_that_cannot_be_are_found(grown: Grown, tmp_path: Path, change: str) -> None:
    built = build(grown.folder / "p-1.2.0", tmp_path, index=grown.index)
    assert built.path is not None
    (file,) = (built.path / "data" / "earlier").glob("*.parquet")
    table = pq.ParquetFile(file).read()
    name, values = {
        "inside": ("earlier_id", table["article_id"]),
        "strange": ("earlier_release", pa.array(["tiny/0.9.0"] * len(table))),
    }[change]
    pq.write_table(table.set_column(table.schema.get_field_index(name), name, values), file)
    with pytest.raises(IntegrityError) as caught:
        verify(built.path)
    said = {
        "inside": "as earlier ones that are in this release",
        "strange": "before this one that the manifest",
    }
    assert any(said[change] in problem for problem in caught.value.problems)


@pytest.mark.slow
def test_a_release_that_holds_everything_again_keeps_its_splits(grown: Grown, tmp_path: Path) -> None:
    index = tmp_path / "seen"
    everything, splits = [], {}
    for version, month in zip(VERSIONS, grown.months, strict=True):
        everything = everything + month
        built = build(project(tmp_path, everything, version), tmp_path / "dist", index=index)
        found = split_of(built)
        assert splits.items() <= found.items()
        assert len(found) == len(everything)
        # The shares are those of all articles.
        assert abs(sum(split == "train" for split in found.values()) / len(found) - 0.6) < 0.03
        assert not list((tmp_path / "dist" / "tiny" / version / "data").glob("earlier"))
        splits = found
    assert built.manifest is not None
    assert "115 articles are theirs" in str(built.manifest.steps[2].note)
    assert "115 kept their split" in str(built.manifest.steps[3].note)


def copies_of(record: dict[str, Any], *names: str) -> Iterator[dict[str, Any]]:
    """Yield copies of an article under other publishers, each with a line of its own at its end."""
    for name in names:
        body = f"{record['body']}\n\nRead more in the {name} on paper, every Thursday at the harbour kiosk."
        left_out = ("text_sha256", "word_count", "body_blocks", "url", "canonical_url")
        copy = {key: value for key, value in record.items() if key not in left_out}
        yield {
            **copy,
            "id": "nds:" + name.encode().hex().ljust(32, "0")[:32],
            "body": body,
            "publisher": {"name": name},
        }


@pytest.mark.slow
@pytest.mark.parametrize("keep", ["earliest", "longest"])
def test_copies_whose_canonical_copy_is_in_an_earlier_release_have_one_of_their_own(
    tmp_path: Path, keep: str
) -> None:
    first, *others = records(12, seed=8)
    index, dist, choices = tmp_path / "seen", tmp_path / "dist", {"dedupe": {"keep": keep}}
    build(project(tmp_path, [first, *others], "1.0.0", **choices), dist, index=index)
    longer = list(copies_of(first, "Ledger", "Old Mole Ledger of Quayfield"))
    built = build(project(tmp_path, [*longer, *records(6, seed=9)], "1.1.0", **choices), dist, index=index)
    found = {row["article_id"]: row for row in rows(built, "clusters") if row["n_copies"] > 1}
    two = [found[record["id"]] for record in longer]
    assert [row["earlier_id"] for row in two] == [first["id"]] * 2
    assert {row["n_copies"] for row in two} == {2}
    assert [row["role"] for row in two].count("canonical") == 1
    kept = next(row for row in two if row["role"] == "canonical")
    assert kept["reason"].startswith("earliest of 2" if keep == "earliest" else "longest of 2")
    if keep == "longest":
        assert kept["article_id"] == longer[1]["id"]
    other = next(row for row in two if row["role"] != "canonical")
    assert other["reason"] is None
    assert 0.8 < other["similarity"] <= 1
    assert built.path is not None
    verify(built.path)


def test_what_a_build_leaves_out_is_not_in_the_index_as_split(tmp_path: Path) -> None:
    given = records(40, seed=4)
    choices = {"split": {"by": "time", "shares": {"train": 0.6, "test": 0.4}, "embargo_hours": 1}}
    built = build(project(tmp_path, given, "1.0.0", **choices), tmp_path / "dist", index=tmp_path / "seen")
    found = split_of(built)
    assert 0 < len(found) < 40
    (file,) = (tmp_path / "seen").glob("splits-*")
    kept = pq.ParquetFile(file).read().to_pylist()
    assert {row["id"]: row["split"] for row in kept} == found


def test_articles_that_are_withdrawn_leave_the_release_and_the_index(grown: Grown, tmp_path: Path) -> None:
    index, dist = tmp_path / "seen", tmp_path / "dist"
    gone = next(row["earlier_id"] for row in rows(grown.releases[1], "clusters") if row["earlier_id"])
    build(project(tmp_path, grown.months[0], "1.0.0"), dist, index=index)
    assert gone in read_index(index).clusters["article_id"].to_pylist()
    again = [record for record in grown.months[0] if record["id"] == gone]
    built = build(
        project(tmp_path, [*grown.months[1], *again], "1.1.0", withdrawn=[gone, "nds:never"]),
        dist,
        index=index,
    )
    assert built.manifest is not None
    assert [(step.name, step.n_in, step.n_out) for step in built.manifest.steps][:2] == [
        ("read and validate", 36, 36),
        ("withdraw", 36, 35),
    ]
    assert gone not in {row["id"] for row in rows(built, "articles")}
    assert gone not in {
        row["earlier_id"] for config in ("clusters", "earlier") for row in rows(built, config)
    }
    assert gone not in read_index(index).clusters["article_id"].to_pylist()
    for file in index.glob("splits-*"):
        assert gone not in pq.ParquetFile(file).read()["id"].to_pylist()
    assert built.path is not None
    verify(built.path)


@pytest.mark.slow
def test_an_article_that_was_forgotten_lends_its_split_to_nothing(grown: Grown, tmp_path: Path) -> None:
    index, dist = tmp_path / "seen", tmp_path / "dist"
    build(project(tmp_path, grown.months[0], "1.0.0"), dist, index=index)
    remove_articles([record["id"] for record in grown.months[0]], index)
    built = build(project(tmp_path, grown.months[1], "1.1.0"), dist, index=index)
    assert built.manifest is not None
    assert built.manifest.statistics["n_earlier"] == 0
    assert "kept" not in built.manifest.parameters["split"]


@pytest.mark.slow
def test_a_correction_of_an_earlier_article_supersedes_it(tmp_path: Path) -> None:
    first, *others = records(12, seed=8)
    index, dist = tmp_path / "seen", tmp_path / "dist"
    build(project(tmp_path, [first, *others], "1.0.0"), dist, index=index)
    (corrected,) = copies_of(first, "Ledger")
    corrected |= {
        "headline": f"CORRECTED-{first['headline']}",
        "body": f"{first['body']}\n\n(Corrects name of the harbour in the second paragraph.)",
        "published_at": first["published_at"].replace("T00:", "T09:"),
        "publisher": first["publisher"],
    }
    built = build(project(tmp_path, [corrected, *records(6, seed=9)], "1.1.0"), dist, index=index)
    row = next(row for row in rows(built, "clusters") if row["article_id"] == corrected["id"])
    assert row["earlier_id"] == row["supersedes"] == first["id"]
    (pair,) = (pair for pair in rows(built, "earlier") if pair["earlier_id"] == first["id"])
    assert (pair["article_id"], pair["relation"]) == (corrected["id"], "correction")
    assert pair["earlier_release"] == "tiny/1.0.0"


def test_other_choices_are_refused_before_anything_is_read(grown: Grown, tmp_path: Path) -> None:
    other = project(tmp_path, [b"no article at all"], "2.0.0", dedupe={"window_hours": 24})
    with pytest.raises(UsageError, match=r"window_hours 168\.0, now 24"):
        build(other, tmp_path / "dist", index=grown.index)
    assert not (tmp_path / "dist").exists()


def test_splits_keep_their_names(grown: Grown, tmp_path: Path) -> None:
    shares = {"by": "random", "shares": {"train": 0.5, "dev": 0.5}}
    other = project(tmp_path, grown.months[2], "2.0.0", split=shares)
    with pytest.raises(UsageError, match="the split 'test' is none of train, dev"):
        build(other, tmp_path / "dist", index=grown.index)
    assert "tiny/2.0.0" not in {release.name for release in load(grown.index).releases}


def test_a_version_that_the_index_has_with_other_articles_is_refused(grown: Grown, tmp_path: Path) -> None:
    other = project(tmp_path, records(5, seed=77), "1.2.0")
    with pytest.raises(UsageError, match=r"release 'tiny/1\.2\.0' is in the index without some"):
        build(other, tmp_path / "dist", index=grown.index)


def test_one_build_at_a_time_uses_an_index(grown: Grown, tmp_path: Path) -> None:
    other = project(tmp_path, records(5, seed=77), "3.0.0")
    with locked(grown.index), pytest.raises(OutputError, match="another run is changing this index"):
        build(other, tmp_path / "dist", index=grown.index)
    assert not list((tmp_path / "dist" / "tiny").glob("3*"))


def test_a_project_declares_its_index_which_is_no_input(tmp_path: Path) -> None:
    folder = make_project(
        tmp_path / "p",
        records(20),
        descriptor={"resources": [{"path": "**/*.jsonl"}, {"path": "**/*.parquet"}]},
        index="seen",
        split=AT_RANDOM,
    )
    pq.write_table(
        pa.table({"headline": ["Ferry late"], "text": ["The ferry was late."]}), folder / "more.parquet"
    )
    assert main(["build", str(folder), "-o", str(tmp_path / "dist"), "-q"]) == 0
    descriptor = json.loads((folder / "datapackage.json").read_text())
    (folder / "datapackage.json").write_text(json.dumps({**descriptor, "version": "1.1.0"}))
    assert main(["build", str(folder), "-o", str(tmp_path / "dist"), "-q"]) == 0
    manifest = verify(tmp_path / "dist" / "tiny" / "1.1.0").manifest
    assert sorted(item.path for item in manifest.inputs) == ["articles.jsonl", "more.parquet"]


@pytest.mark.parametrize("choices", [{"index": "../seen"}, {"split": {"keep": "/etc"}}])
def test_what_a_project_declares_lies_inside_it(tmp_path: Path, choices: dict[str, Any]) -> None:
    with pytest.raises(ProjectError, match="must lie inside the dataset project"):
        build(make_project(tmp_path / "p", records(3), **choices), tmp_path / "dist")


def test_splits_of_a_release_are_kept_without_an_index(grown: Grown, tmp_path: Path) -> None:
    assert grown.releases[0].path is not None
    before = split_of(grown.releases[0])
    everything = [*grown.months[0], *grown.months[1]]
    folder = project(tmp_path, everything, "2.0.0")
    command = [
        "build",
        str(folder),
        "-o",
        str(tmp_path / "dist"),
        "--keep-splits",
        str(grown.releases[0].path),
    ]
    assert main([*command, "-q"]) == 0
    found = verify(tmp_path / "dist" / "tiny" / "2.0.0").manifest
    assert found.parameters["split"]["kept"] == [
        {"release": "tiny/1.0.0", "digest": grown.releases[0].digest}
    ]
    built = Built(path=tmp_path / "dist" / "tiny" / "2.0.0", report=grown.releases[0].report)
    assert before.items() <= split_of(built).items()


def test_what_belongs_to_two_splits_is_left_out_and_named(tmp_path: Path) -> None:
    first, *others = sample(30, seed=8, copies=0)
    (copy,) = copies_of(first, "Ledger")
    splits = [{"id": first["id"], "split": "train"}, {"id": copy["id"], "split": "test"}]
    pq.write_table(pa.Table.from_pylist(splits), tmp_path / "splits.parquet")
    folder = project(tmp_path, [first, copy, *others], "1.0.0")
    built = build(folder, tmp_path / "dist", keep_splits=tmp_path / "splits.parquet")
    assert split_of(built)[first["id"]] == "train"
    assert copy["id"] not in split_of(built)
    assert any(f"articles of two splits: {copy['id']}" in note for note in built.notes)
    assert built.manifest is not None
    assert "1 left out because they belong to articles of two splits" in str(built.manifest.steps[2].note)
    assert built.path is not None
    verify(built.path)


@pytest.mark.parametrize("n_kept", [1, 2])
@pytest.mark.parametrize("has_index", [False, True], ids=["without an index", "with an index"])
def test_copies_of_one_that_is_left_out_are_counted_without_it(
    tmp_path: Path, n_kept: int, *, has_index: bool
) -> None:
    first, *others = sample(30, seed=8, copies=0)
    copies = list(copies_of(first, "Ledger", "Old Mole Ledger of Quayfield"))[:n_kept]
    splits = [
        {"id": first["id"], "split": "test"},
        *({"id": copy["id"], "split": "train"} for copy in copies),
    ]
    pq.write_table(pa.Table.from_pylist(splits), tmp_path / "splits.parquet")
    folder = project(tmp_path, [first, *copies, *others], "1.0.0", copies="canonical")
    index = tmp_path / "seen" if has_index else None
    built = build(folder, tmp_path / "dist", keep_splits=tmp_path / "splits.parquet", index=index)
    found = {row["article_id"]: row for row in rows(built, "clusters")}
    assert first["id"] not in found
    assert [found[copy["id"]]["n_copies"] for copy in copies] == [n_kept] * n_kept
    assert [found[copy["id"]]["role"] for copy in copies].count("canonical") == 1
    assert len({found[copy["id"]]["cluster_id"] for copy in copies}) == 1
    published = {row["id"] for row in rows(built, "articles")}
    assert len(published & {copy["id"] for copy in copies}) == 1
    assert built.path is not None
    verify(built.path)


@pytest.mark.slow
def test_a_first_release_with_an_empty_split_can_be_taken_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given, index = list(sample(30, seed=4)), tmp_path / "seen"
    wide = {"split": {"by": "time", "embargo_hours": 3000}}
    command = ["-o", str(tmp_path / "dist"), "--index", str(index)]
    assert main(["build", str(project(tmp_path, given, "1.0.0", **wide)), *command]) == 1
    said = capsys.readouterr().out
    target = tmp_path / "dist" / "tiny" / "1.0.0"
    assert f"delete {target}, and run newsds forget {index} --release tiny/1.0.0" in said
    shutil.rmtree(target)
    assert main(["forget", str(index), "--release", "tiny/1.0.0"]) == 0
    assert main(["build", str(project(tmp_path, given, "1.0.0")), *command]) == 0
    assert min(verify(target).manifest.config("articles").splits.values()) > 0


#: Builds, and dies at a step that is given by module, name and whether before or after it.
_DIE = """
import importlib, os, sys
from newsds.release.build import build
module, name, when = sys.argv[4:]
owner = importlib.import_module(module)
*path, last = name.split(".")
for part in path:
    owner = getattr(owner, part)
plain = getattr(owner, last)
def dying(*args, **choices):
    if when == "after":
        plain(*args, **choices)
    os._exit(9)
setattr(owner, last, dying)
build(sys.argv[1], sys.argv[2], index=sys.argv[3])
"""

STAGES = {
    "while reading": ("newsds.release.build", "take_in", "after", False),
    "while matching": ("newsds.index.revision", "write_segment", "after", False),
    "with files written": ("newsds.release.copies", "read_holdings", "before", False),
    "with a release written": ("newsds.release.build", "_attest", "after", False),
    "before it is delivered": ("newsds.release.workplace", "Workplace.deliver", "before", False),
    "once it is delivered": ("newsds.release.workplace", "Workplace.deliver", "after", True),
    "before the index says so": ("newsds.index.update", "commit", "before", True),
    "once the index says so": ("newsds.index.update", "commit", "after", True),
}


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_a_build_that_is_killed_leaves_index_and_releases_in_step(
    grown: Grown, tmp_path: Path, stage: str
) -> None:
    module, name, when, is_delivered = STAGES[stage]
    index, dist = tmp_path / "seen", tmp_path / "dist"
    build(grown.folder / "p-1.0.0", dist, index=index)
    step = [str(grown.folder / "p-1.1.0"), str(dist), str(index), module, name, when]
    killed = subprocess.run([sys.executable, "-c", _DIE, *step], env=os.environ, check=False)
    assert killed.returncode == 9
    assert (dist / "tiny" / "1.1.0").exists() == is_delivered
    if not is_delivered:
        build(grown.folder / "p-1.1.0", dist, index=index)
    built = build(grown.folder / "p-1.2.0", dist, index=index)
    assert [release.name for release in load(index).releases] == [f"tiny/{version}" for version in VERSIONS]
    assert built.path is not None
    for version, whole in zip(VERSIONS, grown.releases, strict=True):
        assert whole.path is not None
        assert tree(dist / "tiny" / version) == tree(whole.path)
    assert not (index / "pending.json").exists()
    assert {path.name for path in index.glob("*.parquet")} == {
        path.name for path in grown.index.glob("*.parquet")
    }
