"""What goes wrong on the Hub: asked again where that helps, and said in words that hold no token."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from traceback import walk_tb
from typing import TypeVar

from newsds.errors import NewsdsError, OutputError, RemoteError

__all__ = ["patiently", "saying", "status_of"]

T = TypeVar("T")

#: Answers after which the same question may be asked again.
_PASSING = frozenset({408, 429, 500, 502, 503, 504})

#: Seconds before each further try; where the Hub says how long to wait, no more than the last of them times four.
_WAITS = (1, 2, 4, 8)

_ADVICE = {
    401: "the token is not accepted, or there is none: run `hf auth login`, or set HF_TOKEN",
    403: "the token has no write access there: make one that has, then `hf auth login` or HF_TOKEN",
    404: "there is no such dataset repository, or the token may not see it",
    408: "the Hub did not answer in time; run the same command again, what was sent is kept",
    413: "the Hub takes no commit of that size; build larger shards",
    429: "the Hub asks to slow down; run the same command later, what was sent is kept",
}


def patiently(call: Callable[[], T]) -> T:
    """Return what a call returns; ask again, four times at most, while the trouble is of a kind that passes.

    The Hub's client does the same for most of its requests, but not for those that make commits and tags. Those may be
    repeated here because they name the parent: a second commit on the same parent is refused.
    """
    for wait in _WAITS:
        try:
            return call()
        except Exception as error:
            if not _is_passing(error):
                raise
            time.sleep(_wait_of(error, wait))
    return call()


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status behind an error; None if there was no answer."""
    for cause in _causes(error):
        response = getattr(cause, "response", None)
        if response is not None:
            return int(response.status_code)
    return None


@contextmanager
def saying(where: str) -> Iterator[None]:
    """Turn errors of the Hub's client into errors of newsds.

    Raises:
        RemoteError: the Hub refused, failed, or was not reached.
        OutputError: a file of this machine cannot be read, or its disk is full.
    """
    try:
        yield
    except NewsdsError:
        raise
    except Exception as error:
        status = status_of(error)
        if status is not None:
            raise RemoteError(f"{where}: {_words(status, error)}", status=status) from None
        if _is_connection(error):
            raise RemoteError(
                f"{where}: the connection failed, and again when tried anew; run the same command again, what was "
                "sent is kept"
            ) from None
        local = next(
            (cause for cause in _causes(error) if isinstance(cause, OSError) and cause.strerror), None
        )
        if local is not None:
            raise OutputError(f"{local.filename or where}: {local.strerror}") from None
        if _is_from_client(error):
            raise RemoteError(f"{where}: {_first_line(error)}") from None
        raise


def _words(status: int, error: BaseException) -> str:
    if status >= 500:
        return f"the Hub failed ({status}), and again when tried anew; run the same command later, what was sent is kept"
    return f"{_ADVICE.get(status) or 'the Hub refused: ' + _server_words(error)} ({status})"


def _server_words(error: BaseException) -> str:
    """Return what the server said, on one line."""
    for cause in _causes(error):
        said = getattr(cause, "server_message", None)
        if said:
            return _scrubbed(" ".join(str(said).split())[:200])
    return "it gives no reason"


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return _scrubbed(lines[0][:200])


def _scrubbed(text: str) -> str:
    """Return text without the token, should a server have repeated it."""
    from huggingface_hub import get_token

    token = get_token()
    return text.replace(token, "***") if token else text


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that it comes from."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def _is_passing(error: BaseException) -> bool:
    status = status_of(error)
    return status in _PASSING if status is not None else _is_connection(error)


def _is_connection(error: BaseException) -> bool:
    """Tell whether a request found no answer: httpx in the client's first version, httpx2 in its second."""
    return any(
        isinstance(cause, ConnectionError | TimeoutError)
        or type(cause).__module__.split(".")[0] in ("httpx", "httpx2", "httpcore", "httpcore2")
        for cause in _causes(error)
    )


def _is_from_client(error: BaseException) -> bool:
    """Tell whether an error came up in the Hub's client, or in Xet below it."""
    modules = (frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__))
    return any(name.partition(".")[0] in ("huggingface_hub", "hf_xet") for name in modules)


def _wait_of(error: BaseException, wait: float) -> float:
    for cause in _causes(error):
        headers = getattr(getattr(cause, "response", None), "headers", {})
        asked = str(headers.get("Retry-After", ""))
        if asked.isdecimal():
            return min(float(asked), _WAITS[-1] * 4)
    return wait
