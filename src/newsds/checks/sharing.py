"""Work shared with other processes, its results in order."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar

from newsds.errors import NewsdsError

__all__ = ["share"]

Task = TypeVar("Task")
Result = TypeVar("Result")


def share(tasks: Iterable[Task], work: Callable[[Task], Result], *, workers: int) -> Iterator[Result]:
    """Yield the results of tasks in their order, from this process and others.

    This process does not wait idly: it takes the tasks for which no other has a place, and so there is no loss
    while the others start.

    Args:
        tasks: can be pickled, as can their results.
        work: a function of a module, or a partial of one.
        workers: processes, this one included; at least 2.

    Raises:
        NewsdsError: a process died.
    """
    context = get_context(_start_method())
    with ProcessPoolExecutor(workers - 1, mp_context=context, initializer=_end_with_parent) as pool:
        try:
            yield from _shared(tasks, work, pool, most=2 * (workers - 1))
        except BrokenProcessPool:
            raise NewsdsError("a process of the validation died; try again with one worker") from None
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _end_with_parent() -> None:
    """See to it that this process ends when the one that started it was killed: the pool's would wait for ever."""
    parent = parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    Thread(target=wait, daemon=True).start()


def _start_method() -> str:
    """Return `fork`, which costs nothing, where it is safe: no thread of this process can hold a lock in the copy.

    Elsewhere it is `spawn`: a fifth of a second of imports.
    """
    try:
        n_threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 # threads of libraries too
    except OSError:
        return "spawn"
    return "fork" if n_threads == 1 else "spawn"


def _shared(
    tasks: Iterable[Task], work: Callable[[Task], Result], pool: ProcessPoolExecutor, *, most: int
) -> Iterator[Result]:
    waiting: deque[Future[Result]] = deque()
    for task in tasks:
        if sum(not future.done() for future in waiting) < most:
            waiting.append(pool.submit(work, task))
        else:
            own: Future[Result] = Future()
            own.set_result(work(task))
            waiting.append(own)
        while waiting and waiting[0].done():
            yield waiting.popleft().result()
    yield from (future.result() for future in waiting)
