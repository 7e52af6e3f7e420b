"""A loaded table for the `datasets` library."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from newsds.loader.dataset import Dataset
from newsds.release.manifest import Shard

if TYPE_CHECKING:
    import datasets

__all__ = ["to_datasets"]


def to_datasets(
    dataset: Dataset,
) -> "datasets.Dataset | datasets.IterableDataset | datasets.DatasetDict | datasets.IterableDatasetDict":
    """Return a table as `datasets` knows it: one split, or a dict of all."""
    import datasets

    convert = _streamed if dataset.streaming else _in_memory
    if dataset.selection.split is not None:
        return convert(dataset)
    splits = {name: convert(_of_split(dataset, name)) for name in dataset.splits}
    return (datasets.IterableDatasetDict if dataset.streaming else datasets.DatasetDict)(splits)


def _of_split(dataset: Dataset, split: str) -> Dataset:
    return replace(dataset, selection=replace(dataset.selection, split=split))


def _in_memory(dataset: Dataset) -> "datasets.Dataset":
    """Return a split; unfiltered rows are mapped from the library's own cache on disk, as `load_dataset` does."""
    import datasets

    chosen = dataset.selection
    if dataset.n_rows is None:
        info = datasets.DatasetInfo(features=_features(dataset))
        return datasets.Dataset(dataset.to_arrow(), info=info, split=_split(dataset))
    columns = list(chosen.columns) if chosen.columns else None
    return datasets.Dataset.from_parquet(
        dataset.paths(dataset.shards), split=_split(dataset), features=_features(dataset), columns=columns
    )


def _streamed(dataset: Dataset) -> "datasets.IterableDataset":
    import datasets

    return datasets.IterableDataset.from_generator(
        _rows,
        features=_features(dataset),
        gen_kwargs={"dataset": dataset, "shards": list(dataset.shards)},
        split=_split(dataset),
    )


def _rows(dataset: Dataset, shards: list[Shard]) -> Iterator[dict[str, Any]]:
    """Yield the rows of some shards; workers that share a dataset are each given some."""
    for shard in shards:
        for batch in dataset.shard_batches(shard):
            yield from batch.to_pylist()


def _features(dataset: Dataset) -> "datasets.Features":
    import datasets

    return datasets.Features.from_arrow_schema(dataset.schema)


def _split(dataset: Dataset) -> "datasets.NamedSplit":
    import datasets

    return datasets.NamedSplit(dataset.selection.split)
