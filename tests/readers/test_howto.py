"""The page in docs/howto/read.md is read line by line as the document says."""

import re
from pathlib import Path

from newsds.readers.page import parse_page

HOWTO = (Path(__file__).parents[2] / "docs/howto/read.md").read_text("utf-8")
PAGE, EXPLAINED = re.findall(r"```text\n(.*?)\n```", HOWTO, re.DOTALL)[:2]


def test_the_lines_of_the_page_have_the_roles_that_are_printed():
    said = {int(number): role for number, role in re.findall(r"(?m)^ *(\d+) (\w+)", EXPLAINED)}
    page = parse_page(PAGE)
    assert {line.number: line.role for line in page.lines if line.role != "blank"} == said


def test_every_role_is_in_the_table():
    told = set(re.findall(r"`(\w+)`", HOWTO.partition("| role |")[2].partition("\n\n")[0]))
    assert {line.role for line in parse_page(PAGE).lines} - {"blank"} <= told
