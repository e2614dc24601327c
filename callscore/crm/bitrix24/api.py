"""Speaking with Bitrix24 through an incoming webhook, whose address is the key: its pace, its limits and its errors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from callscore.crm.lookup import rows_of
from callscore.errors import ConfigError, SourceAuthError, SourceError
from callscore.outside.pages import Patience
from callscore.outside.patience import TryLaterError
from callscore.outside.rows import Fields, RowError
from callscore.outside.secret import Secret
from callscore.outside.web import Request, Response, Web, read_json

__all__ = ["PAGE_SIZE", "Api"]

PAGE_SIZE: Final = 50
"""Rows on a page, and the most ids that are asked for at once."""
MIN_INTERVAL_S: Final = 0.5  # two requests a second; Bitrix24 grants bursts above that, but others use the portal too
OPERATION_WAIT_S: Final = 150.0  # a method that was used too long comes back within ten minutes: four such waits
MAX_PAGES: Final = 2000
_REFUSED: Final = (401, 402, 403)
_TOO_MANY: Final = 429
_LATER: Final = ("query_limit_exceeded", "operation_time_limit", "overload_limit", "internal_server_error")
_KEY: Final = (
    "expired_token", "invalid_token", "no_auth_found", "invalid_credentials", "wrong_auth_type", "portal_deleted",
    "user_access_error", "authorization_error",
)  # fmt: skip
_RIGHT: Final = ("insufficient_scope", "access_denied", "allowed_only_intranet_user")


class Api:
    """The methods of one webhook."""

    def __init__(self, webhook: Secret, patience: Patience) -> None:
        """Prepare; the address is looked up when the first method is called."""
        self._webhook = webhook
        self._patience = patience
        self._opened: Web | None = None

    @property
    def host(self) -> str:
        """The portal's host, for messages."""
        return self._opened.host if self._opened else ""

    @property
    def clock_skew_s(self) -> float | None:
        """How far the portal's clock is ahead of ours."""
        return self._opened.clock_skew_s if self._opened else None

    def close(self) -> None:
        """Close the connections."""
        if self._opened:
            self._opened.close()

    def call(self, method: str, params: Mapping[str, Any]) -> Fields:
        """Return the answer of a method; `result` is among its fields.

        Raises:
            ConfigError: the webhook's address cannot be used.
            SourceAuthError: the webhook, or its right to this method, is refused.
            SourceUnavailableError: the portal stays away, or is still over its limits after our patience.
            SourceError: any other error the portal tells of.
        """
        return self._web().ask(Request(what=method, path=method, method="POST", json=params), _read)

    def rows(self, method: str, params: Mapping[str, Any], key: str = "") -> list[object]:
        """Return the rows of one answer; `key` names them inside the result.

        Raises:
            SourceError: as `call` does; rows that are no list.
        """
        answer = self.call(method, params)
        try:
            inner = answer.child("result") if key else answer
            return rows_of(inner.raw(key or "result")) if inner else []
        except RowError as error:
            raise SourceError(f"{method}: {error}", where=self.host) from error

    def all_rows(self, method: str, params: Mapping[str, Any]) -> list[object]:
        """Return the rows of all pages, following `next`.

        Raises:
            SourceError: as `call` does; pages that do not end.
        """
        found: list[object] = []
        start = 0
        for _ in range(MAX_PAGES):
            answer = self.call(method, {**params, "start": start})
            try:
                found += rows_of(answer.raw("result"))
                following = answer.whole("next")
            except RowError as error:
                raise SourceError(f"{method}: {error}", where=self.host) from error
            if following is None:
                return found
            if following <= start:
                break
            start = following
        raise SourceError(f"{method}: the pages do not end", where=self.host)

    def _web(self) -> Web:
        if self._opened is None:
            address = self._webhook.reveal()
            if not re.search(r"/rest/\d+/[^/]+/?$", address):
                raise ConfigError("the webhook must look like https://PORTAL/rest/USER/CODE/", where=self._webhook.place)
            try:
                self._opened = Web(address, self._patience, min_interval_s=MIN_INTERVAL_S, pause_asked=_pause_asked)
            except ConfigError as error:
                raise ConfigError(error.message, where=self._webhook.place) from error
        return self._opened


def _read(response: Response) -> Fields:
    host = response.url.host
    code = _error_code(response)
    if code in _LATER:
        raise TryLaterError(code, OPERATION_WAIT_S if code == "operation_time_limit" else None)
    if code in _RIGHT:
        raise SourceAuthError(
            f"a right is missing ({code})", where=host, hint='the webhook needs "crm", "user" and, for call ids, "telephony"'
        )
    if code in _KEY or response.status_code in _REFUSED:
        raise SourceAuthError(
            f"the webhook was refused ({code or f'HTTP {response.status_code}'})",
            where=host,
            hint="check that it still exists, that webhook holds its whole address, and that the plan includes REST",
        )
    if code:
        raise SourceError(f"the portal answers with the error {code}", where=host)
    answer = read_json(response)
    if not isinstance(answer, Mapping) or "result" not in answer:
        raise SourceError("the answer holds no result", where=host, hint="does the webhook lead to a Bitrix24?")
    return Fields(answer)


def _pause_asked(response: Response) -> float | None:
    """Return how long a method stays closed that has used up its time; None where that is not the trouble."""
    if response.status_code != _TOO_MANY or _error_code(response) != "operation_time_limit":
        return None
    try:
        times = Fields(json.loads(response.content)).child("time")
        reset_at = times.number("operating_reset_at") if times else None
        now = times.number("finish") if times else None
    except RowError:
        return OPERATION_WAIT_S
    return OPERATION_WAIT_S if reset_at is None or now is None else min(max(reset_at - now, 1.0), 900.0)


def _error_code(response: Response) -> str:
    """Return the portal's own word for an error, lower case; empty where there is none."""
    try:
        said = json.loads(response.content)
    except (ValueError, RecursionError):
        return ""
    code = said.get("error") if isinstance(said, Mapping) else None
    if not code:
        return ""
    # A word without digits: whatever else stands there might be part of the webhook.
    return code.lower() if isinstance(code, str) and re.fullmatch(r"[A-Za-z_]{2,60}", code) else "unknown"
