"""Releases that mean harm: each refused with a clear error, before anything outside the cache is touched."""

import hashlib
import json
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import newsds
from newsds.cli import main
from newsds.errors import IntegrityError, NewsdsError, ReleaseError, SchemaVersionError
from newsds.loader.manifests import SchemaVersionWarning, parse_json


def manifest_of(release: Path) -> dict:
    return json.loads((release / "manifest.json").read_text())


def write_manifest(release: Path, manifest: dict) -> None:
    (release / "manifest.json").write_text(json.dumps(manifest))


def spoil(release: Path, change) -> None:
    """Change a manifest in place."""
    manifest = manifest_of(release)
    change(manifest)
    write_manifest(release, manifest)


def consistent(release: Path, path: str, data: bytes, **members) -> None:
    """Put a file into a release, with a manifest that agrees with its bytes."""
    (release / path).write_bytes(data)

    def change(manifest: dict) -> None:
        for item in manifest["files"]:
            if item["path"] == path:
                item |= {"n_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), **members}

    spoil(release, change)


@pytest.fixture
def served(web, copy):
    """A copy of the release that may be spoilt, and how to load it: from its folder and from a server."""
    release = copy()
    web.folder = release
    return release, (release, web.url)


def refused(places, *, error=ReleaseError, match=None, **options) -> None:
    for place in places:
        with pytest.raises(error, match=match):
            newsds.load(place, **options).verify().to_arrow()


# Paths


@pytest.mark.parametrize(
    "path",
    [
        "../secret.parquet",
        "data/articles/../../../secret-00000-of-00001.parquet",
        "/etc/passwd",
        "data/articles/train-00000-of-00002.parquet\n",
        "data\\articles\\train-00000-of-00002.parquet",
        "https://elsewhere.example/train-00000-of-00002.parquet",
        "file:///etc/passwd",
        "data/articles/Train-00000-of-00002.parquet",
        "data/articles/train-00000-of-00002.parquet\0",
        "C:/train.parquet",
        "",
    ],
)
def test_a_path_out_of_the_release_is_refused(served, path, web):
    release, places = served
    spoil(release, lambda manifest: manifest["files"][0].update(path=path))
    refused(places, match="manifest.json")
    assert not [path for path in web.requests if path.endswith(".parquet")]


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "data/../../x", "a\\b", "C:x", "https://x/y"])
def test_a_list_of_checksums_that_leads_out_is_refused(served, path):
    release, places = served
    (release / "manifest-sha256.txt").write_text(f"{'0' * 64}  {path}\n")
    refused(places, match="manifest-sha256.txt")


def test_a_file_listed_twice_or_twice_but_for_case_is_refused(served):
    release, places = served
    (release / "manifest-sha256.txt").write_text(f"{'0' * 64}  README.md\n{'0' * 64}  readme.md\n")
    refused(places, match="beside")
    (release / "manifest-sha256.txt").unlink()
    spoil(release, lambda manifest: manifest["files"].append(manifest["files"][0]))
    refused(places, match="listed twice")


@pytest.mark.parametrize(
    "name", ["manifest.json", "manifest-sha256.txt", "data/articles/test-00000-of-00001.parquet"]
)
@pytest.mark.parametrize("verify", ["full", "off"])
def test_a_link_is_refused(served, tmp_path, name, verify):
    release, _ = served
    outside = tmp_path / "outside"
    outside.write_bytes((release / name).read_bytes() if (release / name).exists() else b"")
    (release / name).unlink(missing_ok=True)
    (release / name).symlink_to(outside)
    if (name, verify) == ("manifest-sha256.txt", "off"):
        return
    refused([release], match="link|no plain file", verify=verify)


def test_a_folder_that_is_a_link_is_refused(served, tmp_path):
    release, _ = served
    (release / "data").rename(tmp_path / "outside")
    (release / "data").symlink_to(tmp_path / "outside")
    refused([release], match="link")


@pytest.mark.parametrize("name", ["manifest.json", "data/articles/test-00000-of-00001.parquet"])
def test_a_pipe_does_not_hang(served, name):
    release, _ = served
    (release / name).unlink()
    os.mkfifo(release / name)
    done = []
    thread = threading.Thread(
        target=lambda: done.append(refused([release], match="no plain file")), daemon=True
    )
    thread.start()
    thread.join(20)
    assert done


