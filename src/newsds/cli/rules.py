"""newsds rules."""

import argparse
from typing import Any

from newsds.cli.console import GOOD, json_text
from newsds.cli.options import add_command
from newsds.errors import UsageError

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = add_command(
        commands, "rules", run, "list the rules, or explain one",
        "  newsds rules\n"
        "  newsds rules NDS302\n"
        "  newsds rules --format json",
    )  # fmt: skip
    parser.add_argument("code", nargs="?", metavar="CODE", help="rule to explain")
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="form of the list (default: text)"
    )


def run(arguments: argparse.Namespace) -> int:
    from newsds.checks.rules import RULES

    if arguments.code is None:
        return _list_rules(arguments.format)
    rule = RULES.get(arguments.code.upper())
    if rule is None:
        raise UsageError(f"no rule {arguments.code!r}; newsds rules lists them")
    print(json_text(rule.to_dict()) if arguments.format == "json" else rule.to_text().rstrip("\n"))
    return GOOD


def _list_rules(form: str) -> int:
    from newsds.checks.rules import RULES

    if form == "json":
        print(json_text([rule.to_dict() for rule in RULES.values()]))
        return GOOD
    for rule in RULES.values():
        print(f"{rule.code}  {rule.level:8} {rule.scope:8} {rule.summary}")
    return GOOD
