"""split(): texts parted so that what belongs together stays together."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from newsds.dedup import dedupe
from newsds.dedup.parameters import Parameters
from newsds.files import temporary_sibling
from newsds.project import SplitChoices
from newsds.release.assignment import UNDATED, Bonds, assign, instants, stratum_numbers
from newsds.release.keeping import Keeping, keep
from newsds.release.kept import Kept

__all__ = ["Splits", "find_faults", "split"]


def find_faults(
    choices: SplitChoices,
    sizes: Mapping[str, int],
    *,
    n_texts: int,
    n_undated: int,
    keeping: Keeping | None = None,
) -> list[str]:
    """Return what makes a split another one than was wanted, a line each: it is empty, or no text has a date.

    Args:
        choices: how was split.
        sizes: split to its number of texts.
        n_texts: texts there are.
        n_undated: texts without a date among them.
        keeping: what came of splits that were to be kept; what had texts before is not empty.
    """
    remedy = _remedy(choices, n_texts, is_kept=keeping is not None)
    empty = [name for name, n in sizes.items() if not n and not (keeping and keeping.before[name])]
    found = [f"the split {name} is empty{remedy}" for name in empty]
    if choices.by == "time" and n_undated and n_undated == n_texts:
        found.append("no text has a date, so that they cannot be split by time; split them at random")
    return found


def _remedy(choices: SplitChoices, n_texts: int, *, is_kept: bool) -> str:
    if not n_texts:
        return ": there are no texts"
    if is_kept and choices.by == "time":
        return ": its borders are those of the splits that are kept"
    if choices.embargo_hours:
        return "; shorten the embargo"
    return ": there are too few groups of texts; change the shares"


@dataclass(frozen=True, kw_only=True, slots=True)
class Splits:
    """Texts parted so that no copies and no related texts stand in two splits."""

    #: `id`, `split` (null: left out), `group` (the smallest id of what belongs together), in the order of the ids.
    table: pa.Table
    choices: SplitChoices
    sizes: dict[str, int]
    n_left_out: int
    #: Texts without a date; by time they come before all others, or are left out where there is an embargo.
    n_undated: int
    n_groups: int
    n_relations: int
    #: Relations that lead from one split to another: counted over the result, and 0.
    n_crossing: int
    #: Null: nothing was to be kept.
    keeping: Keeping | None = None

    @property
    def faults(self) -> list[str]:
        """What makes the result another one than was wanted, a line each."""
        found = find_faults(
            self.choices,
            self.sizes,
            n_texts=len(self.table),
            n_undated=self.n_undated,
            keeping=self.keeping,
        )
        if self.keeping and not self.keeping.n_kept:
            found.append(f"no text is in {self.keeping.name}, so that no split was kept")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as JSON data."""
        names = ("sizes", "n_left_out", "n_undated", "n_groups", "n_relations", "n_crossing")
        kept = self.keeping.to_dict() if self.keeping else {}
        return {**self.choices.to_dict(), **{name: getattr(self, name) for name in names}, **kept}

    def write(self, folder: Path) -> None:
        """Write `splits.parquet`.

        Raises:
            OutputError: the folder does not exist.
        """
        import pyarrow.parquet as pq

        with temporary_sibling(folder / "splits.parquet") as partial:
            pq.write_table(self.table, partial, compression="zstd", compression_level=3)


def split(
    batches: Iterable[pa.RecordBatch],
    *,
    choices: SplitChoices | None = None,
    strata: Mapping[str, str] | None = None,
    parameters: Parameters | Mapping[str, Any] | None = None,
    progress: Callable[[int], None] | None = None,
    kept: Kept | None = None,
) -> Splits:
    """Part texts so that copies and related texts stay together.

    Args:
        batches: texts with the schema `newsds.texts.TEXTS_SCHEMA`.
        choices: how to split; by time into 80, 10 and 10 % without them.
        strata: id to the value by which a random split is stratified; an id without one is a stratum of its own.
        parameters: of deduplication.
        progress: is called with the number of texts read since the last call.
        kept: texts that were split before, and stay where they are.

    Raises:
        InputError: an identifier is null or occurs twice.
        UsageError: a text was in a split that is not chosen.
    """
    chosen = choices or SplitChoices()
    dates: list[pa.Table] = []
    clusters = dedupe(_noting_dates(batches, dates), parameters=parameters, progress=progress)
    dated = pa.concat_tables(dates).sort_by("id") if dates else pa.table({"id": [], "published_at": []})
    ids = dated.column("id").combine_chunks().cast(pa.string())
    bonds = Bonds.of(ids, clusters.clusters, clusters.relations)
    numbers = None if strata is None else stratum_numbers([strata.get(name) for name in ids.to_pylist()])
    times = instants(dated.column("published_at"))
    if kept is None:
        groups, standing = bonds.components(), None
        found = assign(groups, times, chosen, ids=ids, strata=numbers)
    else:
        standing = keep(bonds, times, chosen, kept, strata=numbers)
        groups, found = standing.groups, standing.assignment
    table = pa.table(
        {
            "id": ids,
            "split": pa.array([found.names[n] if n >= 0 else None for n in found.split], pa.string()),
            "group": ids.take(pa.array(groups)),
        }
    )
    return Splits(
        table=table,
        choices=chosen,
        sizes=found.sizes(),
        n_left_out=found.n_left_out,
        n_undated=int(np.count_nonzero(times == UNDATED)),
        n_groups=len(np.unique(groups)),
        n_relations=len(clusters.relations),
        n_crossing=found.n_crossing(*bonds.links()),
        keeping=None if standing is None or kept is None else Keeping.of(standing, bonds.ids, kept.name),
    )


def _noting_dates(batches: Iterable[pa.RecordBatch], noted: list[pa.Table]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        noted.append(pa.Table.from_batches([batch.select(["id", "published_at"])]))
        yield batch
