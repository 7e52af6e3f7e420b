"""CPU time of each rule, beside that of reading, of the schema and of the screen: which rule costs what.

A rule is applied only to the records that the screen does not call clean for it, so that what the rules take here is
what they would take without it; `screen` is what a clean record pays for all of them.

    python benchmarks/validate/rule_times.py [FILE] [-n 5000]

Without a file the articles are generated. Times are of one process and CPU time, so that other work on the machine
does not count; they are given per 1,000 records, and as a share of the whole.
"""

import argparse
from itertools import islice
from time import process_time

from newsds.article import Row
from newsds.checks.census import CensusTaker
from newsds.checks.checker import Checker
from newsds.checks.rules import RULES
from newsds.checks.screen import UNSCREENED
from newsds.checks.violations import violations
from newsds.project import RuleChoices
from newsds.readers import read
from newsds.samples import sample
from newsds.schema import validator


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", help="articles; nothing: generated ones")
    parser.add_argument("-n", type=int, default=5000, help="records to look at (default: 5000)")
    arguments = parser.parse_args()
    times = dict[str, float]()

    def timed(name: str, work) -> object:
        started = process_time()
        result = work()
        times[name] = process_time() - started
        return result

    rows = timed("reading", lambda: list(_rows(arguments.file, arguments.n)))
    checker = validator("article")
    timed("schema", lambda: [violations(row.record, checker) for row in rows])
    screens = Checker(extent="record")
    for row in rows[:UNSCREENED]:
        screens.check(row)
    is_clean = screens.good().record
    timed("screen, with the schema", lambda: [is_clean(row.record) for row in rows])
    for rule in RULES.values():
        if rule.check is not None:
            options = {"choices": RuleChoices()} if rule.is_chosen else {}
            timed(
                rule.code,
                lambda rule=rule, options=options: [list(rule.check(row.record, **options)) for row in rows],
            )
    taker = CensusTaker()
    timed("census", lambda: [taker.add(row.record, row) for row in rows])
    census = timed("census: columns", taker.census)
    for rule in RULES.values():
        if rule.check_set is not None:
            timed(f"{rule.code} (many records)", lambda rule=rule: list(rule.check_set(census)))
    total = sum(times.values())
    print(f"{len(rows):,} records, {1000 * total / len(rows):.3f} s of CPU per 1,000")
    for name, seconds in sorted(times.items(), key=lambda item: -item[1]):
        print(f"{1e6 * seconds / len(rows):9.1f} ms per 1,000  {seconds / total:6.1%}  {name}")


def _rows(file: str | None, n: int):
    if file is None:
        return (Row(record=record, row=number) for number, record in enumerate(sample(n, seed=1)))
    return islice(read(file).rows(), n)


if __name__ == "__main__":
    main()
