"""Rows of MANGO OFFICE's extended statistics -> common records; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from callscore.outside.phones import parse_phone, phone_or_text
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import from_epoch, from_text, later
from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind, RecordingLink

__all__ = ["Account", "User", "by_reason", "client_phone", "distance_ms", "read_call", "read_users"]

MOST_DEPTH: Final = 5
_DIRECTIONS: Final = {1: Direction.INBOUND, 2: Direction.OUTBOUND, 3: Direction.INTERNAL}
_CALL_BACKS: Final = (5, 6)  # asked for in a widget of the site; redialled by a group
_REASONS: Final[Mapping[int, Disposition]] = {
    1111: Disposition.NO_ANSWER, 1121: Disposition.BUSY, 1122: Disposition.REJECTED, 1123: Disposition.REJECTED,
    1124: Disposition.NO_ANSWER, 1150: Disposition.BLOCKED, 1151: Disposition.BLOCKED, 1152: Disposition.BLOCKED,
    1162: Disposition.BUSY, 1163: Disposition.TIMEOUT, 1164: Disposition.NO_ANSWER,
}  # fmt: skip
_CALLER_HUNG_UP, _CALLED_HUNG_UP = 1110, 1120
_FAILED: Final = (
    range(1130, 1150),
    range(1160, 1173),
    range(2000, 3000),
    range(3200, 3300),
    range(4200, 4300),
    range(5000, 6000),
)


@dataclass(frozen=True, slots=True)
class User:
    """An employee; `line` is the number that clients see when this employee calls."""

    id: str
    name: str | None = None
    extension: str | None = None
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What rows are read by: the source's name, the region of phones, the employees."""

    name: str
    region: str
    users: Sequence[User] = ()

    def user(self, user_id: str | None) -> User | None:
        """Return an employee by id."""
        return next((user for user in self.users if user.id == user_id), None)

    def at(self, extension: str | None) -> User | None:
        """Return an employee by extension."""
        return next((user for user in self.users if extension and user.extension == extension), None)


@dataclass(frozen=True, slots=True)
class _Leg:
    """A leg with what its row says besides; `leg` is None for a group; `is_outside`: an outside number was rung."""

    leg: CallLeg | None
    is_blind: bool
    is_consulted: bool
    recordings: tuple[str, ...]
    group: str | None
    is_outside: bool


def read_users(rows: Iterable[Any]) -> tuple[User, ...]:
    """Return the employees; rows that cannot be read are left out, as calls name people themselves."""
    users = []
    for row in rows:
        try:
            general, telephony = Fields(row).child("general"), Fields(row).child("telephony")
            if general is None:
                continue
            number = telephony.text("extension") if telephony is not None else None
            line = telephony.text("outgoingline") if telephony is not None else None
            users.append(User(general.need_text("user_id"), general.text("name"), number, line))
        except RowError:
            continue
    return tuple(users)


def read_call(row: Any, account: Account) -> CallRecord | None:
    """Return the call of a row; None while it still runs.

    Raises:
        RowError: if it cannot be used.
    """
    fields = Fields(row)
    call_id = fields.need_text("entry_id")
    started_at = _moment(fields, "context_start_time")
    if started_at is None:
        raise RowError("context_start_time is missing")
    outer = list(fields.children("context_calls"))
    duration_ms, talk_ms = fields.duration_ms("duration"), fields.duration_ms("talk_duration")
    if outer and not duration_ms and all(_moment(leg, "call_end_time") is None for leg in outer):
        return None
    direction = _DIRECTIONS.get(fields.whole("context_type") or 0)
    is_out = direction is Direction.OUTBOUND
    caller = _caller(fields, account)
    found = _with_transfers(_legs(outer, account, caller if is_out else None, None, MOST_DEPTH))
    legs = tuple(item.leg for item in found if item.leg is not None)
    talks = [leg for leg in legs if leg.kind is not LegKind.RING]
    # Where the PBX rings the employee first and then the client, only the client's answer is one.
    clients = [item.leg for item in found if item.leg is not None and item.is_outside] if is_out else []
    answers = [leg.answered_at for leg in clients or talks if leg.answered_at is not None]
    is_answered = fields.whole("context_status") != 0 and bool(talk_ms or answers)
    talks = talks if is_answered else []
    reason = next((code for leg in reversed(outer) if (code := leg.whole("call_end_reason"))), None)
    answered_at = min(answers, default=None) if is_answered else None
    own, other = ("caller_number", "called_number") if is_out else ("called_number", "caller_number")
    line = caller.line if is_out and caller is not None else fields.text(own)
    if is_out and line is None and (parse_phone(fields.text(own), account.region).e164 is not None):
        line = fields.text(own)
    last = talks[-1] if talks else None
    is_call_back = direction is not Direction.INTERNAL and fields.whole("context_init_type") in _CALL_BACKS
    return CallRecord(
        source="mango",
        account=account.name,
        call_id=call_id,
        started_at=started_at,
        answered_at=answered_at,
        ended_at=later(started_at, duration_ms),
        direction=Direction.CALLBACK if is_call_back else direction,
        disposition=Disposition.ANSWERED if is_answered else by_reason(reason, is_out=is_out),
        missed_reason=None if is_answered or reason is None else str(reason),
        client_phone=None if direction is Direction.INTERNAL else client_phone(fields.text(other), account.region),
        line_phone=phone_or_text(line or "", account.region),
        operator_id=last.operator_id if last is not None else None,
        operator_name=last.operator_name if last is not None else None,
        extension=last.extension if last is not None else None,
        queue=next((item.group for item in reversed(found) if item.group), None),
        wait_ms=distance_ms(started_at, answered_at) if is_answered else duration_ms,
        ring_ms=distance_ms(last.offered_at, last.answered_at) if last is not None else None,
        talk_ms=talk_ms,
        total_ms=duration_ms,
        legs=legs,
        tags=fields.texts("tag_id"),
        recordings=_recordings(found) if is_answered else (),
    )