# What is declared, and what is there


@pytest.mark.parametrize("size", [10**18, 10**40])
def test_a_huge_declared_size_is_refused_before_anything_is_fetched(served, web, size):
    release, places = served
    spoil(release, lambda manifest: manifest["files"][0].update(n_bytes=size))
    refused(places, error=NewsdsError)
    assert not [path for path in web.requests if path.endswith(".parquet")]


def test_numbers_of_rows_that_do_not_add_up_are_refused(served):
    release, places = served
    spoil(release, lambda manifest: manifest["files"][0].update(n_rows=10**15))
    refused(places, match="its files have")


def test_a_footer_with_other_rows_than_stated_is_refused(served):
    release, places = served

    def change(manifest):
        manifest["files"][0]["n_rows"] += 1
        manifest["configs"][0]["splits"][0]["n_rows"] += 1

    spoil(release, change)
    refused(places, match="rows, the manifest says")


def test_a_manifest_that_lists_less_than_there_is_is_refused(served, web):
    release, _ = served
    (release / "data/articles/extra-00000-of-00001.parquet").write_bytes(b"x")
    refused([release], match=r"extra-00000-of-00001\.parquet: is not in manifest\.json")
    (release / "manifest-sha256.txt").write_text(f"{'0' * 64}  data/articles/extra-00000-of-00001.parquet\n")
    refused([web.url], match=r"not in manifest\.json|not in manifest-sha256|is in")


def test_a_manifest_that_was_edited_is_refused(served):
    release, places = served
    data = (release / "manifest.json").read_bytes()
    sums = {"manifest.json": hashlib.sha256(data).hexdigest()}
    sums |= {item["path"]: item["sha256"] for item in manifest_of(release)["files"]}
    (release / "manifest-sha256.txt").write_text(
        "".join(f"{digest}  {path}\n" for path, digest in sums.items())
    )
    assert newsds.load(release).to_arrow().num_rows == 5
    spoil(release, lambda manifest: manifest.update(title="Edited"))
    refused(places, match=r"manifest\.json: sha256 is", error=IntegrityError)


def test_files_of_another_split_or_table_are_refused(served):
    release, places = served
    spoil(release, lambda manifest: manifest["files"][0].update(split="test"))
    refused(places, match="is no file of split 'test'")
    spoil(release, lambda manifest: manifest["files"][0].update(split="train", config="relations"))
    refused(places, match="is no file of split 'train' of 'relations'")


def test_files_with_other_columns_are_refused(served):
    release, places = served
    path = "data/articles/test-00000-of-00001.parquet"
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": ["x"], "body": ["y"]}), sink)
    consistent(release, path, sink.getvalue().to_pybytes())
    refused(places, match="has other columns than")
    with pytest.raises(IntegrityError):
        newsds.load(release, columns=["headline"]).to_arrow()


# Bombs


def test_a_parquet_bomb_is_not_opened(served, monkeypatch):
    """A gigabyte as a file of kilobytes, but for scale: the limit is lowered so that the bomb may be small too."""
    monkeypatch.setattr("newsds.loader.shards._BOMB_BYTES", 2**20)
    release, places = served
    path = "data/articles/test-00000-of-00001.parquet"
    body = pa.chunked_array([["x" * (40 * 2**20)]])
    table = newsds.load(release, split="test", verify="off").to_arrow()
    number = table.schema.get_field_index("body")
    pq.write_table(
        table.set_column(number, "body", body), release / "bomb", compression="zstd", use_dictionary=False
    )
    data = (release / "bomb").read_bytes()
    (release / "bomb").unlink()
    assert len(data) < 100_000
    consistent(release, path, data)
    refused(places, match="unpack", split="test")


def varint(number: int, n_bytes: int = 1) -> bytes:
    """Return a number as Thrift writes one; longer than need be if asked for."""
    out = []
    while number > 127 or len(out) + 1 < n_bytes:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


