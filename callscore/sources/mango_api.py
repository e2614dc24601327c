"""A conversation with MANGO OFFICE: signed requests, codes of results in status 200, and statistics that are made as jobs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any, Final, TypeVar
from urllib.parse import urljoin

from callscore.errors import RecordingError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.pages import Patience
from callscore.outside.patience import TryLaterError
from callscore.outside.rows import Fields, RowError
from callscore.outside.secret import Secret
from callscore.outside.web import Request, Response, Web, read_json

__all__ = ["MangoApi"]

INTERVAL_S: Final = 2.0  # the limit of statistics; other requests may come faster but are few
POLL_S: Final = 5.0
MOST_POLLS: Final = 120
MOST_JOBS: Final = 3
_FINE: Final = 1000
_WRONG_SIGN: Final = (3101, 3102)
_BILLING: Final = range(2000, 3000)
_PASSING: Final = range(5000, 5006)  # errors and overload of the server; 5008 is a service that is not ordered
_NO_CONTENT, _BAD_REQUEST, _NOT_FOUND = 204, 400, 404
_T = TypeVar("_T")


class _Job(Enum):
    """What a job without a result is."""

    PENDING = auto()
    LOST = auto()


class MangoApi:
    """One product of MANGO OFFICE; one request at a time."""

    def __init__(self, url: str, key: Secret, salt: Secret, patience: Patience) -> None:
        """Prepare; nothing is sent yet."""
        self._key = key
        self._salt = salt
        self._patience = patience
        self.web = Web(url, patience, min_interval_s=INTERVAL_S)

    def users(self) -> list[Any]:
        """Return the rows of the employees.

        Raises:
            SourceError: as `Web.ask`, and for refusals.
        """
        answer = self._ask("employees", "config/users/request", {}, _read)
        users = answer.get("users") if isinstance(answer, Mapping) else None
        return users if isinstance(users, list) else []

    def calls(self, params: Mapping[str, Any]) -> tuple[list[Any], int | None]:
        """Return rows of the extended statistics, and how many there are in all (None: not said)."""
        return self._job("stats/calls/request/", "stats/calls/result/", params, _read_calls)

    def old_calls(self, params: Mapping[str, Any]) -> str:
        """Return the old statistics: lines of fields between semicolons."""
        return self._job("stats/request", "stats/result", params, _read_lines)

    def link(self, recording_id: str) -> str:
        """Return a fresh address of a recording, good for one request.

        Raises:
            RecordingError: if there is none, or not yet.
        """
        params = {"recording_id": recording_id, "action": "download"}
        return self._ask("recording", "queries/recording/post", params, _read_link, stays=True)

    def _job(self, start: str, result: str, params: Mapping[str, Any], read: Callable[[Response], _T | _Job]) -> _T:
        """Have statistics made, wait for them, and return them; a job that the system loses is started again."""
        for _ in range(MOST_JOBS):
            key = self._ask("statistics", start, params, _read_key)
            for _ in range(MOST_POLLS):
                found = self._ask("statistics", result, {"key": key}, read)
                if found is _Job.LOST:
                    break
                if not isinstance(found, _Job):
                    return found
                self._patience.sleep(POLL_S)
            else:
                break
        raise SourceUnavailableError(
            "the statistics were not made in time", where=self.web.host, hint="run it again later; what was read is kept"
        )

    def _ask(
        self, what: str, path: str, params: Mapping[str, Any], read: Callable[[Response], _T], *, stays: bool = False
    ) -> _T:
        text = json.dumps(params, ensure_ascii=False, separators=(",", ":"))
        key = self._key.reveal()
        sign = hashlib.sha256(f"{key}{text}{self._salt.reveal()}".encode()).hexdigest()
        form = {"vpbx_api_key": key, "sign": sign, "json": text}
        return self.web.ask(Request(what=what, path=path, method="POST", form=form, stays=stays), read)


def _read(response: Response) -> Any:
    """Return the JSON of an answer; None where there is none.

    Raises:
        TryLaterError: for passing errors.
        SourceError: for refusals.
    """
    if response.status_code == _BAD_REQUEST:
        try:
            answer = json.loads(response.content)
        except (ValueError, RecursionError):
            answer = None
    else:
        answer = read_json(response)
    if isinstance(answer, Mapping):
        _raise_refusal(answer, response.url.host)
    elif answer is not None:
        raise TryLaterError("an answer that is no object")
    if response.status_code == _BAD_REQUEST:
        raise SourceError("the request was refused (HTTP 400)", where=response.url.host)
    return answer


def _raise_refusal(answer: Mapping[str, Any], host: str) -> None:
    try:
        code = Fields(answer).whole("result")
        message = Fields(answer).text("message") or ""
    except RowError:
        raise TryLaterError("a result that is no code") from None
    if code is None or code == _FINE:
        return
    # Wrong parameters are named by a plain word; other messages may hold anything.
    reason = f"result {code}" + (f", {message}" if re.fullmatch(r"[a-z_]{1,40}", message) else "")
    if code in _WRONG_SIGN:
        hint = "check api_key and api_salt: cabinet, Integrations, API connector; many wrong tries may block the key"
        raise SourceAuthError(f"the signature was refused ({reason})", where=host, hint=hint)
    if code in _BILLING:
        raise SourceAuthError(f"MANGO OFFICE refuses ({reason})", where=host, hint="look at the account's payment")
    if code in _PASSING:
        raise TryLaterError(reason)
    hint = "look at the API's services and rights in the cabinet"
    raise SourceError(f"the request was refused ({reason})", where=host, hint=hint)


def _read_key(response: Response) -> str:
    answer = _read(response)
    key = answer.get("key") if isinstance(answer, Mapping) else None
    if not isinstance(key, str) or not key:
        raise TryLaterError("no key of a job")
    return key


def _read_calls(response: Response) -> tuple[list[Any], int | None] | _Job:
    answer = _read(response)
    if answer is None:
        return _Job.PENDING
    status = answer.get("status")
    if status in ("cancel", "error", "not-found"):
        return _Job.LOST
    if status not in ("complete", None) or (status is None and "data" not in answer):
        return _Job.PENDING
    parts = answer.get("data") or []
    rows: list[Any] = []
    counts: list[int | None] = []
    for part in [parts] if isinstance(parts, Mapping) else parts if isinstance(parts, list) else []:
        found = part.get("list") if isinstance(part, Mapping) else None
        rows += [found] if isinstance(found, Mapping) else found if isinstance(found, list) else []
        try:
            counts.append(Fields(part).whole("total_calls_count"))
        except RowError:
            counts.append(None)
    known = [count for count in counts if count is not None]
    return rows, sum(known) if known else None


def _read_lines(response: Response) -> str | _Job:
    if response.status_code == _NO_CONTENT:
        return _Job.PENDING
    if response.status_code == _NOT_FOUND:
        return _Job.LOST
    start = response.content.lstrip()[:1]
    if response.status_code >= _BAD_REQUEST or start in (b"{", b"<"):
        _read(response)
        raise TryLaterError("something else instead of statistics")
    return response.content.decode("utf-8-sig", errors="replace")


def _read_link(response: Response) -> str:
    if response.has_redirect_location:
        try:
            return urljoin(str(response.url), response.headers["Location"])
        except ValueError:
            raise RecordingError("the link to the recording is no address") from None
    try:
        _read(response)
    except (SourceAuthError, TryLaterError):
        if response.status_code < _BAD_REQUEST and response.content.lstrip()[:1] == b"{":
            raise
    except SourceError as exc:
        raise RecordingError(f"the recording cannot be had: {exc.message}") from exc
    raise RecordingError(
        f"there is no recording, or not yet (HTTP {response.status_code})",
        where=response.url.host,
        hint="it comes a minute or more after the call; if it stays so, check the cloud storage and the right to recordings",
    )
