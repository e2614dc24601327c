"""Calls from onlinePBX, a PBX in the cloud: signed in with a key, read day by day, because it has no reliable paging."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from callscore.errors import RecordingError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.checkup import check_calls, check_clock, check_sound, last_days
from callscore.outside.links import Link, fetch_link, recording_stem
from callscore.outside.pages import CallPage, Finding, Level, Reject, Tools, Window
from callscore.outside.patience import TryLaterError
from callscore.outside.rows import RowError, clean_text
from callscore.outside.secret import Secret
from callscore.outside.settings import ConnectorSettings, need, setting
from callscore.outside.web import Request, Response, Web, read_json
from callscore.records import CallRecord, RecordingLink
from callscore.sources.base import Source
from callscore.sources.onlinepbx_calls import Account, parse_call

__all__ = ["Settings", "open_source"]

_DAY: Final = timedelta(days=1)
_SHORTEST: Final = timedelta(minutes=1)
_SHORTEST_AFTER_TIME_OUT: Final = timedelta(hours=6)
_ROUND: Final = 50
_INTERNAL: Final = "INTERNAL"
_BAD_KEY: Final = ("API_KEY_CHECK_FAILED", "WRONG_AUTH_DATA")
_STEREO: Final = "ask onlinePBX to record in stereo: it is a setting of the account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ConnectorSettings):
    """How to reach an onlinePBX account."""

    domain: str = need("pbx0000.onpbx.ru", "your domain, as the cabinet shows it")
    auth_key: Secret = need("env:ONLINEPBX_KEY", "where the API key lies: cabinet, Integrations, API")
    url: str = setting("https://api2.onlinepbx.ru", "address of the API")

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", self.domain):
            raise ValueError("domain must be a plain name such as pbx0000.onpbx.ru")


def open_source(name: str, settings: Settings, tools: Tools) -> Source:
    """Return the configured account; nothing is sent yet."""
    return _OnlinePbx(name, settings, tools)


class _OnlinePbx:
    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        self._name = name
        self._settings = settings
        self._tools = tools
        self._session = ""
        base = f"{settings.url.rstrip('/')}/{settings.domain}"
        self._web = Web(base, tools.patience, headers=self._sign_in_header)

    def iter_pages(self, window: Window) -> Iterator[CallPage]:
        """Yield a page per day; see `Source`."""
        account = Account(name=self._name, region=self._tools.region, operators=self._operators())
        for day in window.parts(_DAY):
            rows, rejects = self._rows(day)
            yield _page(rows, rejects, day, account)

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        """Ask for a link, which lives for half an hour, and follow it at once; see `Source`."""
        stem = recording_stem(folder, call.call_id, "" if recording.rec_id == call.call_id else recording.rec_id)
        link = self._link(recording.rec_id)
        try:
            return self._follow(link, stem)
        except RecordingError:
            # The link may have expired while the first part was fetched; a second one tells.
            return self._follow(self._link(recording.rec_id), stem)

    def check(self) -> Iterator[Finding]:
        """Sign in, read the last week, fetch a recording; see `Source`."""
        names = self._operators()
        yield Finding(level=Level.FINE, subject="sign-in", text=f"accepted, {len(names)} employees")
        pages = list(self.iter_pages(last_days(7)))
        calls = [call for page in pages for call in page.records]
        yield from check_calls(calls, sum(len(page.rejects) for page in pages), "the last 7 days")
        yield from check_sound(calls, self.fetch, _STEREO)
        yield from check_clock(self._web.clock_skew_s)

    def close(self) -> None:
        """Close the connections."""
        self._web.close()

    def _sign_in_header(self) -> Mapping[str, str]:
        return {"x-pbx-authentication": self._session} if self._session else {}

    def _ask(self, what: str, path: str, form: Mapping[str, Any], read: Callable[[Response], Any] | None = None) -> Any:
        """Return `data` of an answer; signs in first, and once more where the session is over."""
        request = Request(what=what, path=path, method="POST", form=form)
        is_new = not self._session
        if is_new:
            self._sign_in()
        try:
            return self._web.ask(request, read or _read_data)
        except SourceAuthError:
            if is_new:
                raise
            self._sign_in()
            return self._web.ask(request, read or _read_data)

    def _sign_in(self) -> None:
        self._session = ""
        # Without `new`: a new key would lock out other programs that use this account.
        form = {"auth_key": self._settings.auth_key.reveal()}
        data = self._web.ask(Request(what="sign-in", path="auth.json", method="POST", form=form), _read_data)
        parts = (data.get("key_id"), data.get("key")) if isinstance(data, Mapping) else (None, None)
        if not all(isinstance(part, str) and part for part in parts):
            raise SourceError("the sign-in gave no session key", where=self._web.host)
        self._session = f"{parts[0]}:{parts[1]}"

    def _operators(self) -> dict[str, str]:
        """Return names by extension; none where the key may not see them."""
        try:
            users = self._ask("employees", "user/get.json", {})
        except SourceUnavailableError:
            raise
        except SourceError:
            # Calls are known by extension too; a wrong key is found out by whoever asks for calls next.
            return {}
        rows = [user for user in users if isinstance(user, Mapping)] if isinstance(users, list) else []
        return {str(user["num"]): str(user["name"]) for user in rows if user.get("num") and user.get("name")}

    def _rows(self, window: Window) -> tuple[list[Any], list[Reject]]:
        """Return the rows of a window; halves it where the answer takes too long or seems to be cut off."""
        form = {
            "start_stamp_from": math.floor(window.start.timestamp()),
            "start_stamp_to": math.ceil(window.end.timestamp()),
        }
        length = window.end - window.start
        try:
            rows = self._ask("calls", "mongo_history/search.json", form)
        except SourceUnavailableError:
            if not self._web.timed_out or length <= _SHORTEST_AFTER_TIME_OUT:
                raise
            return self._halves(window)
        if not isinstance(rows, list):
            raise SourceError("the list of calls is no list", where=self._web.host)
        # How many rows an answer holds at most is not documented; a round number may be that limit.
        if rows and len(rows) % _ROUND == 0:
            if length > _SHORTEST:
                return self._halves(window)
            where = f"calls from {window.start:%Y-%m-%d %H:%M:%S}"
            return rows, [Reject(where=where, reason="the system may not have given all calls of this minute")]
        return rows, []

    def _halves(self, window: Window) -> tuple[list[Any], list[Reject]]:
        rows, rejects = [], []
        for half in window.parts((window.end - window.start) / 2 + timedelta(microseconds=1)):
            found = self._rows(half)
            rows += found[0]
            rejects += found[1]
        return rows, rejects

    def _link(self, uuid: str) -> str:
        """Return a fresh link to a recording.

        Raises:
            RecordingError: if there is none.
        """
        path = "mongo_history/search.json"
        try:
            answer = self._ask("recording", path, {"uuid": uuid, "download": 1}, _read_link)
            if answer is None:
                # Some accounts answer INTERNAL for ever to the first way, and give the link the second way.
                answer = self._ask("recording", path, {"uuid_array": uuid, "download": 1})
        except (SourceAuthError, SourceUnavailableError):
            raise
        except SourceError as exc:
            raise RecordingError(f"the recording was refused: {exc.message}") from exc
        if not isinstance(answer, str) or not answer:
            raise RecordingError("there is no recording of this call, or not yet")
        return answer

    def _follow(self, url: str, stem: Path) -> Path:
        return fetch_link(Link(url=url, trusted_hosts=self._settings.allow_hosts), stem, self._tools.patience)


def _page(rows: list[Any], rejects: list[Reject], window: Window, account: Account) -> CallPage:
    best: dict[str, tuple[int, CallRecord]] = {}
    for number, row in enumerate(rows, 1):
        try:
            call = parse_call(row, account)
        except RowError as exc:
            uuid = row.get("uuid") if isinstance(row, Mapping) else None
            where = f"call {clean_text(uuid)}" if isinstance(uuid, str) and uuid else f"row {number}"
            rejects.append(Reject(where=where, reason=str(exc)))
            continue
        if call is None or not window.holds(call.started_at):
            continue
        # A call may come twice, once with fewer events: the fuller row counts, and the later one of equals.
        n_events = len(row["events"]) if isinstance(row.get("events"), list) else 0
        if call.call_id not in best or n_events >= best[call.call_id][0]:
            best[call.call_id] = (n_events, call)
    return CallPage(records=tuple(call for _, call in best.values()), rejects=tuple(rejects), covered_until=window.end)


def _read_data(response: Response) -> Any:
    """Return `data` of an answer. Failures come with status 200, and say so inside."""
    answer = read_json(response)
    host = response.url.host
    if not isinstance(answer, Mapping):
        raise SourceError("the answer is not what onlinePBX gives", where=host, hint="check url and domain")
    if str(answer.get("status")) == "1":
        return answer.get("data")
    code = answer.get("errorCode")
    if code == _INTERNAL:
        raise TryLaterError("internal error")
    if code == "DOMAIN_NOT_FOUND":
        raise SourceAuthError("onlinePBX does not know the domain", where=host, hint="check domain")
    if answer.get("isNotAuth") or code in _BAD_KEY:
        raise SourceAuthError(
            "the sign-in was refused", where=host, hint="check auth_key and domain, and that the account is paid"
        )
    name = code if isinstance(code, str) and re.fullmatch("[A-Z_]{1,40}", code) else "no reason given"
    raise SourceError(f"the request was refused ({name})", where=host)


def _read_link(response: Response) -> Any:
    """Return the link in an answer, None for an internal error."""
    try:
        return _read_data(response)
    except TryLaterError:
        return None
