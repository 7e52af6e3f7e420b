"""Releases in folders: found, verified, read."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from dataclasses import replace

import pyarrow as pa
import pytest

import newsds
from newsds.errors import IntegrityError, ReleaseError, ReleaseNotFoundError, UsageError, VersionNotFoundError
from newsds.loader.stamps import Stamps

IDS = ["train", "train", "train", "validation", "test"]


def headlines(rows) -> list[str]:
    return rows.to_arrow()["headline"].to_pylist()


def flip(path, place=0.5):
    data = bytearray(path.read_bytes())
    data[int(len(data) * place)] ^= 1
    path.write_bytes(data)


def rewrite(release, **members):
    """Change members of a manifest."""
    path = release / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **members}))


def test_all_rows_come_in_the_order_of_the_release(harbour):
    loaded = newsds.load(harbour.folder)
    train = harbour.articles["train"]
    expected = [train[0], train[2], train[1], *harbour.articles["validation"], *harbour.articles["test"]]
    assert loaded.to_arrow()["id"].to_pylist() == [record["id"] for record in expected]
    assert loaded.schema == newsds.arrow_schema()
    assert loaded.n_rows == 5
    assert loaded.splits == {"train": 3, "validation": 1, "test": 1}
    assert "harbour-news 1.2.0: articles, 5 rows" in repr(loaded)


def test_iteration_gives_batches_of_at_most_the_size_asked_for(harbour):
    loaded = newsds.load(harbour.folder)
    assert [batch.num_rows for batch in loaded] == [2, 1, 1, 1]
    assert {batch.num_rows for batch in loaded.batches(batch_size=1)} == {1}


def test_columns_come_in_the_order_asked_for(harbour):
    table = newsds.load(harbour.folder, split="train", columns=["language", "id"]).to_arrow()
    assert table.column_names == ["language", "id"]
    assert table.num_rows == 3


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([("language", "==", "de-AT")], ["week 3"]),
        ([("language", "!=", "en")], ["week 3"]),
        ([("language", "not in", ["en"])], ["week 3"]),
        ([("publisher.domain", "!=", None)], ["week 1", "week 4"]),
        ([("publisher.domain", "==", None), ("language", "==", "en")], ["nan", "week 5"]),
        ([("publisher.domain", "!=", "coast.example")], ["week 1"]),
        ([("published_at", ">=", "2026-01-01")], ["week 4"]),
        ([("published_at", "<", "2025-03-01T09:30:01+00:00")], ["week 1"]),
        ([("published_at", "==", "2026-01-02T00:00:00.5Z")], ["week 4"]),
        ([("word_count", ">", 11), ("status", "in", ["corrected", "withdrawn"])], ["week 1"]),
        ([("rights.tdm_reservation", "==", True)], ["week 1"]),
        ([[("language", "==", "de-AT")], [("word_count", "<=", 12)]], ["week 1", "week 3"]),
        ([("word_count", ">", 12)], []),
    ],
)
def test_filters_choose_rows_alike_in_arrow_and_duckdb(harbour, filters, expected):
    loaded = newsds.load(harbour.folder, filters=filters, columns=["headline"])
    assert [name.removeprefix("Harbour dredging enters ") for name in headlines(loaded)] == expected
    assert sorted(row[0] for row in loaded.to_duckdb().fetchall()) == sorted(headlines(loaded))
    assert loaded.n_rows is None


@pytest.mark.parametrize(
    "options",
    [
        {"filters": [("nothing", "==", 1)]},
        {"filters": [("language", "~", "en")]},
        {"filters": [("language", "==", 1)]},
        {"filters": [("language", "in", "en")]},
        {"filters": [("language", "in", [])]},
        {"filters": [("published_at", ">", "yesterday")]},
        {"filters": [("publisher", "==", "x")]},
        {"filters": [("publisher.nothing", "==", "x")]},
        {"filters": ["language == en"]},
        {"columns": ["nothing"]},
        {"columns": ["publisher.name"]},
        {"split": "nothing"},
        {"config": "nothing"},
        {"config": "clusters", "canonical_only": True},
        {"verify": "maybe"},
        {"version": "latest"},
    ],
)
def test_what_does_not_fit_the_release_is_refused_at_once(harbour, options):
    with pytest.raises(UsageError):
        newsds.load(harbour.folder, **options)


def test_canonical_only_keeps_one_copy_of_each_cluster(copy):
    release = copy()
    clusters = newsds.load(release, config="clusters").to_arrow()
    shard = release / newsds.load(release, config="clusters").shards[0].path
    roles = ["canonical", "republication", "canonical", "canonical", "canonical"]
    pa.parquet.write_table(clusters.set_column(2, "role", pa.array(roles)), shard)
    copies = newsds.load(release, canonical_only=True, verify="off")
    dropped = clusters["article_id"][1].as_py()
    kept = copies.to_arrow()["id"].to_pylist()
    assert dropped not in kept
    assert len(kept) == 4
    assert sorted(row[0] for row in copies.to_duckdb().select("id").fetchall()) == sorted(kept)


def test_every_form_has_the_same_rows(harbour):
    loaded = newsds.load(harbour.folder, split="train")
    expected = headlines(loaded)
    assert loaded.to_table() == loaded.to_reader().read_all()
    assert loaded.to_pandas()["headline"].tolist() == expected
    assert loaded.to_polars()["headline"].to_list() == expected
    assert pa.table(loaded)["headline"].to_pylist() == expected
    assert [row[0] for row in loaded.to_duckdb().select("headline").fetchall()] == expected
    assert loaded.to_datasets()["headline"][:] == expected


def test_datasets_gets_what_its_own_loader_gives(harbour):
    import datasets

    theirs = datasets.load_dataset(str(harbour.folder), "articles")
    ours = newsds.load(harbour.folder).to_datasets()
    streamed = newsds.load(harbour.folder, streaming=True).to_datasets()
    filtered = newsds.load(harbour.folder, filters=[("id", "!=", None)]).to_datasets()
    assert list(theirs) == list(ours) == list(streamed) == list(filtered)
    for split, rows in theirs.items():
        assert rows.features == ours[split].features == streamed[split].features == filtered[split].features
        assert rows[:] == ours[split][:] == filtered[split][:]
        assert rows.to_list() == list(streamed[split])


def test_a_streamed_dataset_is_shared_among_workers(harbour):
    streamed = newsds.load(harbour.folder, split="train", streaming=True).to_datasets()
    assert streamed.num_shards == 2
    shards = [list(streamed.shard(2, number)) for number in range(2)]
    assert [len(rows) for rows in shards] == [2, 1]


def test_a_dataset_can_be_pickled(harbour):
    loaded = newsds.load(harbour.folder, split="test")
    assert pickle.loads(pickle.dumps(loaded)).to_arrow() == loaded.to_arrow()


def test_a_flipped_byte_of_a_shard_is_caught_before_its_rows_are_seen(copy):
    release = copy()
    shard = newsds.load(release).shards[-1]
    flip(release / shard.path)
    batches = newsds.load(release).batches()
    for _ in range(3):
        next(batches)
    with pytest.raises(IntegrityError, match=r"sha256 is .* the manifest says") as caught:
        next(batches)
    assert caught.value.path == shard.path
    assert caught.value.expected == shard.sha256
    assert caught.value.found != shard.sha256


def test_an_edit_after_the_first_load_is_caught(copy):
    release = copy()
    shard = release / newsds.load(release).shards[0].path
    os.utime(shard, ns=(10**18, 10**18))
    newsds.load(release).verify()
    flip(shard)
    os.utime(shard, ns=(10**18, 10**18))
    with pytest.raises(IntegrityError):
        newsds.load(release).verify()


def test_a_file_is_hashed_once(copy, cache, monkeypatch):
    release = copy()
    shard = newsds.load(release).shards[0]
    monkeypatch.setattr("newsds.loader.stamps._TICK_NS", 0)
    newsds.load(release).verify()
    assert Stamps.of(release, cache).has(release / shard.path, shard.sha256)
    monkeypatch.setattr("newsds.loader.folder.file_sha256", lambda _: pytest.fail("hashed again"))
    newsds.load(release).verify()


def test_a_damaged_record_of_what_was_hashed_costs_nothing_but_time(copy, cache, monkeypatch):
    release = copy()
    monkeypatch.setattr("newsds.loader.stamps._TICK_NS", 0)
    newsds.load(release).verify()
    (record,) = (cache / "stamps").iterdir()
    whole = record.read_bytes()
    for spoilt in (whole[:-20], b"\xff\n" + whole, b"{}\n[]\n[1]\n" + whole, b""):
        record.write_bytes(spoilt)
        assert newsds.load(release).verify().to_arrow().num_rows == 5


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(harbour, tmp_path):
    (tmp_path / "occupied").write_text("")
    loaded = newsds.load(harbour.folder, cache=tmp_path / "occupied")
    assert loaded.verify().to_arrow().num_rows == 5


@pytest.mark.parametrize("verify", ["full", "manifest"])
def test_a_truncated_missing_or_added_file_is_refused_at_once(copy, verify):
    for number, spoil in enumerate(
        [
            lambda path: path.write_bytes(path.read_bytes()[:-1]),
            lambda path: path.unlink(),
            lambda path: shutil.copy(path, path.with_name("train-00002-of-00002.parquet")),
        ]
    ):
        release = copy(f"release-{number}")
        spoil(release / newsds.load(release).shards[0].path)
        with pytest.raises(IntegrityError):
            newsds.load(release, verify=verify)


def test_without_verification_other_bytes_are_believed(copy):
    release = copy()
    first, second = (release / shard.path for shard in newsds.load(release).shards[:2])
    shutil.copy(first, second)
    with pytest.raises(IntegrityError):
        newsds.load(release, verify="off").to_arrow()  # its footer has another number of rows
    rewrite(release, files=[item | ({"n_rows": 2} if number == 1 else {}) for number, item in enumerate(
        json.loads((release / "manifest.json").read_text())["files"])])  # fmt: skip
    with pytest.raises(IntegrityError, match="has 3 rows, its files have 4"):
        newsds.load(release, verify="off")


def test_a_version_is_found_in_a_folder_of_releases(copy, tmp_path):
    for version in ("1.2.0", "1.10.0", "2.0.0-rc.1"):
        rewrite(copy(f"releases/{version}"), version=version)
    releases = tmp_path / "releases"
    (releases / "notes").mkdir()
    assert newsds.load(releases).version == "1.10.0"
    assert newsds.load(f"{releases}@1.2.0").version == "1.2.0"
    assert newsds.load(releases, version=">=1.1,<1.5").version == "1.2.0"
    assert newsds.load(f"file://{releases}", version=">=2.0.0-rc.1").version == "2.0.0-rc.1"
    assert newsds.load(releases / "1.2.0", version="v1.2.0").version == "1.2.0"
    with pytest.raises(VersionNotFoundError, match=r"no release 3\.0\.0; there are") as caught:
        newsds.load(releases, version="3.0.0")
    assert caught.value.available == ("1.2.0", "1.10.0", "2.0.0-rc.1")
    with pytest.raises(VersionNotFoundError, match=r"there is 1\.2\.0"):
        newsds.load(releases / "1.2.0", version="1.3.0")
    with pytest.raises(ReleaseNotFoundError, match="there are releases in releases"):
        newsds.load(tmp_path)
    with pytest.raises(ReleaseNotFoundError, match="no such folder"):
        newsds.load(tmp_path / "nowhere")


def test_a_folder_that_lies_about_its_version_is_refused(copy, tmp_path):
    copy("releases/3.0.0")
    with pytest.raises(VersionNotFoundError):
        newsds.load(tmp_path / "releases", version="3.0.0")


def test_a_folder_with_an_at_sign_is_a_folder(copy):
    assert newsds.load(copy("desk@harbour")).version == "1.2.0"


def test_loading_imports_neither_pandas_nor_datasets(harbour):
    code = (
        "import sys, newsds\n"
        "loaded = newsds.load(sys.argv[1], filters=[('published_at', '>', '2020-01-01')], canonical_only=True)\n"
        "assert loaded.to_arrow().num_rows == 2\n"
        "assert not {'pandas', 'datasets', 'pyarrow.dataset', 'huggingface_hub'} & set(sys.modules), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code, str(harbour.folder)], check=True)


def test_importing_newsds_imports_nothing_heavy():
    code = (
        "import sys, newsds\n"
        "assert not {'pyarrow', 'pandas', 'datasets', 'numpy', 'orjson'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_extra_is_named_with_the_command(harbour, monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(newsds.NewsdsError, match=r"pip install 'newsds\[polars\]'"):
        newsds.load(harbour.folder).to_polars()


def test_rows_of_a_replaced_selection_are_those_of_its_split(harbour):
    loaded = newsds.load(harbour.folder)
    only = replace(loaded, selection=replace(loaded.selection, split="test"))
    assert only.n_rows == 1


def test_a_manifest_that_is_none_is_a_release_error(copy):
    release = copy()
    for text in ("", "[]", "{", "nonsense", '{"name": 1}'):
        (release / "manifest.json").write_text(text)
        with pytest.raises(ReleaseError):
            newsds.load(release)
