r"""Screen: one quick look at a record that tells which rules may have a hit; in most records none has.

A rule says where it may have a hit: by signs, which are patterns of what must be there; by the form of the records in
which it has none; by a question of its own. Signs and forms of all rules become one JSON schema together with the
article schema, so that one call of `jsonschema_rs` answers them all, and all signs of a field become one pattern, for
which its text is read once.

Patterns are those of Rust's `regex`, in which JSON schema makes `\d` and `\w` mean ASCII. They must not look round,
nor count far: the text is then read in one go, at about a nanosecond per byte.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, reduce
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
UNSCREENED = 200

#: Tags of languages that are known again.
MAX_TAGS = 1000

#: Memory of one pattern for what it has met: with less than all it meets it begins anew again and again.
DFA_BYTES = 32 * 2**20


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

    def is_plain(self, record: Record) -> bool:
        """Tell whether a record is valid, has no blank where a text is required, and holds no sign of any rule, for sure."""
        patterns = self._patterns
        try:
            return patterns.is_due and patterns.whole(record).is_valid(record)
        except (ValueError, TypeError, RecursionError, OverflowError):
            # What is no JSON data; what is wrong with it others say.
            return False

    def is_clean(self, record: Record) -> bool:
        """Tell whether a record is plain and has no hit, for sure."""
        if self._always or not self.is_plain(record):
            return False
        glimpse = Glimpse(record)
        for _, ask in self._questions:  # noqa: SIM110 # a generator would cost more than the questions
            if ask(glimpse):
                return False
        return True

    def suspects(self, record: Record, *, is_plain: bool = False) -> frozenset[str]:
        """Return the codes of the rules that may have a hit in a record without faulty fields.

        Args:
            record: where to look.
            is_plain: whether it is known to be plain, so that only the questions are left.
        """
        if not self._patterns.is_due:
            self._patterns.n_waiting -= 1
            return self._codes
        glimpse = Glimpse(record)
        asked = (code for code, ask in self._questions if ask(glimpse))
        signs = () if is_plain else self._patterns.signs
        return self._always.union(asked, _matching(record, signs) if signs else ())


class _Patterns:
    """What is compiled of some rules, when it is first needed and worth it."""

    def __init__(self, codes: tuple[str, ...], profile: str) -> None:
        self._profile = profile
        self.n_waiting = UNSCREENED
        self.signs = tuple(
            (code, field)
            for code in codes
            for field in (*RULES[code].signs, *([""] if RULES[code].form else []))
        )
        self._wholes = dict.fromkeys(field.rpartition("/")[0] for _, field in self.signs)
        #: The same by the tags that records bear.
        self._tagged: dict[str, jsonschema_rs.Draft202012Validator] = {}

    @property
    def is_due(self) -> bool:
        return self.n_waiting <= 0

    def whole(self, record: object) -> "jsonschema_rs.Draft202012Validator":
        """Return the validator of valid records without a sign of any rule, that for the language of what may be one."""
        try:
            return self._tagged[record["language"]]  # type: ignore[index] # what is no record goes on
        except (KeyError, TypeError):
            return self._whole_of(record)

    def _whole_of(self, record: object) -> "jsonschema_rs.Draft202012Validator":
        tag = record.get("language") if isinstance(record, dict) else None
        language = tag[:2].lower() if type(tag) is str and tag[2:3] in ("", "-") else ""
        language = language if language in self._wholes else ""
        found = self._wholes.get(language)
        if found is None:
            found = self._wholes[language] = self._make_whole(language)
        if type(tag) is str and len(self._tagged) < MAX_TAGS:
            self._tagged[tag] = found
        return found

    def _make_whole(self, language: str) -> "jsonschema_rs.Draft202012Validator":
        signs = [sign for sign in self.signs if sign[1].rpartition("/")[0] in ("", language)]
        schema = for_rust(strict(profile_schema(self._profile)))
        groups = _grouped(signs, lambda code, field: field.rpartition("/")[2] or code)
        forms: list[dict[str, Any]] = []
        for form in (_lacking(group) for group in groups if not group[0][1]):
            if form not in forms:
                forms.append(form)
        lacking: dict[str, Any] = {}
        for group in groups:
            if group[0][1]:
                lacking = _merged(lacking, _lacking(group, language=language))
        return _validator({**schema, "allOf": [*schema.get("allOf", ()), *forms, lacking]})


#: One for all checkers of a process, which has one for each part of its inputs.
_patterns = cache(_Patterns)


def _grouped(signs: Iterable[_Sign], key: Callable[[str, str], str]) -> list[tuple[_Sign, ...]]:
    """Return signs in groups with one key of code and field."""
    groups: dict[str, tuple[_Sign, ...]] = {}
    for sign in signs:
        groups[key(*sign)] = (*groups.get(key(*sign), ()), sign)
    return list(groups.values())


@cache
def _parted(signs: tuple[_Sign, ...]) -> tuple[list[tuple[_Sign, ...]], "jsonschema_rs.Draft202012Validator"]:
    """Return signs in groups, each one pattern, and the validator whose errors have the numbers of the groups.

    The groups are fields; of the body, which is long, hundreds of rules; or single rules.
    """
    groups = _grouped(signs, lambda code, field: field or code)
    if len(groups) == 1 and groups[0][0][1] == "body":
        groups = _grouped(signs, lambda code, _: code[:4])
    if len(groups) == 1:
        groups = [(sign,) for sign in signs]
    return groups, _validator({"allOf": [_lacking(group) for group in groups]})


def _validator(schema: dict[str, Any]) -> "jsonschema_rs.Draft202012Validator":
    import jsonschema_rs

    options = jsonschema_rs.FancyRegexOptions(dfa_size_limit=DFA_BYTES)
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=options, mask="")


def _matching(record: Record, signs: tuple[_Sign, ...]) -> Iterator[str]:
    """Yield the codes of the rules of which a record holds a sign or has not the form."""
    groups, validator = _parted(signs)
    for error in validator.iter_errors(record):
        group = groups[int(error.schema_path[1])]
        if len(group) == 1:
            yield group[0][0]
        else:
            yield from _matching(record, group)


def _lacking(signs: tuple[_Sign, ...], *, language: str = "") -> dict[str, Any]:
    """Return the schema of the records that hold none of the signs of one field, or have the form of one rule.

    It is written as conditions because their errors cost nothing: others hold a copy of the patterns.

    Args:
        signs: of one field, or one form.
        language: of the records; those of others are passed over by the signs of a language.
    """
    code, field = signs[0]
    if not field:
        return {"if": RULES[code].form, "else": False}
    own, _, name = field.rpartition("/")
    patterns = "|".join(f"(?:{RULES[code].signs[field]})" for code, field in signs)
    lacking = _within(name, {"if": {"type": "string", "pattern": patterns}, "then": False})
    if own in ("", language):
        return lacking
    return {"if": _within("language", {"pattern": f"^(?i:{own})(?:-|$)"}), "then": lacking}


def _within(field: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a record of which a field such as `body`, `dateline.date` or `tags[]` has a schema."""
    steps = field.replace("[]", ".[]").split(".")
    return reduce(
        lambda inner, name: {"items": inner} if name == "[]" else {"properties": {name: inner}},
        reversed(steps),
        schema,
    )


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return what is in either of two nests of dictionaries that share no leaf."""
    return {**one, **{key: _merged(one[key], value) if key in one else value for key, value in other.items()}}
