"""Calls in tables: one table or a folder of them, with the recordings in a folder or behind links in the table."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from callscore.errors import RecordingError
from callscore.outside.checkup import check_calls, check_sound
from callscore.outside.columns import CALLS, Columns, lacks_of_calls
from callscore.outside.links import Link, audio_ending, fetch_link, recording_stem
from callscore.outside.pages import CallPage, Finding, Level, Reject, Tools, Window
from callscore.outside.rows import RowError
from callscore.outside.settings import ConnectorSettings, need, setting
from callscore.outside.table import Row
from callscore.outside.table_files import TableFiles
from callscore.records import CallRecord, RecordingLink
from callscore.sources.call_places import is_web
from callscore.sources.call_rows import CallReader

__all__ = ["CallTable", "Settings", "open_source"]

PAGE_ROWS: Final = 1000
CHECKED_ROWS: Final = 20_000
EVER: Final = Window(start=datetime(2000, 1, 1, tzinfo=UTC), end=datetime(2100, 1, 1, tzinfo=UTC))
# The same id so far apart in time is another call: some exports count their rows anew each day.
_SAME_CALL: Final = timedelta(hours=12)
# Links of so many days around are remembered when one has to be looked up again.
_LINKS_AROUND: Final = timedelta(days=2)
_WANTED: Final = {
    "direction": "whether calls came in or went out",
    "disposition": "missed calls, but for those without talk",
    "client_phone": "which orders belong to a call",
    "operator_name": "who talked",
    "recording": "which recording belongs to a call",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ConnectorSettings):
    """Where the tables and recordings lie, and what the columns mean where their headings do not say it."""

    path: Path = need(
        "calls/", "a table (CSV, TSV, XLSX, JSONL, Parquet), a folder of tables, or a pattern such as calls/*.csv"
    )
    recordings: Path | None = setting(None, "folder of the recordings that the table names; unset: that of the tables")
    columns: tuple[str, ...] = setting(
        (), 'what headings mean that are not understood: ["client_phone = Номер А"]; see callscore map --guess'
    )
    sheet: str = setting("", "name of the sheet to read; unset: the visible ones with calls")

    def __post_init__(self) -> None:
        CALLS.parse(self.columns)


def open_source(name: str, settings: Settings, tools: Tools) -> CallTable:
    """Return the source; nothing is read yet."""
    return CallTable(name, settings, tools)


class CallTable:
    """Calls from tables; see Source."""

    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        """Prepare; nothing is read yet."""
        self._name = name
        self._tools = tools
        self._allow_hosts = settings.allow_hosts
        given = CALLS.parse(settings.columns)
        self._tables = TableFiles(path=settings.path, dictionary=CALLS, lacks=lacks_of_calls, given=given, sheet=settings.sheet)
        self._recordings = settings.recordings
        self._addresses: dict[tuple[str, str], str] = {}
        self._known_files: dict[str, Path | None] | None = None

    def __repr__(self) -> str:
        return f"CallTable({self._name!r})"

    def iter_pages(self, window: Window) -> Iterator[CallPage]:
        """See Source.iter_pages; rows are read again each time, in the order of file names."""
        records: list[CallRecord] = []
        rejects: list[Reject] = []
        for item in self._iter_calls(self._tables, window):
            if isinstance(item, Reject):
                rejects.append(item)
            else:
                records.append(item)
            if len(records) + len(rejects) >= PAGE_ROWS:
                yield CallPage(records=tuple(records), rejects=tuple(rejects))
                records, rejects = [], []
        yield CallPage(records=tuple(records), rejects=tuple(rejects), covered_until=window.end)

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        """See Source.fetch; a file is given where it lies, a link is looked up in the table."""
        if not is_web(recording.rec_id):
            return self._find_file(recording.rec_id)
        key = (call.call_id, recording.rec_id)
        known = self._addresses.get(key)
        if known is not None:
            try:
                return self._download(known, call, recording, folder)
            except RecordingError:
                # The table may have been written anew since, with links that live longer.
                if (fresh := self._look_up(call, key)) in (known, None):
                    raise
        else:
            fresh = self._look_up(call, key)
        if fresh is None:
            raise RecordingError("the table has no link to this recording any more")
        return self._download(fresh, call, recording, folder)

    def check(self) -> Iterator[Finding]:
        """See Source.check; the first rows of the last table are read."""
        files = self._tables.find()
        yield Finding(level=Level.FINE, subject="tables", text=f"{len(files)} found, the last is {files[-1].name}")
        last = replace(self._tables, path=files[-1])
        for part in last.iter_parts():
            yield from _check_columns(part.columns)
            break
        items = list(islice(self._iter_calls(last, EVER), CHECKED_ROWS))
        calls = [item for item in items if not isinstance(item, Reject)]
        rejects = [item for item in items if isinstance(item, Reject)]
        yield from check_calls(calls, len(rejects), f"the first {len(items)} rows")
        if rejects:
            text = f"{rejects[0].where}: {rejects[0].reason}"
            yield Finding(level=Level.ADVICE, subject="rows", text=text, hint="the first of those that are left out")
        yield from check_sound(
            calls, self.fetch, "record both parties on channels of their own (stereo) in the telephone system"
        )

    def close(self) -> None:
        """Nothing is kept open."""

    def _iter_calls(self, tables: TableFiles, window: Window) -> Iterator[CallRecord | Reject]:
        started: dict[str, datetime] = {}
        for part in tables.iter_parts():
            reader = CallReader(part.columns, self._name, self._tools)
            for row in part.rows:
                item = row if isinstance(row, Reject) else self._read(reader, row, window)
                if isinstance(item, CallRecord):
                    first = started.setdefault(item.call_id, item.started_at)
                    if first is not item.started_at and abs(first - item.started_at) > _SAME_CALL:
                        item = Reject(
                            where=row.where, reason='its id stands for another call above; set "call_id =" in columns'
                        )
                if item is not None:
                    yield item

    def _read(self, reader: CallReader, row: Row, window: Window) -> CallRecord | Reject | None:
        """Return the call of a row, why there is none, or None for one outside the window; note its links."""
        try:
            started_at = reader.started_at(row.values)
            if not window.holds(started_at):
                return None
            call = reader.read(row.values, started_at)
        except RowError as exc:
            return Reject(where=row.where, reason=str(exc))
        if any(is_web(link.rec_id) for link in call.recordings):
            for place in reader.places(row.values):
                self._addresses[call.call_id, place.rec_id] = place.at
        return call

    def _look_up(self, call: CallRecord, key: tuple[str, str]) -> str | None:
        self._addresses.pop(key, None)
        around = Window(start=call.started_at - _LINKS_AROUND, end=call.started_at + _LINKS_AROUND)
        for _ in self._iter_calls(self._tables, around):
            pass  # reading notes the addresses
        return self._addresses.get(key)

    def _download(self, address: str, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        link = Link(url=address, trusted_hosts=self._allow_hosts)
        return fetch_link(link, recording_stem(folder, call.call_id, recording.rec_id), self._tools.patience)

    def _find_file(self, named: str) -> Path:
        """Return the file that a table names: by its path, by the end of its path, by its name anywhere in the folder."""
        steps = [step for step in named.split("/") if step not in ("", ".") and not step.endswith(":")]
        steps = steps[-1:] if ".." in steps else steps
        root = self._recordings or self._tables.root
        try:
            found = next((path for n in range(len(steps)) if (path := root.joinpath(*steps[n:])).is_file()), None)
            if found is None and steps:
                found = self._files_by_name(root).get(steps[-1].lower())
            if found is None:
                raise RecordingError("the recording that the table names is not in the folder of recordings")
            ending = audio_ending(found)
        except OSError as exc:
            raise RecordingError(f"the recording cannot be read: {exc.strerror or exc}") from exc
        if not ending:
            raise RecordingError("the file that the table names is no sound")
        return found

    def _files_by_name(self, root: Path) -> dict[str, Path | None]:
        """Return the files below `root` by name, and by name without ending; None for a name that comes twice."""
        if self._known_files is None:
            known: dict[str, Path | None] = {}
            for folder, _, names in os.walk(root):
                for name in names:
                    path = Path(folder, name)
                    for key in {name.lower(), path.stem.lower()}:
                        known[key] = None if key in known else path
            self._known_files = known
        return self._known_files


def _check_columns(columns: Columns) -> Iterator[Finding]:
    shown = ", ".join(f"{name} = {heading}" for name, heading in columns.headings.items())
    hint = f"not used: {', '.join(columns.unused)}" if columns.unused else ""
    yield Finding(level=Level.FINE, subject="columns", text=f"understood as: {shown}", hint=hint)
    known = set(columns.headings)
    if "duration_s" in known:
        known.add("disposition")
    if "from_phone" in known or "to_phone" in known:
        known.add("client_phone")
    if {"extension", "operator_id"} & known:
        known.add("operator_name")
    for name, tells in _WANTED.items():
        if name not in known:
            text = f"no column tells {tells}"
            yield Finding(level=Level.ADVICE, subject="columns", text=text, hint=f'if there is one: columns = ["{name} = ..."]')
