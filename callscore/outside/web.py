"""HTTP as a good guest: passing errors are tried again, asked-for pauses kept, secrets told to nobody else.

Sources of calls and orders speak through `Web`. What a system hides in an answer of status 200 (an error, a quota) its own
`read` function finds and raises.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit

import httpx

from callscore.download import time_outs
from callscore.errors import ConfigError, SourceAuthError, SourceError
from callscore.http_answers import PASSING_STATUS, parse_http_date, retry_after_s
from callscore.outside.pages import Patience
from callscore.outside.patience import TryLaterError, ask_patiently
from callscore.tls import TRUST_HINT, tls_context

__all__ = ["Request", "Response", "Web", "check_address", "read_json"]

# httpx logs whole addresses, and some systems want their secret in the address.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
MAX_REDIRECTS: Final = 5
_TOO_SLOW: Final = (408, 504)
_REFUSED: Final = (401, 402, 403)
_T = TypeVar("_T")
Response = httpx.Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; `path` is joined to the base address, or is a whole address of the same host.

    `what` says in a few words what is asked for; it is all that messages say of the request. Bodies: `json`, a `form`, or
    raw `content`. With `stays` a redirect is not followed but given to `read`: some systems answer with a one-time link.
    """

    what: str
    path: str = ""
    method: str = "GET"
    params: Mapping[str, Any] | None = None
    json: Any = None
    form: Mapping[str, Any] | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    stays: bool = False


