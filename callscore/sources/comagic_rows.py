"""Rows of CoMagic's reports -> common records; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from callscore.outside.phones import parse_phone, phone_or_text
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import LATEST, from_text, later
from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind, RecordingLink

__all__ = ["CALL_FIELDS", "LEG_FIELDS", "Account", "LegRow", "Person", "read_call", "read_leg", "read_staff"]

CALL_FIELDS: Final = (
    "id", "start_time", "finish_time", "finish_reason", "direction", "is_lost", "communication_id", "contact_phone_number",
    "virtual_phone_number", "wait_duration", "total_wait_duration", "talk_duration", "total_duration", "call_records",
    "wav_call_records", "voice_mail_records", "full_record_file_link", "tags", "employees", "last_answered_employee_id",
    "last_answered_employee_full_name", "last_talked_employee_id", "last_talked_employee_full_name", "campaign_name",
    "visitor_id", "visitor_session_id", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content",
)  # fmt: skip
LEG_FIELDS: Final = (
    "id", "call_session_id", "start_time", "connect_time", "duration", "total_duration", "finish_reason", "is_transfered",
    "is_operator", "is_coach", "is_talked", "employee_id", "employee_full_name", "employee_phone_number", "group_name",
    "call_records", "wav_call_records",
)  # fmt: skip
_DIRECTIONS: Final = {"in": Direction.INBOUND, "out": Direction.OUTBOUND, "internal": Direction.INTERNAL}
_UTM: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
# The list of reasons is long and grows: the first pattern that is found in one counts.
_REASONS: Final = (
    (re.compile(r"_list$|^locked_numb$|dnd_interval|identical_incoming"), Disposition.BLOCKED),
    (re.compile(r"busy"), Disposition.BUSY),
    (re.compile(r"problems|error|not_allowed|money|limit|no_resources|max_|lock|not_found|disabled|config|^(app|component)_"),
     Disposition.FAILED),
    (re.compile(r"timeout|not_responsible|no_success|interval_exceeded|no_operator|another_operator|inactive|status|offline"),
     Disposition.NO_ANSWER),
)  # fmt: skip
_HASH: Final = re.compile(r"[\w-]{1,100}")
_FULL_LINK: Final = re.compile(r"https?://[^/?#]+/([\w-]+)/([\w-]+)/?")


@dataclass(frozen=True, slots=True)
class Person:
    """An employee; `is_recorded`: all of the calls are."""

    extension: str | None
    is_recorded: bool


@dataclass(frozen=True, slots=True)
class Account:
    """What rows are read by: the source's name, the zone of all texts of time, the employees by id, the region of phones."""

    name: str
    zone: str
    staff: Mapping[str, Person]
    region: str


@dataclass(frozen=True, slots=True)
class LegRow:
    """An operator's leg of the call `call_id`; `hashes` are of its recordings."""

    call_id: str
    leg: CallLeg
    is_handed_over: bool
    hashes: tuple[str, ...]
    group: str | None


def read_staff(rows: Iterable[Any]) -> dict[str, Person]:
    """Return the employees by id; rows that cannot be read are left out, as calls name people themselves."""
    staff = {}
    for row in rows:
        try:
            fields = Fields(row)
            extension = fields.child("extension")
            number = extension.text("extension_phone_number") if extension is not None else None
            staff[fields.need_text("id")] = Person(number, fields.text("call_recording") in (None, "all"))
        except RowError:
            continue
    return staff


def read_leg(row: Any, account: Account) -> LegRow | None:
    """Return the leg of a row; None for legs of clients and of coaches.

    Raises:
        RowError: if it cannot be used.
    """
    fields = Fields(row)
    if fields.flag("is_operator") is False or fields.flag("is_coach"):
        return None
    offered_at = from_text(fields.text("start_time"), account.zone, "start_time")
    answered_at = from_text(fields.text("connect_time"), account.zone, "connect_time")
    is_talked = fields.flag("is_talked")
    has_talked = answered_at is not None if is_talked is None else is_talked
    who = _operator(fields, account, "employee")
    leg = CallLeg(
        kind=LegKind.TALK if has_talked else LegKind.RING,
        operator_id=who.id,
        operator_name=who.name,
        extension=who.extension or parse_phone(fields.text("employee_phone_number"), account.region).extension,
        offered_at=offered_at,
        answered_at=answered_at,
        ended_at=later(offered_at, fields.duration_ms("total_duration")),
        result=Disposition.ANSWERED if has_talked else _by_reason(fields.text("finish_reason") or "", is_out=False),
    )
    return LegRow(
        call_id=fields.need_text("call_session_id"),
        leg=leg,
        is_handed_over=bool(fields.flag("is_transfered")),
        hashes=(*fields.texts("call_records"), *fields.texts("wav_call_records")),
        group=fields.text("group_name"),
    )


