"""Tables of CDR and of the queue log as logs: the same rows and events as files give."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from callscore.outside.pages import Reject
from callscore.outside.rows import RowError, clean_text
from callscore.sources.asterisk.cdr import CdrRow, parse_row
from callscore.sources.asterisk.clock import RowClock, parse_time
from callscore.sources.asterisk.logfiles import stamp_range
from callscore.sources.asterisk.queue_log import QueueEvent, parse_event_row
from callscore.sources.asterisk_db.database import Database, Moment, Table

__all__ = ["CdrTable", "QueueTable"]

_ItemT = TypeVar("_ItemT", CdrRow, QueueEvent)
SAMPLE_ROWS: Final = 500
ROW_BYTES: Final = 400
"""About what a row takes in a file, by which windows are cut into slices."""


class TableLog(ABC, Generic[_ItemT]):
    """A table whose rows are read by their time.

    Args:
        database: where it is.
        table: as it is.
        zone: of local times.
        times: "local", "gmt", or "auto": as the rows tell.

    Raises:
        SourceError: as Database raises it.
    """

    def __init__(self, database: Database, table: Table, zone: str, times: str) -> None:
        self._database = database
        self._table = table
        self._zone = zone
        self._fresh: list[Reject] = []
        self._named: set[str] = set()
        self._at_column = self._time_column()
        sample = database.last_rows(table, self._at_column, SAMPLE_ROWS)
        self._has_epochs = bool(sample) and str(sample[0][self._at_column]).replace(".", "", 1).isdecimal()
        self.clock = RowClock(zone)
        self.told: tuple[bool, ...] = tuple(told for row in sample if (told := self._told(row)) is not None)
        self.clock = RowClock(zone, times, "gmt" if sum(self.told) * 2 > len(self.told) else "local")
        self.newest: datetime | None = next((at for row in sample if (at := self._newest(row)) is not None), None)

    @property
    def zone_offset(self) -> bool:
        """Whether local times differ from GMT at all."""
        return self.clock.zone.utcoffset(datetime.now(self.clock.zone)) != timedelta(0)

    def read(self, start: datetime, end: datetime) -> Iterator[_ItemT]:
        """Yield what begins from `start` up to `end`, in order of the times as written."""
        for number, row in enumerate(self._database.rows(self._table, self._at_column, *self._span(start, end)), start=1):
            where = self._where(row, number)
            try:
                item = self._parse(row, where)
            except RowError as error:
                self._reject(where, str(error))
                continue
            if start <= self._at(item) < end:
                yield item

    def spans(self, start: datetime, end: datetime) -> list[tuple[str, int]]:
        """Return when the hours begin, and how many bytes of rows they hold on the average, see slices_of."""
        n_rows = self._database.count(self._table, self._at_column, *self._span(start, end))
        n_hours = max(1, (end - start) // timedelta(hours=1))
        hours = (start.astimezone(UTC) + timedelta(hours=number) for number in range(n_hours))
        return [(f"{hour:%Y-%m-%d %H}", n_rows * ROW_BYTES // n_hours) for hour in hours]

    def take_rejects(self) -> tuple[Reject, ...]:
        """Return what could not be read since the last time."""
        fresh, self._fresh = tuple(self._fresh), []
        return fresh

    def close(self) -> None:
        """Do nothing: connections are the database's."""

    @abstractmethod
    def _time_column(self) -> str:
        """Return the lower-case name of the column that rows are read by."""

    @abstractmethod
    def _parse(self, row: Mapping[str, Any], where: str) -> _ItemT:
        """Return what a row says."""

    @abstractmethod
    def _id(self, row: Mapping[str, Any]) -> str:
        """Return the uniqueid of a row's channel."""

    def _at(self, item: _ItemT) -> datetime:
        return item.start if isinstance(item, CdrRow) else item.at

    def _where(self, row: Mapping[str, Any], number: int) -> str:
        return f"{self._table.name}: {clean_text(self._id(row))[:80] or f'row {number}'}"

    def _reject(self, where: str, reason: str) -> None:
        if (key := f"{where} {reason}") not in self._named:
            self._named.add(key)
            self._fresh.append(Reject(where=where, reason=reason))

    def _span(self, start: datetime, end: datetime) -> tuple[Moment, Moment]:
        """Return the times as the column holds them between which rows are wanted, a little wide."""
        if self._has_epochs:
            return f"{start.timestamp():.0f}", f"{end.timestamp() + 1:.0f}"
        if self._at_column in self._table.has_zones:
            return start, end
        first, last = (datetime.fromisoformat(stamp) for stamp in stamp_range(start, end, self._zone))
        if self._at_column in self._table.has_times:
            return first, last
        # Texts may have a blank or a T between date and time: only their dates can be compared.
        return f"{first.date()}", f"{last.date() + timedelta(days=1)}"

    def _told(self, row: Mapping[str, Any]) -> bool | None:
        try:
            at = None if self._has_epochs else parse_time(row[self._at_column], "time")
        except RowError:
            return None
        return None if at is None or at.tzinfo is not None else self.clock.told_gmt(at, self._id(row))

    def _newest(self, row: Mapping[str, Any]) -> datetime | None:
        try:
            return self._at(self._parse(row, ""))
        except RowError:
            return None


class CdrTable(TableLog[CdrRow]):
    """CDR: any set of columns that cdr_adaptive_odbc and FreePBX may have filled; `calldate` and `start` mean the same."""

    def _time_column(self) -> str:
        return "calldate" if "calldate" in self._table.names else "start"

    def _parse(self, row: Mapping[str, Any], where: str) -> CdrRow:
        return parse_row({name: _plain(value) for name, value in row.items()}, where, self.clock)

    def _id(self, row: Mapping[str, Any]) -> str:
        return str(row.get("uniqueid") or "")


class QueueTable(TableLog[QueueEvent]):
    """The realtime table queue_log."""

    def _time_column(self) -> str:
        return "time"

    def _parse(self, row: Mapping[str, Any], where: str) -> QueueEvent:
        return parse_event_row({name: _plain(value) for name, value in row.items()}, where, self.clock)

    def _id(self, row: Mapping[str, Any]) -> str:
        return str(row.get("callid") or "")


def _plain(value: Any) -> Any:
    """Return a value as files would hold it: some drivers give bytes, and dates without a time."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the clock adds the zone
    return value
