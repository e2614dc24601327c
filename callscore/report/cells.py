"""Cells by what they hold: counts, shares, scores, money, times. One place decides how each is written. Pure."""

from __future__ import annotations

import math
from datetime import date, datetime

from callscore.report.form import Form
from callscore.report.labels import label
from callscore.report.text import UNKNOWN, long_duration, minutes
from callscore.report.view import Cell, ViewOptions, figure

__all__ = [
    "bound",
    "count",
    "day",
    "decimal",
    "duration",
    "hours",
    "interval",
    "money",
    "part_of",
    "points",
    "score",
    "share",
    "when",
]


def count(value: int | None) -> Cell:
    """Return a whole number."""
    return _unknown() if value is None else figure(value, lambda form: form.number(value))


def decimal(value: float | None, digits: int = 1) -> Cell:
    """Return a number with `digits` decimals."""
    if value is None or not math.isfinite(value):
        return _unknown()
    return figure(value, lambda form: form.number(value, digits))


def share(value: float | None, low: float | None = None, high: float | None = None) -> Cell:
    """Return a share 0..1 as percent, with its interval where one is given, rounded outwards."""
    if value is None or not math.isfinite(value):
        return _unknown()
    if low is None or high is None:
        return figure(value, lambda form: form.percent(value))
    return figure(value, lambda form: f"{form.percent(value)} ({form.between(100 * low, 100 * high, outwards=True)})")


def part_of(part: int, whole: int, options: ViewOptions) -> Cell:
    """Return a share with its base, as in "82% of 411"; the value is the share."""
    if not whole:
        return _unknown()

    def write(form: Form) -> str:
        return label("share_of", options.language, share=form.percent(part / whole), base=form.number(whole))

    return figure(part / whole, write)


def points(value: float | None, low: float | None = None, high: float | None = None) -> Cell:
    """Return a difference of two shares, -1..1, in percentage points with its sign, and with its interval if it has one."""
    if value is None or not math.isfinite(value):
        return _unknown()

    def write(form: Form) -> str:
        text = form.number(100 * value, 1)
        text = text if text.startswith("-") or not text.strip("0.,") else f"+{text}"
        return text if low is None or high is None else f"{text} ({form.between(100 * low, 100 * high, 1)})"

    return figure(value, write)


def score(value: float | None, low: float | None, high: float | None) -> Cell:
    """Return a score 0..100 with its interval, rounded outwards; one that nothing makes doubtful stands alone."""
    value = value if value is None or math.isfinite(value) else None

    def write(form: Form) -> str:
        text = UNKNOWN if value is None else form.number(value)
        if low is None or high is None or low == value == high:
            return text
        return f"{text} ({form.between(low, high, outwards=True)})"

    return figure(value, write)


def bound(value: float | None) -> Cell:
    """Return the end of an interval that stands beside it: a value for programs, nothing to read."""
    return Cell("", value if value is None or math.isfinite(value) else None)


def interval(value: float | None, low: float | None, high: float | None, digits: int = 1) -> Cell:
    """Return a number with its interval."""
    if value is None or not math.isfinite(value) or low is None or high is None:
        return decimal(value, digits)
    return figure(value, lambda form: f"{form.number(value, digits)} ({form.between(low, high, digits)})")


def money(value: float | None, currency: str | None = None) -> Cell:
    """Return a sum with blanks between thousands, and its currency where one is given."""
    if value is None or not math.isfinite(value):
        return _unknown()
    return figure(value, lambda form: form.money(value, currency))


def duration(ms: int | None) -> Cell:
    """Return a length of time as mm:ss."""
    return Cell(minutes(ms), ms)


def hours(ms: int | None) -> Cell:
    """Return a long time as h:mm:ss."""
    return Cell(long_duration(ms), ms)


def when(at: datetime | None, options: ViewOptions) -> Cell:
    """Return a moment in the time zone of reports; the value is ISO 8601."""
    return _unknown() if at is None else figure(at.isoformat(), lambda form: form.time(at, options.timezone))


def day(on: date | None) -> Cell:
    """Return a day; the value is ISO 8601."""
    return _unknown() if on is None else figure(on.isoformat(), lambda form: form.day(on))


def _unknown() -> Cell:
    return Cell(UNKNOWN, None)
