"""Ways in which the same takes are given: with less beside the text, with more inside it, in another form."""

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence

import measures
import numpy as np
import running
from reuters import Take

__all__ = ["VARIANTS", "score_variants"]

_SIGN_OFF = re.compile(r"\s*reuter\s*$", re.IGNORECASE)


def _row(take: Take, text: str | None = None, *, headline: bool = True, date: bool = True) -> dict:
    return {
        "id": take.id,
        "text": take.text if text is None else text,
        "headline": take.headline if headline else None,
        "published_at": take.published_at if date else None,
    }


def _inside(gap: str, *, date: bool = True) -> Callable[[Take], dict]:
    """Return what puts the headline into the text before a gap."""
    return lambda take: _row(
        take, f"{take.headline or ''}{gap}{take.text}".strip(), headline=False, date=date
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


VARIANTS: dict[str, Callable[[Take], dict]] = {
    "text, headline, date": _row,
    "no date": lambda take: _row(take, date=False),
    "no headline": lambda take: _row(take, headline=False),
    "text alone": lambda take: _row(take, headline=False, date=False),
    "headline, empty line, text": _inside("\n\n"),
    "headline, new line, text": _inside("\n"),
    "headline and text on one line": _inside(" "),
    "the same without a date": _inside(" ", date=False),
    "all in capitals": lambda take: _row(take, take.text.upper()),
    "lines cut anew": lambda take: _row(take, textwrap.fill(_one_line(take.text), 50)),
    "no lines": lambda take: _row(take, _one_line(take.text)),
    "no sign-off": lambda take: _row(take, _SIGN_OFF.sub("", take.text)),
}


def score_variants(
    takes: Sequence[Take], samples: Mapping[str, Sequence[dict]]
) -> Iterator[tuple[str, dict[str, list[tuple[float, float, float]]]]]:
    """Yield the name of each variant, and for each sample precision, recall and F1 of all pairs and of those left.

    Left out are pairs that are no copies, and yet equal word for word in text and headline as far as they are given:
    notices of two companies, bulletins of two days.
    """
    for name, make in VARIANTS.items():
        rows = [make(take) for take in takes]
        cluster_of = dict(zip((row["id"] for row in rows), running.find(rows), strict=True))
        words = {row["id"]: _words(row) for row in rows}
        yield name, {sample: _score(labels, cluster_of, words) for sample, labels in samples.items()}


def _score(labels: Sequence[dict], cluster_of: dict, words: dict) -> list[tuple[float, float, float]]:
    pairs = [(row["newid_a"], row["newid_b"]) for row in labels]
    truth = np.array([row["label"] == "1" for row in labels])
    found = np.array([cluster_of[a] == cluster_of[b] for a, b in pairs])
    is_told = truth | np.array([words[a] != words[b] for a, b in pairs])
    return [measures.flag_scores(found[kept], truth[kept]) for kept in (np.ones_like(is_told), is_told)]


def _words(row: dict) -> list[str]:
    return re.findall(r"\w+", f"{row['headline'] or ''} {row['text']}".casefold())
