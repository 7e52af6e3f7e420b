"""Rules on the whole set: duplicate ids and addresses, foreign stories, standing texts, exact copies."""

from typing import TYPE_CHECKING, Any

from newsds.checks.census import MIN_PARAGRAPH, NO_TIME, Census, group_sizes
from newsds.checks.ledger import Ints, iter_parts
from newsds.checks.rule import Hit, Rule, SetHits
from newsds.checks.traits import CUT, LONG
from newsds.later import later_module

if TYPE_CHECKING:
    import numpy as np
else:
    np = later_module("numpy")

__all__ = ["RULES", "group_of", "mixed"]

#: Records with other headlines that must share a paragraph before it is foreign.
MIN_OTHERS = 3
#: Share of the body in such paragraphs.
FOREIGN_SHARE = 0.5
#: Share of the headline's words that makes a paragraph the article's own.
OWN_STORY = 0.5
#: Of a pile-up: bodies a publisher must have, characters below the longest, records, and their share.
MIN_BODIES, PILE_WIDTH, MIN_PILE, PILE_SHARE = 20, 3, 10, 0.05
#: Lines looked at at once where nothing is grouped.
CHUNK = 1_000_000


def mixed(*keys: Ints) -> Ints:
    """Return one key of several; 0 only where the first is 0."""
    total = np.array(keys[0], dtype=np.uint64)
    is_null = total == 0
    with np.errstate(over="ignore"):
        for key in keys[1:]:
            total = ((total ^ (total >> np.uint64(29))) + key.astype(np.uint64)) * np.uint64(
                0x9E3779B97F4A7C15
            )
            total ^= total >> np.uint64(32)
    return np.where(is_null, np.uint64(0), total | np.uint64(1))


def group_of(*keys: Any) -> str:
    """Return the name of a group of records that have these keys in common."""
    return "-".join(f"{int(key):016x}" for key in keys)


def unique_id(census: Census) -> SetHits:
    """An identifier belongs to one record; the first by place keeps it."""
    for first, *others in census.groups(census.id):
        for other in others:
            message = f"the id is also that of {census.place(first)}"
            yield int(other), Hit("/id", message, group=group_of(census.id[first]))


def exact_copy(census: Census) -> SetHits:
    """A body of 25 words or more is in the set once; the first by place keeps it."""
    for first, *others in census.groups(census.body, among=(census.traits & LONG) > 0):
        for other in others:
            if census.id[other] != census.id[first]:
                message = f"the same body as {census.ids[first] or 'a record'} ({census.place(first)})"
                yield int(other), Hit("/body", message, group=group_of(census.body[first]))


def _are_versions(census: Census, one: Any, other: Any) -> bool:
    """Tell whether two records of one page were taken at different times and have different texts."""
    return bool(census.capture[one] != census.capture[other] and census.body[one] != census.body[other])


def one_address(census: Census) -> SetHits:
    """An address is that of one record, or of several versions; the first by place keeps it."""
    for first, *others in census.groups(census.url):
        for other in others:
            if census.id[other] == census.id[first]:
                continue
            if _are_versions(census, first, other):
                message = f"another version of the page of {census.place(first)}"
                yield int(other), Hit("/url", message, level="info", group=group_of(census.url[first]))
            else:
                message = f"the address is also that of {census.place(first)}"
                yield int(other), Hit("/url", message, group=group_of(census.url[first]))


def one_story(census: Census) -> SetHits:
    """A wire story is in the set once; of copies with one story number that share text, the first by place."""
    for first, *others in census.groups(census.story):
        own = census.lines_of(first)
        for other in others:
            shares_text = len(np.intersect1d(own, census.lines_of(other))) > 0
            if census.id[other] != census.id[first] and (
                shares_text or census.headline[other] == census.headline[first]
            ):
                message = f"has the story number of {census.ids[first] or 'a record'} ({census.place(first)})"
                yield int(other), Hit("/url", message, group=group_of(census.story[first]))


def one_headline_a_day(census: Census) -> SetHits:
    """A publisher uses a headline once a day; the first by place keeps it."""
    day = census.minute // 1440
    keys = mixed(census.publisher, census.headline, day)
    has_text = (census.minute != NO_TIME) & (census.body != 0) & (census.n_headline_words > 0)
    for first, *others in census.groups(keys, among=has_text):
        for other in others:
            if census.body[other] != census.body[first]:
                message = f"the headline of another text of the same day ({census.place(first)})"
                yield int(other), Hit("/headline", message, group=group_of(keys[first]))


def _is_shared(census: Census, entries: Ints) -> Ints:
    """Tell for each line whether enough records with other headlines and other bodies have it."""
    owner, text = census.line_record[entries], census.line_text[entries]
    headline, body = census.bare_headline[owner], census.body[owner]
    others = (
        group_sizes([text])
        - group_sizes([text, headline])
        - group_sizes([text, body])
        + group_sizes([text, headline, body])
    )  # fmt: skip
    return others >= MIN_OTHERS


