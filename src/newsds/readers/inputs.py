"""Inputs: which files a path or pattern means, of what kind they are, and their decompressed bytes."""

import glob
import io
import lzma
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, cast

from newsds.errors import InputError
from newsds.findings import Finding
from newsds.readers.standard_input import spooled
from newsds.release_folders import holds_articles, is_release_manifest

if TYPE_CHECKING:
    import bz2

__all__ = ["DAMAGE", "Input", "InputKind", "expand", "kind_of", "open_input", "passed_over"]

InputKind = Literal["page", "jsonl", "json", "csv", "parquet", "unknown"]

KINDS: dict[str, InputKind] = {
    ".txt": "page",
    ".text": "page",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}
COMPRESSIONS = {".gz": "gzip", ".xz": "xz", ".zst": "zstd", ".bz2": "bz2"}
_KNOWN = f"{' '.join(KINDS)}, plain or with {' '.join(COMPRESSIONS)}, and - (JSONL on standard input)"

#: What a damaged or truncated stream raises while it is read.
DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError, ValueError)

#: A stream that grows this many times over, beyond the first `BOMB_FREE_BYTES`, is a decompression bomb.
BOMB_RATIO = 250
BOMB_FREE_BYTES = 256 * 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Input:
    """One file to read."""

    path: Path
    #: The path as findings and provenance name it: relative where it was given so, with forward slashes.
    name: str
    kind: InputKind
    compression: str | None = None
    suffix: str = ""
    #: Whether a record was to be expected in it: nothing that was named with it is of a kind that is read.
    is_needed: bool = False


def expand(
    patterns: Iterable[str | Path], *, root: Path | None = None, leave_out: Collection[Path] = ()
) -> list[Input]:
    """Return the files that paths, folders and patterns mean, each once, sorted by name.

    Hidden files in folders are passed over; a file of unknown kind in a folder is returned as such. Of a folder that is,
    or has in it, a release of newsds, only the files with the articles of the release are returned.

    Args:
        patterns: files, folders (searched to any depth) or patterns with `*`, `?`, `**`; `-` is JSONL on standard input.
        root: the dataset project's folder; paths are relative to it and must stay inside.
        leave_out: resolved paths of files that are passed over, such as those that are to be written.

    Raises:
        InputError: nothing is there, a path leaves `root`, or a named file is of no kind that newsds reads.
    """
    found: dict[str, Input] = {}
    for pattern in map(str, patterns):
        items = [
            item
            for item in _expand_one(pattern, root)
            if not leave_out or item.path.resolve() not in leave_out
        ]
        if not items:
            raise InputError(f"{pattern}: there is no file in it; newsds reads {_KNOWN}")
        if all(item.kind == "unknown" for item in items):
            items = [replace(item, is_needed=True) for item in items]
        found |= {item.name: item for item in items}
    return [found[name] for name in sorted(found)]


def _expand_one(pattern: str, root: Path | None) -> Iterator[Input]:
    base = root or Path()
    if root is not None and (Path(pattern).is_absolute() or ".." in Path(pattern).parts or "://" in pattern):
        raise InputError(
            f"{pattern}: an input must lie inside the dataset project; give a relative path without '..'"
        )
    path = base / pattern
    if pattern == "-" and root is None:
        yield Input(path=spooled(), name="-", kind="jsonl", suffix=".jsonl")
    elif path.is_dir():
        yield from (_input(item, root) for item in _inside(path))
    elif path.exists():
        yield _named(path, root)
    elif glob.has_magic(pattern):
        matches = [base / match for match in glob.glob(pattern, root_dir=base, recursive=True)]  # noqa: PTH207 # takes absolute patterns too
        files = [match for match in matches if _is_file(match)]
        if not files:
            folders = f" (but {len(matches)} folders do: name them)" if matches else ""
            raise InputError(f"{pattern}: no file matches this pattern{folders}")
        yield from (_input(match, root) for match in files)
    else:
        raise InputError(f"{path}: no such file")


