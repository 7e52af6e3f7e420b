"""Why two articles of an index were joined or not."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from newsds.dedup.explanation import Explanation, explain
from newsds.errors import UsageError
from newsds.index.arrivals import make_keys
from newsds.index.commonness import add_counts, no_counts
from newsds.index.manifest import load_made
from newsds.index.segments import State
from newsds.index.shards import read_texts

__all__ = ["explain_known"]


def explain_known(folder: Path, a: str, b: str) -> Explanation:
    """Compare two articles of an index, whichever releases they are of, with what is common counted over all of it.

    Raises:
        UsageError: the index has no article of that id, or both are the same.
        InputError: there is no index.
    """
    state = State(folder, load_made(folder))
    rows = state.find(make_keys(pa.array([a, b])))
    if (rows < 0).any():
        missing = a if rows[0] < 0 else b
        raise UsageError(f"{folder}: no article of the index has the id {missing!r}")
    manifest = state.manifest
    counted = ((folder / one.rarity, one.n_texts) for one in manifest.segments if one.rarity)
    return explain(
        read_texts(folder, manifest.shards, np.sort(state.articles.numbers[rows])),
        a,
        b,
        parameters=manifest.fingerprint["parameters"],
        rarity=add_counts(no_counts(), counted),
    )
