"""Calls of MikoPBX over its REST API, version 3; only ever asked, never told to delete."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from callscore.errors import RecordingError, SourceAuthError, SourceError
from callscore.outside.checkup import check_calls, check_clock, check_sound, last_days
from callscore.outside.links import Link, fetch_link, recording_stem
from callscore.outside.pages import CallPage, Finding, Level, Tools, Window
from callscore.outside.patience import TryLaterError
from callscore.outside.rows import Fields, RowError
from callscore.outside.secret import Secret
from callscore.outside.settings import ConnectorSettings, need, setting
from callscore.outside.web import Request, Response, Web, read_json
from callscore.records import CallRecord, RecordingLink
from callscore.sources.mikopbx_calls import MARGIN, channel_epoch, group_rows, make_page

__all__ = ["MikoPbx", "Settings", "open_source"]

KIND: Final = "mikopbx"
PATH: Final = "/pbxcore/api/v3/cdr"
MAX_LIMIT: Final = 1000
STEP: Final = timedelta(days=7)
CHECK_DAYS: Final = 3
WIDEST_ZONE: Final = timedelta(hours=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ConnectorSettings):
    """What reading a MikoPBX takes."""

    url: str = need("https://pbx.example.org", "address of the MikoPBX web interface")
    api_key: Secret = need("env:MIKOPBX_KEY", "API key (System, API keys) with the right to read calls and recordings")
    page_size: int = setting(500, "rows asked for at a time, at most 1000")

    def __post_init__(self) -> None:
        """Check what the API would refuse."""
        if not 1 <= self.page_size <= MAX_LIMIT:
            raise ValueError(f"page_size must be 1..{MAX_LIMIT}")


def open_source(name: str, settings: Settings, tools: Tools) -> MikoPbx:
    """Return the configured source; nothing is sent yet."""
    return MikoPbx(name, settings, tools)


class MikoPbx:
    """See Source. Rows are paged by id; older versions answer with whole calls, which are paged by number."""

    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        self._name = name
        self._settings = settings
        self._tools = tools
        self._web = Web(settings.url, tools.patience, headers=self._sign_in)

    def iter_pages(self, window: Window) -> Iterator[CallPage]:
        """See Source.iter_pages; a page covers a week."""
        for part in window.parts(STEP):
            wider = Window(start=part.start - MARGIN, end=part.end + MARGIN)
            yield self._page(self._rows(self._dates(wider)), part)

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        """See Source.fetch; the link holds a token that lives for an hour, so it is asked for now."""
        rows = self._rows({"linkedid": call.call_id})
        row = next((row for row in rows if isinstance(row, Mapping) and _row_id(row) == recording.rec_id), None)
        if row is None:
            raise RecordingError("the PBX no longer knows the recording")
        address = row.get("download_url") or row.get("playback_url")
        if not address or not isinstance(address, str):
            raise RecordingError("the PBX has no file for the recording (any more, or not yet)")
        base = self._settings.url.rstrip("/") + "/"
        url = urljoin(base, address)
        is_own = urlsplit(url)[:2] == urlsplit(base)[:2]
        trusted = (*self._settings.allow_hosts, self._web.host) if is_own else self._settings.allow_hosts
        link = Link(url=url, headers=self._sign_in() if is_own else {}, trusted_hosts=trusted)
        return fetch_link(link, recording_stem(folder, call.call_id, recording.rec_id), self._tools.patience)

    def check(self) -> Iterator[Finding]:
        """See Source.check."""
        window = last_days(CHECK_DAYS)
        # With a wrong zone the calls of today lie in the future, or long ago.
        rows = list(self._rows(self._dates(Window(start=window.start - WIDEST_ZONE, end=window.end + WIDEST_ZONE))))
        yield Finding(level=Level.FINE, subject="sign-in", text="the API key is accepted")
        yield from check_clock(self._web.clock_skew_s)
        page = self._page(rows, window)
        yield from check_calls(page.records, len(page.rejects), f"the last {CHECK_DAYS} days")
        if (hours := self._zone_error(rows)) is not None:
            text = f"the times of the PBX differ by {hours:+.1f} h from its call ids"
            yield Finding(level=Level.PROBLEM, subject="timezone", text=text, hint="set timezone to that of the PBX")
        yield from check_sound(page.records, self.fetch, "switch on stereo recording in MikoPBX")

    def close(self) -> None:
        """See Source.close."""
        self._web.close()

    def _sign_in(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._settings.api_key.reveal()}"}

    def _page(self, rows: Iterable[object], window: Window) -> CallPage:
        return make_page(rows, window, (KIND, self._name), self._tools)

    def _dates(self, window: Window) -> dict[str, str]:
        zone = ZoneInfo(self._tools.timezone)
        start, end = (f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" for at in (window.start, window.end))
        return {"dateFrom": start, "dateTo": end}

    def _rows(self, chosen: Mapping[str, str]) -> Iterator[object]:
        """Yield the rows that fit, each once, over all pages."""
        limit = self._settings.page_size
        fixed = {**chosen, "grouped": "false", "sort": "id", "order": "ASC", "limit": limit}
        place: dict[str, int] = {}
        seen: set[str] = set()
        n_groups = 0
        while True:
            request = Request(what="reading calls", path=PATH, params={**fixed, **place})
            items, has_more = self._web.ask(request, _reader(seen, limit))
            rows = list(_flat(items))
            ids = [_row_id(row) for row in rows]
            yield from (row for row, row_id in zip(rows, ids, strict=True) if not row_id or row_id not in seen)
            seen.update(ids)
            if not has_more:
                return
            n_groups += len(items)
            numbers = [int(row_id) for row_id in ids if row_id.isdigit()]
            # Calls that overlap have mixed ids: where the answer is in whole calls, "greater than the last id" would skip some.
            is_grouped = any(isinstance(item, Mapping) and "records" in item for item in items)
            place = {"offset": n_groups} if is_grouped or not numbers else {"idFrom": max(numbers)}

    def _zone_error(self, rows: list[object]) -> float | None:
        """Return by how many hours the rows' times differ from the epochs in their ids; None where they agree."""
        groups, _ = group_rows(rows, self._tools.timezone, self._tools.region)
        gaps = sorted(
            (group[0].start - made).total_seconds() / 3600
            for group in groups
            if (made := channel_epoch(group[0].call_id)) is not None
        )
        middle = gaps[len(gaps) // 2] if gaps else 0.0
        return round(middle * 2) / 2 if abs(middle) > 0.45 else None


def _reader(seen: set[str], limit: int) -> Callable[[Response], tuple[list[object], bool]]:
    """Return what reads a page: its items, and whether there are more."""

    def read(response: Response) -> tuple[list[object], bool]:
        items, has_more = _parse_page(read_json(response), str(response.url.host), limit)
        ids = {_row_id(row) for row in _flat(items)}
        if items and has_more and seen and ids <= seen:
            raise TryLaterError("the same page again")
        return items, has_more

    return read


def _parse_page(answer: Any, host: str, limit: int) -> tuple[list[object], bool]:
    if not isinstance(answer, Mapping):
        raise SourceError("the answer is no list of calls", where=host, hint="check url: is it a MikoPBX of 2025 or newer?")
    if answer.get("result") is False or answer.get("success") is False:
        words = str(answer.get("messages", "")).lower()
        if any(word in words for word in ("unauthor", "forbidden", "token", "permission", "denied")):
            raise SourceAuthError("the API key is refused", where=host, hint="check api_key and its rights")
        raise SourceError("the PBX refused the request", where=host)
    data = answer.get("data")
    # "records" in 2026, "data" before.
    items = data.get("records", data.get("data")) if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(items, list):
        raise SourceError("the answer holds no list of calls", where=host)
    try:
        pagination = Fields(data.get("pagination") or {})
        said = pagination.flag("hasMore")
    except RowError:
        said = None
    return items, bool(items) and (len(items) == limit if said is None else said)


def _flat(items: list[object]) -> Iterator[object]:
    """Yield rows; some versions put them into calls whatever `grouped` says."""
    for item in items:
        inner = item.get("records") if isinstance(item, Mapping) else None
        if isinstance(inner, list):
            yield from inner
        else:
            yield item


def _row_id(row: object) -> str:
    value = row.get("id") or row.get("UNIQUEID") if isinstance(row, Mapping) else None
    return str(value) if isinstance(value, int | str) else ""
