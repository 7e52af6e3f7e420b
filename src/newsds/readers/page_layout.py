"""Where the parts of an article are on a page that is plain text: headline, head, body, credit line, foot."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from newsds.dates import find_date
from newsds.readers.page_bylines import name_beside
from newsds.readers.page_endings import cut_body
from newsds.readers.page_headline import find_headline
from newsds.readers.page_lines import Line, find_body, find_sentences, is_furniture, line_scores, opening
from newsds.readers.page_marks import (
    has_reading_time,
    may_open_with_dateline,
    parse_notice,
    parse_section,
    parse_short_link,
    parse_tags,
)
from newsds.wire import Agency, Dateline, parse_byline, parse_credit_line, parse_dateline

__all__ = ["HEAD_LINES", "MIN_WORDS", "Layout", "LayoutFinder", "kind_of_line"]


class Layout(NamedTuple):
    """Where the parts of the article are: indices of lines."""

    headline: int | None
    #: Lines between headline and body.
    head: list[int]
    body: list[int]
    credit: int | None
    #: Lines below the body.
    foot: list[int]
    dateline: Dateline | None


#: Fewer words than these are no article beyond doubt.
MIN_WORDS = 25
#: The least that is kept as an article, with a doubt: words, or their share of the page's.
_FEW_WORDS, _LEAST_SHARE = 8, 0.25
#: The share of a page's words that are no doubt its article.
_SURE_SHARE = 0.5
#: How far from the body a line about the article may stand, in lines that are not blank.
HEAD_LINES, FOOT_LINES = 12, 24
#: Prose has this many words in a line and ends as a sentence does; below the byline it is the lead if it does not
#: look worse than this.
_LEAD_WORDS, _LEAD_SCORE, _SENTENCE_ENDS = 12, -1.5, frozenset('.!?"”’»)')
#: What an agency's dateline adds to the score of a line: it is the article's beyond doubt.
_DATELINE_BONUS = 4.0


class LayoutFinder:
    """Finds the layout of one page; `roles` has the lines of which that says what they are."""

    def __init__(self, lines: Sequence[Line], agencies: Sequence[Agency]) -> None:
        self.lines = lines
        self.agencies = agencies
        self.roles: dict[int, str] = {}
        #: Indices of the lines that are not blank.
        self.shown = [index for index, line in enumerate(lines) if line.text]
        #: Whether the article is the little that looks like one on a page that may hold none.
        self.is_doubtful = False

    def layout(self) -> Layout | None:
        """Return the layout, or None if the page holds no article."""
        scores = self._scores()
        whole = find_body(self.lines, scores)
        body = cut_body(self.lines, scores, whole)
        is_cut = body != whole
        if not _is_article([self.lines[index] for index in body]):
            body = self._sentences()
        headline = find_headline(self.lines, body) if body else None
        if headline is not None:
            below = [index for index in body if index > headline]
            headline, body = (headline, below) if below else (None, body)
        body, dateline = self._trim_to_dateline(self._without_head(body) or body)
        credit = self._credit(body)
        if credit is not None:
            body = self._up_to(credit, body)
        body = self._without_furniture(self._without_head(body) or body)
        if not body:
            return None
        body = self._with_lead(body, headline, scores)
        if headline == self.shown[0] and credit is None and not is_cut:
            body = self._with_ends(body, headline)
        if headline is not None:
            self.roles[headline] = "headline"
        above = [index for index in self.shown if (-1 if headline is None else headline) < index < body[0]]
        head = above[-HEAD_LINES:] if headline is None else above[:HEAD_LINES]
        return Layout(headline, head, body, credit, self.after(body[-1], FOOT_LINES), dateline)

    def _scores(self) -> list[float]:
        scores = line_scores(self.lines)
        for index in self.shown:
            line = self.lines[index]
            if line.n_words >= 8 and may_open_with_dateline(line.text):
                found = parse_dateline(line.text, agencies=self.agencies)
                scores[index] += _DATELINE_BONUS if found and found.agency_code else 0.0
        return scores

    def _sentences(self) -> list[int]:
        """Return the sentences of a page without much prose; few words, or few of all, are doubtful."""
        found = find_sentences(self.lines)
        n_words = self.count(found)
        share = n_words / max(1, self.count(self.shown))
        self.is_doubtful = n_words < MIN_WORDS or share < _SURE_SHARE
        return found if n_words >= _FEW_WORDS or share >= _LEAST_SHARE else []

    def count(self, indices: Iterable[int]) -> int:
        """Return the words of some lines."""
        return sum(self.lines[index].n_words for index in indices)

    def after(self, index: int, count: int) -> list[int]:
        """Return the next lines below a line that are not blank, at most so many."""
        return [later for later in self.shown if later > index][:count]

    def _trim_to_dateline(self, body: list[int]) -> tuple[list[int], Dateline | None]:
        """Let the body begin at its dateline if one of its first lines has one."""
        for position, index in enumerate(body[:6]):
            found = parse_dateline(self.lines[index].text, agencies=self.agencies)
            if found and (position == 0 or found.agency):
                return body[position:], found
        return body, None

    def _credit(self, body: Sequence[int]) -> int | None:
        """Return the credit line in the second half of the body or just below it."""
        late = body[len(body) // 2 :]
        for index in [*late, *(self.after(late[-1], 6) if late else [])]:
            if parse_credit_line(self.lines[index].text) is not None:
                self.roles[index] = "credit_line"
                return index
        return None

    def _up_to(self, credit: int, body: Sequence[int]) -> list[int]:
        """Let the body end at its credit line: what stands between them is the article's."""
        between = [
            index for index in self.shown if body[-1] < index < credit and self.lines[index].n_words >= 8
        ]
        return [index for index in body if index < credit] + between

    def _without_head(self, body: list[int]) -> list[int]:
        """Leave byline and date to the head where the body begins with them."""
        for index in body[:3]:
            line = self.lines[index]
            is_fragment = len(body) > 1 and kind_of_line(line, is_last=False) == "crosshead"
            if not is_fragment and (line.n_words > 14 or not self._is_head(line)):
                break
            body = body[1:]
        return body

    def _is_head(self, line: Line) -> bool:
        """Tell whether a line says something about the article: who, when, how long, where."""
        if parse_byline(line.text, agencies=self.agencies):
            return True
        found = find_date(line.text) if line.n_words <= 14 else None
        if found and (line.n_words <= 8 or name_beside(line.text, found, self.agencies)):
            return True
        return line.n_words <= 8 and (has_reading_time(line.text) or parse_short_link(line.text) is not None)

    def _with_lead(self, body: list[int], headline: int | None, scores: Sequence[float]) -> list[int]:
        """Let the body begin with the prose right below what is said about the article and right above it."""
        between = [index for index in self.shown if (-1 if headline is None else headline) < index < body[0]]
        lead: list[int] = []
        for index in reversed(between):
            line = self.lines[index]
            if self._is_head(line):
                return [*reversed(lead), *body]
            if not _is_prose(line) or scores[index] < _LEAD_SCORE:
                break
            lead.append(index)
        return body

    def _with_ends(self, body: list[int], headline: int) -> list[int]:
        """Return the body of a page that begins with its headline: all below it, where no line is furniture.

        Where there is furniture, prose alone that goes up to the headline or down to the end.
        """
        above = [index for index in self.shown if headline < index < body[0]]
        below = [index for index in self.shown if index > body[-1]]
        if not any(is_furniture(self.lines[index]) for index in self.shown[1:]):
            body = self._without_furniture(index for index in self.shown if index >= body[0])
        elif self._is_prose(below):
            body = [*body, *below]
        return [*above, *body] if self._is_prose(above) else body

    def _is_prose(self, indices: Iterable[int]) -> bool:
        return all(_is_prose(self.lines[index]) for index in indices)

    def _without_furniture(self, body: Iterable[int]) -> list[int]:
        return [index for index in body if index not in self.roles and not _is_foreign(self.lines[index])]


