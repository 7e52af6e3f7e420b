"""Small dataset projects for the tests of releases."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from newsds.article import Record
from newsds.samples import sample

#: The sample dataset of this repository.
SAMPLE = Path(__file__).parents[2]


def records(n: int = 40, *, seed: int = 1) -> list[Record]:
    """Return generated articles, some of them copies."""
    return list(sample(n, seed=seed, copies=0.3))


def write_lines(path: Path, lines: Iterable[Record | bytes]) -> None:
    """Write records, or raw lines, as JSONL."""
    path.write_bytes(
        b"".join((line if isinstance(line, bytes) else orjson.dumps(line)) + b"\n" for line in lines)
    )


def make_project(folder: Path, lines: Iterable[Record | bytes], **choices: Any) -> Path:
    """Write a project with one input and return its folder; `descriptor` goes to the top of the descriptor."""
    folder.mkdir(parents=True, exist_ok=True)
    write_lines(folder / "articles.jsonl", lines)
    descriptor = {
        "name": "tiny",
        "version": "1.0.0",
        "created": "2027-01-01",
        "resources": [{"path": "articles.jsonl"}],
        **choices.pop("descriptor", {}),
        "newsds": choices,
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor))
    return folder
