"""Pure functions over text: normal form, words, language, safe excerpts."""

import hashlib
import re
import unicodedata

__all__ = [
    "count_words",
    "detect_language",
    "excerpt",
    "middle_line",
    "normalise_text",
    "text_digest",
    "visible",
]

_WORD = re.compile(r"\w+")
_LINE_END = re.compile(r"\r\n?")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

#: Characters of text below which language detection is a guess (measured: no error on prose above it).
MIN_DETECTABLE = 160


def normalise_text(text: str) -> str:
    """Return text in NFC with line feeds as line ends and no outer white space; nothing else changes."""
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    return unicodedata.normalize("NFC", text).strip()


def count_words(text: str) -> int:
    r"""Return the number of runs of Unicode word characters.

    >>> count_words("Port Halden's ferry, 3 p.m.")
    7
    """
    return sum(1 for _ in _WORD.finditer(text))


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes, 64 hexadecimal digits; lone surrogates are hashed too."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of a text, or `und` if it is too short to tell.

    The model is that of `py3langid`; it is exact on prose and poor on headlines, so short texts
    are not guessed. The text is lower-cased first: capitals mislead the model.
    """
    sample = text[:4000]
    if len(sample) < MIN_DETECTABLE and not _is_dense(sample):
        return "und"
    import py3langid

    language, _ = py3langid.classify(sample.lower())
    return str(language)


def _is_dense(text: str) -> bool:
    """Tell whether a text is long enough in a script whose characters are words or syllables."""
    return sum("\u3040" <= char <= "\ud7af" for char in text) >= MIN_DETECTABLE // 4


def excerpt(text: str, *, start: int = 0, end: int | None = None, width: int = 160) -> str:
    """Return at most `width` characters round a span, on one line, harmless in a terminal.

    Control characters, line separators and direction overrides become a visible escape.
    """
    end = len(text) if end is None else end
    spare = max(0, width - (end - start)) // 2
    cut = text[max(0, start - spare) : max(0, start - spare) + width]
    return visible(cut)[:width]


def visible(text: str) -> str:
    r"""Return text on one line in which what is not seen is shown as `excerpt` shows it.

    >>> visible("one\ntwo\x00")
    'one⏎two\\u0000'
    """
    return _UNSAFE.sub(_visible, text)


def middle_line(evidence: str) -> str:
    """Return the line of an excerpt that holds its middle, where the fault is."""
    width = 80 if len(evidence) <= 80 else 160
    middle = min(width // 2 - 1, len(evidence) - 1)
    start = evidence.rfind("⏎", 0, middle + 1) + 1
    return evidence[start:].split("⏎", 1)[0]


def _visible(match: re.Match[str]) -> str:
    char = match.group()
    return {"\n": "⏎", "\t": " "}.get(char, f"\\u{ord(char):04x}")
