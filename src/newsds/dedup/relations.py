"""From measures to relations: a table of rules, read from the top."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from newsds.dedup.evidence import Evidence
from newsds.dedup.revisions import MARKS

__all__ = [
    "BRIEF",
    "CONDITIONS",
    "DIRECTED",
    "HEADLINED",
    "KINDS",
    "RULES",
    "SAME_ARTICLE",
    "Circumstances",
    "Rule",
    "View",
    "decide",
]

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

#: The relations; the place of one is its number in arrays. `none` is never published.
KINDS = (
    "none", "exact", "republication", "abridgement", "extension", "correction",
    "update", "excerpt", "digest", "template_sibling", "recurring",
)  # fmt: skip
#: Relations of copies of the same article; only these make clusters.
SAME_ARTICLE = frozenset({"exact", "republication", "abridgement", "extension", "correction"})
#: Relations in which `b` derives from `a`.
DIRECTED = frozenset({"abridgement", "extension", "correction", "update", "excerpt", "digest"})

# The thresholds; docs/explanation/deduplication.md gives the figure behind each.
#: Coverage of one text that makes it a part of the other.
PART = 0.85
#: Coverage of the better and of the worse covered text that makes them the same.
SAME, SAME_LESS = 0.70, 0.55
#: Coverage of the less covered text from which a copy is whole.
WHOLE = 0.80
#: Share of the lead of the longer text that a shorter version keeps.
LEAD = 0.60
#: Words below which texts must agree wholly, soon under the same headline too, and below which their headlines must not
#: contradict.
BRIEF, BRIEF_SOON, HEADLINED = 20, 16, 40
#: Share of the telling words of its headline that one of two short texts must share.
HEADLINES_AGREE = 0.8
#: The same where the texts are equal, as far as this share of each shows, and no lists of figures.
HEADLINES_SHARE, EQUAL = 0.1, 0.95
#: Share from which two headlines are one, and below which they tell of different things whatever the length.
HEADLINE_IS_SAME, HEADLINES_RELATE = 0.9, 0.5
#: Numbers for each word from which a text is a list of figures.
LIST = 0.12
#: Words that differ by a letter in texts that are not misread.
FEW_MISREAD = 2
#: Share of the names in both leads that may be strange to the other.
STRANGE = 0.36
#: Share of the aligned words that stand in rare shingles.
RARE_SHARE = 0.20
#: Share of the numbers that may differ, and that must be shared.
NUMBERS_DIFFER, NUMBERS_SHARED = 0.20, 0.75
#: Words below which no number may differ, unless the headline is the same.
FIGURED = 30
#: Numbers that may differ in a text of any length, and words for each of which one more may.
NUMBERS_AT_MOST, WORDS_PER_NUMBER = 2, 50
#: Share of the numbers of a story that its update keeps.
NUMBERS_REVISED = 0.5
#: Words for each of which one differing name is allowed.
WORDS_PER_NAME = 25
#: Hours within which a text can be written anew from the same facts.
FACTS_HOURS = 24.0
#: Hours within which a text is sent again, and within which it is sent anew in other words.
SOON_HOURS, ANEW_HOURS = 12.0, 4.0
#: Coverage of the better and of the worse covered text of those that are sent anew.
ANEW, ANEW_LESS = 0.60, 0.45
#: Share of the rare words of each that those share that are sent anew under no headline, or a related one.
ANEW_WORDS = 0.6
#: Coverage of the shorter of two texts and of the lead, share of its rare words, and numbers, none of which may differ,
#: of a text that is shortened in other words.
CUT, CUT_WORDS, CUT_NUMBERS = 0.70, 0.8, 2
#: Hours beyond which a short text, of at most so many words, is a copy only word for word: bulletins recur.
DAY_HOURS, BULLETIN = 24.0, 60
#: Hours beyond which other figures under the same headline are those of another day.
RECURS_HOURS = 20.0
#: Hours beyond which one of the texts must be covered so far.
LATE_HOURS, LATE = 48.0, 0.9


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """What is known of pairs besides their texts."""

    #: Hours from `a` to `b`, not negative; NaN where a date is not known.
    hours: Floats
    #: Marks of both versions, places in `MARKS`.
    mark_a: Ints
    mark_b: Ints
    #: Numbers of both versions, as their headlines say; 0 where they say nothing.
    number_a: Ints
    number_b: Ints
    #: Share of the telling words and numbers of the headlines that both have, of the one that has more of its own
    #: where both have some; NaN where one has none.
    headline: Floats
    #: Whether the texts have titles instead of headlines, and both titles have words of their own.
    titles_differ: Flags
    window_hours: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One line of the table; the first whose condition holds decides."""

    #: Public identifier, stored with each relation.
    name: str
    kind: str
    holds: Callable[["View"], Flags]


