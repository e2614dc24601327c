"""Rows of a table of calls -> call records. Pure: which column means what is known, the rest is read from the cells."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from callscore.outside.cells import NOTHING, parse_duration, parse_moment
from callscore.outside.columns import Columns, is_in_minutes
from callscore.outside.pages import Tools
from callscore.outside.phones import Phone, parse_phone
from callscore.outside.rows import RowError, clean_text
from callscore.outside.times import later
from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind, RecordingLink
from callscore.sources.call_words import parse_direction, parse_disposition

__all__ = ["CallReader", "Place", "is_web", "iter_places"]

SOURCE: Final = "table"
_TALKS: Final = (Disposition.ANSWERED, Disposition.VOICEMAIL, Disposition.UNKNOWN)
_NOBODY: Final = Phone(None)
_DURATIONS: Final = ("wait_s", "ring_s", "talk_s", "total_s", "duration_s")
_UTM: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
_CHANNELS: Final = {"left": 0, "l": 0, "0": 0, "левый": 0, "right": 1, "r": 1, "1": 1, "правый": 1}
# What stands in the cell of a recording without naming one: links whose address is behind the text are lost in tables.
_NO_RECORDING: Final = {*NOTHING, "да", "есть", "yes", "no", "0", "1", "прослушать", "слушать", "скачать", "play", "download"}
_BETWEEN: Final = re.compile(r"[\r\n;|]+|[,\s]+(?=https?://)")
_NAME_AND_EXTENSION: Final = re.compile(r"(.*?\S)\s*[(\[<]\s*(\d{2,6})\s*[)\]>]")
_CHANNEL_NAME: Final = re.compile(r"(?:SIP|PJSIP|IAX2|SCCP|Local)/(\d{2,6})\b.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one recording lies: its lasting id, and the path or address in the table."""

    rec_id: str
    at: str


def is_web(rec_id: str) -> bool:
    """Tell by its id whether a recording lies at an address instead of in a file."""
    return rec_id.startswith("//")


def iter_places(cell: str) -> tuple[Place, ...]:
    """Return the recordings that a cell names. Addresses hold passwords at times, so ids are addresses without their query.

    >>> [place.rec_id for place in iter_places("https://pbx.example.org/get?id=1&token=x; 2026/a.wav")]
    ['//pbx.example.org/get', '2026/a.wav']
    """
    places: dict[str, Place] = {}
    for piece in _BETWEEN.split(cell):
        at = clean_text(piece)
        if at.casefold() in _NO_RECORDING:
            continue
        rec_id = _web_id(at) if at.casefold().startswith(("http://", "https://")) else at.replace("\\", "/").lstrip("/")
        if rec_id:
            unique = rec_id if rec_id not in places else f"{rec_id}#{len(places) + 1}"
            places[unique] = Place(unique, at)
    return tuple(places.values())