def by_reason(reason: int | None, *, is_out: bool) -> Disposition:
    """Return what the code of an end means where nobody talked."""
    if reason == _CALLER_HUNG_UP:
        return Disposition.NO_ANSWER if is_out else Disposition.ABANDONED
    if reason == _CALLED_HUNG_UP:
        return Disposition.REJECTED
    if reason is not None and any(reason in codes for codes in _FAILED):
        return _REASONS.get(reason, Disposition.FAILED)
    return _REASONS.get(reason or 0, Disposition.UNKNOWN)


def client_phone(text: str | None, region: str) -> str | None:
    """Return a number, or as given what cannot be parsed as one; hidden numbers are no client."""
    return phone_or_text(text, region) if text and any(char.isdigit() for char in text) else None


def distance_ms(start: datetime | None, end: datetime | None) -> int | None:
    """Return the milliseconds between two moments; None where one is unknown or they are in the wrong order."""
    if start is None or end is None or end < start:
        return None
    return round((end - start).total_seconds() * 1000)


def _moment(fields: Fields, name: str) -> datetime | None:
    """Return a time given as a number or as a text; both are in UTC."""
    text = fields.text(name)
    if text is None or text.replace(".", "", 1).lstrip("-").isdigit():
        return from_epoch(text, name)
    return from_text(text, "UTC", name)


def _caller(fields: Fields, account: Account) -> User | None:
    """Return the employee who calls out."""
    user_id = fields.text("caller_id")
    number = parse_phone(fields.text("caller_number"), account.region).extension
    known = account.user(user_id) or account.at(number)
    if known is not None or user_id is None:
        return known
    return User(user_id, fields.text("caller_name"), number)


def _legs(rows: Sequence[Fields], account: Account, caller: User | None, group: str | None, depth: int) -> list[_Leg]:
    """Return the legs of rows in their order, members of groups in the place of their group."""
    found = []
    for row in rows:
        members = list(row.children("members")) if depth else []
        kind, info = row.text("call_type"), row.text("call_abonent_info")
        name = info if kind == "group" else group
        if members:
            found += _legs(members, account, caller, name, depth - 1)
        leg = None if members or kind in ("group", "conference") else _leg(row, account, caller if kind == "number" else None)
        flags = (bool(row.flag("BlindTransfer")), bool(row.flag("ConsultTransfer")))
        found.append(_Leg(leg, *flags, row.texts("recording_id"), name, kind == "number"))
    return found


def _leg(row: Fields, account: Account, caller: User | None) -> CallLeg:
    """Return an employee's leg; a client's leg of an outgoing call is that of the employee who calls."""
    answered_at = _moment(row, "call_answer_time")
    user = caller
    if user is None and row.text("call_type") != "number":
        user_id = row.text("call_abonent_id")
        number = parse_phone(row.text("call_abonent_number"), account.region).extension
        known = account.user(user_id)
        user = User(user_id or "", row.text("call_abonent_info"), (known.extension if known is not None else None) or number)
    elif user is None:
        info = row.text("call_abonent_info") or ""  # a name, or the number once more
        user = User("", info if any(char.isalpha() for char in info) else None)
    return CallLeg(
        kind=LegKind.RING if answered_at is None else LegKind.TALK,
        operator_id=user.id or None,
        operator_name=user.name,
        extension=user.extension,
        offered_at=_moment(row, "call_start_time"),
        answered_at=answered_at,
        ended_at=_moment(row, "call_end_time"),
        result=Disposition.ANSWERED
        if answered_at is not None
        else by_reason(row.whole("call_end_reason"), is_out=caller is not None),
    )


def _with_transfers(found: Sequence[_Leg]) -> list[_Leg]:
    """Return the legs, those to whom the client was handed over marked as such."""
    marked: list[_Leg] = []
    giver: _Leg | None = None
    for item in found:
        here = item
        if item.leg is not None and item.leg.kind is LegKind.TALK:
            if giver is not None and (giver.is_consulted or item.is_consulted):
                here = replace(item, leg=replace(item.leg, kind=LegKind.TRANSFER_ATTENDED))
            elif giver is not None and (giver.is_blind or item.is_blind):
                here = replace(item, leg=replace(item.leg, kind=LegKind.TRANSFER_BLIND))
            giver = item
        marked.append(here)
    return marked


def _recordings(found: Sequence[_Leg]) -> tuple[RecordingLink, ...]:
    """Return each recording once; a group's own row may repeat those of its members."""
    links: dict[str, RecordingLink] = {}
    index = 0
    for item in found:
        for rec_id in item.recordings:
            if rec_id not in links or links[rec_id].leg is None:
                links[rec_id] = RecordingLink(rec_id=rec_id, leg=None if item.leg is None else index)
        index += item.leg is not None
    return tuple(links.values())
