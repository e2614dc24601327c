"""A real HTTP server that plays a foreign system for tests, and fails as a test wants it to."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from tests.local_server import LocalServer, Quiet, running


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it. `path` is decoded, without the query; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    raw_query: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        """Return the body as a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """An answer; `body` may be bytes, a text, or anything JSON can say. `cut_after`: the connection ends there."""

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    wait_s: float = 0.0

    def data(self) -> bytes:
        """Return the bytes to send."""
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body, ensure_ascii=False).encode()


Handler = Callable[[Asked], Reply]


@dataclass
class ApiServer:
    """What answers, what was asked, and the faults still to come: each takes the place of one answer."""

    handler: Handler
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    faults: list[Reply] = field(default_factory=list)

    def paths(self) -> list[str]:
        """Return the paths asked for, in order."""
        return [item.path for item in self.asked]


class _Handler(Quiet, BaseHTTPRequestHandler):
    site: ApiServer

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(
            method=self.command,
            path=unquote(parts.path),
            query={name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
            raw_query=unquote(parts.query),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
        )
        self.site.asked.append(asked)
        reply = self.site.faults.pop(0) if self.site.faults else self.site.handler(asked)
        if reply.wait_s:
            time.sleep(reply.wait_s)
        data = reply.data()
        self.send_response_only(reply.status)
        self.send_header("Date", reply.headers.get("Date", self.date_time_string()))
        for name, value in reply.headers.items():
            if name != "Date":
                self.send_header(name, value)
        if "Content-Length" not in reply.headers:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data if reply.cut_after is None else data[: reply.cut_after])
        if reply.cut_after is not None:
            self.close_connection = True


@contextmanager
def serving(handler: Handler) -> Iterator[ApiServer]:
    """Run a server that answers with `handler`."""
    site = ApiServer(handler)
    server = LocalServer(_Handler, site)
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    with running(server):
        yield site
