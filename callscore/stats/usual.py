"""Whether the mean of a day is unusual beside the same weekday of earlier weeks. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from callscore.stats.levels import MIN_WEEKS

__all__ = ["Usual", "judge_mean"]


@dataclass(frozen=True, slots=True)
class Usual:
    """A value, its usual level, the bounds of chance around that, and whether it is beyond them."""

    value: float
    usual: float
    low: float
    high: float

    @property
    def is_beyond(self) -> bool:
        """Whether chance explains the value badly."""
        return not self.low <= self.value <= self.high


def judge_mean(value: float, history: Sequence[float], least_spread: float) -> Usual | None:
    """Return a value beside its earlier ones; None where fewer than four are known.

    The bounds are the 99 % prediction interval of one more value of a normal distribution (Hahn and Meeker, Statistical
    Intervals, 1991, section 4.7): each is passed by chance once in 200 days.

    Args:
        value: of the day.
        history: of the same weekday of earlier weeks.
        least_spread: a standard deviation under which the spread is not believed: weeks may be alike by chance.

    >>> found = judge_mean(60.0, [80, 82, 79, 81, 80, 83, 78, 81], least_spread=1.0)
    >>> round(found.usual, 1), round(found.low), round(found.high), found.is_beyond
    (80.5, 75, 86, True)
    >>> judge_mean(60.0, [80, 82], least_spread=1.0) is None
    True
    """
    if len(history) < MIN_WEEKS:
        return None
    usual = statistics.fmean(history)
    spread = max(statistics.stdev(history), least_spread)
    half = _quantile(len(history) - 1) * spread * math.sqrt(1 + 1 / len(history))
    return Usual(value, usual, usual - half, usual + half)


def _quantile(degrees: int) -> float:
    """Return the 99.5 % point of Student's t distribution, 3 to 7 degrees of freedom (tables of any textbook)."""
    return {3: 5.8409, 4: 4.6041, 5: 4.0321, 6: 3.7074, 7: 3.4995}[min(degrees, 7)]
