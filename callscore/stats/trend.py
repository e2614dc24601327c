"""Whether an operator's score goes up or down over the weeks, or changed at once in one of them. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from callscore.stats.interval import student_chance, student_quantile

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
    return Trend(slope, slope - half, slope + half, student_chance(slope / error, degrees), len(counted))


def find_step(weeks: Sequence[WeekScore]) -> StepChange | None:
    """Return the week that parts the weeks best into a worse and a better time; None for fewer than six weeks.

    The probability is that of the best week times the number of weeks that could have been it (Bonferroni): whoever looks for
    the largest jump among many weeks finds one.
    """
    counted = sorted((week for week in weeks if week.n), key=lambda week: week.starts_on)
    if len(counted) < MIN_WEEKS:
        return None
    within, sizes, totals, squares = _within(counted), [0], [0.0], [0.0]
    for week in counted:
        sizes.append(sizes[-1] + week.n)
        totals.append(totals[-1] + week.total)
        squares.append(squares[-1] + week.total**2 / week.n)
    degrees = len(counted) - 2
    best, chance = _MIN_SIDE, 2.0
    splits = range(_MIN_SIDE, len(counted) - _MIN_SIDE + 1)
    for split in splits:
        sides = ((sizes[split], totals[split]), (sizes[-1] - sizes[split], totals[-1] - totals[split]))
        residual = max(0.0, squares[-1] - sum(total**2 / size for size, total in sides))
        error = math.sqrt(max(residual / degrees, within) * sum(1 / size for size, _ in sides))
        p_value = student_chance(_rise(sides) / error, degrees)
        if p_value < chance:
            best, chance = split, p_value
    sides = ((sizes[best], totals[best]), (sizes[-1] - sizes[best], totals[-1] - totals[best]))
    return StepChange(counted[best].starts_on, _rise(sides), min(1.0, chance * len(splits)))


def _rise(sides: tuple[tuple[int, float], tuple[int, float]]) -> float:
    """Return the mean after less the mean before, from the number and the sum of each."""
    (before, total_before), (after, total_after) = sides
    return total_after / after - total_before / before


def _within(weeks: Sequence[WeekScore]) -> float:
    """Return the variance of calls within weeks; as in mean_interval two made-up calls keep alike ones from seeming sure."""
    squares = sum(max(0.0, week.squares - week.total**2 / week.n) for week in weeks)
    mean = sum(week.total for week in weeks) / sum(week.n for week in weeks)
    return (squares + mean**2 + (100.0 - mean) ** 2) / (sum(week.n - 1 for week in weeks) + 2)