def _tells_headline(census: Census, most: Ints) -> Ints:
    """Tell for each record whether one of its paragraphs holds enough words of its headline."""
    return most >= np.maximum(1, OWN_STORY * census.n_headline_words)


def own_story(census: Census) -> SetHits:
    """The body tells the story of its headline, not the stories of other records."""
    foreign = np.zeros(len(census), dtype=np.int64)
    most = np.zeros(len(census), dtype=np.uint8)
    for part in iter_parts(census.line_text):
        long = part[census.line_chars[part] >= MIN_PARAGRAPH]
        common = long[group_sizes([census.line_text[long]]) > MIN_OTHERS]
        shared = common[_is_shared(census, common)]
        np.add.at(foreign, census.line_record[shared], census.line_chars[shared])
        np.maximum.at(most, census.line_record[shared], census.line_words[shared])
    share = foreign / np.maximum(1, census.n_chars)
    found = np.flatnonzero((share > FOREIGN_SHARE) & ~_tells_headline(census, most))
    for number in census.by_place(found):
        words = f"stands in {MIN_OTHERS} or more records with other headlines"
        yield int(number), Hit("/body", f"{share[number]:.0%} of the body {words}")


def own_text(census: Census) -> SetHits:
    """No text stands under many headlines of one publisher."""
    most = np.zeros(len(census), dtype=np.uint8)
    for start in range(0, len(census.line_record), CHUNK):
        part = slice(start, start + CHUNK)
        np.maximum.at(most, census.line_record[part], census.line_words[part])
    is_own = _tells_headline(census, most)
    keys = mixed(census.publisher, census.body)
    for numbers in census.groups(keys, least=MIN_OTHERS + 1, among=census.body != 0):
        headlines = census.bare_headline[numbers]
        n_others = len(numbers) - group_sizes([headlines])
        for number, n in zip(numbers, n_others, strict=True):
            if n >= MIN_OTHERS and not is_own[number]:
                message = f"the same body stands under other headlines of this publisher, {n:,} times"
                yield int(number), Hit("/body", message)


def natural_length(census: Census) -> SetHits:
    """Bodies are not cut at one length."""
    for numbers in census.groups(census.publisher, least=MIN_BODIES, among=census.n_chars > 0):
        # Copies of one long article are no pile-up.
        _, first = np.unique(census.body[numbers], return_index=True)
        lengths = census.n_chars[numbers]
        longest: Any = int(lengths.max())
        is_cut = (lengths >= longest - PILE_WIDTH) & ((census.traits[numbers] & CUT) > 0)
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
        check_set=unique_id,
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
        "the headline's words: copies and updates of one story share them. Marks of a version (CORRECTED, UPDATE 2, "
        "KILL, 更正) make no other headline.",
        bad="four headlines, each followed by the same three stories",
        good="each headline with its own story",
        fix="extract the pages again; leave the records out",
        check_set=own_story,
    ),
    Rule(
        code="NDS308",
        name="standing-text",
        level="error",
        scope="set",
        summary="One text stands as the body under many headlines of one publisher.",
        why="A comment policy or an about box was taken for the article. Three other headlines, "
        "not only other marks of a version, and no paragraph that holds half of the headline's words.",
        bad="“Comments are moderated …” as the body of four articles",
        good="four bodies",
        fix="extract the pages again",
        check_set=own_text,
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
        check_set=natural_length,
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
        check_set=exact_copy,
    ),
    Rule(
        code="NDS602",
        name="same-address",
        level="error",
        scope="set",
        summary="Two records have the same address.",
        why="One page was collected twice. Addresses are compared without tracking parameters, fragment and "
        "scheme. Where version or times and the text differ these are versions of one page, which is of "
        "level info.",
        bad="https://ledger.example/a and https://ledger.example/a?utm_source=x under two ids",
        good="one record per page, or two versions with their times",
        fix="leave one out; state modified_at or version of the other",
        check_set=one_address,
    ),
    Rule(
        code="NDS604",
        name="same-wire-story",
        level="info",
        scope="set",
        summary="Two records have the story number of one wire story, and share text.",
        why="Agencies number a story and send it again. A number alone is no proof: a third of the records "
        "that share one have no text in common, and these are not reported.",
        bad="…/idUSTRE123AB4 twice, with one paragraph in common",
        good="the latest version, which names the others in supersedes",
        fix="link the versions with supersedes; newsds dedupe chooses one",
        check_set=one_story,
    ),
    Rule(
        code="NDS605",
        name="same-headline-same-day",
        level="info",
        scope="set",
        summary="One publisher has two texts under one headline on one day.",
        why="Often two versions of one story; often a column (“Today's schedule”): hence only for information.",
        bad="“Port closed” twice on 2026-03-04",
        good="one of them, or two versions linked by supersedes",
        fix="link the versions with supersedes; newsds dedupe compares the texts",
        check_set=one_headline_a_day,
    ),
)
