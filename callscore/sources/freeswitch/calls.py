"""Legs of one call of FreeSWITCH -> its record: who was rung, who talked, and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from callscore.outside.pages import Reject
from callscore.outside.phones import Phone, parse_phone
from callscore.outside.rows import RowError
from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind, RecordingLink
from callscore.sources.freeswitch.grouping import FsCall, group_legs
from callscore.sources.freeswitch.legs import FsLeg, FsTalk

__all__ = ["CallMaker", "FileFinder", "make_calls"]

FileFinder = Callable[[FsLeg], Sequence[str]]
"""Gives the ids of the recordings that a leg made."""
_CAUSES: Final = {
    "ORIGINATOR_CANCEL": Disposition.ABANDONED,
    **dict.fromkeys(("NO_ANSWER", "NO_USER_RESPONSE", "ALLOTTED_TIMEOUT", "PROGRESS_TIMEOUT"), Disposition.NO_ANSWER),
    **dict.fromkeys(("SUBSCRIBER_ABSENT", "LOSE_RACE", "PICKED_OFF"), Disposition.NO_ANSWER),
    "USER_BUSY": Disposition.BUSY,
    "CALL_REJECTED": Disposition.REJECTED,
    **dict.fromkeys(("OUTGOING_CALL_BARRED", "INCOMING_CALL_BARRED"), Disposition.BLOCKED),
    **dict.fromkeys(("UNALLOCATED_NUMBER", "NO_ROUTE_DESTINATION", "NO_ROUTE_TRANSIT_NET"), Disposition.FAILED),
    **dict.fromkeys(("INVALID_NUMBER_FORMAT", "USER_NOT_REGISTERED", "DESTINATION_OUT_OF_ORDER"), Disposition.FAILED),
    **dict.fromkeys(("NORMAL_TEMPORARY_FAILURE", "NETWORK_OUT_OF_ORDER", "SWITCH_CONGESTION"), Disposition.FAILED),
    **dict.fromkeys(("NORMAL_CIRCUIT_CONGESTION", "RECOVERY_ON_TIMER_EXPIRE", "INVALID_GATEWAY"), Disposition.FAILED),
    **dict.fromkeys(("GATEWAY_DOWN", "INCOMPATIBLE_DESTINATION", "MEDIA_TIMEOUT", "CHAN_NOT_IMPLEMENTED"), Disposition.FAILED),
}
_QUEUE_ENDS: Final = {
    "TIMEOUT": Disposition.TIMEOUT,
    "NO_AGENT_TIMEOUT": Disposition.TIMEOUT,
    "BREAK_OUT": Disposition.ABANDONED,
    "EXIT_WITH_KEY": Disposition.ABANDONED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallMaker:
    """Makes records. `files_of` finds recordings; `is_second_recorder`: the second leg records, where files do not tell."""

    source: str
    account: str
    region: str
    files_of: FileFinder
    is_second_recorder: bool = False
    is_swapped: bool = False

    def build(self, call: FsCall) -> CallRecord:
        """Return the record of a call.

        Raises:
            RowError: if its legs cannot be used.
        """
        first = call.first
        direction = self._direction(first)
        legs = self._legs(call, direction)
        talked = [leg for leg in legs if leg.kind is not LegKind.RING]
        answered = min((leg.answered_at for leg in talked if leg.answered_at), default=None)
        last = talked[-1] if talked else None
        waited = answered if talked else first.end
        return CallRecord(
            source=self.source,
            account=self.account,
            call_id=first.uuid,
            linked_ids=tuple(leg.uuid for leg in call.others),
            started_at=first.start,
            direction=direction,
            disposition=Disposition.ANSWERED if talked else _missed(first, call.others, direction),
            answered_at=answered,
            ended_at=first.end,
            client_phone=self._client(first, direction),
            line_phone=self._line(first, direction),
            operator_id=last.operator_id if last else None,
            operator_name=last.operator_name if last else None,
            extension=last.extension if last else None,
            queue=first.queue or None,
            wait_ms=None if waited is None else _ms(waited - first.start),
            ring_ms=_ms(last.answered_at - last.offered_at) if last and last.offered_at and last.answered_at else None,
            talk_ms=_talk_ms(talked, first),
            total_ms=_ms(first.end - first.start),
            missed_reason=None if talked else first.cancel_reason or first.cause or None,
            legs=legs,
            recordings=self._links(call, direction) if talked else (),
        )

    def _phone(self, text: str) -> Phone:
        return parse_phone(text, self.region)

    def _is_inner(self, text: str) -> bool:
        phone = self._phone(text)
        return phone.e164 is None and phone.extension is not None

    def _direction(self, leg: FsLeg) -> Direction:
        """Return which way a call went. FreeSWITCH's own word is of the leg: a phone of ours that dials is inbound."""
        if leg.context == "public":
            return Direction.INBOUND
        if not self._is_inner(leg.caller) and not self._is_inner(leg.user):
            return Direction.INBOUND
        return Direction.INTERNAL if self._is_inner(leg.line) else Direction.OUTBOUND

    def _client(self, leg: FsLeg, direction: Direction) -> str | None:
        if direction is Direction.INTERNAL:
            return None
        return self._phone(leg.caller if direction is Direction.INBOUND else leg.line).e164

    def _line(self, leg: FsLeg, direction: Direction) -> str | None:
        if direction is Direction.INTERNAL:
            return None
        return self._phone(leg.line if direction is Direction.INBOUND else leg.own_phone).e164

    def _legs(self, call: FsCall, direction: Direction) -> tuple[CallLeg, ...]:
        first = call.first
        if direction is Direction.OUTBOUND:
            return self._outgoing(call)
        made = {leg.uuid: leg for leg in call.others}
        legs = [self._talk(talk, self._made_for(talk, made), first) for talk in first.talks]
        answered = [leg for leg in made.values() if leg.answer is not None]
        if not legs and answered:
            talks = (FsTalk(start=leg.answer or leg.start, end=min(leg.end, first.end), target=leg.target) for leg in answered)
            legs = [self._talk(talk, leg, first) for talk, leg in zip(talks, answered, strict=True)]
        elif not legs and first.partner and first.talk_ms:
            # Somebody was on the other end; when he took the call only his own leg's record tells.
            legs = [self._leg(LegKind.TALK, first.target, None, None, first.end)]
        rung = [
            self._leg(LegKind.RING, leg.target, leg.start, None, leg.end, _CAUSES.get(leg.cause, Disposition.UNKNOWN))
            for leg in made.values()
            if leg.answer is None
        ]
        talks_in_order = sorted(legs, key=lambda leg: leg.answered_at or first.end)
        handed = [_handed(leg, talks_in_order[0]) for leg in talks_in_order]
        return tuple(sorted((*handed, *rung), key=lambda leg: leg.answered_at or leg.ended_at or first.end))

    def _outgoing(self, call: FsCall) -> tuple[CallLeg, ...]:
        """Return the leg of the employee who dialled, and of colleagues the client was handed to."""
        first = call.first
        own = first.caller if self._is_inner(first.caller) else first.user
        starts = [talk.start for talk in first.talks] or [leg.answer for leg in call.others if leg.answer]
        if not starts and first.partner and first.answer and first.talk_ms:
            starts = [first.answer]
        is_name = not self._phone(first.caller_name).e164 and first.caller_name != own
        return (
            CallLeg(
                kind=LegKind.TALK if starts else LegKind.RING,
                operator_name=(first.caller_name if is_name else "") or None,
                extension=self._phone(own).extension,
                operator_id=own or None,
                answered_at=min(starts, default=None),
                ended_at=first.end,
                result=Disposition.ANSWERED if starts else _missed(first, call.others, Direction.OUTBOUND),
            ),
        )

    def _made_for(self, talk: FsTalk, made: dict[str, FsLeg]) -> FsLeg | None:
        """Take the leg of a talk out of `made`: by its id, else the answered one of the same number."""
        same = (leg.uuid for leg in made.values() if leg.answer and leg.target and leg.target == talk.target)
        return made.pop(talk.uuid if talk.uuid in made else next(same, ""), None)

    def _talk(self, talk: FsTalk, made: FsLeg | None, first: FsLeg) -> CallLeg:
        target = talk.target or (made.target if made else "") or first.agent.partition("@")[0]
        return self._leg(LegKind.TALK, target, made.start if made else None, talk.start, talk.end)

    def _leg(
        self,
        kind: LegKind,
        target: str,
        offered: datetime | None,
        answered: datetime | None,
        ended: datetime | None,
        result: Disposition = Disposition.ANSWERED,
    ) -> CallLeg:
        phone = self._phone(target)
        return CallLeg(
            kind=kind,
            operator_id=phone.extension or (target if not phone.e164 else "") or None,
            extension=phone.extension,
            offered_at=offered,
            answered_at=answered,
            ended_at=ended,
            result=result,
        )

    def _links(self, call: FsCall, direction: Direction) -> tuple[RecordingLink, ...]:
        found: dict[str, RecordingLink] = {}
        for leg in (call.first, *call.others):
            is_second = leg is not call.first or (not leg.files and self.is_second_recorder)
            for rec_id in self.files_of(leg):
                channel = self._client_channel(leg, direction, is_second)
                found.setdefault(rec_id, RecordingLink(rec_id=rec_id, client_channel=channel))
        return tuple(found.values())

    def _client_channel(self, leg: FsLeg, direction: Direction, is_second: bool) -> int | None:
        """Return the client's channel: left is who is on the leg that records, right is what he hears."""
        if direction is Direction.INTERNAL or leg.is_stereo is False:
            return None
        is_client_on_leg = (direction is Direction.INBOUND) != is_second
        return int(is_client_on_leg == (leg.is_swapped or self.is_swapped))


