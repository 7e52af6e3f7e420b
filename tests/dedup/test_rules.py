"""The table of rules at its edges: measures of one pair, of which one lies on either side of a threshold."""

import numpy as np
import pyarrow as pa
import pytest

from newsds.dedup.evidence import SPANS_TYPE, Evidence
from newsds.dedup.relations import KINDS, RULES, Circumstances, decide
from newsds.dedup.revisions import MARKS

#: Two whole copies of 200 words that share seven of eight numbers, an hour apart, of unlike headlines.
COPIES = {
    "coverage_a": 0.9, "coverage_b": 0.9, "words_a": 0.9, "words_b": 0.9, "lead": 0.9, "strange": 0.0,
    "other_subjects": 0, "mark_a": 0, "mark_b": 0, "n_a": 200, "n_b": 200, "n_aligned": 180, "n_garbled": 0,
    "n_rare": 180, "longest": 90, "numbers_a": 8, "numbers_b": 8, "numbers_shared": 7, "number_conflicts": 0,
    "name_conflicts": 0, "n_replaced": 12,
}  # fmt: skip
KNOWN = {
    "hours": 1.0, "mark_a": 0, "mark_b": 0, "number_a": 0, "number_b": 0, "headline": 0.7, "titles_differ": False,
}  # fmt: skip
#: Of what else the pair is.
SHORTER = {"coverage_a": 0.4, "coverage_b": 1.0, "n_b": 80}
REWORDED = {"coverage_a": 0.5, "coverage_b": 0.5, "words_a": 0.5, "words_b": 0.5, "numbers_shared": 8}


def judge(**changes):
    """Return the relation of the pair, and the rule that says so, with some of the measures changed."""
    assert changes.keys() <= COPIES.keys() | KNOWN.keys()
    columns = {name: np.array([changes.get(name, value)]) for name, value in COPIES.items()}
    lists = {
        "spans": pa.array([[]], SPANS_TYPE),
        **dict.fromkeys(("only_a", "only_b"), pa.array([[]], pa.list_(pa.string()))),
    }
    known = {name: np.array([changes.get(name, value)]) for name, value in KNOWN.items()}
    kinds, rules = decide(Evidence(**columns, **lists), Circumstances(**known, window_hours=168.0))
    return KINDS[kinds[0]], RULES[rules[0]].name if rules[0] >= 0 else None


