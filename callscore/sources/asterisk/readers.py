"""The files of CDR, queue log and CEL -> rows and events of a stretch of time, with what could not be read."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar, Final, Generic, NamedTuple, TypeVar

from callscore.outside.pages import Reject
from callscore.outside.rows import RowError
from callscore.sources.asterisk.cdr import CdrRow, parse_row
from callscore.sources.asterisk.cel import CEL_COLUMNS, CelEvent, parse_cel
from callscore.sources.asterisk.clock import RowClock, parse_time, uniqueid_epoch
from callscore.sources.asterisk.logfiles import EPOCHS, STAMPS, decode, find_rotated, stamp_range
from callscore.sources.asterisk.plain import parse_plain
from callscore.sources.asterisk.queue_log import QueueEvent, parse_event_line, parse_event_row
from callscore.sources.asterisk.tables import START, Table, columns_of, fields_of, open_table, stamp_of

__all__ = ["CdrReader", "CelReader", "LogReader", "QueueReader"]

_ItemT = TypeVar("_ItemT", CdrRow, QueueEvent, CelEvent)
_SAMPLE_LINES: Final = 2000
_MAX_REJECTS: Final = 10_000
"""So many lines are named at the most: a file that is something else altogether must not fill the memory."""


class _Line(NamedTuple):
    """A line to read, and the times between which it is wanted, as written."""

    table: Table
    raw: bytes
    where: str
    stamps: tuple[str, str]


class LogReader(ABC, Generic[_ItemT]):
    """A log with its rotated files, looked through when it is opened.

    `told` says for a sample of rows whether the row itself tells that its times are in GMT.

    Args:
        path: the file that grows.
        zone: of local times.
        times: "local", "gmt", or "auto": as the rows tell.

    Raises:
        SourceError: there is no such file, or it cannot be read.
    """

    header_needs: ClassVar[frozenset[str]]
    plain_stamps: ClassVar[re.Pattern[bytes]] = STAMPS

    def __init__(self, path: Path, zone: str, times: str) -> None:
        self._zone = zone
        self._tables = self._open(find_rotated(path))
        self._named: set[str] = set()
        self._fresh: list[Reject] = [reject for table in self._tables for reject in table.file.rejects]
        self.clock = RowClock(zone)
        self.told = tuple(told for table in self._tables for told in self._sample(table) if told is not None)
        self.clock = RowClock(zone, times, "gmt" if sum(self.told) * 2 > len(self.told) else "local")

    @property
    def newest(self) -> datetime | None:
        """The latest moment in the files, as far as their times can be trusted; None where there is none."""
        found = [self._newest(table) for table in self._tables]
        return max((at for at in found if at is not None), default=None)

    @property
    def zone_offset(self) -> bool:
        """Whether local times differ from GMT at all."""
        return self.clock.zone.utcoffset(datetime.now(self.clock.zone)) != timedelta(0)

    def read(self, start: datetime, end: datetime) -> Iterator[_ItemT]:
        """Yield what begins from `start` up to `end`, in the order of the files."""
        stamps = stamp_range(start, end, self._zone)
        for table in self._tables:
            first, last = self._bounds(table, start, end)
            for number, raw in table.file.lines(first.encode(), last.encode()):
                if not raw.strip() or (number == 1 and table.header):
                    continue
                where = f"{table.file.name}:{number}"
                try:
                    item = self._parse(_Line(table, raw, where, stamps))
                except RowError as error:
                    self._reject(where, str(error))
                else:
                    if item is not None and start <= self._at(item) < end:
                        yield item

    def spans(self, start: datetime, end: datetime) -> list[tuple[str, int]]:
        """Return the first time (as written, or in GMT) and the bytes of each block that may hold something in a window."""
        found: list[tuple[str, int]] = []
        for table in self._tables:
            first, last = self._bounds(table, start, end)
            blocks = [block for block in table.file.blocks if block.may_hold(first.encode(), last.encode())]
            found.extend((stamp_of(block.first.decode(), table.has_epochs), block.n_bytes) for block in blocks)
        return found

    def take_rejects(self) -> tuple[Reject, ...]:
        """Return what could not be read since the last time; no line is named twice."""
        fresh, self._fresh = tuple(self._fresh), []
        return fresh

    def close(self) -> None:
        """Close the files."""
        for table in self._tables:
            table.file.close()

    @abstractmethod
    def _parse(self, line: _Line) -> _ItemT | None:
        """Return what a line says; None if it is surely not wanted."""

    @abstractmethod
    def _evidence(self, table: Table, raw: bytes) -> tuple[str, str]:
        """Return the time of a line, and the uniqueid that was made about then."""

    def _open(self, paths: Sequence[Path]) -> tuple[Table, ...]:
        with ExitStack() as opened:
            tables = []
            for path in paths:
                tables.append(open_table(path, self.header_needs, self.plain_stamps))
                opened.callback(tables[-1].file.close)
            opened.pop_all()
        return tuple(tables)

    def _at(self, item: _ItemT) -> datetime:
        return item.start if isinstance(item, CdrRow) else item.at

    def _bounds(self, table: Table, start: datetime, end: datetime) -> tuple[str, str]:
        """Return the first and last time of a window as the file writes it."""
        if table.has_epochs:
            return f"{start.timestamp():.0f}", f"{end.timestamp():.0f}"
        return stamp_range(start, end, self._zone)

    def _reject(self, where: str, reason: str) -> None:
        if where not in self._named and len(self._named) < _MAX_REJECTS:
            self._named.add(where)
            self._fresh.append(Reject(where=where, reason=reason))

    def _sample(self, table: Table) -> Iterator[bool | None]:
        if table.has_epochs:
            return
        for number, raw in table.file.lines():
            if number > _SAMPLE_LINES:
                return
            try:
                time, uniqueid = self._evidence(table, raw)
                at = parse_time(time, "time") if uniqueid_epoch(uniqueid) else None
            except RowError:
                continue
            if at is not None and at.tzinfo is None:
                yield self.clock.told_gmt(at, uniqueid)

    def _newest(self, table: Table) -> datetime | None:
        last = max((block.last for block in table.file.blocks), default=b"").decode()
        try:
            if table.has_epochs:
                return datetime.fromtimestamp(int(last or "0"), self.clock.zone)
            at = parse_time(last, "time")
        except RowError:
            return None
        return None if at is None else self.clock.read(at, "")


class CdrReader(LogReader[CdrRow]):
    """Master.csv in all its forms, or an export of the table cdr with a header."""

    header_needs = frozenset(("src", "dst"))

    def _parse(self, line: _Line) -> CdrRow | None:
        table, (first, last) = line.table, line.stamps
        fields = fields_of(line.raw, table.delimiter)
        names = table.header or columns_of(fields)
        if not table.header:
            start = fields[START]
            if len(start) == len(first) and start[4] == "-" and not first <= start <= last:
                return None
            if row := parse_plain(fields, names, line.where, self.clock):
                return row
        elif len(fields) != len(names):
            raise RowError(f"the row has {len(fields)} of {len(names)} columns")
        return parse_row(dict(zip(names, fields, strict=True)), line.where, self.clock)

    def _evidence(self, table: Table, raw: bytes) -> tuple[str, str]:
        fields = fields_of(raw, table.delimiter)
        row = dict(zip(table.header or columns_of(fields), fields, strict=False))
        return row.get("start") or row.get("calldate", ""), row.get("uniqueid", "")


class QueueReader(LogReader[QueueEvent]):
    """queue_log, or a dump of the table of that name with a header."""

    header_needs = frozenset(("callid", "event"))
    plain_stamps = EPOCHS

    def _parse(self, line: _Line) -> QueueEvent | None:
        if not line.table.header:
            return parse_event_line(decode(line.raw), line.where)
        return parse_event_row(_row(line.table, line.raw), line.where, self.clock)

    def _evidence(self, table: Table, raw: bytes) -> tuple[str, str]:
        row = _row(table, raw) if table.header else {}
        return row.get("time", ""), row.get("callid", "")


class CelReader(LogReader[CelEvent]):
    """The file of cel_custom in the order of its sample, or a dump of the table cel with a header."""

    header_needs = frozenset(("eventtype", "eventtime"))
    plain_stamps = EPOCHS

    def _parse(self, line: _Line) -> CelEvent | None:
        return parse_cel(_row(line.table, line.raw), self.clock)

    def _evidence(self, table: Table, raw: bytes) -> tuple[str, str]:
        row = _row(table, raw)
        return row.get("eventtime", ""), row.get("uniqueid", "")


def _row(table: Table, raw: bytes) -> dict[str, str]:
    fields = fields_of(raw, table.delimiter)
    names = table.header or CEL_COLUMNS
    if len(fields) != len(names):
        raise RowError(f"the row has {len(fields)} of {len(names)} columns")
    return dict(zip(names, fields, strict=True))