def read_call(row: Any, leg_rows: Sequence[LegRow], account: Account) -> CallRecord | None:
    """Return the call of a row and of its legs; None while it still runs.

    Raises:
        RowError: if it cannot be used.
    """
    fields = Fields(row)
    call_id = fields.need_text("id")
    started_at = from_text(fields.text("start_time"), account.zone, "start_time")
    if started_at is None:
        raise RowError("start_time is missing")
    ended_at = from_text(fields.text("finish_time"), account.zone, "finish_time")
    if ended_at is None:
        return None
    direction = _DIRECTIONS.get(fields.text("direction") or "")
    disposition = _disposition(fields, direction)
    is_answered = disposition is Disposition.ANSWERED
    leg_rows = sorted(leg_rows, key=_in_time)
    legs = _with_transfers(leg_rows) or _legs_of_employees(fields, account)
    talks = [leg for leg in legs if leg.kind is not LegKind.RING] if is_answered else []
    who = _last_operator(fields, account, talks) if is_answered else Operator()
    wait_ms = fields.duration_ms("total_wait_duration")
    wait_ms = fields.duration_ms("wait_duration") if wait_ms is None else wait_ms
    # Legs of outgoing calls are answered when the operator picks up, before the client does.
    first = talks[0].answered_at if talks and direction is not Direction.OUTBOUND else None
    communication = fields.text("communication_id")
    return CallRecord(
        source="comagic",
        account=account.name,
        call_id=call_id,
        linked_ids=(communication,) if communication else (),
        started_at=started_at,
        answered_at=(first or later(started_at, wait_ms)) if is_answered else None,
        ended_at=ended_at,
        direction=direction,
        disposition=disposition,
        missed_reason=None if is_answered else fields.text("finish_reason"),
        client_phone=_client(fields.text("contact_phone_number"), account.region),
        line_phone=phone_or_text(fields.text("virtual_phone_number") or "", account.region),
        operator_id=who.id,
        operator_name=who.name,
        extension=who.extension,
        queue=next((leg.group for leg in reversed(leg_rows) if leg.group), None),
        wait_ms=wait_ms,
        ring_ms=_ring_ms(talks[-1]) if talks else None,
        talk_ms=fields.duration_ms("talk_duration"),
        total_ms=fields.duration_ms("total_duration"),
        legs=legs,
        tags=tuple(name for tag in fields.children("tags") if (name := tag.text("tag_name"))),
        utm=tuple((name, value) for name in _UTM if (value := fields.text(name))),
        campaign=fields.text("campaign_name"),
        visitor_id=fields.text("visitor_id"),
        session_id=fields.text("visitor_session_id"),
        recordings=_recordings(fields, communication or call_id, leg_rows) if is_answered else (),
    )


@dataclass(frozen=True, slots=True)
class Operator:
    """Who talked."""

    id: str | None = None
    name: str | None = None
    extension: str | None = None


def _disposition(fields: Fields, direction: Direction | None) -> Disposition:
    is_lost, talk_ms = fields.flag("is_lost"), fields.duration_ms("talk_duration")
    # Outgoing calls that nobody took are not marked as lost.
    is_silent = not talk_ms and (direction is Direction.OUTBOUND or is_lost is None)
    if not is_lost and not is_silent:
        return Disposition.ANSWERED
    if fields.texts("voice_mail_records"):
        return Disposition.VOICEMAIL
    return _by_reason(fields.text("finish_reason") or "", is_out=direction is Direction.OUTBOUND)