class CallReader:
    """Reads the rows of one table."""

    def __init__(self, columns: Columns, account: str, tools: Tools) -> None:
        """Prepare; `tools` name the zone of times without an offset and the region of phones without a country."""
        self._headings = columns.headings
        self._account = account
        self._zone = tools.timezone
        self._region = tools.region
        self._has_marketing = bool({*_UTM, "tags", "campaign", "visitor_id", "session_id"} & set(columns.headings))
        self._in_minutes = {name: is_in_minutes(columns.headings.get(name, "")) for name in _DURATIONS}

    def started_at(self, values: Mapping[str, str]) -> datetime:
        """Return when the call of a row began.

        Raises:
            RowError: if the row does not tell.
        """
        heading = self._headings
        if "started_at" in heading:
            at = parse_moment(values.get(heading["started_at"], ""), self._zone, name="the start")
        else:
            clock = values.get(heading.get("time", ""), "")
            at = parse_moment(values.get(heading["date"], ""), self._zone, clock, name="the start")
        if at is None:
            raise RowError("the start is missing")
        return at

    def read(self, values: Mapping[str, str], started_at: datetime) -> CallRecord:
        """Return the call of a row.

        Raises:
            RowError: for a phone whose digits are lost, and a duration that is none.
        """
        way, word = self._text(values, "direction") or "", self._text(values, "disposition") or ""
        parties = self._parties(values, parse_direction(way))
        direction = parties.direction
        times = self._times(values, started_at)
        disposition = _disposition(way, word, direction, times.talk_ms)
        times = _settled(times, disposition, direction, started_at)
        who = (self._text(values, "operator_id"), parties.operator, parties.extension)
        return CallRecord(
            source=SOURCE,
            account=self._account,
            call_id=self._text(values, "call_id") or _made_id(started_at, parties, next(filter(None, who), ""), times.talk_ms),
            started_at=started_at,
            direction=direction,
            disposition=disposition,
            answered_at=times.answered_at,
            ended_at=times.ended_at,
            client_phone=parties.client,
            line_phone=parties.line,
            operator_id=who[0],
            operator_name=who[1],
            extension=who[2],
            queue=self._text(values, "queue"),
            wait_ms=times.wait_ms,
            ring_ms=times.ring_ms,
            talk_ms=times.talk_ms,
            total_ms=times.total_ms,
            missed_reason=self._text(values, "missed_reason") or (word if word and disposition not in _TALKS else None),
            legs=_legs(who, started_at, times, disposition),
            recordings=self._links(values),
            **(self._marketing(values) if self._has_marketing else {}),
        )

    def places(self, values: Mapping[str, str]) -> tuple[Place, ...]:
        """Return where the recordings of a row lie."""
        return iter_places(values.get(self._headings.get("recording", ""), ""))

    def _text(self, values: Mapping[str, str], name: str) -> str | None:
        heading = self._headings.get(name)
        text = values.get(heading, "") if heading is not None else ""
        return clean_text(text) or None if text and text.strip().casefold() not in NOTHING else None

    def _phone(self, values: Mapping[str, str], name: str) -> Phone:
        text = values.get(self._headings.get(name, ""), "")
        return parse_phone(text.lstrip("'"), self._region) if text else _NOBODY

    def _parties(self, values: Mapping[str, str], direction: Direction | None) -> _Parties:
        """Return who called whom; "from" and "to" are client and line, or the other way round, by the direction."""
        client, line = self._phone(values, "client_phone"), self._phone(values, "line_phone")
        caller, called = self._phone(values, "from_phone"), self._phone(values, "to_phone")
        if direction is None and "to_phone" in self._headings:
            direction = _direction_of(caller, called)
        is_outward = direction in (Direction.OUTBOUND, Direction.CALLBACK)
        outer, inner = (called, caller) if is_outward else (caller, called)
        if direction is Direction.INTERNAL:
            outer, inner = _NOBODY, caller
        name, extension = self._operator(values)
        return _Parties(
            direction=direction,
            client=client.e164 or outer.e164,
            line=line.e164 or inner.e164,
            operator=name,
            extension=extension or inner.extension,
            said=values.get(self._headings.get("client_phone", self._headings.get("from_phone", "")), ""),
        )

    def _operator(self, values: Mapping[str, str]) -> tuple[str | None, str | None]:
        """Return name and extension; some systems write both into one cell, or a number only."""
        name, extension = self._text(values, "operator_name"), self._text(values, "extension")
        if extension:
            extension = parse_phone(extension, self._region).extension or _CHANNEL_NAME.sub(r"\1", extension)
        if name and name.isdecimal():
            return (None, name) if len(name) <= 6 and extension in (None, name) else (name, extension)
        if name and (both := _NAME_AND_EXTENSION.fullmatch(name)):
            return both[1], extension or both[2]
        return name, extension

    def _times(self, values: Mapping[str, str], started_at: datetime) -> _Times:
        found = {
            name: parse_duration(values.get(self._headings[name], ""), in_minutes=self._in_minutes[name], name=name)
            for name in _DURATIONS
            if name in self._headings
        }
        plain = found.get("duration_s")
        is_talk = "talk_s" not in self._headings and plain is not None
        return _Times(
            wait_ms=found.get("wait_s"),
            ring_ms=found.get("ring_s"),
            talk_ms=plain if is_talk else found.get("talk_s"),
            total_ms=found.get("total_s") if found.get("total_s") is not None or is_talk else plain,
            talk_is_guess=is_talk,
            answered_at=self._after(values, "answered_at", started_at),
            ended_at=self._after(values, "ended_at", started_at),
        )

    def _after(self, values: Mapping[str, str], name: str, started_at: datetime) -> datetime | None:
        """Return a later moment of the call; None for what is none, because it can be done without."""
        try:
            at = parse_moment(values.get(self._headings.get(name, ""), ""), self._zone)
        except RowError:
            return None
        return at if at is not None and at >= started_at else None

    def _links(self, values: Mapping[str, str]) -> tuple[RecordingLink, ...]:
        places = self.places(values)
        if not places:
            return ()
        operator = _CHANNELS.get((self._text(values, "operator_channel") or "").casefold())
        client = None if operator is None else 1 - operator
        return tuple(RecordingLink(rec_id=place.rec_id, client_channel=client) for place in places)

    def _marketing(self, values: Mapping[str, str]) -> dict[str, Any]:
        utm = ((name, self._text(values, name)) for name in _UTM if name in self._headings)
        tags = (self._text(values, "tags") or "").replace(";", ",").split(",")
        return {
            "tags": tuple(tag.strip() for tag in tags if tag.strip()),
            "utm": tuple((name, text) for name, text in utm if text),
            "campaign": self._text(values, "campaign"),
            "visitor_id": self._text(values, "visitor_id"),
            "session_id": self._text(values, "session_id"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parties:
    direction: Direction | None
    client: str | None
    line: str | None
    operator: str | None
    extension: str | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Times:
    """`talk_is_guess`: the table only says how long the call was."""

    wait_ms: int | None
    ring_ms: int | None
    talk_ms: int | None
    total_ms: int | None
    talk_is_guess: bool
    answered_at: datetime | None
    ended_at: datetime | None


def _direction_of(caller: Phone, called: Phone) -> Direction | None:
    """Return which way a call went by who has a number of the public network and who an extension."""
    if caller.e164 is None and caller.extension:
        return Direction.OUTBOUND if called.e164 else Direction.INTERNAL if called.extension else None
    return Direction.INBOUND if caller.e164 and called.e164 is None and called.extension else None


def _disposition(way: str, word: str, direction: Direction | None, talk_ms: int | None) -> Disposition:
    """Return how a call ended: by the word for it, by that for the direction ("пропущенный"), by the talk."""
    if word:
        return parse_disposition(word, direction)
    found = parse_disposition(way, direction)
    if found is not Disposition.UNKNOWN or talk_ms is None:
        return found
    if talk_ms > 0:
        return Disposition.ANSWERED
    return Disposition.ABANDONED if direction is Direction.INBOUND else Disposition.NO_ANSWER


def _settled(times: _Times, disposition: Disposition, direction: Direction | None, started_at: datetime) -> _Times:
    """Return the times with what follows from others."""
    if disposition not in _TALKS:
        length = times.total_ms if times.total_ms is not None else times.talk_ms
        waited = length if times.wait_ms is None and direction is Direction.INBOUND else times.wait_ms
        if times.talk_is_guess:
            times = replace(times, talk_ms=0, total_ms=length, wait_ms=waited)
        return replace(times, answered_at=None, ended_at=times.ended_at or later(started_at, times.total_ms))
    answered_at = times.answered_at
    if answered_at is None and disposition is Disposition.ANSWERED:
        answered_at = later(started_at, times.wait_ms)
    ended_at = times.ended_at or later(answered_at, times.talk_ms) or later(started_at, times.total_ms)
    talk_ms, total_ms = times.talk_ms, times.total_ms
    if ended_at is not None:
        talk_ms = _between(times.answered_at, ended_at) if talk_ms is None else talk_ms
        total_ms = _between(started_at, ended_at) if total_ms is None else total_ms
    return replace(times, answered_at=answered_at, ended_at=ended_at, talk_ms=talk_ms, total_ms=total_ms)


def _between(start: datetime | None, end: datetime) -> int | None:
    return None if start is None or end < start else round((end - start).total_seconds() * 1000)


def _legs(
    who: tuple[str | None, str | None, str | None], started_at: datetime, times: _Times, disposition: Disposition
) -> tuple[CallLeg, ...]:
    if not any(who):
        return ()
    talked = disposition is Disposition.ANSWERED
    return (
        CallLeg(
            kind=LegKind.TALK if talked else LegKind.RING,
            operator_id=who[0],
            operator_name=who[1],
            extension=who[2],
            offered_at=started_at if times.wait_ms is None else None,
            answered_at=times.answered_at if talked else None,
            ended_at=times.ended_at,
            result=disposition,
        ),
    )


def _made_id(started_at: datetime, parties: _Parties, operator: str, talk_ms: int | None) -> str:
    """Return an id for a row without one, the same each time it is read."""
    parts = (started_at.isoformat(), parties.client or parties.said, parties.line or "", operator, str(talk_ms))
    return hashlib.sha256("\x1f".join(parts).encode(errors="replace")).hexdigest()[:20]


def _web_id(address: str) -> str:
    try:
        parts = urlsplit(address)
        return f"//{parts.hostname or ''}{parts.path}"[:400]
    except ValueError:
        return ""
