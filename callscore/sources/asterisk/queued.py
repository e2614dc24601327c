"""Lay what the queue log tells of a call over what CDR tells: who has which extension, who was rung, who talked. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind
from callscore.sources.asterisk.cel import NO_CEL, CelFacts
from callscore.sources.asterisk.channels import CallRules, read_channel
from callscore.sources.asterisk.clock import uniqueid_epoch
from callscore.sources.asterisk.legs import is_talk, ring_ms_of, starts, talk_ms_of, whole_ms
from callscore.sources.asterisk.queue_log import QueueTrace, Transfer

__all__ = ["apply_transfers", "learn_extensions", "merge_legs", "queue_call", "staff_votes"]

_NEAR: Final = timedelta(seconds=3)
_SECOND: Final = timedelta(seconds=1)
_BEFORE_QUEUE: Final = timedelta(minutes=30)
"""Menus and greetings before a queue do not last longer."""


def staff_votes(trace: QueueTrace, cdr_legs: Sequence[CallLeg], rules: CallRules) -> Iterator[tuple[str, str]]:
    """Yield (name, extension) for each member whose talk is found in CDR as well, at the same time."""
    for leg in trace.legs:
        name = leg.operator_name or ""
        if leg.answered_at is not None and _own_extension(name, rules) is None and (twin := _twin(leg, cdr_legs)):
            yield name, twin.extension or ""


def learn_extensions(votes: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the extension that each name was seen at most."""
    counts = Counter(votes)
    found: dict[str, str] = {}
    for (name, extension), _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        found.setdefault(name, extension)
    return found


def merge_legs(
    cdr_legs: Sequence[CallLeg], trace: QueueTrace, rules: CallRules, channels: Mapping[str, str] | None = None
) -> tuple[CallLeg, ...]:
    """Return the legs of a call that was in queues: the log's, and of CDR's those before it came there and after it left.

    Args:
        cdr_legs: what the rows tell.
        trace: what the log tells.
        rules: names and extensions.
        channels: names of channels by uniqueid, where CEL tells them.
    """
    legs: list[CallLeg] = []
    for leg, member in zip(trace.legs, trace.members, strict=True):
        channel = (channels or {}).get(member, "")
        legs.append(_named(leg, _twin(leg, cdr_legs), rules.extension_of(channel), rules))
    later = [leg for leg in cdr_legs if not _is_within(leg, trace)]
    goes_on = trace.legs[-1] if trace.legs else None
    handed = [transfer for transfer in trace.transfers if goes_on is None or starts(goes_on) <= transfer.at]
    return tuple(sorted((*legs, *apply_transfers(later, handed, rules)), key=starts))


def apply_transfers(legs: Sequence[CallLeg], transfers: Sequence[Transfer], rules: CallRules) -> tuple[CallLeg, ...]:
    """Return legs with those marked that a transfer led to; where there is none, one more of which no more is known."""
    found = list(legs)
    for transfer in transfers:
        index = next((number for number, leg in enumerate(found) if _leads_to(transfer, leg)), None)
        if index is None:
            if transfer.extension:
                found.append(_unseen(transfer, rules))
        elif found[index].answered_at is not None:
            found[index] = replace(found[index], kind=transfer.kind)
    return tuple(found)


def queue_call(trace: QueueTrace, rules: CallRules, cel: CelFacts = NO_CEL) -> CallRecord:
    """Return a call that only the queue log knows: CDR hides unanswered ones by default, and can lose rows.

    Raises:
        RowError: a phone number that a spreadsheet has spoilt.
    """
    legs = merge_legs((), trace, rules, cel.channels)
    talked = [leg for leg in legs if is_talk(leg)]
    answered_at = min((leg.answered_at for leg in talked if leg.answered_at), default=None)
    ended_at = max([trace.left_at or trace.last_at, *(leg.ended_at for leg in legs if leg.ended_at)])
    started_at = _line_entered(trace)
    client = rules.number(trace.caller)
    line = rules.number(cel.lines.get(trace.callid, "")).e164
    last = talked[-1] if talked else None
    return CallRecord(
        source=rules.source,
        account=rules.account,
        call_id=cel.linked.get(trace.callid, trace.callid),
        linked_ids=(trace.callid,) if cel.linked.get(trace.callid, trace.callid) != trace.callid else (),
        started_at=started_at,
        answered_at=answered_at,
        ended_at=ended_at,
        direction=Direction.INTERNAL if client.extension and not client.e164 else Direction.INBOUND,
        disposition=Disposition.ANSWERED if talked else trace.missed or Disposition.UNKNOWN,
        missed_reason=None if talked else trace.word or None,
        client_phone=client.e164,
        line_phone=line,
        operator_id=last.operator_id if last else None,
        operator_name=last.operator_name if last else None,
        extension=last.extension if last else None,
        queue=trace.queue or None,
        wait_ms=whole_ms((answered_at or ended_at) - started_at),
        ring_ms=ring_ms_of(last),
        talk_ms=talk_ms_of(legs),
        total_ms=whole_ms(ended_at - started_at),
        legs=legs,
        tags=(f"ended-by:{trace.ended_by}",) if trace.ended_by else (),
    )


