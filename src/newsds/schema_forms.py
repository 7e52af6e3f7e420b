"""The forms of the article schema: Table Schema, Hugging Face features, Croissant fields, documentation."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

from newsds.errors import MissingExtraError, UsageError
from newsds.schema import (
    PROFILES,
    SCHEMA_VERSION,
    arrow_schema,
    is_list,
    load_schema,
    resolve,
    scalar_type,
    schema_bytes,
)

if TYPE_CHECKING:
    import datasets
    import pyarrow as pa

__all__ = [
    "FORMS",
    "Form",
    "croissant_fields",
    "descriptions",
    "features_yaml",
    "hf_features",
    "markdown",
    "plain_table",
    "schema_form",
    "table_fields",
    "table_schema",
]

Form = Literal["json", "arrow", "table", "features", "croissant", "markdown"]

FORMS: tuple[Form, ...] = get_args(Form)

_TABLE_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"

#: What `pyarrow.types.is_...` calls a type, and what Table Schema calls it. A cell of a list column reaches
#: frictionless as a numpy array, which is neither its `array` nor its `list`: only `any` is true there.
_TABLE_TYPES = {
    "string": "string",
    "large_string": "string",
    "boolean": "boolean",
    "integer": "integer",
    "floating": "number",
    "timestamp": "datetime",
    "date": "date",
    "list": "any",
    "large_list": "any",
    "struct": "object",
}

#: How null looks in columns of these types once pandas has read the Parquet file. Text has no such word: an
#: article about a grandmother may be headed "Nan".
_NULL_WORDS = {"boolean": ["nan"], "integer": ["nan"], "number": ["nan"], "datetime": ["NaT"]}

#: JSON Schema keywords that are constraints of Table Schema too; `pattern` is an XSD expression there.
_CONSTRAINTS = ("minLength", "maxLength", "minimum", "maximum")

_CROISSANT_TYPES = {
    "string": "sc:Text",
    "large_string": "sc:Text",
    "boolean": "sc:Boolean",
    "integer": "sc:Integer",
    "floating": "sc:Float",
    "timestamp": "sc:DateTime",
    "date": "sc:Date",
}

#: Arrow types that `datasets` calls otherwise than Arrow does.
_FEATURE_TYPES = {
    "double": "float64",
    "float": "float32",
    "halffloat": "float16",
    "date32[day]": "date32",
    "date64[ms]": "date64",
}


def _fields(
    schema: dict[str, Any], version: str, prefix: str = ""
) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield dotted name, resolved schema and "is required" of every field below an object, parents first."""
    for name, raw in schema["properties"].items():
        field = resolve(raw, version)
        yield prefix + name, field, name in schema.get("required", ())
        inner = resolve(field["items"], version) if is_list(field) else field
        if "properties" in inner:
            yield from _fields(inner, version, f"{prefix}{name}.")


def descriptions(version: str = SCHEMA_VERSION) -> dict[str, str]:
    """Return what the fields of an article mean, by dotted name such as `rights.license`."""
    master = load_schema("article", version)
    return {name: field["description"] for name, field, _ in _fields(master, version)}


def _named(dtype: "pa.DataType", names: Mapping[str, str]) -> str:
    """Return the name that a form of the schema has for an Arrow type.

    Raises:
        UsageError: it has none.
    """
    import pyarrow.types

    for kind, name in names.items():
        if getattr(pyarrow.types, f"is_{kind}")(dtype):
            return name
    raise UsageError(f"Arrow type {dtype}: this form of the schema has no name for it")


