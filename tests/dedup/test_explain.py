"""newsds explain: two copies side by side."""

import json
import re

import pytest

from newsds.cli import main
from newsds.cli.explain import _wrapped

STORY = (
    "PORT HALDEN (AP) - Two tugs pulled the grain carrier Osprey Dawn off a sand bank on Tuesday, nineteen hours after it "
    "ran aground. The ship had lost steering in the outer channel, Captain Ivo Lindqvist told the coast guard. "
)
END = "Divers found scratches along 40 metres of hull but no leak."


@pytest.fixture
def articles(tmp_path):
    rows = [
        ("a", STORY + END),
        ("b", STORY + END.replace("Divers", "Welders")),
        ("c", "Nothing of that sort was ever heard of."),
    ]
    path = tmp_path / "table.jsonl"
    path.write_text("".join(json.dumps({"key": key, "content": text}) + "\n" for key, text in rows))
    return [str(path), "--id", "key", "--text", "content"]


def test_shared_text_and_differences_are_shown(articles, capsys):
    assert main(["explain", "a", "b", "--in", *articles]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("republication (whole-text): the same article\n")
    assert "[-. Divers-] {+. Welders+}" in " ".join(shown.split())


def test_json_says_which_conditions_hold(articles, capsys):
    assert main(["explain", "a", "c", "--in", *articles, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["relation"], found["is_same_article"]) == ("none", False)
    assert {item["holds"] for item in found["conditions"]} == {True, False}
    assert "".join(part["a"] for part in found["segments"]).split()[-1] in {"leak", "leak.", "of."}


@pytest.mark.parametrize(
    ("a", "b", "message"), [("a", "x", "no article has the id 'x'"), ("a", "a", "'a' is one text")]
)
def test_a_wrong_id_is_one_line(articles, capsys, a, b, message):
    assert main(["explain", a, b, "--in", *articles]) == 2
    assert message in capsys.readouterr().err


def test_colours_take_no_columns() -> None:
    words = [("[-word-]", "\x1b[31m"), ("plain", ""), ("{+other+}", "\x1b[32m")] * 40
    plain = list(_wrapped(words, width=60, is_coloured=False))
    coloured = list(_wrapped(words, width=60, is_coloured=True))
    assert max(map(len, plain)) <= 60
    assert [re.sub(r"\x1b\[\d+m", "", line) for line in coloured] == plain
    assert "\x1b[31m[-word-]\x1b[0m plain" in coloured[0]
