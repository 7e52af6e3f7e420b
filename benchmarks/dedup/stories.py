"""Invented stories with known copies: misread and abridged scans on one hand, republished web pages on the other.

Every corpus holds stories carried by one publisher only, notices made from templates (the same words, other names and
numbers: never copies), and stories carried by many, whose numbers of copies follow a Pareto law.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

__all__ = ["Copy", "pages", "scans"]

START = datetime(2025, 3, 1, tzinfo=UTC)
ONSETS = [
    "b", "br", "c", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "kl", "l", "m", "n", "p", "pr",
    "qu", "r", "s", "sk", "st", "t", "tr", "v", "w",
]  # fmt: skip
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ei", "ou"]
CODAS = ["", "l", "m", "n", "nd", "r", "rn", "s", "st", "t"]
#: What a scanner takes letters for.
MISREAD = {"e": "c", "c": "e", "l": "1", "i": "l", "o": "0", "h": "b", "n": "u", "u": "n", "s": "5", "t": "f",
           "a": "o", "m": "n", "0": "O", "1": "l", "5": "S", "8": "3", "3": "8", "6": "b", "r": "n"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Copy:
    """One text and the story it is a copy of."""

    id: str
    story: int
    text: str
    headline: str
    published_at: datetime
    publisher: str

    def to_row(self, *, hide: Sequence[str] = ()) -> dict:
        """Return the copy as newsds takes it, without what is to be hidden."""
        return {
            "id": self.id,
            "text": self.text,
            "headline": None if "headline" in hide else self.headline,
            "published_at": None if "time" in hide else self.published_at,
            "publisher": None if "publisher" in hide else self.publisher,
        }


class Language:
    """Words by how common they are, names, and phrases that everybody uses."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.words = sorted({self._word() for _ in range(26_000)})
        draw.shuffle(self.words)
        self.names = sorted(
            {self._word().capitalize() + draw.choice(["", "son", "berg", "ton", "mere"]) for _ in range(9000)}
        )
        self.phrases = [[self.word() for _ in range(draw.randint(2, 5))] for _ in range(3000)]

    def _word(self) -> str:
        draw = self.draw
        return "".join(
            draw.choice(ONSETS) + draw.choice(VOWELS) + draw.choice(CODAS)
            for _ in range(draw.choice([1, 2, 2, 3]))
        )

    def word(self) -> str:
        """Return a word; the common ones come often."""
        return self.words[min(int(len(self.words) ** self.draw.random()), len(self.words) - 1)]

    def sentence(self, people: list[str]) -> str:
        """Return a sentence about some people."""
        words: list[str] = []
        for _ in range(self.draw.randint(3, 8)):
            kind = self.draw.random()
            if kind < 0.35:
                words += self.draw.choice(self.phrases)
            elif kind < 0.8:
                words += [self.word() for _ in range(self.draw.randint(1, 4))]
            elif kind < 0.93:
                words.append(self.draw.choice(people))
            else:
                words.append(self.number())
        return " ".join(words).capitalize() + "."

    def number(self) -> str:
        """Return a number as newspapers write it."""
        draw = self.draw
        return draw.choice(
            [
                str(draw.randint(2, 99)),
                f"{draw.randint(1, 99)}.{draw.randint(0, 9)}",
                f"{draw.randint(1, 900)},{draw.randint(0, 999):03}",
            ]
        )

    def story(self) -> tuple[str, list[str]]:
        """Return a headline and the sentences of a story."""
        people = self.draw.sample(self.names, self.draw.randint(3, 8))
        sentences = [
            self.sentence(people) for _ in range(max(6, min(70, int(self.draw.lognormvariate(3, 0.5)))))
        ]
        return f"{people[0]} {self.word()} {self.word()} {people[1]}", sentences


def _notices(language: Language, n_templates: int, n_notices: int) -> list[tuple[str, list[str], int]]:
    """Return headline, sentences and day of notices made from templates."""
    found = []
    for _ in range(n_templates):
        mould = [
            language.sentence(["{who}", "{place}"]).replace("{Who}", "{who}")
            for _ in range(language.draw.randint(3, 7))
        ]
        mould[0] = "{who} of {place} said on {day} it had set {a} for {b}. " + mould[0]
        for _ in range(n_notices):
            day = language.draw.randrange(60)
            values = {
                "who": f"{language.draw.choice(language.names)} {language.draw.choice(language.names)}",
                "place": language.draw.choice(language.names),
                "day": f"{day % 28 + 1}",
                "a": language.number(),
                "b": language.number(),
            }
            body = [_fill(sentence, values, language) for sentence in mould]
            found.append((f"Notice: {values['who']}", body, day))
    return found


