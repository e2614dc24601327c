"""MikoPBX's own table of calls, read from its cdr.db (or a copy), with recordings in its monitor folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Final

from callscore.errors import RecordingError
from callscore.outside.checkup import check_calls, check_sound, last_days
from callscore.outside.pages import CallPage, Finding, Level, Tools, Window
from callscore.records import CallRecord, RecordingLink
from callscore.sources.asterisk.logfiles import stamp_range
from callscore.sources.asterisk.recordings import EMPTY_BYTES
from callscore.sources.asterisk_db.database import Database, Table
from callscore.sources.mikopbx_calls import MARGIN, make_page

__all__ = ["MIKO_COLUMNS", "MikoTable"]

MIKO_COLUMNS: Final = frozenset(("start", "endtime", "src_num", "dst_num", "linkedid"))
CHECK_DAYS: Final = 3
STEP: Final = timedelta(days=7)
# A recording begins as WAV and is converted later: its row may still name the old ending, or already the new one.
ENDINGS: Final = (".webm", ".mp3", ".wav", ".ogg")


class MikoTable:
    """See Source."""

    def __init__(self, name: str, kind: str, recordings: Path | None, tools: Tools) -> None:
        self._name = name
        self._kind = kind
        self._root = recordings
        self._tools = tools

    def pages(self, database: Database, table: Table, window: Window) -> Iterator[CallPage]:
        """Yield a page a week."""
        for part in window.parts(STEP):
            first, last = stamp_range(part.start - MARGIN, part.end + MARGIN, self._tools.timezone)
            rows = [_cased(row) for row in database.rows(table, "start", first, last)]
            page = make_page(rows, part, (self._kind, self._name), self._tools)
            files = {str(row.get("id") or row.get("UNIQUEID") or ""): str(row.get("recordingfile") or "") for row in rows}
            records = tuple(self._linked(record, files) for record in page.records)
            yield CallPage(records=records, rejects=page.rejects, covered_until=page.covered_until)

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        """See Source.fetch; the recording lies on this machine."""
        del call, folder
        pure = PurePosixPath(recording.rec_id)
        if self._root is None or pure.is_absolute() or ".." in pure.parts:
            raise RecordingError("the recording is not below the folder of recordings")
        path = self._root / pure
        for ending in dict.fromkeys((path.suffix, *ENDINGS)):
            found = path.with_suffix(ending)
            if found.is_file() and found.stat().st_size > EMPTY_BYTES:
                return found
        raise RecordingError("the recording is not there (any more, or not yet)")

    def check(self, database: Database, table: Table) -> Iterator[Finding]:
        """Tell what the last days hold."""
        pages = list(self.pages(database, table, last_days(CHECK_DAYS)))
        calls = [record for page in pages for record in page.records]
        yield from check_calls(calls, sum(len(page.rejects) for page in pages), f"the last {CHECK_DAYS} days")
        if self._root is None:
            hint = "set recordings to the PBX's monitor folder"
            yield Finding(level=Level.ADVICE, subject="recordings", text="no folder of recordings is set", hint=hint)
        else:
            yield from check_sound(calls, self.fetch, "switch on stereo recording in MikoPBX")

    def _linked(self, record: CallRecord, files: dict[str, str]) -> CallRecord:
        """Name recordings by their path below the monitor folder instead of by row."""
        if self._root is None:
            return replace(record, recordings=())
        links = (replace(link, rec_id=_below_monitor(files.get(link.rec_id, ""))) for link in record.recordings)
        return replace(record, recordings=tuple(links))


def _below_monitor(path: str) -> str:
    return path.rpartition("/monitor/")[2] if "/monitor/" in path else PurePosixPath(path).name


def _cased(row: dict[str, Any]) -> dict[str, Any]:
    """Name columns as the REST does: all in small letters but one."""
    return {"UNIQUEID" if name == "uniqueid" else name: value for name, value in row.items()}
