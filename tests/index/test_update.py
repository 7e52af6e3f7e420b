"""The index of earlier releases: it saves work, never an answer."""

import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pyarrow as pa
import pytest

import newsds
from newsds.dedup.parameters import Parameters
from newsds.errors import InputError, OutputError, UsageError
from newsds.index.manifest import load, locked
from newsds.index.removal import remove_articles
from newsds.index.update import read_index, update_index
from newsds.samples import sample
from newsds.texts import TEXTS_SCHEMA

START = datetime(2026, 3, 4, tzinfo=UTC)


def articles(n=36, seed=1):
    """Return rows (id, text, hours) of generated articles, with copies and cut copies."""
    draw = random.Random(seed)
    rows = []
    for number, record in enumerate(sample(n, seed=seed)):
        rows.append((f"a{number:03}", record["body"], number))
        for copy in range(draw.choice((0, 0, 1, 2))):
            paragraphs = record["body"].split("\n\n")
            kept = paragraphs[: draw.randint(2, len(paragraphs))]
            rows.append((f"a{number:03}c{copy}", "\n\n".join(kept), number + draw.randint(0, 30)))
    return rows


def batches(rows, size=16):
    records = [
        {
            "id": key,
            "text": text,
            "published_at": None if hours is None else START + timedelta(hours=hours),
            "publisher": f"p{len(key)}",
        }
        for key, text, hours in rows
    ]
    return [
        pa.RecordBatch.from_pylist(records[at : at + size], schema=TEXTS_SCHEMA)
        for at in range(0, len(records), size)
    ]


def partition(table):
    groups = {}
    for name, cluster in zip(table["article_id"].to_pylist(), table["cluster_id"].to_pylist(), strict=True):
        groups.setdefault(cluster, set()).add(name)
    return {frozenset(group) for group in groups.values()}


def state(folder):
    """Return articles and relations as the index holds them."""
    found = read_index(folder)
    return found.clusters, found.relations


def names_of(table):
    return dict(zip(table["article_id"].to_pylist(), table["cluster_id"].to_pylist(), strict=True))


def pairs(table):
    return {tuple(row.values()) for row in table.select(["a", "b", "relation"]).to_pylist()}


def add(folder, rows, release, **choices):
    return update_index(batches(rows), folder, release=release, **choices)


@pytest.mark.parametrize(
    "seed", [0, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, *range(3, 10)))]
)
def test_releases_one_by_one_give_what_all_at_once_gives(tmp_path, seed):
    rows, draw = articles(seed=seed), random.Random(seed)
    draw.shuffle(rows)
    cuts = sorted(draw.sample(range(1, len(rows)), 1 + seed % 3))
    for number, (low, high) in enumerate(pairwise([0, *cuts, len(rows)])):
        add(tmp_path, rows[low:high], f"{number}")
    known, relations = state(tmp_path)
    whole = newsds.dedupe(batches(rows))
    assert partition(known) == partition(whole.clusters)
    assert pairs(relations) == pairs(whole.relations)
    together = dict(zip(known["article_id"].to_pylist(), known["n_copies"].to_pylist(), strict=True))
    assert together == dict(
        zip(whole.clusters["article_id"].to_pylist(), whole.clusters["n_copies"].to_pylist(), strict=True)
    )


def test_releases_in_the_order_of_time_keep_the_names_of_one_run(tmp_path):
    rows = sorted(articles(seed=3), key=lambda row: (row[2], row[0]))
    for number in range(0, len(rows), 20):
        add(tmp_path, rows[number : number + 20], f"{number:03}")
    assert names_of(state(tmp_path)[0]) == names_of(newsds.dedupe(batches(rows)).clusters)


def test_a_copy_names_the_article_and_the_release_it_is_a_copy_of(tmp_path):
    rows = articles(seed=2)
    original = rows[0]
    first = add(tmp_path, rows, "2026-03")
    assert first.n_new == len(rows)
    assert first.earlier.num_rows == 0
    second = add(
        tmp_path, [("late", original[1], original[2] + 40), ("z", "Something else entirely.", 41)], "2026-04"
    )
    row = second.earlier.to_pylist()
    assert [(one["article_id"], one["earlier_id"], one["earlier_release"]) for one in row] == [
        ("late", original[0], "2026-03")
    ]
    assert second.clusters.clusters["article_id"].to_pylist() == ["late", "z"]
    assert names_of(second.clusters.clusters)["late"] == names_of(first.clusters.clusters)[original[0]]
    assert any({one["a"], one["b"]} == {"late", original[0]} for one in second.clusters.relations.to_pylist())


