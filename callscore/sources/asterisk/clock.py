"""Times of Asterisk's rows -> UTC. They are local or GMT, which the rows do not say, but the ids in them mostly do. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from callscore.outside.rows import RowError

__all__ = ["CDR_TIMES", "RowClock", "parse_time", "uniqueid_epoch"]

CDR_TIMES: Final = ("auto", "local", "gmt")
_UNIQUEID: Final = re.compile(r"(?:.*-)?(\d{9,11})\.\d+", re.DOTALL)
_EPOCH_DIGITS: Final = 10
_NEAR_S: Final = 600
"""A channel's uniqueid is made when the channel is, so that a row starts then, or little later."""
_FAR_S: Final = 1200
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - for arithmetic with naive times
_SECOND: Final = timedelta(seconds=1)
_DATES: Final = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S")


def uniqueid_epoch(uniqueid: str) -> int | None:
    """Return the second in which a channel was made, which its uniqueid says; None for a text of another form.

    >>> uniqueid_epoch("pbx-1772434920.101")
    1772434920
    """
    head, _, tail = uniqueid.partition(".")
    if len(head) == _EPOCH_DIGITS and head.isdecimal() and tail.isdecimal():
        return int(head)
    found = _UNIQUEID.fullmatch(uniqueid)
    return int(found.group(1)) if found else None


class RowClock:
    """Turns the times of rows into UTC: they are local or GMT, and the rows do not say which (cdr.conf: usegmtime).

    With `times` "auto" each row is settled by its uniqueid, which holds the time as well; `usual` ("local" or "gmt") is for
    rows that have none.
    """

    __slots__ = ("_offsets", "_usual_gmt", "times", "zone")

    def __init__(self, zone: str, times: str = "auto", usual: str = "local") -> None:
        self.zone = ZoneInfo(zone)
        self.times = times
        self._usual_gmt = usual == "gmt"
        self._offsets: dict[tuple[int, int, int, int], tuple[timedelta, timedelta]] = {}

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
        since = start - _EPOCH
        seconds = since.days * 86400 + since.seconds - epoch
        first, second = self._offset(start)
        off_gmt_s, off_local_s = abs(seconds), abs(seconds - first.days * 86400 - first.seconds)
        if first != second:
            off_local_s = min(off_local_s, abs(seconds - second // _SECOND))
        if off_gmt_s <= _NEAR_S and off_local_s >= _FAR_S:
            return True
        return False if off_local_s <= _NEAR_S and off_gmt_s >= _FAR_S else None

    def read(self, at: datetime, uniqueid: str) -> datetime:
        """Return a time that stands alone as aware UTC."""
        return self.utc(at, uniqueid, at.tzinfo is None and self.is_gmt(at, uniqueid))

    def utc(self, at: datetime, uniqueid: str, is_gmt: bool) -> datetime:
        """Return a time as aware UTC: one with a zone by it; of a local hour that came twice, that nearer to the uniqueid."""
        if at.tzinfo is not None:
            return at.astimezone(UTC)
        if is_gmt:
            return at.replace(tzinfo=UTC)
        first, second = self._offset(at)
        if first != second and (epoch := uniqueid_epoch(uniqueid)) is not None:
            seconds = (at - _EPOCH) // _SECOND - epoch
            first = min(first, second, key=lambda offset: abs(seconds - offset // _SECOND))
        return (at - first).replace(tzinfo=UTC)

    def _offset(self, at: datetime) -> tuple[timedelta, timedelta]:
        """Return how far local time is ahead of GMT; the second is for an hour that comes again. Zones change on the hour."""
        key = (at.year, at.month, at.day, at.hour)
        found = self._offsets.get(key)
        if found is None:
            first, second = (at.replace(tzinfo=self.zone, fold=fold).utcoffset() for fold in (0, 1))
            found = self._offsets[key] = (first or timedelta(0), second or timedelta(0))
        return found


def parse_time(value: Any, name: str) -> datetime | None:
    """Return a time as it stands in a row, naive where it has no zone; None where there is none.

    Raises:
        RowError: for what is no time, or not one between 2000 and 2100.
    """
    if isinstance(value, datetime):
        return value
    if not value:
        return None
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
