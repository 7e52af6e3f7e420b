"""The corpus of planted faults as files: a good record, the faulty one, a good record."""

import json
from pathlib import Path
from typing import Any

from checks.records import BODY, complete

FAULTS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("faults.json").read_text(encoding="ascii")
)["faults"]
AS_OF = "2026-06-01"


def good(number: int) -> dict[str, Any]:
    """Return a record with which nothing is wrong; no two share a text."""
    body = f"{BODY} The {['first', 'second', 'third'][number]} boat of the morning leaves at {6 + number} from the new quay."
    return complete({"body": body}, number)


def _changed(record: dict[str, Any], fault: dict[str, Any], first: dict[str, Any]) -> dict[str, Any]:
    change = dict(fault.get("change", {}))
    record = {name: value for name, value in record.items() if name not in fault.get("absent", ())}
    if "body_with" in change:
        text = change.pop("body_with")
        record["body"] += text if text.startswith("\n") else " " + text
    if "headline_times" in change:
        record["headline"] = "x" * change.pop("headline_times")
    if change.pop("body_is_headline", False):
        record["headline"] = record["body"] = record["body"][:200].strip()
    record |= {name: first[name] for name in change.pop("same", ())}
    return record | change


def _line(fault: dict[str, Any], record: dict[str, Any]) -> bytes:
    text: str = fault.get("line", json.dumps(record))
    if "edit" in fault:
        old, new = fault["edit"]
        at = text.rindex(old) if old == "}}" else text.index(old)
        text = text[:at] + new + text[at + len(old) :]
    data = text.encode("latin-1" if fault.get("latin") else "utf-8")
    return data[: fault.get("cut")]


def lines_of(fault: dict[str, Any]) -> list[bytes]:
    """Return the lines of the file with a fault, without line ends."""
    if "standing" in fault:
        records = [
            complete({"headline": f"Report {n} of the day", "publisher": {"name": "Courier"}}, n)
            for n in range(fault["standing"])
        ]
        return [json.dumps(record).encode() for record in records]
    first = good(0) | fault.get("also", {})
    faulty = _line(fault, _changed(good(1), fault, first))
    tail = [] if fault.get("is_last") else [json.dumps(good(2)).encode()]
    return [json.dumps(first).encode(), faulty, *tail]


def write_fault(fault: dict[str, Any], path: Path) -> Path:
    """Write the file with a fault."""
    lines = lines_of(fault)
    path.write_bytes(b"\n".join(lines) + (b"" if fault.get("is_last") else b"\n"))
    return path
