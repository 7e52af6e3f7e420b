"""JSON text: the bytes at a pointer are the value that a parser finds there."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsds.json_text import find_duplicate_key, find_value, json_pointer, pointer_parts

KEYS = st.text(max_size=6) | st.sampled_from(["", "/", "~", "~1", "0", '"', "\\", 'a":', "a\n"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
STYLES = st.sampled_from([
    {"separators": (",", ":")}, {}, {"indent": 2}, {"indent": 1, "ensure_ascii": False}, {"ensure_ascii": False, "separators": (" , ", " : ")},
])  # fmt: skip


def pointers(value, path=()):
    """Yield every path into JSON data, with the value there."""
    yield path, value
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield from pointers(item, (*path, key))


@given(VALUES, STYLES, st.sampled_from(["", " ", "\n\t"]))
def test_the_bytes_at_every_pointer_are_the_value(value, style, space):
    raw = (space + json.dumps(value, **style) + space).encode("utf-8", "surrogatepass")
    for path, expected in pointers(value):
        start, end = find_value(raw, json_pointer(list(path)))
        text = raw[start:end].decode("utf-8", "surrogatepass")
        assert json.loads(text) == expected
        assert text == text.strip(" \t\n")


@given(st.dictionaries(KEYS, VALUES, max_size=4), STYLES, KEYS)
def test_what_is_not_there_is_its_container(value, style, key):
    raw = json.dumps(value, **style).encode("utf-8", "surrogatepass")
    if key not in value:
        assert find_value(raw, json_pointer([key, "x"])) == (0, len(raw))


def test_of_a_key_written_twice_the_last_counts():
    raw = b'{"a": {"b": 1}, "\\u0061" : {"b":[2, 3]}}'
    start, end = find_value(raw, "/a/b/1")
    assert raw[start:end] == b"3"
    assert orjson.loads(raw)["a"]["b"][1] == 3


@pytest.mark.parametrize(
    ("raw", "key", "start"),
    [
        (b'{"a": 1, "a": 2}', "a", 9),
        (b'{"a": 1 , "b":{"c":[{"x":1},{"x":1,"\\u0078":2}]}}', "x", 35),
        (b'{"a":"b","b":"a","b" : 3}', "b", 17),
        ('{"é": 1, "\\u00e9": 2}'.encode(), "é", 10),
        (b'{"a": 1, "b": {"a": 1}, "c": ["a", "a", ":"]}', None, None),
        (b'{"a":"\\"a\\": 1, \\"a\\": 2"}', None, None),
    ],
)
def test_a_key_written_twice_is_found(raw, key, start):
    found = find_duplicate_key(raw)
    assert (found and found[0], found and found[1].start) == (key, start)


@given(VALUES, STYLES)
def test_no_key_of_a_written_value_is_double(value, style):
    assert find_duplicate_key(json.dumps(value, **style).encode("utf-8", "surrogatepass")) is None


@given(st.lists(KEYS, max_size=4))
def test_a_pointer_comes_back(parts):
    assert pointer_parts(json_pointer(list(parts))) == parts
