"""Raw records of a file, each with its place and bytes; what is no record becomes a finding."""

from collections.abc import Callable, Iterable, Iterator

from newsds.article import Rejected
from newsds.errors import InputError
from newsds.readers.csv_records import iter_csv
from newsds.readers.cursor import UTF16, Cursor, Raw, is_utf16
from newsds.readers.inputs import DAMAGE, Input, open_input
from newsds.readers.json_records import iter_json, iter_jsonl
from newsds.readers.parquet_records import iter_parquet

__all__ = ["Raw", "iter_raw"]

#: A record larger than this is refused; the next one is read.
MAX_RECORD_BYTES = 64 * 2**20


def iter_raw(
    item: Input,
    *,
    columns: tuple[str, ...] = (),
    encoding: str = "utf-8",
    delimiter: str | None = None,
    nan_as_null: bool = False,
    is_known: Callable[[Iterable[str]], bool] | None = None,
) -> Iterator[Raw | Rejected]:
    """Yield the records of a table-like input in order, and what could not be read between them.

    Args:
        item: the input.
        columns: of a CSV file, where it has no header.
        encoding: of a CSV file.
        delimiter: of a CSV file.
        nan_as_null: whether NaN is read as null.
        is_known: tells whether any of the names in the header of a CSV file is known; None if all names are good.

    Raises:
        InputError: the file cannot be opened.
    """
    used = encoding if item.kind == "csv" else "utf-8"
    cursor = Cursor(item.name, encoding=used, nan_as_null=nan_as_null)
    try:
        if item.kind == "parquet":
            yield from iter_parquet(item)
            return
        with open_input(item) as stream:
            if is_utf16(stream.peek(2)):
                yield cursor.reject("NDS002", UTF16)
                return
            match item.kind:
                case "csv":
                    mark = delimiter or ("\t" if item.suffix == ".tsv" else None)
                    yield from iter_csv(
                        stream,
                        cursor,
                        columns=columns,
                        delimiter=mark,
                        max_bytes=MAX_RECORD_BYTES,
                        is_known=is_known,
                    )
                case "json":
                    yield from iter_json(stream, cursor, max_bytes=MAX_RECORD_BYTES)
                case _:
                    yield from iter_jsonl(stream, cursor, max_bytes=MAX_RECORD_BYTES)
    except InputError:
        raise
    except DAMAGE as error:
        yield damaged(cursor, error)


def damaged(cursor: Cursor, error: Exception) -> Rejected:
    """Return the finding about a file whose rest cannot be read."""
    words = str(error).splitlines()[0] if str(error) else type(error).__name__
    return cursor.reject("NDS005", f"the rest of the file cannot be read ({words[:120]}); get the file again")
