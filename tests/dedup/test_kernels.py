"""Both engines compute the same bits of every text, and what those bits stand for."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsds.dedup import hashing, kernels_numpy
from newsds.dedup.features import extract_features
from newsds.dedup.folding import load_tables, make_tables
from newsds.dedup.hashing import load_kernels, pack_texts

kernels_numba = pytest.importorskip("newsds.dedup.kernels_numba", exc_type=ImportError)
ENGINES = [kernels_numpy, kernels_numba]

SCRIPTS = (
    "abcXYZ 019.,'’\u00ad-\n",
    "éÈñßſﬁİıÅ½²٣५",
    "漢字かなカナｶﾞ々。、",
    "ทดสอบไทย ລາວ",
    "한국어가각",
    "العَرَبيَّة ـ עִבְרִית",
    "हिन्दी தமிழ்",
    "\u0301\u200d\ufe0f😀\x00\U00020000\U0010ffff",
)
TEXTS = st.lists(
    st.one_of(st.text(st.sampled_from("".join(SCRIPTS)), max_size=80), st.text(max_size=40)), max_size=12
)

PINNED_TOKENS = [
    "0x87ceb6a37d07283f",
    "0x798ebf53d3d2b8c1",
    "0x4d495b51119b62e2",
    "0xecebd7adbf73adbf",
    "0x9f19d9253365357c",
    "0x1ab8ad68d1548a3c",
]
PINNED_TEXTS = ["0x708faad674c35f8", "0x51c86e02e1907a5b", "0x79e5bc937fe32a5c"]


def tokens_of(text: str, engine: str = "numpy") -> list[str]:
    found = extract_features([text], engine=engine)
    raw = text.encode()
    return [raw[a:b].decode() for a, b in zip(found.starts, found.ends, strict=True)]


def same(left, right) -> bool:
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(left, right, strict=True))


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_both_engines_agree_on_every_text(texts):
    buffer = pack_texts(texts)
    tokens = [kernels.tokenise(*buffer) for kernels in ENGINES]
    assert same(*tokens)
    offsets, hashes, _, _ = tokens[0]
    shingles = [kernels.shingle(hashes, offsets, 3) for kernels in ENGINES]
    assert same(*shingles)
    table = np.arange(1 << 10).astype(np.uint8)
    for every, most in ((1, 255), (1, 99), (2, 160)):
        picked = [kernels.pick_rare(hashes, offsets, 3, every, table, most) for kernels in ENGINES]
        assert same(*(kernels_numpy.tallies.sort_unique(values, bounds) for bounds, values in picked))
        assert same(*([kernels.mark_rare(hashes, offsets, 3, table, most)] for kernels in ENGINES))
    for keep_tokens in (False, True):
        made = [kernels.sketch(*buffer, (3, 5, 6, 2, 3), keep_tokens=keep_tokens) for kernels in ENGINES]
        assert same(*made)
        assert np.array_equal(made[0].tokens, hashes if keep_tokens else hashes[:0])
    assert same([kernels_numpy.hash_texts(hashes, offsets)], [kernels_numba.hash_texts(hashes, offsets)])
    pairs = np.array([(a, b) for a in range(len(texts)) for b in range(a)], np.int64).reshape(-1, 2)
    assert same(*(kernels.align(hashes, offsets, pairs) for kernels in ENGINES))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.binary(max_size=30), max_size=8), st.sampled_from(["", "é", "漢", "😀", "a1,1"]))
def test_both_engines_agree_on_bytes_that_are_not_utf8(pieces, salt):
    pieces = [piece + salt.encode()[: len(piece) % 5] + piece[::-1] for piece in pieces]
    offsets = np.concatenate(([0], np.cumsum([len(piece) for piece in pieces]))).astype(np.int64)
    data = np.frombuffer(b"".join(pieces), np.uint8)
    assert same(*(kernels.tokenise(data, offsets) for kernels in ENGINES))


def test_both_engines_agree_on_huge_tokens_and_many_chunks():
    texts = [
        "x" * 5_000_000,
        "word " * 400_000,
        "",
        "漢" * 700_000,
        "é" * 65 + " " + "y" * 64 + " " + "y" * 63,
    ]
    buffer = pack_texts(texts)
    assert same(*(kernels.tokenise(*buffer) for kernels in ENGINES))


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 5), max_size=200), st.lists(st.integers(0, 5), max_size=200))
def test_an_alignment_is_a_longest_common_subsequence(left, right):
    hashes = np.array(left + right, np.uint64)
    offsets = np.array([0, len(left), len(left) + len(right)], np.int64)
    for kernels in ENGINES:
        _, runs = kernels.align(hashes, offsets, np.array([[0, 1]]))
        assert sum(runs[:, 2]) == longest_common(left, right)
        assert all(left[a : a + n] == right[b : b + n] for a, b, n in runs.tolist())
        assert all(x[0] + x[2] <= y[0] and x[1] + x[2] <= y[1] for x, y in pairwise(runs.tolist()))


def longest_common(left, right) -> int:
    row = [0] * (len(right) + 1)
    for a in left:
        last = row
        row = [0]
        for at, b in enumerate(right):
            row.append(last[at] + 1 if a == b else max(row[at], last[at + 1]))
    return row[-1]


@pytest.mark.parametrize("engine", ["numpy", "numba"])
@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Hello, World!", ["Hello", "World"]),
        ("1,000 tonnes at 3.5, no. 7.", ["1,000", "tonnes", "at", "3.5", "no", "7"]),
        ("don’t co\u00adop_x", ["don", "t", "co\u00adop", "x"]),
        ("東京株 abc株", ["東京", "京株", "abc", "株"]),
        ("ไทย", ["ไท", "ทย"]),
        ("한국어 뉴스", ["한국어", "뉴스"]),
        ("cafe\u0301 café", ["cafe", "café"]),
        ("\u0301 ... ", []),
    ],
)
def test_a_text_falls_into_tokens(engine, text, tokens):
    assert tokens_of(text, engine) == tokens


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("PORT HALDEN — Straße", "port halden, STRASSE"),
        ("São Paulo “1,250”", "Sao Paulo '1250'"),
        ("cafe\u0301 \u0646\u064e\u0635", "café \u0646\u0635"),
        ("ＡＢＣ １２３ ٣", "abc 123 3"),
    ],
    ids=["case and sharp s", "accents, quotes, thousands", "marks apart", "wide and other digits"],
)
def test_spellings_of_one_text_have_one_hash(left, right):
    hashes = extract_features([left, right]).text_hashes
    assert hashes[0] == hashes[1] != 0


def test_numbers_and_order_make_a_difference_and_empty_texts_equal_nothing():
    found = extract_features(["rose 1.5 percent", "rose 15 percent", "percent rose 1.5", "", "!", None])
    assert len(set(found.text_hashes[:3].tolist())) == 3
    assert found.text_hashes[3:].tolist() == [0, 0, 0]
    assert np.diff(found.shingles.offsets).tolist() == [1, 1, 1, 0, 0, 0]


def test_hashes_are_what_the_specification_says():
    """Values pinned: a change of any is a change of HASH_VERSION."""
    found = extract_features(["The ferry, again", "港の船", "Überlänge" * 9])
    assert [hex(value) for value in found.tokens.values] == PINNED_TOKENS
    assert [hex(value) for value in found.shingles.values] == PINNED_TEXTS
    assert [hex(value) for value in found.text_hashes] == PINNED_TEXTS


@pytest.mark.slow
def test_the_shipped_tables_are_those_of_unicode_14():
    import unicodedata

    if unicodedata.unidata_version != "14.0.0":
        pytest.skip("this Python has another Unicode")
    made, shipped = make_tables(), load_tables()
    assert same(made, shipped)


def test_an_abridged_text_aligns_in_runs():
    found = extract_features(["the port reopened on monday after a storm", "port reopened after the storm"])
    offsets, runs = kernels_numpy.align(found.tokens.values, found.tokens.offsets, np.array([[0, 1]]))
    assert offsets.tolist() == [0, 3]
    assert runs.tolist() == [
        [1, 0, 2],
        [5, 2, 1],
        [7, 4, 1],
    ]


def test_arrow_slices_and_nulls_are_read_in_place():
    column = pa.array(["skipped", "one two", None, "one two"]).slice(1)
    found = extract_features(column)
    assert found.text_hashes[0] == found.text_hashes[2]
    assert np.diff(found.tokens.offsets).tolist() == [2, 0, 2]


def test_numba_is_for_large_work_unless_it_was_started_before(monkeypatch):
    assert load_kernels("auto", n_bytes=1000) is kernels_numba
    monkeypatch.delitem(sys.modules, "newsds.dedup.kernels_numba")
    assert load_kernels("auto", n_bytes=1000) is kernels_numpy
    assert load_kernels("auto", n_bytes=1 << 40) is kernels_numba


@pytest.mark.parametrize(("is_compiled", "kernels"), [(True, kernels_numba), (False, kernels_numpy)])
def test_more_work_is_needed_where_all_is_still_to_be_compiled(monkeypatch, is_compiled, kernels):
    monkeypatch.delitem(sys.modules, "newsds.dedup.kernels_numba")
    monkeypatch.setattr(hashing, "_is_compiled", lambda: is_compiled)
    assert load_kernels("auto", n_bytes=10_000_000) is kernels


START = """
import sys
import pyarrow as pa
from newsds.dedup import dedupe, hashing
from newsds.texts import TEXTS_SCHEMA

hashing.COMPILED_BYTES = 0
words = [f"word{n}" for n in range(240)]
rows = [{"id": str(n), "text": " ".join(["Rain", *words[n:200 + n]])} for n in range(5)]
found = dedupe([pa.RecordBatch.from_pylist(rows, TEXTS_SCHEMA)])
print(len(found.relations), "numba" in sys.modules, "numba.np.linalg" in sys.modules)
"""


@pytest.mark.slow
def test_compiled_kernels_start_without_what_compiling_needs():
    for _ in range(2):  # the first may compile
        done = subprocess.run([sys.executable, "-c", START], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["10", "True", "False"]
