"""`newsds dedupe --index` and `newsds forget`."""

import json

import pytest

from newsds.cli import main


@pytest.fixture
def releases(tmp_path):
    """Return two files of generated articles: a copy of the first release's first article is in the second."""
    lines = {}
    for name, seed in (("march", 1), ("april", 2)):
        path = tmp_path / f"{name}.jsonl"
        assert main(["sample", "-n", "6", "--seed", str(seed), "-q", "-o", str(path)]) == 0
        lines[name] = path.read_text().splitlines()
    copied = json.loads(lines["march"][0])
    copied["id"] = "nds:" + "0" * 32
    with (tmp_path / "april.jsonl").open("a") as april:
        april.write(json.dumps(copied) + "\n")
    return tmp_path, json.loads(lines["march"][0])["id"]


def add(folder, name, *more):
    return main(
        ["dedupe", str(folder / f"{name}.jsonl"), "--index", str(folder / "seen"), "--release", name,
         "-o", str(folder / f"dedup-{name}"), "--format", "json", "-q", *more]
    )  # fmt: skip


def test_a_copy_of_the_release_before_is_named(releases, capsys):
    import pyarrow.parquet as pq

    folder, original = releases
    assert add(folder, "march") == 0
    capsys.readouterr()
    assert add(folder, "april") == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["new"], summary["copies_of_earlier"]) == (7, 1)
    earlier = pq.ParquetFile(folder / "dedup-april" / "earlier.parquet").read().to_pylist()
    assert [(row["article_id"], row["earlier_id"], row["earlier_release"]) for row in earlier] == [
        ("nds:" + "0" * 32, original, "march")
    ]


def test_forgotten_articles_are_counted(releases, capsys):
    folder, original = releases
    add(folder, "march")
    listed = folder / "takedown.txt"
    listed.write_text(f"{original}\nnds:unknown\n")
    capsys.readouterr()
    assert main(["forget", str(folder / "seen"), "--from", str(listed), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["removed"] == 1


def test_a_file_of_the_index_that_is_gone_is_named_with_the_remedy(releases, capsys):
    folder, _ = releases
    add(folder, "march")
    lost = next((folder / "seen").glob("articles-*"))
    lost.unlink()
    capsys.readouterr()
    assert add(folder, "april") == 3
    assert capsys.readouterr().err == (
        f"newsds: {lost}: this file of the index is gone; put it back, or make the index anew\n"
    )


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["forget", "{}/nothing", "x"], 3, "no index there"),
        (["forget", "{}/seen"], 2, "no identifiers"),
        (
            ["dedupe", "{}/march.jsonl", "--index", "{}/seen", "-o", "{}/d"],
            2,
            "--index and --release go together",
        ),
    ],
    ids=["no index", "no identifiers", "no release"],
)
def test_mistakes_are_told_in_one_line(releases, capsys, arguments, status, message):
    folder, _ = releases
    assert main([argument.format(folder) for argument in arguments]) == status
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_release_is_added_once_and_outputs_are_not_replaced_unasked(releases, capsys):
    folder, _ = releases
    assert add(folder, "march") == 0
    assert add(folder, "march") != 0
    assert add(folder, "march", "--force") == 0
    (folder / "april.jsonl").rename(folder / "march.jsonl")
    capsys.readouterr()
    assert add(folder, "march", "--force") == 2
    assert "'march' is in the index" in capsys.readouterr().err


def test_articles_of_two_releases_are_explained_from_the_index(releases, capsys):
    folder, original = releases
    add(folder, "march")
    add(folder, "april")
    capsys.readouterr()
    copy = "nds:" + "0" * 32
    seen = ["--index", str(folder / "seen")]
    assert main(["explain", original, copy, *seen, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["relation"], found["is_same_article"]) == ("exact", True)
    assert main(["explain", original, "nds:unknown", *seen]) == 2
    assert main(["explain", original, copy, *seen, "--in", str(folder / "march.jsonl")]) == 2
    assert main(["explain", original, copy, "--index", str(folder / "nothing")]) == 3
    assert capsys.readouterr().err.count("\n") == 3
