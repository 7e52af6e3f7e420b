"""Other tools' ways to cluster texts, with the parameters that their documentation gives."""

import re
from collections.abc import Iterator

__all__ = ["PEERS", "cluster", "missing"]

WORD = re.compile(r"\w+")

#: Name to words of a shingle, bands, rows of a band: near-duplicates share a band, clusters are connected components.
PEERS = {
    "datasketch 5w .7": (5, 16, 8),
    "rensa 5w .7": (5, 16, 8),
}


def missing() -> Iterator[str]:
    """Yield a line for each peer that does not run here."""
    from importlib.util import find_spec

    for package in ("datasketch", "rensa"):
        if find_spec(package) is None:
            yield f"{package}: not installed (pip install 'newsds[bench]')"
    yield "semhash: not run, it needs a model to be downloaded"


def cluster(name: str, texts: list[str]) -> list[int]:
    """Return a cluster number for each text, by one of `PEERS`."""
    size, bands, rows = PEERS[name]
    shingles = [_shingles(text, size) for text in texts]
    keys = _rensa_keys if name.startswith("rensa") else _datasketch_keys
    return _components(keys(shingles, bands, rows))


def _shingles(text: str, size: int) -> list[str]:
    words = WORD.findall(text.lower())
    return [" ".join(words[at : at + size]) for at in range(max(1, len(words) - size + 1))] if words else []


def _datasketch_keys(shingles: list[list[str]], bands: int, rows: int) -> list[list[bytes]]:
    from datasketch import MinHash

    found = []
    for words in shingles:
        sketch = MinHash(num_perm=bands * rows, seed=1)
        sketch.update_batch([word.encode() for word in words])
        values = sketch.hashvalues
        found.append([values[at * rows : (at + 1) * rows].tobytes() for at in range(bands)] if words else [])
    return found


def _rensa_keys(shingles: list[list[str]], bands: int, rows: int) -> list[list[bytes]]:
    from rensa import RMinHash

    found = []
    for words in shingles:
        sketch = RMinHash(num_perm=bands * rows, seed=42)
        sketch.update(words)
        values = sketch.digest()
        found.append(
            [repr(values[at * rows : (at + 1) * rows]).encode() for at in range(bands)] if words else []
        )
    return found


def _components(keys: list[list[bytes]]) -> list[int]:
    parent = list(range(len(keys)))
    first: dict[tuple[int, bytes], int] = {}
    for text, bands in enumerate(keys):
        for key in enumerate(bands):
            other = first.setdefault(key, text)
            a, b = _root(parent, text), _root(parent, other)
            parent[max(a, b)] = min(a, b)
    return [_root(parent, text) for text in range(len(keys))]


def _root(parent: list[int], text: int) -> int:
    while parent[text] != text:
        parent[text] = parent[parent[text]]
        text = parent[text]
    return text
