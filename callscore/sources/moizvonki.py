"""Calls of employees' mobile phones from Мои Звонки: one address for all questions, rows by offset."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

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
from callscore.sources.moizvonki_calls import Account, parse_call

__all__ = ["Settings", "open_source"]

_DAY: Final = timedelta(days=1)
_PER_PAGE: Final = 100
_MOST_PAGES: Final = 10_000
_STEREO: Final = "phones record so; both sides are told apart by voices, and some phones record only one of them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ConnectorSettings):
    """How to reach an account of Мои Звонки."""

    url: str = need("https://shop.moizvonki.ru", "address of your account")
    user_name: str = need("admin@shop.example", "e-mail of the login")
    api_key: Secret = need("env:MOIZVONKI_KEY", "where its API key lies")
    supervised: bool = setting(True, "calls of all employees whom the login may see, not only its own")


def open_source(name: str, settings: Settings, tools: Tools) -> Source:
    """Return the configured account; nothing is sent yet."""
    return _MoiZvonki(name, settings, tools)


class _MoiZvonki:
    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        self._name = name
        self._settings = settings
        self._tools = tools
        self._web = Web(settings.url, tools.patience)

    def iter_pages(self, window: Window) -> Iterator[CallPage]:
        """Yield the pages of each day; see `Source`."""
        account = Account(name=self._name, region=self._tools.region, operators=self._operators())
        for day in window.parts(_DAY):
            for rows in self._pages(day):
                yield _page(rows, day, account)
            yield CallPage(records=(), covered_until=day.end)

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        """Look the call up again for its present address, and follow it; see `Source`."""
        start = call.started_at.replace(microsecond=0)
        window = Window(start=start, end=start + timedelta(seconds=1))
        for row in (row for rows in self._pages(window) for row in rows if isinstance(row, Mapping)):
            link = row.get("recording")
            if str(row.get("db_call_id")) == recording.rec_id and isinstance(link, str) and link.strip():
                url = urljoin(f"{self._settings.url.rstrip('/')}/", link.strip())
                return fetch_link(
                    Link(url=url, trusted_hosts=self._settings.allow_hosts),
                    recording_stem(folder, call.call_id),
                    self._tools.patience,
                )
        raise RecordingError("the recording is gone; Мои Звонки keep them for 30 days")

    def check(self) -> Iterator[Finding]:
        """Sign in, read the last week, fetch a recording; see `Source`."""
        names = self._operators()
        pages = list(self.iter_pages(last_days(7)))
        yield Finding(level=Level.FINE, subject="sign-in", text="accepted")
        if not names:
            text, hint = "names of employees cannot be read", "use the login of an administrator"
            yield Finding(level=Level.ADVICE, subject="rights", text=text, hint=hint)
        calls = [call for page in pages for call in page.records]
        yield from check_calls(calls, sum(len(page.rejects) for page in pages), "the last 7 days")
        yield from check_sound(calls, self.fetch, _STEREO)
        yield from check_clock(self._web.clock_skew_s)

    def close(self) -> None:
        """Close the connections."""
        self._web.close()

    def _ask(self, what: str, action: str, **options: Any) -> Mapping[str, Any]:
        body = {
            "user_name": self._settings.user_name,
            "api_key": self._settings.api_key.reveal(),
            "action": action,
            **options,
        }
        return self._web.ask(Request(what=what, path="api/v1", method="POST", json=body), _read_answer)

    def _pages(self, window: Window) -> Iterator[list[Any]]:
        """Yield lists of rows until none remain, or the offset twice does not grow."""
        options = {
            "from_date": math.floor(window.start.timestamp()),
            "to_date": math.ceil(window.end.timestamp()),
            "max_results": _PER_PAGE,
            "supervised": int(self._settings.supervised),
        }
        offset, is_repeated = 0, False
        for _ in range(_MOST_PAGES):
            answer = self._ask("calls", "calls.list", from_offset=offset, **options)
            rows = answer.get("results") or []
            if not isinstance(rows, list):
                raise SourceError("the list of calls is no list", where=self._web.host)
            remains, following = answer.get("results_remains"), answer.get("results_next_offset")
            following = following if isinstance(following, int) else offset + len(rows)
            is_last = not rows or remains == 0
            if following <= offset and not is_last:
                # An answer of before once more: ask again, but not for ever.
                if is_repeated:
                    return
                is_repeated = True
                continue
            yield rows
            if is_last:
                return
            offset, is_repeated = following, False

    def _operators(self) -> dict[str, str]:
        """Return names of employees by login; none where the login may not see them."""
        try:
            answer = self._ask("employees", "company.list_employee")
        except SourceUnavailableError:
            raise
        except SourceError:
            # A wrong key is found out by whoever asks for calls next.
            return {}
        rows = answer.get("results")
        found: dict[str, str] = {}
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, Mapping) and row.get("user_account") and row.get("user_name"):
                found[clean_text(str(row["user_account"]))] = clean_text(str(row["user_name"]))
        return found


def _page(rows: list[Any], window: Window, account: Account) -> CallPage:
    calls: dict[str, CallRecord] = {}
    rejects = []
    for number, row in enumerate(rows, 1):
        try:
            call = parse_call(row, account)
        except RowError as exc:
            found = row.get("db_call_id") if isinstance(row, Mapping) else None
            is_id = isinstance(found, int | str) and found != ""
            rejects.append(Reject(where=f"call {clean_text(str(found))}" if is_id else f"row {number}", reason=str(exc)))
            continue
        if call is not None and window.holds(call.started_at):
            calls[call.call_id] = call
    return CallPage(records=tuple(calls.values()), rejects=tuple(rejects))


def _read_answer(response: Response) -> Mapping[str, Any]:
    """Return an answer. Refusals are plain texts with a status of 400 or more."""
    host = response.url.host
    is_key = any(word in response.content.lower() for word in (b"api_key", b"user_name", b"auth"))
    if response.status_code in (401, 403) or (response.status_code >= 400 and is_key):
        raise SourceAuthError("the sign-in was refused", where=host, hint="check user_name and api_key")
    answer = read_json(response)
    if not isinstance(answer, Mapping):
        raise SourceError("the answer is not what Мои Звонки give", where=host, hint="check url")
    return answer
