"""The story that every system's fixtures tell: five calls and four orders of 2 March 2026, in the common records."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from callscore.outside.pages import Patience, Tools, Window
from callscore.records import Direction, Disposition, Outcome

FIXTURES: Final = Path(__file__).with_name("fixtures")
WINDOW: Final = Window(start=datetime(2026, 3, 1, 21, tzinfo=UTC), end=datetime(2026, 3, 2, 21, tzinfo=UTC))
"""2 March in Moscow."""
ORDER_WINDOW: Final = Window(start=datetime(2026, 3, 1, 21, tzinfo=UTC), end=datetime(2026, 3, 7, tzinfo=UTC))
LATER: Final = Window(start=datetime(2026, 5, 1, tzinfo=UTC), end=datetime(2026, 5, 2, tzinfo=UTC))
"""A day on which nothing happened."""
OPERATORS: Final[Mapping[str, str]] = {"101": "Соколова Анна", "102": "Кравцов Олег", "103": "Лис Дарья"}


@dataclass(frozen=True)
class StoryCall:
    """One call; `extension` is of the last operator who talked, `rung` of those who were rung before."""

    number: int
    direction: Direction
    started_at: datetime
    client_phone: str
    line_phone: str
    extension: str | None
    disposition: Disposition
    wait_ms: int
    talk_ms: int


@dataclass(frozen=True)
class StoryOrder:
    """One order."""

    order_id: str
    outcome: Outcome
    created_at: datetime
    closed_at: datetime | None
    amount: float
    client_phone: str
    extension: str


def _at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


_IN, _OUT = Direction.INBOUND, Direction.OUTBOUND
_YES, _LOST = Disposition.ANSWERED, Disposition.ABANDONED
CALLS: Final = (
    StoryCall(1, _IN, _at(2, 7, 2), "+79000000101", "+74950000001", "101", _YES, 26_000, 184_000),
    StoryCall(2, _IN, _at(2, 7, 15), "+79000000102", "+74950000002", "102", _YES, 7_000, 135_000),
    StoryCall(3, _IN, _at(2, 7, 40), "+79000000103", "+74950000001", None, _LOST, 48_000, 0),
    StoryCall(4, _OUT, _at(2, 8, 5), "+79000000104", "+74950000001", "101", _YES, 18_000, 90_000),
    StoryCall(5, _IN, _at(2, 9, 0), "+79000000105", "+74950000002", "103", _YES, 5_000, 240_000),
)
ORDERS: Final = (
    StoryOrder("1001", Outcome.WON, _at(2, 7, 6), _at(5, 12, 0), 12490, "+79000000101", "101"),
    StoryOrder("1002", Outcome.LOST, _at(2, 7, 18), _at(3, 9, 0), 7990, "+79000000102", "102"),
    StoryOrder("1004", Outcome.OPEN, _at(2, 8, 10), None, 3490, "+79000000104", "101"),
    StoryOrder("1005", Outcome.WON, _at(2, 9, 6), _at(4, 15, 30), 24900, "+79000000105", "103"),
)


def quick_tools(naps: list[float] | None = None) -> Tools:
    """Return tools for tests: pauses are noted in `naps` instead of slept, time-outs are short."""
    noted = [] if naps is None else naps
    return Tools(patience=Patience(attempts=3, first_wait_s=0.5, timeout_s=1.0, sleep=noted.append))


def beep(seconds: float = 0.5, channels: int = 2) -> bytes:
    """Return a small WAV file: what the story's recordings hold."""
    n_samples = int(8000 * seconds)
    samples = [int(8000 * math.sin(i / 3)) for i in range(n_samples) for _ in range(channels)]
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return stream.getvalue()
