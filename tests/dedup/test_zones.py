"""Where the story stands in a text: what is headline, byline, credit or tag at the edges, and what just is not."""

import pytest

from newsds.dedup.zones import find_headline, find_zones

PARAGRAPH = (
    "The port of Tollan reopened on Monday after three days of storm, and ferries sailed again from all quays. "
    * 2
)
STORY = "The port of Tollan reopened on Monday."


def story_of(text):
    zones = find_zones(text)
    return text[zones.start : zones.end]


def line(n, *, ends="x"):
    """Return a line of n characters."""
    return ("Port " * n)[: n - 1] + ends


@pytest.mark.parametrize(("n", "is_headline"), [(7, False), (8, True), (120, True), (121, False)])
def test_a_line_of_its_own_is_a_headline_of_8_to_120_characters(n, is_headline):
    assert find_headline(f"{line(n)}\n\n{STORY}") == (line(n) if is_headline else None)


@pytest.mark.parametrize(("n", "is_headline"), [(160, False), (161, True)])
def test_a_headline_stands_before_a_line_that_is_surely_a_paragraph(n, is_headline):
    text = f"Port reopens after storm\n{PARAGRAPH[:n]}"
    assert find_headline(text) == ("Port reopens after storm" if is_headline else None)


@pytest.mark.parametrize(
    ("words", "headline"), [("TOLLAN PORT", None), ("TOLLAN PORT REOPENS", "TOLLAN PORT REOPENS")]
)
def test_three_words_in_capitals_are_a_headline(words, headline):
    assert find_headline(f"{words} The port of Tollan reopened on Monday.") == headline


@pytest.mark.parametrize(("n", "is_headline"), [(80, True), (81, False)])
def test_thai_that_is_longer_than_a_headline_is_its_story(n, is_headline):
    words = "ท่าเรือเปิด " * 9
    first = words[: n - 1] + "ก"
    assert (find_headline(f"{first}\n\n{words}") == first) == is_headline


@pytest.mark.parametrize(("n", "stays"), [(4, False), (5, True)])
def test_four_lines_of_credits_are_taken_off(n, stays):
    text = STORY + "\n(Reporting by Ann Reed)" * n
    assert story_of(text) == STORY + "\n(Reporting by Ann Reed)" * stays


@pytest.mark.parametrize(("n", "is_tag"), [(40, True), (41, False)])
def test_a_tag_that_names_an_agency_has_40_characters_at_most(n, is_tag):
    tag = "Reuters".rjust(n, "-")
    assert find_zones(f"{STORY}\n{tag}").agency == ("Reuters" if is_tag else None)


def test_of_two_tags_the_last_names_the_agency():
    assert find_zones(f"{STORY}\nReuters\nAP").agency == "Associated Press"


def test_the_agency_of_the_byline_counts_where_the_dateline_names_none():
    zones = find_zones(f"By Ann Reed, Reuters\n\nPORT HALDEN, March 4 - {STORY}")
    assert zones.agency == "Reuters"
    both = find_zones(f"By Ann Reed, Reuters\n\nPORT HALDEN, March 4 (AP) - {STORY}")
    assert both.agency == "AP"


def test_a_text_that_is_one_tag_is_a_story():
    assert story_of("(Reporting by Ann Reed)") == "(Reporting by Ann Reed)"


@pytest.mark.parametrize(("n", "stays"), [(300, False), (301, True)])
def test_a_rule_of_300_characters_is_a_tag(n, stays):
    assert story_of(f"{STORY}\n{'-' * n}") == (f"{STORY}\n{'-' * n}" if stays else STORY)


@pytest.mark.parametrize(("n", "is_byline"), [(120, True), (121, False)])
def test_a_byline_has_120_characters_at_most(n, is_byline):
    text = f"{'By Ann Reed'.ljust(n)}\n{STORY}"
    assert story_of(text) == (STORY if is_byline else text)


@pytest.mark.parametrize(("n", "is_title"), [(3, False), (4, True)])
def test_where_all_is_in_capitals_a_line_over_figures_is_a_title(n, is_title):
    title, words = "TOLLAN HOG PRICES", ["52"] * n + ["UP"] * (25 - n)
    lines = "\n".join(" ".join(words[at : at + 5]) for at in range(0, 25, 5))
    assert (find_headline(f"{title}\n{lines}") == title) == is_title


@pytest.mark.parametrize(("n", "is_title"), [(20, False), (21, True)])
def test_where_all_is_in_capitals_a_line_that_ends_early_is_a_title(n, is_title):
    # The first word of the next line, of two letters, had room on a line as long as the longest.
    title = "TOLLAN PORT REOPEN"
    assert (find_headline(f"{title}\nON {'X' * (n - 3)}") == title) == is_title
