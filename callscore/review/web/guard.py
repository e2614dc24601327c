"""What holds for every request: host names, sizes, where a post comes from; and the headers of every answer."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard", "host_name"]

_MOST_BYTES: Final = 256 * 1024
"""A comment of 20,000 letters, escaped, fits; a flood does not."""
_LONGEST_QUERY: Final = 8 * 1024
_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # With no-referrer browsers send the origin of a form as null, and it could not be checked.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """Wraps the app.

    A page of another site can make a browser send requests here, and can even point its own name at 127.0.0.1 to read the
    answers (DNS rebinding): so only known host names are answered, and posts only from our own pages.
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message), nonce)
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send_guarded)
            return
        await self._app(scope, _Measured(receive), send_guarded)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host_name(host) not in self._hosts:
            return PlainTextResponse("This server does not answer under this name (callscore review --allow-host NAME).", 421)
        if len(scope.get("query_string", b"")) > _LONGEST_QUERY:
            return PlainTextResponse("The address is too long.", 414)
        return None if scope["method"] in {"GET", "HEAD"} else _post_refusal(scope["method"], headers, host)


def _post_refusal(method: str, headers: Headers, host: str) -> PlainTextResponse | None:
    if method != "POST":
        return PlainTextResponse("Only GET and POST are answered.", 405)
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > _MOST_BYTES:
        return PlainTextResponse("This is more than the page ever sends.", 413)
    if not _is_own(headers, host):
        return PlainTextResponse("Posts are taken from this site's own pages only.", 403)
    return None


class _Measured:
    """Receives the body and stops where it is longer than it may be, whatever its header said."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._n_bytes = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._n_bytes += len(message.get("body", b""))
        if self._n_bytes > _MOST_BYTES:
            return {"type": "http.disconnect"}
        return message


def host_name(host: str) -> str:
    """Return a Host header without its port, in small letters.

    >>> host_name("LOCALHOST:8050"), host_name("[::1]:8050")
    ('localhost', '[::1]')
    """
    end = host.rfind("]") + 1 if host.startswith("[") else host.find(":")
    return (host[:end] if end > 0 else host).lower()


def _is_own(headers: Headers, host: str) -> bool:
    """Tell whether a post comes from a page of ours, as far as the browser says; the token in the form is the other half."""
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == host


def _add_headers(headers: MutableHeaders, nonce: str) -> None:
    for name, value in _HEADERS.items():
        headers[name] = value
    # The nonce is for the one style sheet that wavesurfer.js puts into its own shadow tree.
    headers["content-security-policy"] = (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers.setdefault("cache-control", "no-store")
