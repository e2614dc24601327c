"""Rows of Мои Звонки -> CallRecord; nothing is sent or read here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from callscore.outside.phones import parse_phone, phone_or_text
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import from_epoch
from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind, RecordingLink

__all__ = ["Account", "parse_call"]

_DIRECTIONS: Final[Mapping[int | None, Direction]] = {0: Direction.INBOUND, 1: Direction.OUTBOUND}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What rows do not say: the account's name, the region of its phones, names of employees by login."""

    name: str
    region: str = "RU"
    operators: Mapping[str, str] = field(default_factory=dict)


def parse_call(row: object, account: Account) -> CallRecord | None:
    """Return the call a row tells of; None for one that is still running.

    Raises:
        RowError: if the row cannot be used.
    """
    fields = Fields(row)
    call_id = fields.need_text("db_call_id")
    started_at = from_epoch(fields.number("start_time"), "start_time")
    if started_at is None:
        raise RowError("start_time is missing")
    ended_at = from_epoch(fields.number("end_time"), "end_time")
    if ended_at is None:
        return None
    leg = _parse_leg(fields, account)
    is_answered = leg.result is Disposition.ANSWERED
    wait_until = leg.answered_at if is_answered else ended_at
    waited_s = (wait_until - started_at).total_seconds() if wait_until else -1.0
    wait_ms = round(waited_s * 1000) if waited_s >= 0 else None
    other_id = fields.text("event_pbx_call_id")
    return CallRecord(
        source="moizvonki",
        account=account.name,
        call_id=call_id,
        started_at=started_at,
        direction=_DIRECTIONS.get(fields.whole("direction")),
        disposition=leg.result,
        linked_ids=(other_id,) if other_id else (),
        answered_at=leg.answered_at,
        ended_at=ended_at,
        client_phone=parse_phone(fields.text("client_number"), account.region).e164,
        line_phone=phone_or_text(fields.text("src_number") or "", account.region),
        operator_id=leg.operator_id if is_answered else None,
        operator_name=leg.operator_name if is_answered else None,
        wait_ms=wait_ms,
        ring_ms=wait_ms if is_answered else None,
        talk_ms=fields.duration_ms("duration") if is_answered else 0,
        total_ms=max(0, round((ended_at - started_at).total_seconds() * 1000)),
        legs=(leg,),
        # Asked for by the call: an address may change, and may hold a key.
        recordings=(RecordingLink(rec_id=call_id, leg=0),) if fields.text("recording") else (),
    )


def _parse_leg(fields: Fields, account: Account) -> CallLeg:
    """Return the part of the employee whose phone it was; there is no other."""
    is_answered = bool(fields.flag("answered"))
    login = fields.text("user_account")
    return CallLeg(
        kind=LegKind.TALK if is_answered else LegKind.RING,
        operator_id=login,
        operator_name=account.operators.get(login or ""),
        offered_at=from_epoch(fields.number("start_time"), "start_time"),
        answered_at=from_epoch(fields.number("answer_time"), "answer_time") if is_answered else None,
        ended_at=from_epoch(fields.number("end_time"), "end_time"),
        result=Disposition.ANSWERED if is_answered else Disposition.NO_ANSWER,
    )
