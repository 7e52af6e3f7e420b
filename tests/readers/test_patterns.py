"""Patterns: no text makes one of the readers' or the grammar's take more than linear time."""

import pkgutil
import re
import time
from importlib import import_module

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import newsds.readers
import newsds.wire
from newsds import dates
from newsds.later import later_pattern
from newsds.readers.page import parse_page


def _patterns():
    names = [
        module.name
        for package in (newsds.readers, newsds.wire)
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
    ]
    kinds = (re.Pattern, type(later_pattern("")))
    for module in (*map(import_module, names), newsds.wire, dates):
        for name, value in vars(module).items():
            for pattern in value if isinstance(value, tuple) else (value,):
                if isinstance(pattern, kinds):
                    yield f"{module.__name__}.{name}", pattern


PATTERNS = list(_patterns())
#: Longer texts are tried only where shorter ones took little time: a pattern that fails would take for ever.
SIZES = (*range(16, 44, 4), 200, 8000)
#: Seconds; patterns of linear time need a tenth of it for the longest text, those of quadratic time several times it.
PATIENCE = 0.1
_PIECE_WORDS = """
a A 1 By by and May mai 2026 min Reuters NYSE ISIN Reporting contributed Copyright © @ https:// ( ) [ ] 【 】 ＝ < > / | : ; , .
- – — ' " \\ { } # ＠ 海 年 月 日 号 电 의 de la von in T + * • _
"""
PIECES = _PIECE_WORDS.split()


def _seconds(pattern, text):
    searched = text.encode() if isinstance(pattern.pattern, bytes) else text
    start = time.process_time()
    pattern.search(searched)
    return time.process_time() - start


def _worst(pattern, unit):
    for size in SIZES:
        text = unit * (size // len(unit) + 1)
        taken = (
            min(_seconds(pattern, text) for _ in range(2)) if size == SIZES[-1] else _seconds(pattern, text)
        )
        if taken > PATIENCE:
            return size, taken
    return None


def test_all_patterns_are_found():
    assert len(PATTERNS) > 70
    assert {name.rpartition(".")[0] for name, _ in PATTERNS} >= {
        "newsds.dates",
        "newsds.wire",
        "newsds.wire.credits",
        "newsds.wire.datelines",
        "newsds.readers.page_marks",
        "newsds.readers.csv_records",
    }


@settings(max_examples=1)
@given(
    st.lists(
        st.one_of(st.sampled_from(PIECES), st.just(" "), st.characters(codec="utf-8")), min_size=1, max_size=5
    ).map("".join)
)
@example(" ")
@example("A B, ")
@example("1 ")
@example("1:")
def test_no_pattern_takes_more_than_linear_time(unit):
    slow = [(name, found) for name, pattern in PATTERNS if (found := _worst(pattern, unit))]
    assert not slow


@pytest.mark.parametrize("pattern", [r"\s*[;,|]\s*", r"(?:a+)+b"], ids=["quadratic", "exponential"])
def test_a_pattern_that_is_not_linear_is_noticed(pattern):
    assert any(_worst(re.compile(pattern), unit) for unit in (" ", "a"))


@pytest.mark.parametrize(
    "unit",
    [
        "word ",
        "a",
        " ",
        "( ",
        "海",
        "Related\n",
        "© 2026 A\n",
        "By A B\n",
        "1 May 2026\n",
        "By\n",
        "<A.N> ",
        "\x00",
        "\u202e",
    ],
)
def test_the_time_for_a_page_grows_as_its_size(unit):
    def seconds(size):
        text = unit * (size // len(unit))
        start = time.process_time()
        parse_page(text)
        return time.process_time() - start

    seconds(1000)
    small, large = (min(seconds(size) for _ in range(2)) for size in (10_000, 80_000))
    assert large < 0.1 + 3 * 8 * small
