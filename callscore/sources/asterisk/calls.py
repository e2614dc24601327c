"""The rows of one call -> its CallRecord: who was rung, who talked and how long, what became of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from callscore.outside.pages import Reject
from callscore.outside.rows import RowError
from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind
from callscore.sources.asterisk.cdr import CdrRow, group_rows
from callscore.sources.asterisk.channels import CallRules, caller_name, caller_number, direction_of, read_channel

__all__ = ["build_call", "call_id_of", "calls_of", "talk_ms_of"]

_SECOND: Final = timedelta(seconds=1)
_ENDINGS: Final = {
    "ANSWERED": Disposition.ANSWERED,
    "NO ANSWER": Disposition.NO_ANSWER,
    "NOANSWER": Disposition.NO_ANSWER,
    "BUSY": Disposition.BUSY,
    "FAILED": Disposition.FAILED,
    "CONGESTION": Disposition.FAILED,
    "CANCEL": Disposition.ABANDONED,
}
_TALKS: Final = (LegKind.TALK, LegKind.TRANSFER_BLIND, LegKind.TRANSFER_ATTENDED)


def calls_of(rows: Iterable[CdrRow], rules: CallRules) -> tuple[tuple[CallRecord, ...], tuple[Reject, ...]]:
    """Return the calls that rows make up, in order of start, and what could not be used."""
    records: list[CallRecord] = []
    rejects: list[Reject] = []
    for group in group_rows(rows):
        try:
            records.append(build_call(group, rules))
        except RowError as error:
            rejects.append(Reject(where=group[0].where, reason=str(error)))
    return tuple(records), tuple(rejects)


def build_call(rows: Sequence[CdrRow], rules: CallRules) -> CallRecord:
    """Return the call that `rows` (at least one, in order, see group_rows) make up.

    Raises:
        RowError: a phone number that a spreadsheet has spoilt.
    """
    direction = direction_of(rows, rules)
    legs = _outgoing_legs(rows, rules) if direction is Direction.OUTBOUND else _incoming_legs(rows, rules)
    started_at, ended_at = rows[0].start, max(row.end for row in rows)
    talked = [leg for leg in legs if leg.kind in _TALKS and leg.answered_at is not None]
    answered_at = min((leg.answered_at for leg in talked if leg.answered_at), default=None)
    disposition = Disposition.ANSWERED if talked else _missed(rows, direction)
    last = talked[-1] if talked else (legs[-1] if legs and direction is Direction.OUTBOUND else None)
    waited_until = answered_at or ended_at
    return CallRecord(
        source=rules.source,
        account=rules.account,
        call_id=call_id_of(rows),
        linked_ids=_other_ids(rows),
        started_at=started_at,
        answered_at=answered_at,
        ended_at=ended_at,
        direction=direction,
        disposition=disposition,
        missed_reason=None if talked else _reason(rows),
        client_phone=_client(rows, direction, rules),
        line_phone=_line(rows, direction, rules),
        operator_id=last.extension if last else None,
        operator_name=last.operator_name if last else None,
        extension=last.extension if last else None,
        queue=_queue(rows),
        wait_ms=_ms(waited_until - started_at),
        ring_ms=_ring_ms(last) if direction is not Direction.OUTBOUND else None,
        talk_ms=talk_ms_of(legs),
        total_ms=_ms(ended_at - started_at),
        legs=legs,
    )


def call_id_of(rows: Sequence[CdrRow]) -> str:
    """Return the id of a call: linkedid, else uniqueid, else its start with the channel that began it."""
    first = rows[0]
    linked = next((row.linkedid for row in rows if row.linkedid), "")
    return linked or first.uniqueid or f"{first.start:%Y%m%dT%H%M%S}-{first.channel or first.src}"


def talk_ms_of(legs: Sequence[CallLeg]) -> int:
    """Return how long the client talked with people; where two legs overlap, the time counts once."""
    total, until = timedelta(0), None
    spans = sorted((leg.answered_at, leg.ended_at) for leg in legs if leg.kind in _TALKS and leg.answered_at and leg.ended_at)
    for start, end in spans:
        begin = start if until is None else max(start, until)
        total += max(timedelta(0), end - begin)
        until = end if until is None else max(until, end)
    return _ms(total)


def _incoming_legs(rows: Sequence[CdrRow], rules: CallRules) -> tuple[CallLeg, ...]:
    """Return a leg for each attempt to reach somebody; a transfer is told from what is dialled when somebody already talked."""
    begun_by = rows[0].channel
    inner = {base for row in rows if (base := _local_base(row.channel, ";2"))}
    consults = [row for row in rows if _is_consult(row, begun_by, rules)]
    legs: list[CallLeg] = []
    for row in rows:
        if not row.dstchannel or row in consults or _local_base(row.dstchannel, ";1") in inner:
            continue
        leg = _leg(row, rules.extension_of(row.dstchannel), row.dst_cnam, rules)
        talk_end = max((each.ended_at for each in legs if each.answered_at and each.ended_at), default=None)
        if leg.kind is LegKind.TALK and talk_end is not None and row.start >= talk_end - _SECOND:
            called = any(rules.extension_of(each.dstchannel) == leg.extension for each in consults)
            leg = replace(leg, kind=LegKind.TRANSFER_ATTENDED if called else LegKind.TRANSFER_BLIND)
        legs.append(leg)
    return tuple(sorted((*legs, *_taken_over(consults, legs, rules)), key=_offered))


def _taken_over(consults: Sequence[CdrRow], legs: Sequence[CallLeg], rules: CallRules) -> Iterator[CallLeg]:
    """Yield legs of colleagues who were asked first and then had the call: they go on where the one who asked has ended."""
    for row in consults:
        asker, asked = rules.extension_of(row.channel), rules.extension_of(row.dstchannel)
        talk_end = max(
            (leg.ended_at for leg in legs if leg.extension == asker and leg.answered_at and leg.ended_at), default=None
        )
        if row.answer and talk_end and row.start < talk_end < row.end and all(leg.extension != asked for leg in legs):
            leg = _leg(row, asked, row.dst_cnam, rules)
            yield replace(leg, kind=LegKind.TRANSFER_ATTENDED, answered_at=max(row.answer, talk_end))


def _outgoing_legs(rows: Sequence[CdrRow], rules: CallRules) -> tuple[CallLeg, ...]:
    """Return a leg for the employee who dialled, and those the client was handed to."""
    legs: list[CallLeg] = []
    inner = {base for row in rows if (base := _local_base(row.channel, ";2"))}
    for row in rows:
        if _local_base(row.dstchannel, ";1") in inner:
            continue
        caller, callee = rules.extension_of(row.channel), rules.extension_of(row.dstchannel)
        if caller is None and not legs:
            caller = rules.number(row.cnum or row.src).extension
        if legs and caller is None and callee is not None:
            legs.append(replace(leg := _leg(row, callee, row.dst_cnam, rules), kind=_handed(leg)))
        elif callee is None or rules.dialled(row).e164:
            leg = _leg(row, caller, caller_name(row) or "", rules)
            legs.append(replace(leg, kind=LegKind.TALK, offered_at=None))
    return tuple(legs)


def _handed(leg: CallLeg) -> LegKind:
    return LegKind.TRANSFER_BLIND if leg.answered_at else LegKind.RING


def _leg(row: CdrRow, extension: str | None, name: str, rules: CallRules) -> CallLeg:
    result = _ENDINGS.get(row.disposition, Disposition.UNKNOWN)
    is_talk = result is Disposition.ANSWERED and row.answer is not None
    return CallLeg(
        kind=LegKind.TALK if is_talk else LegKind.RING,
        operator_id=extension,
        operator_name=rules.names.get(extension or "") or (name if name != extension else "") or None,
        extension=extension,
        offered_at=row.start,
        answered_at=row.answer if is_talk else None,
        ended_at=row.end,
        result=result,
    )


def _is_consult(row: CdrRow, begun_by: str, rules: CallRules) -> bool:
    """Tell whether an employee calls a colleague within somebody's call: on a channel of his own, not the one that began it."""
    is_own = row.channel != begun_by and not row.channel.startswith("Local/")
    return is_own and bool(rules.extension_of(row.channel) and rules.extension_of(row.dstchannel))