def _inside(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that are not hidden; of a release of newsds in it, those with its articles."""
    found = [
        path for path in folder.rglob("*") if _is_file(path) and not _is_hidden(path.relative_to(folder))
    ]
    releases = [path.parent for path in found if is_release_manifest(path)]
    for path in found:
        around = [release for release in releases if path.is_relative_to(release)]
        if all(holds_articles(path, release) for release in around):
            yield path


def _is_file(path: Path) -> bool:
    """Tell whether a path is a file, or a link to one that is not there: it was meant to be read, and cannot be."""
    return path.is_file() or (path.is_symlink() and not path.exists())


def passed_over(item: Input) -> Finding:
    """Return the finding about a file of unknown kind; an error where nothing is left to be read."""
    what = f"files ending in {item.suffix or 'nothing'} are not read"
    if item.is_needed:
        message = f"{what}, and there is nothing else beside it; newsds reads {_KNOWN}"
        return Finding(code="NDS012", level="error", message=message, path=item.name)
    return Finding(code="NDS012", level="info", message=f"passed over: {what}", path=item.name)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _named(path: Path, root: Path | None) -> Input:
    item = _input(path, root)
    if item.kind == "unknown":
        raise InputError(
            f"{item.name}: files ending in {''.join(path.suffixes) or 'nothing'} are not read; newsds reads {_KNOWN}"
        )
    return item


def kind_of(path: Path) -> tuple[str, str | None]:
    """Return the ending of a file name, and the compression that stands behind it."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compression = COMPRESSIONS.get(suffixes[-1]) if suffixes else None
    bare = suffixes[:-1] if compression else suffixes
    return bare[-1] if bare else "", compression


def _input(path: Path, root: Path | None) -> Input:
    if root is not None and not path.resolve().is_relative_to(root.resolve()):
        raise InputError(f"{path}: a link that leaves the dataset project")
    suffix, compression = kind_of(path)
    name = _readable((path.relative_to(root) if root else path).as_posix())
    return Input(
        path=path, name=name, kind=KINDS.get(suffix, "unknown"), compression=compression, suffix=suffix
    )


def _readable(name: str) -> str:
    """Return a name that can be written as UTF-8: other bytes become visible escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


#: Arrow's streams lose the piece in which they find the cut, so pieces are small.
_PIECE_BYTES = 2**16


class _Streams(io.RawIOBase):
    """What xz or bzip2 compressed, of one stream after the other and to the last byte.

    The readers of `lzma` and `bz2` pass over what stands behind a stream and is none, and a damaged stream is that.
    """

    def __init__(
        self, file: BinaryIO, make: "Callable[[], lzma.LZMADecompressor | bz2.BZ2Decompressor]"
    ) -> None:
        self._file = file
        self._make = make
        self._open = make()
        self._ahead = b""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def read1(self, size: int) -> bytes:
        """Return at least one byte and at most so many; nothing at the end."""
        while True:
            if self._open.eof and not self._starts_next():
                return b""
            if self._open.needs_input and not self._ahead:
                self._ahead = self._file.read(_PIECE_BYTES)
                if not self._ahead:
                    raise EOFError("Compressed file ended before the end-of-stream marker was reached")
            data, self._ahead = self._open.decompress(self._ahead, size), b""
            if data:
                return data

    def _starts_next(self) -> bool:
        """Go to the next stream, over the zeros that may stand before it; tell whether there is one."""
        ahead = self._open.unused_data.lstrip(b"\0")
        while not ahead and (piece := self._file.read(_PIECE_BYTES)):
            ahead = piece.lstrip(b"\0")
        self._open, self._ahead = self._make(), ahead
        return bool(ahead)


class _Guarded(io.RawIOBase):
    """A decompressed stream that refuses to grow without bound, and to be made of nothing."""

    def __init__(self, stream: BinaryIO, name: str, compressed_bytes: int) -> None:
        self._stream = stream
        self._name = name
        self._limit = max(BOMB_FREE_BYTES, BOMB_RATIO * compressed_bytes)
        self._is_nothing = compressed_bytes == 0
        self._n_read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override] # narrower on purpose
        if self._is_nothing:
            raise EOFError("the file is empty and no archive")
        # One piece at a time: of a cut stream, everything before the cut is handed over.
        data = self._stream.read1(min(len(buffer), _PIECE_BYTES))  # type: ignore[attr-defined] # all of them have it
        self._n_read += len(data)
        if self._n_read > self._limit:
            raise InputError(
                f"{self._name}: grows beyond {BOMB_RATIO} times its size when decompressed; "
                "unpack it by hand if it is to be trusted"
            )
        buffer[: len(data)] = data
        return len(data)


def _decompressed(item: Input) -> BinaryIO:
    match item.compression:
        case "gzip":
            import gzip

            return cast("BinaryIO", gzip.open(item.path))
        case "xz":
            return cast("BinaryIO", _Streams(item.path.open("rb"), lzma.LZMADecompressor))
        case "bz2":
            import bz2

            return cast("BinaryIO", _Streams(item.path.open("rb"), bz2.BZ2Decompressor))
        case "zstd":
            import pyarrow as pa

            return cast("BinaryIO", pa.CompressedInputStream(pa.OSFile(str(item.path)), "zstd"))
    return cast("BinaryIO", item.path.open("rb", buffering=0))


@contextmanager
def open_input(item: Input) -> Iterator[io.BufferedReader]:
    """Open a file as a stream of decompressed bytes.

    A damaged stream raises one of `DAMAGE` while it is read.

    Raises:
        InputError: the file cannot be opened, or turns out to be a decompression bomb.
    """
    try:
        stream = _decompressed(item)
        guarded = _Guarded(stream, item.name, item.path.stat().st_size)
    except OSError as error:
        raise InputError(f"{item.name}: cannot be opened ({error.strerror or error})") from None
    with stream:
        yield io.BufferedReader(guarded if item.compression else cast("io.RawIOBase", stream), 2**20)
