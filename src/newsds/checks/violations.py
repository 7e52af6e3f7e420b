"""Violations of the article schema as hits: NDS102 for what is missing, NDS104 for everything else."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from newsds.article import Record
from newsds.checks.rule import Hit
from newsds.json_text import json_pointer
from newsds.schema import SCHEMA_VERSION, is_later_minor, load_schema
from newsds.text import excerpt

if TYPE_CHECKING:
    import jsonschema_rs

__all__ = ["field_of", "is_json", "violations"]

Path = list[Any]
#: Code, path into the record, and message.
Fault = tuple[str, Path, str]

#: Violations reported of one record; a list of a million numbers is one fault, not a million.
MAX_VIOLATIONS = 100
#: Items of a list that are looked at to say which of them breaks the schema.
MAX_ITEMS = 1000

#: Required fields whose blankness is a missing value; of a blank body NDS301 speaks.
_NAMED = tuple(name for name in load_schema()["required"] if name != "body")

#: The last member of a pattern's path in the schema, to what the pattern asks for.
_FORMS = {
    "optional_url": "an absolute http or https address without white space",
    "url": "an absolute http or https address without white space",
    "optional_timestamp": "a UTC timestamp such as 2026-03-04T05:06:07Z",
    "schema_version": "a version of this schema such as 1.0.0",
    "id": "`nds:` and 32 hexadecimal digits",
    "language": "a BCP 47 language tag such as en, pt-BR or und",
    "country": "two capital letters (ISO 3166-1)",
    "raw_sha256": "64 hexadecimal digits in lower case",
    "text_sha256": "64 hexadecimal digits in lower case",
    "items": "`nds:` and 32 hexadecimal digits",
}

_KINDS = {bool: "a boolean", str: "a string", list: "an array", dict: "an object", type(None): "null"}


def field_of(hit: Hit) -> str:
    """Return the name of the top-level field that a hit points into; empty for the whole record."""
    return hit.pointer.split("/", 2)[1].replace("~1", "/").replace("~0", "~") if hit.pointer else ""


def is_json(record: Record) -> bool:
    """Tell whether a record can be written as JSON; a lone surrogate passes the schema and cannot."""
    try:
        orjson.dumps(record)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def violations(
    record: Record,
    validator: "jsonschema_rs.Draft202012Validator",
    *,
    is_parsed: bool = False,
    relaxed: "Callable[[], jsonschema_rs.Draft202012Validator] | None" = None,
) -> list[tuple[str, Hit]]:
    """Return code and hit of everything that breaks the schema, at most `MAX_VIOLATIONS`; never raises.

    Of what is no JSON data at all (a lone surrogate, a million nested lists) there is one hit with the empty pointer.
    If there are more violations, the last hit gives their number.

    Args:
        record: any JSON object.
        validator: of the article schema.
        is_parsed: whether the record was parsed from text in an encoding, so that it holds no lone surrogate.
        relaxed: makes the validator for records of a later minor version; without it they are held to this one.
    """
    try:
        found = _found(record, validator, is_parsed=is_parsed)
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        return [("NDS104", Hit("", f"not JSON data ({excerpt(str(error), width=100)})"))]
    if found and relaxed is not None and is_later_minor(record.get("schema_version")):
        told = f"written to schema {record['schema_version']}; what {SCHEMA_VERSION} does not know is not checked"
        return [("NDS107", Hit("/schema_version", told)), *violations(record, relaxed(), is_parsed=is_parsed)]
    blank = [name for name in _NAMED if isinstance(record.get(name), str) and not record[name].strip()]
    if not blank:
        return found
    kept = [item for item in found if field_of(item[1]) not in blank]
    return [("NDS102", Hit(f"/{name}", f"required field `{name}` is blank")) for name in blank] + kept


def _found(
    record: Record, validator: "jsonschema_rs.Draft202012Validator", *, is_parsed: bool
) -> list[tuple[str, Hit]]:
    if validator.is_valid(record):
        if not is_parsed:
            # See `is_json`; the error says why.
            orjson.dumps(record)
        return []
    seen = _shortened(record)
    faults = _each(seen, validator)
    found = list(islice(faults, MAX_VIOLATIONS))
    n_more = sum(1 for _ in faults)
    if n_more:
        least = "at least " if seen != record else ""
        found.append(("NDS104", Hit("", f"{least}{n_more:,} more violations of the schema in this record")))
    if found:
        return found
    late = next((name for name, value in record.items() if value != seen[name]), "")
    return [("NDS104", Hit(json_pointer([late]), f"an item after the first {MAX_ITEMS:,} breaks the schema"))]


def _shortened(value: Any) -> Any:
    """Return JSON data with lists cut to `MAX_ITEMS`, because the validator makes all its errors at once."""
    if isinstance(value, dict):
        return {name: _shortened(item) for name, item in value.items()}
    return [_shortened(item) for item in value[:MAX_ITEMS]] if isinstance(value, list) else value


def _each(record: Record, validator: "jsonschema_rs.Draft202012Validator") -> Iterator[tuple[str, Hit]]:
    for error in validator.iter_errors(record):
        describe = _KEYWORDS.get(error.kind.name, _other)
        for code, path, message in describe(error, list(error.instance_path)):
            yield code, Hit(json_pointer(path), message, _shown(error.instance))


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a number")


def _shown(value: object) -> str | None:
    """Return a short view of a value that is neither a container nor empty."""
    return None if isinstance(value, (dict, list)) or value in (None, "") else excerpt(str(value), width=80)


def _missing(error: Any, path: Path) -> Iterator[Fault]:
    name = error.kind.as_dict()["property"]
    yield "NDS102", [*path, name], f"required field `{name}` is missing"


def _alternatives(error: Any, path: Path) -> Iterator[Fault]:
    parts = [part for group in error.kind.as_dict()["context"] for part in group]
    names = sorted({str(part.kind.as_dict().get("property") or part.instance_path[0]) for part in parts})
    yield "NDS102", [*path, names[0]], f"one of the fields {', '.join(names)} is required by this profile"


def _unknown(error: Any, path: Path) -> Iterator[Fault]:
    for name in error.kind.as_dict()["unexpected"]:
        shown = excerpt(name, width=60)
        yield "NDS104", [*path, name], f"unknown field `{shown}`; put what has no field into `extra`"


def _null(path: Path) -> str:
    item = len(path) > 1 and isinstance(path[-1], int)
    return f"an item of `{path[-2]}` is null" if item else f"required field `{path[-1]}` is null"


def _wrong_type(error: Any, path: Path) -> Iterator[Fault]:
    wanted = " or ".join(sorted(error.kind.as_dict()["types"], key=lambda name: name == "null"))
    if error.instance is None:
        yield "NDS102", path, _null(path)
    else:
        yield "NDS104", path, f"must be {wanted}, is {_kind(error.instance)}"


def _not_listed(error: Any, path: Path) -> Iterator[Fault]:
    options = [str(option) for option in error.kind.as_dict()["options"] if option is not None]
    if error.instance is None:
        yield "NDS102", path, _null(path)
    else:
        yield "NDS104", path, f"must be one of {', '.join(options)}"


def _wrong_form(error: Any, path: Path) -> Iterator[Fault]:
    yield (
        "NDS104",
        path,
        f"must be {_FORMS.get(str(error.schema_path[-2]), 'of the form the schema asks for')}",
    )


def _too_long(error: Any, path: Path) -> Iterator[Fault]:
    limit = error.kind.as_dict()["limit"]
    yield "NDS104", path, f"is {len(error.instance):,} characters long; at most {limit:,} are allowed"


def _empty(_error: Any, path: Path) -> Iterator[Fault]:
    yield "NDS104", path, "is empty; leave it out or write null"


def _other(error: Any, path: Path) -> Iterator[Fault]:
    yield "NDS104", path, excerpt(error.message, width=160)


#: Name of a violation in `jsonschema_rs` to the function that words it.
_KEYWORDS: dict[str, Callable[[Any, Path], Iterator[Fault]]] = {
    "required": _missing,
    "anyOf": _alternatives,
    "additionalProperties": _unknown,
    "type": _wrong_type,
    "enum": _not_listed,
    "pattern": _wrong_form,
    "maxLength": _too_long,
    "minLength": _empty,
    "minItems": _empty,
    "minProperties": _empty,
}
