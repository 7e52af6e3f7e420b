"""benchmarks/dedup: the protocols run on invented miniatures in the published formats."""

import json
import re
import runpy
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks" / "dedup"
STORIES = (
    "Two tugs pulled the grain carrier Osprey Dawn off a sand bank on Tuesday, nineteen hours after it ran aground. Captain Ivo Lindqvist told the coast guard that a fuse blew on the bridge. Divers found scratches along 40 metres of hull.",
    "Voters in Marlpoint go to the polls on Sunday to choose a mayor among five candidates, two of them bakers. The last mayor, Edda Rooke, resigned in May after the council had refused to pay for the new bridge over the Tarn.",
    "The museum of salt reopens in May with a new roof, paid for by a lottery that ran for eleven years. Its keeper, Jonas Wiebe, said that the collection had been kept in a mine near Halden, where the air is dry all year.",
)


@pytest.fixture
def bench(monkeypatch, capsys):
    """Run the benchmark's command; return what it prints."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["benchmarks/dedup", *map(str, words), "--no-peers"])
        monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])
        runpy.run_path(str(BENCHMARKS), run_name="__main__")
        return capsys.readouterr().out

    return run


def scan(text):
    return text.replace("Tuesday", "Tucsday").replace("council", "counci1").replace("lottery", "lotterv")


def texts():
    """Two copies of each story, the second misread, and one that stands alone."""
    copies = [text for story in STORIES for text in (story, scan(story))]
    return [
        *copies,
        "Frost is expected in the upper valleys until Thursday, the weather office of Tollan said.",
    ]


@pytest.fixture
def authors_files(tmp_path):
    """Articles by id and pairs of ids, as the authors of NEWS-COPY publish them."""
    for articles, edges in (
        ("1955_inf_data.json", "1955_gt.json"),
        ("test_inf_data.json", "full_test_gt.json"),
    ):
        data = {f"image-{n}": {"article": text, "headline": ""} for n, text in enumerate(texts())}
        (tmp_path / articles).write_text(json.dumps(data))
        (tmp_path / edges).write_text(json.dumps([[f"image-{n + 1}", f"image-{n}"] for n in (0, 2, 4)]))
    return tmp_path


def test_newscopy_is_tuned_on_the_validation_part_and_runs_the_test_part_once(bench, authors_files):
    from newsds.dedup import relations

    before = dict(vars(relations))
    lines = bench("newscopy", authors_files).splitlines()
    tried = [line for line in lines if line.startswith("validation: ")]
    assert len(tried) == len(set(tried)) == 27
    assert lines[27].startswith("chosen on 7 articles, 4 clusters: PART 0.85, SAME 0.7, SAME_LESS 0.55")
    assert lines[28].startswith("test: 7 articles, 4 clusters")
    assert lines[29:] == ["newsds               ARI 1.0000"]
    assert dict(vars(relations)) == before


def test_newscopy_counts_texts_that_stand_alone(bench, tmp_path):
    records = [{"article": text, "cluster": n // 2} for n, text in enumerate(texts())]
    wrong = [{**record, "cluster": n} for n, record in enumerate(records)]
    for name, part in (("right.jsonl", records), ("wrong.jsonl", wrong)):
        (tmp_path / name).write_text("".join(json.dumps(record) + "\n" for record in part))
    assert "test: 7 articles, 4 clusters" in (right := bench("newscopy", tmp_path / "right.jsonl"))
    assert right.endswith("ARI 1.0000\n")
    assert bench("newscopy", tmp_path / "wrong.jsonl").endswith("ARI 0.0000\n")


def test_core_scores_duplicates_and_others(bench, tmp_path):
    records = [
        {"core_id": str(n), "processed_title": f"Paper on {text.split()[1]}", "processed_abstract": text, "cat": "near_exact",
         "labelled_duplicates": [str(n ^ 1)] if n < 6 else []}
        for n, text in enumerate(texts())
    ]  # fmt: skip
    path = tmp_path / "core.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    assert "macro-F1 1.0000, accuracy 1.0000" in bench("core", path)
    records[0]["labelled_duplicates"] = records[1]["labelled_duplicates"] = []
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    # Of four duplicates and three others, two others are taken for duplicates.
    assert re.search(r"macro-F1 0\.6500, accuracy 0\.7143", bench("core", path))


@pytest.fixture
def wire(tmp_path):
    """Return the words that name a collection in the form of Reuters-21578, and labelled pairs of it."""
    takes = "".join(
        f'<REUTERS NEWID="{n}"><DATE> 7-APR-1987 1{n}:00:00.00</DATE><TEXT><TITLE>STORY {n // 2}</TITLE>'
        f"<BODY>{text}</BODY></TEXT></REUTERS>\n"
        for n, text in enumerate(texts())
    )
    (tmp_path / "reut2-000.sgm").write_text(takes)
    pairs = [(0, 1, 1), (2, 3, 1), (4, 5, 1), (0, 2, 0), (1, 6, 0), (3, 4, 0)]
    table = "newid_a\tnewid_b\tlabel\n" + "".join(f"{a}\t{b}\t{label}\n" for a, b, label in pairs)
    (tmp_path / "pairs.tsv").write_text(table)
    return "reuters", tmp_path, "--pairs", tmp_path / "pairs.tsv", "--only-given"


def test_reuters_prints_scores_with_intervals_and_folds(bench, wire):
    shown = bench(*wire, "--folds", "3")
    assert "pairs, given: 6, 3 of them copies: precision 1.000 (1.000-1.000), recall 1.000" in shown
    assert "3 folds, thresholds chosen on the others, 10 times; pairs, given: precision 1.000" in shown


def test_reuters_prints_scores_of_the_takes_given_in_other_ways(bench, wire):
    shown = bench(*wire, "--variants").splitlines()
    at = shown.index("headline and text on one line")
    assert shown[at + 1] == "    given    | 1.000, 1.000, 1.000 | 1.000, 1.000, 1.000"
    assert "all in capitals" in shown


@pytest.mark.slow
def test_growth_prints_time_and_memory_of_each_size(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["growth.py", "--sizes", "200", "400", "--workers", "1"])
    runpy.run_path(str(BENCHMARKS / "growth.py"), run_name="__main__")
    head, *rows = (line.split() for line in capsys.readouterr().out.splitlines())
    assert "peak" in head
    assert [row[0] for row in rows] == ["200", "400"]
    assert all(float(row[5]) > 20 for row in rows)


@pytest.mark.slow
def test_crowding_joins_copies_where_counts_as_they_stand_join_none(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["crowding.py", "-n", "1500", "--workers", "1"])
    monkeypatch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])
    runpy.run_path(str(BENCHMARKS / "crowding.py"), run_name="__main__")
    head, *rows = (line.split() for line in capsys.readouterr().out.splitlines())
    assert "copies" in head
    best, worst = float(rows[0][5]), float(rows[-1][5])
    assert best > 0.9
    assert worst > best - 0.1
    assert float(rows[-1][-1]) < 0.5
