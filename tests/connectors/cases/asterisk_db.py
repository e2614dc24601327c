"""FreePBX's database as SQLite: its table cdr, the realtime table queue_log, and its monitor folder."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from callscore.outside.pages import Tools
from callscore.sources.asterisk_db import Settings, open_source
from tests.connectors.case import SourceCase
from tests.connectors.cases.asterisk import recorded
from tests.connectors.story import FIXTURES

FILES: Final = FIXTURES / "asterisk"
ZONE: Final = ZoneInfo("Europe/Moscow")


def freepbx_rows() -> list[dict[str, str]]:
    """Return the fixture's export of asteriskcdrdb.cdr."""
    with (FILES / "freepbx_cdr_export.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def queue_rows() -> list[dict[str, Any]]:
    """Return the fixture's queue log as Asterisk writes it to the realtime table: local times, five fields of data."""
    rows: list[dict[str, Any]] = []
    for line in (FILES / "queue_log").read_text(encoding="utf-8").splitlines():
        epoch, callid, queue, agent, event, *data = line.split("|")
        at = f"{datetime.fromtimestamp(int(epoch), ZONE):%Y-%m-%d %H:%M:%S}.000000"
        fields = [*data[:4], "|".join(data[4:]), "", "", "", "", ""][:5] if len(data) > 4 else [*data, "", "", "", "", ""][:5]
        parts = {f"data{number}": text for number, text in enumerate(fields, start=1)}
        rows.append({"time": at, "callid": callid, "queuename": queue, "agent": agent, "event": event, **parts})
    return rows


def fill(path: Path, table: str, rows: Sequence[Mapping[str, Any]], declared: str = "") -> None:
    """Make a table of the rows' columns; `declared` are columns with types, for those that shall have one."""
    names = list(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    with closing(sqlite3.connect(path)) as link, link:
        link.execute(f"CREATE TABLE {table} ({declared or columns})")
        link.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", [tuple(row.values()) for row in rows])


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[SourceCase]:
    """Lay out the database and the recordings, and open them; two rows a page."""
    path = folder / "asteriskcdrdb.sqlite"
    fill(path, "cdr", freepbx_rows())
    fill(path, "queue_log", queue_rows())
    monitor = folder / "monitor"
    for line in (FILES / "freepbx_recordings.txt").read_text(encoding="utf-8").splitlines():
        written, n_bytes = line.split("\t")
        file = monitor / written.removeprefix("/var/spool/asterisk/monitor/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(recorded(file.name, int(n_bytes)))
    settings = Settings(url=f"sqlite:///{path}", queue_log_table="queue_log", recordings=monitor, page_size=2)
    yield SourceCase(source=open_source("office", settings, tools))
