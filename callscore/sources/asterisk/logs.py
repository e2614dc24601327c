"""The three logs of a PBX, open while a window is read."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from callscore.outside.pages import Reject, Window
from callscore.sources.asterisk.cdr import CdrRow
from callscore.sources.asterisk.cel import CelEvent
from callscore.sources.asterisk.log import Log
from callscore.sources.asterisk.queue_log import QueueEvent
from callscore.sources.asterisk.readers import CdrReader, CelReader, QueueReader
from callscore.sources.asterisk.settings import Settings
from callscore.sources.asterisk.slices import LONGEST_CALL

__all__ = ["Logs"]


@dataclass(frozen=True, slots=True)
class Logs:
    """What of CDR, queue log and CEL is configured; close() lets go of the files."""

    cdr: Log[CdrRow] | None
    queue: Log[QueueEvent] | None
    cel: Log[CelEvent] | None
    newest_row: datetime | None
    newest_event: datetime | None

    @classmethod
    def open(cls, settings: Settings, zone: str) -> Logs:
        """Open the logs and look them through.

        Raises:
            SourceError: one is not there, or cannot be read.
        """
        with ExitStack() as opened:
            cdr = CdrReader(settings.cdr, zone, settings.cdr_times) if settings.cdr else None
            opened.callback(_close, cdr)
            queue = QueueReader(settings.queue_log, zone, settings.queue_log_times) if settings.queue_log else None
            opened.callback(_close, queue)
            cel = CelReader(settings.cel, zone, settings.cdr_times) if settings.cel else None
            opened.pop_all()
        return cls(cdr, queue, cel, cdr.newest if cdr else None, queue.newest if queue else None)

    def spans(self, window: Window) -> list[tuple[str, int]]:
        """Return how much of the largest log lies where, see slices_of."""
        start, end = window.start - LONGEST_CALL, window.end + LONGEST_CALL
        found = [reader.spans(start, end) for reader in (self.cdr, self.queue, self.cel) if reader]
        return max(found, key=lambda spans: sum(n_bytes for _, n_bytes in spans), default=[])

    def take_rejects(self) -> tuple[Reject, ...]:
        """Return what could not be read since the last time."""
        return tuple(reject for reader in (self.cdr, self.queue, self.cel) if reader for reject in reader.take_rejects())

    def close(self) -> None:
        """Close the files."""
        for reader in (self.cdr, self.queue, self.cel):
            _close(reader)


def _close(reader: Log[CdrRow] | Log[QueueEvent] | Log[CelEvent] | None) -> None:
    if reader is not None:
        reader.close()
