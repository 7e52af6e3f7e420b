"""Complete records out of the few fields that a case is about."""

from typing import Any

BODY = (
    "The harbour board of Port Halden closed the northern ferry line on Monday after two cracks were found "
    "in the landing stage. Engineers will examine it for three weeks, and a bus will carry passengers round "
    "the fjord, the board said."
)


def complete(partial: dict[str, Any], number: int = 0) -> dict[str, Any]:
    """Return a record that breaks no rule, changed by `partial`; null stays null."""
    record = {
        "schema_version": "1.0.0",
        "id": f"nds:{number + 1_000_000:032x}",
        "headline": f"Ferry line {number} closed for three weeks",
        "body": BODY,
        "language": "en",
        "published_at": "2026-03-04T05:06:07Z",
        "published_precision": "second",
        "published_tz": "explicit",
        "provenance": {
            "input_kind": "generated",
            "raw_sha256": "0" * 64,
            "reader": "tests",
            "reader_version": "1",
        },
    }
    return record | partial
