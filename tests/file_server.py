"""A real HTTP server for tests: it serves bytes with Range support and misbehaves where a test says so."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.local_server import LocalServer, Quiet, running


@dataclass(frozen=True)
class Fault:
    """How one answer goes wrong: another status, cut off after some bytes, Range not understood, or slow."""

    status: int = 0
    cut_after: int | None = None
    ignore_range: bool = False
    wait_s: float = 0.0


@dataclass
class Asked:
    """One request as the server saw it."""

    path: str
    range_start: int
    headers: dict[str, str]


@dataclass
class FileServer:
    """What is served, what was asked, and the faults still to come per path; those under "*" hit every answer."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    always: Fault = Fault()
    refused_agent: str = ""
    asked: list[Asked] = field(default_factory=list)

    def paths(self) -> list[str]:
        """Return the paths asked for, in order."""
        return [item.path for item in self.asked]


class _Handler(Quiet, BaseHTTPRequestHandler):
    site: FileServer

    def do_GET(self) -> None:
        found = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(found.group(1)) if found else 0
        self.site.asked.append(Asked(self.path, start, {key.lower(): value for key, value in self.headers.items()}))
        queue = self.site.faults.get(self.path, [])
        fault = queue.pop(0) if queue else self.site.always
        body = self.site.files.get(self.path)
        agent = self.headers.get("User-Agent", "")
        if fault.status or body is None or (self.site.refused_agent and agent.startswith(self.site.refused_agent)):
            self._refuse(fault.status or (404 if body is None else 401))
        elif start > len(body) or (start and start == len(body)):
            self._refuse(416)
        else:
            self._answer(body, 0 if fault.ignore_range else start, fault)

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, body: bytes, start: int, fault: Fault) -> None:
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.send_header("Content-Type", self.site.types.get(self.path, "application/octet-stream"))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.end_headers()
        end = len(body) if fault.cut_after is None else min(len(body), start + fault.cut_after)
        for at in range(start, end, 1 << 14):
            self.wfile.write(body[at : min(end, at + (1 << 14))])
            time.sleep(fault.wait_s)
        self.close_connection = end < len(body)


@contextmanager
def serve(files: dict[str, bytes] | None = None, *, tls: ssl.SSLContext | None = None) -> Iterator[FileServer]:
    """Serve `files` (path to bytes) on a free port of this machine."""
    site = FileServer(files=dict(files or {}))
    server = LocalServer(_Handler, site)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    with running(server):
        yield site