def make_calls(legs: Iterable[FsLeg], maker: CallMaker) -> tuple[list[CallRecord], list[Reject]]:
    """Return the calls that legs make up, in order of start, and what could not be used."""
    records: list[CallRecord] = []
    rejects: list[Reject] = []
    for call in group_legs(legs):
        try:
            records.append(maker.build(call))
        except (RowError, ValueError) as exc:
            rejects.append(Reject(where=call.first.where, reason=str(exc)))
    return records, rejects


def _handed(leg: CallLeg, first: CallLeg) -> CallLeg:
    return leg if leg is first or leg.extension == first.extension else replace(leg, kind=LegKind.TRANSFER_BLIND)


def _missed(first: FsLeg, others: Sequence[FsLeg], direction: Direction) -> Disposition:
    if "voicemail" in first.last_app and first.answer is not None:
        return Disposition.VOICEMAIL
    is_in = direction is Direction.INBOUND
    if first.cancel_reason in _QUEUE_ENDS:
        return _QUEUE_ENDS[first.cancel_reason]
    found = _CAUSES.get(first.cause, Disposition.UNKNOWN)
    if found is Disposition.UNKNOWN and is_in and first.answer is not None:
        # A menu or a queue took the call, no person did.
        return Disposition.ABANDONED
    if found in (Disposition.ABANDONED, Disposition.UNKNOWN) and not is_in:
        told = (_CAUSES.get(leg.cause, Disposition.UNKNOWN) for leg in reversed(others))
        reached = next((end for end in told if end not in (Disposition.UNKNOWN, Disposition.ABANDONED)), None)
        return reached or (Disposition.NO_ANSWER if found is Disposition.ABANDONED else found)
    return found


def _talk_ms(talked: Sequence[CallLeg], first: FsLeg) -> int:
    spans = [(leg.answered_at, leg.ended_at) for leg in talked]
    if any(start is None for start, _ in spans):
        return first.talk_ms or 0
    return sum(_ms(end - start) for start, end in spans if start and end)


def _ms(span: timedelta) -> int:
    return max(0, span // timedelta(milliseconds=1))
