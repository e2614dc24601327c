"""CoMagic and UIS: calls with their legs from Data API 2.0, and recordings by hash."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
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
from callscore.sources.comagic_api import DataApi
from callscore.sources.comagic_rows import CALL_FIELDS, LEG_FIELDS, Account, LegRow, Person, read_call, read_leg, read_staff

__all__ = ["Settings", "open_source"]

DAY: Final = timedelta(days=1)
MARGIN: Final = timedelta(hours=1)  # what putting clocks back can move a text without an offset
LONGEST_CALL: Final = timedelta(hours=3)  # legs are asked for by their own start, which comes after the call's
FEW_LEFT: Final = 100
_STAFF_FIELDS: Final = ("id", "full_name", "extension", "call_recording")
_STEREO: Final = "ask CoMagic or UIS whether the tariff can record the parties on channels of their own"
Legs = Mapping[str, list[LegRow]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ConnectorSettings):
    """How to reach an account of CoMagic or UIS."""

    access_token: Secret = need("env:COMAGIC_TOKEN", "where the key lies: cabinet, API users, permanent key of Data API")
    url: str = setting("https://dataapi.comagic.ru/v2.0", "address of Data API; of UIS: https://dataapi.uiscom.ru/v2.0")
    media_url: str = setting("", 'address of recordings; "": app.comagic.ru or app.uiscom.ru, as url has it')
    user_id: int = setting(0, "for agents: the client whose calls are read; 0: the account itself")


def open_source(name: str, settings: Settings, tools: Tools) -> Source:
    """Return the configured account; nothing is sent yet."""
    return _Comagic(name, settings, tools)


class _Comagic:
    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        self._name = name
        self._settings = settings
        self._tools = tools
        self._api = DataApi(settings.url, settings.access_token, settings.user_id, tools.patience)

    def iter_pages(self, window: Window) -> Iterator[CallPage]:
        """Yield pages day by day; see `Source`."""
        zone = self._zone()
        staff, rejects = self._staff()
        account = Account(self._name, zone, staff, self._tools.region)
        for day in window.parts(DAY):
            legs, leg_rejects = self._legs(day, account)
            rejects += leg_rejects
            wide = Window(start=day.start - MARGIN, end=day.end + MARGIN)
            for rows in self._api.report("get.calls_report", wide, zone, CALL_FIELDS):
                yield _page(rows, rejects, legs, account, day)
                rejects = []
            yield CallPage(records=(), rejects=tuple(rejects), covered_until=day.end)
            rejects = []

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        """Download by hash; see `Source`."""
        kind, communication, code = recording.rec_id.split("/")
        stem = recording_stem(folder, call.call_id, recording.rec_id)
        # The maker's pages put the communication's id into the address in one place and the call's in another.
        owners = [communication, *(owner for owner in (call.call_id,) if owner != communication and kind != "full")]
        for owner in owners:
            link = Link(url=self._media_address(kind, owner, code), trusted_hosts=self._settings.allow_hosts)
            try:
                return fetch_link(link, stem, self._tools.patience)
            except RecordingError:
                if owner == owners[-1]:
                    raise
        raise RecordingError("the id of the recording is not one")

    def check(self) -> Iterator[Finding]:
        """Sign in, read two days, fetch a recording; see `Source`."""
        zone = self._zone()
        yield Finding(level=Level.FINE, subject="sign-in", text=f"accepted; times are in {zone}")
        if self._settings.timezone not in ("", zone):
            text = f"the setting is not used: the account's own zone is {zone}"
            yield Finding(level=Level.ADVICE, subject="timezone", text=text, hint="leave timezone out")
        yield from self._check_staff()
        pages = list(self.iter_pages(last_days(2)))
        calls = [call for page in pages for call in page.records]
        rejects = [reject for page in pages for reject in page.rejects]
        if no_legs := [reject for reject in rejects if reject.where.startswith("legs ")]:
            hint = "give the API user the right to the report of legs: who was rung and handed over to comes from it"
            yield Finding(level=Level.PROBLEM, subject="legs", text=no_legs[0].reason, hint=hint)
        yield from check_calls(calls, sum(reject.where.startswith(("call ", "leg ")) for reject in rejects), "the last 2 days")
        yield from check_sound(calls, self.fetch, _STEREO)
        left = self._api.n_left_today
        if left is not None and left < FEW_LEFT:
            hint = "other programs use the same limit; it grows with the tariff"
            yield Finding(level=Level.ADVICE, subject="limits", text=f"{left} requests are left for today", hint=hint)
        yield from check_clock(self._api.web.clock_skew_s)

    def close(self) -> None:
        """Close the connections."""
        self._api.web.close()

    def _check_staff(self) -> Iterator[Finding]:
        staff, rejects = self._staff()
        n_off = sum(not person.is_recorded for person in staff.values())
        if rejects:
            hint = "give the API user the right to the list of employees: extensions come from it"
            yield Finding(level=Level.PROBLEM, subject="employees", text=rejects[0].reason, hint=hint)
        elif n_off:
            text = f"of {len(staff)} employees {n_off} are not recorded, or in one direction only"
            yield Finding(level=Level.ADVICE, subject="employees", text=text, hint="switch recording on in the cabinet")
        else:
            yield Finding(level=Level.FINE, subject="employees", text=f"{len(staff)}, all of them recorded")

    def _zone(self) -> str:
        """Return the account's zone, in which all texts of time are; that of the settings where it is not told."""
        if self._settings.user_id:  # agents may not ask for their clients' accounts
            return self._tools.timezone
        rows = self._api.ask("get.account", {}).rows
        try:
            zone = Fields(rows[0]).text("timezone") if rows else None
            return ZoneInfo(zone).key if zone else self._tools.timezone
        except (RowError, KeyError, ValueError, OSError):  # an unknown zone is a KeyError, a folder or odd path the others
            return self._tools.timezone

    def _staff(self) -> tuple[dict[str, Person], list[Reject]]:
        try:
            return read_staff(row for answer in self._staff_pages() for row in answer), []
        except SourceUnavailableError:
            raise
        except SourceError as exc:
            # Whose calls they are the calls' own rows tell; a wrong key was found out before.
            return {}, [Reject(where="employees", reason=exc.message)]

    def _staff_pages(self) -> Iterator[list[Any]]:
        return (answer.rows for answer in self._api.pages("get.employees", {"fields": list(_STAFF_FIELDS)}))

    def _legs(self, day: Window, account: Account) -> tuple[Legs, list[Reject]]:
        """Return the legs by the id of their call, each leg once."""
        wide = Window(start=day.start - MARGIN, end=day.end + LONGEST_CALL)
        legs: dict[str, dict[str, LegRow]] = {}
        rejects: dict[str, Reject] = {}
        try:
            for rows in self._api.report("get.call_legs_report", wide, account.zone, LEG_FIELDS):
                for number, row in enumerate(rows, 1):
                    name = _name(row, number)
                    try:
                        found = read_leg(row, account)
                    except RowError as exc:
                        rejects[name] = Reject(where=f"leg {name}", reason=str(exc))
                        continue
                    if found is not None:
                        legs.setdefault(found.call_id, {})[name] = found
        except SourceAuthError as exc:
            return {}, [Reject(where=f"legs of {day.start:%Y-%m-%d}", reason=exc.message)]
        return {call_id: list(by_name.values()) for call_id, by_name in legs.items()}, list(rejects.values())

    def _media_address(self, kind: str, owner: str, code: str) -> str:
        own = self._settings.media_url.rstrip("/")
        domain = re.sub(r"^dataapi\.", "", urlsplit(self._settings.url).hostname or "")
        if kind == "full":
            return f"{own or f'https://media.{domain}'}/{owner}/{code}"
        return f"{own or f'https://app.{domain}'}/system/media/{kind}/{owner}/{code}/"


def _page(rows: list[Any], rejects: list[Reject], legs: Legs, account: Account, day: Window) -> CallPage:
    records, found = [], list(rejects)
    for number, row in enumerate(rows, 1):
        name = _name(row, number)
        try:
            record = read_call(row, legs.get(name, []), account)
        except RowError as exc:
            found.append(Reject(where=f"call {name}", reason=str(exc)))
            continue
        if record is not None and day.holds(record.started_at):
            records.append(record)
    return CallPage(records=tuple(records), rejects=tuple(found))


def _name(row: Any, number: int) -> str:
    """Return the id of a row, or its number in the answer where it has none."""
    try:
        return (Fields(row).text("id") or f"in row {number}")[:40]
    except RowError:
        return f"in row {number}"
