"""Inputs: paths, patterns, kinds, compression, and streams that must not be trusted."""

import bz2
import gzip
import io
import lzma
import os
import shutil

import pyarrow as pa
import pytest

from newsds.errors import InputError
from newsds.readers import inputs
from newsds.readers.inputs import DAMAGE, expand, open_input

LINE = b'{"headline": "Ferry late", "body": "It was late."}\n'


def compress_zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


COMPRESSORS = {
    "": bytes,
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".zst": compress_zstd,
    ".bz2": bz2.compress,
}


@pytest.mark.parametrize("ending", COMPRESSORS)
def test_compressed_files_give_their_bytes(tmp_path, ending):
    path = tmp_path / f"feed.jsonl{ending}"
    path.write_bytes(COMPRESSORS[ending](LINE * 3000))
    (item,) = expand([path])
    with open_input(item) as stream:
        assert stream.read() == LINE * 3000
    assert item.kind == "jsonl"


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_concatenated_members_are_read_to_the_end(tmp_path, ending):
    path = tmp_path / f"feed.jsonl{ending}"
    path.write_bytes(COMPRESSORS[ending](LINE) + COMPRESSORS[ending](LINE))
    (item,) = expand([path])
    with open_input(item) as stream:
        assert stream.read() == LINE * 2


@pytest.mark.parametrize("ending", [".gz", ".xz", ".zst", ".bz2"])
def test_a_truncated_stream_raises_damage_and_not_silence(tmp_path, ending):
    path = tmp_path / f"feed.jsonl{ending}"
    whole = COMPRESSORS[ending](bytes(range(256)) * 500)
    path.write_bytes(whole[: len(whole) // 2])
    (item,) = expand([path])
    with pytest.raises(DAMAGE), open_input(item) as stream:
        stream.read()


def test_a_decompression_bomb_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(inputs, "BOMB_FREE_BYTES", 2**20)
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(b"0" * 2**24))
    (item,) = expand([path])
    with pytest.raises(InputError, match="grows beyond"), open_input(item) as stream:
        shutil.copyfileobj(stream, io.BytesIO())


def test_folders_are_searched_and_files_come_sorted_and_once(tmp_path):
    for name in ("b.jsonl", "a/z.txt", "a/.hidden/x.txt", "notes.xyz"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(LINE)
    found = expand([".", "*.jsonl"], root=tmp_path)
    assert [(item.name, item.kind) for item in found] == [
        ("a/z.txt", "page"),
        ("b.jsonl", "jsonl"),
        ("notes.xyz", "unknown"),
    ]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("absent.jsonl", "no such file"),
        ("*.nothing", "no file matches"),
        ("page.docx", "are not read"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, pattern, words):
    (tmp_path / "page.docx").write_bytes(b"")
    with pytest.raises(InputError, match=words):
        expand([tmp_path / pattern])


@pytest.mark.parametrize(
    "pattern", ["../outside.jsonl", "/etc/hosts", "https://news.example/a.jsonl", "a/../../b.jsonl"]
)
def test_a_project_cannot_reach_outside_its_folder(tmp_path, pattern):
    (tmp_path / "project").mkdir()
    (tmp_path / "outside.jsonl").write_bytes(LINE)
    with pytest.raises(InputError, match="inside the dataset project"):
        expand([pattern], root=tmp_path / "project")


def test_a_link_out_of_the_project_is_refused(tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "outside.jsonl").write_bytes(LINE)
    (tmp_path / "project" / "inside.jsonl").symlink_to(tmp_path / "outside.jsonl")
    with pytest.raises(InputError, match="leaves the dataset project"):
        expand(["inside.jsonl"], root=tmp_path / "project")


class _Keeping(io.BytesIO):
    """A stream that puts what is written into a list."""

    def __init__(self, kept):
        super().__init__()
        self.kept = kept

    def write(self, data):
        self.kept.append(bytes(data))
        return len(data)


@pytest.mark.parametrize("ending", [".gz", ".xz", ".bz2"])
def test_everything_before_the_cut_of_an_archive_is_read(tmp_path, ending):
    import bz2
    import lzma

    compress = {".gz": gzip.compress, ".xz": lzma.compress, ".bz2": lambda data: bz2.compress(data, 1)}[
        ending
    ]
    lines = b"".join(
        b'{"id": "%d", "pad": "%s"}\n' % (number, os.urandom(500).hex().encode()) for number in range(600)
    )
    path = tmp_path / f"cut.jsonl{ending}"
    whole = compress(lines)
    path.write_bytes(whole[: len(whole) // 2])
    (item,) = expand([path])
    got = []
    with pytest.raises(DAMAGE), open_input(item) as stream:
        shutil.copyfileobj(stream, _Keeping(got), 2**10)
    assert len(b"".join(got)) > 200_000
