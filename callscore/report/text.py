"""Lengths of time and moments that no language writes otherwise; "-" for what is unknown. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

__all__ = ["UNKNOWN", "local_time", "long_duration", "minutes"]

UNKNOWN: Final = "-"


def minutes(ms: int | None) -> str:
    """Return a duration or a place in a call as mm:ss, rounded down; minutes go on past an hour.

    >>> minutes(83_900), minutes(7_205_000), minutes(None)
    ('01:23', '120:05', '-')
    """
    return UNKNOWN if ms is None else f"{ms // 60_000:02d}:{ms // 1000 % 60:02d}"


def long_duration(ms: int | None) -> str:
    """Return a duration of hours as h:mm:ss.

    >>> long_duration(7_205_000)
    '2:00:05'
    """
    return UNKNOWN if ms is None else f"{ms // 3_600_000}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}"


def local_time(at: datetime | None, timezone: str) -> str:
    """Return a time of day in `timezone`.

    >>> from datetime import UTC
    >>> local_time(datetime(2026, 10, 5, 7, 12, tzinfo=UTC), "Europe/Moscow")
    '2026-10-05 10:12'
    """
    return UNKNOWN if at is None else at.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M")
