"""Better, worse or cannot tell: two operators, an operator and the others, one operator in two periods. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from callscore.stats.corrected import Corrected
from callscore.stats.interval import mean_interval

__all__ = ["Bounds", "Comparison", "Finding", "compare_bounds", "compare_corrected", "holm", "pool_corrected"]

_ERROR: Final = 0.05


class Finding(StrEnum):
    """What a comparison says."""

    BETTER = "better"
    WORSE = "worse"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Calls of one side: their number, and sums and sums of squares of the low and the high bounds of their scores, 0..100."""

    n: int
    low: float
    low_squares: float
    high: float
    high_squares: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A difference in points with the interval that decides; it is wider the more comparisons are made together."""

    finding: Finding
    low: float
    high: float


def compare_bounds(one: Bounds, other: Bounds, n_comparisons: int = 1) -> Comparison:
    """Return whether one side scores better than the other, whatever is behind the unsure verdicts of both.

    The interval of the difference is put together from those of the two means (Zou and Donner, Statistics in Medicine 27,
    2008): at its low end with every unsure verdict of the one failed and of the other passed, at its high end the other way
    round. The error is shared out among `n_comparisons` (Bonferroni), so that one table in twenty holds a wrong finding.

    >>> good = Bounds(n=50, low=4500.0, low_squares=406250.0, high=4500.0, high_squares=406250.0)
    >>> bad = Bounds(n=50, low=3000.0, low_squares=182500.0, high=3000.0, high_squares=182500.0)
    >>> str(compare_bounds(good, bad).finding), str(compare_bounds(bad, good).finding)
    ('better', 'worse')
    """
    if not one.n or not other.n:
        return Comparison(Finding.CANNOT_TELL, -100.0, 100.0)
    return _decide(_least(one, other, n_comparisons), -_least(other, one, n_comparisons))


def compare_corrected(one: Corrected, other: Corrected, n_comparisons: int = 1, *, same_person: bool = False) -> Comparison:
    """Return whether one side scores better than the other, after correction for the machine's mistakes.

    Of the `same_person` in two periods the machine's mistakes are taken to be the same, and so do not count; those of two
    people are taken to be unrelated, which makes the interval rather too wide.
    """
    variance = one.sampling_variance + other.sampling_variance
    if not same_person:
        variance += one.shift_variance + other.shift_variance
    half = _normal_quantile(_ERROR / n_comparisons) * math.sqrt(variance)
    difference = one.value - other.value
    return _decide(difference - half, difference + half)


def pool_corrected(parts: Sequence[tuple[int, Corrected]]) -> Corrected | None:
    """Return the mean over the calls of several operators, from the number of calls and the mean of each.

    The machine's mistakes are taken to be off the same way for all of them, which can only make the interval too wide.
    """
    whole = sum(n for n, _ in parts)
    if not whole:
        return None
    shares = [(n / whole, part) for n, part in parts]
    return Corrected(
        sum(share * part.value for share, part in shares),
        sum(share**2 * part.sampling_variance for share, part in shares),
        sum(share * math.sqrt(part.shift_variance) for share, part in shares) ** 2,
    )


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p-values corrected for their number (Holm, Scandinavian Journal of Statistics 6, 1979), in the order given.

    >>> holm([0.01, 0.04, 0.03])
    (0.03, 0.06, 0.06)
    """
    corrected = [1.0] * len(p_values)
    largest = 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[index]))
        corrected[index] = largest
    return tuple(corrected)


def _least(one: Bounds, other: Bounds, n_comparisons: int) -> float:
    """Return how much better `one` is at the least."""
    error = _ERROR / n_comparisons
    mean, rival = one.low / one.n, other.high / other.n
    below = mean - mean_interval(one.n, one.low, one.low_squares, error).low
    above = mean_interval(other.n, other.high, other.high_squares, error).high - rival
    return mean - rival - math.hypot(max(0.0, below), max(0.0, above))


def _decide(low: float, high: float) -> Comparison:
    finding = Finding.BETTER if low > 0 else Finding.WORSE if high < 0 else Finding.CANNOT_TELL
    return Comparison(finding, max(-100.0, low), min(100.0, high))


def _normal_quantile(error: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(1 - error / 2)
