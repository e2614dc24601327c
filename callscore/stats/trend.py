"""Whether an operator's score goes up or down over the weeks, or changed at once in one of them. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from callscore.stats.interval import student_quantile

__all__ = ["MIN_WEEKS", "StepChange", "Trend", "WeekScore", "find_step", "fit_trend"]

MIN_WEEKS: Final = 6
"""From fewer weeks a trend is read into noise: the slope of five points has an interval of three degrees of freedom."""
_MIN_SIDE: Final = 2
"""Weeks that must lie on each side of a step."""


@dataclass(frozen=True, slots=True)
class WeekScore:
    """The calls of a week: their number, sum and sum of squares of scores 0..100; `starts_on` is its Monday."""

    starts_on: date
    n: int
    total: float
    squares: float


@dataclass(frozen=True, slots=True)
class Trend:
    """Points a week up (down: negative), with the 95 % interval and the probability of so much by chance."""

    slope: float
    low: float
    high: float
    p_value: float
    n_weeks: int


@dataclass(frozen=True, slots=True)
class StepChange:
    """The week from which on the mean is `difference` points higher; `p_value` is corrected for all weeks looked at."""

    starts_on: date
    difference: float
    p_value: float


def fit_trend(weeks: Sequence[WeekScore]) -> Trend | None:
    """Return the straight line through the weekly means, weeks weighted by their calls; None for fewer than six weeks.

    The variance is that of the weekly means around the line or, if larger, what calls that differ within weeks would give:
    weeks that happen to lie well on a line are no proof, and good and bad weeks come on top of good and bad calls.

    >>> from datetime import timedelta
    >>> up = [WeekScore(date(2026, 1, 5) + timedelta(weeks=k), 40, 40 * (70.0 + k), 40 * (70.0 + k) ** 2) for k in range(8)]
    >>> found = fit_trend(up)
    >>> round(found.slope, 2), found.p_value < 0.01
    (1.0, True)
    """
    counted = [week for week in weeks if week.n]
    if len(counted) < MIN_WEEKS:
        return None
    first = min(week.starts_on for week in counted)
    places = [(week.starts_on - first).days / 7 for week in counted]
    sizes = sum(week.n for week in counted)
    middle = sum(week.n * place for week, place in zip(counted, places, strict=True)) / sizes
    mean = sum(week.total for week in counted) / sizes
    spread = sum(week.n * (place - middle) ** 2 for week, place in zip(counted, places, strict=True))
    slope = sum(week.total * (place - middle) for week, place in zip(counted, places, strict=True)) / spread
    residual = sum(
        week.n * (week.total / week.n - mean - slope * (place - middle)) ** 2
        for week, place in zip(counted, places, strict=True)
    )
    degrees = len(counted) - 2
    error = math.sqrt(max(residual / degrees, _within(counted)) / spread)
    half = student_quantile(degrees) * error
    return Trend(slope, slope - half, slope + half, _p_value(slope, error, degrees), len(counted))


def find_step(weeks: Sequence[WeekScore]) -> StepChange | None:
    """Return the week that parts the weeks best into a worse and a better time; None for fewer than six weeks.

    The probability is that of the best week times the number of weeks that could have been it (Bonferroni): whoever looks for
    the largest jump among many weeks finds one.
    """
    counted = sorted((week for week in weeks if week.n), key=lambda week: week.starts_on)
    if len(counted) < MIN_WEEKS:
        return None
    splits = range(_MIN_SIDE, len(counted) - _MIN_SIDE + 1)
    steps = [_step(counted[:split], counted[split:]) for split in splits]
    best = min(steps, key=lambda step: step.p_value)
    return StepChange(best.starts_on, best.difference, min(1.0, best.p_value * len(steps)))


def _step(before: Sequence[WeekScore], after: Sequence[WeekScore]) -> StepChange:
    means, residual, parts = [], 0.0, 0.0
    for side in (before, after):
        size = sum(week.n for week in side)
        mean = sum(week.total for week in side) / size
        residual += sum(week.n * (week.total / week.n - mean) ** 2 for week in side)
        parts += 1 / size
        means.append(mean)
    degrees = len(before) + len(after) - 2
    error = math.sqrt(max(residual / degrees, _within([*before, *after])) * parts)
    difference = means[1] - means[0]
    return StepChange(after[0].starts_on, difference, _p_value(difference, error, degrees))


def _within(weeks: Sequence[WeekScore]) -> float:
    """Return the variance of calls within weeks; as in mean_interval two made-up calls keep alike ones from seeming sure."""
    squares = sum(max(0.0, week.squares - week.total**2 / week.n) for week in weeks)
    mean = sum(week.total for week in weeks) / sum(week.n for week in weeks)
    return (squares + mean**2 + (100.0 - mean) ** 2) / (sum(week.n - 1 for week in weeks) + 2)


def _p_value(value: float, error: float, degrees: int) -> float:
    from scipy.special import stdtr

    return float(2 * stdtr(degrees, -abs(value) / error))
