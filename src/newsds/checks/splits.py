"""Rules on splits and labels (7xx): of sets that are already split and labelled, see `newsds.project.Task`."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from newsds.checks.census import NO_TIME, TOKEN_KINDS, Census
from newsds.checks.ledger import Ints, iter_parts
from newsds.checks.rule import Hit, Rule, SetHits
from newsds.checks.sets import group_of, mixed
from newsds.checks.traits import LONG
from newsds.later import later_module

if TYPE_CHECKING:
    import numpy as np
else:
    np = later_module("numpy")

__all__ = ["RULES"]

#: Records a token must have, share of the label's records, and share of its records that have the label.
MIN_TOKEN, TOKEN_COVER, TOKEN_PRECISION = 20, 0.1, 0.9
#: For information: how much more often the label is with the token than at large, records, and the two shares.
LIFT, MIN_LIFT, LIFT_COVER, LIFT_PRECISION = 2, 50, 0.05, 0.5
#: A label of more than this share of all records is what anything predicts.
COMMON_LABEL = 0.6


def _first_split(census: Census, numbers: Ints) -> int:
    """Return the split to which a group belongs: train, else the largest part of it, else the first by name."""
    splits = census.split[numbers]
    names = {int(split): census.splits[split] for split in np.unique(splits)}
    return min(
        names,
        key=lambda split: (not names[split].startswith("train"), -(splits == split).sum(), names[split]),
    )


def exact_leak(census: Census) -> SetHits:
    """No text is in two splits; the training split keeps it."""
    is_long = (census.traits & LONG) > 0
    text = np.where(is_long, census.body, mixed(census.body, census.headline))
    for numbers in census.groups(text, among=(census.split != 0) & (census.body != 0)):
        own = _first_split(census, numbers)
        for number in numbers[census.split[numbers] != own]:
            other = numbers[census.split[numbers] == own][0]
            message = f"the same text is in {census.splits[own]} ({census.place(other)})"
            yield int(number), Hit("/body", message, group=group_of(text[number]))


def in_time(census: Census) -> SetHits:
    """Where splits are in order of time, none begins before an earlier one ends."""
    task = census.choices.task
    order = [name for name in (task.in_time if task else ()) if name in census.splits]
    dated = census.minute != NO_TIME
    for earlier, later in pairwise(order):
        before = np.flatnonzero(dated & (census.split == census.splits.index(earlier)))
        after = np.flatnonzero(dated & (census.split == census.splits.index(later)))
        if not len(before) or not len(after):
            continue
        start = int(census.minute[after].min())
        for number in census.by_place(before[census.minute[before] > start]):
            message = f"{earlier} holds what was published after {later} begins ({_day(start)})"
            yield int(number), Hit("/published_at", message)


def _day(minute: int) -> str:
    return str(np.datetime64(minute, "m"))[:10]


def one_label(census: Census) -> SetHits:
    """One text has one label."""
    for numbers in census.groups(census.body, among=census.label != 0):
        labels = census.label[numbers]
        if (labels != labels[0]).any():
            names = sorted({census.name(label) for label in labels})
            shown = ", ".join(names[:5])
            for number in numbers:
                yield int(number), Hit("/body", f"the same text has {len(names)} labels: {shown}")


def known_label(census: Census) -> SetHits:
    """Every record has a label of the set, and every label is in every split."""
    task = census.choices.task
    if task is None or task.label is None:
        return
    pointer = "/" + task.label.replace(".", "/")
    for number in census.by_place(np.flatnonzero(census.label == 0)):
        yield int(number), Hit(pointer, "no label")
    if task.labels:
        used = [int(key) for key in np.unique(census.label[census.label != 0])]
        strange = [key for key in used if not set(census.name(key).split("; ")) <= set(task.labels)]
        for number in census.by_place(
            np.flatnonzero(np.isin(census.label, np.array(strange, dtype=np.uint64)))
        ):
            yield int(number), Hit(pointer, f"{census.name(census.label[number])!r} is none of the labels")
    yield from _lost_labels(census, pointer)


def _lost_labels(census: Census, pointer: str) -> SetHits:
    known = (census.label != 0) & (census.split != 0)
    pairs = np.unique(np.stack([census.split[known].astype(np.uint64), census.label[known]]), axis=1)
    splits = np.unique(pairs[0])
    for label in np.unique(pairs[1]):
        missing = sorted(
            census.splits[int(split)] for split in np.setdiff1d(splits, pairs[0][pairs[1] == label])
        )
        if missing:
            message = f"no record with the label {census.name(label)!r} is in {', '.join(missing)}"
            yield None, Hit(pointer, message, census.name(label))


def no_shortcut(census: Census) -> SetHits:
    """No mark of who wrote or carried a text tells its label."""
    task = census.choices.task
    labelled = census.label != 0
    n_labelled = int(labelled.sum())
    if task is None or not n_labelled:
        return
    values, counts = np.unique(census.label[labelled], return_counts=True)
    totals = dict(zip(map(int, values), map(int, counts), strict=True))
    for kind, records, token in _tokens(census):
        if (task.label or "").startswith(TOKEN_KINDS[kind]):
            continue
        labels, n_each = np.unique(census.label[records], return_counts=True)
        for label, n in zip(map(int, labels), map(int, n_each), strict=True):
            level = _strength(n, n_token=len(records), n_label=totals[label], n_all=n_labelled)
            if level is not None:
                message = (
                    f"{TOKEN_KINDS[kind]} {census.name(token)!r}: {n / len(records):.0%} of its {len(records):,} records "
                    f"have the label {census.name(label)!r}, of all records {totals[label] / n_labelled:.0%}"
                )
                yield (
                    census.anchor(records),
                    Hit("/body", message, census.name(token), level, group_of(token, label)),
                )


def _strength(n: int, *, n_token: int, n_label: int, n_all: int) -> Any:
    """Return the level at which a token tells a label, or None."""
    share, precision = n_label / n_all, n / n_token
    if share > COMMON_LABEL:
        return None
    if n_token >= MIN_TOKEN and n >= TOKEN_COVER * n_label and precision >= TOKEN_PRECISION:
        return "warning"
    if n_token >= MIN_LIFT and n >= LIFT_COVER * n_label and precision >= max(LIFT_PRECISION, LIFT * share):
        return "info"
    return None


def _tokens(census: Census) -> Iterator[tuple[int, Ints, int]]:
    """Yield kind, records and hash of each token with enough records, sorted by hash."""
    for part in iter_parts(census.token):
        order = part[np.argsort(census.token[part], kind="stable")]
        values = census.token[order]
        bounds = np.flatnonzero(values[1:] != values[:-1]) + 1
        for first, last in zip(np.append(0, bounds), np.append(bounds, len(order)), strict=True):
            if last - first >= MIN_TOKEN:
                entries = order[first:last]
                yield int(census.token_kind[entries[0]]), census.token_record[entries], int(values[first])


RULES = (
    Rule(
        code="NDS701",
        name="split-leak",
        level="error",
        scope="set",
        summary="One text is in two splits.",
        why="A model is then tested on what it has learned. Exact copies, paragraph by paragraph; of texts of fewer "
        "than 25 words the headline counts too. The copy in train is not reported. Looked at where splits are "
        "named: task.split_by or --split-by.",
        bad="one text in train.parquet and in test.parquet",
        good="one text in train.parquet",
        fix="leave the copy out of the other split; newsds split makes splits that no copy crosses",
        check_set=exact_leak,
    ),
    Rule(
        code="NDS703",
        name="time-leak",
        level="error",
        scope="set",
        summary="A split that is said to be earlier holds what was published after a later one begins.",
        why="A split by time promises that nothing from the future is learned. Looked at where task.in_time or --in-time "
        "names the splits in order.",
        bad="train reaches to 2026-03-09, test begins on 2026-03-04",
        good="train ends on 2026-03-01, test begins on 2026-03-04",
        fix="move the records, or do not call it a split by time; three days between splits keep updates apart",
        check_set=in_time,
    ),
    Rule(
        code="NDS704",
        name="two-labels",
        level="error",
        scope="set",
        summary="One text has different labels.",
        why="Nobody can learn it, and every score has a ceiling nobody sees. A list of labels is one label here: turn "
        "this off where each copy names one of several.",
        bad="one text as business and as politics",
        good="one text as business",
        fix="decide for one, or make it a list",
        check_set=one_label,
    ),
    Rule(
        code="NDS705",
        name="label-shortcut",
        level="warning",
        scope="set",
        summary="A mark of who wrote or carried a text tells its label.",
        why="In one famous set every true article is an agency's, so that its name is the label. Looked at: agency, "
        "publisher, place of the dateline, first word, last line; at least 20 records and 10 % of the label's, of "
        "which 90 % have the label. Half of them and twice as often as at large is of level info. A label that is the "
        "agency or publisher itself is left alone.",
        bad="99 % of the texts that begin with “(Northwire)” are true",
        good="agencies' marks in all labels alike, or taken out of the texts",
        fix="take the marks out of the texts (they have fields of their own), or balance the labels",
        check_set=no_shortcut,
    ),
    Rule(
        code="NDS706",
        name="label-unknown",
        level="error",
        scope="set",
        summary="A label is missing or none of the set, or is in one split only.",
        why="A class that is not in train cannot be learned, one that is not in test is not measured. Looked at where the "
        "label is named: task.label or --label.",
        bad='"section": "bussiness"',
        good='"section": "business"',
        fix="correct the label; list the labels under task.labels; split so that each has all",
        check_set=known_label,
    ),
)
