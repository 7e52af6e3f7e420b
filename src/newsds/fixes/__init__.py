"""fix(): articles in, articles out, with what can be fixed fixed, and every change told."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from newsds.article import Articles, Record, Rejected, Row
from newsds.fixes.catalogue import chosen
from newsds.fixes.changes import Change
from newsds.fixes.repair import repair

__all__ = ["fix"]


def fix(
    articles: Articles | Collection[Record],
    *,
    unsafe: bool = False,
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    on_change: Callable[[Row, Change], None] | None = None,
) -> Articles:
    """Return articles with fixes made: a stream that reads and fixes as it is iterated, again and again.

    Fixing twice changes nothing more, and a rule of which every fault has a fix finds nothing afterwards.

    Args:
        articles: a stream, or records.
        unsafe: also the fixes that may be mistaken, or lose something.
        select: only the fixes of these rules.
        ignore: not the fixes of these rules.
        on_change: is called with the record as it was, and each change, in order.

    Raises:
        UsageError: a rule does not exist, or has no fix.
    """
    fixes = chosen(unsafe=unsafe, select=select, ignore=ignore)
    stream = articles if isinstance(articles, Articles) else Articles.from_records(articles)

    tell = on_change or (lambda _row, _change: None)

    def items() -> Iterator[Row | Rejected]:
        for item in stream.open_items():
            if isinstance(item, Rejected):
                yield item
                continue
            record, changes = repair(item.record, fixes)
            for change in changes:
                tell(item, change)
            yield item if record is item.record else replace(item, record=record, raw=None)

    return Articles(items)
