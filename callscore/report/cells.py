"""Cells by what they hold: counts, shares, scores, money, times. One place decides how each is written. Pure."""

from __future__ import annotations

from datetime import date, datetime

from callscore.report.labels import label
from callscore.report.text import UNKNOWN, local_time, minutes, percent, score_text
from callscore.report.view import Cell, ViewOptions

__all__ = ["count", "day", "decimal", "duration", "interval", "money", "part_of", "score", "share", "when"]


def count(value: int | None) -> Cell:
    """Return a whole number."""
    return Cell(UNKNOWN if value is None else str(value), value)


def decimal(value: float | None, digits: int = 1) -> Cell:
    """Return a number with `digits` decimals."""
    return Cell(UNKNOWN if value is None else f"{value:.{digits}f}", value)


def share(value: float | None, low: float | None = None, high: float | None = None) -> Cell:
    """Return a share 0..1 as percent, with its interval where one is given, rounded outwards."""
    if value is None:
        return Cell(UNKNOWN, None)
    if low is None or high is None:
        return Cell(percent(value, 1), value)
    return Cell(f"{percent(value, 1)} ({int(100 * low)}-{-int(-100 * high // 1)})", value)


def part_of(part: int, whole: int, options: ViewOptions) -> Cell:
    """Return a share with its base, as in "82% of 411"; the value is the share."""
    if not whole:
        return Cell(UNKNOWN, None)
    return Cell(label("share_of", options.language, share=percent(part, whole), base=whole), part / whole)


def score(value: float | None, low: float | None, high: float | None) -> Cell:
    """Return a score 0..100 with its interval, rounded outwards."""
    return Cell(score_text(value, low, high), value)


def interval(value: float | None, low: float | None, high: float | None, digits: int = 1) -> Cell:
    """Return a number with its interval."""
    if value is None:
        return Cell(UNKNOWN, None)
    if low is None or high is None:
        return decimal(value, digits)
    return Cell(f"{value:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})", value)


def money(value: float | None, currency: str | None = None) -> Cell:
    """Return a sum with blanks between thousands, and its currency where one is given."""
    if value is None:
        return Cell(UNKNOWN, None)
    text = f"{value:,.0f}".replace(",", "\u00a0")
    return Cell(f"{text} {currency}" if currency else text, value)


def duration(ms: int | None) -> Cell:
    """Return a length of time as mm:ss."""
    return Cell(minutes(ms), ms)


def when(at: datetime | None, options: ViewOptions) -> Cell:
    """Return a moment in the time zone of reports; the value is ISO 8601."""
    return Cell(local_time(at, options.timezone), at.isoformat() if at else None)


def day(on: date | None) -> Cell:
    """Return a day; the value is ISO 8601."""
    return Cell(UNKNOWN if on is None else on.isoformat(), on.isoformat() if on else None)
