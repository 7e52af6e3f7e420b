"""Verification: every way in which a release can differ from what it says."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsds.errors import IntegrityError, ReleaseNotFoundError
from newsds.release.build import Built
from newsds.release.inventory import read_sums, unsafe
from newsds.release.verify import verify

ARTICLES = "data/articles/train-00000-of-00001.parquet"
SUMS = "manifest-sha256.txt"


@pytest.fixture
def release(sample_release: Built, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    assert sample_release.path is not None
    return Path(shutil.copytree(sample_release.path, tmp_path / "release"))


def problems(folder: Path, **options: str) -> list[str]:
    with pytest.raises(IntegrityError) as caught:
        verify(folder, **options)
    return list(caught.value.problems)


def reseal(folder: Path) -> None:
    """Write the list of checksums anew, as somebody would who hides a change, and drop the statement."""
    shutil.rmtree(folder / "attestations", ignore_errors=True)
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    lines = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in paths
    )
    (folder / SUMS).write_text("".join(lines))


def edit_manifest(folder: Path, change: Callable[[dict], object]) -> None:
    data = json.loads((folder / "manifest.json").read_text())
    change(data)
    (folder / "manifest.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def change_row(folder: Path) -> None:
    table = pq.ParquetFile(folder / ARTICLES).read()
    bodies = table.column("body").to_pylist()
    bodies[3] = bodies[3].replace("e", "E", 1)
    changed = table.set_column(table.schema.get_field_index("body"), "body", pa.array(bodies))
    pq.write_table(changed, folder / ARTICLES)


def test_an_untouched_release_is_what_it_says(sample_release: Built) -> None:
    assert sample_release.path is not None
    done: list[int] = []
    verified = verify(sample_release.path, digest=sample_release.digest, progress=done.append)
    assert verified.digest == sample_release.digest
    assert verified.n_files == sum(done) + 2
    assert "is what its manifest says" in verified.to_text()
    assert json.dumps(verified.to_dict())


def test_a_flipped_byte_is_found_with_its_file(release: Path) -> None:
    data = bytearray((release / ARTICLES).read_bytes())
    data[len(data) // 2] ^= 1
    (release / ARTICLES).write_bytes(data)
    assert problems(release)[0].startswith(f"{ARTICLES}: sha256 is ")


@pytest.mark.parametrize("name", ["README.md", "croissant.json", "datapackage.json", "CITATION.cff", "CHANGELOG.md", "schema/article-1.0.0.json"])  # fmt: skip
def test_an_edited_document_is_found_even_with_new_checksums(release: Path, name: str) -> None:
    (release / name).write_bytes((release / name).read_bytes().replace(b"e", b"E", 1))
    assert f"{name}: sha256 is" in problems(release)[0]
    reseal(release)
    assert f"{name}: is not what newsds writes from manifest.json" in problems(release)[0]


def test_a_changed_row_with_the_same_count_is_found(release: Path) -> None:
    change_row(release)
    assert any(line.startswith(f"{ARTICLES}: digest of the rows is") for line in problems(release))


def test_a_changed_row_is_found_by_its_digest_when_all_hashes_were_forged(release: Path) -> None:
    change_row(release)
    data = (release / ARTICLES).read_bytes()

    def forge(manifest: dict) -> None:
        (shard,) = [shard for shard in manifest["files"] if shard["path"] == ARTICLES]
        shard |= {"n_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}

    edit_manifest(release, forge)
    reseal(release)
    found = problems(release)
    assert found[0].startswith(f"{ARTICLES}: digest of the rows is")
    assert found[1].startswith("manifest.json config articles: digest of the rows is")


def test_a_missing_file_is_found(release: Path) -> None:
    (release / ARTICLES).unlink()
    assert f"{ARTICLES}: is missing" in problems(release)


def test_an_added_file_is_found_wherever_it_is(release: Path) -> None:
    (release / "data/articles/train-00001-of-00002.parquet").write_bytes(b"PAR1")
    (release / "notes.txt").write_text("x")
    found = problems(release)
    assert f"notes.txt: is not listed in {SUMS}" in found
    reseal(release)
    assert (
        f"manifest.json: does not list data/articles/train-00001-of-00002.parquet, which {SUMS} has"
        in problems(release)
    )


def test_a_renamed_file_is_found_under_both_names(release: Path) -> None:
    (release / ARTICLES).rename(release / "data/articles/train-00001-of-00001.parquet")
    found = problems(release)
    assert f"{ARTICLES}: is missing; data/articles/train-00001-of-00001.parquet has its bytes" in found


def test_swapped_files_are_found(release: Path) -> None:
    other = ARTICLES.replace("train", "test")
    data = (release / ARTICLES).read_bytes(), (release / other).read_bytes()
    (release / ARTICLES).write_bytes(data[1])
    (release / other).write_bytes(data[0])
    found = problems(release)
    assert {line.split(":")[0] for line in found[:2]} == {ARTICLES, other}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m["files"][0].update(n_rows=1), "number of rows is 59, the manifest says 1"),
        (lambda m: m["configs"][0].update(digest="0" * 64), "digest of the rows is"),
        (lambda m: m["configs"][0]["splits"][0].update(n_rows=7), "number of rows in its files is 59"),
        (lambda m: m["statistics"].update(n_words=1), "statistics: n_words is 13801"),
        (lambda m: m["statistics"].update(n_clusters=99), "statistics: n_clusters is"),
        (lambda m: m.update(title="Another"), "README.md: is not what newsds writes"),
        (lambda m: m.update(name="../x"), "/name"),
        (lambda m: m["files"][0].update(path="../../etc/passwd"), "/files/0/path"),
        (lambda m: m["files"].append(m["files"][0]), "lists a file twice"),
        (lambda m: m.update(extra=1), "manifest.json: /"),
    ],
    ids=["rows", "digest", "split", "words", "clusters", "title", "name", "path", "twice", "unknown"],
)
def test_an_edited_manifest_is_found_even_with_new_checksums(
    release: Path, change: Callable[[dict], object], message: str
) -> None:
    edit_manifest(release, change)
    reseal(release)
    assert message in "\n".join(problems(release))


def test_a_pinned_digest_tells_a_release_that_was_written_anew(release: Path, sample_release: Built) -> None:
    assert sample_release.digest is not None
    assert verify(release, digest=sample_release.digest.upper()).digest == sample_release.digest
    assert "the release digest is" in problems(release, digest="0" * 64)[-1]


def test_an_article_in_another_split_than_its_copies_is_found(release: Path) -> None:
    train, test = (
        pq.ParquetFile(release / ARTICLES.replace("train", name)).read() for name in ("train", "test")
    )
    # All rows of both, cut elsewhere.
    both = pa.concat_tables([train, test])
    for name, table in (("train", both.slice(0, 30)), ("test", both.slice(30))):
        pq.write_table(table, release / ARTICLES.replace("train", name))
    assert any("stand in different splits" in line for line in problems(release))


@pytest.mark.parametrize("target", ["/etc/hostname", "README.md", "nowhere"])
def test_links_are_never_followed(release: Path, target: str) -> None:
    (release / ARTICLES).unlink()
    (release / ARTICLES).symlink_to(target)
    assert f"{ARTICLES}: is a link; a release holds plain files only" in problems(release)


def test_a_linked_folder_is_not_entered(release: Path, tmp_path: Path) -> None:
    (release / "data/articles").rename(tmp_path / "elsewhere")
    (release / "data/articles").symlink_to(tmp_path / "elsewhere")
    found = problems(release)
    assert "data/articles: is a link; a release holds plain files only" in found


def test_a_pipe_is_not_opened(release: Path) -> None:
    os.mkfifo(release / "data/articles/pipe.parquet")
    assert any("is no plain file (type p)" in line for line in problems(release))


@pytest.mark.parametrize(
    "path",
    [
        "../a",
        "/etc/passwd",
        "a/../b",
        "./a",
        "a//b",
        "C:/a",
        "a\\b",
        "https://x/a",
        "a\tb",
        "con",
        "data/nul.txt",
        "a.",
    ],
)
def test_paths_that_leave_the_release_are_refused(release: Path, path: str) -> None:
    assert unsafe(path)
    with (release / SUMS).open("a") as stream:
        stream.write(f"{'0' * 64}  {path}\n")
    assert any(line.startswith(f"{SUMS}:13: ") for line in problems(release))


def test_paths_that_differ_in_case_only_are_refused() -> None:
    listed, found = read_sums(f"{'0' * 64}  README.md\n{'1' * 64}  readme.md\nrubbish\n".encode())
    assert list(listed) == ["README.md"]
    assert len(found) == 2


def test_what_a_host_adds_is_let_pass_and_attestations_stand_outside(
    release: Path, sample_release: Built
) -> None:
    (release / ".gitattributes").write_text("*.parquet filter=lfs\n")
    (release / "attestations/provenance.intoto.json").unlink()
    assert verify(release).digest == sample_release.digest


@pytest.mark.parametrize("name", [SUMS, "manifest.json"])
def test_a_folder_without_manifest_or_checksums_is_no_release(release: Path, name: str) -> None:
    (release / name).unlink()
    with pytest.raises(ReleaseNotFoundError):
        verify(release)


def test_a_manifest_that_is_not_json_is_one_problem(release: Path) -> None:
    (release / "manifest.json").write_text("{")
    assert any(line.startswith("manifest.json: not JSON") for line in problems(release))


def test_a_release_of_another_version_of_newsds_is_judged_by_its_facts(release: Path) -> None:
    def age(manifest: dict) -> None:
        manifest["tools"]["newsds"] = "0.0.1"
        manifest["title"] = "Worded otherwise"

    edit_manifest(release, age)
    reseal(release)
    verify(release)
    (release / "croissant.json").write_bytes(
        (release / "croissant.json").read_bytes().replace(b'"sha256": "', b'"sha256": "0')
    )
    reseal(release)
    assert problems(release)[0].startswith("croissant.json: sha256 of data/")
