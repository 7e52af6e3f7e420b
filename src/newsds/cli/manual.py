"""The manual of the command line, made from its parsers."""

import argparse
import re
from collections.abc import Iterator

__all__ = ["iter_commands", "manual"]

_HEAD = """\
# Command line

Made from the parsers by `newsds.cli.manual`; `newsds COMMAND --help` says the same.

Every command ends with exit status 0 if all is good, 1 if it found something, 2 for bad usage, 3 if it cannot read or write,
and takes `-h`, `--help`. Messages and progress go to standard error, results to standard output.

Data that is there is never replaced without `--force`. A report of `newsds validate` replaces an earlier report, and
an index an earlier index, for they are written anew on every run; anything else in their place they leave alone, too.
A file that a command writes is not read by it, should it lie in a folder that is: the command says so.
"""


def iter_commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield name and parser of every command, and of what it is made of, in the order of the help."""
    for action in parser._actions:  # noqa: SLF001 # argparse has no public way to them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for name, inner in action.choices.items():
                yield name, inner
                yield from ((f"{name} {deeper}", found) for deeper, found in iter_commands(inner))


def manual(parser: argparse.ArgumentParser) -> str:
    """Return the reference page of all commands."""
    commands = list(iter_commands(parser))
    index = [
        f"| [`newsds {name}`](#newsds-{name.replace(' ', '-')}) | {_cell(found.description or '')} |"
        for name, found in commands
    ]
    table = "\n".join(["| command | |", "|---|---|", *index])
    return "\n".join([_HEAD, table, "", *(_section(name, found) for name, found in commands)])


def _section(name: str, parser: argparse.ArgumentParser) -> str:
    arguments = [action for action in parser._actions if not _is_hidden(action)]  # noqa: SLF001
    names = " ".join(_place(action) for action in arguments if not action.option_strings)
    options = " [OPTION ...]" if any(action.option_strings for action in arguments) else ""
    parts = [
        f"## newsds {name}",
        "",
        parser.description or "",
        "",
        "```text",
        f"newsds {name}{options} {names}".rstrip(),
        "```",
        "",
    ]
    if arguments:
        parts += ["| | |", "|---|---|", *map(_row, arguments), ""]
    parts += _examples(parser)
    return "\n".join(parts)


def _is_hidden(action: argparse.Action) -> bool:
    kinds = (argparse._HelpAction, argparse._SubParsersAction)  # noqa: SLF001
    return isinstance(action, kinds) or action.help == argparse.SUPPRESS


def _place(action: argparse.Action) -> str:
    """Return a positional argument as the usage line has it."""
    name = _metavar(action)
    return {"*": f"[{name} ...]", "+": f"{name} ...", "?": f"[{name}]"}.get(str(action.nargs), name)


def _metavar(action: argparse.Action) -> str:
    if action.choices is not None and action.metavar is None:
        return "{" + ",".join(map(str, action.choices)) + "}"
    return str(action.metavar or action.dest.upper())


def _row(action: argparse.Action) -> str:
    value = "" if action.nargs == 0 else f" {_metavar(action)}"
    names = ", ".join(f"`{option}{value}`" for option in action.option_strings) or f"`{_metavar(action)}`"
    return f"| {_cell(names)} | {_cell(str(action.help or ''))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").replace("%%", "%")


def _examples(parser: argparse.ArgumentParser) -> list[str]:
    """Return the examples of the help, without the exit statuses, which are the same everywhere."""
    text = (parser.epilog or "").partition("\n\n")[0].removeprefix("examples:\n")
    lines = [line.strip() for line in text.split("\n") if line.strip().startswith("newsds")]
    shown = [re.sub(r"\s{3,}(\S.*)$", r"  # \1", line) for line in lines]
    return ["```console", *(f"$ {line}" for line in shown), "```", ""] if shown else []
