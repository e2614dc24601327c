"""One folder of a bucket -> call records: each recording with what tables, sidecars, its name and its folder tell of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from callscore.errors import RecordingError
from callscore.outside.pages import Reject
from callscore.outside.rows import RowError
from callscore.records import CallRecord, Disposition
from callscore.sources.bucket_facts import FOLDER_DATE, Facts, Reading, call_record, count_known, name_facts, row_facts
from callscore.sources.bucket_folder import Sorted, folder_date
from callscore.sources.bucket_table import iter_rows
from callscore.sources.call_places import iter_places
from callscore.sources.far_files import FarFile, FarFiles, shown

__all__ = ["PageMaker"]

MAX_TABLE_BYTES: Final = 64 * 1024 * 1024
MAX_SIDECAR_BYTES: Final = 1024 * 1024


class PageMaker:
    """Reads what lies beside recordings and puts calls together."""

    def __init__(self, files: FarFiles, root: str, reading: Reading, patterns: Sequence[re.Pattern[str]]) -> None:
        self._files = files
        self._root = root
        self._reading = reading
        self._patterns = patterns

    def read(self, found: Sorted, days: Sequence[date]) -> tuple[tuple[CallRecord, ...], tuple[Reject, ...]]:
        """Return the calls of a folder and what could not be used.

        A row of a table without a recording, or whose recording is not there (yet), is a call as well. If the table lies
        elsewhere and serves many folders, it is one only on the folder's own days.
        """
        rejects = list(found.rejects)
        of_recording: dict[str, tuple[str, Facts]] = {}
        calls: dict[str, CallRecord] = {}
        whole = {file.key for file in found.recordings}
        for table in (*found.tables, *found.other_tables):
            for where, row in self._iter_table(table, rejects):
                names = [place.rec_id for place in iter_places(row.get("recording", ""))]
                keys = whole.intersection(found.find(name, table.key, self._root) or "" for name in names)
                of_recording |= dict.fromkeys(keys, (where, row))
                if not keys and (table in found.tables or self._is_of(row, days)):
                    self._add(calls, rejects, where, row)
        for file in found.recordings:
            where, row = of_recording.get(file.key, (shown(file.key), {}))
            facts = {**self._own_facts(file, found.sidecars.get(file.key), rejects), **row}
            self._add(calls, rejects, where, facts, file.key, row)
        return tuple(calls.values()), tuple(rejects)

    def _add(
        self,
        calls: dict[str, CallRecord],
        rejects: list[Reject],
        where: str,
        facts: Facts,
        key: str = "",
        row: Facts | None = None,
    ) -> None:
        try:
            record = call_record(facts, key, self._reading, row)
        except RowError as exc:
            rejects.append(Reject(where=where, reason=str(exc)))
            return
        before = calls.get(record.call_id)
        calls[record.call_id] = record if before is None else _joined(before, record)

    def _own_facts(self, file: FarFile, sidecar: FarFile | None, rejects: list[Reject]) -> Facts:
        """Return what folder, name and sidecar tell; what comes later knows better."""
        try:
            facts = name_facts(file.key, self._patterns, self._reading)
        except RowError:
            facts = {}
        facts |= self._sidecar(sidecar, rejects) if sidecar else {}
        day = folder_date(file.key)
        if "started_at" not in facts and day is not None:
            midnight = datetime.combine(day, time(), ZoneInfo(self._reading.zone)).astimezone(UTC)
            facts |= {"started_at": midnight.isoformat(), FOLDER_DATE: "yes"}
        return facts

    def _sidecar(self, file: FarFile, rejects: list[Reject]) -> Facts:
        try:
            found = json.loads(self._read(file, MAX_SIDECAR_BYTES))
            if isinstance(found, Mapping):
                return row_facts(found, self._reading)
            reason = "the sidecar is no JSON object"
        except RowError as exc:
            reason = str(exc)
        except (ValueError, RecursionError):
            reason = "the sidecar is no JSON"
        rejects.append(Reject(where=shown(file.key), reason=reason))
        return {}

    def _iter_table(self, table: FarFile, rejects: list[Reject]) -> Iterator[tuple[str, Facts]]:
        try:
            data = self._read(table, MAX_TABLE_BYTES)
        except RowError as exc:
            rejects.append(Reject(where=shown(table.key), reason=str(exc)))
            return
        for item in iter_rows(data, shown(table.key), count_known):
            if isinstance(item, Reject):
                rejects.append(item)
                continue
            try:
                yield item[0], row_facts(item[1], self._reading)
            except RowError as exc:
                rejects.append(Reject(where=item[0], reason=str(exc)))

    def _read(self, file: FarFile, most_bytes: int) -> bytes:
        if file.n_bytes > most_bytes:
            raise RowError(f"the file is larger than {most_bytes // 2**20} MiB")
        try:
            return self._files.read(file.key, 0, file.n_bytes) if file.n_bytes else b""
        except RecordingError as exc:
            raise RowError("the file cannot be read: it is gone, or there is no right to read it") from exc

    def _is_of(self, row: Facts, days: Sequence[date]) -> bool:
        try:
            at = call_record(row, "", self._reading).started_at
        except RowError:
            return False
        return at.astimezone(ZoneInfo(self._reading.zone)).date() in days


def _joined(first: CallRecord, second: CallRecord) -> CallRecord:
    """Return two rows of one call as one: the later tells who the operator is, what it does not tell stays."""
    if second.started_at < first.started_at:
        first, second = second, first
    names = [
        name for name in CallRecord.__slots__ if name not in ("started_at", "recordings", "disposition", "legs", "talk_ms")
    ]
    told = {name: value for name in names if (value := getattr(second, name)) not in (None, ())}
    talks = [ms for ms in (first.talk_ms, second.talk_ms) if ms is not None]
    is_same = first.started_at == second.started_at
    return replace(
        first,
        **told,
        disposition=min(first.disposition, second.disposition, key=list(Disposition).index),
        talk_ms=(max(talks) if is_same else sum(talks)) if talks else None,
        legs=tuple(dict.fromkeys((*first.legs, *second.legs))),
        recordings=tuple(dict.fromkeys((*first.recordings, *second.recordings))),
    )