@dataclass(frozen=True, kw_only=True)
class View:
    """The measures of pairs under the names the rules use."""

    e: Evidence
    c: Circumstances

    @property
    def noise(self) -> Floats:
        """Share of the aligned words that are misread."""
        return self.e.n_garbled / np.maximum(self.e.n_aligned, 1)

    @property
    def more(self) -> Floats:
        """Coverage of the better covered text; where words are misread, as many again are lost."""
        return np.maximum(self.e.coverage_a, self.e.coverage_b) + self.noise

    @property
    def less(self) -> Floats:
        """Coverage of the other text."""
        return np.minimum(self.e.coverage_a, self.e.coverage_b) + self.noise

    @property
    def n(self) -> Ints:
        """Words of the shorter text."""
        return np.minimum(self.e.n_a, self.e.n_b)

    @property
    def far(self) -> Flags:
        """Whether the texts lie further apart than the window."""
        return self.c.hours > self.c.window_hours

    @property
    def has_same_numbers(self) -> Flags:
        """Whether the texts have the same numbers, but for what noise explains."""
        n_numbers = np.minimum(self.e.numbers_a, self.e.numbers_b)
        # A plural looks like a misreading, and excuses no number.
        slack = 3 * np.maximum(self.e.n_garbled - FEW_MISREAD, 0) / np.maximum(self.e.n_aligned, 1)
        most = np.maximum(NUMBERS_AT_MOST, self.n / WORDS_PER_NUMBER) + slack * n_numbers
        most = np.minimum(most, (NUMBERS_DIFFER + slack) * n_numbers + (slack > NUMBERS_DIFFER))
        shared = self.e.numbers_shared >= (NUMBERS_SHARED - slack) * n_numbers - self.is_resent
        is_brief = (self.n < FIGURED) & ~(self.c.headline >= HEADLINE_IS_SAME)
        return shared & (
            self.e.number_conflicts <= np.where(is_brief, slack * n_numbers, np.maximum(most, self.is_resent))
        )

    @property
    def is_soon(self) -> Flags:
        """Whether the second text follows soon under the same headline."""
        return (self.c.hours <= SOON_HOURS) & (self.c.headline >= HEADLINE_IS_SAME)

    @property
    def is_resent(self) -> Flags:
        """Whether a text of some length was sent again soon under the same headline: one number may be mended."""
        return self.is_soon & (self.n >= BULLETIN)

    @property
    def has_same_names(self) -> Flags:
        """Whether the texts have the same names, in their leads above all; a headline that says so allows for more."""
        few = self.e.name_conflicts <= self.n * ((1 + self.is_soon) / WORDS_PER_NAME + self.noise / 4)
        return few & (self.e.strange <= STRANGE + self.noise) & ~self.subjects_differ

    @property
    def subjects_differ(self) -> Flags:
        """Whether each text begins with names that the other has nowhere, and their headlines do not agree."""
        return (self.e.other_subjects > 0) & ~(self.c.headline >= HEADLINES_AGREE)

    @property
    def is_in_time(self) -> Flags:
        """Whether the texts lie near enough for how much they differ."""
        is_repeat = np.maximum(self.c.mark_a, self.c.mark_b) >= MARKS.index("repeat")
        is_other_day = (self.c.hours > DAY_HOURS) & (self.n < BULLETIN) & (self.e.n_replaced > 0) & ~is_repeat
        return ~is_other_day & ~((self.c.hours > LATE_HOURS) & (self.more < LATE))

    @property
    def is_long_enough(self) -> Flags:
        """Whether the texts are long enough to differ in a word, or agree in all; in figures soon under one headline."""
        n_numbers = np.minimum(self.e.numbers_a, self.e.numbers_b)
        same_numbers = (self.e.numbers_shared == n_numbers) & (self.e.number_conflicts == 0)
        in_figures = same_numbers & (n_numbers >= CUT_NUMBERS) & (self.less >= SAME)
        in_words = self.e.n_replaced == 0
        soon = self.is_soon & (in_words | in_figures | (self.n >= BRIEF_SOON))
        return (self.n >= BRIEF) | in_words & (self.less >= EQUAL) | soon

    @property
    def agrees(self) -> Flags:
        """Whether nothing keeps the texts apart."""
        same = self.has_same_numbers & self.has_same_names
        return self.is_rare & same & self.is_long_enough & self.is_in_time & ~self.headlines_differ

    @property
    def is_rare(self) -> Flags:
        """Whether what the texts share is not what a template or a publisher repeats."""
        return self.e.n_rare >= RARE_SHARE * self.e.n_aligned

    @property
    def headlines_differ(self) -> Flags:
        """Whether two short texts stand under headlines about different things, or lists of figures under two titles."""
        is_list = np.minimum(self.e.numbers_a, self.e.numbers_b) >= LIST * self.n
        is_equal = (self.less >= EQUAL) & (self.e.number_conflicts + self.e.name_conflicts == 0)
        agree = np.where(is_equal & (self.n >= BRIEF) & ~is_list, HEADLINES_SHARE, HEADLINES_AGREE)
        return (self.n < HEADLINED) & (self.c.headline < agree) | is_list & self.c.titles_differ

    @property
    def is_corrected(self) -> Flags:
        """Whether one of the two says that it corrects or withdraws."""
        strongest = np.maximum(self.c.mark_a, self.c.mark_b)
        return strongest >= MARKS.index("correction")

    @property
    def is_updated(self) -> Flags:
        """Whether the second headline says that it updates the first text, and the texts differ in more than a few words."""
        return (self.c.number_b > self.c.number_a) & (self.less < WHOLE) & ~self.headlines_differ

    @property
    def is_part(self) -> Flags:
        """Whether one text is most of a shorter or longer version: it keeps the lead."""
        return (self.more >= PART) & (self.e.lead + self.noise >= LEAD)

    @property
    def is_same(self) -> Flags:
        """Whether both texts are mostly the same."""
        return (self.more >= SAME) & (self.less >= SAME_LESS)

    @property
    def is_sent_anew(self) -> Flags:
        """Whether a text was sent anew soon, in other words: under the same headline, or with most of its rare words."""
        words = np.minimum(self.e.words_a, self.e.words_b)
        says_so = self.is_soon | ~(self.c.headline < HEADLINES_RELATE) & (words >= ANEW_WORDS)
        return says_so & (self.c.hours <= ANEW_HOURS) & (self.more >= ANEW) & (self.less >= ANEW_LESS)

    @property
    def is_cut_anew(self) -> Flags:
        """Whether a text was sent soon, shortened or lengthened in other words: with its lead, rare words and numbers."""
        n_numbers = np.minimum(self.e.numbers_a, self.e.numbers_b)
        is_whole = (self.e.numbers_shared == n_numbers) & (
            self.e.number_conflicts + self.e.name_conflicts == 0
        )
        words = np.maximum(self.e.words_a, self.e.words_b)
        keeps = (self.more >= CUT) & (self.e.lead >= CUT) & (words >= CUT_WORDS) & (n_numbers >= CUT_NUMBERS)
        return keeps & is_whole & (self.c.hours <= SOON_HOURS) & ~(self.c.headline < HEADLINES_RELATE)

    @property
    def has_same_facts(self) -> Flags:
        """Whether the texts share all their numbers, four or more, and most of their rare words."""
        n_numbers = np.minimum(self.e.numbers_a, self.e.numbers_b)
        words = np.minimum(self.e.words_a, self.e.words_b)
        same = (
            (n_numbers >= 4)
            & (self.e.numbers_shared == n_numbers)
            & (self.e.number_conflicts + self.e.name_conflicts == 0)
        )
        return same & (words >= 0.7) & (self.more >= 0.6) & ~(self.c.hours > FACTS_HOURS)

    @property
    def shares_much(self) -> Flags:
        """Whether a passage of some length is shared, beyond chance."""
        return (self.e.longest >= 25) & (np.maximum(self.e.words_a, self.e.words_b) >= 0.3)

    @property
    def shares_a_third(self) -> Flags:
        """Whether what is shared is a good part of one of the texts."""
        return self.shares_much & (np.maximum(self.e.coverage_a, self.e.coverage_b) >= 0.3)

    @property
    def is_of_one_story(self) -> Flags:
        """Whether neither mould, names nor figures of another day say that the texts tell of different things."""
        recurs = (self.c.hours > RECURS_HOURS) & (self.c.headline >= HEADLINE_IS_SAME)
        return self.is_rare & ~self.subjects_differ & ~(recurs & (self.e.number_conflicts > 0))

    @property
    def is_revised(self) -> Flags:
        """Whether most of a story is there again, with the same names and some of the same numbers."""
        n_numbers = np.minimum(self.e.numbers_a, self.e.numbers_b)
        same = (self.e.numbers_shared >= NUMBERS_REVISED * n_numbers) & (self.e.strange <= STRANGE)
        words = np.maximum(self.e.words_a, self.e.words_b)
        likely = same & self.shares_much & (words >= 0.6) & (self.n >= HEADLINED)
        return likely & self.is_rare & ~self.subjects_differ