def _line_entered(trace: QueueTrace) -> datetime:
    """Return when the call came in: its uniqueid says so, and the queue took it a little later."""
    epoch = uniqueid_epoch(trace.callid)
    if epoch is not None:
        made = datetime.fromtimestamp(epoch, UTC)
        if timedelta(0) <= trace.entered_at - made <= _BEFORE_QUEUE:
            return made
    return trace.entered_at


def _leads_to(transfer: Transfer, leg: CallLeg) -> bool:
    """Tell whether a leg is where a transfer led to: begun then, or, if the colleague was asked first, going on then."""
    if transfer.extension and leg.extension and transfer.extension != leg.extension:
        return False
    if leg.kind is transfer.kind is LegKind.TRANSFER_ATTENDED:
        return leg.ended_at is None or leg.ended_at > transfer.at
    return starts(leg) >= transfer.at - _NEAR


def _unseen(transfer: Transfer, rules: CallRules) -> CallLeg:
    extension = transfer.extension if rules.extension.fullmatch(transfer.extension) else None
    return CallLeg(
        kind=transfer.kind,
        operator_id=extension,
        operator_name=rules.names.get(extension or ""),
        extension=extension,
        offered_at=transfer.at,
    )


def _is_within(leg: CallLeg, trace: QueueTrace) -> bool:
    """Tell whether a leg of CDR is one that the log tells better: it begins while the call is in the queue or with a member."""
    left_at = trace.left_at or trace.last_at
    if leg.kind is LegKind.TRANSFER_ATTENDED and leg.ended_at is not None and leg.ended_at > left_at + _SECOND:
        return False
    return trace.entered_at - _NEAR <= starts(leg) < left_at - _SECOND or (
        # The queue answers with music: then CDR's row begins before the call enters the queue, and ends with it.
        starts(leg) < trace.entered_at and leg.ended_at is not None and leg.ended_at > trace.entered_at + _SECOND
    )


def _named(leg: CallLeg, twin: CallLeg | None, extension: str | None, rules: CallRules) -> CallLeg:
    agent = leg.operator_name or ""
    extension = _own_extension(agent, rules) or extension or (twin.extension if twin else None)
    is_name = read_channel(agent) is None and agent != extension
    name = rules.names.get(extension or "") or (agent if is_name else None) or (twin.operator_name if twin else None)
    return CallLeg(
        kind=leg.kind,
        operator_id=extension or agent or None,
        operator_name=name,
        extension=extension,
        offered_at=leg.offered_at,
        answered_at=leg.answered_at,
        ended_at=leg.ended_at,
        result=leg.result,
    )


def _own_extension(agent: str, rules: CallRules) -> str | None:
    """Return the extension that a member's name or interface says, or that is known for it."""
    if agent in rules.extensions:
        return rules.extensions[agent]
    return agent if rules.extension.fullmatch(agent) else rules.extension_of(agent)


def _twin(leg: CallLeg, cdr_legs: Sequence[CallLeg]) -> CallLeg | None:
    """Return the leg of CDR that is this one; None where several may be, as when all members are rung at once."""
    same = [other for other in cdr_legs if other.extension and (other.answered_at is None) == (leg.answered_at is None)]
    if leg.answered_at is None:
        found = [other for other in same if other.ended_at and leg.ended_at and abs(other.ended_at - leg.ended_at) <= _NEAR]
    else:
        at = leg.answered_at
        found = [other for other in same if other.answered_at and abs(other.answered_at - at) <= _NEAR]
        if not found:
            found = [other for other in same if other.ended_at and starts(other) <= at < other.ended_at]
    return found[0] if len({other.extension for other in found}) == 1 else None
