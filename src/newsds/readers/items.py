"""Items of one input: its articles, and what could not be read between them."""

from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from newsds.article import Rejected, Row
from newsds.findings import Finding
from newsds.json_text import Span
from newsds.readers.cursor import UTF16, Cursor, Raw, is_utf16
from newsds.readers.inputs import DAMAGE, Input, open_input, passed_over
from newsds.readers.mapping import Reading, complete, from_foreign, has_known, is_native, provenance
from newsds.readers.page import parse_page
from newsds.readers.places import PagePlaces
from newsds.readers.records import MAX_RECORD_BYTES, iter_raw

__all__ = ["as_items", "iter_items", "or_nothing"]

_PIECE_BYTES = 2**16


def iter_items(item: Input, reading: Reading) -> Iterator[Row | Rejected]:
    """Yield the articles of one file in order, and what could not be read between them."""
    match item.kind:
        case "unknown":
            yield Rejected(finding=passed_over(item))
        case "page":
            yield from _iter_page(item, reading)
        case _:
            yield from or_nothing(_iter_table(item, reading), item)


def or_nothing(
    items: Iterable[Row | Rejected], item: Input, *, n_good: Callable[[], int] = int
) -> Iterator[Row | Rejected]:
    """Pass items of a file on; if there is none, yield the finding that the file has no record.

    Args:
        items: of a whole file.
        item: the file.
        n_good: returns how many records were passed over because they are good.
    """
    found = None
    for found in items:
        yield found
    if found is None and not n_good():
        message = "there is no record in this file; look at what wrote it"
        yield Rejected(finding=Finding(code="NDS014", level="warning", message=message, path=item.name))


def _iter_table(item: Input, reading: Reading) -> Iterator[Row | Rejected]:
    raws = iter_raw(
        item,
        columns=tuple(reading.columns),
        encoding=reading.encoding,
        delimiter=reading.delimiter,
        nan_as_null=reading.nan_as_null,
        is_known=lambda columns: has_known(columns, reading),
    )
    return as_items(raws, item, reading)


def as_items(raws: Iterable[Raw | Rejected], item: Input, reading: Reading) -> Iterator[Row | Rejected]:
    """Yield the articles of raw records; what is no record is passed on."""
    for raw in raws:
        if isinstance(raw, Rejected):
            yield raw
            continue
        if raw.note is not None:
            yield Rejected(finding=raw.note)
        if not is_native(raw.record):
            yield from from_foreign(raw, item, reading)
        elif raw.note is None:
            yield raw.to_row(item.name)
        else:
            yield replace(raw.to_row(item.name), raw=None, locate=None)


def _iter_page(item: Input, reading: Reading) -> Iterable[Row | Rejected]:
    cursor = Cursor(item.name, encoding=reading.encoding)
    data, damage = _page_bytes(item)
    cut = [] if damage is None else [cursor.reject("NDS005", damage)]
    if len(data) > MAX_RECORD_BYTES:
        return [cursor.reject("NDS011", f"the page is larger than {MAX_RECORD_BYTES >> 20} MiB")]
    if is_utf16(data) and reading.encoding == "utf-8":
        return [cursor.reject("NDS002", UTF16, raw=data)]
    try:
        text = _decode(data, reading.encoding, is_cut=bool(cut)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        words = f"byte 0x{data[error.start]:02x} is not {reading.encoding}; try --encoding cp1252"
        return [*cut, cursor.reject("NDS002", words, raw=data, at=Span(error.start, error.start + 1))]
    page = parse_page(text, agencies=reading.agencies)
    if page.record is None:
        words = "no article found on this page; newsds read --explain shows what each line was taken for"
        return [*cut, cursor.reject("NDS008", words, raw=data)]
    record = {**page.record, "provenance": provenance(Raw(record={}, raw=data), item)}
    if cut:
        record["quality_flags"] = list(dict.fromkeys([*record.get("quality_flags", ()), "truncated"]))
    shown = text.split("\n")
    places = PagePlaces([(line.number, line.role, shown[line.number - 1]) for line in page.lines])
    article = complete(record, key="", reading=reading)
    row = Row(record=article, path=item.name, raw=data, locate=places)
    return [*cut, *([_doubt(row)] if page.is_doubtful else []), row]


def _page_bytes(item: Input) -> tuple[bytes, str | None]:
    """Return the bytes of a page, of a cut archive those before the cut, and what is wrong with it."""
    pieces: list[bytes] = []
    n_left = MAX_RECORD_BYTES + 1
    try:
        with open_input(item) as stream:
            while n_left > 0 and (piece := stream.read1(min(n_left, _PIECE_BYTES))):
                pieces.append(piece)
                n_left -= len(piece)
    except DAMAGE as error:
        data = b"".join(pieces)
        words = str(error)[:100] or type(error).__name__
        return data, f"the page cannot be read behind its first {len(data)} bytes ({words}); get it again"
    return b"".join(pieces), None


def _decode(data: bytes, encoding: str, *, is_cut: bool) -> str:
    """Decode a page; a character that a cut went through is left out."""
    decoder = getincrementaldecoder(encoding)()
    return decoder.decode(data, final=not is_cut)


def _doubt(row: Row) -> Rejected:
    """Return the finding about a page that holds little that looks like an article."""
    words = f"{row.record['word_count']} words kept as an article; newsds read --explain shows what each line was taken for"
    place = row.place("/body")
    finding = Finding(
        code="NDS013",
        level="warning",
        message=words,
        path=row.path,
        record_id=row.record["id"],
        record_offset=0,
        pointer="/body",
        **place._asdict(),
    )
    return Rejected(finding=finding)
