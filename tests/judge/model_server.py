"""A small OpenAI-compatible server for tests: it answers as told, notes what it was asked, and misbehaves on request."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.local_server import LocalServer, Quiet, running


@dataclass(frozen=True, kw_only=True)
class Told:
    """One reply: a status, headers, a body, a pause before it and between its bytes (`drip_s`), or dripping headers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    drip_s: float = 0.0
    drip_headers: bool = False


Answerer = Callable[[dict[str, Any]], Told]


def completion(content: Any, **more: Any) -> Told:
    """Return the reply of a server whose model wrote `content`."""
    body = {
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content, **more}}],
    }
    return Told(body=json.dumps(body).encode())


def verdict(ruling: str, turn: int = 0, quote: str = "") -> Told:
    """Return the reply of a server whose model answers in the form asked for."""
    return completion(json.dumps({"verdict": ruling, "turn": turn, "quote": quote}, ensure_ascii=False))


@dataclass
class ModelServer:
    """The replies still to come (the last one stays), and the requests that came, with their headers."""

    url: str = ""
    replies: list[Told | Answerer] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    models: tuple[str, ...] = ("small",)

    def next(self, payload: dict[str, Any]) -> Told:
        """Return what to reply to a request."""
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply if isinstance(reply, Told) else reply(payload)


class _Handler(Quiet, BaseHTTPRequestHandler):
    site: ModelServer

    def do_GET(self) -> None:
        self.site.headers.append({key.lower(): value for key, value in self.headers.items()})
        listed = {"object": "list", "data": [{"id": name} for name in self.site.models]}
        self._reply(Told(body=json.dumps(listed).encode()) if self.path == "/v1/models" else Told(status=404))

    def do_POST(self) -> None:
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.site.asked.append(payload)
        self.site.headers.append({key.lower(): value for key, value in self.headers.items()})
        self._reply(self.site.next(payload) if self.path == "/v1/chat/completions" else Told(status=404))

    def _reply(self, told: Told) -> None:
        time.sleep(told.wait_s)
        if told.drip_headers:
            for char in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000:
                self.wfile.write(bytes([char]))
                time.sleep(told.drip_s)
        self.send_response(told.status)
        for name, value in told.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(told.body)))
        self.end_headers()
        for at in range(0, len(told.body), 1 if told.drip_s else 1 << 16):
            self.wfile.write(told.body[at : at + (1 if told.drip_s else 1 << 16)])
            time.sleep(told.drip_s)


@contextmanager
def serve(*replies: Told | Answerer) -> Iterator[ModelServer]:
    """Serve the replies, one request each, on a free port of this machine."""
    site = ModelServer(replies=list(replies) or [Told(status=500)])
    server = LocalServer(_Handler, site)
    site.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    with running(server):
        yield site
