"""Of the articles of a release, those that an index does not have."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from newsds.index.segments import State

__all__ = ["Arrivals", "make_keys"]

Hashes: TypeAlias = NDArray[np.uint64]
Ints: TypeAlias = NDArray[np.int64]


class Arrivals:
    """The batches of a release without the articles whose text the index has under the same id."""

    def __init__(
        self, batches: Iterable[pa.RecordBatch], state: State, progress: Callable[[int], None] | None
    ) -> None:
        """Begin with nothing; batches are read as they are asked for."""
        self._batches, self._state, self._progress = batches, state, progress
        self._known: list[Ints] = [np.empty(0, np.int64)]
        self._changed: list[Ints] = [np.empty(0, np.int64)]
        self._keys: list[Hashes] = [np.empty((0, 2), np.uint64)]
        self._digests: list[Hashes] = [np.empty(0, np.uint64)]

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Yield what is new or changed."""
        articles = self._state.articles
        for batch in self._batches:
            keys, digests = make_keys(batch["id"]), _digest(batch["text"])
            rows = self._state.find(keys)
            is_known = rows >= 0
            is_same = is_known.copy()
            is_same[is_known] = articles.digests[rows[is_known]] == digests[is_known]
            self._known.append(articles.numbers[rows[is_same]])
            self._changed.append(articles.numbers[rows[is_known & ~is_same]])
            self._keys.append(keys[~is_same])
            self._digests.append(digests[~is_same])
            if self._progress:
                self._progress(batch.num_rows)
            if not is_same.all():
                yield batch.filter(pa.array(~is_same))

    @property
    def known(self) -> Ints:
        """The numbers of the articles whose text the index has."""
        return np.concatenate(self._known)

    @property
    def changed(self) -> Ints:
        """The numbers of articles that came with another text."""
        return np.unique(np.concatenate(self._changed))

    @property
    def keys(self) -> Hashes:
        """The hashes of the ids of what was yielded."""
        return np.concatenate(self._keys)

    @property
    def digests(self) -> Hashes:
        """The hashes of its texts."""
        return np.concatenate(self._digests)


def make_keys(ids: pa.Array) -> Hashes:
    """Return a hash of each id, two columns; a null is an empty id."""
    return _hash(ids, 16).reshape(-1, 2)


def _digest(texts: pa.Array) -> Hashes:
    return _hash(texts, 8)


def _hash(values: pa.Array, size: int) -> Hashes:
    hashes = (
        hashlib.blake2b((value or "").encode("utf-8", "surrogatepass"), digest_size=size).digest()
        for value in values.to_pylist()
    )
    return np.frombuffer(b"".join(hashes), "<u8").astype(np.uint64)
