"""Files of articles in another vocabulary: one object a line."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

import orjson

from newsds.article import Record
from newsds.files import temporary_sibling
from newsds.interchange import Exported
from newsds.interchange.jsonld import to_jsonld
from newsds.interchange.ninjs import to_ninjs

__all__ = ["FORMS", "Conversion"]

#: Vocabulary to the function that writes a record in it.
FORMS: Mapping[str, Callable[[Record], Exported]] = MappingProxyType(
    {"ninjs": to_ninjs, "schema.org": to_jsonld}
)

_PROGRESS_STEP = 1000


@dataclass
class Conversion:
    """Writes records in one of `FORMS` and counts what found no place."""

    form: str
    #: Field or member to the records that lost it.
    lost: Counter[str] = field(default_factory=Counter)

    def write(
        self,
        records: Iterable[Record],
        target: Path | BinaryIO,
        *,
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Write a file that is complete or not there, or to an open stream; return the number of records."""
        if not isinstance(target, Path):
            return self._write(records, target, progress)
        with temporary_sibling(target) as partial, partial.open("wb") as stream:
            return self._write(records, stream, progress)

    def _write(
        self, records: Iterable[Record], stream: BinaryIO, progress: Callable[[int], None] | None
    ) -> int:
        n_records = 0
        for record in records:
            exported = FORMS[self.form](record)
            self.lost.update(exported.lost)
            stream.write(orjson.dumps(exported.data, option=orjson.OPT_APPEND_NEWLINE))
            n_records += 1
            if progress is not None and n_records % _PROGRESS_STEP == 0:
                progress(_PROGRESS_STEP)
        return n_records
