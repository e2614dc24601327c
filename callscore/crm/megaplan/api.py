"""Speaking with Мегаплан: the token and its renewal, requests whose query is one JSON object, and its errors."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from callscore.errors import SourceAuthError, SourceError
from callscore.outside.pages import Patience
from callscore.outside.patience import TryLaterError
from callscore.outside.secret import Secret
from callscore.outside.web import Request, Response, Web, read_json

__all__ = ["Api", "RefusedError"]

ROOT: Final = "api/v3"
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _INVALID, _TOO_MANY = 401, 403, 404, 422, 429


class RefusedError(Exception):
    """The system does not understand a request (422) or does not have what it asks for (404)."""


class _TokenOldError(Exception):
    """The token is no longer good."""


class Api:
    """A signed-in conversation with one account. Tokens live in memory only."""

    def __init__(self, url: str, username: str, password: Secret, patience: Patience) -> None:
        """Prepare; nothing is sent yet."""
        self._web = Web(url, patience, headers=self._headers)
        self._username = username
        self._password = password
        self._token = ""
        self._refresh_token = ""

    @property
    def clock_skew_s(self) -> float | None:
        """How far the system's clock is ahead of ours."""
        return self._web.clock_skew_s

    @property
    def host(self) -> str:
        """The host, for messages."""
        return self._web.host

    def close(self) -> None:
        """Close the connections."""
        self._web.close()

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer to a GET; signs in first, and again when the token has become old.

        Raises:
            RefusedError: 404 and 422.
            SourceAuthError: the sign-in is refused, or the user may not see this.
        """
        if not self._token:
            self.sign_in()
        text = f"?{quote(json.dumps(query, ensure_ascii=False, separators=(',', ':')), safe='')}" if query else ""
        request = Request(what=path.partition("/")[0], path=f"{ROOT}/{path}{text}", headers={"Accept": "application/json"})
        try:
            return self._web.ask(request, self._read)
        except _TokenOldError:
            self.sign_in()
        try:
            return self._web.ask(request, self._read)
        except _TokenOldError:
            raise self._refused_user() from None

    def find(self, kind: str, entity_id: str) -> Mapping[str, Any] | None:
        """Return one object by its kind (such as "ContractorHuman") and id; None where it is not to be seen."""
        path = f"{kind[:1].lower()}{kind[1:]}/{quote(entity_id, safe='')}"
        try:
            data = self.get(path).get("data")
        except (RefusedError, SourceAuthError):
            return None
        return data if isinstance(data, Mapping) else None

    def sign_in(self) -> None:
        """Get a token: by the token for renewal where there is one, else by name and password.

        Raises:
            SourceAuthError: they are refused.
        """
        self._token, refresh_token = "", self._refresh_token
        self._refresh_token = ""
        if refresh_token:
            try:
                return self._ask_token({"grant_type": "refresh_token", "refresh_token": refresh_token})
            except SourceAuthError:
                pass
        return self._ask_token({"grant_type": "password", "username": self._username, "password": self._password.reveal()})

    def _headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _ask_token(self, fields: Mapping[str, str]) -> None:
        boundary = secrets.token_hex(16)
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{fields[key]}\r\n' for key in fields]
        request = Request(
            what="sign-in",
            path=f"{ROOT}/auth/access_token",
            method="POST",
            content=f"{''.join(parts)}--{boundary}--\r\n".encode(),
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
        )
        answer = self._web.ask(request, self._read_token)
        token, refresh_token = answer.get("access_token"), answer.get("refresh_token")
        if not isinstance(token, str) or not token.isprintable() or not token.isascii() or not token:
            raise SourceError("the sign-in gave no token", where=self.host, hint="check url")
        self._token = token
        self._refresh_token = refresh_token if isinstance(refresh_token, str) else ""

    def _read_token(self, response: Response) -> Mapping[str, Any]:
        if response.status_code == _NOT_FOUND:
            raise SourceError("there is no Мегаплан with API v3 here", where=self.host, hint="check url")
        if 400 <= response.status_code < 500:
            raise self._refused_user()
        answer = read_json(response)
        if not isinstance(answer, Mapping):
            raise SourceError("the sign-in gave no token", where=self.host, hint="check url")
        if "error" in answer:
            raise self._refused_user()
        return answer

    def _read(self, response: Response) -> dict[str, Any]:
        self._judge(response.status_code)
        answer = read_json(response)
        if not isinstance(answer, dict):
            raise SourceError("the answer is none of Мегаплан's API v3", where=self.host, hint="check url")
        meta = answer.get("meta")
        status = meta.get("status") if isinstance(meta, Mapping) else None
        if isinstance(status, int):
            self._judge(status)
        return answer

    def _judge(self, status: int) -> None:
        """Raise what a status means; it stands in the HTTP answer, and again in an answer that HTTP calls a success."""
        if status == _UNAUTHORIZED:
            raise _TokenOldError
        if status == _FORBIDDEN:
            hint = "give the user the right to see all deals and their clients"
            raise SourceAuthError("the user may not see this", where=self.host, hint=hint)
        if status in (_NOT_FOUND, _INVALID):
            raise RefusedError
        if status == _TOO_MANY or status >= 500:
            raise TryLaterError(f"status {status}")
        if status >= 400:
            raise SourceError(f"the request was refused (status {status})", where=self.host)

    def _refused_user(self) -> SourceAuthError:
        return SourceAuthError("the sign-in was refused", where=self.host, hint="check username and password")
