"""The catalogue: every rule by its code, and the reference page made from it."""

from newsds.checks import bodies, characters, identity, origins, people, sets, times, unread
from newsds.checks.rule import Rule

__all__ = ["RULES", "Rule", "reference"]

_HOMES = (unread, identity, characters, bodies, times, origins, people, sets)

#: Code to rule, in the order of the codes.
RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in sorted((rule for home in _HOMES for rule in home.RULES), key=lambda rule: rule.code)
}

_HEAD = """\
# Rules

Every finding has a public code that is never used again.
This page is made from the rules by `newsds.checks.rules.reference`.

A project changes levels, sets budgets and waives findings under `newsds` in its `datapackage.json`;
`newsds rules NDS302` prints one entry.

Scope `reading`: what a reader could not read. `schema`: the article schema. `record`: one record.
`set`: all records together, exactly and never by sample. Null is another rule's business: a rule passes
a field that is absent, and a field that breaks the schema.
"""


def reference() -> str:
    """Return `docs/reference/rules.md`."""
    rows = [
        f"| [{rule.code}](#{rule.code.lower()}-{rule.name}) | {rule.level} | {rule.scope} | {rule.summary} |"
        for rule in RULES.values()
    ]
    table = "\n".join(["| code | level | scope | what is wrong |", "|---|---|---|---|", *rows])
    return "\n".join([_HEAD, table, "", *(rule.to_markdown() for rule in RULES.values())])