@pytest.mark.parametrize(
    ("codec", "page_version"),
    [
        ("zstd", "1.0"),
        ("gzip", "2.0"),
        pytest.param("zstd", "2.0", marks=pytest.mark.slow),
        pytest.param("none", "1.0", marks=pytest.mark.slow),
    ],
)
def test_a_footer_that_hides_what_its_pages_unpack_to_is_refused(served, codec, page_version):
    """Arrow believes the pages: a footer that says little would have it unpack a bomb."""
    release, places = served
    path = "data/articles/test-00000-of-00001.parquet"
    table = newsds.load(release, split="test", verify="off").to_arrow()
    body = pa.chunked_array([[random.Random(1).randbytes(2**12).hex() + "x" * 2**24]])
    sink = pa.BufferOutputStream()
    pq.write_table(
        table.set_column(table.schema.get_field_index("body"), "body", body), sink,
        compression=codec, use_dictionary=False, data_page_version=page_version,
    )  # fmt: skip
    data = sink.getvalue().to_pybytes()
    consistent(release, path, data)
    assert newsds.load(release, split="test").to_arrow().num_rows == 1
    column = next(
        chunk
        for number in range(pq.ParquetFile(sink.getvalue()).metadata.num_columns)
        if (chunk := pq.ParquetFile(sink.getvalue()).metadata.row_group(0).column(number)).path_in_schema
        == "body"
    )
    stated = varint(2 * column.total_uncompressed_size)
    n_footer = int.from_bytes(data[-8:-4], "little") + 8
    footer = data[-n_footer:].replace(stated, varint(2 * 5000, len(stated)))
    assert footer != data[-n_footer:]
    consistent(release, path, data[:-n_footer] + footer)
    refused(places, match="body in row group 0 unpacks to more", split="test")
    with pytest.raises(IntegrityError):
        newsds.load(release, split="test").to_duckdb()
    with pytest.raises(IntegrityError):
        newsds.load(release, split="test").to_datasets()


def test_the_pages_of_an_honest_file_are_followed_exactly(harbour):
    from newsds.loader.pages import _pages

    file = harbour.folder / "data/articles/train-00000-of-00002.parquet"
    group = pq.ParquetFile(file).metadata.row_group(0)
    with file.open("rb") as stream:
        for number in range(group.num_columns):
            chunk = group.column(number)
            first = min(chunk.data_page_offset, chunk.dictionary_page_offset or chunk.data_page_offset)
            pages = list(_pages(stream, first, first + chunk.total_compressed_size))
            assert sum(page.n_header + page.n_unpacked for page in pages) == chunk.total_uncompressed_size
            assert sum(page.n_header + page.n_packed for page in pages) == chunk.total_compressed_size


@given(st.binary(max_size=300))
def test_a_header_of_any_bytes_is_a_page_or_an_error(data):
    import io

    from newsds.loader.pages import _pages

    try:
        pages = list(_pages(io.BytesIO(data), 0, len(data)))
    except ValueError:
        return
    assert all(page.n_packed >= 0 and page.n_header > 0 for page in pages)


@pytest.mark.parametrize("depth", [2_000, 200_000])
def test_deep_nesting_is_refused(served, depth):
    release, places = served
    (release / "manifest.json").write_text("[" * depth + "]" * depth)
    refused(places)
    (release / "manifest.json").write_text('{"a":' * depth + "1" + "}" * depth)
    refused(places)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a": {"b": 1, "b": 1}}',
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": ' + "9" * 5000 + "}",
        '{"a": 1} {"a": 2}',
        "{'a': 1}",
        "\ufeff{}",
        "&a [*a, *a]",
        "",
    ],
)
def test_json_that_two_readers_read_differently_is_refused(text):
    with pytest.raises(ReleaseError, match="not the JSON of a release"):
        parse_json(text.encode(), where="x")
    with pytest.raises(ReleaseError):
        parse_json(b'{"a": "\xff"}', where="x")


def test_a_card_with_a_yaml_bomb_is_not_even_read(served):
    release, places = served
    layers = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))
    (release / "README.md").write_text(f"---\na0: &a0 [lol]\n{layers}\n---\n")
    for place in places:
        assert newsds.load(place).to_arrow().num_rows == 5


def test_a_descriptor_that_leads_elsewhere_is_not_followed(served, web):
    release, places = served
    (release / "datapackage.json").write_text(
        '{"resources": [{"name": "x", "path": "http://127.0.0.1:1/x"}]}'
    )
    for place in places:
        assert newsds.load(place).to_arrow().num_rows == 5


