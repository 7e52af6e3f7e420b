"""A web server with ranges, made to fail on demand."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

#: Takes a request and how often its path was asked for before; True if it answered.
Fault = Callable[["Handler", int], bool]


class Handler(BaseHTTPRequestHandler):
    """Answers GET with the files of a folder."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args, served: "WebServer", **kwargs):
        self.served = served
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        with self.served.lock:
            n_before = self.served.requests.count(self.path)
            self.served.requests.append(self.path)
            self.served.seen.append(dict(self.headers))
        if self.served.fault is None or not self.served.fault(self, n_before):
            self.send_file()

    def content(self) -> bytes | None:
        path = self.served.folder / unquote(self.path).lstrip("/")
        return path.read_bytes() if path.is_file() else None

    def send_file(self) -> None:
        data = self.content()
        if data is None:
            self.refuse(404)
            return
        wanted = self.headers.get("Range")
        if wanted is None:
            self.send(200, data)
            return
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, stop = int(first), min(int(last) + 1 if last else len(data), len(data))
        if start >= len(data):
            self.refuse(416)
            return
        self.send(206, data[start:stop], {"Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"})

    def send(
        self, status: int, data: bytes, headers: dict[str, str] | None = None, *, n_stated: int | None = None
    ):
        """Answer; with another length than the data's if one is given."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data) if n_stated is None else n_stated))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status: int, headers: dict[str, str] | None = None) -> bool:
        self.send(status, b"", headers)
        return True

    def cut(self, n_bytes: int) -> bool:
        """Promise the whole file, send some of it, and hang up."""
        data = self.content() or b""
        self.send(200, data[:n_bytes], n_stated=len(data))
        self.close_connection = True
        return True

    def log_message(self, *_) -> None:
        pass


class WebServer:
    """A folder served on loopback, with a note of every request."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fault: Fault | None = None
        self.requests: list[str] = []
        self.seen: list[dict[str, str]] = []
        self.lock = threading.Lock()
        self.url = ""
        self.waits: list[float] = []


@contextmanager
def serve(folder: Path) -> Iterator[WebServer]:
    """Serve a folder as long as the context lasts."""
    served = WebServer(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, served=served))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