def _is_article(body: Sequence[Line]) -> bool:
    """Tell whether lines hold at least one sentence and enough words to be an article."""
    has_sentence = any(line.n_words >= 10 and not line.is_item for line in body)
    return has_sentence and sum(line.n_words for line in body) >= MIN_WORDS


def _is_prose(line: Line) -> bool:
    """Tell whether a line is long, ends as a sentence does, and is not foreign to a body."""
    return line.n_words >= _LEAD_WORDS and line.text[-1] in _SENTENCE_ENDS and not _is_foreign(line)


def _is_foreign(line: Line) -> bool:
    """Tell whether a line inside the body is none of its text: "Read more: ...", "Tags: ...", "© ..."."""
    if line.n_words > 30:
        return False
    if line.n_words <= 14 and opening(line.text) >= 2 and not line.text.endswith((".", "!", "”", '"')):
        return True
    return bool(parse_tags(line.text) or parse_section(line.text) or parse_notice(line.text))


def kind_of_line(line: Line, *, is_last: bool) -> str:
    """Return what kind of block a line of the body is."""
    if line.is_item:
        return "list_item"
    is_open = not line.text.endswith((".", ",", "!", ";", ".”", '."', ".’", ":", ".“", "!“"))
    is_title = line.n_words <= 10 and len(line.text) <= 90 and is_open
    return "crosshead" if is_title and not is_last else "paragraph"
