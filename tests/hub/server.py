"""A Hugging Face Hub for the tests, on the loopback: what its clients need to publish and to load datasets."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hub.endpoints import answer_of, refusal
from hub.repository import RefusedError
from hub.state import Answer, CutError, Hub, Request


class Handler(BaseHTTPRequestHandler):
    """Reads a request whole, has it answered, and counts it."""

    protocol_version = "HTTP/1.1"
    # Head and body in one segment: else each answer waits for the client's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    hub: Hub

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.read_body()
        headers = {key.lower(): value for key, value in self.headers.items()}
        with self.hub.lock:
            request = Request(
                len(self.hub.requests), self.command, parts.path, parse_qs(parts.query), headers, body
            )
            self.hub.requests.append(request)
        try:
            self.send(self.work(request))
        except CutError:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    def work(self, request: Request) -> Answer:
        try:
            self.strike(request, "before")
            answered = answer_of(self.hub, request)
            self.strike(request, "after")
        except RefusedError as error:
            answered = refusal(error)
        return answered

    def strike(self, request: Request, moment: str) -> None:
        if self.hub.fault is not None:
            self.hub.fault(request, moment)

    def read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self.read_chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def read_chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    def send(self, answered: Answer) -> None:
        self.send_response(answered.status)
        for key, value in answered.headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(answered.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answered.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 # names that http.server calls


class Server(ThreadingHTTPServer):
    """Threads that end with the test; a client that goes away is no error."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that were cut."""


@contextlib.contextmanager
def serve(hub: Hub) -> Iterator[Hub]:
    """Answer at a free port of the loopback, which becomes the Hub's address."""
    server = Server(("127.0.0.1", 0), type("HubHandler", (Handler,), {"hub": hub}))
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
