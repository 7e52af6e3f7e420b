"""Bylines on the lines of a page: behind a bar, beside a date."""

from collections.abc import Sequence

from newsds.dates import PublishedDate, is_date_label
from newsds.wire import Agency, Byline, is_name, parse_byline

__all__ = ["byline_on", "name_beside"]


def byline_on(text: str, agencies: Sequence[Agency]) -> Byline | None:
    """Return the byline of a line, or of a part of it behind a bar: "4 March | By Ann Reed"."""
    found = parse_byline(text, agencies=agencies)
    if found is None and " | By " in text[:200]:
        found = parse_byline(text.partition(" | ")[2], agencies=agencies)
    return found


def name_beside(text: str, published: PublishedDate, agencies: Sequence[Agency]) -> Byline | None:
    """Return who is named on the line of a date, before it or behind it: "4 March 2026 by Ann Reed"."""
    before, _, after = (part.strip(" -–—|·•,/") for part in text.partition(published.raw))
    stated = parse_byline(after, agencies=agencies)
    if stated and stated.names:
        return stated
    named = parse_byline(f"By {before}", agencies=agencies)
    if named and named.names and not is_date_label(before):
        return Byline(raw=before, names=named.names, agency=named.agency)
    return Byline(raw=after, names=(after,)) if is_name(after) and not is_date_label(after) else None
