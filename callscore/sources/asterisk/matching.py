"""Which calls of the queue log are which calls of CDR, and which of them are still going on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from callscore.sources.asterisk.cdr import CdrRow
from callscore.sources.asterisk.queue_log import QueueTrace
from callscore.sources.asterisk.slices import LONGEST_CALL

__all__ = ["Matched", "goes_on", "is_running", "match_traces"]

_BEFORE: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Matched:
    """Traces by the number of their group of rows, and those that CDR knows nothing of."""

    by_group: Mapping[int, QueueTrace]
    lonely: tuple[QueueTrace, ...]


def match_traces(groups: Sequence[Sequence[CdrRow]], traces: Mapping[str, QueueTrace], linked: Mapping[str, str]) -> Matched:
    """Join what the queue log tells to groups of rows: by uniqueid, else by the caller's number at that time.

    Args:
        groups: the rows of each call.
        traces: by the uniqueid that the log gives the call.
        linked: linkedids by uniqueid that CEL tells.
    """
    if not traces:
        return Matched({}, ())
    by_id: dict[str, int] = {}
    by_caller: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        for row in group:
            if row.uniqueid or row.linkedid:
                by_id[row.uniqueid or row.linkedid] = number
                by_id.setdefault(row.linkedid, number)
            else:
                by_caller.setdefault(row.src, []).append(number)
    found: dict[int, QueueTrace] = {}
    lonely: list[QueueTrace] = []
    for callid, trace in traces.items():
        at = by_id.get(callid, by_id.get(linked.get(callid, callid)))
        if at is None:
            at = next((each for each in by_caller.get(trace.caller, ()) if _waits_within(trace, groups[each])), None)
        if at is None:
            lonely.append(trace)
        elif at not in found or trace.entered_at < found[at].entered_at:
            found[at] = trace
    return Matched(found, tuple(sorted(lonely, key=lambda trace: trace.entered_at)))


def is_running(rows: Sequence[CdrRow], newest: datetime | None) -> bool:
    """Tell whether only helpers of a call have written their rows: the channel that began it writes its own at the end."""
    if newest is None or not all(row.linkedid and row.channel.startswith("Local/") for row in rows):
        return False
    is_begun_by_one = any(row.uniqueid == row.linkedid for row in rows)
    return not is_begun_by_one and newest - max(row.end for row in rows) < LONGEST_CALL


def goes_on(trace: QueueTrace, rows: Sequence[CdrRow], newest: datetime | None) -> bool:
    """Tell whether a call is still in the queue, or with somebody from it; its row in CDR says that it is over."""
    if trace.left_at is not None or any(row.uniqueid in ("", trace.callid) for row in rows):
        return False
    return newest is None or newest - trace.last_at < LONGEST_CALL


def _waits_within(trace: QueueTrace, rows: Sequence[CdrRow]) -> bool:
    return rows[0].start - _BEFORE <= trace.entered_at <= max(row.end for row in rows) + _BEFORE
