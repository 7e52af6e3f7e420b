"""read(): pages, tables and crawler output in, a stream of articles out."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from newsds.article import Articles, Rejected, Row
from newsds.errors import InputError, UsageError
from newsds.extras import require_reading
from newsds.findings import Finding
from newsds.json_text import Span
from newsds.project import Project, Resource
from newsds.readers.cursor import Cursor, Raw
from newsds.readers.inputs import DAMAGE, Input, expand, open_input
from newsds.readers.mapping import Reading, complete, from_foreign, is_native, provenance
from newsds.readers.page import parse_page
from newsds.readers.places import PagePlaces
from newsds.readers.records import MAX_RECORD_BYTES, iter_raw
from newsds.text import excerpt

__all__ = ["Reading", "explain_pages", "plan", "read", "read_project"]


def read(*inputs: str | Path, reading: Reading | None = None, root: Path | None = None) -> Articles:
    """Return the articles of files, folders and patterns as a stream that can be iterated again.

    Plain-text pages (`.txt`), JSONL, JSON, CSV and Parquet are read, plain or compressed (`.gz .xz .zst .bz2`),
    in the order of their names. A record that is already an article is taken as it is; the shapes of
    news-please, RealNews and cc_news and common column names are recognised; other columns go to `extra`.
    Records that cannot be read are findings: see `Articles.findings` after a pass.

    Args:
        inputs: at least one path or pattern.
        reading: columns, defaults and encodings that newsds cannot know by itself.
        root: a folder that the inputs must not leave, and to which their names are relative.

    Raises:
        UsageError: no input is given.
        InputError: an input does not exist or cannot be opened.
    """
    require_reading("reading")
    if not inputs:
        raise UsageError("nothing to read: name a file, a folder or a pattern")
    files = expand(inputs, root=root)
    choices = reading or Reading()
    return Articles(lambda: chain.from_iterable(iter_items(item, choices) for item in files))


def read_project(project: Project) -> Articles:
    """Return the articles of all resources of a dataset project.

    Raises:
        InputError: a resource does not exist, leaves the project, or cannot be opened.
        UsageError: a resource maps or defaults something that is no field.
    """
    require_reading("reading")
    planned = list(plan(project))
    return Articles(lambda: chain.from_iterable(iter_items(item, reading) for item, reading in planned))


def plan(project: Project) -> Iterator[tuple[Input, Reading]]:
    """Yield the input files of a project, each once and sorted by name, with the way to read them."""
    chosen: dict[str, tuple[Input, Reading]] = {}
    for resource in project.resources:
        reading = _reading(resource, project)
        for item in expand(resource.paths, root=project.folder):
            chosen.setdefault(item.name, (item, reading))
    yield from (chosen[name] for name in sorted(chosen))


def _reading(resource: Resource, project: Project) -> Reading:
    return Reading(
        map=resource.map,
        columns=resource.columns,
        defaults=resource.defaults,
        date_order=resource.date_order,
        encoding=resource.encoding,
        delimiter=resource.delimiter,
        agencies=project.agencies,
    )


def iter_items(item: Input, reading: Reading) -> Iterator[Row | Rejected]:
    """Yield the articles of one file in order, and what could not be read between them."""
    match item.kind:
        case "unknown":
            message = f"passed over: files ending in {item.suffix or 'nothing'} are not read"
            yield Rejected(finding=Finding(code="NDS012", level="info", message=message, path=item.name))
        case "page":
            yield from _iter_page(item, reading)
        case _:
            yield from _iter_table(item, reading)


def _iter_table(item: Input, reading: Reading) -> Iterator[Row | Rejected]:
    columns: Sequence[str] = reading.columns
    for raw in iter_raw(item, columns=tuple(columns), encoding=reading.encoding, delimiter=reading.delimiter):
        if isinstance(raw, Rejected):
            yield raw
        elif is_native(raw.record):
            yield raw.to_row(item.name)
        else:
            yield from from_foreign(raw, item, reading)


def _iter_page(item: Input, reading: Reading) -> Iterable[Row | Rejected]:
    cursor = Cursor(item.name, encoding=reading.encoding)
    try:
        with open_input(item) as stream:
            data = stream.read(MAX_RECORD_BYTES + 1)
    except DAMAGE as error:
        words = f"the file cannot be read to its end ({str(error)[:100]}); get it again"
        return [cursor.reject("NDS005", words)]
    if len(data) > MAX_RECORD_BYTES:
        return [cursor.reject("NDS011", f"the page is larger than {MAX_RECORD_BYTES >> 20} MiB")]
    try:
        text = data.decode(reading.encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        words = f"byte 0x{data[error.start]:02x} is not {reading.encoding}; try --encoding cp1252"
        return [cursor.reject("NDS002", words, raw=data, at=Span(error.start, error.start + 1))]
    except LookupError:
        raise UsageError(f"there is no encoding {reading.encoding!r}") from None
    page = parse_page(text, agencies=reading.agencies)
    if page.record is None:
        words = "no article found on this page; newsds read --explain shows what each line was taken for"
        return [cursor.reject("NDS008", words, raw=data)]
    record = {**page.record, "provenance": provenance(Raw(record={}, raw=data), item)}
    shown = text.split("\n")
    places = PagePlaces([(line.number, line.role, shown[line.number - 1]) for line in page.lines])
    article = complete(record, key="", reading=reading)
    return [Row(record=article, path=item.name, raw=data, locate=places)]


def explain_pages(
    inputs: Iterable[str | Path], *, reading: Reading
) -> Iterator[tuple[str, list[tuple[int, str, str]]]]:
    """Yield each text page's name with number, role and text of every line: what was kept as what, and what was dropped.

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
            [(line.number, line.role, excerpt(shown[line.number - 1], width=100)) for line in page.lines],
        )
