"""What sources hand over: pages of records with the rows that could not be read, and what a check of a source found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from callscore.records import CallRecord, OrderRecord

__all__ = ["CallPage", "Finding", "Level", "OrderPage", "Page", "Patience", "Reject", "Tools", "Window"]

RecordT = TypeVar("RecordT", CallRecord, OrderRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open stretch of time, aware UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None or self.end < self.start:
            raise ValueError("Window needs aware times, start before end")

    def holds(self, at: datetime) -> bool:
        """Tell whether `at` lies within."""
        return self.start <= at < self.end

    def parts(self, length: timedelta) -> Iterator[Window]:
        """Yield it in stretches of `length`, oldest first, the last one shorter; an empty window is one stretch."""
        start = self.start
        while True:
            end = min(start + length, self.end)
            yield Window(start=start, end=end)
            if end >= self.end:
                return
            start = end


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A row that could not be used: where it stands (file and line, or its id) and why, without what it says."""

    where: str
    reason: str


# No slots: CallPage(...) notes its type on the new page, and a frozen class with slots answers that with a TypeError.
@dataclass(frozen=True, kw_only=True)
class Page(Generic[RecordT]):
    """Some records of a source, and the rows that were rejected.

    `covered_until`: everything of the window before this moment (by start of the call, or creation of the order) has been
    given with this page and those before it; None: nothing can be said yet. The last page of a window says the window's end.
    A record may come again on a later page, in a later state: the later one counts.
    """

    records: tuple[RecordT, ...]
    rejects: tuple[Reject, ...] = ()
    covered_until: datetime | None = None


CallPage = Page[CallRecord]
OrderPage = Page[OrderRecord]


class Level(StrEnum):
    """How a finding of a check is meant."""

    FINE = "fine"
    ADVICE = "advice"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing a check of a source found: what was looked at, how it is, and what to do."""

    level: Level
    subject: str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often a passing error is tried again, the first pause (it doubles), the longest pause, and the time-out."""

    attempts: int = 5
    first_wait_s: float = 1.0
    longest_wait_s: float = 900.0
    timeout_s: float = 60.0
    sleep: Callable[[float], None] = field(default=time.sleep, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a source is given besides its settings.

    `timezone` is the IANA name for times without an offset, the source's own setting where it has one; `region` an ISO 3166
    code for phones without a country.
    """

    timezone: str = "Europe/Moscow"
    region: str = "RU"
    patience: Patience = field(default_factory=Patience)
