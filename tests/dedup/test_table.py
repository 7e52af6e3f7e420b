"""newsds dedupe on any table: which columns count."""

import json

import pyarrow.parquet as pq

from newsds.cli import main

BRIEF = "Hog prices opened 1.00 crown higher, private sources said. Top 51.50 crowns."


def test_a_headline_column_tells_equal_briefs_apart(tmp_path):
    table = tmp_path / "table.jsonl"
    rows = [
        {"key": "a", "content": BRIEF, "title": "Tollan hogs up"},
        {"key": "b", "content": BRIEF, "title": "Marlpoint hogs up"},
    ]
    table.write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = ["dedupe", str(table), "--id", "key", "--text", "content", "-q", "-o"]
    for name, more, distinct in (("without", [], 1), ("with", ["--headline", "title"], 2)):
        assert main([*options, str(tmp_path / name), *more]) == 0
        clusters = pq.ParquetFile(tmp_path / name / "clusters.parquet").read()
        assert len(set(clusters["cluster_id"].to_pylist())) == distinct


def test_a_headline_without_a_text_is_wrong_usage(tmp_path, capsys):
    assert main(["dedupe", "x.csv", "--headline", "title", "-o", str(tmp_path / "out")]) == 2
    assert "--headline: name the column with the texts, too, with --text" in capsys.readouterr().err


def test_the_names_of_columns_are_cut_where_they_are_whole_texts(tmp_path, capsys):
    table = tmp_path / "table.csv"
    table.write_text(f'a,"{"Hog prices rose. " * 200}"\nb,"{BRIEF}"\n')
    assert main(["dedupe", str(table), "--text", "body", "-o", str(tmp_path / "out")]) == 3
    error = capsys.readouterr().err
    assert "no column 'body'; there are a, Hog prices" in error
    assert len(error) < 400
