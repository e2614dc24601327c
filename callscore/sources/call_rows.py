"""Rows of a table of calls -> call records. Pure: which column means what is known, the rest is read from the cells."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from callscore.outside.cells import NOTHING, parse_duration, parse_moment
from callscore.outside.columns import Columns, is_in_minutes
from callscore.outside.pages import Tools
from callscore.outside.phones import Phone, parse_phone
from callscore.outside.rows import RowError, clean_text
from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind, RecordingLink
from callscore.sources.call_places import Place, iter_places
from callscore.sources.call_times import TALKS, Times, decide_disposition, settle
from callscore.sources.call_words import parse_direction

__all__ = ["CallReader"]

SOURCE: Final = "table"
_NOBODY: Final = Phone(None)
_DURATIONS: Final = ("wait_s", "ring_s", "talk_s", "total_s", "duration_s")
_UTM: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
_CHANNELS: Final = {"left": 0, "l": 0, "0": 0, "левый": 0, "right": 1, "r": 1, "1": 1, "правый": 1}
_NAME_AND_EXTENSION: Final = re.compile(r"(.*?\S)\s*[(\[<]\s*(\d{2,6})\s*[)\]>]")
_CHANNEL_NAME: Final = re.compile(r"(?:SIP|PJSIP|IAX2|SCCP|Local)/(\d{2,6})\b.*", re.IGNORECASE)


class CallReader:
    """Reads the rows of one table."""

    def __init__(self, columns: Columns, account: str, tools: Tools) -> None:
        """Prepare; `tools` name the zone of times without an offset and the region of phones without a country."""
        self._headings = columns.headings
        self._account = account
        self._zone = tools.timezone
        self._region = tools.region
        self._has_marketing = bool({*_UTM, "tags", "campaign", "visitor_id", "session_id"} & set(columns.headings))
        self._has_channel = "operator_channel" in columns.headings
        headings = ((name, columns.headings.get(name)) for name in _DURATIONS)
        self._durations = [(name, heading, is_in_minutes(heading)) for name, heading in headings if heading is not None]

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
        disposition = decide_disposition(way, word, direction, times.talk_ms)
        times = settle(times, disposition, direction, started_at)
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
            missed_reason=self._text(values, "missed_reason") or (word if word and disposition not in TALKS else None),
            legs=_legs(who, times, disposition),
            recordings=self._links(values),
            **(self._marketing(values) if self._has_marketing else {}),
        )

    def places(self, values: Mapping[str, str]) -> tuple[Place, ...]:
        """Return where the recordings of a row lie."""
        return iter_places(values.get(self._headings.get("recording", ""), ""))

    def _text(self, values: Mapping[str, str], name: str) -> str | None:
        heading = self._headings.get(name)
        return _cleaned(values.get(heading, "")) if heading is not None else None

    def _phone(self, values: Mapping[str, str], name: str) -> Phone:
        heading = self._headings.get(name)
        text = values.get(heading) if heading is not None else None
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

    def _times(self, values: Mapping[str, str], started_at: datetime) -> Times:
        found = {
            name: parse_duration(values.get(heading, ""), in_minutes, name) for name, heading, in_minutes in self._durations
        }
        plain = found.get("duration_s")
        is_talk = "talk_s" not in self._headings and plain is not None
        return Times(
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
        if name not in self._headings:
            return None
        try:
            at = parse_moment(values.get(self._headings[name], ""), self._zone)
        except RowError:
            return None
        return at if at is not None and at >= started_at else None

    def _links(self, values: Mapping[str, str]) -> tuple[RecordingLink, ...]:
        places = self.places(values)
        if not places:
            return ()
        operator = _CHANNELS.get((self._text(values, "operator_channel") or "").casefold()) if self._has_channel else None
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


class _Parties(NamedTuple):
    direction: Direction | None
    client: str | None
    line: str | None
    operator: str | None
    extension: str | None
    said: str


@functools.lru_cache(maxsize=65536)
def _cleaned(text: str) -> str | None:
    """Return a text, None where it says nothing; most texts of a table come many times."""
    return clean_text(text) or None if text.strip().casefold() not in NOTHING else None


def _direction_of(caller: Phone, called: Phone) -> Direction | None:
    """Return which way a call went by who has a number of the public network and who an extension."""
    if caller.e164 is None and caller.extension:
        return Direction.OUTBOUND if called.e164 else Direction.INTERNAL if called.extension else None
    return Direction.INBOUND if caller.e164 and called.e164 is None and called.extension else None


def _legs(who: tuple[str | None, str | None, str | None], times: Times, disposition: Disposition) -> tuple[CallLeg, ...]:
    if not any(who):
        return ()
    talked = disposition is Disposition.ANSWERED
    return (
        CallLeg(
            kind=LegKind.TALK if talked else LegKind.RING,
            operator_id=who[0],
            operator_name=who[1],
            extension=who[2],
            answered_at=times.answered_at if talked else None,
            ended_at=times.ended_at,
            result=disposition,
        ),
    )


def _made_id(started_at: datetime, parties: _Parties, operator: str, talk_ms: int | None) -> str:
    """Return an id for a row without one, the same each time it is read."""
    parts = (started_at.isoformat(), parties.client or parties.said, parties.line or "", operator, str(talk_ms))
    return hashlib.sha256("\x1f".join(parts).encode(errors="replace")).hexdigest()[:20]