def _local_base(channel: str, half: str) -> str:
    return channel[:-2] if channel.startswith("Local/") and channel.endswith(half) else ""


def _missed(rows: Sequence[CdrRow], direction: Direction) -> Disposition:
    last = rows[-1]
    if any(row.lastapp.lower() == "voicemail" and row.answer for row in rows):
        return Disposition.VOICEMAIL
    if direction is Direction.INBOUND and last.lastapp == "Queue":
        return Disposition.TIMEOUT if _queue_timed_out(last) else Disposition.ABANDONED
    found = _ENDINGS.get(last.disposition, Disposition.UNKNOWN)
    if found is Disposition.ANSWERED:
        # A menu or a message answered, and no person ever did.
        return Disposition.ABANDONED if direction is Direction.INBOUND else Disposition.UNKNOWN
    if found is Disposition.ABANDONED and direction is not Direction.INBOUND:
        return Disposition.NO_ANSWER
    return found


def _queue_timed_out(row: CdrRow) -> bool:
    """Tell whether a caller waited as long as Queue(name,options,url,announcement,timeout) lets him."""
    parts = row.lastdata.split(",")
    limit = parts[4] if len(parts) > 4 else ""
    return limit.isdecimal() and 0 < int(limit[:9]) <= (row.end - row.start).total_seconds()