def test_what_is_known_costs_nothing_and_a_changed_text_replaces_the_one_before(tmp_path):
    rows = articles(seed=4)
    add(tmp_path, rows, "1")
    again = add(tmp_path, [*rows[1:], (rows[0][0], "Words that nobody has printed before.", 0)], "2")
    assert (again.n_new, again.n_changed, again.n_known) == (0, 1, len(rows) - 1)
    whole = newsds.dedupe(batches([*rows[1:], (rows[0][0], "Words that nobody has printed before.", 0)]))
    assert partition(state(tmp_path)[0]) == partition(whole.clusters)


def test_cluster_names_survive_an_earlier_copy_that_comes_late(tmp_path):
    text = articles(seed=5)[0][1]
    before = add(tmp_path, [("b", text, 10)], "1")
    after = add(tmp_path, [("a", text, 2)], "2")
    assert names_of(after.clusters.clusters)["a"] == names_of(before.clusters.clusters)["b"]


def test_removed_articles_leave_with_their_text(tmp_path):
    rows = articles(seed=6)
    secret = "The witness was seen by nobody at Quayfield that evening. " * 3
    add(tmp_path, [*rows, ("gone", secret, 3)], "1")
    before = names_of(state(tmp_path)[0])
    victim = rows[0][0]
    assert remove_articles(["gone", victim, "never there"], tmp_path).n_removed == 2
    known, relations = state(tmp_path)
    after = names_of(known)
    assert after == {name: cluster for name, cluster in before.items() if name in after}
    assert before.keys() - after.keys() == {"gone", victim}
    assert victim not in {*relations["a"].to_pylist(), *relations["b"].to_pylist()}
    import pyarrow.parquet as pq

    texts = [pq.ParquetFile(path).read()["text"].to_pylist() for path in tmp_path.glob("texts-*")]
    assert not any("Quayfield" in text for part in texts for text in part)
    whole = newsds.dedupe(batches([row for row in rows if row[0] != victim]))
    assert partition(known) == partition(whole.clusters)
    assert add(tmp_path, [("gone", secret, 3)], "2").n_new == 1


def test_other_choices_are_refused_by_name(tmp_path):
    add(tmp_path, articles()[:3], "1")
    with pytest.raises(UsageError, match=r"window_hours 168.0, now 24"):
        add(tmp_path, articles()[3:5], "2", parameters=Parameters(window_hours=24))


def test_a_release_is_added_once(tmp_path):
    add(tmp_path, articles()[:3], "1")
    with pytest.raises(UsageError, match="'1' is in the index"):
        add(tmp_path, articles()[3:5], "1")


def test_a_release_that_the_index_has_is_answered_again(tmp_path):
    rows = articles(seed=2)
    add(tmp_path, rows, "1")
    april = [("late", rows[0][1], rows[0][2] + 40), *rows[5:8]]
    first = add(tmp_path, april, "2")
    again = add(tmp_path, april, "2")
    assert (again.n_new, again.n_known) == (0, 4)
    assert first.earlier.num_rows == 1
    assert again.earlier.equals(first.earlier)
    assert again.clusters.clusters.equals(first.clusters.clusters)
    assert again.clusters.relations.equals(first.clusters.relations)


def test_foreign_files_are_no_index(tmp_path):
    (tmp_path / "index.json").write_text('{"format": "other"}')
    with pytest.raises(InputError, match="not an index"):
        add(tmp_path, articles()[:3], "1")
    with pytest.raises(InputError, match="no index"):
        remove_articles(["a"], tmp_path / "nothing")


@pytest.mark.parametrize(
    "where", ["revision.write_counts", "revision.match", "revision.write_segment", "update.commit"]
)
def test_a_run_that_dies_leaves_the_index_as_it_was(tmp_path, monkeypatch, where):
    rows = articles(seed=1)
    add(tmp_path, rows[:20], "1")
    before = state(tmp_path)

    def die(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"newsds.index.{where}", die)
        with pytest.raises(KeyboardInterrupt):
            add(tmp_path, rows[20:], "2")
    assert all(one.equals(other) for one, other in zip(before, state(tmp_path), strict=True))
    add(tmp_path, rows[20:], "2")
    assert partition(state(tmp_path)[0]) == partition(newsds.dedupe(batches(rows)).clusters)


