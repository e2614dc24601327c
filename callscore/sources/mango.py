"""MANGO OFFICE: calls from its extended or old statistics, recordings by links that are good for one request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil, floor
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from callscore.errors import RecordingError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.checkup import check_calls, check_clock, check_sound, last_days
from callscore.outside.links import Link, fetch_link, recording_stem
from callscore.outside.pages import CallPage, Finding, Level, Reject, Tools, Window
from callscore.outside.rows import Fields, RowError
from callscore.outside.secret import Secret
from callscore.outside.settings import ConnectorSettings, need, setting
from callscore.records import CallRecord, RecordingLink
from callscore.sources.base import Source
from callscore.sources.mango_api import MangoApi
from callscore.sources.mango_lines import LINE_FIELDS, read_lines
from callscore.sources.mango_rows import Account, read_call, read_users

__all__ = ["Settings", "open_source"]

DAY: Final = timedelta(days=1)
# Dates are asked for without a zone and may be understood as of another; a call's lines start up to so much after it.
MARGIN: Final = timedelta(hours=3)
PAGE_ROWS: Final = 1000  # one of the sizes that the system allows
MOST_LINKS: Final = 3
_STEREO: Final = "ask MANGO OFFICE for two-channel recordings, as its speech analytics uses them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ConnectorSettings):
    """How to reach a virtual PBX of MANGO OFFICE."""

    api_key: Secret = need("env:MANGO_KEY", "where the product's unique code lies: cabinet, Integrations, API connector")
    api_salt: Secret = need("env:MANGO_SALT", "where the key that signatures are made with lies: in the same place")
    url: str = setting("https://app.mango-office.ru/vpbx", "address of the API")
    statistics: str = setting("extended", '"extended", or "old" for accounts that have no other')
    old_ahead_h: int = setting(0, "hours that times of the old statistics are ahead of UTC: 3 where calls come out 3 h late")

    def __post_init__(self) -> None:
        if self.statistics not in ("extended", "old"):
            raise ValueError('statistics must be "extended" or "old"')
        if not -12 <= self.old_ahead_h <= 14:
            raise ValueError("old_ahead_h must be -12..14")


def open_source(name: str, settings: Settings, tools: Tools) -> Source:
    """Return the configured account; nothing is sent yet."""
    return _Mango(name, settings, tools)


class _Mango:
    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        self._name = name
        self._settings = settings
        self._tools = tools
        self._api = MangoApi(settings.url, settings.api_key, settings.api_salt, tools.patience)

    def iter_pages(self, window: Window) -> Iterator[CallPage]:
        """Yield pages day by day; see `Source`."""
        account, rejects = self._account()
        read = self._old_pages if self._settings.statistics == "old" else self._extended_pages
        for day in window.parts(DAY):
            for page in read(Window(start=day.start - MARGIN, end=day.end + MARGIN), account):
                records = tuple(record for record in page.records if day.holds(record.started_at))
                yield CallPage(records=records, rejects=(*rejects, *page.rejects))
                rejects = ()
            yield CallPage(records=(), covered_until=day.end)

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        """Ask for a link and stream it at once: it dies with the first request, so another try needs another link."""
        stem = recording_stem(folder, call.call_id, recording.rec_id)
        for _ in range(MOST_LINKS - 1):
            url = self._api.link(recording.rec_id)
            with suppress(RecordingError):
                return self._stream(url, stem)
        return self._stream(self._api.link(recording.rec_id), stem)

    def check(self) -> Iterator[Finding]:
        """Sign in, read two days, fetch a recording; see `Source`."""
        account, rejects = self._account()
        if rejects:
            hint = "give the API the right to the list of employees: extensions and lines come from it"
            yield Finding(level=Level.PROBLEM, subject="employees", text=rejects[0].reason, hint=hint)
        else:
            yield Finding(level=Level.FINE, subject="sign-in", text=f"accepted, {len(account.users)} employees")
        window = last_days(2)
        # Times that are ahead of UTC show as calls that are still to come.
        pages = list(self.iter_pages(Window(start=window.start, end=window.end + timedelta(hours=14))))
        calls = [call for page in pages for call in page.records]
        if any(call.started_at > window.end + timedelta(minutes=5) for call in calls):
            hint = "set old_ahead_h = 3" if self._settings.statistics == "old" else "set the clock of this computer by NTP"
            yield Finding(level=Level.PROBLEM, subject="times", text="calls come out as of the future", hint=hint)
        n_rejects = sum(len(page.rejects) for page in pages) - len(rejects)
        yield from check_calls(calls, n_rejects, "the last 2 days")
        yield from check_sound(calls, self.fetch, _STEREO)
        yield from check_clock(self._api.web.clock_skew_s)

    def close(self) -> None:
        """Close the connections."""
        self._api.web.close()

    def _stream(self, url: str, stem: Path) -> Path:
        link = Link(url=url, trusted_hosts=self._settings.allow_hosts)
        return fetch_link(link, stem, replace(self._tools.patience, attempts=1))

    def _account(self) -> tuple[Account, tuple[Reject, ...]]:
        try:
            users = read_users(self._api.users())
        except (SourceAuthError, SourceUnavailableError):
            raise
        except SourceError as exc:
            # Calls name people themselves; what is lost are extensions and the lines of outgoing calls.
            return Account(self._name, self._tools.region), (Reject(where="employees", reason=exc.message),)
        return Account(self._name, self._tools.region, users), ()

    def _extended_pages(self, span: Window, account: Account) -> Iterator[CallPage]:
        """Yield the calls of a stretch; pages that are empty or came before, though more is promised, are asked for again."""
        zone = ZoneInfo(self._tools.timezone)
        dates = {
            "start_date": span.start.astimezone(zone).strftime("%d.%m.%Y %H:%M:%S"),
            "end_date": span.end.astimezone(zone).strftime("%d.%m.%Y %H:%M:%S"),
        }
        offset, n_vain, seen = 0, 0, set[str]()
        while True:
            rows, n_all = self._api.calls({**dates, "limit": PAGE_ROWS, "offset": offset})
            is_more = len(rows) >= PAGE_ROWS or (n_all is not None and offset + len(rows) < n_all)
            names = {_name(row, number) for number, row in enumerate(rows, 1)}
            if offset < (n_all or 0) and names <= seen:
                n_vain += 1
                if n_vain < self._tools.patience.attempts:
                    continue
                reason = f"the system promises {n_all} calls and gives {len(seen)}"
                yield CallPage(records=(), rejects=(Reject(where=f"statistics of {dates['start_date']}", reason=reason),))
                return
            n_vain, offset = 0, offset + len(rows)
            seen |= names
            yield _page(rows, account)
            if not rows or not is_more:
                return

    def _old_pages(self, span: Window, account: Account) -> Iterator[CallPage]:
        ahead = timedelta(hours=self._settings.old_ahead_h)
        params = {
            "date_from": floor((span.start + ahead).timestamp()),
            "date_to": ceil((span.end + ahead).timestamp()),
            "fields": ",".join(LINE_FIELDS),
        }
        records, rejects = read_lines(self._api.old_calls(params), account, ahead)
        yield CallPage(records=tuple(records), rejects=tuple(rejects))


def _page(rows: list[Any], account: Account) -> CallPage:
    records, rejects = [], []
    for number, row in enumerate(rows, 1):
        try:
            record = read_call(row, account)
        except RowError as exc:
            rejects.append(Reject(where=f"call {_name(row, number)}", reason=str(exc)))
            continue
        if record is not None:
            records.append(record)
    return CallPage(records=tuple(records), rejects=tuple(rejects))


def _name(row: Any, number: int) -> str:
    """Return the id of a row, or its number in the answer where it has none."""
    try:
        return (Fields(row).text("entry_id") or f"in row {number}")[:60]
    except RowError:
        return f"in row {number}"