def _b_is_longer(view: View) -> Flags:
    return view.e.n_b > view.e.n_a


def _is_version(view: View) -> Flags:
    return (view.is_same | view.is_part) & view.agrees


RULES = (
    Rule(
        name="recurring-text",
        kind="recurring",
        holds=lambda v: v.far & (v.less >= EQUAL) & (v.e.n_replaced == 0),
    ),
    Rule(name="far-template", kind="template_sibling", holds=lambda v: v.far & (v.less >= 0.6)),
    Rule(name="far", kind="none", holds=lambda v: v.far),
    Rule(
        name="correction-mark",
        kind="correction",
        holds=lambda v: (
            v.is_corrected & ~v.headlines_differ & ((v.more >= SAME) & (v.less >= 0.5) | v.is_part)
        ),
    ),
    Rule(
        name="update-mark",
        kind="update",
        holds=lambda v: (
            v.is_updated & (v.is_same | v.is_part | v.is_revised | v.shares_a_third & v.is_of_one_story)
        ),
    ),
    Rule(
        name="contained-elsewhere",
        kind="digest",
        holds=lambda v: (v.more >= PART) & (v.less < 0.5) & (v.e.lead + v.noise < LEAD) & v.agrees,
    ),
    Rule(
        name="one-figure-changed",
        kind="correction",
        holds=lambda v: (
            (v.less >= 0.9)
            & (v.e.number_conflicts == 1)
            & np.where(v.agrees, v.e.n_replaced == 1, v.n >= 100)
        ),
    ),
    Rule(name="whole-text", kind="republication", holds=lambda v: _is_version(v) & (v.less >= WHOLE)),
    Rule(
        name="longer-version", kind="extension", holds=lambda v: _is_version(v) & _b_is_longer(v) & v.is_part
    ),
    Rule(name="shorter-version", kind="abridgement", holds=lambda v: _is_version(v) & v.is_part),
    Rule(name="same-text", kind="republication", holds=_is_version),
    Rule(
        name="longer-anew",
        kind="extension",
        holds=lambda v: v.is_cut_anew & v.agrees & ~v.is_sent_anew & _b_is_longer(v),
    ),
    Rule(name="shorter-anew", kind="abridgement", holds=lambda v: v.is_cut_anew & v.agrees & ~v.is_sent_anew),
    Rule(name="sent-anew", kind="republication", holds=lambda v: v.is_sent_anew & v.agrees),
    Rule(
        name="same-facts",
        kind="republication",
        holds=lambda v: v.has_same_facts & ~v.headlines_differ & ~v.subjects_differ,
    ),
    Rule(name="same-story-revised", kind="update", holds=lambda v: v.is_revised),
    Rule(
        name="same-mould",
        kind="template_sibling",
        holds=lambda v: (v.more >= 0.6) & (v.less >= 0.45) & ~v.agrees,
    ),
    Rule(
        name="same-story-later",
        kind="update",
        holds=lambda v: v.shares_a_third & v.is_of_one_story,
    ),
    Rule(
        name="same-mould-in-part",
        kind="template_sibling",
        holds=lambda v: v.shares_a_third & (v.e.number_conflicts + v.e.name_conflicts > 0),
    ),
    Rule(name="shared-passage", kind="excerpt", holds=lambda v: v.shares_much),
    # Never of a pair alone: given where both are copies of a third text, and differ in no fact.
    Rule(name="copies-of-a-third", kind="republication", holds=lambda v: np.zeros_like(v.far)),
)