# Damaged Parquet whose hash is right


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))])
def test_damaged_pages_give_an_error_or_rows_and_never_a_crash(harbour, tmp_path, seed):
    """The hash agrees, as it would in a release made to do harm; each flip is tried in the same process."""
    code = """
import random, sys, shutil, pathlib, pyarrow.parquet as pq
sys.path.insert(0, sys.argv[3])
import newsds
from loader.test_hostile import consistent
release, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2])
path = "data/articles/train-00000-of-00002.parquet"
whole = (release / path).read_bytes()
dice = random.Random(seed)
outcomes = []
for _ in range(25):
    data = bytearray(whole)
    for _ in range(dice.choice((1, 1, 3, 50))):
        data[dice.randrange(len(data))] = dice.randrange(256)
    if dice.random() < 0.2:
        data = data[: dice.randrange(len(data))]
    consistent(release, path, bytes(data))
    try:
        newsds.load(release, split="train").to_arrow()
        outcomes.append("rows")
    except newsds.IntegrityError:
        outcomes.append("refused")
print(*outcomes)
"""
    import shutil

    release = shutil.copytree(harbour.folder, tmp_path / "release")
    tests = str(Path(__file__).parents[1])
    command = [sys.executable, "-c", code, str(release), str(seed), tests]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "refused" in done.stdout.split()


# Versions of the schema


def test_a_later_minor_version_is_relaxed_and_told_once(served, recwarn):
    release, places = served

    def change(manifest):
        manifest |= {"manifest_version": "1.7.0", "schema_version": "1.9.0", "novelty": {"a": 1}}
        manifest["files"][0]["novelty"] = 1
        manifest["configs"][0]["splits"][0]["novelty"] = 1

    spoil(release, change)
    for place in places:
        with pytest.warns(SchemaVersionWarning, match=r"newer than 1\.0\.0"):
            loaded = newsds.load(place)
        assert loaded.to_arrow().num_rows == 5
        assert loaded.manifest.schema_version == "1.9.0"


@pytest.mark.parametrize("member", ["manifest_version", "schema_version"])
def test_a_later_major_version_is_refused(served, member):
    release, places = served
    spoil(release, lambda manifest: manifest.update({member: "2.0.0"}))
    refused(places, error=SchemaVersionError, match=r"2\.0\.0 is newer than this newsds reads")
    with pytest.raises(SchemaVersionError) as caught:
        newsds.load(release)
    assert (caught.value.expected, caught.value.found) == ("1.0.0", "2.0.0")


@pytest.mark.parametrize("stated", ["one", "1.0", "", None, 1])
def test_a_version_that_is_none_is_refused(served, stated):
    release, places = served
    spoil(release, lambda manifest: manifest.update(schema_version=stated))
    refused(places)


# Around it


def test_a_title_does_not_reach_the_terminal_as_it_is(served, capsys):
    release, _ = served
    spoil(release, lambda manifest: manifest.update(title="\x1b[2J\x1b]0;owned\x07 title"))
    assert main(["load", str(release)]) == 0
    assert "\x1b" not in capsys.readouterr().out
    assert main(["load", str(release), "--split", "\x1b[31m"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_nothing_outside_the_cache_is_written(served, cache, tmp_path):
    _, places = served
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if cache not in path.parents}
    for place in places:
        newsds.load(place).to_arrow()
    after = {
        path: path.stat().st_mtime_ns
        for path in tmp_path.rglob("*")
        if cache not in path.parents and path != cache
    }
    assert {p: t for p, t in after.items() if p != tmp_path} == {
        p: t for p, t in before.items() if p != tmp_path
    }


def test_a_disk_quota_is_told_and_leaves_nothing(web, cache):
    code = (
        "import resource, sys, newsds\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "sys.exit(newsds.cli.main(['load', sys.argv[1], '-q']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", "import newsds.cli\n" + code, web.url],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "cannot be kept in the cache" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((cache / "partial").iterdir()) + list((cache / "objects").glob("??/*"))


def test_text_that_is_not_utf8_is_refused(served):
    release, places = served
    path = "data/articles/test-00000-of-00001.parquet"
    table = newsds.load(release, split="test", verify="off").to_arrow()
    broken = pa.array([b"caf\xe9"]).view(pa.string())
    sink = pa.BufferOutputStream()
    pq.write_table(table.set_column(table.schema.get_field_index("headline"), "headline", broken), sink)
    consistent(release, path, sink.getvalue().to_pybytes())
    refused(places, match="not readable as Parquet", split="test")
