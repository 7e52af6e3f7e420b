"""Show the corpus of planted faults to newsds and to other validators: who finds what, at which place.

    python benchmarks/validate/planted_faults.py           # runs everybody, writes tests/faults/verdicts.json and the page
    python benchmarks/validate/planted_faults.py --page    # writes docs/reference/faults.md from the verdicts

Every validator gets the file as its users would give it: the libraries a loop over the lines, `check-jsonschema` a
document (it has no mode for lines, so that the lines become an array), `frictionless` the JSON lines with the Table
Schema made from the article schema. A fault counts as found if the file with it is refused, whatever the reason.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from other_validators import check_jsonschema, is_valid_for_frictionless  # noqa: E402

from faults.corpus import AS_OF, FAULTS, good, write_fault  # noqa: E402 # it lies among the tests
from newsds.checks import validate  # noqa: E402
from newsds.readers import read  # noqa: E402
from newsds.schema import load_schema  # noqa: E402

VERDICTS = ROOT / "tests/faults/verdicts.json"
PAGE = ROOT / "docs/reference/faults.md"


def by_newsds(path: Path) -> bool:
    return validate(read(path), as_of=datetime.fromisoformat(AS_OF).replace(tzinfo=UTC)).has("warning")


def by_jsonschema(path: Path) -> bool:
    """Tell whether `jsonschema` refuses a line, formats checked, on what `json` reads."""
    import jsonschema

    checker = jsonschema.Draft202012Validator(
        load_schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    return _refuses(path, checker.is_valid)


def by_jsonschema_rs(path: Path) -> bool:
    """Tell whether `jsonschema_rs` refuses a line, formats checked, on what `json` reads."""
    import jsonschema_rs

    return _refuses(path, jsonschema_rs.Draft202012Validator(load_schema(), validate_formats=True).is_valid)


def _refuses(path: Path, is_valid: Callable[[Any], bool]) -> bool:
    try:
        with path.open(encoding="utf-8") as stream:
            return not all(is_valid(json.loads(line)) for line in stream if line.strip())
    except ValueError:
        return True


def by_check_jsonschema(path: Path) -> bool:
    done = check_jsonschema(path)
    if b"RecursionError" in done.stderr + done.stdout:
        raise RecursionError
    return done.returncode != 0


JUDGES: dict[str, Callable[[Path], bool]] = {
    "newsds": by_newsds,
    "jsonschema": by_jsonschema,
    "jsonschema-rs": by_jsonschema_rs,
    "check-jsonschema": by_check_jsonschema,
    "frictionless": lambda path: not is_valid_for_frictionless(path),
}


def verdict(name: str, path: Path) -> str:
    """Return `found`, `-` or `crash`."""
    try:
        return "found" if JUDGES[name](path) else "-"
    except (RecursionError, UnicodeError):
        return "crash"


def judge(name: str) -> dict[str, str]:
    """Return what one validator says of every fault; refuse one that refuses good records."""
    with tempfile.TemporaryDirectory() as folder:
        clean = Path(folder) / "good.jsonl"
        clean.write_bytes(b"".join(json.dumps(good(number)).encode() + b"\n" for number in range(3)))
        if JUDGES[name](clean):
            raise SystemExit(f"{name} refuses good records: the comparison would be empty")
        return {
            fault["name"]: verdict(name, write_fault(fault, Path(folder) / f"{number}.jsonl"))
            for number, fault in enumerate(FAULTS)
        }


def page(verdicts: dict[str, dict[str, str]]) -> str:
    """Return `docs/reference/faults.md`."""
    groups = list(dict.fromkeys(fault["group"] for fault in FAULTS))
    lines = [
        "# Who finds which fault",
        "",
        f"{len(FAULTS)} kinds of faults, each planted alone among good records (`tests/faults/faults.json`), and which",
        "validator refuses the file; `crash` is an exception of the parser. newsds has to name the rule and the place as",
        "well: a test holds it to that, and to raising no alarm on 10,000 good records. The others were given the article",
        "schema with formats checked, and each its best way in; `frictionless` knows the Table Schema that is made from",
        "it, which has no nested fields.",
        "What only rules can see (meaning, set) is no business of theirs; it is here to show what a schema leaves open.",
        "",
        "This page is made by `benchmarks/validate/planted_faults.py`, which runs everybody.",
        "",
        "| group | faults | " + " | ".join(verdicts) + " |",
        "|---|---|" + "---|" * len(verdicts),
    ]
    for group in groups:
        names = [fault["name"] for fault in FAULTS if fault["group"] == group]
        lines.append(f"| {group} | {len(names)} | " + _counts(names, verdicts) + " |")
    names = [fault["name"] for fault in FAULTS]
    lines.append(f"| **all** | {len(names)} | " + _counts(names, verdicts) + " |")
    for group in groups:
        lines += [
            "",
            f"## {group}",
            "",
            "| fault | rule | " + " | ".join(verdicts) + " |",
            "|---|---|" + "---|" * len(verdicts),
        ]
        for fault in FAULTS:
            if fault["group"] == group:
                marks = [found[fault["name"]] for found in verdicts.values()]
                lines.append(f"| {fault['name']} | {fault['code']} | " + " | ".join(marks) + " |")
    return "\n".join(lines) + "\n"


def _counts(names: list[str], verdicts: dict[str, dict[str, str]]) -> str:
    return " | ".join(str(sum(found[name] == "found" for name in names)) for found in verdicts.values())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--page", action="store_true", help="run nobody; make the page again")
    arguments = parser.parse_args()
    if not arguments.page:
        verdicts = {}
        for name in JUDGES:
            verdicts[name] = judge(name)
            print(
                f"{name:18} finds {list(verdicts[name].values()).count('found'):3} of {len(FAULTS)}",
                flush=True,
            )
        VERDICTS.write_text(json.dumps(verdicts, indent=1) + "\n", encoding="ascii")
    PAGE.write_text(page(json.loads(VERDICTS.read_text(encoding="ascii"))), encoding="utf-8")


if __name__ == "__main__":
    main()
