"""Articles that are withdrawn: no release has them any more."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from newsds.release.spool import Spool

__all__ = ["without_withdrawn"]


def without_withdrawn(staged: Spool, ids: Iterable[str], path: Path) -> Spool:
    """Return staged articles without some; where there is none of those, as they are.

    Args:
        staged: the articles.
        ids: those that are withdrawn.
        path: file for the others.
    """
    names = pa.array(sorted(set(ids)), pa.string())
    if not any(pc.any(pc.is_in(batch["id"], value_set=names)).as_py() for batch in staged.batches()):
        return staged
    kept = Spool(path, staged.schema)
    for batch in staged.batches():
        kept.write(batch.filter(pc.invert(pc.is_in(batch["id"], value_set=names))))
    kept.close()
    staged.remove()
    return kept
