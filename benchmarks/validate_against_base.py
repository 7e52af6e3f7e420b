"""How long 500 new rows take against the saved index of a million, with every rule on the whole set.

The index is generated: the numbers of a million records as a census of them would have them (12 lines each, one line
in twelve shared within a publisher, 40 publishers, 3 % of the bodies and addresses there twice), and among them the
real numbers of 5,000 sample articles. `tests/checks/test_index.py` shows that judging against an index finds what
judging all records together finds; here a copy, a second id and a leak are planted in the new rows.

    python benchmarks/validate_against_base.py [RECORDS]
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from newsds.article import Row
from newsds.checks.census import CENSUS_COLUMNS, LINE_COLUMNS, TOKEN_COLUMNS, Census
from newsds.checks.checker import Checker
from newsds.checks.index import write_index
from newsds.checks.ledger import Texts
from newsds.project import RuleChoices, Task
from newsds.samples import sample

N_REAL, N_NEW, N_LINES, N_PUBLISHERS = 5_000, 500, 12, 40
CHOICES = RuleChoices(task=Task(split_by="file", label="section"))


def real_census() -> Census:
    checker = Checker(CHOICES)
    for line, record in enumerate(sample(N_REAL, seed=1), 1):
        checker.check(Row(record=record, path="data/train-0.jsonl", line=line, offset=line * 1000))
    assert checker.taker is not None
    return checker.taker.census()  # what --write-index writes


def generated(n: int, real: Census) -> Census:
    draw = np.random.default_rng(7)

    def hashes(size: int, *, repeated: float = 0.0) -> Any:
        values = draw.integers(1, 2**64 - 1, size, dtype=np.uint64)
        again = np.flatnonzero(draw.random(size) < repeated)
        values[again] = values[draw.integers(0, size, len(again))]
        return values

    publishers = np.unique(real.publisher)
    publisher = draw.choice(publishers, n)
    columns: dict[str, Any] = {
        "id": hashes(n), "path": np.zeros(n), "line": np.arange(n) + 10_000, "row": np.full(n, -1),
        "offset": np.arange(n) * 4000, "headline": hashes(n, repeated=0.1), "n_headline_words": draw.integers(2, 9, n),
        "body": hashes(n, repeated=0.03), "n_chars": draw.integers(400, 6000, n), "traits": draw.choice([1, 33], n),
        "publisher": publisher, "url": hashes(n, repeated=0.03), "story": np.zeros(n), "capture": hashes(n),
        "minute": draw.integers(25_000_000, 29_000_000, n), "split": np.full(n, 1),
        "label": draw.choice(np.unique(real.label), n),
    }  # fmt: skip
    texts = hashes(n * N_LINES)
    shared = np.flatnonzero(draw.random(n * N_LINES) < 1 / 12)
    furniture = hashes(N_PUBLISHERS * 50).reshape(N_PUBLISHERS, 50)
    place = np.searchsorted(publishers, publisher)[shared // N_LINES] % N_PUBLISHERS
    texts[shared] = furniture[place, draw.integers(0, 50, len(shared))]
    columns |= {
        "line_record": np.repeat(np.arange(n), N_LINES), "line_text": texts,
        "line_chars": draw.integers(20, 400, n * N_LINES), "line_words": draw.integers(0, 4, n * N_LINES),
        "token_record": np.repeat(np.arange(n), 2), "token_kind": np.tile([1, 3], n),
        "token": np.stack([publisher, draw.choice(hashes(5000), n)], axis=1).ravel(),
    }  # fmt: skip
    shift = {"line_record": len(real), "token_record": len(real)}
    types = CENSUS_COLUMNS | LINE_COLUMNS | TOKEN_COLUMNS
    joined = {
        name: np.concatenate([getattr(real, name), values + shift.get(name, 0)]).astype(types[name])
        for name, values in columns.items()
    }
    ids = Texts()
    for number in range(len(real)):
        ids.append(real.ids[number])
    for number in range(n):
        ids.append(f"nds:{number:032x}")
    return Census(
        choices=CHOICES, paths=real.paths, splits=real.splits, names=real.names, ids=ids.finish(),
        shown=real.shown, path_rank=real.path_rank, **joined,
    )  # fmt: skip


def new_rows(path: Path) -> None:
    known, fresh = list(sample(10, seed=1)), list(sample(N_NEW, seed=2))
    fresh[10]["body"] = known[3]["body"]
    fresh[20]["id"] = known[4]["id"]
    path.write_text("".join(json.dumps(record) + "\n" for record in fresh))


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.perf_counter()
        real = real_census()
        census = generated(n - len(real), real)
        checker = Checker(CHOICES)
        rules = [rule.code for rule in checker._set_rules]  # noqa: SLF001
        findings = [item for _, item in checker._findings(census)]  # noqa: SLF001
        write_index(folder / "base.index", census=census, rules=rules, findings=findings)
        size = (folder / "base.index").stat().st_size
        print(
            f"index of {len(census):,} records: {size / 1e6:,.0f} MB, made in {time.perf_counter() - start:.0f} s"
        )
        del census, real
        new_rows(folder / "test.jsonl")
        command = [sys.executable, "-m", "newsds", "validate", "test.jsonl", "--base", "base.index",
                   "--split-by", "file", "--label", "section", "--select", "NDS1,NDS3,NDS6,NDS7"]  # fmt: skip
        start = time.perf_counter()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        wall = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(done.stdout[-3000:] + done.stderr[-2000:])
        print(f"{N_NEW:,} rows against {n:,}: {wall:.1f} s wall, {used.ru_utime + used.ru_stime:.1f} s CPU, "
              f"{used.ru_maxrss / 1024:,.0f} MiB, exit status {done.returncode}")  # fmt: skip


if __name__ == "__main__":
    main()
