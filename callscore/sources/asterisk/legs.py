"""Rows of CDR -> the legs of a call: who was rung, who talked, who had it handed over. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from callscore.records import CallLeg, Direction, Disposition, LegKind
from callscore.sources.asterisk.cdr import CdrRow
from callscore.sources.asterisk.channels import CallRules, caller_name

__all__ = ["ENDINGS", "is_talk", "legs_of", "ring_ms_of", "starts", "talk_ms_of", "whole_ms"]

_SECOND: Final = timedelta(seconds=1)
_MILLISECOND: Final = timedelta(milliseconds=1)
ENDINGS: Final[Mapping[str, Disposition]] = {
    "ANSWERED": Disposition.ANSWERED,
    "NO ANSWER": Disposition.NO_ANSWER,
    "NOANSWER": Disposition.NO_ANSWER,
    "BUSY": Disposition.BUSY,
    "FAILED": Disposition.FAILED,
    "CONGESTION": Disposition.FAILED,
    "CANCEL": Disposition.ABANDONED,
}
"""What the column `disposition` says."""


def legs_of(rows: Sequence[CdrRow], direction: Direction, rules: CallRules) -> tuple[CallLeg, ...]:
    """Return the legs of a call by its rows, in order of time."""
    return _outgoing_legs(rows, rules) if direction is Direction.OUTBOUND else _incoming_legs(rows, rules)


def starts(leg: CallLeg) -> datetime:
    """Return when a leg began, as far as is known."""
    at = leg.offered_at or leg.answered_at or leg.ended_at
    if at is None:
        raise ValueError("CallLeg needs a time")
    return at


def is_talk(leg: CallLeg) -> bool:
    """Tell whether somebody talked on a leg."""
    return leg.kind is not LegKind.RING and leg.answered_at is not None


def whole_ms(length: timedelta) -> int:
    """Return a length in milliseconds, 0 or more."""
    return max(0, length // _MILLISECOND)


def talk_ms_of(legs: Sequence[CallLeg]) -> int:
    """Return how long the client talked with people; where two legs overlap, the time counts once."""
    total, until = timedelta(0), None
    spans = [(leg.answered_at, leg.ended_at) for leg in legs if is_talk(leg) and leg.answered_at and leg.ended_at]
    spans.sort()
    for start, end in spans:
        begin = start if until is None else max(start, until)
        total += max(timedelta(0), end - begin)
        until = end if until is None else max(until, end)
    return whole_ms(total)


def ring_ms_of(leg: CallLeg | None) -> int | None:
    """Return how long the one who answered was rung; None where it is not known."""
    if leg is None or leg.offered_at is None or leg.answered_at is None:
        return None
    return whole_ms(leg.answered_at - leg.offered_at)


def _incoming_legs(rows: Sequence[CdrRow], rules: CallRules) -> tuple[CallLeg, ...]:
    """Return a leg for each attempt to reach somebody; a transfer is told from what is dialled when somebody already talked."""
    inner = _inner_channels(rows)
    consults = [row for row in rows[1:] if _is_consult(row, rows[0].channel, rules)]
    legs: list[CallLeg] = []
    talk_end: datetime | None = None
    for row in rows:
        if not row.dstchannel or row.dstchannel in inner or row in consults:
            continue
        leg = _leg(row, rules.extension_of(row.dstchannel), row.dst_cnam, rules)
        if leg.answered_at is not None:
            if talk_end is not None and row.start >= talk_end - _SECOND:
                called = any(rules.extension_of(each.dstchannel) == leg.extension for each in consults)
                leg = replace(leg, kind=LegKind.TRANSFER_ATTENDED if called else LegKind.TRANSFER_BLIND)
            talk_end = max(talk_end or row.end, row.end)
        legs.append(leg)
    if consults:
        legs.extend(_taken_over(consults, tuple(legs), rules))
        legs.sort(key=starts)
    return tuple(legs)


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
    inner = _inner_channels(rows)
    for row in rows:
        if row.dstchannel in inner:
            continue
        caller, callee = rules.extension_of(row.channel), rules.extension_of(row.dstchannel)
        if caller is None and not legs:
            caller = rules.number(row.cnum or row.src).extension
        if legs and caller is None and callee is not None:
            legs.append(replace(leg := _leg(row, callee, row.dst_cnam, rules), kind=_handed(leg)))
        elif callee is None or rules.dialled(row).e164:
            leg = _leg(row, caller, caller_name(row) or "", rules)
            legs.append(replace(leg, offered_at=None))
    return tuple(legs)


def _handed(leg: CallLeg) -> LegKind:
    return LegKind.TRANSFER_BLIND if leg.answered_at else LegKind.RING


def _leg(row: CdrRow, extension: str | None, name: str, rules: CallRules) -> CallLeg:
    result = ENDINGS.get(row.disposition, Disposition.UNKNOWN)
    has_talked = result is Disposition.ANSWERED and row.answer is not None
    return CallLeg(
        kind=LegKind.TALK if has_talked else LegKind.RING,
        operator_id=extension,
        operator_name=rules.names.get(extension or "") or (name if name != extension else "") or None,
        extension=extension,
        offered_at=row.start,
        answered_at=row.answer if has_talked else None,
        ended_at=row.end,
        result=result,
    )


def _is_consult(row: CdrRow, begun_by: str, rules: CallRules) -> bool:
    """Tell whether an employee calls a colleague within somebody's call: on a channel of his own, not the one that began it."""
    is_own = row.channel != begun_by and not row.channel.startswith("Local/")
    return is_own and bool(rules.extension_of(row.channel) and rules.extension_of(row.dstchannel))


def _inner_channels(rows: Sequence[CdrRow]) -> set[str]:
    """Return the Local channels behind which another row goes on: that row tells who was really rung."""
    return {f"{row.channel[:-1]}1" for row in rows if row.channel.startswith("Local/") and row.channel.endswith(";2")}
