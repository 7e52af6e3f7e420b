"""The full form shows the line and a caret under the value."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsds.findings import Finding
from newsds.reporters import FORMS, Setting
from newsds.reporters.source_lines import SourceLine, SourceLines, window
from reporters.reports import finding, report_of


def _full(folder: Path, *found: Finding, width: int = 60) -> list[str]:
    setting = Setting(width=width, source_lines=lambda some: SourceLines(some, root=folder))
    return FORMS["full"].write(report_of(*found), setting).splitlines()


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_the_caret_is_under_the_value(name: str, tmp_path: Path) -> None:
    data = b'{"id":"1"}\n{"id":"2","body":""}\n'
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    at = finding(path=name, line=2, column=18, length=2, pointer="/body", record_id="2")
    assert _full(tmp_path, at)[:6] == [
        "error NDS301 empty-body: the body is empty",
        f"  --> {name}:2:18 at /body",
        "   = 2",
        "   |",
        ' 2 | {"id":"2","body":""}',
        "   |                  ^^",
    ]


def test_a_long_line_is_cut_round_the_value(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("x" * 5000 + "VALUE" + "y" * 5000)
    shown = _full(tmp_path, finding(path="a.jsonl", line=1, column=5001, length=5))
    (text,) = [line for line in shown if line.startswith(" 1 | ")]
    (carets,) = [line for line in shown if "^" in line]
    assert len(text) <= 60
    assert text[carets.index("^") : carets.rindex("^") + 1] == "VALUE"


@pytest.mark.parametrize(
    ("line", "carets"),
    [
        ('{"id":"1","url":"u"}', "   |                 ^^^"),
        ('{"id":"1"}', None),
        ("{broken", None),
        ('["url"]', None),
    ],
)
def test_of_a_record_without_a_column_the_field_is_looked_for(
    line: str, carets: str | None, tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_text(line)
    shown = _full(tmp_path, finding(path="a.jsonl", line=1, pointer="/url"))
    assert [text for text in shown if "^" in text] == ([carets] if carets else [])


def test_of_a_long_value_the_evidence_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"body":"' + "x" * 4000 + " Read more: Ferry " + "y" * 4000 + '"}')
    at = finding(path="a.jsonl", line=1, column=9, length=8022, evidence="Read more: Ferry")
    shown = _full(tmp_path, at)
    (text,) = [line for line in shown if line.startswith(" 1 | ")]
    (carets,) = [line for line in shown if "^" in line]
    assert text[carets.index("^") : carets.rindex("^") + 1] == "Read more: Ferry"


def test_a_line_without_a_column_is_shown_where_the_evidence_is(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("Headline\nRead more: Ferry\n")
    shown = _full(tmp_path, finding(path="page.txt", line=2, evidence="more"))
    assert "   |      ^^^^" in shown


@pytest.mark.parametrize("line", [9, 2])
def test_an_input_that_has_changed_since_is_no_trouble(line: int, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n")
    shown = _full(
        tmp_path,
        finding(path="a.jsonl", line=line, column=5, evidence="x"),
        finding(path="gone.jsonl", line=1, column=1),
    )
    assert "   | x" in shown


@given(st.text(max_size=200), st.integers(0, 250), st.integers(1, 250), st.integers(20, 100))
def test_a_window_is_no_wider_than_the_terminal(text: str, start: int, length: int, width: int) -> None:
    shown, carets = window(SourceLine(text=text, start=start, length=length), width=width)
    assert len(carets) <= width
    assert len(shown) <= width
    assert "\x1b" not in shown
    assert "\n" not in shown
    assert carets.strip("^ ") == ""
    assert carets.endswith("^")
