"""Rules on the whole set: duplicate ids, foreign stories, standing texts, length pile-ups, exact copies."""

from collections.abc import Iterator

import numpy as np

from newsds.checks.census import Census, Ints, group_sizes
from newsds.checks.rule import Hit, Rule

__all__ = ["RULES"]

#: Records with other headlines that must share a paragraph before it is foreign.
MIN_OTHERS = 3
#: Share of the body in such paragraphs.
FOREIGN_SHARE = 0.5
#: Share of the headline's words that makes a paragraph the article's own.
OWN_STORY = 0.5
#: Of a pile-up: bodies a publisher must have, characters below the longest, records, and their share.
MIN_BODIES, PILE_WIDTH, MIN_PILE, PILE_SHARE = 20, 3, 10, 0.05

SetHits = Iterator[tuple[int, Hit]]


def _groups(keys: Ints, numbers: Ints) -> Iterator[Ints]:
    """Yield the numbers that share a key with others, in the order given."""
    by_key = np.argsort(keys[numbers], kind="stable")
    bounds = np.flatnonzero(np.diff(keys[numbers][by_key])) + 1
    groups = [group for group in np.split(by_key, bounds) if len(group) > 1]
    yield from (numbers[group] for group in sorted(groups, key=lambda group: int(group[0])))


def unique_id(census: Census) -> SetHits:
    """An identifier belongs to one record; the first by place keeps it."""
    for first, *others in _groups(census.id, census.order[census.id[census.order] != 0]):
        for other in others:
            yield int(other), Hit("/id", f"the id is also that of {census.place(first)}")


def exact_copy(census: Census) -> SetHits:
    """A body of 25 words or more is in the set once; the first by place keeps it."""
    long = census.order[(census.traits[census.order] & 1) == 1]
    for first, *others in _groups(census.body, long):
        for other in others:
            if census.id[other] != census.id[first]:
                message = f"the same body as {census.ids[first] or 'a record'} ({census.place(first)})"
                yield int(other), Hit("/body", message)


def _shared(census: Census) -> Ints:
    """Return the paragraphs that enough records with other headlines and other bodies have."""
    entries = np.flatnonzero(group_sizes([census.paragraph]) > MIN_OTHERS)
    owner, text = census.paragraph_record[entries], census.paragraph[entries]
    headline, body = census.headline[owner], census.body[owner]
    others = (
        group_sizes([text])
        - group_sizes([text, headline])
        - group_sizes([text, body])
        + group_sizes([text, headline, body])
    )  # fmt: skip
    return entries[others >= MIN_OTHERS]


def _tells_headline(census: Census, entries: Ints) -> Ints:
    """Tell for each record whether one of these paragraphs holds enough words of its headline."""
    most = np.zeros(len(census.ids), dtype=np.uint8)
    np.maximum.at(most, census.paragraph_record[entries], census.paragraph_words[entries])
    return most >= np.maximum(1, OWN_STORY * census.n_headline_words)


def own_story(census: Census) -> SetHits:
    """The body tells the story of its headline, not the stories of other records."""
    shared = _shared(census)
    owner = census.paragraph_record[shared]
    foreign = np.bincount(owner, weights=census.paragraph_chars[shared], minlength=len(census.ids))
    share = foreign / np.maximum(1, census.n_chars)
    for number in np.flatnonzero((share > FOREIGN_SHARE) & ~_tells_headline(census, shared)):
        words = f"stands in {MIN_OTHERS} or more records with other headlines"
        yield int(number), Hit("/body", f"{share[number]:.0%} of the body {words}")


def own_text(census: Census) -> SetHits:
    """No text stands under many headlines of one publisher."""
    is_own = _tells_headline(census, np.arange(len(census.paragraph)))
    known = np.flatnonzero((census.publisher != 0) & (census.body != 0))
    publisher, body, headline = census.publisher[known], census.body[known], census.headline[known]
    n_others = group_sizes([publisher, body]) - group_sizes([publisher, body, headline])
    for number, n in zip(known, n_others, strict=True):
        if n >= MIN_OTHERS and not is_own[number]:
            message = f"the same body stands under other headlines of this publisher, {n:,} times"
            yield int(number), Hit("/body", message)


def natural_length(census: Census) -> SetHits:
    """Bodies are not cut at one length."""
    order = census.order
    known = order[(census.publisher[order] != 0) & (census.n_chars[order] > 0)]
    for numbers in _groups(census.publisher, known):
        # Copies of one long article are no pile-up.
        _, first = np.unique(census.body[numbers], return_index=True)
        lengths = census.n_chars[numbers]
        longest = int(lengths.max())
        is_cut = (lengths >= longest - PILE_WIDTH) & (census.traits[numbers] >= 2)
        n = int(is_cut[first].sum())
        if len(first) >= MIN_BODIES and n >= MIN_PILE and n > PILE_SHARE * len(first):
            message = f"{n:,} of {len(first):,} bodies of this publisher break off at {longest:,} characters"
            yield from ((int(number), Hit("/body", message)) for number in numbers[is_cut])


RULES = (
    Rule(
        code="NDS101",
        name="duplicate-id",
        level="error",
        scope="set",
        summary="Two records have the same id.",
        why="Joins, splits and corrections by id then hit the wrong record. The first by place is not "
        "reported.",
        bad="two records nds:00…01",
        good="nds:00…01 and nds:00…02",
        fix="leave one out, or give each copy its own id",
        check=unique_id,
    ),
    Rule(
        code="NDS302",
        name="foreign-story",
        level="error",
        scope="set",
        summary="Most of the body belongs to the stories of other records.",
        why="Infinite scroll and recirculation: in half of one year of a public corpus. More than "
        "half of the characters stand in paragraphs of at least 60 characters that at least three "
        "records with another headline and another body have too, and none of these holds half of "
        "the headline's words: copies and updates of one story share them.",
        bad="four headlines, each followed by the same three stories",
        good="each headline with its own story",
        fix="extract the pages again; leave the records out",
        check=own_story,
    ),
    Rule(
        code="NDS308",
        name="standing-text",
        level="error",
        scope="set",
        summary="One text stands as the body under many headlines of one publisher.",
        why="A comment policy or an about box was taken for the article. Three other headlines, and "
        "no paragraph that holds half of the headline's words.",
        bad="“Comments are moderated …” as the body of four articles",
        good="four bodies",
        fix="extract the pages again",
        check=own_text,
    ),
    Rule(
        code="NDS312",
        name="length-pile-up",
        level="error",
        scope="set",
        summary="Many bodies of a publisher break off at one length.",
        why="An interface cut them. Of at least 20 different bodies more than 5 %, and at least ten, "
        "are within 3 characters of the longest and do not end as a sentence does: briefs of a "
        "fixed size pass.",
        bad="ten bodies of 450 characters that end in the middle of a word",
        good="bodies of their natural length",
        fix="fetch the whole texts",
        check=natural_length,
    ),
    Rule(
        code="NDS601",
        name="exact-copy",
        level="warning",
        scope="set",
        summary="The same body stands under different ids.",
        why="Of Reuters' copy 8 % of the records do. Under a random split they leak from train to "
        "test. 25 words or more; the first by place is not reported.",
        bad="one text under two ids",
        good="one text under one id",
        fix="newsds dedupe says which copy to keep; split by cluster",
        check=exact_copy,
    ),
)
