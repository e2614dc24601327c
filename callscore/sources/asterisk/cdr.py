"""Rows of call detail records (CDR), from whatever table or file, and which of them make up one call. Reads nothing itself.

One call is several rows: each attempt of a queue, each Local channel, each transfer. Its rows share a linkedid; where that
column is not written they share a uniqueid, and Local channels lead from one to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from callscore.outside.rows import RowError, clean_text
from callscore.sources.asterisk.clock import RowClock, parse_time

__all__ = ["CdrRow", "group_rows", "parse_row"]

_LONGEST_S: Final = 7 * 24 * 3600
_SAME_CHANNEL: Final = timedelta(hours=12)
"""Names of channels are used anew after a restart, so that without a uniqueid they mean one call only within this time."""
_SET_BACK: Final = timedelta(minutes=1)
"""By so much a server's clock may be set back during a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CdrRow:
    """One row. `where` says where it stands, for messages; times are aware UTC; a text that is not there is empty.

    The columns from `did` on are those that FreePBX adds.
    """

    where: str
    start: datetime
    answer: datetime | None
    end: datetime
    src: str
    dst: str
    dcontext: str
    clid: str
    channel: str
    dstchannel: str
    lastapp: str
    lastdata: str
    disposition: str
    uniqueid: str = ""
    linkedid: str = ""
    sequence: int = 0
    userfield: str = ""
    did: str = ""
    recordingfile: str = ""
    cnum: str = ""
    cnam: str = ""
    outbound_cnum: str = ""
    dst_cnam: str = ""


def parse_row(columns: Mapping[str, Any], where: str, clock: RowClock) -> CdrRow:
    """Return a row from its columns by their lower-case names; `calldate` stands for `start`, and values may be texts or not.

    Without `answer` and `end` (FreePBX) both follow from `duration` and `billsec`.

    Raises:
        RowError: a time or a duration that is none, or an end before the start.
    """
    uniqueid = _text(columns, "uniqueid")
    begun = parse_time(columns.get("start") or columns.get("calldate"), "start")
    if begun is None:
        raise RowError("start is missing")
    is_aware = begun.tzinfo is not None
    is_gmt = not is_aware and clock.is_gmt(begun, uniqueid)

    def utc(at: datetime) -> datetime:
        return at.astimezone(UTC) if at.tzinfo is not None else clock.utc(at, uniqueid, is_gmt)

    try:
        start = utc(begun)
        duration_s, billsec_s = _seconds(columns, "duration"), _seconds(columns, "billsec")
        ended = parse_time(columns.get("end"), "end")
        if ended is None and duration_s is None:
            raise RowError("end is missing: the call is not over, or the row is cut off")
        end = utc(ended) if ended is not None else start + timedelta(seconds=duration_s or 0)
        answered = parse_time(columns.get("answer"), "answer")
        disposition = _text(columns, "disposition").upper()
        answer = utc(answered) if answered is not None else None
    except OverflowError:
        raise RowError("a time is out of range") from None
    if answer is None and billsec_s and disposition == "ANSWERED":
        answer = end - timedelta(seconds=billsec_s)
    if not -_SET_BACK <= end - start <= timedelta(seconds=_LONGEST_S):
        raise RowError("the end does not fit the start")
    end = max(start, end)
    answer = None if answer is None else min(max(start, answer), end)
    return CdrRow(
        where=where,
        start=start,
        answer=answer,
        end=end,
        disposition=disposition,
        uniqueid=uniqueid,
        sequence=_seconds(columns, "sequence") or 0,
        **{name: _text(columns, name) for name in _TEXTS},
    )


_TEXTS: Final = (
    *("src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "linkedid", "userfield", "did"),
    *("recordingfile", "cnum", "cnam", "outbound_cnum", "dst_cnam"),
)


def group_rows(rows: Iterable[CdrRow], linked: Mapping[str, str] | None = None) -> tuple[tuple[CdrRow, ...], ...]:
    """Return the rows of each call in order of start and sequence, the calls in order of start. Rows that came twice are one.

    Args:
        rows: in any order.
        linked: linkedids by uniqueid where something else than the rows tells them (CEL); rows that have one keep it.
    """
    distinct: dict[tuple[object, ...], CdrRow] = {}
    for row in rows:
        same = (row.start, row.end, row.channel, row.dstchannel, row.uniqueid, row.sequence, row.dst, row.lastapp, row.answer)
        distinct.setdefault(same, row)
    ordered = sorted(distinct.values(), key=lambda row: (row.start, row.sequence))
    groups: dict[str, list[CdrRow]] = {}
    for row, key in zip(ordered, _call_keys(ordered, linked or {}), strict=True):
        groups.setdefault(key, []).append(row)
    return tuple(tuple(group) for group in groups.values())


def _call_keys(rows: Sequence[CdrRow], linked: Mapping[str, str]) -> list[str]:
    """Return one key per row, equal for the rows of one call: what is tied together by a Local channel shares the first key."""
    known = {**linked, **{row.uniqueid: row.linkedid for row in rows if row.uniqueid and row.linkedid}}
    keys: list[str] = []
    parents: dict[str, str] = {}
    latest: dict[str, tuple[datetime, str]] = {}

    def root(key: str) -> str:
        while key in parents:
            key = parents[key]
        return key

    for number, row in enumerate(rows):
        key = row.linkedid or known.get(row.uniqueid) or row.uniqueid
        if not key:
            before = latest.get(row.channel) if row.channel else None
            key = before[1] if before and row.start - before[0] <= _SAME_CHANNEL else f"row {number}"
            latest[row.channel] = (row.end, key)
        keys.append(key)
        if row.linkedid:
            continue
        for channel in (row.channel, row.dstchannel):
            if channel.startswith("Local/") and channel[-2:] in (";1", ";2"):
                _tie(latest, parents, channel[:-2], (row.end, key), row.start, root)
    return [root(key) for key in keys]


def _tie(
    latest: dict[str, tuple[datetime, str]],
    parents: dict[str, str],
    channel: str,
    seen: tuple[datetime, str],
    start: datetime,
    root: Any,
) -> None:
    before = latest.get(channel)
    if before is None or start - before[0] > _SAME_CHANNEL:
        latest[channel] = seen
        return
    first, second = root(before[1]), root(seen[1])
    if first != second:
        parents[second] = first


def _text(columns: Mapping[str, Any], name: str) -> str:
    value = columns.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        value = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return value if value.isprintable() and len(value) < 200 and " " not in (value[:1], value[-1:]) else clean_text(value)


def _seconds(columns: Mapping[str, Any], name: str) -> int | None:
    value = columns.get(name)
    if value is None or value == "":
        return None
    try:
        found = int(value)
    except (TypeError, ValueError, OverflowError):
        raise RowError(f"{name} is not a whole number") from None
    if name != "sequence" and not 0 <= found <= _LONGEST_S:
        raise RowError(f"{name} is not a duration")
    return found
