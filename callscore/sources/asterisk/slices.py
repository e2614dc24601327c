"""A window in slices: each is read with some hours on both sides, so that every call is whole and memory stays small."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Generic, TypeVar

from callscore.outside.pages import Window
from callscore.sources.asterisk.cdr import CdrRow
from callscore.sources.asterisk.cel import CelEvent
from callscore.sources.asterisk.log import Log
from callscore.sources.asterisk.queue_log import QueueEvent

__all__ = ["LONGEST_CALL", "Sliding", "days_of", "slices_of"]

_ItemT = TypeVar("_ItemT", CdrRow, QueueEvent, CelEvent)
LONGEST_CALL: Final = timedelta(hours=6)
"""Rows of one call do not begin further apart."""
_SLICE_BYTES: Final = 24 << 20


class Sliding(Generic[_ItemT]):
    """What a log holds around a slice; slices are asked for in order, and what two of them share is read once."""

    def __init__(self, reader: Log[_ItemT] | None) -> None:
        self._reader: Log[_ItemT] | None = reader
        self._kept: list[_ItemT] = []
        self._read_to: datetime | None = None

    def around(self, part: Window) -> Sequence[_ItemT]:
        """Return what begins in a slice, or so near to it that it may belong to a call there."""
        if self._reader is None:
            return ()
        start, end = part.start - LONGEST_CALL, part.end + LONGEST_CALL
        self._kept = [item for item in self._kept if _at(item) >= start]
        begin = start if self._read_to is None else max(start, self._read_to)
        self._kept.extend(self._reader.read(begin, end))
        self._read_to = end
        return self._kept


def slices_of(window: Window, spans: Sequence[tuple[str, int]]) -> Iterator[Window]:
    """Yield a window in parts that hold about as much each.

    Args:
        window: what is asked for.
        spans: when blocks of the largest log begin (as written, to the hour) and their bytes.
    """
    n_slices = sum(n_bytes for _, n_bytes in spans) // _SLICE_BYTES + 1
    begins = sorted(stamp for stamp, _ in spans if stamp)
    marks = {begins[len(begins) * number // n_slices][:13] for number in range(1, n_slices)} if begins else set()
    start = window.start
    for at in map(_hour, sorted(marks)):
        if at is not None and start < at < window.end:
            yield Window(start=start, end=at)
            start = at
    yield Window(start=start, end=window.end)


def days_of(part: Window) -> Iterator[Window]:
    """Yield a slice day by day (UTC): a page each, after which a run that breaks off can go on."""
    start = part.start
    while start < part.end:
        midnight = datetime(start.year, start.month, start.day, tzinfo=UTC) + timedelta(days=1)
        end = min(midnight, part.end)
        yield Window(start=start, end=end)
        start = end
    if part.start == part.end:
        yield part


def _hour(mark: str) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{mark}:00:00").replace(tzinfo=UTC)
    except ValueError:
        return None  # what looked like a time in a broken line


def _at(item: CdrRow | QueueEvent | CelEvent) -> datetime:
    return item.start if isinstance(item, CdrRow) else item.at
