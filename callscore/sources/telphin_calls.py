"""Calls of Телфин's history -> CallRecord; nothing is sent or read here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from callscore.outside.phones import parse_phone, phone_or_text
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import from_text
from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind, RecordingLink

__all__ = ["Account", "parse_call"]

_DIRECTIONS: Final = {"in": Direction.INBOUND, "out": Direction.OUTBOUND}
_RESULTS: Final = {
    "busy": Disposition.BUSY,
    "not answered": Disposition.NO_ANSWER,
    "answered elsewhere": Disposition.NO_ANSWER,
    "failed": Disposition.FAILED,
    "rejected": Disposition.REJECTED,
    "voicemail": Disposition.VOICEMAIL,
}
_BY_CALLER: Final = ("caller_cancel", "caller_bye")
_EXTENSION: Final = re.compile(r"\d+\*(\d{1,6})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What rows do not say: the account's name, the region of its phones, names of extensions by their full name."""

    name: str
    region: str = "RU"
    extensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One entry of `cdr`: a leg, unless it is of a queue or a menu, and the recording it may have."""

    leg: CallLeg | None
    recording: str | None
    queue: str | None


def parse_call(row: object, account: Account) -> CallRecord | None:
    """Return the call a row tells of; None for one that is still running.

    Times are cut to whole seconds, as other systems give them, so that one call has one time wherever it is read.

    Raises:
        RowError: if the row cannot be used.
    """
    fields = Fields(row)
    call_id = fields.need_text("call_uuid")
    started_at = _at(fields, "init_time_gmt")
    if started_at is None:
        raise RowError("init_time_gmt is missing")
    ended_at = _at(fields, "hangup_time_gmt")
    if ended_at is None:
        return None
    parts = _parse_parts(fields, account)
    legs = tuple(part.leg for part in parts if part.leg)
    talks = sorted((leg for leg in legs if leg.result is Disposition.ANSWERED), key=lambda leg: leg.answered_at or started_at)
    result = (fields.text("result") or "").lower()
    is_bridged = fields.flag("bridged")
    is_answered = (result == "bridged" or bool(talks)) if is_bridged is None else is_bridged
    direction = _direction(fields)
    answered_at = (_at(fields, "bridged_time_gmt") or (talks[0].answered_at if talks else None)) if is_answered else None
    last = talks[-1] if is_answered and talks else None
    full_name = _full_name(fields.text("bridged_username")) if is_answered else None
    extension = (last.extension if last else None) or _extension(full_name)
    return CallRecord(
        source="telphin",
        account=account.name,
        call_id=call_id,
        started_at=started_at,
        direction=direction,
        disposition=Disposition.ANSWERED if is_answered else _decide(fields, result, direction),
        answered_at=answered_at,
        ended_at=ended_at,
        client_phone=_client_phone(fields, direction, account.region),
        line_phone=phone_or_text(fields.text("did_number") or "", account.region),
        operator_id=last.operator_id if last else None,
        operator_name=(last.operator_name if last else None) or account.extensions.get(full_name or ""),
        extension=extension,
        queue=_pick_queue(fields, parts, account),
        wait_ms=_ms(started_at, answered_at if is_answered else ended_at),
        ring_ms=_ms(last.offered_at, last.answered_at) if last else None,
        talk_ms=fields.duration_ms("bridged_duration") if is_answered else 0,
        total_ms=fields.duration_ms("duration"),
        missed_reason=None if is_answered else fields.text("hangup_disposition") or result or None,
        legs=legs,
        recordings=tuple(_recordings(parts)),
    )


def _parse_parts(fields: Fields, account: Account) -> list[_Part]:
    parts: list[_Part] = []
    talks: list[CallLeg] = []
    for entry in fields.children("cdr"):
        full_name = _full_name(entry.text("extension_name"))
        name = account.extensions.get(full_name or "")
        kind = entry.text("extension_type")
        # Queues and menus "answer" without anybody talking. An entry that does not say what it is is taken for a phone.
        if kind not in (None, "phone"):
            queue = (name or _extension(full_name) or full_name) if kind == "queue" else None
            parts.append(_Part(leg=None, recording=entry.text("record_uuid"), queue=queue))
            continue
        leg = _parse_leg(entry, full_name, name, talks)
        if leg.result is Disposition.ANSWERED:
            talks.append(leg)
        parts.append(_Part(leg=leg, recording=entry.text("record_uuid"), queue=None))
    return parts


def _parse_leg(entry: Fields, full_name: str | None, name: str | None, talks: list[CallLeg]) -> CallLeg:
    result = (entry.text("result") or "").lower()
    is_answered = result in ("answered", "bridged")
    answered_at = _at(entry, "start_time_gmt") if is_answered else None
    kind = LegKind.TALK if is_answered else LegKind.RING
    if is_answered and entry.text("flow") == "transfer":
        before = talks[-1].ended_at if talks else None
        # Who announces a transfer is still there when it is taken.
        is_attended = before is not None and answered_at is not None and before >= answered_at
        kind = LegKind.TRANSFER_ATTENDED if is_attended else LegKind.TRANSFER_BLIND
    return CallLeg(
        kind=kind,
        operator_id=entry.text("extension_id"),
        operator_name=name,
        extension=_extension(full_name),
        offered_at=_at(entry, "init_time_gmt"),
        answered_at=answered_at,
        ended_at=_at(entry, "hangup_time_gmt"),
        result=Disposition.ANSWERED if is_answered else _RESULTS.get(result, Disposition.UNKNOWN),
    )


def _recordings(parts: list[_Part]) -> Iterator[RecordingLink]:
    n_legs = 0
    for part in parts:
        if part.recording:
            yield RecordingLink(rec_id=part.recording, leg=n_legs if part.leg else None)
        n_legs += part.leg is not None


def _direction(fields: Fields) -> Direction | None:
    names = (_full_name(fields.text("from_username")), _full_name(fields.text("to_username")))
    if all(_extension(name) for name in names):
        return Direction.INTERNAL
    return _DIRECTIONS.get((fields.text("flow") or "").lower())


def _decide(fields: Fields, result: str, direction: Direction | None) -> Disposition:
    """Return how a call ended that nobody answered. On a call a queue may have "answered"."""
    found = _RESULTS.get(result, Disposition.NO_ANSWER if result in ("answered", "bridged") else Disposition.UNKNOWN)
    is_vague = found in (Disposition.NO_ANSWER, Disposition.UNKNOWN)
    is_by_client = direction is Direction.INBOUND and fields.text("hangup_disposition") in _BY_CALLER
    if is_vague and is_by_client:
        return Disposition.ABANDONED
    # Who cancels a call to a client is the operator: the client just did not answer.
    return Disposition.NO_ANSWER if is_vague and fields.text("hangup_disposition") == "caller_cancel" else found


def _client_phone(fields: Fields, direction: Direction | None, region: str) -> str | None:
    if direction is Direction.INTERNAL:
        return None
    name = _full_name(fields.text("to_username" if direction is Direction.OUTBOUND else "from_username"))
    return None if _extension(name) else parse_phone(name, region).e164


def _pick_queue(fields: Fields, parts: list[_Part], account: Account) -> str | None:
    if fields.text("extension_type") == "queue":
        full_name = _full_name(fields.text("extension_name"))
        return account.extensions.get(full_name or "") or _extension(full_name) or full_name
    return next((part.queue for part in reversed(parts) if part.queue), None)


def _full_name(text: str | None) -> str | None:
    """Return a name without its domain: "00112233*101@sipproxy.telphin.ru" is 00112233*101."""
    return text.split("@")[0] if text else None


def _extension(full_name: str | None) -> str | None:
    found = _EXTENSION.fullmatch(full_name or "")
    return found.group(1) if found else None


def _at(fields: Fields, name: str) -> datetime | None:
    at = from_text(fields.text(name), "UTC", name)
    return None if at is None else at.replace(microsecond=0)


def _ms(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None or end < start else round((end - start).total_seconds() * 1000)