class Web:
    """A conversation with one system at one base address; one request at a time."""

    def __init__(
        self,
        base_url: str,
        patience: Patience,
        *,
        min_interval_s: float = 0.0,
        headers: Callable[[], Mapping[str, str]] = dict,
        pause_asked: Callable[[httpx.Response], float | None] | None = None,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            base_url: https address, or http where the user configured it so.
            patience: attempts, pauses and time-outs.
            min_interval_s: the least time between two requests.
            headers: asked anew for each request; holds the sign-in.
            pause_asked: reads from an answer how long the system wants to be left alone, where Retry-After does not say it.

        Raises:
            ConfigError: if the address cannot be used.
        """
        check_address(base_url)
        self._base = base_url.rstrip("/")
        self._origin = _origin(base_url)
        self._patience = patience
        self._min_interval_s = min_interval_s
        self._headers = headers
        self._pause_asked = pause_asked
        self._last_at = float("-inf")
        self._client = httpx.Client(
            verify=tls_context(),
            timeout=time_outs(patience.timeout_s),
            follow_redirects=False,
            headers={"User-Agent": "callscore"},
        )
        self.clock_skew_s: float | None = None
        """How far the system's clock is ahead of ours, by the Date of its last answer; None: it did not say."""
        self.timed_out = False
        """Whether the last passing error was that the answer took too long: asking for less may help."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @property
    def host(self) -> str:
        """The host, for messages."""
        return self._origin[1]

    def ask(self, request: Request, read: Callable[[httpx.Response], _T]) -> _T:
        """Send a request and return what `read` makes of the answer; passing errors are tried again.

        `read` is given every answer but passing errors (408, 425, 429, 500, 502, 503, 504). It may raise TryLaterError.

        Raises:
            SourceUnavailableError: if it stays away, or asks for a longer pause than our patience.
            SourceError: as `read` raises it; a redirect to another host.
        """
        self.timed_out = False
        return ask_patiently(request.what, self.host, self._patience, lambda: self._ask_once(request, read))

    def _ask_once(self, request: Request, read: Callable[[httpx.Response], _T]) -> _T:
        try:
            response = self._send(request)
        except httpx.RequestError as exc:
            self.timed_out = isinstance(exc, httpx.TimeoutException)
            raise TryLaterError(_transport_reason(exc)) from exc
        except (httpx.InvalidURL, UnicodeError):
            # A UnicodeError holds the text it stumbled over, which may be the key.
            raise SourceError("the address or the key has characters that cannot be sent", where=self.host) from None
        self.timed_out = response.status_code in _TOO_SLOW
        if response.status_code in PASSING_STATUS:
            raise TryLaterError(f"HTTP {response.status_code}", self._asked_pause(response))
        return read(response)

    def json(self, request: Request) -> Any:
        """Send a request and return the JSON of its answer; see `ask` and `read_json`."""
        return self.ask(request, read_json)

    def _send(self, request: Request) -> httpx.Response:
        url = (
            request.path
            if "://" in request.path
            else f"{self._base}/{request.path.lstrip('/')}"
            if request.path
            else self._base
        )
        method = request.method
        params, body = request.params, {"json": request.json, "data": request.form, "content": request.content}
        for _ in range(MAX_REDIRECTS):
            if _origin(url) != self._origin:
                raise SourceError(
                    "the system leads to another host, which must not learn our secrets",
                    where=self.host,
                    hint="check the address in the settings",
                )
            response = self._exchange(method, url, params, body, {**self._headers(), **request.headers})
            if request.stays or not response.has_redirect_location:
                return response
            url = str(response.url.join(response.headers["Location"]))
            params = None
            if response.status_code in (301, 302, 303) and method != "GET":
                method, body = "GET", {}
        raise SourceError("too many redirects", where=self.host)

    def _exchange(
        self, method: str, url: str, params: Mapping[str, Any] | None, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> httpx.Response:
        wait_s = self._last_at + self._min_interval_s - time.monotonic()
        if wait_s > 0:
            self._patience.sleep(wait_s)
        self._last_at = time.monotonic()
        sent = {name: value for name, value in body.items() if value is not None}
        request = self._client.build_request(method, url, params=params, headers=dict(headers), **sent)
        response = self._client.send(request, stream=True)
        try:
            chunks, n_bytes = [], 0
            for chunk in response.iter_bytes():
                n_bytes += len(chunk)
                if n_bytes > MAX_ANSWER_BYTES:
                    raise SourceError(f"an answer is longer than {MAX_ANSWER_BYTES // 2**20} MiB", where=self.host)
                chunks.append(chunk)
        finally:
            response.close()
        response._content = b"".join(chunks)  # noqa: SLF001 - what Response.read() does, with a limit
        self._note_clock(response)
        return response

    def _note_clock(self, response: httpx.Response) -> None:
        at = parse_http_date(response.headers.get("Date", ""))
        if at is not None:
            self.clock_skew_s = (at - datetime.now(UTC)).total_seconds()

    def _asked_pause(self, response: httpx.Response) -> float | None:
        own = self._pause_asked(response) if self._pause_asked else None
        return retry_after_s(response.headers.get("Retry-After", "")) if own is None else own


def read_json(response: httpx.Response) -> Any:
    """Return the JSON of an answer; for `Web.ask`.

    Raises:
        SourceAuthError: status 401, 402 or 403.
        SourceError: another status of 400 or more, or what is no JSON (a page of HTML, a cut-off text).
    """
    host = response.url.host
    if response.status_code in _REFUSED:
        raise SourceAuthError(
            f"the sign-in was refused (HTTP {response.status_code})", where=host, hint="check key, rights and payment"
        )
    if response.status_code >= httpx.codes.BAD_REQUEST:
        raise SourceError(f"the request was refused (HTTP {response.status_code})", where=host)
    if response.status_code == httpx.codes.NO_CONTENT or not response.content.strip():
        return None
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        is_page = response.content.lstrip()[:1] == b"<"
        found = "a web page" if is_page else "something else"
        raise TryLaterError(f"{found} instead of JSON") from None


def check_address(url: str) -> None:
    """Refuse what is no http address, or holds a password that would end up in messages.

    Raises:
        ConfigError: with the reason; the address is not repeated.
    """
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and parts.username is None
    except ValueError:
        fine = False
    if not fine:
        raise ConfigError("an address must look like https://host/path, without a password")


def _origin(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return "", "", 0


def _transport_reason(error: httpx.RequestError) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return f"its certificate is not trusted; {TRUST_HINT}"
    names: dict[type, str] = {httpx.ConnectError: "no connection", httpx.ReadTimeout: "time-out"}
    return names.get(type(error), type(error).__name__)
