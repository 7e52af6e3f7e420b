"""Text: normal form, words, language, excerpts that cannot harm a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsds.text import count_words, detect_language, excerpt, normalise_text


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    once = normalise_text(text)
    assert normalise_text(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\r" not in once


@pytest.mark.parametrize(
    ("text", "n"), [("", 0), ("—", 0), ("Port Halden", 2), ("12.5 percent", 3), ("Zürich été", 2)]
)
def test_words_are_runs_of_word_characters(text, n):
    assert count_words(text) == n


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The harbour council met on Tuesday to discuss the ferry timetable, which has not changed since the bridge was closed for repairs, and agreed that the early boat should leave ten minutes later.", "en"),
        ("Der Hafenausschuss kam am Dienstag zusammen, um über den Fahrplan der Fähre zu beraten, der sich seit der Sperrung der Brücke nicht geändert hat, und einigte sich auf eine spätere Abfahrt am Morgen.", "de"),
        ("Le conseil du port s'est réuni mardi pour discuter des horaires du bac, qui n'ont pas changé depuis la fermeture du pont, et a décidé que le premier départ aurait lieu dix minutes plus tard.", "fr"),
        ("FERRY LATE AGAIN", "und"),
        ("", "und"),
    ],
)  # fmt: skip
def test_language_is_told_on_prose_and_not_guessed_on_scraps(text, language):
    assert detect_language(text) == language


def test_capitals_do_not_mislead_the_language_detection():
    text = "The harbour council met on Tuesday to discuss the ferry timetable, which has not changed since the bridge was closed for repairs, and agreed on a later boat."
    assert detect_language(text.upper() * 2) == "en"


@given(st.text(), st.integers(0, 50), st.integers(0, 50))
def test_an_excerpt_is_short_one_line_and_without_controls(text, start, length):
    shown = excerpt(text, start=start, end=start + length, width=80)
    assert len(shown) <= 80
    assert not any(unicodedata.category(char) == "Cc" or char in "\u202e\u2066\u2028" for char in shown)
