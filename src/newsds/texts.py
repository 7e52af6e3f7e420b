"""Texts with identifiers: the columns that deduplication takes, whatever table they come from."""

import pyarrow as pa

__all__ = ["TEXTS_SCHEMA"]

#: A null text, date, headline, agency or publisher is one that is not known; an id is never null.
TEXTS_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("text", pa.string()),
        ("published_at", pa.timestamp("us", tz="UTC")),
        ("headline", pa.string()),
        ("agency", pa.string()),
        ("publisher", pa.string()),
    ]
)