@pytest.mark.parametrize(
    ("base", "within", "beyond", "kinds"),
    [
        pytest.param(
            {},
            {"hours": 168.0, "coverage_a": 0.97, "coverage_b": 0.97, "n_replaced": 0},
            {"hours": 168.01},
            ("republication", "recurring"),
            id="window",
        ),
        pytest.param(
            {"hours": 200.0, "coverage_a": 0.97},
            {"coverage_b": 0.6},
            {"coverage_b": 0.59},
            ("template_sibling", "none"),
            id="far template",
        ),
        pytest.param(
            {}, {"coverage_b": 0.80}, {"coverage_b": 0.79}, ("republication", "abridgement"), id="whole"
        ),
        pytest.param(
            SHORTER, {"coverage_b": 0.85}, {"coverage_b": 0.84}, ("abridgement", "update"), id="part"
        ),
        pytest.param(SHORTER, {"lead": 0.60}, {"lead": 0.59}, ("abridgement", "digest"), id="lead"),
        pytest.param(
            {"coverage_a": 0.84, "hours": 20.0},
            {"coverage_b": 0.55},
            {"coverage_b": 0.54},
            ("republication", "update"),
            id="same, less",
        ),
        pytest.param(
            {"coverage_b": 0.6, "hours": 20.0},
            {"coverage_a": 0.70},
            {"coverage_a": 0.69},
            ("republication", "update"),
            id="same, more",
        ),
        pytest.param(
            {"n_a": 20, "n_b": 20, "numbers_shared": 8, "words_a": 0.5, "headline": np.nan},
            {},
            {"n_a": 19},
            ("republication", "template_sibling"),
            id="brief",
        ),
        pytest.param(
            {"headline": 0.7},
            {"n_a": 40},
            {"n_a": 39},
            ("republication", "template_sibling"),
            id="headlines of short texts",
        ),
        pytest.param(
            {"n_a": 39},
            {"headline": 0.8},
            {"headline": 0.79},
            ("republication", "template_sibling"),
            id="headlines agree",
        ),
        pytest.param(
            {},
            {"strange": 0.36},
            {"strange": 0.37},
            ("republication", "template_sibling"),
            id="strange names",
        ),
        pytest.param(
            {}, {"name_conflicts": 8}, {"name_conflicts": 9}, ("republication", "update"), id="names"
        ),
        pytest.param(
            {},
            {"other_subjects": 0},
            {"other_subjects": 1},
            ("republication", "template_sibling"),
            id="subjects",
        ),
        pytest.param(
            {"other_subjects": 1},
            {"headline": 0.8},
            {"headline": 0.79},
            ("republication", "template_sibling"),
            id="subjects under one headline",
        ),
        pytest.param(
            {"numbers_a": 40, "numbers_b": 40, "numbers_shared": 36},
            {"number_conflicts": 4},
            {"number_conflicts": 5},
            ("republication", "update"),
            id="numbers in words",
        ),
        pytest.param(
            {"numbers_a": 9, "numbers_b": 9},
            {"number_conflicts": 1},
            {"number_conflicts": 2},
            ("republication", "update"),
            id="numbers in numbers",
        ),
        pytest.param(
            {}, {"numbers_shared": 6}, {"numbers_shared": 5}, ("republication", "update"), id="shared numbers"
        ),
        pytest.param(
            {}, {"n_rare": 36}, {"n_rare": 35}, ("republication", "template_sibling"), id="rare words"
        ),
        pytest.param({"n_a": 50}, {"hours": 24.0}, {"hours": 24.1}, ("republication", "update"), id="a day"),
        pytest.param({"hours": 25.0}, {"n_a": 60}, {"n_a": 59}, ("republication", "update"), id="bulletin"),
        pytest.param(
            {"coverage_a": 0.89, "coverage_b": 0.89},
            {"hours": 48.0},
            {"hours": 48.1},
            ("republication", "update"),
            id="late",
        ),
        pytest.param(
            {"hours": 60.0, "coverage_b": 0.8},
            {"coverage_a": 0.90},
            {"coverage_a": 0.89},
            ("republication", "update"),
            id="late and alike",
        ),
        pytest.param(
            {
                "coverage_a": 0.9,
                "coverage_b": 0.9,
                "number_conflicts": 1,
                "numbers_a": 4,
                "numbers_b": 4,
                "numbers_shared": 3,
            },
            {"n_a": 100},
            {"n_a": 99},
            ("correction", "update"),
            id="one figure",
        ),
        pytest.param(
            {"number_conflicts": 1, "n_replaced": 1},
            {"coverage_a": 0.9},
            {"coverage_a": 0.89},
            ("correction", "republication"),
            id="only one figure",
        ),
        pytest.param(
            {"coverage_b": 0.45, "headline": 0.95},
            {"coverage_a": 0.60, "hours": 4.0},
            {"coverage_a": 0.60, "hours": 4.1},
            ("republication", "update"),
            id="sent anew",
        ),
        pytest.param(
            {**REWORDED, "words_a": 0.7, "words_b": 0.7, "hours": 20.0},
            {"coverage_a": 0.60},
            {"coverage_a": 0.59},
            ("republication", "update"),
            id="same facts, coverage",
        ),
        pytest.param(
            {**REWORDED, "coverage_a": 0.60, "hours": 20.0, "words_a": 0.7},
            {"words_b": 0.7},
            {"words_b": 0.69},
            ("republication", "update"),
            id="same facts, words",
        ),
        pytest.param(
            {**REWORDED, "words_a": 0.4, "words_b": 0.4, "coverage_a": 0.2, "coverage_b": 0.2},
            {"longest": 25},
            {"longest": 24},
            ("excerpt", "none"),
            id="passage",
        ),
        pytest.param(
            {**REWORDED, "hours": 20.0, "words_a": 0.4, "words_b": 0.4, "coverage_b": 0.2},
            {"coverage_a": 0.3},
            {"coverage_a": 0.29},
            ("update", "excerpt"),
            id="a third",
        ),
        pytest.param(
            {"mark_b": MARKS.index("correction"), "coverage_a": 0.7, "hours": 20.0},
            {"coverage_b": 0.5},
            {"coverage_b": 0.49},
            ("correction", "update"),
            id="corrected",
        ),
        pytest.param(
            {"coverage_a": 0.7},
            {"mark_b": MARKS.index("clarification")},
            {"mark_b": MARKS.index("correction")},
            ("abridgement", "correction"),
            id="marks",
        ),
        pytest.param(
            {"coverage_a": 0.7},
            {"number_a": 2, "number_b": 2},
            {"number_a": 1, "number_b": 2},
            ("abridgement", "update"),
            id="number of an update",
        ),
    ],
)
def test_each_threshold_parts_two_relations(base, within, beyond, kinds):
    assert judge(**{**base, **within})[0] == kinds[0]
    assert judge(**{**base, **within, **beyond})[0] == kinds[1]


def test_the_longer_of_two_versions_is_the_extension():
    assert judge(**SHORTER)[0] == "abridgement"
    assert judge(coverage_a=1.0, coverage_b=0.4, n_a=80)[0] == "extension"


def test_lists_under_titles_that_differ_are_siblings():
    figures = {
        **dict.fromkeys(("numbers_a", "numbers_b", "numbers_shared"), 24),
        "words_a": 0.6,
        "longest": 20,
    }
    assert judge(**figures)[0] == "republication"
    assert judge(**figures, titles_differ=True)[0] == "template_sibling"
    assert judge(titles_differ=True)[0] == "republication"


def test_every_rule_but_the_one_for_clusters_can_decide():
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert {rule.kind for rule in RULES} == set(KINDS) - {"exact"}
