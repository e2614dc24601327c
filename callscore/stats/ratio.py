"""Ratios of sums, such as money per sale, with an interval that knows when there is none. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from callscore.stats.interval import Interval, student_quantile

__all__ = ["RatioSums", "ratio_interval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioSums:
    """Sums over `n` units (such as shifts) of what stands above and below the line, of their squares and their product."""

    n: int
    above: float
    below: float
    above_squared: float
    below_squared: float
    product: float


def ratio_interval(sums: RatioSums) -> Interval | None:
    """Return the 95 % interval of `above` / `below`, None where the units cannot tell.

    Fieller's interval (Journal of the Royal Statistical Society B 16, 1954): the ratios at which the units' `above` minus
    ratio times `below` has a mean that is not significantly different from 0, by Student's t. Where `below` itself cannot be
    told from 0, as with a handful of sales, such ratios have no upper end: then there is no interval, and a ratio shown alone
    would be a guess. The units are the sample: what belongs together (the calls of a shift) must be within one.

    >>> found = ratio_interval(RatioSums(n=4, above=400, below=40, above_squared=40_000, below_squared=402, product=4_000))
    >>> round(found.low, 1), round(found.high, 1)
    (8.9, 11.5)
    >>> ratio_interval(RatioSums(n=4, above=400, below=1, above_squared=40_000, below_squared=1, product=100)) is None
    True
    """
    n = sums.n
    if n < 2 or sums.below <= 0:
        return None
    above, below = sums.above / n, sums.below / n
    square = student_quantile(n - 1) ** 2 / (n * (n - 1))
    spread_above = max(0.0, sums.above_squared - n * above**2) * square
    spread_below = max(0.0, sums.below_squared - n * below**2) * square
    together = (sums.product - n * above * below) * square
    a, b, c = below**2 - spread_below, above * below - together, above**2 - spread_above
    if a <= 0:
        return None
    half = math.sqrt(max(0.0, b * b - a * c))
    return Interval(max(0.0, (b - half) / a), (b + half) / a)
