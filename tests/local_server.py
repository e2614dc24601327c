"""A server on this machine that runs while a test needs it, and does not mind clients that hang up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LocalServer(ThreadingHTTPServer):
    """Answers on a free port; `site` is what its handlers serve and note."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, handler: type[BaseHTTPRequestHandler], site: object) -> None:
        super().__init__(("127.0.0.1", 0), type("Handler", (handler,), {"site": site}))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up or was killed is part of some tests."""


class Quiet:
    """What makes a handler speak HTTP/1.1, answer at once and keep the tests' output clean."""

    protocol_version = "HTTP/1.1"
    # Head and body are sent apart; the body would wait 40 ms for the other side to acknowledge the head.
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the standard library
        """Say nothing."""


@contextmanager
def running(server: LocalServer) -> Iterator[None]:
    """Let the server answer in a thread of its own."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