def test_files_out_of_force_are_removed(tmp_path):
    rows = articles(seed=1)
    for number in range(3):
        add(tmp_path, rows[number * 10 : number * 10 + 10], f"{number}")
    kinds = sorted(path.name.split("-")[0] for path in tmp_path.iterdir())
    # Segments of like size are merged.
    once = ["articles", "index.json", "lock", "rarity", "relations"]
    assert kinds == [*once, *["sketches"] * 3, *["texts"] * 3, "withdrawn"]


def test_threads_and_order_change_no_answer(tmp_path):
    rows = articles(seed=6)
    for folder, workers in (("one", 1), ("two", 2)):
        (tmp_path / folder).mkdir()
        first, second = rows[:40], rows[40:]
        random.Random(workers).shuffle(second)
        add(tmp_path / folder, first, "1", workers=workers)
        add(tmp_path / folder, second, "2", workers=workers)
    one, two = state(tmp_path / "one"), state(tmp_path / "two")
    assert one[0].sort_by("article_id").equals(two[0].sort_by("article_id"))
    assert one[1].equals(two[1])


def test_a_release_without_anything_new_is_answered_all_the_same(tmp_path):
    rows = articles(seed=2)[:12]
    first = add(tmp_path, rows, "1")
    again = add(tmp_path, rows, "2")
    assert (again.n_new, again.n_known) == (0, 12)
    assert names_of(again.clusters.clusters) == names_of(first.clusters.clusters)
    assert add(tmp_path, [], "3").n_known == 0
    assert add(tmp_path / "empty", [], "1").clusters.clusters.num_rows == 0


def test_a_second_writer_is_refused(tmp_path):
    add(tmp_path, articles()[:3], "1")
    with locked(tmp_path):
        with pytest.raises(OutputError, match="another run"):
            add(tmp_path, articles()[3:5], "2")
        with pytest.raises(OutputError, match="another run"):
            remove_articles(["a000"], tmp_path)
        assert read_index(tmp_path).clusters.num_rows == 3
    assert add(tmp_path, articles()[3:5], "2").n_new == 2


def test_a_process_that_is_killed_leaves_its_lock_and_files_to_the_next(tmp_path):
    rows = articles(seed=1)
    add(tmp_path, rows[:20], "1")
    before = read_index(tmp_path)
    program = """
import os, signal, sys
from pathlib import Path
from newsds import update_index
from newsds.index import revision
from newsds.texts import TEXTS_SCHEMA
import pyarrow as pa
revision.write_segment = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
rows = [{"id": f"k{n}", "text": f"one or two words of article {n} and some more " * 9} for n in range(9)]
update_index([pa.RecordBatch.from_pylist(rows, schema=TEXTS_SCHEMA)], Path(sys.argv[1]), release="2")
"""
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert killed.returncode == -9
    assert len(list(tmp_path.glob("texts-*"))) == 2
    assert read_index(tmp_path).clusters.equals(before.clusters)
    add(tmp_path, rows[20:], "2")
    assert partition(state(tmp_path)[0]) == partition(newsds.dedupe(batches(rows)).clusters)
    assert len(list(tmp_path.glob("texts-*"))) == 2


def test_equal_texts_are_found_over_any_distance_and_near_ones_within_the_window(tmp_path):
    text = articles(seed=3)[0][1]
    near = text.replace("the", "a")
    add(tmp_path, [("old", text, 0), ("other", near, 1)], "1")
    late = add(tmp_path, [("late", text, 5000)], "2")
    assert [{row["a"], row["b"], row["relation"]} for row in late.clusters.relations.to_pylist()] == [
        {"old", "late", "recurring"}
    ]
    whole = newsds.dedupe(batches([("old", text, 0), ("other", near, 1), ("late", text, 5000)]))
    assert pairs(state(tmp_path)[1]) == pairs(whole.relations)


def test_only_what_lies_near_in_time_is_read(tmp_path, monkeypatch):
    rows = articles(seed=3)
    add(tmp_path, rows, "1")
    read = []
    monkeypatch.setattr("newsds.index.shards._read_all", lambda *_: read.append("all"))
    add(tmp_path, [("late", rows[0][1] + " And more.", 5000)], "2")
    assert read == []