def _fill(sentence: str, values: dict[str, str], language: Language) -> str:
    """Fill a mould in; its numbers are new each time."""
    for name, value in values.items():
        sentence = sentence.replace("{" + name + "}", value)
    return " ".join(
        language.number()
        if word.strip(".").replace(",", "").replace(".", "").isdigit() and language.draw.random() < 0.7
        else word
        for word in sentence.split()
    )


def _corpus(draw: random.Random, n_single: int, n_shared: int, vary, publishers: list[str]) -> list[Copy]:
    language = Language(draw)
    copies: list[Copy] = []

    def add(story: int, headline: str, text: str, at: datetime, publisher: str) -> None:
        copies.append(Copy(f"s{len(copies):06}", story, text, headline, at, publisher))

    numbers = iter(range(10**9))
    stand = vary(language)
    for _ in range(n_single):
        headline, sentences = language.story()
        at, publisher = START + timedelta(hours=draw.uniform(0, 1440)), draw.choice(publishers)
        add(next(numbers), headline, stand(sentences, publisher, whole=True), at, publisher)
    for headline, sentences, day in _notices(language, 15, 40):
        at, publisher = START + timedelta(days=day, hours=draw.uniform(6, 22)), draw.choice(publishers[:3])
        add(next(numbers), headline, stand(sentences, publisher, whole=True), at, publisher)
    for _ in range(n_shared):
        headline, sentences = language.story()
        story, at = next(numbers), START + timedelta(hours=draw.uniform(0, 1440))
        for _ in range(min(60, 1 + int(draw.paretovariate(1.1)))):
            publisher = draw.choice(publishers)
            add(
                story,
                headline,
                stand(sentences, publisher, whole=False),
                at + timedelta(hours=draw.expovariate(1 / 12)),
                publisher,
            )
    draw.shuffle(copies)
    return copies


def scans(seed: int, *, n_single: int = 3000, n_shared: int = 400, noise: float = 0.012) -> list[Copy]:
    """Return misread scans of newspapers that abridge what the wire sends."""
    draw = random.Random(seed)

    def vary(_: Language):
        def print_and_scan(sentences: list[str], _publisher: str, *, whole: bool) -> str:
            kept = sentences
            if not whole:
                kept = sentences[: max(4, round(len(sentences) * draw.choice([1, 1, 0.8, 0.6, 0.45])))]
                kept = [kept[0], *(sentence for sentence in kept[1:] if draw.random() > 0.06)]
            return "".join(_misread(letter, draw, noise) for letter in " ".join(kept))

        return print_and_scan

    return _corpus(draw, n_single, n_shared, vary, [f"Paper {number}" for number in range(60)])


def _misread(letter: str, draw: random.Random, noise: float) -> str:
    if letter == " " or draw.random() > noise:
        return letter
    kind = draw.random()
    if kind < 0.7:
        return MISREAD.get(letter.lower(), draw.choice("abcdeilnorstu"))
    return "" if kind < 0.85 else letter + draw.choice("abcdeilnorstu.,'")


def pages(seed: int, *, n_single: int = 3000, n_shared: int = 400) -> list[Copy]:
    """Return web pages of ten publishers, each with its own words before and after every text."""
    draw = random.Random(seed)
    publishers = [f"Site {number}" for number in range(10)]

    def vary(language: Language):
        before = {
            name: " ".join(language.sentence(["We"]) for _ in range(draw.randint(1, 2)))
            for name in publishers
        }
        after = {
            name: " ".join(language.sentence(["We"]) for _ in range(draw.randint(3, 6)))
            for name in publishers
        }

        def publish(sentences: list[str], publisher: str, *, whole: bool) -> str:
            kept = (
                sentences
                if whole
                else [sentences[0], *(text for text in sentences[1:] if draw.random() > 0.08)]
            )
            return "\n\n".join((before[publisher], " ".join(kept), after[publisher]))

        return publish

    return _corpus(draw, n_single, n_shared, vary, publishers)
