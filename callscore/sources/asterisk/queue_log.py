"""The queue log: lines or rows of a table -> events, and the events of one call -> what happened to it in queues. Pure.

For queues it is the truth: CDR counts from the moment the queue took the call with music, this log from when a person did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from callscore.outside.rows import RowError, clean_text
from callscore.outside.times import from_epoch
from callscore.records import CallLeg, Disposition, LegKind
from callscore.sources.asterisk.clock import RowClock, parse_time

__all__ = ["QueueEvent", "QueueTrace", "Transfer", "closed", "parse_event_line", "parse_event_row", "trace_queues"]

_MISSED: Final = {
    "ABANDON": Disposition.ABANDONED,
    "EXITWITHKEY": Disposition.ABANDONED,  # the client did not want to wait, and chose something else
    "EXITWITHTIMEOUT": Disposition.TIMEOUT,
    "EXITEMPTY": Disposition.FAILED,
    "WITHDRAW": Disposition.NO_ANSWER,
}
_BLIND: Final = ("BLINDTRANSFER", "TRANSFER")
_OVER: Final = ("COMPLETEAGENT", "COMPLETECALLER", "ATTENDEDTRANSFER", *_BLIND, *_MISSED)
_RUNG: Final = {
    "RINGNOANSWER": Disposition.NO_ANSWER,
    "RINGCANCELED": Disposition.UNKNOWN,  # the client gave up, or a colleague was quicker
    "AGENTDUMP": Disposition.REJECTED,
    "SYSCOMPAT": Disposition.FAILED,
}
_CALLS: Final = frozenset(("ENTERQUEUE", "CONNECT", *_RUNG, *_OVER))
_LONGEST_S: Final = 7 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEvent:
    """One event; `data` are the fields after it, which mean something else for each."""

    where: str
    at: datetime
    callid: str
    queue: str
    agent: str
    event: str
    data: tuple[str, ...]

    @property
    def is_of_call(self) -> bool:
        """Whether it tells something about a client's call; others are pauses, log-ins, reloads, or the dialplan's own."""
        return self.event in _CALLS

    def number(self, index: int) -> int | None:
        """Return a whole number out of `data`, from the right for a negative index; None where there is no sound one."""
        try:
            found = int(self.data[index])
        except (IndexError, ValueError):
            return None
        return found if 0 <= found <= _LONGEST_S * 1000 else None


@dataclass(frozen=True, slots=True)
class Transfer:
    """A call was handed on: when, to which extension (empty: the log does not tell), and how."""

    at: datetime
    extension: str
    kind: LegKind


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueTrace:
    """What happened to one call in queues. `operator_name` of the legs is the member as logged: a name or an interface.

    `members` are the uniqueids of the members' channels, one per leg, empty where unknown. `left_at` is None while the call is
    in a queue or with somebody from it. `missed` and `word` say how it left a queue in vain, the last time.
    """

    callid: str
    where: str
    entered_at: datetime
    left_at: datetime | None
    last_at: datetime
    queue: str
    caller: str = ""
    caller_name: str = ""
    legs: tuple[CallLeg, ...] = ()
    members: tuple[str, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    ended_by: str = ""
    missed: Disposition | None = None
    word: str = ""


def parse_event_line(line: str, where: str) -> QueueEvent:
    """Return the event of a line `epoch|callid|queue|agent|event|data...`.

    Raises:
        RowError: too few fields, or a time that is none.
    """
    fields = (line if line.isprintable() else clean_text(line)).split("|")
    if len(fields) < 5:
        raise RowError(f"the line has {len(fields)} of at least 5 fields")
    at = from_epoch(fields[0])
    if at is None:
        raise RowError("time is missing")
    return _event(where, at, fields[1:5], tuple(fields[5:]))


def parse_event_row(columns: Mapping[str, Any], where: str, clock: RowClock) -> QueueEvent:
    """Return the event of a row of the table queue_log, by its column names; its last column holds what had no place.

    Raises:
        RowError: a time that is none, or none at all.
    """
    names = ("callid", "queuename", "agent", "event")
    texts = [clean_text(str(columns.get(name) or "")) for name in names]
    time = str(columns.get("time") or "")
    if time.replace(".", "", 1).isdecimal():
        at = from_epoch(time)
    else:
        naive = parse_time(columns.get("time"), "time")
        at = None if naive is None else clock.read(naive, texts[0])
    if at is None:
        raise RowError("time is missing")
    if not texts[3]:
        raise RowError("event is missing")
    data = "|".join(str(columns.get(f"data{number}") or "") for number in range(1, 6))
    return _event(where, at, texts, tuple((str(columns.get("data") or "") or data).split("|")))


def _event(where: str, at: datetime, fields: list[str], data: tuple[str, ...]) -> QueueEvent:
    callid, queue, agent, event = fields
    return QueueEvent(where=where, at=at, callid=callid, queue=queue, agent=agent, event=event.upper(), data=data)


def trace_queues(events: Iterable[QueueEvent]) -> dict[str, QueueTrace]:
    """Return what happened to each call by the uniqueid that the log gives it; events of no call are left out."""
    by_call: dict[str, list[QueueEvent]] = {}
    for event in events:
        if event.is_of_call and event.callid not in ("", "NONE", "REALTIME", "MANAGER", "CLI"):
            by_call.setdefault(event.callid, []).append(event)
    return {callid: _trace(callid, found) for callid, found in by_call.items()}


def closed(trace: QueueTrace, at: datetime) -> QueueTrace:
    """Return a trace of which the end was not logged as one that ended at `at`."""
    legs = tuple(leg if leg.ended_at else _ended(leg, max(at, leg.answered_at or at)) for leg in trace.legs)
    return replace(trace, left_at=at, legs=legs)


@dataclass(slots=True)
class _Walk:
    """The state while the events of a call are gone through."""

    queue: str = ""
    left_at: datetime | None = None
    legs: list[CallLeg] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    ended_by: str = ""
    missed: Disposition | None = None
    word: str = ""

    def take(self, event: QueueEvent) -> None:
        if event.event == "ENTERQUEUE":
            self.queue, self.left_at = event.queue, None
        elif event.event in _RUNG:
            self._ring(event)
        elif event.event == "CONNECT":
            self._connect(event)
        else:
            self._leave(event)

    def _ring(self, event: QueueEvent) -> None:
        rung_ms = event.number(0) or 0  # milliseconds here, seconds in every other event
        leg = CallLeg(
            kind=LegKind.RING,
            operator_name=event.agent,
            offered_at=event.at - timedelta(milliseconds=rung_ms),
            ended_at=event.at,
            result=_RUNG[event.event],
        )
        self.legs.append(leg)
        self.members.append("")

    def _connect(self, event: QueueEvent) -> None:
        self.queue = event.queue
        rung_s = event.number(2)
        leg = CallLeg(
            kind=LegKind.TALK,
            operator_name=event.agent,
            offered_at=None if rung_s is None else event.at - timedelta(seconds=rung_s),
            answered_at=event.at,
            result=Disposition.ANSWERED,
        )
        self.legs.append(leg)
        self.members.append(event.data[1] if len(event.data) > 1 else "")

    def _leave(self, event: QueueEvent) -> None:
        self.left_at = event.at
        if event.event in _MISSED:
            self.missed, self.word = _MISSED[event.event], event.event
            return
        self.ended_by = {"COMPLETEAGENT": "operator", "COMPLETECALLER": "client"}.get(event.event, "")
        is_transfer = event.event == "ATTENDEDTRANSFER" or event.event in _BLIND
        talk_s = event.number(-2) if is_transfer else event.number(1)
        self._close(event.at, talk_s)
        if is_transfer:
            is_blind = event.event in _BLIND
            kind = LegKind.TRANSFER_BLIND if is_blind else LegKind.TRANSFER_ATTENDED
            self.transfers.append(Transfer(event.at, event.data[0] if is_blind and event.data else "", kind))

    def _close(self, at: datetime, talk_s: int | None) -> None:
        """End the talk that is open; one whose beginning is missing cannot be told."""
        for number, leg in reversed(list(enumerate(self.legs))):
            if leg.answered_at is not None and leg.ended_at is None:
                ended_at = at if talk_s is None else leg.answered_at + timedelta(seconds=talk_s)
                self.legs[number] = _ended(leg, ended_at)
                return


def _trace(callid: str, found: list[QueueEvent]) -> QueueTrace:
    events = sorted(found, key=lambda event: event.at)
    walk = _Walk(queue=events[0].queue)
    for event in events:
        walk.take(event)
    entered = next((event for event in events if event.event == "ENTERQUEUE"), None)
    is_open = walk.left_at is None
    legs = walk.legs if is_open else [leg if leg.ended_at else _ended(leg, events[-1].at) for leg in walk.legs]
    return QueueTrace(
        callid=callid,
        where=events[0].where,
        entered_at=(entered or events[0]).at,
        left_at=walk.left_at,
        last_at=events[-1].at,
        queue=walk.queue,
        caller=_part(entered, 1),
        caller_name=clean_text(_part(entered, 3)),
        legs=tuple(legs),
        members=tuple(walk.members),
        transfers=tuple(walk.transfers),
        ended_by=walk.ended_by,
        missed=walk.missed,
        word=walk.word,
    )


def _part(event: QueueEvent | None, index: int) -> str:
    return event.data[index] if event is not None and len(event.data) > index else ""


def _ended(leg: CallLeg, at: datetime) -> CallLeg:
    """Return a leg with its end; written out, for dataclasses.replace takes longer than all the rest."""
    return CallLeg(
        kind=leg.kind,
        operator_name=leg.operator_name,
        offered_at=leg.offered_at,
        answered_at=leg.answered_at,
        ended_at=at,
        result=leg.result,
    )
