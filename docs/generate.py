"""Writes the pages of the reference that are made from the code."""

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import newsds
from newsds.checks.rules import pages
from newsds.cli import make_parser
from newsds.cli.manual import manual
from newsds.schema_forms import markdown

REFERENCE = Path(__file__).parent / "reference"

#: The public functions, in the order of the pipeline.
VERBS = (
    "read", "validate", "quarantine", "fix", "dedupe", "explain", "update_index", "read_index",
    "remove_articles", "remove_release", "split", "leak", "build", "verify",
    "sign", "trace", "publish", "load", "sample", "arrow_schema",
)  # fmt: skip

_PYTHON_HEAD = """\
# Python

Made from the docstrings; `help(newsds.validate)` says the same. Everything here is imported on first use, and typed.

Where an argument is called `source`, it may be a path or several (files, folders, patterns), the articles of `newsds.read`,
an Arrow table, record batches, records (dictionaries), or what `newsds.load` returned. Of an iterator one pass is made, and
nothing is held. [Errors](errors.md) lists what is raised.
"""


def python_page() -> str:
    """Return the page about the public functions."""
    return "\n".join([_PYTHON_HEAD, *(_verb(name, getattr(newsds, name)) for name in VERBS)])


def _verb(name: str, function: Callable[..., Any]) -> str:
    summary, *sections = re.split(
        r"\n\n(?=(?:Args|Raises|Returns|Yields):\n)", inspect.getdoc(function) or ""
    )
    return "\n".join(
        [
            f"## newsds.{name}",
            "",
            "```text",
            f"{name}({', '.join(_parameters(function))})",
            "```",
            "",
            summary,
            "",
            *(line for section in sections for line in _section(section)),
        ]
    )


def _parameters(function: Callable[..., Any]) -> Iterator[str]:
    is_named = False  # whether what follows must be named, and whoever reads was told
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not is_named:
            is_named = True
            yield "*"
        is_named = is_named or parameter.kind is parameter.VAR_POSITIONAL
        star = "*" if parameter.kind is parameter.VAR_POSITIONAL else ""
        has_default = parameter.default is not parameter.empty
        yield f"{star}{parameter.name}" + (f"={parameter.default!r}" if has_default else "")


def _section(text: str) -> Iterator[str]:
    """Yield the lines of a list of arguments or errors."""
    title, _, body = text.partition(":\n")
    for item in re.split(r"\n(?=    \w)", inspect.cleandoc("\n" + body).replace("\n", "\n    ").strip()):
        name, sign, said = " ".join(item.split()).partition(": ")
        yield (
            f"- `{name}`: {said}"
            if title == "Args" and sign
            else f"- {title.lower()} {' '.join(item.split())}"
        )
    yield ""


def main() -> None:
    """Write every page; what is there is replaced."""
    made = {"cli.md": manual(make_parser()), "schema.md": markdown(), "python.md": python_page()}
    for name, text in {**pages(), **made}.items():
        target = REFERENCE / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
