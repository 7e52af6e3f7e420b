"""What commands write to: links stay links, pipes are written, and what is wrong is one line."""

import io
import os
import threading

import pytest

from newsds.cli import main
from newsds.errors import OutputError
from newsds.files import atomic_write


def test_a_link_stays_and_its_file_is_replaced(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    atomic_write(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_a_pipe_is_written_and_stays_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    got = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    atomic_write(tmp_path / "pipe", "news")
    reader.join(timeout=10)
    assert got == [b"news"]
    assert (tmp_path / "pipe").is_fifo()


def test_a_folder_is_no_file_to_write(tmp_path):
    with pytest.raises(OutputError, match="is a folder"):
        atomic_write(tmp_path, "news")


def test_a_delimiter_is_one_character(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("title,text\nA,B\n")
    assert main(["validate", str(tmp_path / "a.csv"), "--delimiter", "abc"]) == 2
    assert "it is one character" in capsys.readouterr().err


def test_migrating_a_broken_file_says_so(tmp_path, capsys):
    (tmp_path / "a.jsonl").write_text('{"id": 1,\n')
    assert (
        main(
            ["schema", "migrate", str(tmp_path / "a.jsonl"), "--to", "1.0.0", "-o", str(tmp_path / "b.jsonl")]
        )
        == 1
    )
    assert "NDS001" in capsys.readouterr().err


def test_a_terminal_without_the_characters_gets_escapes(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", stream)
    assert main(["rules", "NDS305"]) == 0
    stream.flush()
    assert b"\\u201c" in stream.buffer.getvalue()


def test_an_empty_table_can_be_split(tmp_path):
    (tmp_path / "a.jsonl").write_text("")
    assert main(["split", str(tmp_path / "a.jsonl"), "-o", str(tmp_path / "out")]) in (0, 1)
