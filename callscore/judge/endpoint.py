"""One HTTP request to an OpenAI-compatible address, bounded in time and size. Goes nowhere else: no redirects, no proxies."""

from __future__ import annotations

import ipaddress
import json
import queue
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import httpx

from callscore.http_answers import whole_seconds
from callscore.tls import tls_context

__all__ = ["Endpoint", "NoReplyError", "Reply", "is_local", "list_models"]

MAX_REPLY_BYTES: Final = 262_144
"""An answer has some hundred bytes; servers add a little bookkeeping."""
_CONNECT_S: Final = 10.0
# A kept connection may be gone when it is used again, which would cost an answer; a new one costs nothing beside the answer.
_LIMITS: Final = httpx.Limits(max_keepalive_connections=0)
_Found = TypeVar("_Found")


class NoReplyError(Exception):
    """The server gave no usable reply, for the reason in the message, which names no content."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, the body, and how many seconds the server asks to wait, None if it does not say."""

    status: int
    body: bytes
    retry_after_s: float | None


class Endpoint:
    """An address ending in /v1 or the like, with the key that opens it."""

    def __init__(self, url: str, api_key: str) -> None:
        """Prepare; nothing is sent yet.

        Raises:
            ConfigError: if the configured bundle of certificates cannot be read.
        """
        self._url = url.rstrip("/")
        # `identity`: the bound on the size of a reply would not hold for what a compressed one expands to.
        headers = {"Accept-Encoding": "identity", "User-Agent": "callscore"}
        if api_key:
            headers["Authorization"] = f"Bearer {api_key}"
        trust = tls_context() if self._url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._client = httpx.Client(verify=trust, headers=headers, follow_redirects=False, trust_env=False, limits=_LIMITS)

    def send(self, method: str, path: str, body: bytes | None, limit_s: float) -> Reply:
        """Return the reply to one request.

        Raises:
            NoReplyError: for every failure of the network, and when `limit_s` seconds have passed, whatever the server does.
        """
        if limit_s <= 0:
            raise NoReplyError("no time left")
        # A thread, because time-outs of sockets are per packet: a server that drips its headers would keep us for hours.
        return _within(limit_s, lambda: self._send(method, path, body, time.monotonic() + limit_s, limit_s))

    def _send(self, method: str, path: str, body: bytes | None, deadline: float, limit_s: float) -> Reply:
        timeout = httpx.Timeout(limit_s, connect=min(limit_s, _CONNECT_S))
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            with self._client.stream(method, self._url + path, content=body, headers=headers, timeout=timeout) as response:
                content = b""
                for chunk in response.iter_raw():
                    content += chunk
                    if len(content) > MAX_REPLY_BYTES:
                        raise NoReplyError("the reply is too long")
                    if time.monotonic() > deadline:
                        raise NoReplyError("the reply takes too long")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as exc:
            raise NoReplyError(type(exc).__name__) from exc
        return Reply(response.status_code, content, whole_seconds(response.headers.get("Retry-After", "")))


def _within(limit_s: float, work: Callable[[], _Found]) -> _Found:
    """Return what `work` gives within `limit_s`; afterwards its thread is left to end by itself."""
    results: queue.SimpleQueue[_Found | BaseException] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put(work())
        except BaseException as exc:  # noqa: BLE001 - raised again below, in the thread that waits
            results.put(exc)

    threading.Thread(target=run, daemon=True, name="judge").start()
    try:
        found = results.get(timeout=limit_s)
    except queue.Empty:
        raise NoReplyError("timed out") from None
    if isinstance(found, BaseException):
        raise found
    return found


def is_local(url: str) -> bool:
    """Tell whether an address is this very machine.

    >>> is_local("http://127.0.0.1:8080/v1"), is_local("http://localhost/v1"), is_local("http://10.0.0.5/v1")
    (True, True, False)
    """
    host = httpx.URL(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def list_models(endpoint: Endpoint, limit_s: float) -> tuple[str, ...]:
    """Return the names of the models that the server offers.

    Raises:
        NoReplyError: if it cannot be reached or does not say.
    """
    reply = endpoint.send("GET", "/models", None, limit_s)
    if reply.status != httpx.codes.OK:
        raise NoReplyError(f"HTTP {reply.status}")
    try:
        return tuple(str(item["id"]) for item in json.loads(reply.body)["data"])
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise NoReplyError("the reply is no list of models") from exc