def test_texts_without_a_date_meet_all_others(tmp_path):
    rows = articles(seed=4)
    add(tmp_path, [(key, text, None) for key, text, _ in rows[:20]], "1")
    add(tmp_path, [(key, text, hours + 5000) for key, text, hours in rows[20:]], "2")
    add(tmp_path, [("none", rows[25][1], None)], "3")
    whole = newsds.dedupe(
        batches(
            [
                *((key, text, None) for key, text, _ in rows[:20]),
                *((key, text, hours + 5000) for key, text, hours in rows[20:]),
                ("none", rows[25][1], None),
            ]
        )
    )
    assert partition(state(tmp_path)[0]) == partition(whole.clusters)


def test_articles_that_share_but_a_few_phrases_with_new_ones_are_not_looked_at_again(tmp_path):
    rows = articles(seed=4)
    add(tmp_path, rows, "1")
    words = rows[0][1].split()
    other = articles(n=1, seed=77)[0][1]
    text = " ".join([other, *words[5:15], "said nothing, but", *words[40:50]])
    add(tmp_path, [("new", text, None)], "2")
    assert load(tmp_path).segments[-1].n_articles == 1
    copy = add(tmp_path, [("copy", rows[0][1], None)], "3")
    assert copy.earlier["earlier_id"].to_pylist() == ["a000"]


def test_an_article_that_is_forgotten_and_comes_back_founds_a_cluster_of_its_own(tmp_path):
    rows = articles(seed=5)
    text = rows[0][1]
    add(tmp_path, [("a", text, 1), ("b", text, 2), *rows[4:8]], "1")
    remove_articles(["a"], tmp_path)
    add(tmp_path, [("a", "Nothing of the sort was ever printed before.", 3)], "2")
    names = names_of(state(tmp_path)[0])
    assert names["a"] != names["b"]


def test_a_shard_is_written_again_once_much_of_it_changed(tmp_path):
    rows = [
        (f"a{n}", f"The words of article {n} are {n} times those of the one before. " * 3, n)
        for n in range(8)
    ]
    add(tmp_path, rows, "1")
    changed = [(key, f"Now it says {key}, and {hours} besides. " * 4, hours) for key, _, hours in rows]
    add(tmp_path, changed[:1], "2")
    assert "article 0 are" in texts_of(tmp_path)
    add(tmp_path, changed[1:3], "3")
    assert "article 0 are" not in texts_of(tmp_path)
    assert partition(state(tmp_path)[0]) == partition(
        newsds.dedupe(batches([*changed[:3], *rows[3:]])).clusters
    )
    remove_articles(["a3"], tmp_path)
    assert "article 1 are" not in texts_of(tmp_path)


def texts_of(folder):
    import pyarrow.parquet as pq

    return " ".join(
        text for path in folder.glob("texts-*") for text in pq.ParquetFile(path).read()["text"].to_pylist()
    )


@pytest.mark.parametrize("days", [7, -7])
@pytest.mark.parametrize(("seconds", "meets"), [(0, True), (1, False)])
def test_the_window_ends_at_its_last_instant_before_and_after(tmp_path, days, seconds, meets):
    text = articles(seed=3)[0][1]
    hours = 24 * days + (seconds if days > 0 else -seconds) / 3600
    old, new = ("old", text, 0), ("new", text + " Ferries sail again.", hours)
    add(tmp_path, [old], "1")
    late = add(tmp_path, [new], "2")
    assert (late.clusters.relations.num_rows > 0) == meets
    assert pairs(state(tmp_path)[1]) == pairs(newsds.dedupe(batches([old, new])).relations)


@pytest.mark.parametrize(("old_hours", "new_hours"), [(None, 5000), (5000, None), (None, None)])
def test_a_text_without_a_date_lies_in_every_window(tmp_path, old_hours, new_hours):
    text = articles(seed=3)[0][1]
    old, new = ("old", text, old_hours), ("new", text + " Ferries sail again.", new_hours)
    # Beside it in its shard stands one that has a date far from all.
    add(tmp_path, [old, ("far", "Rain fell on the hills of Orrin all day long.", -9000)], "1")
    late = add(tmp_path, [new], "2")
    assert late.clusters.relations.num_rows == 1


def test_an_equal_text_from_long_ago_is_found_beside_one_that_is_near(tmp_path):
    text = articles(seed=3)[0][1]
    add(tmp_path, [("old", text, 0), ("beside", "Rain fell on the hills of Orrin all day long.", 5000)], "1")
    late = add(tmp_path, [("late", text, 5000)], "2")
    assert late.clusters.relations["relation"].to_pylist() == ["recurring"]
