"""The command line: one parser, one function per command, and the only place that prints."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from newsds.errors import NewsdsError, OutputError, UsageError
from newsds.findings import LEVELS, Finding
from newsds.version import VERSION

if TYPE_CHECKING:
    from newsds.article import Articles
    from newsds.checks.report import Report
    from newsds.readers import Reading

__all__ = ["main", "make_parser"]

GOOD, FINDINGS = 0, 1

_EPILOG = "exit status: 0 all good, 1 findings, 2 bad usage, 3 cannot read or write"

Progress = Callable[[int], None]


# --- the parser -------------------------------------------------------------------------------------------------


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="newsds", description="Turn news pages and wire copy into datasets people can trust.", epilog=_EPILOG
    )
    parser.add_argument("--version", action="version", version=f"newsds {VERSION}")
    commands = parser.add_subparsers(title="commands, in pipeline order", metavar="COMMAND", dest="command", required=True)
    for make in (_add_read, _add_validate, _add_dedupe, _add_build, _add_verify, _add_schema, _add_rules, _add_sample):
        make(commands)
    return parser


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], summary: str, examples: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=f"examples:\n{examples}\n\n{_EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but results and errors")
    return parser


def _add_reading(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how to read the inputs")
    group.add_argument("--map", action="append", default=[], metavar="FIELD=COLUMN", help="the column that holds a field; may be repeated")
    group.add_argument("--columns", metavar="A,B,C", help="names of the columns of a CSV file without a header")
    group.add_argument("--default", action="append", default=[], metavar="FIELD=VALUE", help="a field for records without it (text or JSON); may be repeated")
    group.add_argument("--date-order", choices=("mdy", "dmy"), help="how 03/04/2026 is meant")
    group.add_argument("--encoding", default="utf-8", help="encoding of text and CSV files (default: utf-8)")
    group.add_argument("--delimiter", metavar="CHAR", help="of CSV files (default: a comma, a tab in .tsv)")


def _add_read(commands: Any) -> None:
    parser = _command(
        commands, "read", _read, "turn pages, JSONL, JSON, CSV or Parquet into article records",
        "  newsds read pages/ -o articles.jsonl\n"
        "  newsds read 'crawl/*.jsonl.gz' -o articles.parquet\n"
        "  newsds read table.csv --map headline=title --map body=content -o articles.jsonl\n"
        "  newsds read --explain pages/a.txt",
    )  # fmt: skip
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="file, folder or pattern")
    parser.add_argument("-o", "--output", metavar="FILE", help="articles.jsonl or articles.parquet; - or nothing: JSONL to standard output")
    parser.add_argument("--rejected", metavar="FILE", help="write what could not be read to this file, byte for byte, one after the other")
    parser.add_argument("--force", action="store_true", help="replace the output if it exists")
    parser.add_argument("--explain", action="store_true", help="show what each line of a text page was taken for, and write nothing")
    _add_reading(parser)


def _add_validate(commands: Any) -> None:
    parser = _command(
        commands, "validate", _validate, "check articles against the schema and the rules",
        "  newsds validate                       the dataset project in this folder\n"
        "  newsds validate articles.jsonl\n"
        "  newsds validate crawl.csv --format json -o report.json\n"
        "  newsds validate data/ --fail-on warning --format github",
    )  # fmt: skip
    parser.add_argument("inputs", nargs="*", metavar="INPUT", help="file, folder or pattern; nothing: the datapackage.json of this folder")
    parser.add_argument("--format", choices=("text", "json", "github"), default="text", help="form of the report (default: text)")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the report to a file")
    parser.add_argument("--profile", choices=("core", "web", "wire", "release"), help="requirements on the records (default: core, or the project's)")
    parser.add_argument("--fail-on", choices=(*LEVELS, "never"), default="error", help="lowest level that ends with exit status 1 (default: error)")
    parser.add_argument("--ignore", action="append", default=[], metavar="CODE", help="switch a rule off; may be repeated")
    parser.add_argument("--max-findings", type=_count, default=1000, metavar="N", help="list at most N findings; all are counted (default: 1000)")
    parser.add_argument("--as-of", metavar="DATE", help="the day on which a date is in the future (default: today, or the project's `created`)")
    _add_reading(parser)


def _add_dedupe(commands: Any) -> None:
    parser = _command(
        commands, "dedupe", _dedupe, "find copies of the same article; nothing is deleted",
        "  newsds dedupe articles.parquet -o dedup/\n"
        "  newsds dedupe table.csv --id key --text content --time date -o dedup/",
    )  # fmt: skip
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="file, folder or pattern")
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help="folder for clusters.parquet and relations.parquet")
    parser.add_argument("--id", metavar="COLUMN", help="identifier of any table (with --text); without it the inputs are read as articles")
    parser.add_argument("--text", metavar="COLUMN", help="text column (with --id)")
    parser.add_argument("--time", metavar="COLUMN", help="column with the date of publication (with --id)")
    parser.add_argument("--force", action="store_true", help="replace the two files if they exist")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the summary (default: text)")


def _add_build(commands: Any) -> None:
    parser = _command(
        commands, "build", _build, "read, validate, dedupe, split and write a release",
        "  newsds build                  the dataset project in this folder, to dist/NAME/VERSION\n"
        "  newsds build my-dataset -o releases/",
    )  # fmt: skip
    parser.add_argument("project", nargs="?", default=".", metavar="DIR", help="folder with a datapackage.json (default: this one)")
    parser.add_argument("-o", "--output", default="dist", metavar="DIR", help="folder of releases (default: dist)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the summary (default: text)")


def _add_verify(commands: Any) -> None:
    parser = _command(
        commands, "verify", _verify, "recompute every hash and count of a release",
        "  newsds verify dist/newsds-sample/1.0.0\n"
        "  newsds verify release/ --digest 9f1c...   also prove that it is the release you pinned",
    )  # fmt: skip
    parser.add_argument("release", metavar="RELEASE", help="folder of the release")
    parser.add_argument("--digest", metavar="SHA256", help="release digest that an earlier `newsds verify` or `newsds build` printed")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the result (default: text)")


def _add_schema(commands: Any) -> None:
    parser = _command(
        commands, "schema", _schema, "show the article schema in one of its forms",
        "  newsds schema show\n"
        "  newsds schema show --as markdown\n"
        "  newsds schema show --as arrow",
    )  # fmt: skip
    parser.add_argument("action", choices=("show",), help="show: print it")
    parser.add_argument("--as", dest="form", default="json", choices=("json", "arrow", "table", "features", "croissant", "markdown"), help="form (default: json)")
    parser.add_argument("--schema-version", default=None, metavar="VERSION", help="version of the schema (default: the newest)")


def _add_rules(commands: Any) -> None:
    parser = _command(
        commands, "rules", _rules, "list the rules, or explain one",
        "  newsds rules\n"
        "  newsds rules NDS302\n"
        "  newsds rules --format json",
    )  # fmt: skip
    parser.add_argument("code", nargs="?", metavar="CODE", help="rule to explain")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the list (default: text)")


def _add_sample(commands: Any) -> None:
    parser = _command(
        commands, "sample", _sample, "write generated articles, for trying things and for benchmarks",
        "  newsds sample -n 1000 --seed 7 > articles.jsonl\n"
        "  newsds sample -n 200000 --copies 0.25 -o articles.jsonl",
    )  # fmt: skip
    parser.add_argument("-n", type=_count, default=100, metavar="N", help="number of records (default: 100)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="seed of the generator (default: 0)")
    parser.add_argument("--copies", type=_share, default=0.0, metavar="P", help="share of republished copies, 0 to 0.5 (default: 0)")
    parser.add_argument("-o", "--output", metavar="FILE", help="JSONL file (default: standard output)")
    parser.add_argument("--force", action="store_true", help="replace the output if it exists")


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 0.5:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 0.5")
    return value


# --- what the commands share ------------------------------------------------------------------------------------


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _json(data: Any) -> str:
    import orjson

    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()


@contextmanager
def _progress(arguments: argparse.Namespace, label: str, unit: str = " records") -> Iterator[Progress | None]:
    """Give a function that moves a progress bar, or None where nobody watches."""
    if arguments.quiet or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(desc=label, unit=unit, unit_scale=True, leave=False) as bar:
        yield bar.update


def _reading(arguments: argparse.Namespace) -> "Reading":
    from newsds.readers import Reading

    return Reading(
        map=dict(_pair(item, "--map") for item in arguments.map),
        columns=tuple(name.strip() for name in arguments.columns.split(",")) if arguments.columns else (),
        defaults={name: _value(text) for name, text in (_pair(item, "--default") for item in arguments.default)},
        date_order=arguments.date_order,
        encoding=arguments.encoding,
        delimiter=arguments.delimiter,
    )


def _pair(text: str, option: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name or not value:
        raise UsageError(f"{option} {text}: write it as NAME=VALUE")
    return name, value


def _value(text: str) -> Any:
    """Return JSON where the text is a JSON object or array, else the text."""
    import orjson

    if text[:1] not in "{[":
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"--default: {text[:60]!r} is not JSON ({error})") from None


def _refuse_existing(path: str | Path | None, *, force: bool) -> None:
    if path is not None and not force and Path(path).exists():
        raise OutputError(f"{path}: exists already; choose another name, or --force to replace it")


def _target(arguments: argparse.Namespace) -> "Path | BinaryIO":
    """Return where records go: a file that must not exist yet, or standard output."""
    if arguments.output in (None, "-"):
        return sys.stdout.buffer
    _refuse_existing(arguments.output, force=arguments.force)
    return Path(arguments.output)


def _summarise_findings(findings: Sequence[Finding], *, is_quiet: bool) -> None:
    """Show what could not be read on standard error: the first twenty, and how many there are."""
    if is_quiet:
        return
    shown = [finding for finding in findings if finding.level != "info"]
    for finding in shown[:20]:
        where = ":".join(str(part) for part in (finding.path, finding.line) if part is not None)
        _say(f"{where}: {finding.code} {finding.message}")
    if len(shown) > 20:
        _say(f"... and {len(shown) - 20:,} more; newsds validate lists them")


# --- the commands -----------------------------------------------------------------------------------------------


def _read(arguments: argparse.Namespace) -> int:
    from newsds.readers import read

    if arguments.explain:
        return _explain(arguments)
    _refuse_existing(arguments.rejected, force=arguments.force)
    articles = read(*arguments.inputs, reading=_reading(arguments))
    from newsds.readers.output import write_articles

    target = _target(arguments)
    rejected = Path(arguments.rejected) if arguments.rejected else None
    with _progress(arguments, "reading") as progress:
        n_articles = write_articles(articles, target, rejected=rejected, progress=progress)
    _summarise_findings(articles.findings, is_quiet=arguments.quiet)
    n_errors = sum(finding.level == "error" for finding in articles.findings)
    if not arguments.quiet and isinstance(target, Path):
        _say(f"{n_articles:,} articles written to {target}; {n_errors:,} places could not be read")
    return FINDINGS if n_errors else GOOD


def _explain(arguments: argparse.Namespace) -> int:
    from newsds.readers import explain_pages

    for path, lines in explain_pages(arguments.inputs, reading=_reading(arguments)):
        print(f"{path}:")
        for number, role, text in lines:
            print(f"{number:5} {role:13} {text}")
    return GOOD


def _validate(arguments: argparse.Namespace) -> int:
    from newsds.checks import validate

    articles, choices, as_of = _what_to_validate(arguments)
    with _progress(arguments, "validating") as progress:
        report = validate(articles, choices=choices, as_of=as_of, max_findings=arguments.max_findings, progress=progress)
    text = _report_text(report, arguments.format)
    if arguments.output:
        from newsds.files import atomic_write

        atomic_write(Path(arguments.output), text + "\n")
    else:
        print(text)
    failing = () if arguments.fail_on == "never" else LEVELS[: LEVELS.index(arguments.fail_on) + 1]
    return FINDINGS if any(report.has(level) for level in failing) else GOOD


def _report_text(report: "Report", form: str) -> str:
    from newsds.checks.report import to_github, to_json, to_text

    return {"text": to_text, "json": to_json, "github": to_github}[form](report).rstrip("\n")


def _what_to_validate(arguments: argparse.Namespace) -> "tuple[Articles, Any, Any]":
    from dataclasses import replace

    from newsds.project import Project, RuleChoices
    from newsds.readers import read, read_project

    project = None if arguments.inputs else Project.from_folder(".")
    articles = read_project(project) if project else read(*arguments.inputs, reading=_reading(arguments))
    choices = project.rules if project else RuleChoices()
    off = {code.upper(): "off" for code in arguments.ignore}
    choices = replace(choices, profile=arguments.profile or choices.profile, levels={**choices.levels, **off})
    return articles, choices, _as_of(arguments.as_of, project.created if project else None)


def _as_of(given: str | None, created: Any) -> Any:
    from datetime import UTC, datetime

    if given is None:
        return created or datetime.now(UTC)
    from newsds.dates import parse_date

    parsed = parse_date(given)
    if parsed is None:
        raise UsageError(f"--as-of {given}: no date; write it as 2026-07-01")
    return datetime.fromisoformat(parsed.at)


def _dedupe(arguments: argparse.Namespace) -> int:
    from newsds.dedup import dedupe
    from newsds.readers import read
    from newsds.readers.columns import table_texts, texts

    if bool(arguments.id) != bool(arguments.text) or (arguments.time and not arguments.id):
        raise UsageError("--id and --text go together, and --time with them")
    folder = Path(arguments.output)
    for name in ("clusters.parquet", "relations.parquet"):
        _refuse_existing(folder / name, force=arguments.force)
    if arguments.id:
        batches, findings = table_texts(arguments.inputs, id_column=arguments.id, text_column=arguments.text, time_column=arguments.time)
    else:
        articles = read(*arguments.inputs)
        batches, findings = texts(articles), articles.findings
    with _progress(arguments, "deduplicating") as progress:
        found = dedupe(batches, progress=progress)
    found.write(folder)
    findings = findings if arguments.id else articles.findings
    _summarise_findings(findings, is_quiet=arguments.quiet)
    summary = found.summary()
    if arguments.format == "json":
        print(_json({"output": folder.as_posix(), **summary}))
    elif not arguments.quiet:
        print("\n".join(f"{name.replace('_', ' '):22} {value}" for name, value in _flat(summary)))
    return FINDINGS if any(finding.level == "error" for finding in findings) else GOOD


def _flat(data: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name} ")
        else:
            yield prefix + name, f"{value:,}" if isinstance(value, int) else str(value)


def _build(arguments: argparse.Namespace) -> int:
    from newsds.release.build import build

    with _progress(arguments, "building") as progress:
        built = build(arguments.project, arguments.output, progress=progress)
    if arguments.format == "json":
        print(_json(built.to_dict()))
    elif not arguments.quiet or built.path is None:
        print(built.to_text())
    return GOOD if built.path is not None else FINDINGS


def _verify(arguments: argparse.Namespace) -> int:
    from newsds.errors import IntegrityError
    from newsds.release.verify import verify

    try:
        with _progress(arguments, "verifying", " files") as progress:
            verified = verify(arguments.release, digest=arguments.digest, progress=progress)
    except IntegrityError as error:
        problems = getattr(error, "problems", None) or (str(error),)
        if arguments.format == "json":
            print(_json({"ok": False, "problems": list(problems)}))
        else:
            for problem in problems:
                _say(f"newsds: {problem}")
        return FINDINGS
    if arguments.format == "json":
        print(_json({"ok": True, **verified.to_dict()}))
    elif not arguments.quiet:
        print(verified.to_text())
    return GOOD


def _schema(arguments: argparse.Namespace) -> int:
    from newsds.schema import SCHEMA_VERSION
    from newsds.schema_forms import schema_form

    print(schema_form(arguments.form, arguments.schema_version or SCHEMA_VERSION).rstrip("\n"))
    return GOOD


def _rules(arguments: argparse.Namespace) -> int:
    from newsds.checks.rules import RULES

    if arguments.code is None:
        return _list_rules(arguments.format)
    rule = RULES.get(arguments.code.upper())
    if rule is None:
        raise UsageError(f"no rule {arguments.code!r}; newsds rules lists them")
    print(_json(rule.to_dict()) if arguments.format == "json" else rule.to_text().rstrip("\n"))
    return GOOD


def _list_rules(form: str) -> int:
    from newsds.checks.rules import RULES

    if form == "json":
        print(_json([rule.to_dict() for rule in RULES.values()]))
        return GOOD
    for rule in RULES.values():
        print(f"{rule.code}  {rule.level:8} {rule.scope:8} {rule.summary}")
    return GOOD


def _sample(arguments: argparse.Namespace) -> int:
    from newsds.article import Articles, Row
    from newsds.readers.output import write_articles
    from newsds.sample import sample

    drawn = Articles(lambda: (Row(record=record) for record in sample(arguments.n, seed=arguments.seed, copies=arguments.copies)))
    with _progress(arguments, "writing") as progress:
        write_articles(drawn, _target(arguments), progress=progress)
    return GOOD


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    arguments = make_parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except NewsdsError as error:
        _say(f"newsds: {error}")
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return GOOD
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _say(f"newsds: {where}{error.strerror or error}")
        return NewsdsError.exit_code
    except KeyboardInterrupt:
        _say("newsds: stopped")
        return 130
    return status


if __name__ == "__main__":
    sys.exit(main())
