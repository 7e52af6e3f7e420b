"""dedupe(): texts in, clusters and relations out."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from newsds.dedup.clusters import Clusters
from newsds.dedup.parameters import Parameters

__all__ = ["Clusters", "dedupe"]


def dedupe(
    batches: Iterable[pa.RecordBatch],
    *,
    parameters: Parameters | Mapping[str, Any] | None = None,
    progress: Callable[[int], None] | None = None,
    workers: int = 1,
    spill: Path | None = None,
) -> Clusters:
    """Find which texts are copies of the same article, and how pairs of them are related. Nothing is deleted.

    The result does not depend on the order of the input or on `workers`. A text that is null or has no word in it
    is like no other text.

    Args:
        batches: texts with the schema `newsds.texts.TEXTS_SCHEMA`.
        parameters: choices that differ from the defaults of `Parameters`.
        progress: is called with the number of texts read since the last call.
        workers: threads that compare texts.
        spill: folder for what does not fit into memory; the system's temporary folder if it is not given.

    Raises:
        UsageError: a parameter is impossible.
        InputError: an identifier is null or occurs twice.
    """
    from newsds.dedup.candidates import Recipe, Sketches
    from newsds.dedup.corpus import gather
    from newsds.dedup.matching import match

    chosen = parameters if isinstance(parameters, Parameters) else Parameters.from_dict(parameters or {})
    with TemporaryDirectory(dir=spill, prefix="newsds-dedupe-") as name:
        folder = Path(name)
        recipe = Recipe.for_window(chosen.window_hours)
        with Sketches(folder, recipe=recipe, workers=workers) as sketches:
            corpus = gather(batches, folder, watch=sketches.add, progress=progress)
            return match(corpus, sketches, chosen, workers=workers)