def _by_reason(reason: str, *, is_out: bool) -> Disposition:
    if reason in ("subscriber_disconnects", "disconnect_before_call_processing"):
        return Disposition.REJECTED if is_out else Disposition.ABANDONED
    if reason == "operator_disconnects":
        return Disposition.NO_ANSWER if is_out else Disposition.REJECTED
    return next((found for pattern, found in _REASONS if pattern.search(reason)), Disposition.UNKNOWN)


def _in_time(row: LegRow) -> tuple[datetime, datetime]:
    return (row.leg.offered_at or LATEST, row.leg.answered_at or LATEST)


def _with_transfers(rows: Sequence[LegRow]) -> tuple[CallLeg, ...]:
    """Return the legs, those to whom the client was handed over marked as such."""
    legs: list[CallLeg] = []
    last_end: datetime | None = None
    for row in rows:
        leg = row.leg
        if leg.kind is LegKind.TALK and row.is_handed_over:
            # Who hands over after a word with the next one is still on the line while that one is rung.
            is_overlapping = last_end is not None and leg.offered_at is not None and last_end > leg.offered_at
            leg = replace(leg, kind=LegKind.TRANSFER_ATTENDED if is_overlapping else LegKind.TRANSFER_BLIND)
        if leg.kind is not LegKind.RING and leg.ended_at is not None:
            last_end = leg.ended_at if last_end is None else max(last_end, leg.ended_at)
        legs.append(leg)
    return tuple(legs)


def _legs_of_employees(fields: Fields, account: Account) -> tuple[CallLeg, ...]:
    """Return legs without times from the call's own row, for accounts that may not see the report of legs."""
    legs = []
    for person in fields.children("employees"):
        who, has_talked = _operator(person, account, "employee"), bool(person.flag("is_talked"))
        kind = LegKind.TALK if has_talked else LegKind.RING
        result = Disposition.ANSWERED if has_talked else Disposition.UNKNOWN
        legs.append(CallLeg(kind=kind, operator_id=who.id, operator_name=who.name, extension=who.extension, result=result))
    return tuple(legs)


def _operator(fields: Fields, account: Account, prefix: str) -> Operator:
    operator_id = fields.text(f"{prefix}_id")
    person = account.staff.get(operator_id or "")
    return Operator(operator_id, fields.text(f"{prefix}_full_name"), person.extension if person is not None else None)


def _last_operator(fields: Fields, account: Account, talks: Sequence[CallLeg]) -> Operator:
    for prefix in ("last_talked_employee", "last_answered_employee"):
        found = _operator(fields, account, prefix)
        if found.id is not None or found.name is not None:
            extensions = [leg.extension for leg in talks if leg.operator_id == found.id and leg.extension]
            return Operator(found.id, found.name, found.extension or (extensions[-1] if extensions else None))
    last = talks[-1] if talks else None
    return Operator(last.operator_id, last.operator_name, last.extension) if last is not None else Operator()


def _ring_ms(leg: CallLeg) -> int | None:
    if leg.offered_at is None or leg.answered_at is None or leg.answered_at < leg.offered_at:
        return None
    return round((leg.answered_at - leg.offered_at).total_seconds() * 1000)


def _recordings(fields: Fields, communication: str, leg_rows: Sequence[LegRow]) -> tuple[RecordingLink, ...]:
    """Return the recordings, as WAV where the account keeps all of them so; ids are kind/communication/hash."""
    wav, mp3 = fields.texts("wav_call_records"), fields.texts("call_records")
    kind, codes = ("wav", wav) if wav and len(wav) >= len(mp3) else ("talk", mp3)
    codes = tuple(dict.fromkeys(codes))
    if not codes and (full := _FULL_LINK.fullmatch(fields.text("full_record_file_link") or "")):
        return (RecordingLink(rec_id=f"full/{full[1]}/{full[2]}"),)
    if not all(_HASH.fullmatch(code) for code in (communication, *codes)):
        raise RowError("the id of a recording is not one")
    # The only recording of a call is of all of it.
    legs = {code: index for index, row in enumerate(leg_rows) for code in row.hashes} if len(codes) > 1 else {}
    return tuple(RecordingLink(rec_id=f"{kind}/{communication}/{code}", leg=legs.get(code)) for code in codes)


def _client(text: str | None, region: str) -> str | None:
    """Return a number, or as given what cannot be parsed as one; `anonymous` and the like are no client."""
    return phone_or_text(text, region) if text and any(char.isdigit() for char in text) else None
