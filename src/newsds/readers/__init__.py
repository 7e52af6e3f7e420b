"""read(): pages, tables and crawler output in, a stream of articles out."""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path

from newsds.article import Articles
from newsds.errors import InputError, UsageError
from newsds.extras import require_reading
from newsds.project import Project, Resource
from newsds.readers.idle import refuse_idle
from newsds.readers.inputs import Input, expand, open_input
from newsds.readers.items import iter_items
from newsds.readers.mapping import Reading
from newsds.readers.page import parse_page
from newsds.readers.parts import split_input
from newsds.readers.pinpointing import pinpoint
from newsds.readers.records import MAX_RECORD_BYTES
from newsds.text import excerpt

__all__ = ["Reading", "explain_pages", "iter_items", "plan", "read", "read_project"]


def read(
    *inputs: str | Path,
    reading: Reading | None = None,
    root: Path | None = None,
    leave_out: Collection[Path] = (),
) -> Articles:
    """Return the articles of files, folders and patterns as a stream that can be iterated again.

    Plain-text pages (`.txt`), JSONL, JSON, CSV and Parquet are read, plain or compressed (`.gz .xz .zst .bz2`),
    in the order of their names. A record that is already an article is taken as it is; the shapes of
    news-please, RealNews and cc_news and common column names are recognised; other columns go to `extra`.
    Records that cannot be read are findings: see `Articles.findings` after a pass.

    Args:
        inputs: at least one path or pattern.
        reading: columns, defaults and encodings that newsds cannot know by itself.
        root: a folder that the inputs must not leave, and to which their names are relative.
        leave_out: resolved paths of files that are not read where a folder or pattern has them.

    Raises:
        UsageError: no input is given, or `reading` says what is about none of them.
        InputError: an input does not exist or cannot be opened.
    """
    require_reading("reading")
    if not inputs:
        raise UsageError("nothing to read: name a file, a folder or a pattern")
    choices = reading or Reading()
    planned = [(item, choices) for item in expand(inputs, root=root, leave_out=leave_out)]
    refuse_idle(planned)
    return _articles(planned)


def read_project(project: Project, *, leave_out: Collection[Path] = ()) -> Articles:
    """Return the articles of all resources of a dataset project.

    Args:
        project: the dataset project.
        leave_out: resolved paths of files that are not read where a folder or pattern has them.

    Raises:
        InputError: a resource does not exist, leaves the project, or cannot be opened.
        UsageError: a resource maps or defaults something that is no field, or maps a column that is not there.
    """
    require_reading("reading")
    return _articles(list(plan(project, leave_out=leave_out)))


def _articles(planned: list[tuple[Input, Reading]]) -> Articles:
    inputs = {item.name: item for item, _ in planned}
    return Articles(
        lambda: chain.from_iterable(iter_items(item, reading) for item, reading in planned),
        pinpoint=lambda finding: pinpoint(finding, inputs),
        parts=lambda n_bytes: chain.from_iterable(
            split_input(item, reading, n_bytes=n_bytes) for item, reading in planned
        ),
    )


def plan(project: Project, *, leave_out: Collection[Path] = ()) -> Iterator[tuple[Input, Reading]]:
    """Yield the input files of a project, each once and sorted by name, with the way to read them."""
    chosen: dict[str, tuple[Input, Reading]] = {}
    for resource in project.resources:
        reading = _reading(resource, project)
        for item in expand(resource.paths, root=project.folder, leave_out=leave_out):
            chosen.setdefault(item.name, (item, reading))
    refuse_idle(chosen.values())
    yield from (chosen[name] for name in sorted(chosen))


def _reading(resource: Resource, project: Project) -> Reading:
    return Reading(
        map=resource.map,
        columns=resource.columns,
        defaults=resource.defaults,
        date_order=resource.date_order,
        encoding=resource.encoding,
        delimiter=resource.delimiter,
        nan_as_null=resource.nan_as_null,
        agencies=project.agencies,
    )


def explain_pages(
    inputs: Iterable[str | Path], *, reading: Reading, width: int = 100
) -> Iterator[tuple[str, list[tuple[int, str, str]]]]:
    """Yield each text page's name with number, role and text of every line: what was kept as what, and what was dropped.

    Args:
        inputs: text pages.
        reading: how to read them.
        width: characters of a line that are shown.

    Raises:
        InputError: an input does not exist, cannot be opened, or is no text page.
    """
    for item in expand(inputs):
        if item.kind != "page":
            raise InputError(f"{item.name}: only text pages (.txt) can be explained")
        with open_input(item) as stream:
            text = stream.read(MAX_RECORD_BYTES).decode(reading.encoding, "replace")
        shown = text.split("\n")
        page = parse_page(text, agencies=reading.agencies)
        yield (
            item.name,
            [(line.number, line.role, excerpt(shown[line.number - 1], width=width)) for line in page.lines],
        )
