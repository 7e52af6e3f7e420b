"""Writes the pages of the reference that are made from the code."""

from pathlib import Path

from newsds.checks.rules import pages
from newsds.cli import make_parser
from newsds.cli.manual import manual
from newsds.schema_forms import markdown

REFERENCE = Path(__file__).parent / "reference"


def main() -> None:
    """Write every page; what is there is replaced."""
    for name, text in {**pages(), "cli.md": manual(make_parser()), "schema.md": markdown()}.items():
        target = REFERENCE / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
