"""Rows of call detail records (CDR), from whatever table or file, and which of them make up one call. Reads nothing itself.

One call is several rows: each attempt of a queue, each Local channel, each transfer. Its rows share a linkedid; where that
column is not written they share a uniqueid, and Local channels lead from one to the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from callscore.outside.rows import RowError, clean_text

__all__ = ["CDR_TIMES", "CdrRow", "RowClock", "group_rows", "parse_row", "parse_time", "uniqueid_epoch"]

CDR_TIMES: Final = ("auto", "local", "gmt")
_UNIQUEID: Final = re.compile(r"(?:.*-)?(\d{9,11})\.\d+", re.DOTALL)
_LONGEST_S: Final = 7 * 24 * 3600
_NEAR: Final = timedelta(minutes=10)
"""A channel's uniqueid is made when the channel is, so that a row starts then, or little later."""
_FAR: Final = timedelta(minutes=20)
_SAME_CHANNEL: Final = timedelta(hours=12)
"""Names of channels are used anew after a restart, so that without a uniqueid they mean one call only within this time."""
_SET_BACK: Final = timedelta(minutes=1)
"""By so much a server's clock may be set back during a call."""
_DATES: Final = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S")


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


def uniqueid_epoch(uniqueid: str) -> int | None:
    """Return the second in which a channel was made, which its uniqueid says; None for a text of another form.

    >>> uniqueid_epoch("pbx-1772434920.101")
    1772434920
    """
    found = _UNIQUEID.fullmatch(uniqueid)
    return int(found.group(1)) if found else None


class RowClock:
    """Turns the times of rows into UTC: they are local or GMT, and the rows do not say which (cdr.conf: usegmtime).

    With `times` "auto" each row is settled by its uniqueid, which holds the time as well; `usual` ("local" or "gmt") is for
    rows that have none.
    """

    __slots__ = ("_usual_gmt", "times", "zone")

    def __init__(self, zone: str, times: str = "auto", usual: str = "local") -> None:
        self.zone = ZoneInfo(zone)
        self.times = times
        self._usual_gmt = usual == "gmt"

    def is_gmt(self, start: datetime, uniqueid: str) -> bool:
        """Tell whether a row that starts at the naive time `start` is in GMT."""
        if self.times != "auto":
            return self.times == "gmt"
        told = self.told_gmt(start, uniqueid)
        return self._usual_gmt if told is None else told

    def told_gmt(self, start: datetime, uniqueid: str) -> bool | None:
        """Tell what the uniqueid says; None where it does not decide."""
        epoch = uniqueid_epoch(uniqueid)
        if epoch is None:
            return None
        made = datetime.fromtimestamp(epoch, UTC)
        off_gmt = abs(start.replace(tzinfo=UTC) - made)
        off_local = min(abs(start.replace(tzinfo=self.zone, fold=fold) - made) for fold in (0, 1))
        if off_gmt <= _NEAR and off_local >= _FAR:
            return True
        return False if off_local <= _NEAR and off_gmt >= _FAR else None

    def read(self, at: datetime, uniqueid: str) -> datetime:
        """Return a time that stands alone as aware UTC."""
        return at.astimezone(UTC) if at.tzinfo is not None else self.utc(at, uniqueid, self.is_gmt(at, uniqueid))

    def utc(self, at: datetime, uniqueid: str, is_gmt: bool) -> datetime:
        """Return a naive time as aware UTC; of an hour that came twice, the one nearer to the uniqueid."""
        if is_gmt:
            return at.replace(tzinfo=UTC)
        first = at.replace(tzinfo=self.zone).astimezone(UTC)
        second = at.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        if first != second and (epoch := uniqueid_epoch(uniqueid)) is not None:
            return min(first, second, key=lambda time: abs(time.timestamp() - epoch))
        return first


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


def parse_time(value: Any, name: str) -> datetime | None:
    """Return a time as it stands in a row, naive where it has no zone; None where there is none.

    Raises:
        RowError: for what is no time, or not one between 2000 and 2100.
    """
    if isinstance(value, datetime):
        return value
    text = str(value or "").strip()
    if not text or text.startswith("0000-00-00"):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = _other_form(text, name)
    if not 2000 <= at.year < 2100:
        raise RowError(f"{name} is not a time")
    return at


def _other_form(text: str, name: str) -> datetime:
    """Return a time as spreadsheets write it."""
    for form in _DATES:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the clock adds the zone
        except ValueError:
            continue
    raise RowError(f"{name} is not a time")
