"""The database of a PBX as a source of calls: CDR in any set of columns, or MikoPBX's table; never written to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from callscore.outside.pages import CallPage, Finding, Level, Tools, Window
from callscore.records import CallRecord, RecordingLink
from callscore.sources.asterisk.logs import Logs
from callscore.sources.asterisk.source import AsteriskSource
from callscore.sources.asterisk_db.database import Database, Table
from callscore.sources.asterisk_db.miko import MIKO_COLUMNS, MikoTable
from callscore.sources.asterisk_db.settings import Settings
from callscore.sources.asterisk_db.tables import CdrTable, QueueTable

__all__ = ["AsteriskDatabase"]

KIND: Final = "asterisk-db"
_CDR_NEEDS: Final = ("calldate|start", "src", "dst", "channel", "disposition", "end|duration")
_QUEUE_NEEDS: Final = ("time", "callid", "queuename", "agent", "event")


class AsteriskDatabase:
    """See Source. Which of the two kinds of tables it is, its columns tell."""

    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        self._name = name
        self._settings = settings
        self._tools = tools
        self._has_miko: bool | None = None
        self._miko = MikoTable(name, KIND, settings.recordings, tools)
        # Its logs are not asked for when a recording is fetched.
        self._files = AsteriskSource(name, settings, tools, lambda: Logs(None, None, None, None, None), KIND)

    def iter_pages(self, window: Window) -> Iterator[CallPage]:
        """See Source.iter_pages."""
        with closing(self._open()) as database:
            table = self._table(database)
            if self._has_miko:
                yield from self._miko.pages(database, table, window)
            else:
                yield from self._asterisk(database, table).iter_pages(window)

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        """See Source.fetch; recordings lie on this machine."""
        if self._has_miko is None:
            with closing(self._open()) as database:
                self._table(database)
        return self._miko.fetch(call, recording, folder) if self._has_miko else self._files.fetch(call, recording, folder)

    def check(self) -> Iterator[Finding]:
        """See Source.check."""
        with closing(self._open()) as database:
            table = self._table(database)
            text = f"the table {table.name} can be read, {len(table.names)} columns"
            yield Finding(level=Level.FINE, subject="database", text=text)
            if self._has_miko:
                yield from self._miko.check(database, table)
                return
            if not self._settings.queue_log_table:
                text, hint = "waiting in queues is not told by CDR", "set queue_log_table, or read the file with kind asterisk"
                yield Finding(level=Level.ADVICE, subject="queues", text=text, hint=hint)
            if "uniqueid" not in table.names:
                text = "the table has no uniqueid: what belongs to one call is guessed by channels"
                yield Finding(level=Level.ADVICE, subject="columns", text=text, hint="add the columns uniqueid and linkedid")
            yield from self._asterisk(database, table).check()

    def close(self) -> None:
        """See Source.close; connections are open only while the database is asked."""

    def _open(self) -> Database:
        settings = self._settings
        return Database(settings.url, settings.password, self._tools.patience, settings.page_size)

    def _table(self, database: Database) -> Table:
        table = database.table(self._settings.table)
        self._has_miko = set(table.names) >= MIKO_COLUMNS
        if not self._has_miko:
            database.check_columns(table, _CDR_NEEDS)
        return table

    def _asterisk(self, database: Database, table: Table) -> AsteriskSource:
        settings, zone = self._settings, self._tools.timezone

        def open_logs() -> Logs:
            cdr = CdrTable(database, table, zone, settings.cdr_times)
            queue = None
            if settings.queue_log_table:
                events = database.table(settings.queue_log_table)
                database.check_columns(events, _QUEUE_NEEDS)
                queue = QueueTable(database, events, zone, settings.queue_log_times)
            return Logs(cdr, queue, None, cdr.newest, queue.newest if queue else None)

        return AsteriskSource(self._name, settings, self._tools, open_logs, KIND)
