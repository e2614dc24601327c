"""Rows of onlinePBX's call history -> CallRecord; nothing is sent or read here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from callscore.outside.phones import parse_phone, phone_or_text
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import from_epoch
from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind, RecordingLink

__all__ = ["Account", "parse_call"]

_DIRECTIONS: Final = {
    "inbound": Direction.INBOUND,
    "missed": Direction.INBOUND,
    "outbound": Direction.OUTBOUND,
    "local": Direction.INTERNAL,
}
_CAUSES: Final = {
    "ORIGINATOR_CANCEL": Disposition.ABANDONED,
    "NO_ANSWER": Disposition.NO_ANSWER,
    "NO_USER_RESPONSE": Disposition.NO_ANSWER,
    "NORMAL_CLEARING": Disposition.NO_ANSWER,  # hung up properly, but nobody was reached
    "USER_BUSY": Disposition.BUSY,
    "CALL_REJECTED": Disposition.REJECTED,
    "ALLOTTED_TIMEOUT": Disposition.TIMEOUT,
    "UNALLOCATED_NUMBER": Disposition.FAILED,
    "INVALID_NUMBER_FORMAT": Disposition.FAILED,
    "NORMAL_TEMPORARY_FAILURE": Disposition.FAILED,
    "NETWORK_OUT_OF_ORDER": Disposition.FAILED,
    "DESTINATION_OUT_OF_ORDER": Disposition.FAILED,
    "RECOVERY_ON_TIMER_EXPIRE": Disposition.FAILED,
    "USER_NOT_REGISTERED": Disposition.FAILED,
    "SUBSCRIBER_ABSENT": Disposition.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What rows do not say: the account's name, the region of its phones, names of employees by extension."""

    name: str
    region: str = "RU"
    operators: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    kind: str
    number: str | None
    uuid: str | None
    to_uuid: str | None
    at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None


def parse_call(row: object, account: Account) -> CallRecord | None:
    """Return the call a row tells of; None for one that is still running.

    Raises:
        RowError: if the row cannot be used.
    """
    fields = Fields(row)
    uuid = fields.need_text("uuid")
    started_at = from_epoch(fields.number("start_stamp"), "start_stamp")
    if started_at is None:
        raise RowError("start_stamp is missing")
    ended_at = from_epoch(fields.number("end_stamp"), "end_stamp")
    if ended_at is None:
        return None
    events = [_parse_event(event) for event in fields.children("events")]
    legs = _build_legs(events, account.operators)
    talks = [leg for leg in legs if leg.answered_at]
    talk_ms = fields.duration_ms("user_talk_time")
    is_answered = fields.flag("contacted")
    is_answered = bool(talks or talk_ms) if is_answered is None else is_answered
    direction = _DIRECTIONS.get((fields.text("accountcode") or "").lower())
    answered_at = talks[0].answered_at if is_answered and talks else None
    wait_until = answered_at if is_answered else ended_at
    extension = _pick_extension(fields, talks, direction) if is_answered else None
    cause = fields.text("hangup_cause")
    return CallRecord(
        source="onlinepbx",
        account=account.name,
        call_id=uuid,
        started_at=started_at,
        direction=direction,
        disposition=_decide(is_answered, cause, direction),
        linked_ids=tuple(dict.fromkeys(id_ for event in events for id_ in (event.uuid, event.to_uuid) if id_ and id_ != uuid)),
        answered_at=answered_at,
        ended_at=ended_at,
        client_phone=_client_phone(fields, direction, account.region),
        line_phone=phone_or_text(fields.text("gateway") or "", account.region),
        operator_id=extension,
        operator_name=account.operators.get(extension or ""),
        extension=extension,
        queue=_pick_queue(events, answered_at),
        wait_ms=_ms(started_at, wait_until),
        ring_ms=_ms(talks[-1].offered_at, talks[-1].answered_at) if is_answered and talks else None,
        talk_ms=talk_ms if is_answered else 0,
        total_ms=fields.duration_ms("duration"),
        missed_reason=None if is_answered else cause,
        legs=legs,
        # Whether there is one is told only when it is asked for.
        recordings=(RecordingLink(rec_id=uuid),) if is_answered else (),
    )


def _parse_event(fields: Fields) -> _Event:
    return _Event(
        kind=fields.text("type") or "",
        number=fields.text("number"),
        uuid=fields.text("uuid"),
        to_uuid=fields.text("to_uuid"),
        at=from_epoch(fields.number("timestamp"), "timestamp"),
        answered_at=from_epoch(fields.number("answered_stamp"), "answered_stamp"),
        ended_at=from_epoch(fields.number("end_stamp"), "end_stamp"),
    )


def _build_legs(events: list[_Event], operators: Mapping[str, str]) -> tuple[CallLeg, ...]:
    legs: list[CallLeg] = []
    is_handed_over = False
    for event in events:
        if event.kind == "transfer":
            is_handed_over = True
        if event.kind != "user":
            continue
        kind = LegKind.RING
        if event.answered_at is not None:
            kind = _transfer_kind(legs, event.answered_at) if is_handed_over else LegKind.TALK
            is_handed_over = False
        legs.append(
            CallLeg(
                kind=kind,
                operator_id=event.number,
                operator_name=operators.get(event.number or ""),
                extension=event.number,
                offered_at=event.at,
                answered_at=event.answered_at,
                ended_at=event.ended_at,
                result=Disposition.NO_ANSWER if event.answered_at is None else Disposition.ANSWERED,
            )
        )
    return tuple(legs)


def _transfer_kind(legs: list[CallLeg], answered_at: datetime) -> LegKind:
    """Tell whether who handed the call over was still there when it was taken."""
    ended_at = next((leg.ended_at for leg in reversed(legs) if leg.answered_at), None)
    is_attended = ended_at is not None and ended_at >= answered_at
    return LegKind.TRANSFER_ATTENDED if is_attended else LegKind.TRANSFER_BLIND


def _decide(is_answered: bool, cause: str | None, direction: Direction | None) -> Disposition:
    if is_answered:
        return Disposition.ANSWERED
    found = _CAUSES.get((cause or "").upper(), Disposition.UNKNOWN)
    # Who cancels a call to a client is the operator: the client just did not answer.
    is_ours = found is Disposition.ABANDONED and direction is Direction.OUTBOUND
    return Disposition.NO_ANSWER if is_ours else found


def _client_phone(fields: Fields, direction: Direction | None, region: str) -> str | None:
    if direction is Direction.INTERNAL:
        return None
    name = "destination_number" if direction is Direction.OUTBOUND else "caller_id_number"
    return parse_phone(fields.text(name), region).e164


def _pick_extension(fields: Fields, talks: list[CallLeg], direction: Direction | None) -> str | None:
    if talks:
        return talks[-1].extension
    if direction is Direction.INBOUND:
        return None
    # One of these is the trunk.
    texts = (fields.text("caller_id_number"), fields.text("caller_id_name"))
    return next((text for text in texts if text and text.isdigit() and len(text) <= 6), None)


def _pick_queue(events: list[_Event], answered_at: datetime | None) -> str | None:
    queues = [
        event.number for event in events if event.kind in ("fifo", "group") and event.number and not _after(event, answered_at)
    ]
    return queues[-1] if queues else None


def _after(event: _Event, answered_at: datetime | None) -> bool:
    return event.at is not None and answered_at is not None and event.at > answered_at


def _ms(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None or end < start else round((end - start).total_seconds() * 1000)
