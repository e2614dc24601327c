"""Calls from Телфин.Офис: OAuth, an hourly quota for all programs of the client, one request for statistics at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from callscore.errors import RecordingError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.checkup import check_calls, check_clock, check_sound, last_days
from callscore.outside.links import Link, fetch_link, recording_stem
from callscore.outside.pages import CallPage, Finding, Level, Reject, Tools, Window
from callscore.outside.rows import RowError, clean_text
from callscore.outside.secret import Secret
from callscore.outside.settings import ConnectorSettings, need, setting
from callscore.outside.web import Request, Response, Web, read_json
from callscore.records import CallRecord, RecordingLink
from callscore.sources.base import Source
from callscore.sources.telphin_calls import Account, parse_call

__all__ = ["Settings", "open_source"]

_WEEK: Final = timedelta(days=7)
# Whether the query is in UTC, as the answers are, or in the account's zone is not documented: ask more, cut here.
_MARGIN: Final = timedelta(days=1)
_PER_PAGE: Final = 100
_MOST_PAGES: Final = 10_000
_EARLY_S: Final = 60.0
_STEREO: Final = "ask Телфин whether the account can record in stereo; one channel is told apart by voices, less surely"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ConnectorSettings):
    """How to reach a Телфин.Офис account."""

    client_id: str = need("EXAMPLEAPPID", "App ID of an application of the type trusted")
    client_secret: Secret = need("env:TELPHIN_SECRET", "where its App Secret lies")
    client: str = setting("@me", "id of the client whose calls are read; @me: whose application it is")
    url: str = setting("https://apiproxy.telphin.ru", "address of the API")


def open_source(name: str, settings: Settings, tools: Tools) -> Source:
    """Return the configured account; nothing is sent yet."""
    return _Telphin(name, settings, tools)


class _Telphin:
    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        self._name = name
        self._settings = settings
        self._tools = tools
        self._token = ""
        self._token_ends_s = 0.0
        self._client = f"api/ver1.0/client/{quote(settings.client, safe='@')}"
        self._web = Web(settings.url, tools.patience, headers=self._sign_in_header, pause_asked=_asked_pause)

    def iter_pages(self, window: Window) -> Iterator[CallPage]:
        """Yield the pages of each week; see `Source`."""
        account = Account(name=self._name, region=self._tools.region, extensions=self._extensions())
        for week in window.parts(_WEEK):
            dates = {
                "start_datetime": f"{week.start - _MARGIN:%Y-%m-%d %H:%M:%S}",
                "end_datetime": f"{week.end + _MARGIN:%Y-%m-%d %H:%M:%S}",
                "order": "asc",
            }
            for rows in self._pages("calls", f"{self._client}/call_history/", dates, "call_history", "call_uuid"):
                yield _page(rows, week, account)
            yield CallPage(records=(), covered_until=week.end)

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        """Ask for the bytes with our token, or for a link where that is not allowed; see `Source`."""
        path = f"{self._client}/record/{quote(recording.rec_id, safe='')}"
        stem = recording_stem(folder, call.call_id, recording.rec_id)
        self._sign_in()
        own = Link(
            url=f"{self._settings.url.rstrip('/')}/{path}",
            headers=self._sign_in_header(),
            trusted_hosts=self._settings.allow_hosts,
        )
        try:
            return fetch_link(own, stem, self._tools.patience)
        except RecordingError:
            # An old token, the quota, or a client without this right: the API says which, or gives a link.
            answer = self._ask(Request(what="recording", path=f"{path}/storage_url/"), _read_link)
        if not answer:
            raise RecordingError("there is no such recording, or not yet")
        link = Link(url=answer, trusted_hosts=self._settings.allow_hosts)
        return fetch_link(link, stem, self._tools.patience)

    def check(self) -> Iterator[Finding]:
        """Sign in, read the last week, fetch a recording; see `Source`."""
        extensions = self._extensions()
        yield Finding(level=Level.FINE, subject="sign-in", text="accepted")
        if not extensions:
            text, hint = "names of extensions cannot be read", "give the application the right to read extensions"
            yield Finding(level=Level.ADVICE, subject="rights", text=text, hint=hint)
        pages = list(self.iter_pages(last_days(7)))
        calls = [call for page in pages for call in page.records]
        yield from check_calls(calls, sum(len(page.rejects) for page in pages), "the last 7 days")
        yield from check_sound(calls, self.fetch, _STEREO)
        yield from check_clock(self._web.clock_skew_s)

    def close(self) -> None:
        """Close the connections."""
        self._web.close()

    def _sign_in_header(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _sign_in(self) -> None:
        """Get a token, unless the one we have is good for another minute."""
        if self._token and time.monotonic() < self._token_ends_s:
            return
        self._token = ""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret.reveal(),
        }
        answer = self._web.ask(Request(what="sign-in", path="oauth/token", method="POST", form=form), _read_token)
        self._token, lasts_s = answer
        self._token_ends_s = time.monotonic() + lasts_s - _EARLY_S

    def _ask(self, request: Request, read: Callable[[Response], Any] = read_json) -> Any:
        """Send a request; where the token is refused, once more with a new one."""
        was_used = bool(self._token)
        self._sign_in()
        try:
            return self._web.ask(request, read)
        except SourceAuthError:
            if not was_used:
                raise
            self._token = ""
            self._sign_in()
            return self._web.ask(request, read)

    def _pages(self, what: str, path: str, params: Mapping[str, str], key: str, id_name: str) -> Iterator[list[Any]]:
        """Yield lists of rows until one is short, empty, or twice brings nothing new."""
        seen: set[str] = set()
        page, is_repeated = 1, False
        while page < _MOST_PAGES:
            asked = {**params, "page": page, "per_page": _PER_PAGE}
            answer = self._ask(Request(what=what, path=path, params=asked))
            # A list of extensions comes bare, without the size of its page.
            envelope = {key: answer} if isinstance(answer, list) else answer
            rows = (envelope[key] or []) if isinstance(envelope, Mapping) and key in envelope else None
            if not isinstance(rows, list):
                raise SourceError(f"{what}: the answer is not what Телфин gives", where=self._web.host, hint="check url")
            ids = {str(row[id_name]) for row in rows if isinstance(row, Mapping) and row.get(id_name)}
            if not rows or (ids and ids <= seen and is_repeated):
                return
            if ids and ids <= seen:
                # The page before once more: either an accident, or the system does not know pages.
                is_repeated = True
                continue
            is_repeated = False
            seen |= ids
            yield rows
            # A page may hold fewer rows than were asked for, and says so.
            size = envelope.get("per_page")
            if isinstance(size, int) and len(rows) < size:
                return
            page += 1

    def _extensions(self) -> dict[str, str]:
        """Return what people call extensions (employees and queues) by their full name; nothing without that right."""
        found: dict[str, str] = {}
        try:
            for rows in self._pages("extensions", f"{self._client}/extension/", {}, "extensions", "id"):
                for row in rows:
                    if isinstance(row, Mapping) and row.get("name") and row.get("label"):
                        found[str(row["name"])] = clean_text(str(row["label"]))
        except SourceUnavailableError:
            raise
        except SourceError:
            # A wrong key is found out by whoever asks for calls next.
            return {}
        return found


def _page(rows: list[Any], window: Window, account: Account) -> CallPage:
    calls: dict[str, CallRecord] = {}
    rejects = []
    for number, row in enumerate(rows, 1):
        try:
            call = parse_call(row, account)
        except RowError as exc:
            uuid = row.get("call_uuid") if isinstance(row, Mapping) else None
            where = f"call {clean_text(uuid)}" if isinstance(uuid, str) and uuid else f"row {number}"
            rejects.append(Reject(where=where, reason=str(exc)))
            continue
        if call is not None and window.holds(call.started_at):
            calls[call.call_id] = call
    return CallPage(records=tuple(calls.values()), rejects=tuple(rejects))


def _read_token(response: Response) -> tuple[str, float]:
    if response.status_code == 400:
        raise SourceAuthError("the sign-in was refused", where=response.url.host, hint="check client_id and client_secret")
    try:
        answer = read_json(response)
    except SourceAuthError as exc:
        raise SourceAuthError(exc.message, where=exc.where, hint="check client_id and client_secret") from exc
    token = answer.get("access_token") if isinstance(answer, Mapping) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise SourceError("the sign-in gave no token", where=response.url.host)
    lasts_s = answer.get("expires_in")
    return token, float(lasts_s) if isinstance(lasts_s, int | float) else 3600.0


def _read_link(response: Response) -> str | None:
    if response.status_code in (400, 404, 410):
        return None
    answer = read_json(response)
    link = answer.get("record_url") if isinstance(answer, Mapping) else None
    return link if isinstance(link, str) else None


def _asked_pause(response: Response) -> float | None:
    """Return the pause of a status 429: a few seconds while another request runs, else to the end of the hour's quota."""
    if response.status_code != 429:
        return None
    if b"concurrent" in response.content:
        return 5.0
    reset_s = response.headers.get("X-RateLimit-Reset", "")
    if reset_s.isdecimal():
        return float(reset_s)
    if b"rate_limit_exceeded" not in response.content or "Retry-After" in response.headers:
        return None
    now = datetime.now(UTC)
    return 3600.0 - now.minute * 60 - now.second
