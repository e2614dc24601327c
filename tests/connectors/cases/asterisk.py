"""Asterisk's files: Master.csv with its rotated part and queue_log as they are, and a monitor folder made to match."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from callscore.outside.pages import Tools
from callscore.sources.asterisk import Settings, open_source
from tests.connectors.case import SourceCase
from tests.connectors.story import FIXTURES, beep

FILES: Final = FIXTURES / "asterisk"


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[SourceCase]:
    """Lay the files out as a PBX does, and open them."""
    monitor = folder / "monitor"
    for line in (FILES / "freepbx_recordings.txt").read_text(encoding="utf-8").splitlines():
        written, n_bytes = line.split("\t")
        path = monitor / written.removeprefix("/var/spool/asterisk/monitor/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(recorded(path.name, int(n_bytes)))
    for name in ("cdr-csv/Master.csv", "cdr-csv/Master.csv.1", "queue_log"):
        shutil.copy(FILES / name, folder / Path(name).name)
    settings = Settings(
        cdr=folder / "Master.csv",
        queue_log=folder / "queue_log",
        recordings=monitor,
        # Rows of outgoing calls name the trunk, not its number.
        lines=("trunk-msk=+74950000001",),
    )
    yield SourceCase(source=open_source("office", settings, tools))


def recorded(name: str, n_bytes: int) -> bytes:
    """Return a short recording of the kind that a name stands for; one of 44 bytes is a header without sound."""
    if n_bytes == 44:
        return beep(0, channels=1)
    return beep(channels=2)[44:] if name.endswith(".raw") else beep(channels=1)
