"""Schema differences: each edit is named, judged in both directions, and never called safe without a proof."""

import copy

import jsonschema_rs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from newsds.schema import load_schema, relaxed, validator
from newsds.schema_diff import diff_schemas

OLD = load_schema()
TEXT = {"description": "x", "type": ["string", "null"]}


def _properties(schema):
    return schema["properties"]


EDITS = {
    "nothing": (lambda s: None, "none", None, "yes", "yes"),
    "words": (lambda s: _properties(s)["body"].update(description="other"), "patch", "words_changed", "yes", "yes"),
    "optional field": (lambda s: _properties(s).update(lead=TEXT), "minor", "field_added", "yes", "yes"),
    "optional member": (
        lambda s: _properties(s)["rights"]["properties"].update(lead=TEXT), "minor", "field_added", "yes", "yes",
    ),
    "open value": (
        lambda s: _properties(s)["quality_flags"]["items"]["enum"].append("x"), "minor", "open_value_added", "yes", "yes",
    ),
    "closed value": (lambda s: _properties(s)["status"]["enum"].append("x"), "major", "value_added", "yes", None),
    "value gone": (lambda s: _properties(s)["status"]["enum"].remove("withheld"), "major", "value_removed", None, "yes"),
    "field gone": (lambda s: _properties(s).pop("slugline"), "major", "field_removed", None, "yes"),
    "required": (lambda s: s["required"].append("url"), "major", "required_added", None, "yes"),
    "no longer required": (lambda s: s["required"].remove("body"), "major", "required_removed", "yes", None),
    "longer": (lambda s: _properties(s)["headline"].update(maxLength=9000), "major", "limit_loosened", "yes", None),
    "shorter": (lambda s: _properties(s)["headline"].update(maxLength=20), "major", "limit_tightened", None, "yes"),
    "null allowed": (
        lambda s: _properties(s)["headline"].update(type=["string", "null"]), "major", "type_widened", "yes", None,
    ),
    "other type": (lambda s: _properties(s)["word_count"].update(type="string"), "major", "type_changed", None, None),
    "other pattern": (lambda s: _properties(s)["language"].update(pattern="^[a-z]+$"), "major", "pattern_changed", None, None),
    "condition": (
        lambda s: s.update({"if": {"required": ["kicker"]}, "then": {"required": ["url"]}}), "major", "if_changed", None, "yes",
    ),
    "profile": (
        lambda s: s["$defs"]["profile_release"]["required"].append("kicker"), "major", "profile_changed", "yes", "yes",
    ),
    "looser profile": (
        lambda s: s["$defs"]["profile_release"]["required"].remove("rights"), "major", "profile_changed", "yes", "yes",
    ),
    "nothing allowed": (lambda s: _properties(s).update(kicker=False), "major", "not_changed", None, "yes"),
    "unnamed field required": (lambda s: s["required"].append("nowhere"), "major", "other_change", None, "yes"),
}  # fmt: skip


def edited(change):
    new = copy.deepcopy(OLD)
    change(new)
    return new


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_named_and_judged_in_both_directions(name):
    change, level, kind, old_data, old_readers = EDITS[name]
    found = diff_schemas(OLD, edited(change))
    assert found.level == level
    assert kind is None or kind in {item.kind for item in found.changes}
    for proof, wanted in ((found.old_data, old_data), (found.old_readers, old_readers)):
        assert (proof == "yes") == (wanted == "yes")


@settings(max_examples=15)
@given(
    st.sampled_from(["", "headline", "rights", "tags", "$defs"]),
    st.sampled_from(
        [
            "if",
            "then",
            "not",
            "const",
            "contains",
            "unevaluatedProperties",
            "propertyNames",
            "required",
            "items",
        ]
    ),
    st.sampled_from([True, False, {}, {"type": "string"}, {"required": ["kicker"]}, ["kicker"]]),
)
def test_a_schema_that_differs_is_never_said_to_be_the_same(field, keyword, value):
    new = copy.deepcopy(OLD)
    part = new if not field else new["$defs"] if field == "$defs" else new["properties"][field]
    if part.get(keyword) == value:
        return
    part[keyword] = value
    assume(jsonschema_rs.meta.is_valid(new))
    assert diff_schemas(OLD, new).level != "none"


def test_a_schema_that_refers_to_itself_is_compared():
    new = copy.deepcopy(OLD)
    new["$defs"]["part"] = {"type": "object", "properties": {"parts": {"$ref": "#/$defs/part"}}}
    new["properties"]["whole"] = {"$ref": "#/$defs/part"}
    assert {change.field for change in diff_schemas(OLD, new).changes} >= {"whole"}


def test_a_moved_field_is_named():
    new = copy.deepcopy(OLD)
    new["properties"] = dict(reversed(new["properties"].items()))
    assert "order_changed" in {change.kind for change in diff_schemas(OLD, new).changes}


def test_a_new_field_that_is_not_last_is_named():
    new = {**OLD, "properties": {"lead": TEXT, **OLD["properties"]}}
    assert {"order_changed", "field_added"} <= {change.kind for change in diff_schemas(OLD, new).changes}


@settings(max_examples=30)
@given(st.lists(st.sampled_from(sorted(EDITS)), min_size=1, max_size=4, unique=True))
def test_nothing_is_safe_that_is_not_proved(names):
    new = copy.deepcopy(OLD)
    for name in names:
        EDITS[name][0](new)
    found = diff_schemas(OLD, new)
    covers = jsonschema_rs.canonicalize(new).covers(jsonschema_rs.canonicalize(OLD))
    reads = jsonschema_rs.canonicalize(relaxed(OLD)).covers(jsonschema_rs.canonicalize(new))
    assert (found.old_data == "yes") == (str(covers) == "yes")
    assert (found.old_readers == "yes") == (str(reads) == "yes")
    if not (found.old_data == found.old_readers == "yes"):
        assert found.level == "major"


def test_a_reader_accepts_what_a_later_minor_version_may_add():
    from newsds.samples import sample

    (record,) = sample(1)
    later = {**record, "schema_version": "1.9.0", "mood": "calm", "quality_flags": ["glad"]}
    assert not validator().is_valid(later)
    assert validator(is_relaxed=True).is_valid(later)
    assert not validator(is_relaxed=True).is_valid({**later, "headline": 5})