def _reason(rows: Sequence[CdrRow]) -> str | None:
    last = rows[-1]
    return last.disposition if last.disposition != "ANSWERED" else last.lastapp or None


def _client(rows: Sequence[CdrRow], direction: Direction, rules: CallRules) -> str | None:
    if direction is Direction.INTERNAL:
        return None
    if direction is Direction.INBOUND:
        return next((phone for row in rows if (phone := caller_number(row, rules))), None)
    return next((phone for row in rows if (phone := rules.dialled(row).e164)), None)


def _line(rows: Sequence[CdrRow], direction: Direction, rules: CallRules) -> str | None:
    """Return our own number of a call, from FreePBX's columns, the userfield, the number dialled, or the trunk."""
    if direction is Direction.INTERNAL:
        return None
    is_in = direction is Direction.INBOUND
    for row in rows:
        found = rules.line.fullmatch(row.userfield)
        for text in (row.did if is_in else row.outbound_cnum, found.group(1) if found else "", row.dst if is_in else ""):
            if text and (phone := rules.number(text)).e164:
                return phone.e164
    for row in rows:
        channel = read_channel(row.channel if is_in else row.dstchannel)
        if channel is not None and channel.endpoint in rules.lines:
            return rules.lines[channel.endpoint]
    return None


def _queue(rows: Sequence[CdrRow]) -> str | None:
    return next((row.lastdata.split(",")[0] or row.dst for row in reversed(rows) if row.lastapp == "Queue"), None) or None


def _other_ids(rows: Sequence[CdrRow]) -> tuple[str, ...]:
    ids = dict.fromkeys(text for row in rows for text in (row.linkedid, row.uniqueid) if text)
    ids.pop(call_id_of(rows), None)
    return tuple(ids)


def _ring_ms(leg: CallLeg | None) -> int | None:
    if leg is None or leg.offered_at is None or leg.answered_at is None:
        return None
    return _ms(leg.answered_at - leg.offered_at)


def _offered(leg: CallLeg) -> datetime:
    at = leg.offered_at or leg.answered_at or leg.ended_at
    if at is None:
        raise ValueError("CallLeg needs a time")
    return at


def _ms(length: timedelta) -> int:
    return max(0, round(length.total_seconds() * 1000))
