"""Amounts as news writes them: spelled out, in full, or rounded with a word such as million."""

import re
from typing import NamedTuple

__all__ = ["ONE", "SPELLED", "Amount", "are_one", "parse_amount"]

#: One, spelled out: an article and a pronoun too, it is a number only where another text has one in its place.
ONE = ("one", "ein", "eins", "un", "uno")
#: Numbers that are spelled out.
SPELLED = {
    word: value
    for words in (
        "two three four five six seven eight nine ten eleven twelve",
        "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
        "deux trois quatre cinq six sept huit neuf dix onze douze",
        "dos tres cuatro cinco seis siete ocho nueve diez",
    )
    for value, word in enumerate(words.split(), 2)
}
#: Words after a number that multiply it.
_SCALES = {
    "thousand": 1e3, "mln": 1e6, "million": 1e6, "millions": 1e6, "mio": 1e6, "millionen": 1e6, "millones": 1e6,
    "bln": 1e9, "bn": 1e9, "billion": 1e9, "billions": 1e9, "mrd": 1e9, "milliarden": 1e9, "milliards": 1e9,
    "trillion": 1e12,
}  # fmt: skip
#: Difference between an amount and its rounded form, as a share of it, at most.
_ROUNDED = 0.05
_WHOLE = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")
_DECIMAL = re.compile(r"\d+[.](\d+)")
#: What follows the whole number of a fraction, as in 6-1/4.
_FRACTION = re.compile(r"\d{1,2}")


class Amount(NamedTuple):
    """What a number is worth."""

    value: float
    #: Worth of its last digit.
    unit: float


def parse_amount(number: str, after: str) -> Amount | None:
    """Return what a number is worth, given the word after it; None if it is none.

    >>> parse_amount("13.5", "mln"), parse_amount("four", "vs")
    (Amount(value=13500000.0, unit=100000.0), Amount(value=4.0, unit=1.0))
    """
    if _FRACTION.fullmatch(after):
        return None
    scale = _SCALES.get(after.casefold(), 1.0)
    if spelled := SPELLED.get(number.casefold(), number.casefold() in ONE):
        return Amount(spelled * scale, scale)
    if _WHOLE.fullmatch(number):
        return Amount(float(number.replace(",", "")) * scale, scale)
    match = _DECIMAL.fullmatch(number)
    return Amount(float(number) * scale, scale / 10 ** len(match[1])) if match else None


def are_one(a: str, after_a: str, b: str, after_b: str) -> bool:
    """Tell whether two numbers, each with the word after it, are one amount: equal, or one rounded to thousands or more.

    >>> are_one("13,555,000", "vs", "13.5", "mln"), are_one("17.5", "dlrs", "17.6", "dlrs")
    (True, False)
    """
    left, right = parse_amount(a, after_a), parse_amount(b, after_b)
    if left is None or right is None:
        return False
    coarser, larger = max(left.unit, right.unit), max(left.value, right.value)
    is_rounded = left.unit != right.unit and coarser >= 1000
    difference = abs(left.value - right.value)
    return difference == 0 or (is_rounded and difference < min(coarser, _ROUNDED * larger))
