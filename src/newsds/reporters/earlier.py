"""Whether a file is a report of newsds, in whatever form: such a file may be replaced by the next report."""

import re
from pathlib import Path

__all__ = ["is_report"]

_HEAD_BYTES = 1024
_TAIL_BYTES = 512

#: How the forms that programs read begin.
_HEAD = re.compile(
    rb"""\{\s*"report_version":        # json
       | \{"kind":\ "(?:finding|summary)" # jsonl
       | \{\s*"\$schema":.*?"driver":\s*\{\s*"name":\ "newsds" # sarif
       | <\?xml[^>]*>\s*<testsuites\ name="newsds" # junit
       | \[\s*(?:\]\s*\Z|\{\s*"description":\ "NDS) # gitlab
       | \#\#\ newsds\ validate\b  # markdown
    """,
    re.VERBOSE | re.DOTALL,
)
#: How the forms for people end.
_TAIL = re.compile(rb"(?:\A|\n)[0-9,]+ records?: [^\n]*\n\Z")


def is_report(path: Path) -> bool:
    """Tell whether a file holds a report, or nothing.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        stream.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        tail = stream.read(_TAIL_BYTES)
    return not head or bool(_HEAD.match(head) or _TAIL.search(tail))
