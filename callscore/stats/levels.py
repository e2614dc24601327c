"""Whether a count of calls is unusual beside the same hours of earlier weeks, and whether a share has moved. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from callscore.stats.interval import share_interval

__all__ = ["Level", "LevelVerdict", "Shift", "dispersion", "judge_level", "share_shift"]

MIN_WEEKS: Final = 4
"""With fewer earlier weeks nothing is usual yet."""
_ALARM: Final = 0.001
"""How often a count as odd as one that is reported happens by itself, each way. A shop has dozens of lines and looks daily."""
_MAD: Final = 1.4826
"""From the median absolute deviation to the standard deviation of a normal distribution."""
_FEW: Final = {4: 1.363, 5: 1.206, 6: 1.200, 7: 1.140, 8: 1.129, 9: 1.107}
"""What the deviation of so few values lacks on average (Croux and Rousseeuw, Computational Statistics 1, 1992)."""
_MEDIAN_NOISE: Final = math.pi / 2
"""How much larger the variance of a median is than that of a mean, of normal values."""


class LevelVerdict(StrEnum):
    """What a count is beside its usual level."""

    USUAL = "usual"
    FEWER = "fewer"
    MORE = "more"
    SILENT = "silent"
    """No call at all, where there always were some."""
    NEW = "new"
    """Too few weeks are known."""
    TOO_FEW = "too_few"
    """So few calls are usual that even none would mean nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A count, its usual level (median of the earlier weeks, None: unknown), the bounds of chance, and what follows."""

    count: int
    usual: float | None
    low: int | None
    high: int | None
    verdict: LevelVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A share before and now, 0..1, the difference with its 95 % interval, and whether it is beyond chance and matters."""

    before: float
    now: float
    difference: float
    low: float
    high: float
    is_moved: bool


def dispersion(groups: Iterable[Sequence[int]]) -> float:
    """Return how many times the variance of counts is that of a Poisson distribution, 1 or more, robustly.

    Each group holds counts of like windows, such as Mondays. The spread is taken by the median absolute deviation, so that a
    holiday or a breakdown among the weeks does not make everything look usual; the groups are pooled.

    >>> dispersion([[10, 12, 8, 11, 9, 10, 40]])
    1.0
    >>> round(dispersion([[10, 30, 2, 25, 5, 40, 14], [20, 60, 4, 50, 10, 80, 28]]))
    41
    """
    spread = level = 0.0
    for counts in groups:
        if len(counts) < MIN_WEEKS:
            continue
        middle = statistics.median(counts)
        deviation = statistics.median(abs(count - middle) for count in counts)
        spread += (_FEW.get(len(counts), 1.0) * _MAD * deviation) ** 2
        level += middle
    return max(1.0, spread / level) if level else 1.0


def judge_level(count: int, history: Sequence[int], spread: float = 1.0) -> Level:
    """Return whether `count` is unusual beside the counts of the same hours of earlier weeks.

    The usual level is their median; the bounds are those of a negative binomial distribution around it that also covers how
    uncertain a median of so few weeks is. Each bound is passed by chance once in a thousand counts.

    Args:
        count: of the window that is judged.
        history: of the same hours, one count per earlier week.
        spread: how many times the variance is that of a Poisson distribution; see `dispersion`.

    >>> judge_level(0, [14, 11, 9, 13, 12, 10, 15, 12]).verdict
    <LevelVerdict.SILENT: 'silent'>
    >>> judge_level(0, [1, 2, 0, 1, 1, 3, 0, 1]).verdict
    <LevelVerdict.TOO_FEW: 'too_few'>
    >>> judge_level(9, [14, 11, 9, 13, 12, 10, 15, 12])
    Level(count=9, usual=12.0, low=2, high=26, verdict=<LevelVerdict.USUAL: 'usual'>)
    """
    if len(history) < MIN_WEEKS:
        return Level(count=count, usual=None, low=None, high=None, verdict=LevelVerdict.NEW)
    usual = float(statistics.median(history))
    # Half a call at least: where none is usual, one is no surprise.
    mean = max(usual, 0.5)
    low, high = _bounds(mean, mean * max(1.0, spread) * (1 + _MEDIAN_NOISE / len(history)))
    if count > high:
        verdict = LevelVerdict.MORE
    elif count < low:
        verdict = LevelVerdict.FEWER if count else LevelVerdict.SILENT
    else:
        verdict = LevelVerdict.USUAL if low > 0 else LevelVerdict.TOO_FEW
    return Level(count=count, usual=usual, low=low, high=high, verdict=verdict)


def share_shift(before: tuple[int, int], now: tuple[int, int], n_tests: int, least: float = 0.03) -> Shift | None:
    """Return how a share has moved, from (part, whole) before and now; None where one of them has nothing.

    The interval of the difference is Newcombe's (Statistics in Medicine 17, 1998, method 10). Moved is a share whose
    difference is at least `least` and beyond chance by a z test at 5 % over all `n_tests` shares looked at together
    (Bonferroni).

    >>> found = share_shift((50, 1000), (120, 1000), n_tests=20)
    >>> round(found.difference, 2), round(found.low, 3), round(found.high, 3), found.is_moved
    (0.07, 0.046, 0.095, True)
    >>> share_shift((0, 0), (1, 10), n_tests=1) is None
    True
    """
    if not before[1] or not now[1]:
        return None
    old, new = before[0] / before[1], now[0] / now[1]
    first, second = share_interval(*before), share_interval(*now)
    difference = new - old
    low = difference - math.hypot(new - second.low, first.high - old)
    high = difference + math.hypot(second.high - new, old - first.low)
    pooled = (before[0] + now[0]) / (before[1] + now[1])
    error = math.sqrt(pooled * (1 - pooled) * (1 / before[1] + 1 / now[1]))
    limit = statistics.NormalDist().inv_cdf(1 - 0.025 / max(1, n_tests))
    is_moved = abs(difference) >= least and error > 0 and abs(difference) / error > limit
    return Shift(before=old, now=new, difference=difference, low=low, high=high, is_moved=is_moved)


def _bounds(mean: float, variance: float) -> tuple[int, int]:
    """Return the least and the largest count that are not beyond chance."""
    size = mean * mean / (variance - mean) if variance > mean else math.inf
    low, below = 0, _chance(0, mean, size)
    while below <= _ALARM:
        low += 1
        below += _chance(low, mean, size)
    high = low
    while below < 1 - _ALARM:
        high += 1
        below += _chance(high, mean, size)
        # Far out the terms are lost in rounding; nothing is beyond that.
        if high > 10 * mean + 1000 * max(1.0, variance / mean):
            break
    return low, high


def _chance(count: int, mean: float, size: float) -> float:
    """Return the probability of a count in a negative binomial distribution, or Poisson's for an endless `size`."""
    if math.isinf(size):
        return math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
    log = math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
    return math.exp(log + size * math.log(size / (size + mean)) + count * math.log(mean / (size + mean)))
