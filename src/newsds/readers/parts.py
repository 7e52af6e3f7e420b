"""Parts of inputs, each read by itself: byte ranges of JSON lines, and other files as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

from newsds.article import Good, GoodRows, Rejected, Row
from newsds.errors import InputError
from newsds.readers.cursor import Cursor, Raw
from newsds.readers.inputs import DAMAGE, Input, open_input
from newsds.readers.items import as_items, iter_items, or_nothing
from newsds.readers.json_records import iter_jsonl
from newsds.readers.mapping import Reading
from newsds.readers.parquet_records import iter_suspects
from newsds.readers.records import MAX_RECORD_BYTES, damaged

__all__ = ["InputPart", "split_input"]


@dataclass(kw_only=True, slots=True)
class InputPart:
    """An input, or the lines of it that begin in a range of bytes; see `newsds.article.Part`."""

    item: Input
    reading: Reading
    start: int = 0
    #: None is the end of the file.
    end: int | None = None
    n_lines: int = 0
    n_good: int = 0

    @property
    def is_continued(self) -> bool:
        """Tell whether the part goes on where the one before it ends."""
        return self.start > 0

    @property
    def is_small(self) -> bool:
        """Tell whether the part is no larger than was asked for, but for its last record."""
        return _is_cut(self.item)

    def items(self, good: Good | None = None) -> Iterator[Row | Rejected]:
        """Yield the records, without those that are good, and what is none."""
        self.n_good = 0
        if self.item.kind == "jsonl":
            found = as_items(self._raws(good), self.item, self.reading)
        elif self.item.kind == "parquet" and good is not None and good.rows is not None:
            found = as_items(self._rows(good.rows), self.item, self.reading)
        else:
            return iter_items(self.item, self.reading)
        is_whole = self.start == 0 and self.end is None
        return or_nothing(found, self.item, n_good=lambda: self.n_good) if is_whole else found

    def _rows(self, good: GoodRows) -> Iterator[Raw | Rejected]:
        cursor = Cursor(self.item.name)
        try:
            for item in iter_suspects(self.item, good):
                if isinstance(item, int):
                    self.n_good += item
                else:
                    yield item
        except InputError:
            raise
        except DAMAGE as error:
            yield damaged(cursor, error)

    def _raws(self, good: Good | None) -> Iterator[Raw | Rejected]:
        cursor = Cursor(self.item.name, nan_as_null=self.reading.nan_as_null)
        try:
            with open_input(self.item) as stream:
                if self.start:
                    cursor.offset = _go_to_line(stream, self.start)
                yield from iter_jsonl(
                    stream,
                    cursor,
                    max_bytes=MAX_RECORD_BYTES,
                    end=self.end,
                    is_good=None if good is None else good.record,
                )
        except InputError:
            raise
        except DAMAGE as error:
            yield damaged(cursor, error)
        self.n_lines, self.n_good = cursor.line - 1, cursor.n_good


def _go_to_line(stream: BufferedReader, start: int) -> int:
    """Go to the first line that begins at a byte offset or after it, and return where that is."""
    stream.seek(start - 1)
    offset = start - 1
    while line := stream.readline(MAX_RECORD_BYTES):
        offset += len(line)
        if line.endswith(b"\n"):
            break
    return offset


def _is_cut(item: Input) -> bool:
    return item.kind == "jsonl" and item.compression is None and item.path.is_file()


def split_input(item: Input, reading: Reading, *, n_bytes: int) -> Iterator[InputPart]:
    """Yield the parts of an input, in order.

    Args:
        item: the input; only JSON lines that are not compressed are cut.
        reading: how to read it.
        n_bytes: size of a part.
    """
    if not _is_cut(item):
        yield InputPart(item=item, reading=reading)
        return
    size = item.path.stat().st_size
    for start in range(0, max(size, 1), n_bytes):
        end = start + n_bytes
        yield InputPart(item=item, reading=reading, start=start, end=end if end < size else None)
