"""The leak of random splits of a table, and that of `newsds split` on the same table and seeds.

    python benchmarks/leak.py table.jsonl --id id --text text [--seeds 10] [--test 0.2]

For each seed the rows are split at random, as is usual, and by components; copies of train in test are counted.
"""

import argparse
import random
from statistics import mean

import pyarrow as pa
import pyarrow.compute as pc

from newsds import SplitChoices, leak, split
from newsds.readers.columns import table_texts


def rate(table: pa.Table, is_test: list[bool]) -> float:
    test = pa.array(is_test)
    sides = (table.filter(pc.invert(test)), table.filter(test))
    return leak(*(side.to_batches() for side in sides)).rate


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("table")
    parser.add_argument("--id", default="id")
    parser.add_argument("--text", default="text")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--test", type=float, default=0.2)
    arguments = parser.parse_args()
    batches, _ = table_texts([arguments.table], id_column=arguments.id, text_column=arguments.text)
    table = pa.Table.from_batches(batches).sort_by("id")
    n_test = round(arguments.test * len(table))
    rates: dict[str, list[float]] = {"random": [], "newsds split": []}
    for seed in range(arguments.seeds):
        chosen = set(random.Random(seed).sample(range(len(table)), n_test))
        rates["random"].append(rate(table, [row in chosen for row in range(len(table))]))
        choices = SplitChoices(
            by="random", seed=seed, shares={"train": 1 - arguments.test, "test": arguments.test}
        )
        found = split(table.to_batches(), choices=choices)
        rates["newsds split"].append(
            rate(table, [name == "test" for name in found.table["split"].to_pylist()])
        )
    print(
        f"{len(table):,} texts, {n_test:,} in test, {arguments.seeds} seeds: share of test that is a copy of train"
    )
    for name, found_rates in rates.items():
        print(
            f"  {name:13} mean {mean(found_rates):7.2%}  min {min(found_rates):7.2%}  max {max(found_rates):7.2%}"
        )


if __name__ == "__main__":
    main()
