r"""Screen: one quick look at a record that tells which rules may have a hit; in most records none has.

A rule says where it may have a hit: by signs, which are patterns of what must be there; by the form of the records in
which it has none; by a question of its own. Signs and forms of all rules become one JSON schema together with the
article schema, so that one call of `jsonschema_rs` answers them all, and all signs of a field become one pattern, for
which its text is read once.

Patterns are those of Rust's `regex`, in which JSON schema makes `\d` and `\w` mean ASCII. They must not look round,
nor count far: the text is then read in one go, at about a nanosecond per byte.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property, reduce
from typing import TYPE_CHECKING, Any

from newsds.article import Record
from newsds.checks.rule import Glimpse, Rule
from newsds.checks.rules import RULES
from newsds.schema import for_rust, profile_schema, strict

if TYPE_CHECKING:
    import jsonschema_rs

__all__ = ["UNSCREENED", "Question", "Screen", "is_screened"]

#: What is asked of a glimpse of a record: whether a rule may have a hit there.
Question = Callable[[Glimpse], object]
#: Code of a rule and the field of one of its signs; no field stands for its form.
_Sign = tuple[str, str]

#: Records of a process that are let through to every rule: making the patterns takes as long as these.
UNSCREENED = 500


def is_screened(rule: Rule) -> bool:
    """Tell whether a rule says where it may have a hit."""
    return bool(rule.signs or rule.form or rule.may_hit)


class Screen:
    """Tells which of some rules may have a hit in a record."""

    def __init__(self, questions: Mapping[str, Question | None], *, profile: str) -> None:
        """Take rules on one record.

        Args:
            questions: code of each rule to the question of its own, if it has one.
            profile: of the article schema.
        """
        self._codes = frozenset(questions)
        self._always = frozenset(code for code in questions if not is_screened(RULES[code]))
        self._questions = tuple((code, ask) for code, ask in questions.items() if ask is not None)
        self._patterns = _patterns(tuple(questions), profile)

    def is_clean(self, record: Record) -> bool:
        """Tell whether a record is valid, has no blank where a text is required, and has no hit, for sure."""
        if self._always or not self._patterns.is_due or not self._patterns.whole.is_valid(record):
            return False
        glimpse = Glimpse(record)
        for _, ask in self._questions:  # noqa: SIM110 # a generator would cost more than the questions
            if ask(glimpse):
                return False
        return True

    def suspects(self, record: Record) -> frozenset[str]:
        """Return the codes of the rules that may have a hit in a record without faulty fields."""
        if not self._patterns.is_due:
            self._patterns.n_waiting -= 1
            return self._codes
        glimpse = Glimpse(record)
        asked = (code for code, ask in self._questions if ask(glimpse))
        matching = _matching(record, self._patterns.signs) if self._patterns.signs else ()
        return self._always.union(asked, matching)


class _Patterns:
    """What is compiled of some rules, when it is first needed and worth it."""

    def __init__(self, codes: tuple[str, ...], profile: str) -> None:
        self._codes, self._profile = codes, profile
        self.n_waiting = UNSCREENED
        self.signs = tuple(
            (code, field)
            for code in codes
            for field in (*RULES[code].signs, *([""] if RULES[code].form else []))
        )

    @property
    def is_due(self) -> bool:
        return self.n_waiting <= 0

    @cached_property
    def whole(self) -> "jsonschema_rs.Draft202012Validator":
        """The validator of records that are valid and hold no sign of any of the rules."""
        import jsonschema_rs

        schema = for_rust(strict(profile_schema(self._profile)))
        parts = [*schema.get("allOf", ()), *map(_lacking, _grouped(self.signs))]
        return jsonschema_rs.Draft202012Validator({**schema, "allOf": parts} if parts else schema)


#: One for all checkers of a process, which has one for each part of its inputs.
_patterns = cache(_Patterns)


def _grouped(signs: tuple[_Sign, ...]) -> list[tuple[_Sign, ...]]:
    """Return signs in groups, each of which is one pattern: by field, those of the body by hundreds, or one by one."""
    fields = {field for _, field in signs}
    if len(fields) > 1:
        keys = [field or code for code, field in signs]
    else:
        keys = [code[:4] for code, _ in signs] if fields == {"body"} else []
    if len(set(keys)) <= 1:
        return [(sign,) for sign in signs]
    groups: dict[str, tuple[_Sign, ...]] = {}
    for key, sign in zip(keys, signs, strict=True):
        groups[key] = (*groups.get(key, ()), sign)
    return list(groups.values())


@cache
def _parted(signs: tuple[_Sign, ...]) -> tuple[list[tuple[_Sign, ...]], "jsonschema_rs.Draft202012Validator"]:
    """Return groups of signs, and the validator whose errors have their numbers."""
    import jsonschema_rs

    groups = _grouped(signs)
    schema = {"allOf": [_lacking(group) for group in groups]}
    return groups, jsonschema_rs.Draft202012Validator(schema, mask="")


def _matching(record: Record, signs: tuple[_Sign, ...]) -> Iterator[str]:
    """Yield the codes of the rules of which a record holds a sign or has not the form."""
    groups, validator = _parted(signs)
    for error in validator.iter_errors(record):
        group = groups[int(error.schema_path[1])]
        if len(group) == 1:
            yield group[0][0]
        else:
            yield from _matching(record, group)


def _lacking(signs: Iterable[_Sign]) -> dict[str, Any]:
    """Return the schema of the records that hold none of the signs of one field, or that have the form of the rule."""
    patterns = []
    for code, field in signs:
        if not field:
            return dict(RULES[code].form or {})
        patterns.append(f"(?:{RULES[code].signs[field]})")
    return _within(field, {"not": {"type": "string", "pattern": "|".join(patterns)}})


def _within(field: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a record of which a field such as `body`, `dateline.date` or `tags[]` has a schema."""
    steps = field.replace("[]", ".[]").split(".")
    return reduce(
        lambda inner, name: {"items": inner} if name == "[]" else {"properties": {name: inner}},
        reversed(steps),
        schema,
    )
