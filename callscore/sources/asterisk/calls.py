"""The rows of one call, and what other logs tell of it -> its CallRecord. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from callscore.records import CallRecord, Direction, Disposition
from callscore.sources.asterisk.cdr import CdrRow
from callscore.sources.asterisk.cel import NO_CEL, CelFacts
from callscore.sources.asterisk.channels import CallRules, caller_number, direction_of, read_channel
from callscore.sources.asterisk.legs import ENDINGS, is_talk, legs_of, ring_ms_of, talk_ms_of, whole_ms
from callscore.sources.asterisk.queue_log import QueueTrace
from callscore.sources.asterisk.queued import apply_transfers, merge_legs

__all__ = ["build_call", "call_id_of"]


def build_call(rows: Sequence[CdrRow], rules: CallRules, trace: QueueTrace | None = None, cel: CelFacts = NO_CEL) -> CallRecord:
    """Return the call that `rows` (at least one, in order, see group_rows) make up.

    Args:
        rows: of CDR.
        rules: how the PBX names things.
        trace: what the queue log tells of this call.
        cel: what channel events tell.

    Raises:
        RowError: a phone number that a spreadsheet has spoilt.
    """
    direction = direction_of(rows, rules)
    call_id = call_id_of(rows)
    cdr_legs = legs_of(rows, direction, rules)
    handed = cel.transfers.get(call_id, ())
    legs = merge_legs(cdr_legs, trace, rules, cel.channels) if trace else apply_transfers(cdr_legs, handed, rules)
    started_at, ended_at = rows[0].start, max(row.end for row in rows)
    talked = [leg for leg in legs if is_talk(leg)]
    answered_at = min((leg.answered_at for leg in talked if leg.answered_at), default=None)
    last = talked[-1] if talked else (legs[-1] if legs and direction is Direction.OUTBOUND else None)
    waited_until = answered_at or (trace.left_at if trace and trace.missed and not _goes_on(rows, trace) else None) or ended_at
    return CallRecord(
        source=rules.source,
        account=rules.account,
        call_id=call_id,
        linked_ids=_other_ids(rows, trace, call_id),
        started_at=started_at,
        answered_at=answered_at,
        ended_at=ended_at,
        direction=direction,
        disposition=Disposition.ANSWERED if talked else _missed(rows, direction, trace),
        missed_reason=None if talked else _reason(rows, trace),
        client_phone=_client(rows, direction, rules),
        line_phone=_line(rows, direction, rules, cel),
        operator_id=last.operator_id if last else None,
        operator_name=last.operator_name if last else None,
        extension=last.extension if last else None,
        queue=(trace.queue if trace else "") or _queue(rows),
        wait_ms=whole_ms(waited_until - started_at),
        ring_ms=ring_ms_of(last) if direction is not Direction.OUTBOUND else None,
        talk_ms=talk_ms_of(legs),
        total_ms=whole_ms(ended_at - started_at),
        legs=legs,
        tags=(f"ended-by:{trace.ended_by}",) if trace and trace.ended_by else (),
    )


def call_id_of(rows: Sequence[CdrRow]) -> str:
    """Return the id of a call: linkedid, else uniqueid, else its start with the channel that began it."""
    first = rows[0]
    linked = next((row.linkedid for row in rows if row.linkedid), "")
    return linked or first.uniqueid or f"{first.start:%Y%m%dT%H%M%S}-{first.channel or first.src}"


def _missed(rows: Sequence[CdrRow], direction: Direction, trace: QueueTrace | None) -> Disposition:
    last = rows[-1]
    if any(row.lastapp.lower() == "voicemail" and row.answer for row in rows):
        return Disposition.VOICEMAIL
    if trace is not None and trace.missed is not None:
        return trace.missed
    if direction is Direction.INBOUND and last.lastapp == "Queue":
        return Disposition.TIMEOUT if _queue_timed_out(last) else Disposition.ABANDONED
    found = ENDINGS.get(last.disposition, Disposition.UNKNOWN)
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


def _reason(rows: Sequence[CdrRow], trace: QueueTrace | None) -> str | None:
    if trace is not None and trace.word:
        return trace.word
    last = rows[-1]
    return last.disposition if last.disposition != "ANSWERED" else last.lastapp or None


def _client(rows: Sequence[CdrRow], direction: Direction, rules: CallRules) -> str | None:
    if direction is Direction.INTERNAL:
        return None
    if direction is Direction.INBOUND:
        return next((phone for row in rows if (phone := caller_number(row, rules))), None)
    return next((phone for row in rows if (phone := rules.dialled(row).e164)), None)


def _goes_on(rows: Sequence[CdrRow], trace: QueueTrace) -> bool:
    """Tell whether somebody else was rung after a call left the queue."""
    return any(row.dstchannel and trace.left_at is not None and row.start >= trace.left_at for row in rows)


def _line(rows: Sequence[CdrRow], direction: Direction, rules: CallRules, cel: CelFacts) -> str | None:
    """Return our own number of a call, from FreePBX's columns, the userfield, the number dialled, CEL, or the trunk."""
    if direction is Direction.INTERNAL:
        return None
    is_in = direction is Direction.INBOUND
    for row in rows:
        told = row.did if is_in else row.outbound_cnum
        found = rules.line.fullmatch(row.userfield) if row.userfield and not told else None
        if (told or found) and (phone := rules.number(told or (found.group(1) if found else ""))).e164:
            return phone.e164
    dialled = cel.lines.get(call_id_of(rows), "") if is_in else ""
    if is_in and not dialled and rules.is_incoming(rows[0].dcontext):
        dialled = rows[0].dst
    if dialled and (phone := rules.number(dialled)).e164:
        return phone.e164
    for row in rows if rules.lines else ():
        channel = read_channel(row.channel if is_in else row.dstchannel)
        if channel is not None and channel.endpoint in rules.lines:
            return rules.lines[channel.endpoint]
    return None


def _queue(rows: Sequence[CdrRow]) -> str | None:
    return next((row.lastdata.split(",")[0] or row.dst for row in reversed(rows) if row.lastapp == "Queue"), None) or None


def _other_ids(rows: Sequence[CdrRow], trace: QueueTrace | None, call_id: str) -> tuple[str, ...]:
    ids = dict.fromkeys(text for row in rows for text in (row.linkedid, row.uniqueid) if text)
    if trace is not None:
        ids[trace.callid] = None
    ids.pop(call_id, None)
    return tuple(ids)
