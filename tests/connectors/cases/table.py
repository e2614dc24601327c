"""A folder with the two exports of the story as Excel writes them, and the recordings that they name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from callscore.outside.pages import Tools
from callscore.sources.call_table import Settings, open_source
from tests.connectors.case import SourceCase
from tests.connectors.story import FIXTURES, beep

TABLES = FIXTURES / "csv_excel"
RECORDINGS = (
    "2026-03-02/100200_79000000101.mp3",
    "2026-03-02/101500_79000000102.mp3",
    "2026-03-02/110500_79000000104.wav",
    "2026-03-02/120000_79000000105.wav",
)


def lay_out(folder: Path) -> tuple[Path, Path]:
    """Copy the tables, with the phone of call 5 that Excel destroyed repaired, and return their folder and the recordings'."""
    tables, recordings = folder / "exports", folder / "recordings"
    tables.mkdir(parents=True)
    shutil.copy(TABLES / "calls_page1_cp1251.csv", tables)
    broken = (TABLES / "calls_page2_utf8bom.csv").read_bytes()
    (tables / "calls_page2_utf8bom.csv").write_bytes(broken.replace(b"7,90000E+10", b"79000000105"))
    for name in RECORDINGS:
        path = recordings / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(beep())
    return tables, recordings


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[SourceCase]:
    """Yield the source; a row names the operator who took the call, the table does not know that call 5 was handed over."""
    tables, recordings = lay_out(folder)
    source = open_source("office", Settings(path=tables, recordings=recordings), tools)
    yield SourceCase(source=source, unknown=frozenset({"extension"}))
