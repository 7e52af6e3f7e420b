"""Reuters-21578 (Distribution 1.0, research use): reading it, and the families of notices that must not merge."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["FAMILIES", "Take", "read_takes", "sibling_counts"]

#: Family to what its headlines look like; siblings are takes of one family about different companies or days.
FAMILIES = {
    "dividends": r"DIVIDEND|PAYOUT|\bDIV\b",
    "earnings": r"(?:QTR|YEAR|MTHS|HALF|SHR)\b.{0,20}\b(?:NET|LOSS|RESULTS|EARNINGS)\b|\bNET$",
    "central banks": r"^FED (?:ADDS|SETS|EXPECTED|TO)|MONEY MARKET|^BUNDESBANK (?:SETS|ALLOCATES|ACCEPTS)",
    "commodity prices": r"(?:RAISES|LOWERS|CUTS|HIKES).{0,40}PRICES?\b|HOGS|GRAIN FUTURES|CATTLE",
}


@dataclass(frozen=True, slots=True)
class Take:
    """One take of the wire."""

    id: str
    headline: str | None
    text: str
    published_at: datetime

    def to_row(self, *, hide: Sequence[str] = (), inside: bool = False) -> dict:
        """Return the take as newsds takes it, without what is to be hidden, its headline in the text if that is asked."""
        is_inside = inside and self.headline
        return {
            "id": self.id,
            "text": f"{self.headline}\n\n{self.text}" if is_inside else self.text,
            "headline": None if inside or "headline" in hide else self.headline,
            "published_at": None if "time" in hide else self.published_at,
        }


def read_takes(folder: Path) -> list[Take]:
    """Read the collection's SGML files."""
    pattern = re.compile(r"<REUTERS(.*?)>(.*?)</REUTERS>", re.DOTALL)
    texts = (path.read_bytes().decode("latin-1") for path in sorted(folder.glob("*.sgm")))
    return [_read_take(match[1], match[2]) for text in texts for match in pattern.finditer(text)]


def _read_take(attributes: str, content: str) -> Take:
    number = re.search(r'NEWID="(\d+)"', attributes)
    assert number
    body = _inside("BODY", content) or re.sub(
        r"<(TITLE|AUTHOR|DATELINE)>.*?</\1>", "", _inside("TEXT", content) or "", flags=re.DOTALL
    )
    # A take that is a headline only has asterisks, or a placeholder, for a body.
    body = "" if body.startswith("*****") else body
    return Take(number[1], _inside("TITLE", content), body, _date(_inside("DATE", content) or ""))


def _inside(tag: str, content: str) -> str | None:
    match = re.search(rf"<{tag}[^>]*>(.*?)</{tag}>", content, re.DOTALL)
    return html.unescape(match[1]).replace("\x03", "").strip() if match else None


def _date(text: str) -> datetime:
    match = re.search(r"(\d+)-\s*([A-Z]+)-\s*(\d{4})\s+\d*?(\d{1,2}):(\d+):(\d+)", text)
    assert match, text
    day, month, *rest = match.groups()
    months = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()  # noqa: SIM905
    year, hour, minute, second = map(int, rest)
    return datetime(year, months.index(month[:3]) + 1, int(day), hour, minute, second, tzinfo=UTC)


def sibling_counts(takes: list[Take], clusters: list) -> dict[str, tuple[int, int]]:
    """Return family to the number of its takes, and of those that share a cluster with a sibling."""
    found = {}
    for family, pattern in FAMILIES.items():
        members: dict = {}
        for take, cluster in zip(takes, clusters, strict=True):
            if take.headline and re.search(pattern, take.headline):
                members.setdefault(cluster, []).append(_subject(family, take))
        merged = sum(len(subjects) for subjects in members.values() if len(set(subjects)) > 1)
        found[family] = sum(map(len, members.values())), merged
    return found


def _subject(family: str, take: Take) -> str:
    """Return what a take is about: the day of a bulletin, a company's symbol, or how the headline begins."""
    if family == "central banks":
        return take.published_at.date().isoformat()
    if symbol := re.search(r"<([A-Z]+)[.>]", take.headline or ""):
        return symbol[1]
    words = re.findall(r"[A-Z0-9&'-]+", re.sub(r"^[(]?CORRECT\w*[)]?\s*-?\s*", "", take.headline or ""))
    return "".join(words).replace("FLASH", "")[:6]
