"""Pages of a Parquet file, measured before they are unpacked: the footer may lie about what they unpack to.

A page's header is a struct in Thrift's compact protocol; its second and third field are the sizes of the page, unpacked
and packed. See https://github.com/apache/parquet-format and
https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    import pyarrow.parquet as pq

__all__ = ["find_understated"]

#: A column of a row group that is smaller cannot unpack to more than 32 MiB: zstd needs 4 bytes for 128 KiB of the same.
_HARMLESS_BYTES = 1024

#: A header is longer only if it holds long statistics.
_HEADER_BYTES = 1024
_MAX_HEADER_BYTES = 2**24

#: Structs in structs that a header may have; the deepest of the format is 3.
_MAX_DEPTH = 8


class _Page(NamedTuple):
    """Sizes in bytes: of the header, and of what follows it, packed and unpacked."""

    n_header: int
    n_packed: int
    n_unpacked: int


def find_understated(
    path: Path, metadata: "pq.FileMetaData", columns: Collection[str] | None = None
) -> str | None:
    """Return the first column whose pages unpack to more than the footer says, or cannot be followed; None if none.

    Args:
        path: the file.
        metadata: its footer.
        columns: the columns to look at; None for all.
    """
    numbers = [
        number
        for number in range(metadata.num_columns)
        if columns is None or metadata.schema.column(number).path.partition(".")[0] in columns
    ]
    with path.open("rb") as stream:
        for group in range(metadata.num_row_groups):
            row_group = metadata.row_group(group)
            for number in numbers:
                chunk = row_group.column(number)
                if not _is_small(chunk) and not _is_honest(stream, chunk):
                    return f"{chunk.path_in_schema} in row group {group}"
    return None


def _is_small(chunk: "pq.ColumnChunkMetaData") -> bool:
    return (
        chunk.total_compressed_size < _HARMLESS_BYTES and chunk.compression != "BROTLI"
    )  # which knows no measure


def _is_honest(stream: BinaryIO, chunk: "pq.ColumnChunkMetaData") -> bool:
    start = chunk.data_page_offset
    if chunk.has_dictionary_page and chunk.dictionary_page_offset is not None:
        start = min(start, chunk.dictionary_page_offset)
    left = chunk.total_uncompressed_size
    try:
        for page in _pages(stream, start, start + chunk.total_compressed_size):
            left -= page.n_unpacked
            if left < 0:
                return False
    except ValueError:
        return False
    return True


def _pages(stream: BinaryIO, start: int, end: int) -> Iterator[_Page]:
    """Yield the pages between two places of a file.

    Raises:
        ValueError: something there is no page.
    """
    while start < end:
        page = _read_page(stream, start)
        if page.n_packed < 0 or page.n_unpacked < 0:
            raise ValueError("a size below 0")
        yield page
        start += page.n_header + page.n_packed


def _read_page(stream: BinaryIO, start: int) -> _Page:
    n_bytes = _HEADER_BYTES
    while True:
        stream.seek(start)
        data = stream.read(n_bytes)
        try:
            return _parse(data)
        except IndexError:
            if len(data) < n_bytes or n_bytes >= _MAX_HEADER_BYTES:
                raise ValueError("a header without end") from None
            n_bytes *= 4


def _parse(data: bytes) -> _Page:
    """Return the page a header begins.

    Raises:
        IndexError: the header goes on after the data.
        ValueError: it is no header.
    """
    at, field, sizes = 0, 0, {}
    while kind := data[at] & 15:
        delta = data[at] >> 4
        at += 1
        if delta:
            field += delta
        else:
            number, at = _varint(data, at)
            field = _signed(number)
        if kind in (4, 5, 6):
            number, at = _varint(data, at)
            sizes[field] = _signed(number)
        else:
            at = _skip(data, at, kind, 0)
    if 2 not in sizes or 3 not in sizes:
        raise ValueError("a header without sizes")
    return _Page(n_header=at + 1, n_packed=sizes[3], n_unpacked=sizes[2])


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number without end")


def _signed(number: int) -> int:
    return (number >> 1) ^ -(number & 1)


def _skip(data: bytes, at: int, kind: int, depth: int) -> int:
    """Return where the value of a kind ends."""
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deep")
    match kind:
        case 1 | 2:  # the kind is the value
            return at
        case 3:
            return at + 1
        case 4 | 5 | 6:
            return _varint(data, at)[1]
        case 7:
            return at + 8
        case 8:
            n_bytes, at = _varint(data, at)
            return at + n_bytes
        case 12:
            return _skip_struct(data, at, depth)
    raise ValueError(f"a field of kind {kind}")  # no header has lists or maps


def _skip_struct(data: bytes, at: int, depth: int) -> int:
    while kind := data[at] & 15:
        is_short = data[at] >> 4
        at += 1
        if not is_short:
            at = _varint(data, at)[1]
        at = _skip(data, at, kind, depth + 1)
    return at + 1
