"""The catalogue: every rule by its code, and the reference pages made from it."""

from newsds.checks import (
    bodies,
    characters,
    copies,
    identity,
    languages,
    origins,
    people,
    publishers,
    releases,
    rights,
    sets,
    splits,
    times,
    unread,
)
from newsds.checks.rule import Rule

__all__ = ["RULES", "Rule", "pages"]

_HOMES = (
    unread,
    identity,
    characters,
    bodies,
    languages,
    times,
    origins,
    rights,
    people,
    publishers,
    sets,
    copies,
    splits,
    releases,
)

#: Code to rule, in the order of the codes.
RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in sorted((rule for home in _HOMES for rule in home.RULES), key=lambda rule: rule.code)
}

_HEAD = """\
# Rules

Every finding has a public code that is never used again.
This page and those it links to are made from the rules by `newsds.checks.rules.pages`;
`newsds rules NDS302` prints one of them, `--format json` as data.

Scope `reading`: what a reader could not read. `schema`: the article schema. `record`: one record.
`source`: all records of one publisher (of one domain where no publisher is named). `set`: all records together.
`copies`: texts that are compared with each other, with `newsds validate --copies`.
`release`: a release with its manifest. The rules on many records look at every record and never at a sample; beyond
a fixed size what they need is kept on the disk. Null is another rule's business: a rule passes a field that is
absent, and a field that breaks the schema.

"""

_CHOICES = """
## Choices of a project

Under `newsds` in `datapackage.json`:

```json
{
  "newsds": {
    "rules": {
      "NDS314": { "level": "off" },
      "NDS301": { "max_rate": 0.01 }
    },
    "waivers": [
      {
        "rule": "NDS404",
        "reason": "digitised archive, checked by hand",
        "path": "archive/*.jsonl",
        "expires": "2027-01-01"
      }
    ],
    "task": {
      "split_by": "file",
      "label": "section",
      "labels": ["business", "sport"],
      "in_time": ["train", "test"]
    },
    "opted_out": ["ledger.example"]
  }
}
```

- `level`: `error`, `warning`, `info` or `off`.
- `max_rate`: a budget, the share of the records that may have it before it counts; what it excuses is told
  in the report.
- `waivers`: findings that are known and accepted. A waiver needs a reason, may be narrowed to a `path` or a
  `record_id`, and holds to the end of the day `expires`; after that its findings count again, and the report says
  that it has expired.
- `task`: for sets that are already split and labelled. `split_by` is `file` (the name of the file or folder), or a
  field or column; `label` is a field or column. On the command line: `--split-by`, `--label`, `--in-time`.
- `opted_out`: domains, and SHA-256 of texts, that must not be there.

## Codes that were planned and are not there

- Addresses that no longer answer are not looked for: validation never goes to the network.
- The first day of an outlet is not known to newsds: `NDS404` compares with the beginning of the web.
- A publisher's wire numbers are known from addresses and identifiers (`NDS604`); story numbers elsewhere are not.
- Names of minors and victims are not looked for: a list of names cannot tell them from others.
- An address that is missing or not absolute is `NDS102` under the profile `web`, and `NDS104`.
"""


def pages() -> dict[str, str]:
    """Return the pages of the reference: path below `docs/reference` to text."""
    rows = [
        f"| [{rule.code}](rules/{rule.code}.md) | {rule.name} | {rule.level} | {rule.scope} "
        f"| {rule.fixable or ''} | {rule.summary} |"
        for rule in RULES.values()
    ]
    head = ["| code | name | level | scope | newsds fix | what is wrong |", "|---|---|---|---|---|---|"]
    index = _HEAD + "\n".join([*head, *rows]) + "\n" + _CHOICES
    return {"rules.md": index} | {f"rules/{rule.code}.md": rule.to_markdown() for rule in RULES.values()}