def table_fields(schema: "pa.Schema", meanings: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the fields of a Table Schema for a Parquet file.

    Args:
        schema: the Arrow schema of the file.
        meanings: column to its description, where there is one.
    """
    return [_table_field(field, meanings) for field in schema]


def _table_field(field: "pa.Field", meanings: Mapping[str, str]) -> dict[str, Any]:
    kind = _named(field.type, _TABLE_TYPES)
    described = {"description": meanings[field.name]} if field.name in meanings else {}
    words = {"missingValues": _NULL_WORDS[kind]} if kind in _NULL_WORDS else {}
    return {"name": field.name, "type": kind, **described, **words, "newsds:type": str(field.type)}


def plain_table(fields: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the Table Schema with these fields; what null looks like is said field by field."""
    return {"$schema": _TABLE_PROFILE, "fieldsMatch": "equal", "missingValues": [], "fields": fields}


def table_schema(version: str = SCHEMA_VERSION, *, columns: "pa.Schema | None" = None) -> dict[str, Any]:
    """Return the Table Schema of a Parquet file of articles.

    It is what frictionless can check on Parquet and no more: the type of a list column is `any`, patterns and
    the inside of structs are left to the article schema; `newsds:type` has the Arrow type.

    Args:
        version: version of the article schema.
        columns: the Arrow schema of the file if it has not all columns.
    """
    master = load_schema("article", version)
    fields = table_fields(columns or arrow_schema(version), descriptions(version))
    for field in fields:
        rules = resolve(master["properties"][field["name"]], version)
        if constraints := _constraints(rules, required=field["name"] in master["required"]):
            field["constraints"] = constraints
    return {**plain_table(fields), "primaryKey": ["id"]}


def _constraints(rules: dict[str, Any], *, required: bool) -> dict[str, Any]:
    timestamp = scalar_type(rules) == "timestamp"
    found = {key: rules[key] for key in _CONSTRAINTS if key in rules and not timestamp}
    if "enum" in rules:
        found["enum"] = [value for value in rules["enum"] if value is not None]
    return {"required": True, **found} if required else found


def features_yaml(schema: "pa.Schema") -> list[dict[str, Any]]:
    """Return the `features` of a dataset card's `dataset_info` for a Parquet file."""
    return [{"name": field.name, **_feature(field.type)} for field in schema]


def _feature(dtype: "pa.DataType") -> dict[str, Any]:
    import pyarrow.types

    if pyarrow.types.is_struct(dtype):
        return {"struct": [{"name": field.name, **_feature(field.type)} for field in dtype]}
    if pyarrow.types.is_list(dtype):
        return {"list": _list_feature(dtype)}
    if pyarrow.types.is_large_list(dtype):
        return {"large_list": _list_feature(dtype)}
    return {"dtype": _FEATURE_TYPES.get(str(dtype), str(dtype))}


def _list_feature(dtype: "pa.DataType") -> Any:
    """Return the feature of a list's items; the card writes scalars and structs there without their key."""
    item = _feature(dtype.value_type)
    return item.get("dtype") or item.get("struct") or item


def hf_features(version: str = SCHEMA_VERSION) -> "datasets.Features":
    """Return the Hugging Face features of a table of articles.

    Raises:
        MissingExtraError: `datasets` is not installed.
    """
    try:
        import datasets
    except ImportError:
        raise MissingExtraError("datasets", extra="hf", purpose="the features form") from None
    return datasets.Features.from_arrow_schema(arrow_schema(version))


def croissant_fields(
    schema: "pa.Schema", *, config: str, origin: Mapping[str, Any], meanings: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the fields of a Croissant 1.1 record set.

    Args:
        schema: the Arrow schema of the files.
        config: name of the record set; the fields' identifiers begin with it.
        origin: reference to the files, such as `{"fileSet": {"@id": "articles-files"}}`.
        meanings: dotted field name to its description, where there is one.
    """
    return [_croissant_column(field, config, origin, meanings) for field in schema]


def _croissant_column(
    column: "pa.Field", config: str, origin: Mapping[str, Any], meanings: Mapping[str, str]
) -> dict[str, Any]:
    extract = {**origin, "extract": {"column": column.name}}
    repeated, dtype = _unlisted(column.type)
    described = _described(f"{config}/{column.name}", column.name, meanings)
    if not getattr(dtype, "num_fields", 0):
        return {**described, "dataType": _named(dtype, _CROISSANT_TYPES), **repeated, "source": extract}
    inner = [_croissant_member(member, config, column.name, extract, meanings) for member in dtype]
    return {**described, **repeated, "subField": inner}


def _croissant_member(
    member: "pa.Field", config: str, column: str, extract: Mapping[str, Any], meanings: Mapping[str, str]
) -> dict[str, Any]:
    """Return the field of a struct's member: the column again, and the way to the member in it."""
    repeated, dtype = _unlisted(member.type)
    return {
        **_described(f"{config}/{column}/{member.name}", f"{column}.{member.name}", meanings),
        "dataType": _named(dtype, _CROISSANT_TYPES),
        **repeated,
        "source": {**extract, "transform": {"jsonPath": member.name}},
    }


def _unlisted(dtype: "pa.DataType") -> tuple[dict[str, Any], "pa.DataType"]:
    """Return what Croissant says of a list, and the type of its items; for other types nothing, and the type."""
    import pyarrow.types

    if pyarrow.types.is_list(dtype) or pyarrow.types.is_large_list(dtype):
        return {"isArray": True, "arrayShape": "-1"}, dtype.value_type
    return {}, dtype


def _described(identifier: str, name: str, meanings: Mapping[str, str]) -> dict[str, Any]:
    field = {"@type": "cr:Field", "@id": identifier, "name": name.rpartition(".")[2]}
    return {**field, "description": meanings[name]} if name in meanings else field


def markdown(version: str = SCHEMA_VERSION) -> str:
    """Return the reference documentation of the article schema as a Markdown page."""
    master = load_schema("article", version)
    rows = [
        _row(name, field, version, required=required) for name, field, required in _fields(master, version)
    ]
    profiles = [_profile_row(profile, master) for profile in PROFILES]
    return "\n".join(
        [
            f"# The article schema, version {version}",
            "",
            "<!-- Written by `newsds schema show --as markdown`; edit the schema, not this page. -->",
            "",
            master["description"],
            "",
            f"An article has {len(master['properties'])} fields. `name.inner` is a field of an object, or of each object",
            "in a list; there, required means wherever the object is.",
            "",
            "| Field | Type | Required | Meaning | Allowed |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "",
            "## Profiles",
            "",
            "A profile adds requirements; which one holds is the choice of the dataset project.",
            "",
            "| Profile | Also required |",
            "| --- | --- |",
            *profiles,
            "",
        ]
    )


def _row(name: str, field: dict[str, Any], version: str, *, required: bool) -> str:
    cells = (
        f"`{name}`",
        _type_words(field, version),
        "yes" if required else "",
        field["description"],
        _allowed(field, version),
    )
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _type_words(field: dict[str, Any], version: str) -> str:
    kind = scalar_type(field)
    if kind != "array":
        return kind
    return f"list of {scalar_type(resolve(field['items'], version))}s"


def _allowed(field: dict[str, Any], version: str) -> str:
    """Return the values a field may have: its vocabulary, its range, its pattern, its length."""
    rules = resolve(field["items"], version) if is_list(field) else field
    if "enum" in rules:
        return ", ".join(f"`{value}`" for value in rules["enum"] if value is not None)
    texts = {
        "minimum": "at least {}",
        "maximum": "at most {}",
        "minLength": "at least {} characters",
        "maxLength": "at most {} characters",
        "pattern": "`{}`",
    }
    said = [text.format(rules[key]) for key, text in texts.items() if key in rules]
    return "; ".join(said).replace("at least 1 characters", "not empty")


def _profile_row(profile: str, master: dict[str, Any]) -> str:
    added = master["$defs"][f"profile_{profile}"]
    either = [" and ".join(_required(choice)) for choice in added.get("anyOf", [])]
    names = [*_required(added), *([" or ".join(either)] if either else [])]
    return f"| `{profile}` | {', '.join(names) or 'nothing'} |"


def _required(schema: dict[str, Any], prefix: str = "") -> list[str]:
    """Return the dotted names that a part of the schema requires, in code marks."""
    names = [f"`{prefix}{name}`" for name in schema.get("required", [])]
    for name, inner in schema.get("properties", {}).items():
        names += _required(inner, f"{prefix}{name}.")
    return names


def schema_form(form: Form, version: str = SCHEMA_VERSION) -> str:
    """Return the article schema as text in one of its `FORMS`.

    Raises:
        UsageError: there is no such form or version.
    """
    if form not in _PRINTERS:
        raise UsageError(f"schema form {form!r}: no such form; there are {', '.join(FORMS)}")
    return _PRINTERS[form](version).rstrip("\n") + "\n"


def _json(data: Any) -> str:
    import orjson

    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()


def _arrow_text(version: str) -> str:
    return "\n".join(f"{field.name}: {field.type}" for field in arrow_schema(version))


def _features_text(version: str) -> str:
    import yaml

    return str(yaml.safe_dump({"features": features_yaml(arrow_schema(version))}, sort_keys=False))


def _croissant_text(version: str) -> str:
    origin = {"fileSet": {"@id": "articles-files"}}
    meanings = descriptions(version)
    return _json(croissant_fields(arrow_schema(version), config="articles", origin=origin, meanings=meanings))


_PRINTERS: dict[Form, Callable[[str], str]] = {
    "json": lambda version: schema_bytes("article", version).decode(),
    "arrow": _arrow_text,
    "table": lambda version: _json(table_schema(version)),
    "features": _features_text,
    "croissant": _croissant_text,
    "markdown": markdown,
}
