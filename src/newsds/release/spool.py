"""Spools: record batches kept in a file for a while, written once and read in order, batch by batch."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

__all__ = ["Spool"]


class Spool:
    """An Arrow stream on disk, compressed lightly; memory holds one batch."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        """Open an empty spool."""
        self.path = path
        self.schema = schema
        self.n_rows = 0
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        self._sink: Any = pa.OSFile(str(path), "wb")
        self._writer: Any = pa.ipc.new_stream(self._sink, schema, options=options)

    def write(self, batch: pa.RecordBatch) -> None:
        """Append a batch."""
        if batch.num_rows:
            self._writer.write_batch(batch)
            self.n_rows += batch.num_rows

    def close(self) -> None:
        """End the writing; the spool can be read from now on."""
        self._writer.close()
        self._sink.close()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the batches in the order in which they were written; may be called again."""
        with pa.OSFile(str(self.path), "rb") as source, pa.ipc.open_stream(source) as reader:
            yield from reader

    def remove(self) -> None:
        """Delete the file."""
        self.path.unlink()
