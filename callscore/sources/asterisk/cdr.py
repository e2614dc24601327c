"""Rows of call detail records (CDR), from whatever table or file, and which of them make up one call. Reads nothing itself.

One call is several rows: each attempt of a queue, each Local channel, each transfer. Its rows share a linkedid; where that
column is not written they share a uniqueid, and Local channels lead from one to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from callscore.outside.rows import RowError, clean_text
from callscore.sources.asterisk.clock import RowClock, parse_time

__all__ = ["CdrRow", "group_rows", "parse_row"]

_LONGEST: Final = timedelta(days=7)
_LONGEST_S: Final = 7 * 24 * 3600
_SAME_CHANNEL: Final = timedelta(hours=12)
"""Names of channels are used anew after a restart, so that without a uniqueid they mean one call only within this time."""
_SET_BACK: Final = timedelta(minutes=1)
"""By so much a server's clock may be set back during a call."""
_LONG: Final = 500


class CdrRow(NamedTuple):
    """One row. `where` says where it stands, for messages; times are aware UTC; a text that is not there is empty.

    The columns from `did` on are those that FreePBX adds. A tuple, because a million are made in one go.
    """

    where: str
    start: datetime
    answer: datetime | None
    end: datetime
    sequence: int = 0
    src: str = ""
    dst: str = ""
    dcontext: str = ""
    clid: str = ""
    channel: str = ""
    dstchannel: str = ""
    lastapp: str = ""
    lastdata: str = ""
    disposition: str = ""
    uniqueid: str = ""
    linkedid: str = ""
    userfield: str = ""
    did: str = ""
    recordingfile: str = ""
    cnum: str = ""
    cnam: str = ""
    outbound_cnum: str = ""
    dst_cnam: str = ""


_TEXTS: Final = CdrRow._fields[CdrRow._fields.index("src") :]


def parse_row(columns: Mapping[str, Any], where: str, clock: RowClock) -> CdrRow:
    """Return a row from its columns by their lower-case names; `calldate` stands for `start`, and values may be texts or not.

    Without `answer` and `end` (FreePBX) both follow from `duration` and `billsec`.

    Raises:
        RowError: a time or a duration that is none, or an end before the start.
    """
    begun = parse_time(columns.get("start") or columns.get("calldate"), "start")
    if begun is None:
        raise RowError("start is missing")
    uniqueid = columns.get("uniqueid") or ""
    is_gmt = begun.tzinfo is None and clock.is_gmt(begun, str(uniqueid))
    try:
        start, answer, end = _times(columns, begun, clock, is_gmt)
    except OverflowError:
        raise RowError("a time is out of range") from None
    if not -_SET_BACK <= end - start <= _LONGEST:
        raise RowError("the end does not fit the start")
    end = max(start, end)
    answer = None if answer is None else min(max(start, answer), end)
    return CdrRow(where, start, answer, end, _whole(columns, "sequence") or 0, *_texts(columns))


def _times(
    columns: Mapping[str, Any], begun: datetime, clock: RowClock, is_gmt: bool
) -> tuple[datetime, datetime | None, datetime]:
    """Return start, answer and end as aware UTC."""
    uniqueid = str(columns.get("uniqueid") or "")
    start = clock.utc(begun, uniqueid, is_gmt)
    duration_s, billsec_s = _seconds(columns, "duration"), _seconds(columns, "billsec")
    ended = parse_time(columns.get("end"), "end")
    if ended is None and duration_s is None:
        raise RowError("end is missing: the call is not over, or the row is cut off")
    end = clock.utc(ended, uniqueid, is_gmt) if ended is not None else start + timedelta(seconds=duration_s or 0)
    answered = parse_time(columns.get("answer"), "answer")
    if answered is not None:
        return start, clock.utc(answered, uniqueid, is_gmt), end
    has_talked = billsec_s and str(columns.get("disposition")).upper() == "ANSWERED"
    return start, end - timedelta(seconds=billsec_s or 0) if has_talked else None, end


def _texts(columns: Mapping[str, Any]) -> list[str]:
    """Return the texts in the order of CdrRow, cleaned; most rows need no cleaning, and one look tells."""
    values = [columns.get(name) or "" for name in _TEXTS]
    try:
        joined = "".join(values)
    except TypeError:
        joined = "\n"
    if not joined.isprintable() or len(joined) > _LONG:
        values = [clean_text(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)) for value in values]
    values[_DISPOSITION] = values[_DISPOSITION].upper()
    return values


_DISPOSITION: Final = _TEXTS.index("disposition")


def group_rows(rows: Iterable[CdrRow], linked: Mapping[str, str] | None = None) -> tuple[tuple[CdrRow, ...], ...]:
    """Return the rows of each call in order of start and sequence, the calls in order of start. Rows that came twice are one.

    Args:
        rows: in any order.
        linked: linkedids by uniqueid where something else than the rows tells them (CEL); rows that have one keep it.
    """
    distinct: dict[tuple[object, ...], CdrRow] = {}
    for row in rows:
        same = (row.start, row.end, row.channel, row.dstchannel, row.uniqueid, row.sequence, row.dst, row.lastapp)
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


def _whole(columns: Mapping[str, Any], name: str) -> int | None:
    value = columns.get(name)
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise RowError(f"{name} is not a whole number") from None


def _seconds(columns: Mapping[str, Any], name: str) -> int | None:
    found = _whole(columns, name)
    if found is not None and not 0 <= found <= _LONGEST_S:
        raise RowError(f"{name} is not a duration")
    return found
