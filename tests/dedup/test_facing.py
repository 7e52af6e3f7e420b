"""Both engines find the same words in each other's place, and the same misreadings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsds.dedup import kernels_numpy
from newsds.dedup.facing_numpy import Written
from newsds.dedup.hashing import pack_texts

kernels_numba = pytest.importorskip("newsds.dedup.kernels_numba", exc_type=ImportError)
ENGINES = [kernels_numpy, kernels_numba]

WORD = st.one_of(
    st.sampled_from(
        ["the", "port", "ports", "Pork", "1,250", "1,350", "1250", "harbour", "harbor", "harbqur", "é"]
    ),
    st.text("abC1", min_size=1, max_size=26),
)


def faced(texts, pairs, kernels):
    buffer = pack_texts(texts)
    offsets, hashes, starts, ends = kernels.tokenise(*buffer)
    places = np.repeat(buffer.offsets[:-1], np.diff(offsets)) + starts
    bounds, runs = kernels.align(hashes, offsets, pairs)
    runs = runs.astype(np.int64)
    runs[:, :2] += offsets[np.repeat(pairs, np.diff(bounds), axis=0)]
    words = Written(buffer.data, places, (ends - starts).astype(np.int64), offsets)
    gaps, *rows = kernels.facing.face(words, pairs, bounds, runs)
    return [gaps.tolist(), *(sorted(found.tolist()) for found in rows)]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.lists(WORD, max_size=30).map(" ".join), min_size=2, max_size=4))
def test_both_engines_find_the_same(texts):
    pairs = np.array([(a, b) for a in range(len(texts)) for b in range(a)])
    compiled, plain = (faced(texts, pairs, kernels) for kernels in reversed(ENGINES))
    assert compiled == plain


@pytest.mark.parametrize("kernels", ENGINES)
def test_a_misread_word_is_told_from_another_word_and_from_another_number(kernels):
    texts = [
        "the harbour of Tollan sold 1,250 tonnes of grain",
        "the harbonr of Kestel sold 1,350 tonnes of coal grain",
    ]
    gaps, garbled, others = faced(texts, np.array([[0, 1]]), kernels)
    assert garbled == [[0, 1, 10]]
    assert others == [[0, 3, 12], [0, 5, 14]]
    assert [8, 8, 17, 18, 0] in gaps
