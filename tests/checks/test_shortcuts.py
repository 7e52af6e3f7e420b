"""Quick questions before slow rules: they answer as the slow way does."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsds.checks import bodies, characters, languages, people, traits

#: What the rules on characters look for, beside what they leave alone.
PIECES = st.sampled_from(
    ["&amp;", ";", "&#3;", "\x03", "\x85", "\\n", "\\", "<p>", "f(", "function f() {", "(", " (", "\n(", "“", "’", "é", "Ã©",
     "â€™", "\ufffd", "\u200b", "\u0301", "@ @", "@-@", "[MASK]", "-LRB-", "█", "word", " ", "\n", "\ud800", "٣", "3", "555-123-4567",
     "+49 30 1234567", "call ", "Said.The", "ß", "_"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@given(TEXTS)
def test_what_is_unusual_is_neither_ascii_nor_typography(text: str) -> None:
    assert characters.unusual(text) == "".join(
        char for char in text if ord(char) > 127 and char not in "’“”‘–—…"
    )


@given(TEXTS)
def test_letters_are_what_is_a_letter_or_a_digit(text: str) -> None:
    assert bodies.letters(text) == "".join(filter(str.isalnum, text)).casefold()


#: Parts of telephone numbers, and what stands round them.
NUMBERS = st.lists(
    st.sampled_from(
        ["+", "49", "(", ")", " ", "  ", "-", ".", "/", "\n", "\t", "\x1c", "\xa0", "٣٤", "3", "12", "555", "4567", "123456", "tel", "Tel.", "phone:",
         "call ", "mobıle ", "at ", "abcdefgh ", "12345678a ", "téléfono", "_", "é", "’", "word "]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@settings(max_examples=500)
@given(NUMBERS)
def test_telephone_numbers_are_those_of_the_slow_pattern(text: str) -> None:
    spans = [match.span() for match in people.find_phones(text)]
    assert spans == [match.span() for match in people.PHONE.finditer(text)]


@pytest.mark.parametrize(
    "text",
    ["+1 ", "1234567 ", "1234567a", "tel. ", "call 12 34 ", "555-123-4567", "1-", "1" + " " * 40],
)
def test_the_slow_pattern_for_telephone_numbers_sees_little_more_than_the_digits(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    class Pattern:
        """Counts the characters that are searched."""

        def finditer(self, text: str, start: int, end: int) -> Iterator[re.Match[str]]:
            seen.append(min(end, len(text)) - start)
            return people_pattern.finditer(text, start, end)

    people_pattern = people.PHONE
    monkeypatch.setattr(people, "PHONE", Pattern())
    hidden = "A word of the council. " * 1000 + text * 500
    list(people.find_phones(hidden))
    few = sum(seen)
    seen.clear()
    list(people.find_phones(hidden + text * 500))
    assert few <= 5 * 500 * len(text) + 60
    assert sum(seen) <= 2 * few + 60


@given(st.text(st.sampled_from("ab .\n\t"), max_size=200), st.integers(1, 250))
def test_words_are_counted_as_far_as_asked(text: str, n: int) -> None:
    assert traits.has_words(text, n) == (len(text.split()) >= n)


@given(
    st.lists(
        st.sampled_from(["harbour choir wins", "a" * 60, ".", " ", "ferry", "\n", "Σ"]), max_size=40
    ).map("".join)
)
def test_a_headline_is_looked_for_in_200_words(body: str) -> None:
    body = body.strip()
    words = ["choir", "ferry", "harbour"]
    lead = " ".join(body[:4000].split()[:200]).lower()
    is_missing = len(body.split()) >= 100 and sum(word[:6] in lead for word in words) < 0.3 * len(words)
    assert traits.lacks_headline(body, words) == is_missing


PARAGRAPHS = (
    (
        "The council of Port Halden will let the old fish hall to a cooperative of boat builders for thirty years, and that was "
        "decided with one vote in March after a long debate."
    ),
    (
        "Satamalautakunta sulki pohjoisen lauttalinjan maanantaina, koska laiturista löytyi kaksi halkeamaa, mutta bussi kuljettaa "
        "matkustajat vuonon ympäri, kertoi lautakunta että se on myös varma."
    ),
    (
        "Der Hafen von Port Halden ist nicht mehr offen, und das gilt mit sofortiger Wirkung auch für die Boote, die den Winter "
        "über von den Fischern der Stadt genutzt werden."
    ),
)


@given(
    st.lists(st.sampled_from(PARAGRAPHS), min_size=2, max_size=6), st.sampled_from(["en", "fi", "de", "xx"])
)
def test_doubtful_paragraphs_are_those_that_are_doubtful_one_by_one(parts: list[str], stated: str) -> None:
    def is_doubtful(text: str) -> bool:
        counts = {
            other: sum(f" {word} " in text for word in words.split())
            for other, words in languages._LITTLE_WORDS.items()
        }
        own = counts.pop(stated, 0)
        return not (
            own >= 4 or (own >= 2 and max(counts.values()) < own) or languages._is_evident(text, stated)
        )

    found = [part for part in parts if is_doubtful(part)]
    least = 0.3 * len("\n".join(parts))
    wanted = found if sum(map(len, found)) >= least else []
    assert languages._doubtful(parts, stated, least=least) == wanted


@given(
    st.lists(
        st.sampled_from([" ", "the", "of", "to", "and", "other", "der", "die", "und", "das"]), max_size=12
    ),
    st.sampled_from(["en", "de"]),
)
def test_a_full_line_is_one_with_enough_little_words(parts: list[str], language: str) -> None:
    line = "".join(parts)
    n = sum(f" {word} " in line for word in languages._LITTLE_WORDS[language].split())
    assert languages._full(language)(line) == (n >= languages._enough(language))
