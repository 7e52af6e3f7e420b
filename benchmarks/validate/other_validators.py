"""Peers that take a file and not a record: how each is given the article schema."""

import json
import subprocess
import sys
from pathlib import Path

from newsds.schema import load_schema

__all__ = ["check_jsonschema", "is_valid_for_frictionless"]


def check_jsonschema(path: Path) -> "subprocess.CompletedProcess[bytes]":
    """Run the command `check-jsonschema` on the lines as one array: it has no mode for lines."""
    document, schema = path.with_suffix(".array.json"), path.with_suffix(".schema.json")
    document.write_bytes(b"[" + b",\n".join(line for line in path.read_bytes().split(b"\n") if line) + b"]")
    master = load_schema()
    article = {name: master[name] for name in ("type", "additionalProperties", "required", "properties")}
    of_arrays = {
        "$schema": master["$schema"],
        "type": "array",
        "items": {"$ref": "#/$defs/article"},
        "$defs": {**master["$defs"], "article": article},
    }
    schema.write_text(json.dumps(of_arrays))
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema), str(document)]
    return subprocess.run(command, check=False, capture_output=True)


def is_valid_for_frictionless(path: Path) -> bool:
    """Tell whether `frictionless` finds JSON lines valid under the Table Schema made from the article schema."""
    import frictionless

    from newsds.schema_forms import table_schema

    # Absent fields are no fault of a record: `superset` allows them.
    schema = frictionless.Schema.from_descriptor({**table_schema(), "fieldsMatch": "superset"})
    resource = frictionless.Resource(path=path.name, basepath=str(path.parent), format="jsonl", schema=schema)
    return bool(resource.validate().valid)
