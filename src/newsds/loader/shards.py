"""Shards opened as Parquet, once they are what the manifest says."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from newsds.errors import IntegrityError
from newsds.loader.pages import find_understated
from newsds.release.manifest import Shard

if TYPE_CHECKING:
    import pyarrow.parquet as pq

__all__ = ["Files", "damaged", "open_shard"]

#: A row group that claims to unpack to more than this, and many times over, is a decompression bomb.
_BOMB_BYTES = 256 * 2**20
_BOMB_RATIO = 250


class Files(Protocol):
    """Where the shards of a release are."""

    @property
    def verify(self) -> str:
        """`full`, `manifest` or `off`."""

    def fetch(self, shards: Iterable[Shard], progress: Callable[[int], object] | None) -> None:
        """Have shards near, all at once, where they are wanted so."""

    def prepare(self, shard: Shard) -> None:
        """Have a shard verified, and near, before its turn comes."""

    def check(self, shards: Iterable[Shard]) -> None:
        """Refuse shards that are not there as the manifest says, as far as that can be told without reading them."""

    def obtain(self, shard: Shard) -> Path:
        """Return a local file with the content of a shard, verified, that stays as long as the process lives."""

    def reading(self, shard: Shard) -> AbstractContextManager[Path | BinaryIO]:
        """Give the content of a shard, verified, as a local file or something that reads like one."""


@contextmanager
def open_shard(
    files: Files, shard: Shard, *, columns: Collection[str] | None = None
) -> Iterator["pq.ParquetFile"]:
    """Open a shard, verified, with its footer held against the manifest.

    Args:
        files: where it is.
        shard: which it is.
        columns: the columns that will be read, whose pages are held against the footer; None for all.

    Raises:
        IntegrityError: it is not what the manifest says, or unpacks without measure.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with files.reading(shard) as readable:
        try:
            file = pq.ParquetFile(
                readable, page_checksum_verification=True, pre_buffer=not isinstance(readable, Path)
            )
        except (pa.ArrowException, OSError, ValueError) as error:  # ValueError: names that are not UTF-8
            raise damaged(shard, error) from None
        with file:
            _check_footer(shard, file.metadata)
            if isinstance(readable, Path) and files.verify != "off":
                _check_pages(shard, readable, file.metadata, columns)
            yield file


def damaged(shard: Shard, error: Exception) -> IntegrityError:
    """Return the error that says why a shard cannot be read."""
    reason = " ".join(str(error).split())[:150]
    return IntegrityError(f"{shard.path}: not readable as Parquet ({reason})", path=shard.path, found=reason)


def _check_footer(shard: Shard, metadata: "pq.FileMetaData") -> None:
    """Refuse a file with other rows than stated, or one that unpacks without measure."""
    if metadata.num_rows != shard.n_rows:
        raise IntegrityError(
            f"{shard.path}: has {metadata.num_rows:,} rows, the manifest says {shard.n_rows:,}",
            path=shard.path, expected=str(shard.n_rows), found=str(metadata.num_rows),
        )  # fmt: skip
    for number in range(metadata.num_row_groups):
        n_bytes = metadata.row_group(number).total_byte_size
        if n_bytes > max(_BOMB_BYTES, _BOMB_RATIO * shard.n_bytes):
            raise IntegrityError(
                f"{shard.path}: row group {number} claims to unpack to {n_bytes:,} bytes; not opened",
                path=shard.path, found=str(n_bytes),
            )  # fmt: skip


def _check_pages(
    shard: Shard, path: Path, metadata: "pq.FileMetaData", columns: Collection[str] | None
) -> None:
    if column := find_understated(path, metadata, columns):
        raise IntegrityError(
            f"{shard.path}: column {column} unpacks to more than its footer says; not opened", path=shard.path
        )
