"""Builders of an Asterisk's lines and folders for tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from callscore.outside.pages import Reject, Window
from callscore.records import CallRecord
from callscore.sources.asterisk import Settings, open_source
from tests.connectors.story import quick_tools

DAY = Window(start=datetime(2026, 3, 2, tzinfo=UTC), end=datetime(2026, 3, 3, tzinfo=UTC))
SEVEN = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
TRUNK = "PJSIP/trunk-msk-00000001"
CLIENT = "79000000101"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of Master.csv; times are seconds after 07:00 UTC."""

    start: int = 0
    answer: int | None = 10
    end: int = 100
    src: str = CLIENT
    dst: str = "600"
    dcontext: str = "ext-queues"
    clid: str = ""
    channel: str = TRUNK
    dstchannel: str = "PJSIP/101-00000002"
    lastapp: str = "Queue"
    lastdata: str = "600,tTrR,,,300"
    disposition: str = "ANSWERED"
    uniqueid: str = "1772434800.1"
    userfield: str = ""
    linkedid: str = ""
    sequence: str = ""

    def line(self, n_columns: int = 18, shift: timedelta = timedelta(0)) -> str:
        """Return the row as cdr_csv writes it; `shift` moves its times, as those of a local clock."""
        times = [None if s is None else SEVEN + timedelta(seconds=s) + shift for s in (self.start, self.answer, self.end)]
        base: list[str | int | None] = [
            *("", self.src, self.dst, self.dcontext, self.clid, self.channel, self.dstchannel, self.lastapp, self.lastdata),
            *(None if at is None else f"{at:%Y-%m-%d %H:%M:%S}" for at in times),
            *(self.end - self.start, 0 if self.answer is None else self.end - self.answer, self.disposition, "DOCUMENTATION"),
        ]
        middle = {0: [], 1: [self.uniqueid or self.userfield], 2: [self.uniqueid, self.userfield]}
        more = n_columns - 16
        tail: list[str | int | None] = [] if more < 3 else ["", self.linkedid, int(self.sequence or 0)]
        return ",".join(_field(value) for value in (*base, *middle[more if more < 3 else more - 3], *tail))


def _field(value: str | int | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else '"' + value.replace('"', '""') + '"'


def read(folder: Path, window: Window = DAY, **settings: Any) -> tuple[dict[str, CallRecord], list[Reject]]:
    """Return the calls of a day by id, and the rejects, of the files that lie in a folder."""
    for name in ("Master.csv", "queue_log", "cel"):
        key = {"Master.csv": "cdr"}.get(name, name)
        if key not in settings and (folder / name).exists():
            settings[key] = folder / name
    source = open_source("office", Settings(**settings), quick_tools())
    pages = list(source.iter_pages(window))
    return {record.call_id: record for page in pages for record in page.records}, [
        reject for page in pages for reject in page.rejects
    ]


def write_rows(folder: Path, rows: Sequence[Row], n_columns: int = 18) -> None:
    """Write Master.csv."""
    (folder / "Master.csv").write_text("".join(f"{row.line(n_columns)}\n" for row in rows), encoding="utf-8")


def one(found: tuple[dict[str, CallRecord], list[Reject]]) -> CallRecord:
    """Return the only call; nothing was rejected."""
    records, rejects = found
    assert rejects == []
    (record,) = records.values()
    return record
