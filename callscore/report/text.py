"""Numbers, times and intervals as people read them; "-" for what is unknown. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

__all__ = ["UNKNOWN", "local_time", "long_duration", "minutes", "number", "percent", "score_text", "seconds"]

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


def seconds(ms: int | None) -> str:
    """Return a short time in seconds with one decimal.

    >>> seconds(740)
    '0.7'
    """
    return UNKNOWN if ms is None else f"{ms / 1000:.1f}"


def percent(part: float, whole: float) -> str:
    """Return a share without decimals; unknown where there is nothing to share.

    >>> percent(411, 500), percent(0, 0)
    ('82%', '-')
    """
    return f"{100 * part / whole:.0f}%" if whole else UNKNOWN


def number(value: float | None) -> str:
    """Return a number without decimals."""
    return UNKNOWN if value is None else f"{value:.0f}"


def score_text(score: float | None, low: float | None, high: float | None) -> str:
    """Return a score with its interval, the ends rounded outwards so that it never looks narrower than it is.

    A score that nothing makes doubtful stands alone.

    >>> score_text(82.4, 74.2, 88.1), score_text(66.7, 66.7, 66.7), score_text(None, 0.0, 100.0), score_text(None, None, None)
    ('82 (74-89)', '67', '- (0-100)', '-')
    """
    if low is None or high is None or low == score == high:
        return number(score)
    return f"{number(score)} ({int(low)}-{-int(-high // 1)})"


def local_time(at: datetime | None, timezone: str) -> str:
    """Return a time of day in `timezone`.

    >>> from datetime import UTC
    >>> local_time(datetime(2026, 10, 5, 7, 12, tzinfo=UTC), "Europe/Moscow")
    '2026-10-05 10:12'
    """
    return UNKNOWN if at is None else at.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M")
