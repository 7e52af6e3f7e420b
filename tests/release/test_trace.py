"""Tracing records back to their inputs."""

import gzip
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsds.article import to_batch
from newsds.cli import main
from newsds.errors import IntegrityError, ReleaseError, ReleaseNotFoundError
from newsds.release.build import Built, build
from newsds.release.trace import trace
from release.projects import SAMPLE, make_project, records


def articles(folder: Path) -> pa.Table:
    files = sorted((folder / "data" / "articles").glob("*.parquet"))
    return pa.concat_tables([pq.ParquetFile(file).read() for file in files])


def test_every_record_of_the_sample_leads_back_to_its_bytes(sample_release: Built) -> None:
    assert sample_release.path is not None
    table = articles(sample_release.path)
    kinds = set()
    for name in table.column("id").to_pylist()[::5]:
        found = trace(sample_release.path, name, inputs=SAMPLE)
        assert found.check == "same"
        assert found.record["id"] == name
        kinds.add(found.provenance["input_kind"])
    assert kinds == {"page", "jsonl", "csv", "json"}


def test_a_trace_names_place_steps_cluster_and_release(sample_release: Built) -> None:
    assert sample_release.path is not None
    file = sample_release.path / "data/articles/test-00000-of-00001.parquet"
    name = pq.ParquetFile(file).read(["id"]).column("id").to_pylist()[2]
    said = trace(sample_release.path, name).to_dict()
    assert said["published"]["path"] == "data/articles/test-00000-of-00001.parquet"
    assert said["published"]["row"] == 2
    assert said["input"]["path"] == said["provenance"]["input_path"]
    assert [step["name"] for step in said["steps"]] == ["read and validate", "dedupe", "split"]
    assert said["cluster"]["article_id"] == name
    assert said["check"] is None
    text = trace(sample_release.path, name, inputs=SAMPLE).to_text()
    assert said["provenance"]["raw_sha256"] + ": same" in text
    assert json.dumps(said)


def test_inputs_that_are_no_folder_are_an_error(sample_release: Built, tmp_path: Path) -> None:
    assert main(["trace", str(sample_release.path), "nds:0", "--inputs", str(tmp_path / "none")]) == 3


def test_an_input_that_was_changed_since_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {
            "headline": f"Ferry {n} is late",
            "body": f"The ferry number {n} was late again on Monday.",
            "language": "en",
            "url": f"https://a.example/{n}",
        }
        for n in range(3)
    ]
    project = make_project(tmp_path / "p", [], descriptor={"resources": [{"path": "in.jsonl.gz"}]})
    lines = [json.dumps(row).encode() + b"\n" for row in rows]
    with gzip.open(project / "in.jsonl.gz", "wb") as stream:
        stream.writelines(lines)
    built = build(project, tmp_path / "dist")
    assert built.path is not None
    name = articles(built.path).column("id").to_pylist()[1]
    assert main(["trace", str(built.path), name, "--inputs", str(project)]) == 0
    assert ": same" in capsys.readouterr().out
    with gzip.open(project / "in.jsonl.gz", "wb") as stream:
        stream.writelines(lines[::-1])
    assert main(["trace", str(built.path), name, "--inputs", str(project), "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["check"] == "the file is another one than was read"
    (project / "in.jsonl.gz").unlink()
    assert "no such file" in str(trace(built.path, name, inputs=project).check)


def test_an_article_that_came_as_one_names_where_it_was_read_before(tmp_path: Path) -> None:
    given = records(3)
    built = build(make_project(tmp_path / "p", given), tmp_path / "dist")
    assert built.path is not None
    found = trace(built.path, given[0]["id"], inputs=tmp_path / "p")
    assert found.input is None
    assert "read before this build" in found.to_text()


def test_a_copy_that_was_left_out_is_told_apart_from_a_stranger(tmp_path: Path) -> None:
    given = records(60)
    built = build(make_project(tmp_path / "p", given, copies="canonical"), tmp_path / "dist")
    assert built.path is not None
    published = set(articles(built.path).column("id").to_pylist())
    left_out = next(record["id"] for record in given if record["id"] not in published)
    with pytest.raises(ReleaseError, match="its text is left out"):
        trace(built.path, left_out)
    with pytest.raises(ReleaseError, match=r"no article 'nds:x'$"):
        trace(built.path, "nds:x")


def test_a_file_that_is_not_what_the_manifest_says_is_not_traced(
    sample_release: Built, tmp_path: Path
) -> None:
    assert sample_release.path is not None
    release = shutil.copytree(sample_release.path, tmp_path / "release")
    name = articles(release).column("id").to_pylist()[0]
    pq.write_table(
        pa.Table.from_batches([to_batch(records(3))]), release / "data/articles/train-00000-of-00001.parquet"
    )
    with pytest.raises(IntegrityError, match="manifest"):
        trace(release, name)
    with pytest.raises(ReleaseNotFoundError):
        trace(tmp_path / "nowhere", name)