#: What must hold of two copies of one article, in words; of the first two, one is enough.
CONDITIONS: tuple[tuple[str, Callable[[View], Flags]], ...] = (
    (f"each text has {SAME_LESS:.0%} of the other, one has {SAME:.0%}", lambda v: v.is_same),
    (f"one text has {PART:.0%} of the other and keeps its lead", lambda v: v.is_part),
    ("they lie within the window", lambda v: ~v.far),
    ("what they share is not what a template or a publisher repeats", lambda v: v.is_rare),
    ("they have the same numbers", lambda v: v.has_same_numbers),
    ("they have the same names", lambda v: v.has_same_names),
    ("they are long enough, or agree in every word", lambda v: v.is_long_enough),
    ("their headlines do not contradict each other, or they are long", lambda v: ~v.headlines_differ),
    ("the further apart, the more they agree", lambda v: v.is_in_time),
)


def decide(evidence: Evidence, circumstances: Circumstances) -> tuple[Ints, Ints]:
    """Return the number of the kind and of the rule of each pair; kind 0 is no relation."""
    view = View(e=evidence, c=circumstances)
    rule = np.full(len(evidence), -1, np.int64)
    for number, line in enumerate(RULES):
        rule[(rule < 0) & line.holds(view)] = number
    kinds = np.array([KINDS.index(line.kind) for line in RULES] + [0], np.int64)
    return kinds[rule], rule
