"""All texts of a run in memory, in the order of their identifiers."""

from collections.abc import Callable, Iterable

import pyarrow as pa

from newsds.errors import InputError
from newsds.texts import TEXTS_SCHEMA

__all__ = ["gather"]


def gather(batches: Iterable[pa.RecordBatch], *, progress: Callable[[int], None] | None = None) -> pa.Table:
    """Return all texts as one table sorted by id.

    Raises:
        InputError: an identifier is null or occurs twice.
    """
    kept = []
    for batch in batches:
        kept.append(batch)
        if progress:
            progress(batch.num_rows)
    table = pa.Table.from_batches(kept, schema=TEXTS_SCHEMA).sort_by("id")
    _check_ids(table["id"])
    return table


def _check_ids(ids: pa.ChunkedArray) -> None:
    import pyarrow.compute as pc

    if ids.null_count:
        raise InputError(f"{ids.null_count} of {len(ids)} texts have no id")
    repeated = pc.equal(ids[1:], ids[:-1])
    if pc.any(repeated).as_py():
        name = ids[1:].filter(repeated)[0].as_py()
        raise InputError(f"the id {name!r} occurs more than once; an article needs an id of its own")
