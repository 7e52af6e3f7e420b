"""Which line above the body is the headline."""

import re
from bisect import bisect_right as bisect
from collections import Counter
from collections.abc import Sequence

from newsds.dates import find_date
from newsds.later import later_pattern
from newsds.readers.page_lines import Line, opening
from newsds.wire import parse_byline

__all__ = ["candidates", "find_headline", "observe_candidate", "without_site"]

#: How many lines above the body are looked at, and how many lines of the body itself.
_ABOVE, _INSIDE = 45, 4
_LOOK = 2000

_WORD = later_pattern(r"[^\W_]{3,}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}")
_BY_OR_DATE = later_pattern(
    r"(?:by|von|par|por|di|door|av|af|author|autor|text|texte|published|updated|posted|publié|"
    r"veröffentlicht|publicado|pubblicato|aktualisiert|mis à jour|actualizado)\b[:\s]|"
    r".{0,60}?(?:\b(?:19|20)\d\d\b|\d{1,2}:\d\d|\bmin(?:ute)?s? (?:read|de lecture)|\b(?:hours?|days?|"
    r"minutes?) ago\b|lesezeit|年\d)",
    re.IGNORECASE,
)
_NO_TITLE = ("©", "|", "@", "http", "photo", "getty", "image", "foto")
_SITE_TAIL = later_pattern(r"\s{1,3}(?:[|–—•·»]|-|::?)\s{1,3}[^|–—]{1,60}$")


def candidates(lines: Sequence[Line], body: Sequence[int]) -> list[int]:
    """Return the indices of the lines that could be the headline of a body."""
    shown = [index for index, line in enumerate(lines) if line.text]
    first = shown.index(body[0])
    near = shown[max(0, first - _ABOVE) : first] + list(body[:_INSIDE])
    fit = [index for index in near if 2 <= lines[index].n_words <= 40 and len(lines[index].text) <= 400]
    return [index for index in fit if not _is_about(lines[index])] or fit


def _is_about(line: Line) -> bool:
    """Tell whether a line is a byline, or opens with a date."""
    text = line.text
    if line.n_words <= 8 and parse_byline(text) is not None:
        return True
    found = find_date(text[:60]) if any(map(str.isdigit, text[:16])) else None
    return found is not None and text.startswith(found.raw)


def without_site(title: str, lines: Sequence[Line]) -> str:
    """Return a title without the name of the site behind it, if that name is a line of the page."""
    match = _SITE_TAIL.search(title)
    tail = match.group().strip(" |–—•·»:-").casefold() if match else ""
    is_site = bool(tail) and any(line.text.casefold() == tail for line in lines)
    return title[: match.start()] if match and is_site and match.start() >= 12 else title


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


class _Scene:
    """What is needed to look at every candidate of a page once."""

    def __init__(self, lines: Sequence[Line], body: Sequence[int]) -> None:
        self.lines = lines
        self.body = body
        self.shown = [index for index, line in enumerate(lines) if line.text]
        self.places = {index: place for place, index in enumerate(self.shown)}
        self.vocabulary = set(_words(" ".join(lines[index].text[:_LOOK] for index in body[:40])))
        self.counts = Counter(lines[index].text for index in self.shown)
        self.first = lines[self.shown[0]].text[:400].lower()
        self.has_blanks = len(self.shown) < 0.9 * len(lines)
        self._credits: dict[int, bool] = {}

    def is_credit(self, place: int) -> bool:
        """Tell whether the line at a place names a writer or a time."""
        if place not in self._credits:
            text = self.lines[self.shown[place]].text
            self._credits[place] = len(text) < 140 and _BY_OR_DATE.match(text) is not None
        return self._credits[place]


def observe_candidate(scene: _Scene, index: int) -> tuple[int, ...]:
    """Return the features of a candidate; each is a place in its row of `WEIGHTS`."""
    line, place = scene.lines[index], scene.places[index]
    text = line.text
    words = _words(text)
    share = sum(word in scene.vocabulary for word in words) / max(1, len(words))
    distance = scene.places[scene.body[0]] - place
    below = range(place + 1, min(place + 5, len(scene.shown)))
    follows = next((step for step, later in enumerate(below) if scene.is_credit(later)), 4)
    title = text.lower()
    echo = (
        0
        if place == 0 or len(title) < 12
        else 2
        if scene.first.startswith(title[:60])
        else 1
        if title[:30] in scene.first
        else 0
    )
    return (
        bisect((3, 4, 5, 6, 8, 11, 15, 19, 25), line.n_words),
        bisect((0.01, 0.2, 0.34, 0.5, 0.67, 0.8, 0.99), share) + (8 if len(words) >= 5 else 0),
        bisect((-1, 0, 1, 2, 3, 4, 6, 9, 13, 20, 32), distance),
        0 if not scene.has_blanks else 1 + line.is_alone,
        1
        if text.endswith(".")
        else 2
        if text.endswith(("?", "!"))
        else 3
        if text.endswith((":", ",", "...", "…"))
        else 0,
        1 + (line.indent > 3) if line.is_item else 0,
        opening(text),
        follows,
        echo + (3 if scene.counts[text] > 1 else 0),
        1 if place == 0 else 2 if place < 4 else 0,
        1 if text.isupper() else 0,
        1 if any(word in title for word in _NO_TITLE) else 0,
        1 if place == 0 and _SITE_TAIL.search(text) else 0,
    )


#: Points for each place of each feature: a logistic regression over the candidates on 584 dumps of pages.
WEIGHTS: tuple[tuple[float, ...], ...] = (
    # words
    (-1.83, -0.94, -0.47, -0.38, 0.37, 1.34, 1.32, 1.06, 0.36, -0.92),
    # share of words that the body has too (short, long)
    (-1.64, 0, -0.93, 0, -0.5, -0.17, 0, 0.41, -1.18, -1.38, -1.43, 0.15, 1.01, 2.08, 2.11, 1.37),
    # lines above the body
    (-1.6, -0.88, -0.38, 0.11, 0.92, 0.19, 0.84, 0.9, 0.41, 0.08, -0.04, -0.65),
    # alone between blanks
    (-0.32, -0.92, 1.12),
    # last mark
    (1.32, -1.18, 0.4, -0.65),
    # list item
    (0.57, -0.36, -0.33),
    # furniture opening
    (0.85, -0.54, -0.28, -0.15),
    # lines until a byline or date
    (0.06, 0.61, 0.26, -0.05, -1),
    # beginning of the first line, repeated
    (-2.28, 0.61, 1.82, -1.2, -0.37, 1.3),
    # first lines of the page
    (-0.62, 0.69, -0.18),
    # capitals
    (0.28, -0.39),
    # addresses, photo credits
    (0.57, -0.68),
    # first line with the site's name behind it
    (0.96, -1.07),
)  # fmt: skip


def find_headline(lines: Sequence[Line], body: Sequence[int]) -> int | None:
    """Return the index of the line that is the headline, or None if nothing above the body can be one."""
    found = candidates(lines, body)
    if not found:
        return None
    scene = _Scene(lines, body)
    best = max(
        found,
        key=lambda index: (sum(map(tuple.__getitem__, WEIGHTS, observe_candidate(scene, index))), index),
    )
    top = scene.shown[0]
    is_lead_of_bare_page = scene.places[best] == 1 and _is_sentence(lines[best]) and top in found
    return top if is_lead_of_bare_page and not _is_sentence(lines[top]) else best


def _is_sentence(line: Line) -> bool:
    return line.n_words > 4 and line.text.endswith((".", '."', ".”", ".'", ".’"))
