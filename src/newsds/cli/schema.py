"""`newsds schema`: show the article schema, compare two versions, rewrite records to another version."""

import argparse
from pathlib import Path
from typing import Any

from newsds.cli.console import (
    FINDINGS,
    GOOD,
    json_text,
    progress_bar,
    say,
    summarise_findings,
)
from newsds.cli.options import EPILOG, add_command
from newsds.cli.outputs import keep_apart, target_of
from newsds.errors import InputError

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "schema",
        help="show the article schema, compare versions, migrate records",
        description="Show the article schema, compare two versions, or migrate records to another version.",
        epilog=f"examples:\n  newsds schema show --as markdown\n  newsds schema diff 1.0.0 draft.json\n\n{EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(title="what to do", metavar="ACTION", dest="action", required=True)
    _add_show(actions)
    _add_diff(actions)
    _add_migrate(actions)


def _add_show(actions: Any) -> None:
    parser = add_command(
        actions, "show", _show, "print the article schema in one of its forms",
        "  newsds schema show\n"
        "  newsds schema show --as markdown\n"
        "  newsds schema show --as arrow",
    )  # fmt: skip
    forms = ("json", "arrow", "table", "features", "croissant", "markdown")
    parser.add_argument("--as", dest="form", default="json", choices=forms, help="form (default: json)")
    parser.add_argument(
        "--schema-version", metavar="VERSION", help="version of the schema (default: the newest)"
    )


def _add_diff(actions: Any) -> None:
    parser = add_command(
        actions, "diff", _diff, "name what changed between two versions, and whom it breaks",
        "  newsds schema diff 1.0.0 1.1.0\n"
        "  newsds schema diff 1.0.0 draft.json --format json",
    )  # fmt: skip
    parser.add_argument("old", metavar="OLD", help="version, or file with a JSON Schema")
    parser.add_argument("new", metavar="NEW", help="version, or file with a JSON Schema")
    parser.add_argument(
        "--fail-on", choices=("minor", "major", "never"), default="major",
        help="lowest level that ends with exit status 1 (default: major)",
    )  # fmt: skip
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the result (default: text)"
    )


def _add_migrate(actions: Any) -> None:
    parser = add_command(
        actions, "migrate", _migrate, "rewrite articles to another version of the schema",
        "  newsds schema migrate articles.jsonl --to 1.0.0 -o migrated.jsonl",
    )  # fmt: skip
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="file, folder or pattern with articles; -: from standard input",
    )
    parser.add_argument("--to", required=True, metavar="VERSION", help="version of the schema to write")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="articles.jsonl or articles.parquet; nothing: standard output"
    )
    parser.add_argument("--force", action="store_true", help="replace the output if it exists")


def _show(arguments: argparse.Namespace) -> int:
    from newsds.schema import SCHEMA_VERSION
    from newsds.schema_forms import schema_form

    print(schema_form(arguments.form, arguments.schema_version or SCHEMA_VERSION).rstrip("\n"))
    return GOOD


def _diff(arguments: argparse.Namespace) -> int:
    from newsds.schema_diff import diff_schemas

    found = diff_schemas(_schema(arguments.old), _schema(arguments.new))
    if arguments.format == "json":
        print(json_text(found.to_dict()))
    else:
        for change in found.changes:
            data, readers = (_verdict(good) for good in (change.keeps_old_data, change.keeps_old_readers))
            print(
                f"{change.field or '(record)':30} {change.kind:20} old data {data:7} old readers {readers:7} {change.detail}"
            )
        print(f"old records under the new schema: {_proof(found.old_data)}")
        print(f"old readers of new records:       {_proof(found.old_readers)}")
        print(f"level: {found.level}")
    order = ("none", "patch", "minor", "major")
    failing = arguments.fail_on != "never" and order.index(found.level) >= order.index(arguments.fail_on)
    return FINDINGS if failing else GOOD


def _verdict(good: bool) -> str:  # noqa: FBT001 # the one argument
    return "safe" if good else "breaks"


def _proof(answer: str) -> str:
    return {"yes": "safe, proved", "no": "breaks"}.get(answer, "not proved, so breaking")


def _schema(named: str) -> dict[str, Any]:
    """Return the schema of a version, or of a file."""
    from newsds.schema import load_schema, versions

    if named in versions("article"):
        return load_schema("article", named)
    import orjson

    try:
        data = orjson.loads(Path(named).read_bytes())
    except OSError as error:
        known = ", ".join(versions("article"))
        raise InputError(f"{named}: neither a version ({known}) nor a file ({error.strerror})") from None
    except orjson.JSONDecodeError as error:
        raise InputError(f"{named}: not JSON ({error})") from None
    if not isinstance(data, dict):
        raise InputError(f"{named}: a JSON Schema is an object")
    fault = _schema_fault(data)
    if fault is not None:
        raise InputError(f"{named}: no JSON Schema ({fault})")
    return data


def _schema_fault(data: dict[str, Any]) -> str | None:
    """Return what is wrong with a JSON Schema, if anything is."""
    import jsonschema_rs

    try:
        jsonschema_rs.meta.validate(data)
    except jsonschema_rs.ValidationError as error:
        return f"/{'/'.join(map(str, error.instance_path))}: {error.message[:120]}"
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return str(error)[:120]
    return None


def _migrate(arguments: argparse.Namespace) -> int:
    from newsds.readers import read
    from newsds.readers.migrate import Migration
    from newsds.readers.output import write_articles

    target = target_of(arguments)
    leave_out = keep_apart([arguments.output], arguments.inputs)
    migration = Migration(read(*arguments.inputs, leave_out=leave_out), to=arguments.to)
    articles = migration.articles()
    with progress_bar(arguments, "migrating") as progress:
        n_articles = write_articles(articles, target, progress=progress)
    summarise_findings(articles.findings, is_quiet=arguments.quiet)
    if not arguments.quiet:
        for line in migration.summary(n_articles):
            say(line)
    is_whole = not any(finding.level == "error" for finding in articles.findings)
    return GOOD if is_whole and not migration.lost else FINDINGS
